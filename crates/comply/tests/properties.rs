//! What must hold for every bill of materials, on random ones.

mod common;

use coercivity_comply::bom;
use coercivity_comply::bom::Bom;
use coercivity_comply::finding::Verdict;
use coercivity_comply::judge::Judge;
use coercivity_comply::rule::Rule;
use coercivity_comply::statement::Statement;
use coercivity_comply::tables::read_csv;
use coercivity_model::{Code, Report};
use common::{day, known};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Days around everything that changes.
const DAYS: &[&str] = &[
    "2019-01-01",
    "2020-11-01",
    "2025-12-01",
    "2026-02-01",
    "2026-06-30",
    "2026-07-01",
    "2026-12-31",
    "2027-01-01",
    "2027-01-11",
    "2028-01-01",
];

const RULES: &[&str] = &["dfars-2027", "mofcom-0.1"];

/// Columns that say something of a part or a material, besides what it is built into. `w` and
/// percentages are those of the part's weight and value, which is a tenth of what it is built into.
const CELLS: &[(&str, &[&str])] = &[
    ("weight_g", &["", "w", "w"]),
    ("value", &["", "w", "w"]),
    ("made_in", &["", "JPN", "JPN", "USA", "CHN", "unknown"]),
    ("cots", &["", "", "yes", "no"]),
    ("electronic_device", &["", "", "", "yes", "no"]),
    ("material", &["NdFeB", "NdFeB", "SmCo", "tungsten", "steel", "magnet", "N42", "dysprosium"]),
    ("material_g", &["", "1%", "25%", "50%"]),
    ("material_value", &["", "0.04%", "0.05%", "0.1%", "4%"]),
    ("recycled", &["", "", "yes"]),
    ("mined", &["AUS", "AUS", "", "CHN", "mixed", "n/a"]),
    ("refined", &["n/a", "n/a", "JPN", "", "CHN"]),
    ("separated", &["MYS", "MYS", "Hong Kong", "CHN", ""]),
    ("melted", &["JPN", "JPN", "USA", "CHN", "Japan and others"]),
    ("produced", &["JPN", "JPN", "USA", "USA", "CHN", ""]),
    ("technology", &["JPN", "JPN", "", "CHN"]),
];

const COVERS: &[&str] =
    &["", "", "", "mined; refined; separated", "melted; produced; content; made_in", "waiver", "mitigation-plan"];

/// `covers`, `dated`, `expires`, `signed_by`.
type Declared = (&'static str, &'static str, &'static str, &'static str);

#[derive(Clone, Debug)]
struct Row {
    part: usize,
    supplier: usize,
    cells: Vec<&'static str>,
    documents: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Delivery {
    /// For each part the one it is built into, which has a smaller number, and how many.
    part_of: Vec<Option<(usize, &'static str)>>,
    rows: Vec<Row>,
    declared: Vec<Declared>,
}

fn cells() -> impl Strategy<Value = Vec<&'static str>> {
    CELLS.iter().map(|(_, values)| select(*values)).collect::<Vec<_>>()
}

fn declared() -> impl Strategy<Value = Declared> {
    (
        select(COVERS),
        select(&["2020-01-01", "2020-01-01", "2026-06-15", ""][..]),
        select(&["", "", "2026-06-30", "2027-06-30"][..]),
        select(&["A", "A", "A", ""][..]),
    )
}

fn delivery() -> impl Strategy<Value = Delivery> {
    (1..6_usize).prop_flat_map(|parts| {
        let part_of = vec((any::<Index>(), any::<bool>(), select(&["1", "2", ""][..])), parts);
        let row = (0..parts, 0..2_usize, cells(), vec(0..4_usize, 0..4));
        (part_of, vec(row, 1..8), vec(declared(), 4)).prop_map(|(part_of, rows, declared)| Delivery {
            part_of: part_of
                .into_iter()
                .enumerate()
                .map(|(i, (index, built_in, quantity))| (built_in && i > 0).then(|| (index.index(i.max(1)), quantity)))
                .collect(),
            rows: rows
                .into_iter()
                .map(|(part, supplier, cells, documents)| Row { part, supplier, cells, documents })
                .collect(),
            declared,
        })
    })
}

impl Delivery {
    /// What the part itself is said to be must be the same on all rows of one supplier.
    fn cell(&self, row: usize, column: usize) -> &'static str {
        let own = &self.rows[row];
        if column >= 5 {
            return own.cells[column];
        }
        let first = self.rows.iter().position(|r| (r.part, r.supplier) == (own.part, own.supplier));
        if first == Some(row) { own.cells[column] } else { "" }
    }

    fn written(&self, row: usize, column: usize) -> String {
        let cell = self.cell(row, column);
        let mut depth = 0;
        let mut at = self.rows[row].part;
        while let Some((parent, _)) = self.part_of[at] {
            (at, depth) = (parent, depth + 1);
        }
        let whole = 1e6 / 10_f64.powi(depth);
        match (cell, cell.strip_suffix('%')) {
            ("w", _) => whole.to_string(),
            (_, Some(percent)) => (percent.parse::<f64>().unwrap() * whole / 100.0).to_string(),
            _ => cell.to_string(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .part_of
            .iter()
            .enumerate()
            .map(|(i, parent)| match parent {
                Some((parent, quantity)) => format!("P{i},P{parent},{quantity},,{}", ",".repeat(CELLS.len() + 1)),
                None => format!("P{i},,,,{}", ",".repeat(CELLS.len() + 1)),
            })
            .collect();
        for (i, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = (0..CELLS.len()).map(|column| self.written(i, column)).collect();
            let documents: Vec<String> = row.documents.iter().map(|d| format!("D{d}")).collect();
            let supplier = ["A", "B"][row.supplier];
            lines.push(format!("P{},,,{supplier},USD,{},{}", row.part, cells.join(","), documents.join(";")));
        }
        lines
    }

    fn declarations(&self) -> String {
        let mut text = "document,covers,dated,expires,signed_by\n".to_string();
        for (i, (covers, dated, expires, signed_by)) in self.declared.iter().enumerate() {
            text += &format!("D{i},{covers},{dated},{expires},{signed_by}\n");
        }
        text
    }

    /// `None` where the random materials weigh more than the part.
    fn read(&self) -> Option<Bom> {
        self.read_lines(&self.lines())
    }

    fn read_lines(&self, lines: &[String]) -> Option<Bom> {
        let header = CELLS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let text = format!("part,part_of,quantity,supplier,currency,{header},documents\n{}\n", lines.join("\n"));
        let mut report = Report::default();
        let declarations = self.declarations();
        let tables = read_csv(("parts.csv", &text), Some(("declarations.csv", &declarations)), &mut report);
        let bom = bom::read(&tables, &mut report);
        let others = report.diagnostics().iter().filter(|d| d.code != Code::AboveWhole);
        assert_eq!(others.count(), 0, "{text}\n{}", report.render(false, 100));
        bom
    }

    /// The documents that prove nothing on a date, replaced by ones that never do, and the others by
    /// ones that always do.
    fn frozen(&self, on: &str) -> Delivery {
        let mut frozen = self.clone();
        for (_, dated, expires, _) in &mut frozen.declared {
            let holds = !dated.is_empty() && *dated <= on && (expires.is_empty() || on <= *expires);
            (*dated, *expires) = if holds { ("0001-01-01", "") } else { ("", "") };
        }
        frozen
    }
}

fn verdicts(bom: &Bom, rule: &Rule, on: &str) -> Vec<Verdict> {
    let judge = Judge::new(bom, rule);
    (0..bom.parts.len()).map(|i| *judge.verdict(i).at(day(on))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evidence_never_turns_a_pass_into_unknown(
        before in delivery(),
        fresh in declared(),
        cited in vec(any::<bool>(), 8),
        which in any::<Index>(),
    ) {
        let mut after = before.clone();
        after.declared.push(fresh);
        let number = after.declared.len() - 1;
        for (row, cites) in after.rows.iter_mut().zip(&cited) {
            if *cites { row.documents.push(number); }
        }
        // Or a document that is there comes to be cited by one more row.
        let row = which.index(after.rows.len());
        after.rows[row].documents.push(which.index(4));
        let (Some(old), Some(new)) = (before.read(), after.read()) else { return Err(TestCaseError::reject("weights")) };
        for rule in RULES.iter().map(|name| known(name)) {
            for on in DAYS {
                for (i, (old, new)) in verdicts(&old, &rule, on).iter().zip(verdicts(&new, &rule, on)).enumerate() {
                    prop_assert!(!(*old == Verdict::Pass && new == Verdict::Unknown), "P{i} on {on} under {}", rule.id);
                }
            }
        }
    }

    #[test]
    fn nothing_passes_without_evidence(mut delivery in delivery(), void in any::<bool>()) {
        match void {
            true => delivery.declared.iter_mut().for_each(|document| document.1 = ""),
            false => delivery.rows.iter_mut().for_each(|row| row.documents.clear()),
        }
        let Some(bom) = delivery.read() else { return Err(TestCaseError::reject("weights")) };
        for (name, days) in [("dfars-2027", &DAYS[1..]), ("mofcom-0.1", &["2026-12-01", "2027-02-01"][..])] {
            for on in days {
                for (i, verdict) in verdicts(&bom, &known(name), on).into_iter().enumerate() {
                    prop_assert_ne!(verdict, Verdict::Pass, "P{} on {} under {}", i, on, name);
                }
            }
        }
    }

    #[test]
    fn what_a_row_says_without_evidence_turns_no_unknown_into_a_pass(
        mut before in delivery(),
        which in any::<Index>(),
        said in cells(),
    ) {
        let row = which.index(before.rows.len());
        // A row that cites a document is covered by it, whatever it says.
        before.rows[row].documents.clear();
        let mut after = before.clone();
        after.rows[row].cells = said;
        // Nor does a row that says again what another one of its supplier and part says go without that one's documents.
        let of = |n: usize| (after.rows[n].part, after.rows[n].supplier, &after.rows[n].cells);
        if (0..after.rows.len()).any(|n| n != row && of(n) == of(row)) {
            return Err(TestCaseError::reject("said twice"));
        }
        let (Some(old), Some(new)) = (before.read(), after.read()) else { return Err(TestCaseError::reject("weights")) };
        for rule in RULES.iter().map(|name| known(name)) {
            for on in DAYS {
                for (i, (old, new)) in verdicts(&old, &rule, on).iter().zip(verdicts(&new, &rule, on)).enumerate() {
                    prop_assert!(!(*old == Verdict::Unknown && new == Verdict::Pass), "P{i} on {on} under {}", rule.id);
                }
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(delivery in delivery(), keys in vec(any::<u32>(), 16)) {
        let lines = delivery.lines();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|i| keys[*i % 16] ^ (*i as u32));
        let shuffled: Vec<String> = order.into_iter().map(|i| lines[i].clone()).collect();
        let (Some(first), Some(second)) = (delivery.read(), delivery.read_lines(&shuffled)) else {
            return Err(TestCaseError::reject("weights"));
        };
        for rule in RULES.iter().map(|name| known(name)) {
            let text = |bom: &Bom| {
                let judge = Judge::new(bom, &rule);
                let statement = Statement { judge: &judge, on: day("2026-06-30"), command: String::new(), hash: String::new() };
                (statement.csv().unwrap(), serde_json::to_string(&statement).unwrap(), statement.html().unwrap())
            };
            prop_assert_eq!(text(&first), text(&second));
        }
    }

    /// A verdict on a day depends on what holds on that day, not on how it came to hold.
    #[test]
    fn a_verdict_over_time_is_that_of_each_day(delivery in delivery()) {
        let Some(bom) = delivery.read() else { return Err(TestCaseError::reject("weights")) };
        for rule in RULES.iter().map(|name| known(name)) {
            for on in DAYS {
                let frozen = delivery.frozen(on).read().unwrap();
                prop_assert_eq!(verdicts(&bom, &rule, on), verdicts(&frozen, &rule, on), "on {}", on);
            }
        }
    }
}

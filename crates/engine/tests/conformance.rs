//! A second solver, written by others in another language, reads the exported program and finds
//! the same optimum: for every case of `tests/cases` and every golden program.

mod common;

use std::collections::HashMap;
use std::path::Path;

use common::{Case, Exported, files_below, root};
use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

/// (name, lower, upper, entries by row name).
type NamedColumn = (String, f64, f64, Vec<(String, f64)>);

/// Free-format MPS with the sections that programs of ours have.
#[derive(Default)]
struct Mps {
    objective: String,
    /// (name, kind, right-hand side, range), in order.
    rows: Vec<(String, char, f64, Option<f64>)>,
    /// (name, lower, upper, entries by row name), in order.
    columns: Vec<NamedColumn>,
}

impl Mps {
    fn parse(text: &str) -> Mps {
        let mut mps = Mps::default();
        let mut row_at: HashMap<String, usize> = HashMap::new();
        let mut column_at: HashMap<String, usize> = HashMap::new();
        let mut section = "";
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if !line.starts_with(' ') {
                section = words[0];
                continue;
            }
            let number = |n: usize| words[n].parse::<f64>().unwrap_or_else(|e| panic!("{line}: {e}"));
            match section {
                "ROWS" if words[0] == "N" && mps.objective.is_empty() => mps.objective = words[1].to_string(),
                "ROWS" => {
                    let before = row_at.insert(words[1].to_string(), mps.rows.len());
                    assert!(before.is_none(), "two rows {}", words[1]);
                    mps.rows.push((words[1].to_string(), words[0].chars().next().unwrap(), 0.0, None));
                }
                "COLUMNS" => {
                    let at = *column_at.entry(words[0].to_string()).or_insert_with(|| {
                        mps.columns.push((words[0].to_string(), 0.0, f64::INFINITY, Vec::new()));
                        mps.columns.len() - 1
                    });
                    assert!(at + 1 == mps.columns.len(), "{}: the entries of a column stand together", words[0]);
                    assert!(words[1] == mps.objective || row_at.contains_key(words[1]), "no row {}", words[1]);
                    mps.columns[at].3.push((words[1].to_string(), number(2)));
                }
                "RHS" => mps.rows[row_at[words[1]]].2 = number(2),
                "RANGES" => mps.rows[row_at[words[1]]].3 = Some(number(2)),
                "BOUNDS" => {
                    let (_, lower, upper, _) = &mut mps.columns[column_at[words[2]]];
                    match words[0] {
                        "LO" => *lower = number(3),
                        "UP" => *upper = number(3),
                        "FX" => (*lower, *upper) = (number(3), number(3)),
                        other => panic!("unknown bound {other}"),
                    }
                }
                other => panic!("unknown section {other}"),
            }
        }
        mps
    }

    fn optimum(&self) -> f64 {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut entries: HashMap<&str, Vec<(Variable, f64)>> = HashMap::new();
        for (_, lower, upper, list) in &self.columns {
            let costs = list.iter().filter(|(row, _)| *row == self.objective);
            let column = problem.add_var(costs.map(|(_, cost)| cost).sum(), (*lower, *upper));
            for (row, value) in list.iter().filter(|(row, _)| *row != self.objective) {
                entries.entry(row).or_default().push((column, *value));
            }
        }
        for (name, kind, side, range) in &self.rows {
            let list = entries.remove(name.as_str()).unwrap_or_default();
            let (lower, upper) = match (kind, range) {
                ('E', None) => (*side, *side),
                ('L', None) => (f64::NEG_INFINITY, *side),
                ('L', Some(range)) => (side - range.abs(), *side),
                ('G', None) => (*side, f64::INFINITY),
                ('G', Some(range)) => (*side, side + range.abs()),
                ('N', None) => continue,
                other => panic!("unknown row {other:?}"),
            };
            if lower == upper {
                problem.add_constraint(&list, ComparisonOp::Eq, lower);
                continue;
            }
            if lower.is_finite() {
                problem.add_constraint(&list, ComparisonOp::Ge, lower);
            }
            if upper.is_finite() {
                problem.add_constraint(&list, ComparisonOp::Le, upper);
            }
        }
        problem.solve().unwrap().into_solution().unwrap().objective()
    }
}

/// Differences between the two solvers on every scenario of a case.
fn differences(path: &Path) -> Vec<String> {
    let case = Case::read(path);
    let mut scenarios: Vec<Option<String>> =
        case.expectations.iter().filter(|e| !e.contains_key("diagnostics")).map(|e| case.scenario_name(e)).collect();
    if case.expectations.is_empty() {
        scenarios.push(case.scenario_name(&toml::Table::new()));
    }
    scenarios.sort();
    scenarios.dedup();
    let mut wrong = Vec::new();
    for scenario in scenarios {
        let (model, scenario) =
            case.input(scenario.as_deref()).unwrap_or_else(|r| panic!("{}:\n{}", path.display(), r.render(false, 100)));
        let exported = Exported::new(&model, &scenario);
        let (ours, theirs) = (exported.outcome.plans[0].solution.objective, Mps::parse(&exported.mps).optimum());
        if (ours - theirs).abs() > 1e-6 * ours.abs().max(theirs.abs()).max(1e-3) {
            wrong.push(format!("{} ({}): ours {ours}, the other's {theirs}", path.display(), scenario.name));
        }
    }
    wrong
}

fn compare(folder: &str, at_least: usize) {
    let paths = files_below(&root().join(folder), "md");
    assert!(paths.len() >= at_least, "only {} files in {folder}", paths.len());
    let wrong: Vec<String> = paths.iter().flat_map(|path| differences(path)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_other_solver_agrees_on_every_case() {
    compare("tests/cases", 150);
}

#[test]
fn the_other_solver_agrees_on_every_golden() {
    compare("crates/engine/tests/golden", 27);
}

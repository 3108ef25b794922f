//! A golden linear program for every family of rows, every kind of column and every kind of
//! measure: tiny models in `golden/*.md`, each beside its program as MPS text.
//!
//! A program that changes fails here; look at the difference, and take it over with
//! `INSTA_UPDATE=always` if it is meant.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use coercivity_engine::program::{Column, Row};
use coercivity_model::scenario::KINDS;
use common::{Case, Exported, files_below, root};

/// Families of rows, by the prefix of their names in MPS.
const ROWS: &[&str] = &[
    "balance",
    "capacity",
    "lane_limit",
    "free_limit",
    "tagged_limit",
    "tagged_free_limit",
    "quota",
    "demand",
    "option_share",
    "backlog",
    "stock_capacity",
    "target",
    "strategic",
    "account",
    "missing_stock",
    "missing_on_lane",
    "missing_in_site",
];

/// The family of a row. A new variant does not compile without a position in `ROWS`.
fn row_family(row: Row) -> &'static str {
    let position = match row {
        Row::Balance { .. } => 0,
        Row::Capacity { .. } => 1,
        Row::LaneLimit { .. } => 2,
        Row::FreeLimit { .. } => 3,
        Row::TaggedLimit { free: false, .. } => 4,
        Row::TaggedLimit { free: true, .. } => 5,
        Row::Quota { .. } => 6,
        Row::Demand { .. } => 7,
        Row::OptionShare { .. } => 8,
        Row::Backlog { .. } => 9,
        Row::StockCapacity { .. } => 10,
        Row::Target { .. } => 11,
        Row::Strategic { .. } => 12,
        Row::Account { .. } => 13,
        Row::MissingStock { .. } => 14,
        Row::MissingOnLane { .. } => 15,
        Row::MissingInSite { .. } => 16,
        Row::Budget | Row::Lasts { .. } => unreachable!("a row of ranges or survival (tests/ranges.rs, survive.rs)"),
    };
    ROWS[position]
}

/// Kinds of columns, by the prefix of their names in MPS.
const COLUMNS: &[&str] = &[
    "activity",
    "flow",
    "relabel",
    "stock",
    "strategic",
    "release",
    "shortfall",
    "met",
    "unmet",
    "catch_up",
    "backlog",
    "account",
    "missing_stock",
    "missing_on_lane",
    "missing_in_site",
];

/// The kind of a column. A new variant does not compile without a position in `COLUMNS`.
fn column_kind(column: Column) -> &'static str {
    let position = match column {
        Column::Activity { .. } => 0,
        Column::Flow { .. } => 1,
        Column::Relabel { .. } => 2,
        Column::Stock { .. } => 3,
        Column::Strategic { .. } => 4,
        Column::Release { .. } => 5,
        Column::Shortfall { .. } => 6,
        Column::Met { .. } => 7,
        Column::Unmet { .. } => 8,
        Column::CatchUp { .. } => 9,
        Column::Backlog { .. } => 10,
        Column::Account { .. } => 11,
        Column::MissingStock { .. } => 12,
        Column::MissingOnLane { .. } => 13,
        Column::MissingInSite { .. } => 14,
        Column::Lasts => unreachable!("a column of survival, not of the program (tests/survive.rs)"),
    };
    COLUMNS[position]
}

/// What a golden program shows.
struct Golden {
    exported: Exported,
    rows: BTreeSet<&'static str>,
    columns: BTreeSet<&'static str>,
    measures: BTreeSet<&'static str>,
}

fn goldens() -> BTreeMap<String, Golden> {
    let read = |path: &std::path::PathBuf| {
        let case = Case::read(path);
        let scenario = case.scenario_name(&toml::Table::new());
        let (model, scenario) =
            case.input(scenario.as_deref()).unwrap_or_else(|r| panic!("{}:\n{}", path.display(), r.render(false, 100)));
        let exported = Exported::new(&model, &scenario);
        let program = &exported.outcome.plans[0].program;
        let golden = Golden {
            rows: program.rows.iter().map(|row| row_family(*row)).collect(),
            columns: program.columns.iter().map(|column| column_kind(*column)).collect(),
            measures: scenario.measures.iter().map(|m| m.effect.kind()).collect(),
            exported,
        };
        (path.file_stem().unwrap().to_string_lossy().into_owned(), golden)
    };
    files_below(&root().join("crates/engine/tests/golden"), "md").iter().map(read).collect()
}

#[test]
fn programs_are_as_they_were() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut changed = Vec::new();
    for (name, golden) in goldens() {
        settings.bind(|| {
            // Every difference is wanted, not only the first.
            let compare = || insta::assert_snapshot!(name.as_str(), golden.exported.mps);
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err() {
                changed.push(name.clone());
            }
        });
    }
    assert!(changed.is_empty(), "changed: {}", changed.join(", "));
}

#[test]
fn every_family_of_rows_has_a_golden() {
    let goldens = goldens();
    for family in ROWS {
        let name = format!("row-{}", family.replace('_', "-"));
        let golden = goldens.get(&name).unwrap_or_else(|| panic!("no `golden/{name}.md`"));
        assert!(golden.rows.contains(family), "`golden/{name}.md` has no row {family}: {:?}", golden.rows);
    }
}

#[test]
fn every_kind_of_column_is_in_a_golden() {
    let goldens = goldens();
    for kind in COLUMNS {
        assert!(goldens.values().any(|g| g.columns.contains(kind)), "no golden has a column {kind}");
    }
}

#[test]
fn every_kind_of_measure_has_a_golden() {
    let goldens = goldens();
    for kind in KINDS {
        let name = format!("measure-{kind}");
        let golden = goldens.get(&name).unwrap_or_else(|| panic!("no `golden/{name}.md`"));
        assert!(golden.measures.contains(kind), "`golden/{name}.md` has no {kind}");
    }
}

#[test]
fn every_golden_is_for_something() {
    let rows = ROWS.iter().map(|family| format!("row-{}", family.replace('_', "-")));
    let wanted: BTreeSet<String> = rows.chain(KINDS.iter().map(|kind| format!("measure-{kind}"))).collect();
    let found: BTreeSet<String> = goldens().into_keys().collect();
    assert_eq!(found, wanted);
    let snapshots = files_below(&root().join("crates/engine/tests/golden"), "snap");
    let named = snapshots.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    assert_eq!(named.collect::<BTreeSet<_>>(), wanted, "snapshots");
}

#[test]
fn names_begin_with_the_family_and_are_unlike_each_other() {
    for (file, golden) in goldens() {
        let exported = &golden.exported;
        let program = &exported.outcome.plans[0].program;
        let rows = program.rows.iter().zip(&exported.row_names).map(|(row, name)| (row_family(*row), name));
        let columns = program.columns.iter().zip(&exported.column_names);
        let columns = columns.map(|(column, name)| (column_kind(*column), name));
        for (mut list, what) in [(rows.collect::<Vec<_>>(), "row"), (columns.collect(), "column")] {
            for (family, name) in &list {
                assert!(name.starts_with(&format!("{family}(")), "{file}: the {what} {name} is a {family}");
                assert!(!name.contains(char::is_whitespace), "{file}: `{name}` has a space");
            }
            let all = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), all, "{file}: two {what}s of one name");
        }
    }
}

//! `coercivity data`: what the figures of a model rest on.

use std::collections::BTreeMap;

use comfy_table::Cell;

use coercivity_model::figures::{self, Coverage};
use coercivity_model::schema::{CONFIDENCES, TableName};
use coercivity_model::{Model, Report, uncertainty};
use coercivity_world::REFERENCE;

use crate::Failure;
use crate::args::Data;
use crate::input::{counted, model_in, print};
use crate::layout::{self, wrap};
use crate::sensitivity::sensitivity;

/// Sources that are listed on a terminal.
const SHOWN: usize = 15;

pub fn data(args: &Data) -> Result<(), Failure> {
    if args.sensitivity {
        return sensitivity(args);
    }
    let folder = args.model.as_deref().unwrap_or(REFERENCE);
    let mut report = Report::default();
    let model = model_in(folder, &mut report)?;
    let figures = figures::figures(&model);
    let coverage = figures::coverage(&model, &figures);
    if args.json {
        println!("{:#}", json(&model, &coverage, &figures::sources(&model, &figures)));
    } else {
        println!("{}: {}", model.name, counted(figures.len(), "figure"));
        println!();
        show_coverage(&coverage);
        show_sources(&figures::sources(&model, &figures));
    }
    let mut own = report.clone_texts();
    figures::check(&model, &figures, &mut own);
    let unsourced = own.diagnostics().len();
    // A model may do without ranges, but not with some of them.
    let ranged = !model.tables[&TableName::Uncertainty].header.is_empty();
    if ranged {
        uncertainty::check(&model, &figures, &mut own);
    }
    if args.check && own.has_errors() {
        print(&own);
        return Err(Failure::Input);
    }
    if !args.json {
        let how = |bare: usize| if bare > 0 { "; --check shows them" } else { "" };
        println!("{} without a source or a confidence{}.", counted(unsourced, "figure"), how(unsourced));
        if ranged {
            let bare = own.diagnostics().len() - unsourced;
            let ranges = counted(model.ranges.len(), "figure");
            println!("{ranges} with a range; {bare} recalled or assumed without one{}.", how(bare));
        }
    }
    Ok(())
}

fn show_coverage(coverage: &BTreeMap<TableName, Coverage>) {
    let mut header = vec!["table", "figures"];
    header.extend(CONFIDENCES);
    header.push("years");
    let mut rows = layout::table(&header, 1);
    let count = |n: usize| if n == 0 { String::new() } else { n.to_string() };
    for (name, c) in coverage {
        let age = c.age().map(|[first, _, last]| years(first, last)).unwrap_or_default();
        let mut cells = vec![name.stem().to_string(), c.figures.to_string()];
        cells.extend(c.confidence[..CONFIDENCES.len()].iter().map(|n| count(*n)));
        cells.push(age);
        rows.add_row(cells.into_iter().map(Cell::new));
    }
    // Eight columns fit 80 only side by side.
    for (i, column) in rows.column_iter_mut().enumerate() {
        column.set_padding((u16::from(i == 0), 0));
        column.remove_constraint();
    }
    println!("What the figures rest on, table by table");
    layout::print(&rows, 0, "");
    println!("{}", wrap("Years: those of the newest source of each figure that is neither recalled nor assumed."));
    println!();
}

/// First and last year, short enough for a terminal of 80 columns: `2011-26`.
fn years(first: i32, last: i32) -> String {
    if first == last { first.to_string() } else { format!("{first}-{:02}", last % 100) }
}

fn show_sources(sources: &[figures::SourceUse]) {
    println!("Sources with the most figures");
    let mut rows = layout::list(&["source", "figures", "year", "title"]);
    for source in sources.iter().take(SHOWN) {
        let year = source.year.map(|year| year.to_string()).unwrap_or_default();
        rows.add_row(vec![source.key.to_string(), source.figures.to_string(), year, source.title.to_string()]);
    }
    layout::print(&rows, sources.len().saturating_sub(SHOWN), "sources.csv");
}

fn json(model: &Model, coverage: &BTreeMap<TableName, Coverage>, sources: &[figures::SourceUse]) -> serde_json::Value {
    let tables: BTreeMap<&str, serde_json::Value> = coverage
        .iter()
        .map(|(name, c)| {
            let mut names = CONFIDENCES.to_vec();
            names.push("not given");
            let confidence: BTreeMap<&str, usize> = names.into_iter().zip(c.confidence).collect();
            let years = c.age();
            let table = serde_json::json!({
                "figures": c.figures, "sourced": c.sourced, "confidence": confidence, "years": years,
            });
            (name.file(), table)
        })
        .collect();
    serde_json::json!({ "tables": tables, "ranges": model.ranges.len(), "sources": sources })
}

//! `coercivity balance`: whether the trade figures of a model fit what is made and used.

use comfy_table::Cell;

use coercivity_engine::balance::{Balance as Balanced, Failed, Flow, balance as engine_balance};
use coercivity_model::schema::TableName;
use coercivity_model::uncertainty::row_names;
use coercivity_model::{Model, Report};
use coercivity_world::REFERENCE;

use crate::Failure;
use crate::args::Balance;
use crate::input::{counted, model_in};
use crate::layout::{self, print_bold, quantity, wrap};
use crate::output::{may_replace_file, write_file};

/// Adjustments that are listed on a terminal.
const SHOWN: usize = 15;

/// A flow that moves by more than this share of it and by more than so many units does not fit.
const FITS: (f64, f64) = (0.1, 10.0);

pub fn balance(args: &Balance) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        may_replace_file(out, args.force)?;
    }
    let folder = args.model.as_deref().unwrap_or(REFERENCE);
    let model = model_in(folder, &mut Report::default())?;
    let found = engine_balance(&model).map_err(|failed| match failed {
        Failed::NoFlows => Failure::World(format!(
            "`{folder}` has no reference flows to balance: fill in `flow` in lanes.csv, in rows without a `*`"
        )),
        Failed::Stopped(why) => Failure::Solver(format!("{why}. No flows were written, because none would fit.")),
    })?;
    if args.json {
        println!("{:#}", json(&model, &found));
    } else {
        show(&model, &found);
    }
    if let Some(out) = &args.out {
        write_file(out, &lanes(&model, &found))?;
        if !args.json {
            println!("Balanced flows: {}", out.display());
        }
    }
    let far = far_off(&found);
    if args.check && !far.is_empty() {
        let names = row_names(TableName::Lanes, &model.tables[&TableName::Lanes]);
        for flow in &far {
            eprintln!("{} moves from {} to {}", names[flow.row], quantity(flow.reference), quantity(flow.balanced));
        }
        eprintln!("{}", count_far_off(far.len()));
        return Err(Failure::NotHeld);
    }
    Ok(())
}

fn far_off<'b>(found: &'b Balanced) -> Vec<&'b Flow> {
    found.flows.iter().filter(|flow| flow.moves_by_more_than(FITS.0, FITS.1)).collect()
}

fn count_far_off(count: usize) -> String {
    let verb = if count == 1 { "moves" } else { "move" };
    format!("{} {verb} by more than 10% and by more than 10 units", counted(count, "flow"))
}

fn show(model: &Model, found: &Balanced) {
    let adjusted = found.flows.iter().filter(|flow| flow.is_adjusted()).count();
    println!("{}", model.name);
    println!();
    let all = counted(found.flows.len(), "reference flow");
    print_bold(&match (adjusted, far_off(found).len()) {
        (0, _) => format!("The trade figures fit together: of {all}, none had to be adjusted."),
        (_, 0) => format!("{adjusted} of {all} had to be adjusted, none by more than 10% and by more than 10 units."),
        (_, far) => format!("{adjusted} of {all} had to be adjusted; {}.", count_far_off(far)),
    });
    if found.left_out > 0 {
        let rows = counted(found.left_out, "row");
        println!(
            "{}",
            wrap(&format!("{rows} of lanes.csv with a `*` and a flow: left out, many lanes share one figure."))
        );
    }
    println!();
    show_adjustments(model, found, adjusted);
    show_observations(found);
    show_gaps(model, found);
}

fn show_adjustments(model: &Model, found: &Balanced, adjusted: usize) {
    let worth = |flow: &Flow| flow.change().abs() * model.products[model.lanes[flow.lane].product].price;
    let mut flows: Vec<&Flow> = found.flows.iter().filter(|flow| flow.is_adjusted()).collect();
    flows.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.row.cmp(&b.row)));
    if flows.is_empty() {
        return;
    }
    println!("Largest adjustments, by value");
    let mut rows = layout::table(&["product", "from", "to", "reference", "balanced", "change"], 1);
    // The only column of names has what the others leave.
    rows.column_mut(0).expect("a column of products").remove_constraint();
    for flow in flows.iter().take(SHOWN) {
        let lane = &model.lanes[flow.lane];
        let product = &model.products[lane.product];
        rows.add_row(vec![
            Cell::new(format!("{} ({})", product.name, product.unit)),
            Cell::new(&model.regions[lane.from].id),
            Cell::new(&model.regions[lane.to].id),
            Cell::new(quantity(flow.reference)),
            Cell::new(quantity(flow.balanced)),
            Cell::new(flow.change_share().map_or("new".to_string(), |share| format!("{:+.1}%", 100.0 * share))),
        ]);
    }
    layout::print(&rows, adjusted.saturating_sub(SHOWN), "--json");
}

fn show_observations(found: &Balanced) {
    if found.observations.is_empty() {
        return;
    }
    println!("What was counted");
    let mut rows = layout::table(&["observation", "observed", "before", "balanced"], 1);
    for counted in &found.observations {
        rows.add_row(vec![
            Cell::new(&counted.observation.name),
            Cell::new(quantity(counted.observation.value)),
            Cell::new(quantity(counted.before)),
            Cell::new(quantity(counted.balanced)),
        ]);
    }
    layout::print(&rows, 0, "");
}

fn show_gaps(model: &Model, found: &Balanced) {
    if found.gaps.is_empty() {
        println!("Every use can be served.");
        return;
    }
    println!("Gaps: uses that no flow and no site can serve");
    for gap in &found.gaps {
        let (product, region) = (&model.products[gap.product], &model.regions[gap.region]);
        let needs: Vec<&str> = gap.needs.iter().map(|need| need.name.as_str()).collect();
        let missing = format!("{} of {} {}", quantity(gap.missing), quantity(gap.used), product.unit);
        println!("{}", wrap(&format!("{} in {}: {missing}, for {}.", product.name, region.name, needs.join("; "))));
    }
}

fn json(model: &Model, found: &Balanced) -> serde_json::Value {
    let flows = found.flows.iter().map(|flow| {
        let lane = &model.lanes[flow.lane];
        serde_json::json!({
            "product": model.products[lane.product].id,
            "from": model.regions[lane.from].id,
            "to": model.regions[lane.to].id,
            "reference": flow.reference,
            "sigma": flow.sigma,
            "balanced": flow.balanced,
            "change": flow.change_share(),
            "adjusted": flow.is_adjusted(),
        })
    });
    let observations = found.observations.iter().map(|counted| {
        serde_json::json!({
            "id": counted.observation.id,
            "observed": counted.observation.value,
            "tolerance": counted.observation.tolerance,
            "before": counted.before,
            "balanced": counted.balanced,
        })
    });
    let gaps = found.gaps.iter().map(|gap| {
        serde_json::json!({
            "product": model.products[gap.product].id,
            "region": model.regions[gap.region].id,
            "needs": gap.needs.iter().map(|need| &need.id).collect::<Vec<_>>(),
            "used": gap.used,
            "missing": gap.missing,
        })
    });
    serde_json::json!({
        "model": model.name,
        "model_hash": model.hash,
        "version": env!("CARGO_PKG_VERSION"),
        "adjusted": found.flows.iter().filter(|flow| flow.is_adjusted()).count(),
        "left_out": found.left_out,
        "flows": flows.collect::<Vec<_>>(),
        "observations": observations.collect::<Vec<_>>(),
        "gaps": gaps.collect::<Vec<_>>(),
    })
}

/// The table of lanes, rows of models below included, with balanced flows where they were adjusted.
fn lanes(model: &Model, found: &Balanced) -> Vec<u8> {
    let table = &model.tables[&TableName::Lanes];
    let mut flows: Vec<Option<String>> = vec![None; table.len()];
    for flow in found.flows.iter().filter(|flow| flow.is_adjusted()) {
        flows[flow.row] = Some(four_digits(flow.balanced));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = "a table in memory";
    writer.write_record(&table.header).expect(written);
    for (row, flow) in flows.iter().enumerate() {
        let cells = table.header.iter().map(|column| match flow {
            Some(flow) if column == "flow" => flow.as_str(),
            _ => table.text(row, column),
        });
        writer.write_record(cells).expect(written);
    }
    writer.into_inner().expect(written)
}

/// A number rounded to four significant digits, as short as it can be written.
fn four_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().expect("a number is read back");
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::four_digits;

    #[test]
    fn four_digits_are_kept() {
        let figures = [(0.0, "0"), (123_456.0, "123500"), (0.0123456, "0.01235"), (99_999.0, "100000"), (12.0, "12")];
        for (value, text) in figures {
            assert_eq!(four_digits(value), text);
        }
    }
}

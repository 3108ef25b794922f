//! Names of rows and columns, and the program as free-format MPS, so that any solver can check it.

use std::fmt::Write as _;

use coercivity_model::model::StockKind;
use coercivity_model::{Model, Scenario};

use super::{Column, Program, Row};
use crate::space::{SlotId, Space};
use crate::tags::{TagSet, Tags};

/// Gives rows and columns names that people can read; no spaces, each unlike the others.
pub struct Names<'a> {
    pub model: &'a Model,
    pub scenario: &'a Scenario,
    pub tags: &'a Tags,
    pub space: &'a Space,
}

impl Names<'_> {
    fn tags(&self, set: TagSet) -> String {
        if set == 0 { "-".to_string() } else { self.tags.name(set) }
    }

    fn slot(&self, id: SlotId) -> String {
        let slot = self.space.slots[id];
        let (region, product) = (&self.model.regions[slot.region].id, &self.model.products[slot.product].id);
        // Several slots for drawing may have one union of tags: the number tells them apart.
        let kind = if slot.kept { self.tags(slot.tags) } else { format!("use-{id}") };
        format!("{region},{product},{kind}")
    }

    fn lane(&self, lane: usize) -> String {
        let lane = &self.model.lanes[lane];
        let region = |r: usize| &self.model.regions[r].id;
        format!("{},{}>{}", self.model.products[lane.product].id, region(lane.from), region(lane.to))
    }

    fn stock(&self, stock: usize) -> String {
        let stock = &self.model.stocks[stock];
        let kind = if stock.kind == StockKind::Strategic { ",strategic" } else { "" };
        format!("{},{}{kind}", self.model.regions[stock.region].id, self.model.products[stock.product].id)
    }

    fn node(&self, region: usize, product: usize) -> String {
        format!("{},{}", self.model.regions[region].id, self.model.products[product].id)
    }

    pub fn column(&self, column: Column) -> String {
        let demand = |d: usize| &self.model.demands[d].id;
        match column {
            Column::Activity { run, step } => {
                let run = &self.space.runs[run];
                let (site, process) = (&self.model.sites[run.site].id, &self.model.processes[run.process].id);
                format!("activity({site},{process},{},{step})", self.tags(run.tags))
            }
            Column::Flow { crossing, step } => {
                let c = &self.space.crossings[crossing];
                let received = if c.sets_civil { ">civil" } else { "" };
                format!("flow({},{}{received},{step})", self.lane(c.lane), self.tags(c.sent))
            }
            Column::Relabel { relabel, step } => {
                let (from, to) = self.space.relabels[relabel];
                format!("relabel({}>use-{to},{step})", self.slot(from))
            }
            Column::Stock { slot, step, .. } => format!("stock({},{step})", self.slot(slot)),
            Column::Strategic { stock, step } => format!("strategic({},{step})", self.stock(stock)),
            Column::Release { stock, step } => format!("release({},{step})", self.stock(stock)),
            Column::Shortfall { stock, step } => format!("shortfall({},{step})", self.stock(stock)),
            Column::Met { demand: d, option, step } => {
                format!("met({},{},{step})", demand(d), self.model.demands[d].options[option].id)
            }
            Column::Unmet { demand: d, tier, step } => format!("unmet({},{tier},{step})", demand(d)),
            Column::CatchUp { demand: d, step } => format!("catch_up({},{step})", demand(d)),
            Column::Backlog { demand: d, step } => format!("backlog({},{step})", demand(d)),
            Column::Account { region, product, step } => format!("account({},{step})", self.node(region, product)),
            Column::MissingStock { stock } => format!("missing_stock({})", self.stock(stock)),
            Column::MissingOnLane { lane } => format!("missing_on_lane({})", self.lane(lane)),
            Column::MissingInSite { site } => format!("missing_in_site({})", self.model.sites[site].id),
            Column::Lasts => "lasts".to_string(),
        }
    }

    pub fn row(&self, row: Row) -> String {
        let demand = |d: usize| &self.model.demands[d].id;
        match row {
            Row::Balance { slot, step } => format!("balance({},{step})", self.slot(slot)),
            Row::Capacity { site, step } => format!("capacity({},{step})", self.model.sites[site].id),
            Row::LaneLimit { lane, step } => format!("lane_limit({},{step})", self.lane(lane)),
            Row::FreeLimit { lane, step } => format!("free_limit({},{step})", self.lane(lane)),
            Row::TaggedLimit { lane, tag, free, step } => {
                let kind = if free { "tagged_free_limit" } else { "tagged_limit" };
                format!("{kind}({},{},{step})", self.lane(lane), self.tags(tag))
            }
            Row::Quota { measure, step } => format!("quota({},{step})", self.scenario.measures[measure].id),
            Row::Demand { demand: d, step } => format!("demand({},{step})", demand(d)),
            Row::OptionShare { demand: d, option, step } => {
                format!("option_share({},{},{step})", demand(d), self.model.demands[d].options[option].id)
            }
            Row::Backlog { demand: d, step } => format!("backlog({},{step})", demand(d)),
            Row::StockCapacity { stock, step } => format!("stock_capacity({},{step})", self.stock(stock)),
            Row::Target { stock, step } => format!("target({},{step})", self.stock(stock)),
            Row::Strategic { stock, step } => format!("strategic({},{step})", self.stock(stock)),
            Row::Account { region, product, step } => format!("account({},{step})", self.node(region, product)),
            Row::MissingStock { stock } => format!("missing_stock({})", self.stock(stock)),
            Row::MissingOnLane { lane } => format!("missing_on_lane({})", self.lane(lane)),
            Row::MissingInSite { site } => format!("missing_in_site({})", self.model.sites[site].id),
            Row::Budget => "budget".to_string(),
            Row::Lasts { column } => format!("lasts({column})"),
        }
    }
}

/// The program as free-format MPS. Costs that no decision changes are the cost of a column
/// `constant` that is fixed at 1, because solvers differ on constants.
pub fn write(program: &Program, names: &Names) -> String {
    let mut text = String::new();
    let rows: Vec<String> = program.rows.iter().map(|row| names.row(*row)).collect();
    let _ = writeln!(text, "NAME coercivity\nROWS\n N cost");
    for (r, name) in rows.iter().enumerate() {
        let (lower, upper) = (program.row_lower[r], program.row_upper[r]);
        let kind = match (lower.is_finite(), upper.is_finite()) {
            (true, true) if lower == upper => "E",
            (_, true) => "L",
            (true, false) => "G",
            (false, false) => "N",
        };
        let _ = writeln!(text, " {kind} {name}");
    }
    text.push_str("COLUMNS\n");
    let mut bounds = String::new();
    for c in 0..program.columns.len() {
        let name = names.column(program.columns[c]);
        if program.costs[c] != 0.0 || program.start[c] == program.start[c + 1] {
            let _ = writeln!(text, " {name} cost {}", program.costs[c]);
        }
        for e in program.start[c]..program.start[c + 1] {
            let _ = writeln!(text, " {name} {} {}", rows[program.index[e]], program.value[e]);
        }
        let (lower, upper) = (program.lower[c], program.upper[c]);
        if lower != 0.0 {
            let _ = writeln!(bounds, " LO b {name} {lower}");
        }
        if upper.is_finite() {
            let _ = writeln!(bounds, " UP b {name} {upper}");
        }
    }
    let _ = writeln!(text, " constant cost {}", program.constant);
    bounds.push_str(" FX b constant 1\n");
    text.push_str("RHS\n");
    let mut ranges = String::new();
    for (r, name) in rows.iter().enumerate() {
        let (lower, upper) = (program.row_lower[r], program.row_upper[r]);
        let side = if upper.is_finite() { upper } else { lower };
        if side.is_finite() && side != 0.0 {
            let _ = writeln!(text, " r {name} {side}");
        }
        if lower.is_finite() && upper.is_finite() && lower < upper {
            let _ = writeln!(ranges, " s {name} {}", upper - lower);
        }
    }
    if !ranges.is_empty() {
        text.push_str("RANGES\n");
        text.push_str(&ranges);
    }
    text.push_str("BOUNDS\n");
    text.push_str(&bounds);
    text.push_str("ENDATA\n");
    text
}

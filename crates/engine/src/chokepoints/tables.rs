//! What was found, as tables: for files and programs.
//!
//! Shares and indices are 0..1, money is the model's currency. A number that does not exist is empty.

use std::collections::BTreeMap;

use coercivity_model::{Model, Scenario};

use super::concentration::{Concentration, Of};
use super::cut::Cut;
use super::{Chokepoints, Entry, Node, lane_node, limit_values};
use crate::results::headline::of_the_day;
use crate::results::limits::Limit;
use crate::results::table::{Cells, ResultTable};
use crate::results::tables::{controlled_products, prices};
use crate::run::Outcome;
use crate::trace::Chain;

/// Every table, in a fixed order.
pub fn tables(model: &Model, scenario: &Scenario, outcome: &Outcome, found: &Chokepoints) -> Vec<ResultTable> {
    let mut tables = figures(model, scenario, found);
    tables.push(limits(model, scenario, outcome, found));
    tables.push(prices(model, outcome));
    tables
}

/// The tables without those over time.
pub fn figures(model: &Model, scenario: &Scenario, found: &Chokepoints) -> Vec<ResultTable> {
    vec![
        ranked(model, found),
        concentrations(model, found),
        shares(model, found),
        coverage(model, scenario, found),
        cuts(model, scenario, found),
    ]
}

/// Columns of a table, made from a list of rows.
struct Columns<'a, T> {
    rows: &'a [T],
    columns: Vec<(&'static str, Cells)>,
}

impl<'a, T> Columns<'a, T> {
    fn of(rows: &'a [T]) -> Self {
        Columns { rows, columns: Vec::new() }
    }

    fn text(mut self, name: &'static str, cell: impl Fn(&T) -> String) -> Self {
        self.columns.push((name, Cells::Text(self.rows.iter().map(cell).collect())));
        self
    }

    fn number(mut self, name: &'static str, cell: impl Fn(&T) -> f64) -> Self {
        self.columns.push((name, Cells::Number(self.rows.iter().map(cell).collect())));
        self
    }

    fn known(mut self, name: &'static str, cell: impl Fn(&T) -> Option<f64>) -> Self {
        self.columns.push((name, Cells::Known(self.rows.iter().map(cell).collect())));
        self
    }

    fn table(self, name: &'static str) -> ResultTable {
        ResultTable { name, columns: self.columns }
    }
}

fn ranked(model: &Model, found: &Chokepoints) -> ResultTable {
    let rows: Vec<&Entry> = [&found.stages, &found.sites, &found.lanes].into_iter().flatten().collect();
    Columns::of(&rows)
        .text("kind", |e| e.node.kind().to_string())
        .text("node", |e| e.node.id(model, &found.chain))
        .known("share", |e| e.share)
        .known("hhi", |e| e.hhi)
        .known("n1_carried", |e| e.n1_carried)
        .number("cuts", |e| e.cuts as f64)
        .number("largest_cut_share", |e| e.largest_cut)
        .number("one_percent_saves", |e| e.saving.one_percent)
        .number("one_more_saves", |e| e.saving.one_more)
        .text("one_more_when", |e| match e.saving.one_more > 0.0 {
            true => model.calendar.first_day(e.saving.step).to_string(),
            false => String::new(),
        })
        .text("why", |e| e.why.map_or(String::new(), |why| why.name().to_string()))
        .table("ranked")
}

/// "stage" or "product", its id, and its unit.
fn named(model: &Model, chain: &Chain, of: Of) -> [String; 3] {
    match of {
        Of::Stage(stage) => ["stage".to_string(), chain.stages[stage].clone(), model.currency.clone()],
        Of::Product(p) => ["product".to_string(), model.products[p].id.clone(), model.products[p].unit.clone()],
    }
}

fn concentrations(model: &Model, found: &Chokepoints) -> ResultTable {
    let named = |c: &Concentration, i: usize| named(model, &found.chain, c.of)[i].clone();
    Columns::of(&found.concentration)
        .text("of", |c| named(c, 0))
        .text("id", |c| named(c, 1))
        .text("unit", |c| named(c, 2))
        .number("output", |c| c.output)
        .number("used", |c| c.used)
        .text("largest", |c| model.regions[c.countries[0].0].id.clone())
        .number("largest_share", |c| c.countries[0].1)
        .number("hhi", |c| c.hhi)
        .number("hhi_by_owner_least", |c| c.hhi_by_owner.0)
        .number("hhi_by_owner_most", |c| c.hhi_by_owner.1)
        .number("unknown_owner", |c| c.unknown_owner)
        .known("n1", |c| c.n1)
        .known("n1_carried", |c| c.n1_carried)
        .table("concentration")
}

fn shares(model: &Model, found: &Chokepoints) -> ResultTable {
    let rows: Vec<(Of, &str, String, f64)> = found
        .concentration
        .iter()
        .flat_map(|c| {
            let country = |(region, share): &(usize, f64)| (c.of, "country", model.regions[*region].id.clone(), *share);
            let owner = |(owner, share): &(String, f64)| (c.of, "owner", owner.clone(), *share);
            let unknown = (c.of, "owner", "(not known, or several)".to_string(), c.unknown_owner);
            let unknown = (c.unknown_owner > 0.0).then_some(unknown);
            c.countries.iter().map(country).chain(c.owners.iter().map(owner)).chain(unknown).collect::<Vec<_>>()
        })
        .collect();
    Columns::of(&rows)
        .text("of", |(of, ..)| named(model, &found.chain, *of)[0].clone())
        .text("id", |(of, ..)| named(model, &found.chain, *of)[1].clone())
        .text("by", |(_, by, ..)| by.to_string())
        .text("who", |(_, _, who, _)| who.clone())
        .number("share", |(.., share)| *share)
        .table("shares")
}

/// How a need stands: "limited", "no limit", or "cut off".
pub fn standing(cut: &Cut) -> &'static str {
    match cut.most {
        None => "no limit",
        Some(_) if cut.is_cut_off() => "cut off",
        Some(_) => "limited",
    }
}

fn coverage(model: &Model, scenario: &Scenario, found: &Chokepoints) -> ResultTable {
    Columns::of(&found.cuts)
        .text("demand", |cut| model.demands[cut.demand].id.clone())
        .text("region", |cut| model.regions[model.demands[cut.demand].region].id.clone())
        .number("needed", |cut| cut.needed)
        .known("most", |cut| cut.most)
        .known("coverage", Cut::coverage)
        .text("standing", |cut| standing(cut).to_string())
        .text("closed_by", |cut| {
            cut.closed_by.iter().map(|m| scenario.measures[*m].id.as_str()).collect::<Vec<_>>().join(";")
        })
        .text("opens", |cut| cut.opens.map_or(String::new(), |step| model.calendar.first_day(step).to_string()))
        .table("coverage")
}

/// One limit, or all limits of one node and kind, in a cut.
pub struct Line {
    pub kind: &'static str,
    pub id: String,
    pub why: &'static str,
    /// Units a year, and what one unit more adds (of several limits: on average).
    pub units: f64,
    pub adds: f64,
    pub share: f64,
}

/// The limits of a cut by node: what stands for several (re-exports, two limits of one lane) is added up.
pub fn lines(model: &Model, scenario: &Scenario, chain: &Chain, cut: &Cut) -> Vec<Line> {
    let controlled = controlled_products(scenario);
    let mut lines: Vec<Line> = Vec::new();
    for part in &cut.parts {
        let (kind, id) = match part.limit {
            Limit::Site(site) => ("site", Node::Site(site).id(model, chain)),
            Limit::Lane(lane) | Limit::Tagged(lane) => ("lane", lane_node(model, &controlled, lane).id(model, chain)),
            Limit::Quota(measure) => ("quota", scenario.measures[measure].id.clone()),
            Limit::Option { demand, option } => ("option", model.demands[demand].options[option].id.clone()),
        };
        let why = part.why.name();
        match lines.iter_mut().find(|line| (line.kind, &line.id, line.why) == (kind, &id, why)) {
            Some(line) => {
                line.adds = (line.units * line.adds + part.units * part.adds) / (line.units + part.units);
                line.units += part.units;
                line.share += part.share;
            }
            None => lines.push(Line { kind, id, why, units: part.units, adds: part.adds, share: part.share }),
        }
    }
    lines.sort_by(|a, b| b.share.total_cmp(&a.share));
    lines
}

fn cuts(model: &Model, scenario: &Scenario, found: &Chokepoints) -> ResultTable {
    let of = |cut: &Cut| lines(model, scenario, &found.chain, cut).into_iter().map(|line| (cut.demand, line)).collect();
    let rows: Vec<(usize, Line)> = found.cuts.iter().flat_map(|cut| -> Vec<(usize, Line)> { of(cut) }).collect();
    Columns::of(&rows)
        .text("demand", |(demand, _)| model.demands[*demand].id.clone())
        .text("kind", |(_, line)| line.kind.to_string())
        .text("id", |(_, line)| line.id.clone())
        .text("why", |(_, line)| line.why.to_string())
        .number("limit", |(_, line)| line.units)
        .number("adds", |(_, line)| line.adds)
        .number("share", |(_, line)| line.share)
        .table("cuts")
}

/// What sites and lanes are worth over time: of each step the limit, and what one unit more of it would save. Several
/// limits of one node in a step are added up, and what one more saves is then their mean.
fn limits(model: &Model, scenario: &Scenario, outcome: &Outcome, found: &Chokepoints) -> ResultTable {
    let controlled = controlled_products(scenario);
    let mut values: BTreeMap<(usize, Node), (f64, f64)> = BTreeMap::new();
    for b in limit_values(model, outcome) {
        let node = match b.limit {
            Limit::Site(site) => Node::Site(site),
            Limit::Lane(lane) | Limit::Tagged(lane) => lane_node(model, &controlled, lane),
            _ => continue,
        };
        let (units, worth) = values.entry((b.step, node)).or_default();
        *units += b.units;
        *worth += b.units * b.saves;
    }
    let rows: Vec<(usize, Node, f64, f64)> = values
        .into_iter()
        .filter(|(_, (units, _))| *units > 0.0)
        .map(|((step, node), (units, worth))| (step, node, units, worth / units))
        .collect();
    let steps = Cells::Step(rows.iter().map(|(step, ..)| *step).collect());
    let dates = Cells::Date(rows.iter().map(|(step, ..)| model.calendar.first_day(*step)).collect());
    let mut table = Columns::of(&rows)
        .text("kind", |(_, node, ..)| node.kind().to_string())
        .text("node", |(_, node, ..)| node.id(model, &found.chain))
        .number("limit", |(.., units, _)| *units)
        .number("value", |(.., value)| *value)
        .number("value_of_the_day", |(step, .., value)| of_the_day(model, *step, *value))
        .table("limits");
    table.columns.splice(0..0, [("step", steps), ("date", dates)]);
    table
}

//! Survival as figures that programs, tables and the page read: dates and days in place of steps, ids in place of
//! positions.

use coercivity_model::calendar::{days_after, days_between};
use coercivity_model::{Date, Model};
use serde::Serialize;

use super::{Effort, Lasts, Question, Survival, Survivals};
use crate::results::table::{Cells, ResultTable};

/// All answers to a question.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// First day of the loss.
    pub at: Date,
    /// Days until a node is back; `None` = never.
    pub recovers_days: Option<f64>,
    /// Days from the loss to the end of the run.
    pub horizon_days: f64,
    pub currency: String,
    /// Demands that must stay met.
    pub met: Vec<String>,
    /// Demands that cannot be met even in the first step with nothing lost.
    pub left_out: Vec<String>,
    /// With nothing lost.
    pub nothing_lost: One,
    /// The shortest survival first, then the largest value at risk.
    pub nodes: Vec<One>,
    pub effort: Effort,
}

/// One node.
#[derive(Clone, Debug, Serialize)]
pub struct One {
    pub node: String,
    /// Time-to-survive in steps of the model, the last one in part.
    pub survives_steps: f64,
    /// The same in days.
    pub survives_days: f64,
    /// First day on which a demand is short; `None` = it lasts to the end of the run.
    pub short_from: Option<Date>,
    /// Demands that what is left is too little for, with their share of the blame.
    pub short: Vec<Short>,
    /// Whether survival ends before the node is back.
    pub exposed: bool,
    /// Discounted, in currency.
    pub value_at_risk: f64,
    pub lost: Vec<Lost>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Short {
    pub demand: String,
    pub name: String,
    pub share: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Lost {
    pub demand: String,
    pub name: String,
    pub region: String,
    pub units: f64,
    pub unit: String,
    /// Discounted, in currency.
    pub value: f64,
}

impl View {
    pub fn new(model: &Model, question: &Question, found: &Survivals) -> View {
        let id = |d: &usize| model.demands[*d].id.clone();
        let met =
            |d: &usize| question.demands.as_ref().is_none_or(|list| list.contains(d)) && !found.left_out.contains(d);
        let mut nodes: Vec<One> = found.nodes.iter().map(|one| One::new(model, question, one)).collect();
        nodes.sort_by(|a, b| {
            let by_time = a.survives_days.total_cmp(&b.survives_days);
            by_time.then(b.value_at_risk.total_cmp(&a.value_at_risk)).then_with(|| a.node.cmp(&b.node))
        });
        View {
            at: model.calendar.first_day(question.at),
            recovers_days: question.recover.map(|steps| days(model, question.at, steps)),
            horizon_days: days(model, question.at, model.steps() - question.at),
            currency: model.currency.clone(),
            met: (0..model.demands.len()).filter(met).map(|d| id(&d)).collect(),
            left_out: found.left_out.iter().map(id).collect(),
            nothing_lost: One::new(model, question, &found.base),
            nodes,
            effort: found.effort,
        }
    }

    /// `survive` (a row a node) and `lost` (a row a node and demand).
    pub fn tables(&self) -> Vec<ResultTable> {
        let text = |of: &dyn Fn(&One) -> String| Cells::Text(self.nodes.iter().map(of).collect());
        let number = |of: &dyn Fn(&One) -> f64| Cells::Number(self.nodes.iter().map(of).collect());
        let survive = ResultTable {
            name: "survive",
            columns: vec![
                ("node", text(&|one| one.node.clone())),
                ("survives_steps", number(&|one| one.survives_steps)),
                ("survives_days", number(&|one| one.survives_days)),
                ("short_from", text(&|one| one.short_from.map_or(String::new(), |day| day.to_string()))),
                ("short", text(&|one| one.short.iter().map(|s| s.demand.as_str()).collect::<Vec<_>>().join(";"))),
                ("exposed", text(&|one| one.exposed.to_string())),
                ("value_at_risk", number(&|one| one.value_at_risk)),
            ],
        };
        let rows: Vec<(&str, &Lost)> =
            self.nodes.iter().flat_map(|one| one.lost.iter().map(|lost| (one.node.as_str(), lost))).collect();
        let text = |of: &dyn Fn(&(&str, &Lost)) -> String| Cells::Text(rows.iter().map(of).collect());
        let lost = ResultTable {
            name: "lost",
            columns: vec![
                ("node", text(&|(node, _)| node.to_string())),
                ("demand", text(&|(_, lost)| lost.demand.clone())),
                ("region", text(&|(_, lost)| lost.region.clone())),
                ("units", Cells::Number(rows.iter().map(|(_, lost)| lost.units).collect())),
                ("value", Cells::Number(rows.iter().map(|(_, lost)| lost.value).collect())),
            ],
        };
        vec![survive, lost]
    }
}

impl One {
    fn new(model: &Model, question: &Question, survival: &Survival) -> One {
        let Lasts { steps, part } = survival.lasts;
        let after = question.at + steps;
        let of_last = if part > 0.0 { part * days(model, after, 1) } else { 0.0 };
        let survives_days = days(model, question.at, steps) + of_last;
        let to_the_end = after >= model.steps();
        let first_short = || days_after(model.calendar.first_day(after), of_last.floor() as i64);
        One {
            node: survival.node.id.clone(),
            survives_steps: survival.lasts.length(),
            survives_days,
            short_from: (!to_the_end).then(first_short),
            short: survival.short.iter().map(|(d, share)| short(model, *d, *share)).collect(),
            exposed: !to_the_end && question.recover.is_none_or(|steps| survival.lasts.length() < steps as f64),
            value_at_risk: survival.value_at_risk,
            lost: survival.lost.iter().map(|lost| lost_by(model, lost)).collect(),
        }
    }
}

fn short(model: &Model, demand: usize, share: f64) -> Short {
    let demand = &model.demands[demand];
    Short { demand: demand.id.clone(), name: demand.name.clone(), share }
}

fn lost_by(model: &Model, lost: &super::Lost) -> Lost {
    let demand = &model.demands[lost.demand];
    Lost {
        demand: demand.id.clone(),
        name: demand.name.clone(),
        region: model.regions[demand.region].id.clone(),
        units: lost.units,
        unit: demand.unit.clone(),
        value: lost.value,
    }
}

/// Days of some steps.
fn days(model: &Model, from: usize, steps: usize) -> f64 {
    let until = (from + steps).min(model.steps());
    days_between(model.calendar.first_day(from), model.calendar.first_day(until)) as f64
}

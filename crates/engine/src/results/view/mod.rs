//! One run for people who look: what the page and the report draw, and nothing they would have to compute
//! from rows. Every number comes from the run; numbers are rounded to six digits, those of flows to four.

pub mod chokepoints;
mod flows;
mod key;
mod makers;

use coercivity_model::scenario::About;
use coercivity_model::schema::TableName;
use coercivity_model::{Calendar, Model, Scenario, describe};
use serde::Serialize;

use super::headline::{emphasis, headline, losses, read_steps, shortages};
use super::summary::{Demands, Summary};
use super::tables::met;
use crate::run::Outcome;
use crate::trace::Chain;

pub use chokepoints::Chokepoints;
pub use flows::{Flows, Group, LinkOfGroup, NodeOfView};
pub use key::Key;
pub use makers::{Lane, Made, Trade};

/// The format of what follows.
const VIEW: u32 = 1;

/// Numbers below this are rounding of the solver.
const NOTHING: f64 = 1e-8;

/// A run as the page shows it. Lists `[N]` hold one number a step.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    pub view: u32,
    pub model: String,
    pub model_hash: String,
    pub scenario: String,
    /// The scenario's name among the model's own; `None` for a file, or for no measures.
    pub scenario_id: Option<String>,
    pub scenario_hash: String,
    pub story: String,
    pub foresight: &'static str,
    /// Whether this is the model in quarterly steps.
    pub preview: bool,
    /// The node that is lost from the first step on, where one is.
    pub without: Option<String>,
    pub currency: String,
    pub version: &'static str,
    pub command: String,
    /// Discounted, in currency.
    pub objective: f64,
    pub unmet_value: f64,
    pub calendar: Days,
    pub headline: Headline,
    pub key: Vec<Key>,
    pub regions: Vec<Region>,
    pub demands: Vec<Need>,
    pub policies: Vec<Policy>,
    pub events: Vec<Event>,
    pub stages: Vec<Made>,
    pub trade: Vec<Trade>,
    /// Empty where a loop of goods has no answer (see [`crate::trace`]).
    pub flows: Vec<Flows>,
    pub losses: Vec<Loss>,
    /// What [`chokepoints::of_run`] says of a run with all its nodes; `None` where nobody asked.
    pub chokepoints: Option<Chokepoints>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Days {
    pub unit: &'static str,
    /// First day of each step.
    pub days: Vec<String>,
    /// First day after the last step.
    pub end: String,
    /// Steps that are to be read; later ones are bent by the end of the horizon.
    pub read: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Headline {
    pub text: String,
    /// Parts of the text that carry the answer.
    pub strong: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Region {
    pub id: String,
    pub name: String,
    /// Degrees; `None` = not given.
    pub lat: Option<f64>,
    pub lon: Option<f64>,
}

/// A demand over time. Units are those of `unit`.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    pub id: String,
    pub name: String,
    pub region: String,
    pub end_use: &'static str,
    pub unit: String,
    pub required: Vec<f64>,
    pub met: Vec<f64>,
    pub unmet: Vec<f64>,
    /// First day of the first step that is short, among those to be read.
    pub first: Option<String>,
    /// Whether what is unmet is late, not lost.
    pub late: bool,
    /// Discounted, in currency.
    pub cost: f64,
}

/// A measure or a truce on the calendar.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    pub id: String,
    /// `measure` or `truce`.
    #[serde(rename = "type")]
    pub of: &'static str,
    pub kind: &'static str,
    pub name: String,
    /// Who takes it.
    pub by: String,
    pub what: String,
    pub from: String,
    pub until: Option<String>,
    /// Spans in which truces suspend it.
    pub suspended: Vec<[String; 2]>,
    pub claimed_by: String,
    pub responds_to: String,
    pub legal: String,
    /// Keys of `sources.csv`.
    pub source: Vec<String>,
    pub note: String,
}

/// A day on which something begins or ends.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    pub date: String,
    pub label: String,
    pub policy: String,
}

/// What a region loses, discounted, in currency.
#[derive(Clone, Debug, Serialize)]
pub struct Loss {
    pub region: String,
    pub civil: f64,
    pub military: f64,
    pub duties: f64,
}

/// The view of a run. `summary` is that of the same run.
pub fn view(model: &Model, scenario: &Scenario, outcome: &Outcome, summary: &Summary) -> View {
    let policies = policies(model, scenario);
    let chain = Chain::new(model);
    View {
        view: VIEW,
        model: model.name.clone(),
        model_hash: model.hash.clone(),
        scenario: scenario.name.clone(),
        scenario_id: None,
        scenario_hash: scenario.hash.clone(),
        story: scenario.story.clone(),
        foresight: summary.foresight,
        preview: false,
        without: None,
        currency: model.currency.clone(),
        version: summary.version,
        command: summary.command.clone(),
        objective: rounded(summary.objective),
        unmet_value: rounded(summary.unmet_value),
        calendar: days(model),
        headline: Headline { text: headline(model, outcome), strong: emphasis(model, outcome) },
        key: key::figures(model, outcome, summary),
        regions: regions(model),
        demands: needs(model, outcome),
        events: events(model, &policies),
        policies,
        stages: makers::made(model, &chain, outcome),
        trade: makers::trade(model, &chain, scenario, outcome),
        flows: flows::flows(model, outcome),
        losses: region_losses(model, outcome),
        chokepoints: None,
    }
}

/// Six digits: more are the solver's, and would make files large.
fn rounded(value: f64) -> f64 {
    to_digits(value, 6)
}

/// To so many significant digits; what is rounding of the solver is 0.
fn to_digits(value: f64, digits: usize) -> f64 {
    if value.abs() < NOTHING || !value.is_finite() {
        return 0.0;
    }
    // By the text, so that 0.1 is 0.1 and not its neighbour.
    format!("{value:.*e}", digits - 1).parse().expect("it was just written")
}

fn all_rounded(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| rounded(*value)).collect()
}

/// The name of a model's step.
pub fn unit(model: &Model) -> &'static str {
    model.calendar.unit().name()
}

fn days(model: &Model) -> Days {
    let calendar: &Calendar = &model.calendar;
    let days = (0..model.steps()).map(|step| calendar.first_day(step).to_string()).collect();
    Days { unit: unit(model), days, end: calendar.first_day(model.steps()).to_string(), read: read_steps(model) }
}

fn regions(model: &Model) -> Vec<Region> {
    let table = &model.tables[&TableName::Regions];
    let degrees = |row, column| table.given(row, column).and_then(|text| text.parse().ok());
    let region = |(row, region): (usize, &coercivity_model::model::Region)| Region {
        id: region.id.clone(),
        name: region.name.clone(),
        lat: degrees(row, "lat"),
        lon: degrees(row, "lon"),
    };
    model.regions.iter().enumerate().map(region).collect()
}

fn needs(model: &Model, outcome: &Outcome) -> Vec<Need> {
    let demands = Demands::new(model, outcome);
    let met = met(model, outcome);
    let shortages = shortages(model, outcome);
    let need = |(d, demand): (usize, &coercivity_model::model::Demand)| {
        let short = shortages.iter().find(|s| s.demand == d);
        Need {
            id: demand.id.clone(),
            name: demand.name.clone(),
            region: model.regions[demand.region].id.clone(),
            end_use: demand.end_use.name(),
            unit: demand.unit.clone(),
            required: all_rounded(&demands.required[d]),
            met: all_rounded(&met[d]),
            unmet: all_rounded(&demands.unmet[d]),
            first: short.map(|s| s.first.to_string()),
            late: demand.late_cost.is_some(),
            cost: rounded(short.map_or(0.0, |s| s.cost)),
        }
    };
    model.demands.iter().enumerate().map(need).collect()
}

fn policies(model: &Model, scenario: &Scenario) -> Vec<Policy> {
    let policy = |id: &str, about: &About| Policy {
        id: id.to_string(),
        of: "measure",
        kind: "truce",
        name: describe::title(id, about).to_string(),
        by: String::new(),
        what: String::new(),
        from: String::new(),
        until: None,
        suspended: Vec::new(),
        claimed_by: about.claimed_by.clone(),
        responds_to: about.responds_to.clone(),
        legal: about.legal.clone(),
        source: describe::sources(about).into_iter().map(str::to_string).collect(),
        note: about.note.clone(),
    };
    let truces = scenario.truces.iter().map(|truce| Policy {
        of: "truce",
        what: describe::truce(scenario, truce),
        from: truce.from.to_string(),
        until: Some(truce.end().to_string()),
        ..policy(&truce.id, &truce.about)
    });
    let measures = scenario.measures.iter().enumerate().map(|(m, measure)| Policy {
        kind: measure.effect.kind(),
        by: describe::by(model, measure).0,
        what: describe::what(model, scenario, measure),
        from: measure.from.to_string(),
        until: measure.until.map(|until| until.to_string()),
        suspended: suspensions(scenario, m),
        ..policy(&measure.id, &measure.about)
    });
    truces.chain(measures).collect()
}

/// The parts of a measure's time in which a truce suspends it.
fn suspensions(scenario: &Scenario, measure: usize) -> Vec<[String; 2]> {
    let m = &scenario.measures[measure];
    let mut spans: Vec<[coercivity_model::Date; 2]> = scenario
        .truces
        .iter()
        .filter(|truce| truce.suspends.contains(&measure))
        .map(|truce| [truce.from.max(m.from), m.until.map_or(truce.end(), |until| truce.end().min(until))])
        .filter(|[from, until]| from < until)
        .collect();
    spans.sort();
    spans.iter().map(|span| span.map(|day| day.to_string())).collect()
}

/// Beginnings and ends within the run.
fn events(model: &Model, policies: &[Policy]) -> Vec<Event> {
    let (first, last) = (model.start.to_string(), model.calendar.first_day(model.steps()).to_string());
    // Days are written so that their order is that of their texts.
    let mut events: Vec<Event> = policies
        .iter()
        .flat_map(|policy| {
            let begins = Some((policy.from.clone(), "begins"));
            let ends = policy.until.clone().map(|until| (until, "ends"));
            begins.into_iter().chain(ends).map(|(date, what)| Event {
                date,
                label: format!("{} {what}", policy.name),
                policy: policy.id.clone(),
            })
        })
        .filter(|event| first < event.date && event.date < last)
        .collect();
    events.sort_by(|a, b| a.date.cmp(&b.date));
    events
}

fn region_losses(model: &Model, outcome: &Outcome) -> Vec<Loss> {
    let of = |(region, loss): (&coercivity_model::model::Region, super::headline::Losses)| Loss {
        region: region.id.clone(),
        civil: rounded(loss.civil),
        military: rounded(loss.military),
        duties: rounded(loss.duties),
    };
    let list = model.regions.iter().zip(losses(model, outcome)).map(of);
    list.filter(|loss| loss.civil + loss.military + loss.duties > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::{rounded, to_digits};

    #[test]
    fn six_digits_are_kept() {
        assert_eq!(rounded(1.0 / 3.0), 0.333333);
        assert_eq!(rounded(-1234567.0), -1234570.0);
        assert_eq!(rounded(0.0), 0.0);
        assert_eq!(rounded(1e-9), 0.0);
        assert_eq!(rounded(0.1), 0.1);
        assert_eq!(to_digits(0.123456, 4), 0.1235);
    }
}

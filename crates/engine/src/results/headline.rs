//! What a run says in words and short lists: who runs short, when, where the bottleneck is.
//!
//! The last two steps of the horizon are left out throughout: what is planned there is bent by the
//! end of the world.

use std::collections::BTreeMap;

use coercivity_model::model::EndUse;
use coercivity_model::{Date, Model};

use super::carried_out;
use super::summary::Demands;
use super::tables::{capacity_values, site_capacity};
use crate::program::{Column, Cost};
use crate::run::Outcome;

/// Steps at the end that are not to be read.
const NOT_READ: usize = 2;

/// One demand that runs short.
#[derive(Clone, Debug)]
pub struct Shortage {
    pub demand: usize,
    /// Whether what is unmet is late, not lost.
    pub late: bool,
    pub first: Date,
    pub worst: Date,
    /// Least share of a step's need that is met.
    pub worst_share: f64,
    /// Units unmet (for a need that can be late: units its backlog grew by).
    pub unmet: f64,
    /// Share of all that is needed.
    pub unmet_share: f64,
    /// Discounted, in currency.
    pub cost: f64,
}

/// The need with the least cover: stock of a product over what is used of it.
#[derive(Clone, Debug)]
pub struct LeastCover {
    pub demand: usize,
    pub product: usize,
    pub when: Date,
    pub days: f64,
}

/// A product made in a country, and what more capacity for it would save.
#[derive(Clone, Debug)]
pub struct Chokepoint {
    pub product: usize,
    pub region: usize,
    /// The most that one more unit of the product would save, money of the day.
    pub one_more: f64,
    pub when: Date,
    /// What 1% more capacity throughout would save, discounted.
    pub one_percent: f64,
}

/// Losses of one region, discounted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Losses {
    pub civil: f64,
    pub military: f64,
    /// Duties on what it imports, and export taxes on what it sends.
    pub duties: f64,
}

/// Steps that headlines read.
pub fn read_steps(model: &Model) -> usize {
    if model.steps() > NOT_READ { model.steps() - NOT_READ } else { model.steps() }
}

/// Cost of unmet demand by demand and region losses, over all steps.
pub(crate) fn unmet_costs(model: &Model, outcome: &Outcome) -> Vec<f64> {
    let mut costs = vec![0.0; model.demands.len()];
    for (plan, c, column, value) in carried_out(outcome) {
        if column.cost() == Cost::Unmet
            && let Column::Unmet { demand, .. } | Column::Backlog { demand, .. } = column
        {
            costs[demand] += value * plan.program.costs[c];
        }
    }
    costs
}

/// Demands that run short, the costliest first.
pub fn shortages(model: &Model, outcome: &Outcome) -> Vec<Shortage> {
    let demands = Demands::new(model, outcome);
    let costs = unmet_costs(model, outcome);
    let steps = read_steps(model);
    let mut list: Vec<Shortage> = (0..model.demands.len())
        .filter_map(|d| {
            let (unmet, required) = (&demands.unmet[d][..steps], &demands.required[d][..steps]);
            let first = unmet.iter().position(|u| *u > 0.0)?;
            let share = |t: usize| if required[t] > 0.0 { 1.0 - unmet[t] / required[t] } else { 1.0 };
            let worst = (0..steps).min_by(|a, b| share(*a).total_cmp(&share(*b)))?;
            let total: f64 = unmet.iter().sum();
            Some(Shortage {
                demand: d,
                late: model.demands[d].late_cost.is_some(),
                first: model.calendar.first_day(first),
                worst: model.calendar.first_day(worst),
                worst_share: share(worst).max(0.0),
                unmet: total,
                unmet_share: total / required.iter().sum::<f64>(),
                cost: costs[d],
            })
        })
        .collect();
    list.sort_by(|a, b| b.cost.total_cmp(&a.cost).then(a.demand.cmp(&b.demand)));
    list
}

/// The demand whose stock lasts least long, among those that keep stock of something they use.
pub fn least_cover(model: &Model, outcome: &Outcome) -> Option<LeastCover> {
    let steps = read_steps(model);
    // Units in commercial stock and units used, by (region, product) and step.
    let mut stock: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    let mut used: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for (_, _, column, value) in carried_out(outcome) {
        match column {
            Column::Stock { stock: s, step, .. } if step < steps => {
                let s = &model.stocks[s];
                stock.entry((s.region, s.product)).or_insert_with(|| vec![0.0; steps])[step] += value;
            }
            Column::Met { demand, option, step } if step < steps => {
                let d = &model.demands[demand];
                for (product, amount) in &d.options[option].uses {
                    used.entry((d.region, *product)).or_insert_with(|| vec![0.0; steps])[step] += amount * value;
                }
            }
            _ => {}
        }
    }
    let days_per_step = model.calendar.years_per_step() * 365.0;
    let mut least: Option<LeastCover> = None;
    for (d, demand) in model.demands.iter().enumerate() {
        for (product, _) in demand.options.iter().flat_map(|o| &o.uses) {
            let key = (demand.region, *product);
            let (Some(stock), Some(used)) = (stock.get(&key), used.get(&key)) else { continue };
            for step in (0..steps).filter(|t| used[*t] > 0.0) {
                let days = stock[step] / used[step] * days_per_step;
                if least.as_ref().is_none_or(|l| days < l.days - 1e-6) {
                    least =
                        Some(LeastCover { demand: d, product: *product, when: model.calendar.first_day(step), days });
                }
            }
        }
    }
    least
}

/// The output that a site is for, that of the most worth at the model's prices: (product, units per unit of
/// activity). `None` for a site whose processes give nothing.
pub fn main_output(model: &Model, site: usize) -> Option<(usize, f64)> {
    let outputs = model.sites[site].processes.iter().flat_map(|q| &model.processes[*q].outputs);
    let worth = |(product, amount): &&(usize, f64)| amount * model.products[*product].price;
    outputs.max_by(|a, b| worth(a).total_cmp(&worth(b))).copied()
}

/// What more of something limited would save.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Saving {
    /// The most that one more unit would save, money of the day.
    pub one_more: f64,
    /// The step of it.
    pub step: usize,
    /// What 1% more throughout would save, discounted.
    pub one_percent: f64,
}

impl Saving {
    /// Adds that so many units in a step would, each, save so much: discounted, and as money of the day.
    pub fn add(&mut self, step: usize, units: f64, saves: f64, of_the_day: f64) {
        self.merge(&Saving { one_more: of_the_day, step, one_percent: 0.01 * saves * units });
    }

    pub fn merge(&mut self, other: &Saving) {
        self.one_percent += other.one_percent;
        if other.one_more > self.one_more {
            (self.one_more, self.step) = (other.one_more, other.step);
        }
    }
}

/// What more capacity would save, by site; units are those of its main output.
pub fn site_savings(model: &Model, outcome: &Outcome) -> BTreeMap<usize, Saving> {
    let steps = read_steps(model);
    let mut list: BTreeMap<usize, Saving> = BTreeMap::new();
    for ((s, step), saves) in capacity_values(outcome) {
        if step >= steps || saves <= 0.0 {
            continue;
        }
        let plan = outcome.plans.iter().find(|p| p.from <= step && step < p.until).expect("plans cover all steps");
        let Some((_, amount)) = main_output(model, s) else { continue };
        let capacity = site_capacity(model, plan, s, step);
        list.entry(s).or_default().add(step, capacity, saves, of_the_day(model, step, saves / amount));
    }
    list
}

/// Discounted money as money of a step.
pub fn of_the_day(model: &Model, step: usize, discounted: f64) -> f64 {
    discounted * (1.0 + model.discount_rate).powf(step as f64 * model.calendar.years_per_step())
}

/// Capacities whose growth would save most, by product and country.
pub fn chokepoints(model: &Model, outcome: &Outcome) -> Vec<Chokepoint> {
    let mut list: BTreeMap<(usize, usize), Saving> = BTreeMap::new();
    for (s, saving) in site_savings(model, outcome) {
        let (product, _) = main_output(model, s).expect("what saves has an output");
        list.entry((product, model.sites[s].region)).or_default().merge(&saving);
    }
    let chokepoint = |((product, region), saving): ((usize, usize), Saving)| Chokepoint {
        product,
        region,
        one_more: saving.one_more,
        when: model.calendar.first_day(saving.step),
        one_percent: saving.one_percent,
    };
    let mut list: Vec<Chokepoint> = list.into_iter().map(chokepoint).collect();
    list.sort_by(|a, b| b.one_percent.total_cmp(&a.one_percent).then(a.product.cmp(&b.product)));
    list
}

/// Who bears what: unmet demand where it is, duties where they are paid. By region, over all steps.
pub fn losses(model: &Model, outcome: &Outcome) -> Vec<Losses> {
    let mut losses = vec![Losses::default(); model.regions.len()];
    for (demand, cost) in model.demands.iter().zip(unmet_costs(model, outcome)) {
        match demand.end_use {
            EndUse::Civil => losses[demand.region].civil += cost,
            EndUse::Military => losses[demand.region].military += cost,
        }
    }
    for (plan, c, column, value) in carried_out(outcome) {
        if let Column::Flow { crossing, .. } = column {
            let lane = &model.lanes[outcome.space.crossings[crossing].lane];
            losses[lane.to].duties += value * plan.program.duties[c];
        }
    }
    losses
}

/// The shortages that the headline names: of the military and of the civil needs, the one that falls
/// furthest short.
pub fn named<'s>(model: &Model, shortages: &'s [Shortage]) -> Vec<&'s Shortage> {
    let furthest = |end_use: EndUse| {
        shortages
            .iter()
            .filter(|s| model.demands[s.demand].end_use == end_use)
            .max_by(|s, t| s.unmet_share.total_cmp(&t.unmet_share).then(s.cost.total_cmp(&t.cost)))
    };
    [EndUse::Military, EndUse::Civil].into_iter().filter_map(furthest).collect()
}

/// The answer in a sentence or two, made from the run.
pub fn headline(model: &Model, outcome: &Outcome) -> String {
    let shortages = shortages(model, outcome);
    let named = named(model, &shortages);
    let Some((first, rest)) = named.split_first() else {
        return match least_cover(model, outcome) {
            Some(cover) => format!(
                "If everyone shares, nobody runs short; the least cover is that of {}: {} of {} in {}.",
                model.demands[cover.demand].name,
                duration(cover.days),
                model.products[cover.product].name,
                month(cover.when)
            ),
            None => "If everyone shares, nobody runs short.".to_string(),
        };
    };
    let clause = |s: &Shortage| {
        format!(
            "supply for {} runs short from {}; at worst {} ({}).",
            model.demands[s.demand].name,
            month(s.first),
            at_worst(s),
            month(s.worst)
        )
    };
    let mut text = format!("Even if everyone shares, {}", clause(first));
    for shortage in rest {
        text.push_str(&format!(" Of the civil needs, {}", clause(shortage)));
    }
    match shortages.len() - named.len() {
        0 => {}
        1 => text.push_str(" One other need runs short too."),
        n => text.push_str(&format!(" {n} other needs run short too.")),
    }
    text
}

fn at_worst(s: &Shortage) -> String {
    format!("{} {}", percent(s.worst_share), if s.late { "is delivered in time" } else { "of demand is met" })
}

/// The parts of the headline that carry the answer.
pub fn emphasis(model: &Model, outcome: &Outcome) -> Vec<String> {
    named(model, &shortages(model, outcome)).into_iter().map(at_worst).collect()
}

/// "$12.3 bn", "12.3 m EUR"; an amount too small to count keeps its digits.
pub fn money(amount: f64, currency: &str) -> String {
    let text = match amount.abs() {
        a if a >= 999.5e6 => format!("{} bn", three_digits(amount / 1e9)),
        a if a >= 999.5e3 => format!("{} m", three_digits(amount / 1e6)),
        // Less than can be shown is 0, without a sign.
        a if a < 0.5 => "0".to_string(),
        _ => format!("{amount:.0}"),
    };
    if currency == "USD" { format!("${text}") } else { format!("{text} {currency}") }
}

fn three_digits(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// "March 2027".
pub fn month(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// "41%"; small shares keep a digit, so that little is not shown as nothing.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 9.95 || percent > 99.0 && percent < 100.0 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.0}%")
    }
}

/// "3.5 weeks".
pub fn duration(days: f64) -> String {
    match days {
        d if d < 13.5 => format!("{d:.0} days"),
        d if d < 90.0 => format!("{:.1} weeks", d / 7.0),
        d => format!("{:.1} months", d * 12.0 / 365.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.004), "0.4%");
        assert_eq!(percent(0.412), "41%");
        assert_eq!(percent(0.996), "99.6%");
        assert_eq!(percent(1.0), "100%");
    }

    #[test]
    fn money_keeps_three_digits() {
        assert_eq!(money(1.234e10, "USD"), "$12.3 bn");
        assert_eq!(money(999.6e6, "USD"), "$1.00 bn");
        assert_eq!(money(12.34e6, "EUR"), "12.3 m EUR");
        assert_eq!(money(950.0, "USD"), "$950");
        assert_eq!(money(-0.2, "USD"), "$0");
    }

    #[test]
    fn durations_take_the_unit_that_reads_best() {
        assert_eq!(duration(3.0), "3 days");
        assert_eq!(duration(21.0), "3.0 weeks");
        assert_eq!(duration(365.0), "12.0 months");
    }
}

//! What an ensemble says: how likely a shortage is by when, what it costs, what it hangs on, under which conditions it
//! comes.
//!
//! Distributions are those of the samples drawn independently: all of a plain design, and those of A and B where indices
//! are asked for. The last two steps are not read, as nowhere in results.

pub mod read;
mod words;

use coercivity_model::Date;
use serde::Serialize;

use super::Ensemble;
use crate::results::headline::read_steps;
use crate::statistics::Estimate;
use crate::statistics::indices::{Indices, indices};
use crate::statistics::prim::{Region, regions};
use crate::statistics::probability::share;
use crate::statistics::quantile::quantiles;
use crate::statistics::tail::cvar;
use read::{BySteps, OfDemand, Samples};

/// Shares of samples that quantiles are given for.
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// What is asked of an ensemble.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// `None` = all of them together.
    pub demand: Option<usize>,
    /// Short before this day; `None` = at any time.
    pub by: Option<Date>,
    /// Of all intervals.
    pub confidence: f64,
    /// CVaR is the mean over the worst `1 - alpha`.
    pub alpha: f64,
}

/// A figure and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Known {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl From<Estimate> for Known {
    fn from(estimate: Estimate) -> Known {
        let [low, high] = estimate.interval.map_or([None, None], |ends| ends.map(Some));
        Known { value: estimate.value, low, high }
    }
}

/// The answers.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Samples that count: drawn independently, with an optimum.
    pub samples: usize,
    /// Values that contradict each other, so that there is no model.
    pub no_model: usize,
    /// The solver stopped.
    pub stopped: usize,
    pub why: Option<String>,
    pub confidence: f64,
    pub alpha: f64,
    /// Of the demand that is asked for.
    pub demand: Option<String>,
    pub demand_name: Option<String>,
    pub by: Option<Date>,
    /// How likely it is short before `by`.
    pub short: Known,
    /// How likely it is short in one of the steps up to each: (last day of the step + 1, probability).
    pub by_date: Vec<(Date, Known)>,
    /// Quantiles of the value unmet, discounted, in currency, at [`QUANTILES`], and its mean and CVaR.
    pub quantiles: Vec<(f64, Known)>,
    pub mean: f64,
    pub cvar: Known,
    /// Of the demand that is asked for: quantiles of the units unmet, by step.
    pub fan: Option<Vec<(Date, Vec<f64>)>>,
    /// The demands that are short in some sample, the likeliest first.
    pub demands: Vec<DemandAtRisk>,
    /// What the value unmet hangs on, the input that matters most first.
    pub unknowns: Unknowns,
    /// Conditions under which it is short before `by`.
    pub conditions: Conditions,
}

/// A demand that may run short.
#[derive(Clone, Debug, Serialize)]
pub struct DemandAtRisk {
    pub id: String,
    pub name: String,
    /// Before the day that is asked for.
    pub short: Known,
    /// Of the value unmet, discounted, in currency.
    pub mean: f64,
    pub cvar: f64,
    /// The day by which it is short in half of the samples in which it is short at all.
    pub median_day: Date,
}

/// How much of what is not known about the value unmet each input accounts for.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Unknowns {
    /// Sobol indices.
    Indices { rows: usize, inputs: Vec<Weight> },
    /// Rank correlations (Spearman), where the spec asks for no indices.
    Correlations { inputs: Vec<Correlation> },
    /// It does not vary.
    Constant,
    /// Too few samples.
    Unknown { why: String },
}

/// Of the variance of the value unmet.
#[derive(Clone, Debug, Serialize)]
pub struct Weight {
    pub id: String,
    pub name: String,
    /// What goes if the input alone becomes known.
    pub first: Known,
    /// What stays if all but the input become known.
    pub total: Known,
}

#[derive(Clone, Debug, Serialize)]
pub struct Correlation {
    /// Of the variable: the input's id, with the figure's name where it has several.
    pub id: String,
    pub name: String,
    pub correlation: f64,
}

/// Conditions that go with being short.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Conditions {
    Found { boxes: Vec<Condition> },
    None { why: String },
}

/// Limits that hold together, in words.
#[derive(Clone, Debug, Serialize)]
pub struct Condition {
    pub words: String,
    /// Share of the samples inside that are short.
    pub density: f64,
    /// Share of all short samples that lie inside.
    pub coverage: f64,
    /// Share of all samples that lie inside.
    pub mass: f64,
    pub samples: usize,
}

/// Answers a question. `demands` are in the order of the model, `steps` is of the demand that is asked for.
pub fn summarize(
    ensemble: &Ensemble,
    samples: &Samples,
    demands: &[OfDemand],
    steps: Option<&BySteps>,
    question: Question,
) -> Summary {
    let Question { demand, by, confidence, alpha } = question;
    let seed = ensemble.spec.seed;
    let independent: Vec<usize> =
        (0..samples.sample.len()).filter(|n| samples.role[*n] == "a" || samples.role[*n] == "b").collect();
    let calendar = &ensemble.model.calendar;
    let end = calendar.first_day(read_steps(&ensemble.model));
    let until = by.map_or(end, |by| by.min(end));
    let value = |n: usize| demand.map_or(samples.unmet_value[n], |d| demands[d].unmet_value[n]);
    let first = |n: usize| demand.map_or(samples.first_short[n], |d| demands[d].first_short[n]);
    let values: Vec<f64> = independent.iter().map(|n| value(*n)).collect();
    let probability = |short: &dyn Fn(usize) -> bool| -> Known {
        let happened = independent.iter().filter(|n| short(**n)).count();
        share(happened, independent.len(), confidence).map_or(UNKNOWN, Known::from)
    };
    let before = |day: Option<Date>, until: Date| day.is_some_and(|day| day < until);
    let days = (0..read_steps(&ensemble.model)).map(|step| calendar.first_day(step + 1));
    let by_date = days.map(|day| (day, probability(&|n| before(first(n), day)))).collect();
    let quantile_list = quantiles(&values, &QUANTILES, confidence).unwrap_or_default();
    let fan = steps.map(|steps| {
        let of_step = |(step, units): (usize, &Vec<f64>)| {
            let units: Vec<f64> = independent.iter().map(|n| units[*n]).collect();
            let list = quantiles(&units, &QUANTILES, confidence).unwrap_or_default();
            (calendar.first_day(step), list.iter().map(|estimate| estimate.value).collect())
        };
        steps.iter().enumerate().take(read_steps(&ensemble.model)).map(of_step).collect()
    });
    let fails: Vec<bool> = independent.iter().map(|n| before(first(*n), until)).collect();
    let at_risk = |(d, of): (usize, &OfDemand)| {
        let mut days: Vec<Date> =
            independent.iter().filter_map(|n| of.first_short[*n]).filter(|day| *day < until).collect();
        days.sort_unstable();
        let median_day = *days.get(days.len().checked_sub(1)? / 2)?;
        let values: Vec<f64> = independent.iter().map(|n| of.unmet_value[*n]).collect();
        let tail = cvar(&values, alpha, confidence, seed)?;
        Some(DemandAtRisk {
            id: ensemble.model.demands[d].id.clone(),
            name: ensemble.model.demands[d].name.clone(),
            short: probability(&|n| before(of.first_short[n], until)),
            mean: mean(&values),
            cvar: tail.value,
            median_day,
        })
    };
    let mut list: Vec<DemandAtRisk> = demands.iter().enumerate().filter_map(at_risk).collect();
    list.sort_by(|a, b| b.short.value.total_cmp(&a.short.value).then(b.mean.total_cmp(&a.mean)));
    Summary {
        samples: independent.len(),
        no_model: samples.no_model,
        stopped: samples.stopped,
        why: samples.why.clone(),
        confidence,
        alpha,
        demand: demand.map(|d| ensemble.model.demands[d].id.clone()),
        demand_name: demand.map(|d| ensemble.model.demands[d].name.clone()),
        by,
        short: probability(&|n| before(first(n), until)),
        by_date,
        quantiles: QUANTILES.into_iter().zip(quantile_list.into_iter().map(Known::from)).collect(),
        mean: mean(&values),
        cvar: cvar(&values, alpha, confidence, seed).map_or(UNKNOWN, Known::from),
        fan,
        demands: list,
        unknowns: unknowns(ensemble, samples, &value, &independent, question),
        conditions: conditions(ensemble, samples, &independent, &fails),
    }
}

/// Of no samples.
const UNKNOWN: Known = Known { value: f64::NAN, low: None, high: None };

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn unknowns(
    ensemble: &Ensemble,
    samples: &Samples,
    value: &dyn Fn(usize) -> f64,
    independent: &[usize],
    question: Question,
) -> Unknowns {
    if !ensemble.spec.indices {
        return correlations(ensemble, samples, value, independent);
    }
    // Whole rows of the design only: A, B and each input drawn anew.
    let inputs = &ensemble.inputs;
    let mut rows: Vec<Vec<Option<f64>>> = vec![vec![None; inputs.len() + 2]; ensemble.spec.samples];
    for (n, (point, role)) in samples.point.iter().zip(&samples.role).enumerate() {
        let at = match role.as_str() {
            "a" => 0,
            "b" => 1,
            id => 2 + inputs.iter().position(|input| input.id == id).expect("an input of the spec"),
        };
        rows[*point][at] = Some(value(n));
    }
    let whole: Vec<Vec<f64>> = rows.into_iter().filter_map(|row| row.into_iter().collect()).collect();
    if whole.len() < 2 {
        return Unknowns::Unknown { why: "fewer than two points have all their runs".to_string() };
    }
    let of = |at: usize| -> Vec<f64> { whole.iter().map(|row| row[at]).collect() };
    let redrawn: Vec<Vec<f64>> = (0..inputs.len()).map(|i| of(2 + i)).collect();
    let redrawn: Vec<&[f64]> = redrawn.iter().map(Vec::as_slice).collect();
    match indices(&of(0), &of(1), &redrawn, question.confidence, ensemble.spec.seed) {
        Indices::Constant => Unknowns::Constant,
        Indices::Of(list) => {
            let weight = |(input, index): (&super::input::Input, &crate::statistics::indices::Index)| Weight {
                id: input.id.clone(),
                name: input.name.clone(),
                first: index.first.into(),
                total: index.total.into(),
            };
            let mut inputs: Vec<Weight> = inputs.iter().zip(&list).map(weight).collect();
            inputs.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
            Unknowns::Indices { rows: whole.len(), inputs }
        }
    }
}

fn correlations(
    ensemble: &Ensemble,
    samples: &Samples,
    value: &dyn Fn(usize) -> f64,
    independent: &[usize],
) -> Unknowns {
    if independent.len() < 3 {
        return Unknowns::Unknown { why: "there are fewer than three samples".to_string() };
    }
    let outcome = ranks(&independent.iter().map(|n| value(*n)).collect::<Vec<_>>());
    if outcome.windows(2).all(|pair| pair[0] == pair[1]) {
        return Unknowns::Constant;
    }
    let correlation = |(v, variable): (usize, &super::input::Variable)| {
        let ranks = ranks(&independent.iter().map(|n| samples.values[v][*n]).collect::<Vec<_>>());
        let name = words::name(ensemble, v);
        Correlation { id: variable.name.clone(), name, correlation: correlated(&ranks, &outcome) }
    };
    let mut inputs: Vec<Correlation> = ensemble.variables.iter().enumerate().map(correlation).collect();
    inputs.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    Unknowns::Correlations { inputs }
}

/// Ranks, equal values sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let first = order.partition_point(|at| values[*at].total_cmp(&values[tied[0]]).is_lt());
        tied.iter().for_each(|at| ranks[*at] = first as f64 + (tied.len() - 1) as f64 / 2.0);
    }
    ranks
}

/// The correlation of Bravais and Pearson; 0 where one does not vary.
fn correlated(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        ab += (a - mean_a) * (b - mean_b);
        aa += (a - mean_a).powi(2);
        bb += (b - mean_b).powi(2);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

fn conditions(ensemble: &Ensemble, samples: &Samples, independent: &[usize], fails: &[bool]) -> Conditions {
    let values: Vec<Vec<f64>> =
        samples.values.iter().map(|values| independent.iter().map(|n| values[*n]).collect()).collect();
    let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    let condition = |region: &Region| Condition {
        words: words::conditions(ensemble, region),
        density: region.density,
        coverage: region.coverage,
        mass: region.mass,
        samples: region.points,
    };
    match regions(&values, fails) {
        Ok(list) => Conditions::Found { boxes: list.iter().map(condition).collect() },
        Err(why) => Conditions::None { why: why.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_what_is_tied() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
    }

    #[test]
    fn a_correlation_of_ranks_is_that_of_the_textbook() {
        // Spearman, no ties: 1 - 6 x sum of squared differences / (n (n^2 - 1)); here 1 - 6 x 6 / 60.
        let (a, b) = (ranks(&[1.0, 2.0, 3.0, 4.0]), ranks(&[20.0, 10.0, 40.0, 30.0]));
        assert!((correlated(&a, &b) - 0.6).abs() < 1e-12);
        assert_eq!(correlated(&[1.0, 1.0], &[0.0, 2.0]), 0.0);
    }
}

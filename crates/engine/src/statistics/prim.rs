//! Scenario discovery: the few conditions under which most of the failures lie.
//!
//! The patient rule induction method, PRIM (Friedman & Fisher 1999, *Bump hunting in high-dimensional data*), as used
//! for scenarios by Bryant & Lempert (2010, *Thinking inside the box*). A region is a box: limits on some inputs. From
//! all samples, a slice of 5 % at one end of one input is peeled off again and again, the one without which the share
//! of failures rises most for a sample peeled. The best box on the way is taken, its limits are moved to where they are
//! best (pasting, inwards too), and those that chance explains are left out. What lies in it is put aside, and the next
//! region is looked for in the rest, as long as failures are more frequent in it than in all samples.
//!
//! What the method leaves open is settled like this:
//!
//! - Slices are of several sizes, since samples of one value stay together: an input with few levels is peeled level by
//!   level. So rises are compared for a sample peeled, the lenient goal of Kwakkel & Jaxa-Rozen (2016), which is the
//!   usual one where sizes are equal.
//! - The best box is the one with most failures beyond those that as many samples hold at the base rate: the weighted
//!   relative accuracy of subgroup discovery (Lavrač, Flach & Zupan 1999). It is better without a slice that fails less
//!   than the base rate, and worse without any other.
//! - An input is peeled only where a limit on it stands out from chance within the box, with all inputs that were tried
//!   taken into account: there may be more inputs than samples.

use std::collections::BTreeMap;

use statrs::distribution::{Binomial, DiscreteCDF};

/// Share of the samples of a box that is peeled at a time.
const SLICE: f64 = 0.05;

/// Least share of all samples in a region.
const LEAST_MASS: f64 = 0.05;

/// Most regions.
const MOST_REGIONS: usize = 3;

/// A limit is left out if chance explains it with a probability above this, shared out among all limits that there
/// might be (Bonferroni): of a thousand inputs without effect some seem to have one.
const SIGNIFICANCE: f64 = 0.05;

/// Which end of an input a limit cuts off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Values are at least the limit.
    AtLeast,
    /// Values are at most the limit.
    AtMost,
}

/// One condition of a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Position among the inputs.
    pub input: usize,
    pub side: Side,
    /// In the input's own units; a value that a sample has. The limit itself lies inside.
    pub at: f64,
    /// Quasi-p-value: the probability of as many failures in the region, were they as frequent as in the region without
    /// this limit (Bryant & Lempert 2010). Not a p-value, since the limit was chosen with the failures in view.
    pub quasi_p: f64,
}

/// Conditions that hold together, and how well they tell failures. Samples of earlier regions are left out, so that
/// points and coverage add up.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// By input, then side.
    pub limits: Vec<Limit>,
    /// Samples inside.
    pub points: usize,
    /// Failures among them.
    pub failures: usize,
    /// Share of all failures that lie inside.
    pub coverage: f64,
    /// Share of failures among the samples inside.
    pub density: f64,
    /// Share of all samples that lie inside.
    pub mass: f64,
}

/// Why there is no region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRegion {
    /// No sample fails.
    NothingFails,
    /// Every sample fails.
    AllFails,
    /// No input has two values.
    NothingVaries,
    /// Failures lie about as chance would have them, or are too few to tell.
    NothingStandsOut,
}

impl std::fmt::Display for NoRegion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NoRegion::NothingFails => "no sample fails",
            NoRegion::AllFails => "every sample fails",
            NoRegion::NothingVaries => "no input varies",
            NoRegion::NothingStandsOut => "no input tells failures from chance",
        })
    }
}

/// Regions in which the samples fail that fail, the best one first; at most three. Each of the inputs has a value per
/// sample, NaN where the sample has none: such a sample lies outside of any limit on that input, and no region is made
/// of those that have none.
///
/// ```
/// use coercivity_engine::statistics::prim::{Side, regions};
/// // A lead time of 1 to 40 weeks; supply falls short from 31 on.
/// let weeks: Vec<f64> = (1..=40).map(f64::from).collect();
/// let short: Vec<bool> = weeks.iter().map(|weeks| *weeks >= 31.0).collect();
/// let found = regions(&[&weeks], &short).unwrap();
/// assert_eq!((found[0].limits[0].side, found[0].limits[0].at), (Side::AtLeast, 31.0));
/// assert_eq!((found[0].coverage, found[0].density, found[0].mass), (1.0, 1.0, 0.25));
/// ```
///
/// # Panics
///
/// If an input has not as many values as there are samples.
pub fn regions(inputs: &[&[f64]], fails: &[bool]) -> Result<Vec<Region>, NoRegion> {
    assert!(inputs.iter().all(|values| values.len() == fails.len()), "inputs of several sizes");
    let all = Count { points: fails.len(), failures: fails.iter().filter(|fails| **fails).count() };
    if all.failures == 0 {
        return Err(NoRegion::NothingFails);
    }
    if all.failures == all.points {
        return Err(NoRegion::AllFails);
    }
    let search = Search::new(inputs, fails);
    if search.order.is_empty() {
        return Err(NoRegion::NothingVaries);
    }
    let mut left = vec![true; fails.len()];
    let mut found = Vec::new();
    while found.len() < MOST_REGIONS
        && let Some(region) = search.region(&left, all)
    {
        let inside = search.inside(&bounds(&region.limits), &left);
        left.iter_mut().zip(inside).for_each(|(left, inside)| *left &= !inside);
        found.push(region);
    }
    if found.is_empty() { Err(NoRegion::NothingStandsOut) } else { Ok(found) }
}

/// A box: the limits there are, closed.
type Limits = BTreeMap<(usize, Side), f64>;

fn bounds(limits: &[Limit]) -> Limits {
    limits.iter().map(|limit| ((limit.input, limit.side), limit.at)).collect()
}

/// Samples, and failures among them.
#[derive(Clone, Copy)]
struct Count {
    points: usize,
    failures: usize,
}

impl Count {
    const NONE: Count = Count { points: 0, failures: 0 };

    fn density(self) -> f64 {
        self.failures as f64 / self.points as f64
    }

    /// Failures beyond those that as many samples hold at a base rate.
    fn excess(self, base: Count) -> f64 {
        self.failures as f64 - self.points as f64 * base.density()
    }

    /// The probability of as many failures or more among as many samples at a base rate.
    fn chance(self, base: Count) -> f64 {
        let failures = Binomial::new(base.density(), self.points as u64).expect("a density lies between 0 and 1");
        self.failures.checked_sub(1).map_or(1.0, |fewer| failures.sf(fewer as u64))
    }
}

struct Search<'a> {
    inputs: &'a [&'a [f64]],
    fails: &'a [bool],
    /// Of each input that varies, the samples that have a value, in its order.
    order: Vec<(usize, Vec<usize>)>,
    least_points: usize,
    /// Probability above which chance explains a limit.
    significant: f64,
}

impl<'a> Search<'a> {
    fn new(inputs: &'a [&'a [f64]], fails: &'a [bool]) -> Search<'a> {
        let mut order = Vec::new();
        for (input, values) in inputs.iter().enumerate() {
            let mut samples: Vec<usize> = (0..fails.len()).filter(|s| !values[*s].is_nan()).collect();
            samples.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
            if samples.first().map(|s| values[*s]) != samples.last().map(|s| values[*s]) {
                order.push((input, samples));
            }
        }
        let least_points = (LEAST_MASS * fails.len() as f64).ceil() as usize;
        let significant = SIGNIFICANCE / (2 * order.len()) as f64;
        Search { inputs, fails, order, least_points, significant }
    }

    /// The best region among the samples that are left; `None` if none stands out.
    fn region(&self, left: &[bool], all: Count) -> Option<Region> {
        let kept = self.settle(self.peel(left), left);
        let limits = bounds(&kept);
        let inside = self.count(&self.inside(&limits, left));
        // Where failures are rarer than in all samples, they are what earlier regions left over.
        (!limits.is_empty() && inside.density() > all.density()).then(|| Region {
            limits: kept,
            points: inside.points,
            failures: inside.failures,
            coverage: inside.failures as f64 / all.failures as f64,
            density: inside.density(),
            mass: inside.points as f64 / all.points as f64,
        })
    }

    /// The best box on the way of peeling.
    fn peel(&self, left: &[bool]) -> Limits {
        let base = self.count(left);
        let (mut limits, mut inside, mut count) = (Limits::new(), left.to_vec(), base);
        let (mut best, mut best_excess) = (Limits::new(), 0.0);
        while count.failures < count.points {
            let mut most: Option<(f64, (usize, Side), f64)> = None;
            for (input, order) in &self.order {
                for side in [Side::AtLeast, Side::AtMost] {
                    let samples = from(order, side, |s| inside[s]);
                    let Some((at, after)) = self.slice(*input, &samples, count) else { continue };
                    if after.points < self.least_points || !self.stands_out(*input, &samples, count) {
                        continue;
                    }
                    let gain = (after.density() - count.density()) / (count.points - after.points) as f64;
                    if most.is_none_or(|(most, _, _)| gain > most) {
                        most = Some((gain, (*input, side), at));
                    }
                }
            }
            let Some((_, end, at)) = most else { break };
            limits.insert(end, at);
            inside = self.inside(&limits, left);
            count = self.count(&inside);
            if count.excess(base) > best_excess {
                (best, best_excess) = (limits.clone(), count.excess(base));
            }
        }
        best
    }

    /// The limit that a slice at one end of an input leaves, and what lies inside then: a slice of whole values, about
    /// 5 % of the samples, or the outermost value if more have that one. `samples` has those inside, from that end.
    /// `None` if they have one value.
    fn slice(&self, input: usize, samples: &[usize], count: Count) -> Option<(f64, Count)> {
        let value = |sample: usize| self.inputs[input][sample];
        let slice = ((SLICE * count.points as f64) as usize).max(1);
        let outermost = value(*samples.first()?);
        // Samples of the value at the end of the slice stay inside; only where that is the outermost one do they go.
        let at = samples.iter().skip(slice).map(|s| value(*s)).find(|v| *v != outermost)?;
        let kept = samples.iter().skip_while(|s| value(**s) != at);
        Some((at, kept.fold(Count::NONE, |count, s| self.with(count, *s))))
    }

    /// Whether some limit at one end of an input, the best one, is not explained by chance in a box. Without this, of
    /// thousands of inputs without effect some always have a slice without failures, and many of those together tell
    /// all failures apart.
    fn stands_out(&self, input: usize, samples: &[usize], count: Count) -> bool {
        self.best_limit(input, samples, count).is_some_and(|(_, kept)| kept.chance(count) <= self.significant)
    }

    /// The limit at one end of an input that leaves the greatest excess, and what it leaves of `samples`, which start
    /// at that end; `None` if none leaves any.
    fn best_limit(&self, input: usize, samples: &[usize], base: Count) -> Option<(f64, Count)> {
        let value = |sample: usize| self.inputs[input][sample];
        let (mut kept, mut best, mut most) = (Count::NONE, None, 0.0);
        for same in samples.chunk_by(|a, b| value(*a) == value(*b)).rev() {
            kept = same.iter().fold(kept, |count, s| self.with(count, *s));
            if kept.points >= self.least_points && kept.excess(base) > most {
                (best, most) = (Some((value(same[0]), kept)), kept.excess(base));
            }
        }
        best
    }

    /// Puts limits where the excess is greatest, further out, further in, or nowhere: each time the one that adds most,
    /// while one adds to it. Slices were peeled whole; this finds where in the last one the failures begin.
    fn paste(&self, limits: &mut Limits, left: &[bool]) {
        let base = self.count(left);
        let mut excess = self.count(&self.inside(limits, left)).excess(base);
        loop {
            let moved = limits.keys().map(|end| self.moved(limits, *end, left, base));
            match moved.max_by(|a, b| a.1.total_cmp(&b.1)) {
                Some((better, more)) if more > excess => (*limits, excess) = (better, more),
                _ => return,
            }
        }
    }

    /// The box with one limit where it is best, and its excess.
    fn moved(&self, limits: &Limits, end: (usize, Side), left: &[bool], base: Count) -> (Limits, f64) {
        let (input, side) = end;
        let mut moved = limits.clone();
        moved.remove(&end);
        let open = self.inside(&moved, left);
        let lifted = self.count(&open).excess(base);
        let order = self.order.iter().find(|(i, _)| *i == input).map(|(_, order)| order).expect("its input varies");
        match self.best_limit(input, &from(order, side, |s| open[s]), base) {
            Some((at, kept)) if kept.excess(base) > lifted => {
                moved.insert(end, at);
                (moved, kept.excess(base))
            }
            _ => (moved, lifted),
        }
    }

    /// Pastes, and leaves out the limit that chance explains best, until chance explains none.
    fn settle(&self, mut limits: Limits, left: &[bool]) -> Vec<Limit> {
        loop {
            self.paste(&mut limits, left);
            let limit = |(&end, &at): (&(usize, Side), &f64)| {
                let (input, side) = end;
                Limit { input, side, at, quasi_p: self.quasi_p(&limits, end, left) }
            };
            let list: Vec<Limit> = limits.iter().map(limit).collect();
            match list.iter().max_by(|a, b| a.quasi_p.total_cmp(&b.quasi_p)) {
                Some(worst) if worst.quasi_p > self.significant => limits.remove(&(worst.input, worst.side)),
                _ => return list,
            };
        }
    }

    fn quasi_p(&self, limits: &Limits, end: (usize, Side), left: &[bool]) -> f64 {
        let mut without = limits.clone();
        without.remove(&end);
        let [inside, without] = [limits, &without].map(|limits| self.count(&self.inside(limits, left)));
        inside.chance(without)
    }

    /// Which of the samples that are left lie inside.
    fn inside(&self, limits: &Limits, left: &[bool]) -> Vec<bool> {
        let holds = |sample: usize, (&(input, side), &at): (&(usize, Side), &f64)| {
            let value = self.inputs[input][sample];
            match side {
                Side::AtLeast => value >= at,
                Side::AtMost => value <= at,
            }
        };
        (0..left.len()).map(|s| left[s] && limits.iter().all(|limit| holds(s, limit))).collect()
    }

    fn count(&self, inside: &[bool]) -> Count {
        let samples = (0..inside.len()).filter(|s| inside[*s]);
        samples.fold(Count::NONE, |count, s| self.with(count, s))
    }

    fn with(&self, count: Count, sample: usize) -> Count {
        Count { points: count.points + 1, failures: count.failures + usize::from(self.fails[sample]) }
    }
}

/// Some samples of an order, from the end that a side cuts off.
fn from(order: &[usize], side: Side, which: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut samples: Vec<usize> = order.iter().copied().filter(|s| which(*s)).collect();
    if side == Side::AtMost {
        samples.reverse();
    }
    samples
}

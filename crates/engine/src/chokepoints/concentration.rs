//! Who makes how much of what: shares, their concentration, and what is left without the largest maker.
//!
//! Products are counted in their own units, stages at the model's prices. Output is that of a run in a window
//! of steps. A by-product that begins anew in the chain (scrap of magnet makers) is output of its product,
//! and of no stage: where it falls is settled by the stage that it falls at.

use std::collections::BTreeMap;
use std::ops::Range;

use coercivity_model::Model;
use coercivity_model::model::Demand;

use crate::program::Column;
use crate::results::carried_out;
use crate::run::Outcome;
use crate::trace::Chain;

/// What a concentration is of: a position in `Chain::stages`, or a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    Stage(usize),
    Product(usize),
}

/// Output of a stage or product in a window, and how it is spread.
#[derive(Clone, Debug)]
pub struct Concentration {
    pub of: Of,
    /// Units of a product; currency, at the model's prices, of a stage.
    pub output: f64,
    /// What is used, in the same: by processes as in the run, by needs as much as they need (see [`Books::used`]).
    pub used: f64,
    /// (region, share of output), the largest first.
    pub countries: Vec<(usize, f64)>,
    /// (owner, share of output) of owners that are one firm, the largest first.
    pub owners: Vec<(String, f64)>,
    /// Share of output whose owner is not known, or several firms.
    pub unknown_owner: f64,
    /// Herfindahl-Hirschman index by country: sum of the squares of shares, 0..1.
    pub hhi: f64,
    /// The same by owner: if each site of unknown owner were a firm of its own, and if they all were one.
    pub hhi_by_owner: (f64, f64),
    /// Output without that of the largest country over use. At a stage a surplus of one product makes up for
    /// no lack of another: each counts at most its use. `None` where nothing is used.
    pub n1: Option<f64>,
    /// The same, if what goes into it is left without its largest countries too: see [`carried`]. At a stage,
    /// the mean over its products, each at most 1, weighted by their use at the model's prices.
    pub n1_carried: Option<f64>,
}

/// Sum of the squares of shares: 1 for one maker, 1/n for n equal ones.
///
/// ```
/// # use coercivity_engine::chokepoints::concentration::hhi;
/// assert!((hhi([0.5, 0.3, 0.2]) - 0.38).abs() < 1e-12);
/// ```
pub fn hhi(shares: impl IntoIterator<Item = f64>) -> f64 {
    total(shares.into_iter().map(|share| share * share))
}

/// The owner of a site if it is one firm. An owner without a capital letter ("not public", "small miners")
/// names no firm, a list of names several, and which of them makes how much is not known.
pub fn firm(owner: &str) -> Option<&str> {
    let several = [",", ";", " and ", " others"].iter().any(|sign| owner.contains(sign));
    (owner.chars().any(char::is_uppercase) && !several).then_some(owner)
}

/// What was made, used and sent in a window of a run. Units.
pub struct Books {
    /// By (product, process, site).
    made: BTreeMap<(usize, usize, usize), f64>,
    /// By (region, product).
    used: BTreeMap<(usize, usize), f64>,
    /// By lane.
    pub sent: BTreeMap<usize, f64>,
}

impl Books {
    pub fn new(model: &Model, outcome: &Outcome, window: &Range<usize>) -> Books {
        let mut books = Books { made: BTreeMap::new(), used: BTreeMap::new(), sent: BTreeMap::new() };
        for (_, _, column, value) in carried_out(outcome) {
            if value == 0.0 || !column.step().is_some_and(|step| window.contains(&step)) {
                continue;
            }
            match column {
                Column::Activity { run, .. } => {
                    let run = &outcome.space.runs[run];
                    for (product, _, amount) in &run.outputs {
                        *books.made.entry((*product, run.process, run.site)).or_default() += value * amount;
                    }
                    let region = model.sites[run.site].region;
                    for (product, amount) in &model.processes[run.process].inputs {
                        *books.used.entry((region, *product)).or_default() += value * amount;
                    }
                }
                Column::Flow { crossing, .. } => {
                    *books.sent.entry(outcome.space.crossings[crossing].lane).or_default() += value;
                }
                Column::Met { demand, option, .. } => books.consume(&model.demands[demand], option, value),
                Column::Unmet { demand, .. } => books.consume_base(&model.demands[demand], value),
                // What is caught up was needed before.
                Column::CatchUp { demand, .. } => books.consume_base(&model.demands[demand], -value),
                _ => {}
            }
        }
        books
    }

    fn consume(&mut self, demand: &Demand, option: usize, units: f64) {
        for (product, amount) in &demand.options[option].uses {
            *self.used.entry((demand.region, *product)).or_default() += units * amount;
        }
    }

    /// Units served as usual: by the option `base`, else the first.
    fn consume_base(&mut self, demand: &Demand, units: f64) {
        if !demand.options.is_empty() {
            let base = demand.options.iter().position(|option| option.id == "base").unwrap_or(0);
            self.consume(demand, base, units);
        }
    }

    /// Use of a product in a region: inputs of processes as in the run, what needs consume, and what unmet units of
    /// them would consume of their usual option.
    pub fn used_in(&self, region: usize, product: usize) -> f64 {
        self.used.get(&(region, product)).copied().unwrap_or(0.0).max(0.0)
    }

    /// Use of a product everywhere.
    pub fn used(&self, model: &Model, product: usize) -> f64 {
        total((0..model.regions.len()).map(|region| self.used_in(region, product)))
    }

    /// What a site gives to a stage, at the model's prices; by-products that begin anew left out.
    pub fn worth_of_site(&self, model: &Model, chain: &Chain, site: usize, stage: usize) -> f64 {
        Makers::of_stage(model, chain, self, stage).sites.get(&site).copied().unwrap_or(0.0)
    }

    /// (process, site, units) of a product.
    fn made(&self, product: usize) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        self.made.range((product, 0, 0)..(product + 1, 0, 0)).map(|((_, q, s), units)| (*q, *s, *units))
    }
}

/// A recipe that makes a product, against the use of that product.
#[derive(Clone, Debug, Default)]
pub struct Recipe {
    /// What is made by it, over use.
    pub all: f64,
    /// What is made by it outside the product's largest country, over use.
    pub elsewhere: f64,
    /// Products that go into it.
    pub inputs: Vec<usize>,
}

/// N-1 carried down the chain: for each product, what is made elsewhere over use, if what goes into it is
/// made without its largest countries as well. `None` stands for a product that nothing uses.
///
/// A recipe gives what is made by it outside the largest country, and at most all that is made by it anywhere
/// times the least carried figure of its inputs: input that the largest country would have used goes to the
/// others. Recipes add up. Of a product with one recipe that is made as much as it is used, it is therefore the
/// least of its own N-1 and those of its inputs. Where recipes go in a circle it is the greatest figure that
/// agrees with all of them: begun from each product's own N-1 and brought down until nothing changes, so that
/// a loop lives on what it has where nothing from outside limits it.
pub fn carried(recipes: &[Option<Vec<Recipe>>]) -> Vec<Option<f64>> {
    let own = |list: &Vec<Recipe>| total(list.iter().map(|recipe| recipe.elsewhere));
    let mut found: Vec<Option<f64>> = recipes.iter().map(|list| list.as_ref().map(own)).collect();
    for _ in 0..ROUNDS {
        let supplied = |recipe: &Recipe| {
            let inputs = recipe.inputs.iter().filter_map(|input| found[*input]);
            inputs.reduce(f64::min).map_or(recipe.elsewhere, |least| recipe.elsewhere.min(recipe.all * least))
        };
        let next: Vec<Option<f64>> =
            recipes.iter().map(|list| list.as_ref().map(|list| total(list.iter().map(supplied)))).collect();
        let change = |(a, b): (&Option<f64>, &Option<f64>)| (a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs();
        let largest = found.iter().zip(&next).map(change).fold(0.0, f64::max);
        found = next;
        if largest < SETTLED {
            break;
        }
    }
    found
}

/// A loop comes down by a factor a round; where it is near 1, what is left after so many rounds is small.
const ROUNDS: usize = 10_000;
const SETTLED: f64 = 1e-12;

/// The concentration of each stage, down the chain, and then of each product, that has any output in the window.
pub fn concentration(model: &Model, chain: &Chain, books: &Books) -> Vec<Concentration> {
    let of_product: Vec<Makers> = (0..model.products.len()).map(|p| Makers::of_product(model, books, p)).collect();
    let used: Vec<f64> = (0..model.products.len()).map(|p| books.used(model, p)).collect();
    let recipes: Vec<Option<Vec<Recipe>>> =
        (0..used.len()).map(|p| (used[p] > 0.0).then(|| of_product[p].recipes(model, books, p, used[p]))).collect();
    let carried = carried(&recipes);
    let mut list = Vec::new();
    let mut order: Vec<usize> = (0..chain.stages.len()).collect();
    order.sort_by_key(|stage| (chain.column[*stage].unwrap_or(usize::MAX), *stage));
    for stage in order {
        let makers = Makers::of_stage(model, chain, books, stage);
        let Some(largest) = makers.largest() else { continue };
        let products: Vec<usize> = (0..used.len()).filter(|p| chain.stage_of[*p] == stage && used[*p] > 0.0).collect();
        let worth = |units: &dyn Fn(usize) -> f64| total(products.iter().map(|p| model.products[*p].price * units(*p)));
        let whole = worth(&|p| used[p]);
        let share = |part: f64| (whole > 0.0).then(|| part / whole);
        let n1 = share(worth(&|p| of_product[p].without(largest).min(used[p])));
        let n1_carried = share(worth(&|p| carried[p].unwrap_or(0.0).min(1.0) * used[p]));
        list.push(makers.concentration(model, Of::Stage(stage), whole, n1, n1_carried));
    }
    for (p, makers) in of_product.iter().enumerate() {
        if makers.total() > 0.0 {
            let n1 = recipes[p].as_ref().map(|list| total(list.iter().map(|recipe| recipe.elsewhere)));
            list.push(makers.concentration(model, Of::Product(p), used[p], n1, carried[p]));
        }
    }
    list
}

/// Who makes something: by site and by country, in one measure.
#[derive(Default)]
struct Makers {
    sites: BTreeMap<usize, f64>,
    countries: BTreeMap<usize, f64>,
}

impl Makers {
    fn add(&mut self, model: &Model, site: usize, quantity: f64) {
        *self.sites.entry(site).or_default() += quantity;
        *self.countries.entry(model.sites[site].region).or_default() += quantity;
    }

    fn of_product(model: &Model, books: &Books, product: usize) -> Makers {
        let mut makers = Makers::default();
        books.made(product).for_each(|(_, site, units)| makers.add(model, site, units));
        makers
    }

    fn of_stage(model: &Model, chain: &Chain, books: &Books, stage: usize) -> Makers {
        let mut makers = Makers::default();
        for product in (0..model.products.len()).filter(|p| chain.stage_of[*p] == stage) {
            for (process, site, units) in books.made(product) {
                let worth = units * model.products[product].price;
                if worth > 0.0 && !chain.begins_anew(process, product) {
                    makers.add(model, site, worth);
                }
            }
        }
        makers
    }

    fn total(&self) -> f64 {
        total(self.countries.values().copied())
    }

    /// The country that makes most; of equal ones the first.
    fn largest(&self) -> Option<usize> {
        sorted(&self.countries, 1.0).first().map(|(region, _)| *region)
    }

    fn without(&self, region: usize) -> f64 {
        total(self.countries.iter().filter(|(r, _)| **r != region).map(|(_, units)| *units))
    }

    fn recipes(&self, model: &Model, books: &Books, product: usize, used: f64) -> Vec<Recipe> {
        let largest = self.largest();
        let mut recipes: BTreeMap<usize, Recipe> = BTreeMap::new();
        for (process, site, units) in books.made(product) {
            let recipe = recipes.entry(process).or_default();
            recipe.inputs = model.processes[process].inputs.iter().map(|(input, _)| *input).collect();
            recipe.all += units / used;
            if largest != Some(model.sites[site].region) {
                recipe.elsewhere += units / used;
            }
        }
        recipes.into_values().collect()
    }

    fn concentration(
        &self,
        model: &Model,
        of: Of,
        used: f64,
        n1: Option<f64>,
        n1_carried: Option<f64>,
    ) -> Concentration {
        let output = self.total();
        let countries = sorted(&self.countries, output);
        let mut firms: BTreeMap<String, f64> = BTreeMap::new();
        let mut unknown = Vec::new();
        for (site, made) in &self.sites {
            match firm(&model.sites[*site].owner) {
                Some(firm) => *firms.entry(firm.to_string()).or_default() += made,
                None => unknown.push(made / output),
            }
        }
        let owners = sorted(&firms, output);
        let unknown_owner = total(unknown.iter().copied());
        let known = hhi(owners.iter().map(|(_, share)| *share));
        Concentration {
            of,
            output,
            used,
            hhi: hhi(countries.iter().map(|(_, share)| *share)),
            hhi_by_owner: (known + hhi(unknown), known + hhi([unknown_owner])),
            countries,
            owners,
            unknown_owner,
            n1,
            n1_carried,
        }
    }
}

/// Sum of a list; of none it is 0, where the standard library's is a negative 0.
fn total(list: impl IntoIterator<Item = f64>) -> f64 {
    list.into_iter().fold(0.0, |sum, part| sum + part)
}

/// Shares of a whole, the largest first, equal ones in the order of their keys.
fn sorted<K: Clone + Ord>(parts: &BTreeMap<K, f64>, whole: f64) -> Vec<(K, f64)> {
    let mut list: Vec<(K, f64)> = parts.iter().map(|(key, part)| (key.clone(), part / whole)).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1));
    list
}

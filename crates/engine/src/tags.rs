//! Tag sets: what a unit of a product carries (SPEC section 2, "Tags").

use coercivity_model::{Model, Scenario};

/// A set of tags as bits: bit 0 is `civil`, bit n + 1 the n-th rule of [`Tags`].
pub type TagSet = u8;

/// May not serve a military demand.
pub const CIVIL: TagSet = 1;

/// The origin- and content-rules of a scenario and what they tag.
#[derive(Clone, Debug)]
pub struct Tags {
    /// Positions of the rules among the measures.
    rules: Vec<usize>,
    /// Ids of the rules, for names of tag sets.
    ids: Vec<String>,
    /// For each rule: whether a region lies in its origin, by region.
    origin: Vec<Vec<bool>>,
    /// For each rule: whether a process gives the tag, by process.
    process: Vec<Vec<bool>>,
    /// For each rule: whether a product is an output of one of its processes, by product.
    product: Vec<Vec<bool>>,
}

impl Tags {
    pub fn new(model: &Model, scenario: &Scenario) -> Tags {
        let rules = scenario.tag_rules();
        let mut tags = Tags { ids: Vec::new(), origin: Vec::new(), process: Vec::new(), product: Vec::new(), rules };
        for rule in &tags.rules {
            let measure = &scenario.measures[*rule];
            let (origin, processes) = measure.effect.tags().expect("tag rules have tags");
            tags.ids.push(measure.id.clone());
            tags.origin.push((0..model.regions.len()).map(|r| origin.contains(&r)).collect());
            tags.process.push((0..model.processes.len()).map(|p| processes.contains(&p)).collect());
            tags.product.push((0..model.products.len()).map(|p| model.is_output_of(p, processes)).collect());
        }
        tags
    }

    /// The tag of a measure, if it is a rule that tags.
    pub fn of_measure(&self, measure: usize) -> Option<TagSet> {
        self.rules.iter().position(|rule| *rule == measure).map(bit)
    }

    /// Every tag there is.
    pub fn all(&self) -> TagSet {
        (0..self.rules.len()).fold(CIVIL, |set, rule| set | bit(rule))
    }

    /// What comes out of a process in a region is tagged with these.
    pub fn of_process(&self, region: usize, process: usize) -> TagSet {
        self.collect(|rule| self.origin[rule][region] && self.process[rule][process])
    }

    /// The tags of goods that were made in a region before the start, by processes unknown.
    pub fn of_origin(&self, region: usize, product: usize) -> TagSet {
        self.collect(|rule| self.origin[rule][region] && self.product[rule][product])
    }

    fn collect(&self, carries: impl Fn(usize) -> bool) -> TagSet {
        (0..self.rules.len()).filter(|rule| carries(*rule)).fold(0, |set, rule| set | bit(rule))
    }

    /// A tag set for people and files: `civil+origin:us-rule`, empty for none.
    pub fn name(&self, set: TagSet) -> String {
        let civil = (set & CIVIL != 0).then(|| "civil".to_string());
        let origins = (0..self.rules.len()).filter(|r| set & bit(*r) != 0).map(|r| format!("origin:{}", self.ids[r]));
        civil.into_iter().chain(origins).collect::<Vec<_>>().join("+")
    }
}

fn bit(rule: usize) -> TagSet {
    // At most MAX_TAG_RULES rules: bits 1 to 6.
    1 << (rule + 1)
}

//! What lies upstream of the needs: the products they use, all that these can be made of, and who makes it.

use std::collections::BTreeSet;

use coercivity_model::Model;
use coercivity_model::model::Demand;

/// Positions in the model.
#[derive(Clone, Debug)]
pub struct Scope {
    pub needs: BTreeSet<usize>,
    /// Products that the needs use, by any of their options.
    pub used: BTreeSet<usize>,
    /// Those, and all that can go into them.
    pub products: BTreeSet<usize>,
    /// Processes that make one of them.
    pub processes: BTreeSet<usize>,
    /// Sites that run one of those.
    pub sites: BTreeSet<usize>,
    /// Where the needs are.
    pub regions: BTreeSet<usize>,
}

impl Scope {
    pub fn new(model: &Model, needs: &[usize]) -> Scope {
        let used: BTreeSet<usize> = needs.iter().flat_map(|d| used_by(&model.demands[*d])).collect();
        let (mut products, mut processes) = (used.clone(), BTreeSet::new());
        loop {
            let before = products.len();
            for (q, process) in model.processes.iter().enumerate() {
                if process.outputs.iter().any(|(output, _)| products.contains(output)) {
                    processes.insert(q);
                    products.extend(process.inputs.iter().map(|(input, _)| *input));
                }
            }
            if products.len() == before {
                break;
            }
        }
        let runs = |s: &usize| model.sites[*s].processes.iter().any(|q| processes.contains(q));
        let sites = (0..model.sites.len()).filter(runs).collect();
        let regions = needs.iter().map(|d| model.demands[*d].region).collect();
        Scope { needs: needs.iter().copied().collect(), used, products, processes, sites, regions }
    }
}

/// Products that a demand uses, by any of its options.
pub fn used_by(demand: &Demand) -> BTreeSet<usize> {
    demand.options.iter().flat_map(|option| &option.uses).map(|(product, _)| *product).collect()
}

/// What one unit of a demand uses if it is served as usual: by the option `base`, else the first.
pub fn usual(demand: &Demand) -> &[(usize, f64)] {
    let base = demand.options.iter().find(|option| option.id == "base").or(demand.options.first());
    base.map_or(&[], |option| &option.uses)
}

//! The stages of a model as a chain: which come before which, read off its recipes.
//!
//! Three things stand in the way of a plain order. A by-product may go back to an earlier stage (scrap of
//! magnet makers becomes oxide again): such a by-product begins anew where it falls. A stage may be one that
//! some of the goods skip (a concentrate of heavies between ore and oxide): it is passed through, so that
//! what skips it and what does not stand side by side. What still goes in a circle has no later end, and its
//! stages share a place.

use std::collections::BTreeSet;

use coercivity_model::Model;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// The stages in the order of their first product, and where each stands.
#[derive(Clone, Debug)]
pub struct Chain {
    pub stages: Vec<String>,
    /// By product, position in `stages`.
    pub stage_of: Vec<usize>,
    /// By stage: how many columns stand before it; `None` for a stage that is passed through.
    pub column: Vec<Option<usize>>,
    /// By process: outputs that begin anew.
    anew: Vec<Vec<usize>>,
    /// By stage: least column of those that follow it, 0 where none does.
    followed_at: Vec<usize>,
}

impl Chain {
    pub fn new(model: &Model) -> Chain {
        let mut stages: Vec<String> = Vec::new();
        let stage_of = model.products.iter().map(|product| position(&mut stages, &product.stage)).collect::<Vec<_>>();
        let anew = anew(model, &stage_of);
        let mut edges = BTreeSet::new();
        for (process, anew) in model.processes.iter().zip(&anew) {
            for (input, _) in &process.inputs {
                let later = process.outputs.iter().filter(|(output, _)| !anew.contains(output));
                edges.extend(later.map(|(output, _)| (stage_of[*input], stage_of[*output])).filter(|(a, b)| a != b));
            }
        }
        let column = columns(stages.len(), &edges);
        let following = |stage: usize| edges.iter().filter(move |(a, _)| *a == stage).filter_map(|(_, b)| column[*b]);
        let followed_at = (0..stages.len()).map(|stage| following(stage).min().unwrap_or(0)).collect();
        Chain { stages, stage_of, column, anew, followed_at }
    }

    /// Whether an output of a process is a by-product that begins anew.
    pub fn begins_anew(&self, process: usize, product: usize) -> bool {
        self.anew[process].contains(&product)
    }

    /// How many columns stand before what follows a stage.
    pub fn before(&self, stage: usize) -> usize {
        self.followed_at[stage]
    }

    /// Column of a product's stage; `None` where it is passed through.
    pub fn column_of(&self, product: usize) -> Option<usize> {
        self.column[self.stage_of[product]]
    }
}

fn position(stages: &mut Vec<String>, stage: &str) -> usize {
    stages.iter().position(|known| known == stage).unwrap_or_else(|| {
        stages.push(stage.to_string());
        stages.len() - 1
    })
}

/// By process, the outputs that go back into their own making and are not what the process is for.
fn anew(model: &Model, stage_of: &[usize]) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = model.products.iter().map(|_| graph.add_node(())).collect();
    for process in &model.processes {
        for (input, _) in &process.inputs {
            process.outputs.iter().for_each(|(output, _)| {
                graph.add_edge(nodes[*input], nodes[*output], ());
            });
        }
    }
    let mut circle = vec![0; nodes.len()];
    for (n, members) in tarjan_scc(&graph).into_iter().enumerate() {
        members.into_iter().for_each(|node| circle[node.index()] = n);
    }
    let of = |process: &coercivity_model::model::Process| {
        let worth = |(product, amount): &&(usize, f64)| amount * model.products[*product].price;
        let main = process.outputs.iter().max_by(|a, b| worth(a).total_cmp(&worth(b)));
        let aside = |product: usize| main.is_some_and(|(main, _)| stage_of[*main] != stage_of[product]);
        let back = |product: usize| process.inputs.iter().any(|(input, _)| circle[*input] == circle[product]);
        process.outputs.iter().map(|(product, _)| *product).filter(|p| aside(*p) && back(*p)).collect()
    };
    model.processes.iter().map(of).collect()
}

/// Longest way to each stage that is not passed through.
fn columns(stages: usize, edges: &BTreeSet<(usize, usize)>) -> Vec<Option<usize>> {
    let has = |a: usize, b: usize| edges.contains(&(a, b));
    let skipped = |b: usize| (0..stages).any(|a| has(a, b) && (0..stages).any(|c| has(b, c) && has(a, c)));
    let passed: Vec<bool> = (0..stages).map(skipped).collect();
    let mut column = vec![0; stages];
    // As often as there are stages: longer ways go in a circle.
    for _ in 0..stages {
        for (a, b) in edges.iter().filter(|(a, b)| !passed[*a] && !passed[*b]) {
            column[*b] = (column[*a] + 1).max(column[*b]).min(stages - 1);
        }
    }
    (0..stages).map(|stage| (!passed[stage]).then_some(column[stage])).collect()
}

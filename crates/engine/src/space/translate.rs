//! What stands for the same thing in two spaces: for carrying a basis from one program to another.
//!
//! Spaces of like models differ where something is open in one and never in the other. What has no like is left out.

use std::collections::HashMap;
use std::hash::Hash;

use super::Space;
use crate::program::{Column, Row};

/// From the positions of one space to those of another.
pub struct Translation {
    slots: Vec<Option<usize>>,
    runs: Vec<Option<usize>>,
    crossings: Vec<Option<usize>>,
    relabels: Vec<Option<usize>>,
}

impl Translation {
    pub fn new(from: &Space, to: &Space) -> Translation {
        let slots = positions(&from.slots, &to.slots, |slot| (slot.region, slot.product, slot.tags, slot.kept));
        let ends = |space: &Space| -> Vec<_> {
            space.relabels.iter().map(|(a, b)| (space.slots[*a], space.slots[*b])).collect()
        };
        Translation {
            slots,
            runs: positions(&from.runs, &to.runs, |run| (run.site, run.process, run.tags)),
            crossings: positions(&from.crossings, &to.crossings, |c| (c.lane, c.sent, c.sets_civil)),
            relabels: positions(&ends(from), &ends(to), |ends| *ends),
        }
    }

    pub fn column(&self, column: Column) -> Option<Column> {
        Some(match column {
            Column::Activity { run, step } => Column::Activity { run: self.runs[run]?, step },
            Column::Flow { crossing, step } => Column::Flow { crossing: self.crossings[crossing]?, step },
            Column::Relabel { relabel, step } => Column::Relabel { relabel: self.relabels[relabel]?, step },
            Column::Stock { stock, slot, step } => Column::Stock { stock, slot: self.slots[slot]?, step },
            same => same,
        })
    }

    pub fn row(&self, row: Row) -> Option<Row> {
        Some(match row {
            Row::Balance { slot, step } => Row::Balance { slot: self.slots[slot]?, step },
            same => same,
        })
    }
}

/// For each of `from`, the position in `to` of what has the same key; where several do, of the first.
fn positions<T, K: Eq + Hash>(from: &[T], to: &[T], key: impl Fn(&T) -> K) -> Vec<Option<usize>> {
    let mut of: HashMap<K, usize> = HashMap::new();
    for (at, what) in to.iter().enumerate() {
        of.entry(key(what)).or_insert(at);
    }
    from.iter().map(|what| of.get(&key(what)).copied()).collect()
}

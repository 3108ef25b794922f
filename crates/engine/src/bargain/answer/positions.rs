//! Positions: who gains what by them, who would not accept, and the smallest addition that would change that.

use std::collections::BTreeSet;

use coercivity_model::Date;
use serde::{Deserialize, Serialize};

use super::ground::{Ground, OnTable};
use super::{Combination, Setting};
use crate::bargain::{Problem, spec};

/// A package that somebody has put on the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub id: String,
    pub name: String,
    /// Whose it is; `None` = nobody's, or what was agreed.
    pub of: Option<usize>,
    pub date: Option<Date>,
    pub source: Option<String>,
    pub note: Option<String>,
    pub combination: Combination,
    /// Whether no side loses by it against no deal.
    pub acceptable: Option<bool>,
    /// By player, what it would have to be given to accept; 0 for those who do, and for bystanders, whom nobody asks.
    pub shortfall: Option<Vec<f64>>,
    /// Whether those who gain by it could pay those who lose.
    pub can_be_paid_for: Option<bool>,
    /// Whether no combination gives a side more and none less. Where not all were run, `None` unless one that was does.
    pub on_frontier: Option<bool>,
    /// The fewest levers moved further from no deal that make it acceptable, all ways; empty where it is acceptable,
    /// unknown, or no addition helps.
    pub additions: Vec<Addition>,
}

/// Further levers moved, and what comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Addition {
    pub adds: Vec<Added>,
    pub combination: Combination,
}

/// A lever that is moved, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub by: usize,
    pub from: usize,
    #[serde(flatten)]
    pub to: Setting,
}

/// All positions of the spec.
pub(super) fn positions(ground: &Ground, on_table: Option<&OnTable>) -> Result<Vec<Position>, Problem> {
    let frontier = on_table.map(|on| on.table.frontier());
    let items: Option<Vec<BTreeSet<usize>>> =
        on_table.map(|on| on.cells.iter().map(|cell| moved(ground, *cell)).collect());
    let position = |position: &spec::Position| {
        let cell = ground.number(&ground.spec.levels_of(position));
        let of = position.of.as_ref();
        let mut found = Position {
            id: position.id.clone(),
            name: position.name.clone(),
            of: of.and_then(|of| ground.players.iter().position(|player| player.id == of.0)),
            date: position.date,
            source: position.source.clone(),
            note: position.note.clone(),
            combination: ground.combination(cell),
            acceptable: None,
            shortfall: None,
            can_be_paid_for: None,
            on_frontier: None,
            additions: Vec::new(),
        };
        let (Some(on), Some(frontier), Some(items)) = (on_table, &frontier, &items) else { return Ok(found) };
        let Some(place) = on.cells.iter().position(|known| *known == cell) else { return Ok(found) };
        let mut shortfall = vec![0.0; ground.players.len()];
        for (side, short) in ground.sides.iter().zip(on.table.shortfall(place)) {
            shortfall[side.player] = ground.currency(&short);
        }
        let unbeaten = frontier.contains(&place);
        found.acceptable = Some(on.table.is_acceptable(place));
        found.shortfall = Some(shortfall);
        found.can_be_paid_for = Some(on.table.can_be_paid_for(place));
        found.on_frontier = (!unbeaten || ground.is_whole()).then_some(unbeaten);
        let others = on.table.smallest_additions(items, place)?.into_iter().filter(|other| *other != place);
        found.additions = others.map(|other| addition(ground, cell, on.cells[other])).collect();
        Ok(found)
    };
    ground.spec.positions.iter().map(position).collect()
}

/// What a combination moves from no deal: one item for each lever at each level.
fn moved(ground: &Ground, cell: usize) -> BTreeSet<usize> {
    let levels = ground.combinations.levels(cell);
    let mut offset = 0;
    let mut items = BTreeSet::new();
    for (lever, level) in levels.iter().enumerate() {
        if *level != ground.no_deal[lever] {
            items.insert(offset + level);
        }
        offset += ground.spec.levers[lever].levels.len();
    }
    items
}

fn addition(ground: &Ground, from: usize, to: usize) -> Addition {
    let (before, after) = (ground.combinations.levels(from), ground.combinations.levels(to));
    let added = |lever: usize| Added {
        by: ground.players.iter().position(|player| player.levers.contains(&lever)).unwrap_or_default(),
        from: before[lever],
        to: Setting { lever, level: after[lever] },
    };
    Addition {
        adds: (0..before.len()).filter(|lever| before[*lever] != after[*lever]).map(added).collect(),
        combination: ground.combination(to),
    }
}

//! Components and pieces of the set of equilibria, from the graph in which a mix of the row player and a mix of the
//! column player are joined where they are an extreme equilibrium: connected parts, and the largest sets of rows and
//! columns in which each row is joined with each column (maximal bicliques).

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{One, Zero};

use super::Problem;
use super::fraction::Fraction;
use super::game::Player;

/// Pieces in a component, at most.
const MOST_PIECES: usize = 100_000;

/// So many packages are named one by one.
const FEW: usize = 3;

/// A maximal Nash subset: any mix of its rows with any mix of its columns is an equilibrium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The corners of the row player's part.
    pub rows: Vec<Vec<Fraction>>,
    pub columns: Vec<Vec<Fraction>>,
}

impl Piece {
    /// A player's part in words, by the names of its packages, one for each.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Game, Player, equilibria};
    /// // Whoever stays out does not care how likely a fight is, from a half on.
    /// let entry = Game::whole(&[&[-1, 1], &[0, 0]], &[&[-1, 1], &[2, 2]]).unwrap();
    /// let found = equilibria(&entry).unwrap();
    /// let piece = &found.components[1].pieces[0];
    /// assert_eq!(piece.words(Player::Row, &["enter", "stay out"]), "stay out");
    /// assert_eq!(piece.words(Player::Column, &["fight", "yield"]), "any mix of (fight) and (1/2 fight + 1/2 yield)");
    /// // Nothing hangs on what anybody does.
    /// let idle = Game::whole(&[&[0], &[0], &[0], &[0]], &[&[0], &[0], &[0], &[0]]).unwrap();
    /// let piece = &equilibria(&idle).unwrap().components[0].pieces[0];
    /// assert_eq!(piece.words(Player::Row, &["a", "b", "c", "d"]), "any mix of all packages");
    /// ```
    pub fn words(&self, player: Player, names: &[&str]) -> String {
        let corners = if player == Player::Row { &self.rows } else { &self.columns };
        let corner = |mix: &Vec<Fraction>| {
            let played = mix.iter().zip(names).filter(|(share, _)| !share.is_zero());
            let term = |(share, name): (&Fraction, &&str)| {
                if share.is_one() { name.to_string() } else { format!("{share} {name}") }
            };
            played.map(term).collect::<Vec<String>>().join(" + ")
        };
        let list = |list: Vec<String>| list.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" and ");
        let pure: Option<BTreeSet<usize>> = corners.iter().map(|mix| mix.iter().position(One::is_one)).collect();
        // Of many packages it is shorter to say which are not in it.
        let others = pure.filter(|pure| pure.len() > FEW && 2 * pure.len() > names.len());
        match (corners.as_slice(), others) {
            ([only], _) => corner(only),
            (_, Some(pure)) if pure.len() == names.len() => "any mix of all packages".to_string(),
            (_, Some(pure)) => {
                let others = (0..names.len()).filter(|package| !pure.contains(package));
                format!(
                    "any mix of all packages but {}",
                    list(others.map(|package| names[package].to_string()).collect())
                )
            }
            (all, None) => format!("any mix of {}", list(all.iter().map(corner).collect())),
        }
    }
}

/// Rows and columns all of which are joined.
pub(super) type Biclique = (Vec<usize>, Vec<usize>);

/// A connected part of the graph.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The places of its edges.
    pub edges: Vec<usize>,
    /// Its maximal bicliques, sorted.
    pub bicliques: Vec<Biclique>,
}

/// The connected parts of a graph of sorted edges (row, column), by their first edge. Error: one has too many
/// bicliques.
pub(super) fn parts(edges: &[(usize, usize)]) -> Result<Vec<Part>, Problem> {
    let part = |places: Vec<usize>| {
        let own: Vec<(usize, usize)> = places.iter().map(|place| edges[*place]).collect();
        Ok(Part { edges: places, bicliques: bicliques(&own)? })
    };
    connected(edges).into_iter().map(part).collect()
}

fn connected(edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let rows = edges.iter().map(|(row, _)| row + 1).max().unwrap_or(0);
    let columns = edges.iter().map(|(_, column)| column + 1).max().unwrap_or(0);
    let mut sets = petgraph::unionfind::UnionFind::<usize>::new(rows + columns);
    for (row, column) in edges {
        sets.union(*row, rows + column);
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, (row, _)) in edges.iter().enumerate() {
        parts.entry(sets.find(*row)).or_default().push(place);
    }
    let mut parts: Vec<Vec<usize>> = parts.into_values().collect();
    parts.sort_unstable();
    parts
}

/// All maximal bicliques: their columns are what some rows have in common, so the sets of columns are the neighbours of
/// rows, closed under taking what two have in common.
fn bicliques(edges: &[(usize, usize)]) -> Result<Vec<Biclique>, Problem> {
    let mut neighbours: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (row, column) in edges {
        neighbours.entry(*row).or_default().insert(*column);
    }
    let of_rows: BTreeSet<&BTreeSet<usize>> = neighbours.values().collect();
    let mut closed: BTreeSet<BTreeSet<usize>> = of_rows.iter().map(|set| (*set).clone()).collect();
    let mut waiting: Vec<BTreeSet<usize>> = closed.iter().cloned().collect();
    while let Some(set) = waiting.pop() {
        for other in &of_rows {
            let common: BTreeSet<usize> = set.intersection(other).copied().collect();
            if !common.is_empty() && !closed.contains(&common) {
                if closed.len() == MOST_PIECES {
                    return Err(Problem::TooManyPieces { most: MOST_PIECES });
                }
                waiting.push(common.clone());
                closed.insert(common);
            }
        }
    }
    let rows = |columns: &BTreeSet<usize>| -> Vec<usize> {
        neighbours.iter().filter(|(_, all)| all.is_superset(columns)).map(|(row, _)| *row).collect()
    };
    let mut found: Vec<Biclique> =
        closed.iter().map(|columns| (rows(columns), columns.iter().copied().collect())).collect();
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_their_bicliques() {
        // A path 0-0, 0-1, 1-1, 1-2 has three maximal bicliques (two stars of rows, one of column 1); 5-7 is alone.
        let edges = [(0, 0), (0, 1), (1, 1), (1, 2), (5, 7)];
        let path = vec![(vec![0], vec![0, 1]), (vec![0, 1], vec![1]), (vec![1], vec![1, 2])];
        let path = Part { edges: vec![0, 1, 2, 3], bicliques: path };
        let alone = Part { edges: vec![4], bicliques: vec![(vec![5], vec![7])] };
        assert_eq!(parts(&edges).unwrap(), [path, alone]);
    }

    #[test]
    fn too_many_are_an_error() {
        // Row i is joined with all columns but i: each set of columns but the empty and the full one is closed.
        let edges: Vec<_> = (0..20).flat_map(|i| (0..20).filter(move |j| *j != i).map(move |j| (i, j))).collect();
        assert!(matches!(parts(&edges), Err(Problem::TooManyPieces { .. })));
        let few: Vec<_> = edges.into_iter().filter(|(i, j)| *i < 6 && *j < 6).collect();
        assert_eq!(parts(&few).unwrap()[0].bicliques.len(), (1 << 6) - 2);
    }
}

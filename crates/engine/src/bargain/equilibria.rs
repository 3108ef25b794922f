//! All equilibria of a game of two players, in exact fractions.
//!
//! An extreme equilibrium is a pair of corners of the two best-response polytopes in which each package of each player
//! has a label: it is not played, or is a best reply (Winkels 1979; von Stengel 2002). There are finitely many, and all
//! others are mixes of them: where each of some mixes of the row player meets each of some mixes of the column player
//! in an extreme equilibrium, all in between are equilibria too. The largest such sets are the *pieces* (maximal Nash
//! subsets), and pieces with a point in common make up a *component*. All this is read off the graph of extreme
//! equilibria, as in Avis, Rosenberg, Savani and von Stengel 2010 (Economic Theory 42). In a game with no degeneracy
//! each component is one point.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::Zero;
use rayon::prelude::*;

use super::Problem;
use super::corners::{Labels, corners, mix};
use super::dominance::{dominance, dominance_of_packages};
use super::fraction::Fraction;
use super::game::{Game, Player};
use super::pieces::{Part, Piece, parts};

/// Bases that are searched in each of the two polytopes, at most. With 16 packages for each there are never more than
/// 980 628 (McMullen 1970).
const MOST_BASES: usize = 1_000_000;

/// Packages of both players together that are not dominated, at most: a label is a bit.
const MOST_PACKAGES: usize = Labels::BITS as usize;

/// Extreme equilibria, at most.
const MOST_EXTREME: usize = 100_000;

/// Pairs of corners that are compared one by one.
const FEW: usize = 64;

/// All equilibria of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equilibria {
    /// All extreme equilibria: those where the row player plays more of its first package come first, then by its
    /// second and so on, then by the column player's.
    pub extreme: Vec<Equilibrium>,
    /// By their first extreme equilibrium. Each equilibrium of the game lies in exactly one.
    pub components: Vec<Component>,
}

/// An equilibrium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equilibrium {
    /// Share of each package of the row player.
    pub row: Vec<Fraction>,
    pub column: Vec<Fraction>,
    /// What the row player and the column player get.
    pub payoffs: [Fraction; 2],
}

/// A connected set of equilibria that no other equilibrium adjoins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its extreme equilibria, as places in [`Equilibria::extreme`].
    pub extreme: Vec<usize>,
    /// Any mix of the rows of a piece with any mix of its columns is an equilibrium, and nothing else is.
    pub pieces: Vec<Piece>,
}

impl Equilibrium {
    /// The two packages, where neither player mixes.
    pub fn pure(&self) -> Option<(usize, usize)> {
        let only = |mix: &[Fraction]| {
            let mut played = mix.iter().enumerate().filter(|(_, share)| !share.is_zero()).map(|(package, _)| package);
            played.next().filter(|_| played.next().is_none())
        };
        Some((only(&self.row)?, only(&self.column)?))
    }
}

impl Component {
    /// Whether it is a single equilibrium.
    pub fn is_point(&self) -> bool {
        self.extreme.len() == 1
    }
}

impl Equilibria {
    /// The least and the most that a player gets in a component.
    pub fn payoffs(&self, component: &Component, player: Player) -> (&Fraction, &Fraction) {
        // Within a piece payoffs are linear in each mix, so that the ends are at extreme equilibria.
        let payoffs = || component.extreme.iter().map(|place| &self.extreme[*place].payoffs[player.index()]);
        let least = payoffs().min().expect("a component has an extreme equilibrium");
        (least, payoffs().max().expect("a component has an extreme equilibrium"))
    }

    /// Pairs of packages that are equilibria without mixing.
    pub fn pure(&self) -> Vec<(usize, usize)> {
        self.extreme.iter().filter_map(Equilibrium::pure).collect()
    }
}

/// All equilibria.
///
/// Errors: [`Problem::TooLarge`] where more packages are left undominated, or the polytopes have more corners, than can
/// be searched; [`Problem::TooManyPieces`].
///
/// ```
/// use coercivity_engine::bargain::{Game, equilibria, fraction::{ratio, whole}};
/// // Degenerate: the column player is free where the row player plays its first package.
/// let game = Game::whole(&[&[1, 1], &[0, 1]], &[&[1, 1], &[1, 0]]).unwrap();
/// let found = equilibria(&game).unwrap();
/// assert_eq!(found.components.len(), 1);
/// let piece = &found.components[0].pieces[0];
/// assert_eq!(piece.rows, [vec![whole(1), whole(0)]]);
/// assert_eq!(piece.columns, [vec![whole(1), whole(0)], vec![whole(0), whole(1)]]);
/// ```
pub fn equilibria(game: &Game) -> Result<Equilibria, Problem> {
    // Mixes are tried only where a game is not much too large without them.
    let left = dominance_of_packages(game);
    let (rows, columns) = (left.rows.len(), left.columns.len());
    if rows + columns > MOST_PACKAGES {
        let what = "packages of both that are not dominated";
        return Err(Problem::TooLarge { rows, columns, most: MOST_PACKAGES, what });
    }
    let left = dominance(game);
    let part = game.part(&left.rows, &left.columns);
    let (rows, columns) = (left.rows.len(), left.columns.len());
    let too_large = |most, what| Problem::TooLarge { rows, columns, most, what };
    // Mixes of the row player are judged by the column player's replies, and the other way round.
    let replies = Player::BOTH.map(|player| part.replies_in_whole_numbers(player.other()));
    let labels: Vec<usize> = (0..rows + columns).collect();
    let turned: Vec<usize> = (rows..rows + columns).chain(0..rows).collect();
    let (of_rows, of_columns) =
        rayon::join(|| corners(&replies[0], &labels, MOST_BASES), || corners(&replies[1], &turned, MOST_BASES));
    let (Some(of_rows), Some(of_columns)) = (of_rows, of_columns) else {
        return Err(too_large(MOST_BASES, "corners of a best-response polytope"));
    };
    // Labels that there are not are had by all.
    let none = Labels::MAX.checked_shl((rows + columns) as u32).unwrap_or(0);
    let of_rows: Vec<Labels> = of_rows.into_iter().map(|labels| labels | none).collect();
    let mut pairs = Vec::new();
    complete(&of_rows, &of_columns, 0, &mut pairs)
        .ok_or_else(|| too_large(MOST_EXTREME, "equilibria between which all others lie"))?;

    let mixes = |corners: BTreeSet<Labels>, player: Player| -> Mixes {
        let corners: Vec<Labels> = corners.into_iter().collect();
        let own = if player == Player::Row { 0..rows } else { rows..rows + columns };
        let all = rows + columns;
        let table = &replies[player.index()];
        let places = if player == Player::Row { &left.rows } else { &left.columns };
        let mix = |labels: &Labels| spread(&corner_mix(table, *labels, own.clone(), all), places, game.count(player));
        let found: Vec<Vec<Fraction>> = corners.par_iter().map(mix).collect();
        Mixes::new(corners, found)
    };
    let rows = mixes(pairs.iter().map(|(row, _)| *row).collect(), Player::Row);
    let columns = mixes(pairs.iter().map(|(_, column)| *column).collect(), Player::Column);
    let mut edges: Vec<(usize, usize)> =
        pairs.iter().map(|(row, column)| (rows.place[row], columns.place[column])).collect();
    edges.sort_unstable();
    collect(game, &rows.mixes, &columns.mixes, &edges)
}

/// The mixes of a player in extreme equilibria, more of the first package first.
struct Mixes {
    mixes: Vec<Vec<Fraction>>,
    place: BTreeMap<Labels, usize>,
}

impl Mixes {
    fn new(corners: Vec<Labels>, found: Vec<Vec<Fraction>>) -> Mixes {
        let mut both: Vec<(Vec<Fraction>, Labels)> = found.into_iter().zip(corners).collect();
        both.sort_by(|a, b| b.cmp(a));
        let place = both.iter().enumerate().map(|(place, (_, labels))| (*labels, place)).collect();
        Mixes { mixes: both.into_iter().map(|(mix, _)| mix).collect(), place }
    }
}

/// The pairs of corners that have all labels from `label` on between them: who lacks the next one meets only those who
/// have it, who has it meets all. `None` if there are more than can be listed.
fn complete(rows: &[Labels], columns: &[Labels], label: usize, pairs: &mut Vec<(Labels, Labels)>) -> Option<()> {
    let all = Labels::MAX.checked_shl(label as u32).unwrap_or(0);
    if rows.len() * columns.len() <= FEW || all == 0 {
        let both = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
        let met = both.filter(|(row, column)| !(row | column) & all == 0);
        pairs.extend(met.take(MOST_EXTREME + 1 - pairs.len()));
        return (pairs.len() <= MOST_EXTREME).then_some(());
    }
    let has = |corner: &Labels| corner >> label & 1 == 1;
    let (with, without): (Vec<Labels>, Vec<Labels>) = rows.iter().copied().partition(has);
    let having: Vec<Labels> = columns.iter().copied().filter(has).collect();
    complete(&with, columns, label + 1, pairs)?;
    complete(&without, &having, label + 1, pairs)
}

/// The mix of a corner; `own` are the labels of the player whose mix it is.
fn corner_mix(table: &[Vec<BigInt>], labels: Labels, own: std::ops::Range<usize>, all: usize) -> Vec<Fraction> {
    let has = |label: usize| labels >> label & 1 == 1;
    let played: Vec<usize> = own.clone().filter(|label| !has(*label)).map(|label| label - own.start).collect();
    let others = (0..all).filter(|label| !own.contains(label));
    let best: Vec<usize> = others.enumerate().filter(|(_, label)| has(*label)).map(|(place, _)| place).collect();
    mix(table, &played, &best)
}

/// A mix of the packages at `places` as one of all packages.
fn spread(mix: &[Fraction], places: &[usize], count: usize) -> Vec<Fraction> {
    let mut all = vec![Fraction::zero(); count];
    for (share, place) in mix.iter().zip(places) {
        all[*place] = share.clone();
    }
    all
}

/// Extreme equilibria and components from which mixes meet.
fn collect(
    game: &Game,
    rows: &[Vec<Fraction>],
    columns: &[Vec<Fraction>],
    edges: &[(usize, usize)],
) -> Result<Equilibria, Problem> {
    let equilibrium = |(row, column): &(usize, usize)| {
        let (row, column) = (rows[*row].clone(), columns[*column].clone());
        let payoffs = game.expected(&row, &column);
        Equilibrium { row, column, payoffs }
    };
    let extreme: Vec<Equilibrium> = edges.par_iter().map(equilibrium).collect();
    let take =
        |mixes: &[Vec<Fraction>], places: Vec<usize>| places.into_iter().map(|place| mixes[place].clone()).collect();
    let piece = |(r, c): (Vec<usize>, Vec<usize>)| Piece { rows: take(rows, r), columns: take(columns, c) };
    let component =
        |part: Part| Component { extreme: part.edges, pieces: part.bicliques.into_iter().map(piece).collect() };
    let components = parts(edges)?.into_iter().map(component).collect();
    Ok(Equilibria { extreme, components })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn more_equilibria_than_can_be_listed_are_none() {
        let (few, many) = (vec![Labels::MAX; 300], vec![Labels::MAX; 400]);
        assert_eq!(complete(&few, &few, 0, &mut Vec::new()), Some(()));
        assert_eq!(complete(&many, &many, 0, &mut Vec::new()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

        #[test]
        fn pairs_are_those_of_the_definition(
            rows in prop::collection::vec(0..64_u64, 1..60), columns in prop::collection::vec(0..64_u64, 1..60)
        ) {
            let rows: Vec<Labels> = rows.into_iter().map(|labels| labels | !63).collect();
            let mut found = Vec::new();
            complete(&rows, &columns, 0, &mut found).unwrap();
            let both = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
            let mut all: Vec<(Labels, Labels)> = both.filter(|(row, column)| row | column == Labels::MAX).collect();
            found.sort_unstable();
            all.sort_unstable();
            prop_assert_eq!(found, all);
        }
    }
}

//! What both sides do without talks: dominance, equilibria, how often over draws, and whether threats are credible.

use std::cmp::Reverse;

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use super::ground::{Ground, Units};
use super::{Exact, Package};
use crate::bargain::fraction::Fraction;
use crate::bargain::{self, Node, dominance, equilibria, frequencies};

/// The game of two sides. Packages are places in the lists of [`super::Side`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Game {
    /// The players who pick the row and the column: the two sides.
    pub row: usize,
    pub column: usize,
    /// In the order in which packages go.
    pub dominance: Vec<Struck>,
    /// Packages that are left: rows, columns.
    pub left: [Vec<usize>; 2],
    /// Rows, columns: packages that give every player the same whatever the other side does. Wherever a package stands
    /// here, any of its group may stand, or a mix of them; each group is told by its first.
    pub same: [Vec<Vec<usize>>; 2],
    /// All between which others lie; `None` = see `too_large`.
    pub equilibria: Option<Vec<Equilibrium>>,
    /// Sets of equilibria that hang together; in a game without degeneracy each is one point.
    pub components: Vec<Component>,
    /// Why there are no equilibria.
    pub too_large: Option<String>,
}

/// A package that is struck out: another, or a mix, is better against whatever is left of the other side's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Struck {
    /// From 1; packages of one round go together.
    pub round: usize,
    pub player: usize,
    pub package: usize,
    /// What is better.
    pub by: Vec<Played>,
    /// By how much at least.
    pub margin: f64,
}

/// A package and its share in a mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Played {
    pub package: usize,
    pub share: Exact,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Equilibrium {
    pub row: Vec<Played>,
    pub column: Vec<Played>,
    /// The combination, where neither side mixes.
    pub cell: Option<usize>,
    /// Of each player, bystanders too.
    pub payoffs: Vec<f64>,
}

/// A connected set of equilibria that no other adjoins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Places of its extreme equilibria; one = it is a point.
    pub equilibria: Vec<usize>,
    pub pieces: Vec<Piece>,
    /// The least and the most that each side gets: row, column.
    pub payoffs: [[f64; 2]; 2],
}

/// Any mix of the rows of a piece with any mix of its columns is an equilibrium. In words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    pub row: String,
    pub column: String,
}

/// How often outcomes are equilibria without mixing, over draws of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draws {
    /// Draws that were asked for.
    pub samples: usize,
    /// Draws in which the whole game is known: those that are counted.
    pub counted: usize,
    /// Outcomes that are an equilibrium in some draw, the most frequent first.
    pub outcomes: Vec<OutcomeCount>,
    /// Draws in which there is none without mixing.
    pub none: usize,
    /// As [`Game::same`], in all draws that are counted.
    pub same: [Vec<Vec<usize>>; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeCount {
    /// Packages of row and column.
    pub packages: [usize; 2],
    pub cell: usize,
    /// Draws in which it is an equilibrium.
    pub equilibrium: usize,
    /// Draws in which it is the only one without mixing.
    pub only: usize,
}

/// A side asks another for its levers at their mildest, and threatens with its own as in no deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threat {
    /// Who threatens, and whom.
    pub player: usize,
    pub other: usize,
    /// What carrying it out costs the one who threatens, against letting it be; above 0 = it would rather not.
    pub costs_own: f64,
    /// Whether it would.
    pub carried_out: Move,
    /// Whether the other gives in, knowing that.
    pub given_in: Move,
    pub outcomes: Vec<ThreatOutcome>,
    pub ties: Vec<Tie>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    Yes,
    No,
    /// It is indifferent, or it hangs on somebody who is.
    Either,
}

/// An end that may be reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreatOutcome {
    pub moves: Vec<String>,
    pub name: String,
    pub cell: usize,
    /// By player.
    pub payoffs: Vec<f64>,
}

/// A point at which more than one move may be best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    /// The moves that lead there.
    pub at: Vec<String>,
    pub player: usize,
    pub between: Vec<String>,
}

/// The game of the two sides, or why there is none.
pub(super) fn game(ground: &Ground) -> Result<Game, String> {
    let [row, column] = &ground.sides[..] else {
        return Err(format!(
            "A game without talks is for two players who hold levers, and here there are {}.",
            ground.sides.len()
        ));
    };
    if !ground.is_whole() {
        return Err("What both sides do without talks is unknown: not every combination was run.".to_string());
    }
    let same = same(ground, &[&ground.units]);
    let first = |side: usize| same[side].iter().map(|group| group[0]).collect::<Vec<usize>>();
    let all = game_of(ground, &ground.units).expect("every combination was run");
    let game = all.part(&first(0), &first(1));
    let place = |player: bargain::Player, package: usize| same[player.index()][package][0];
    let players = [row.player, column.player];
    let left = dominance(&game);
    let struck = |step: &bargain::Step| Struck {
        round: step.round,
        player: players[step.player.index()],
        package: place(step.player, step.package),
        by: step.by.iter().map(|(package, share)| played(place(step.player, *package), share)).collect(),
        margin: ground.currency(&step.margin),
    };
    let mut answer = Game {
        row: row.player,
        column: column.player,
        dominance: left.steps.iter().map(struck).collect(),
        left: bargain::Player::BOTH.map(|player| {
            let left = if player == bargain::Player::Row { &left.rows } else { &left.columns };
            left.iter().map(|package| place(player, *package)).collect()
        }),
        same: same.clone(),
        equilibria: None,
        components: Vec::new(),
        too_large: None,
    };
    let found = match equilibria(&game) {
        Ok(found) => found,
        Err(problem) => {
            answer.too_large = Some(format!("{problem}; fewer levers, or fewer levels, make a smaller game"));
            return Ok(answer);
        }
    };
    let equilibrium = |equilibrium: &bargain::Equilibrium| {
        let [rows, columns] =
            [(bargain::Player::Row, &equilibrium.row), (bargain::Player::Column, &equilibrium.column)].map(
                |(player, mix)| {
                    let played = mix.iter().enumerate().filter(|(_, share)| !share.is_zero());
                    played.map(|(package, share)| (place(player, package), share)).collect::<Vec<_>>()
                },
            );
        let meet = |(r, share): &(usize, &Fraction)| {
            let (r, share) = (*r, (*share).clone());
            let cell = move |c: usize| row.packages[r].cell + column.packages[c].cell;
            columns.iter().map(move |(c, other)| (cell(*c), &share * *other)).collect::<Vec<_>>()
        };
        let mix: Vec<(usize, Fraction)> = rows.iter().flat_map(meet).collect();
        let payoffs = ground.mean(&mix).expect("every combination was run");
        Equilibrium {
            row: rows.iter().map(|(package, share)| played(*package, share)).collect(),
            column: columns.iter().map(|(package, share)| played(*package, share)).collect(),
            cell: if let [(cell, _)] = mix[..] { Some(cell) } else { None },
            payoffs: ground.all_currency(&payoffs),
        }
    };
    let names = [(row, 0), (column, 1)].map(|(side, index)| {
        same[index].iter().map(|group| side.packages[group[0]].name.as_str()).collect::<Vec<&str>>()
    });
    let piece = |piece: &bargain::Piece| Piece {
        row: piece.words(bargain::Player::Row, &names[0]),
        column: piece.words(bargain::Player::Column, &names[1]),
    };
    let component = |component: &bargain::Component| Component {
        equilibria: component.extreme.clone(),
        pieces: component.pieces.iter().map(piece).collect(),
        payoffs: bargain::Player::BOTH.map(|player| {
            let (least, most) = found.payoffs(component, player);
            [ground.currency(least), ground.currency(most)]
        }),
    };
    answer.equilibria = Some(found.extreme.iter().map(equilibrium).collect());
    answer.components = found.components.iter().map(component).collect();
    Ok(answer)
}

fn played(package: usize, share: &Fraction) -> Played {
    Played { package, share: share.into() }
}

/// The game of two sides; `None` where not every combination was run.
fn game_of(ground: &Ground, units: &Units) -> Option<bargain::Game> {
    let [row, column] = &ground.sides[..] else { return None };
    let of = |player: usize| {
        let cell = |r: &Package, c: &Package| Some(units[r.cell + c.cell].as_ref()?[player].clone());
        let line = |r: &Package| column.packages.iter().map(|c| cell(r, c)).collect::<Option<Vec<Fraction>>>();
        row.packages.iter().map(line).collect::<Option<Vec<_>>>()
    };
    bargain::Game::new(of(row.player)?, of(column.player)?).ok()
}

/// Packages of each side that give every player the same whatever the other side does, under all of some payoffs: each
/// group by its first, in their order.
fn same(ground: &Ground, all: &[&Units]) -> [Vec<Vec<usize>>; 2] {
    [0, 1].map(|side| {
        let (own, other) = (&ground.sides[side].packages, &ground.sides[1 - side].packages);
        let line = |package: &Package| {
            let cells = other.iter().map(|other| package.cell + other.cell);
            cells.flat_map(|cell| all.iter().map(move |units| &units[cell])).collect::<Vec<_>>()
        };
        let mut groups: Vec<(Vec<_>, Vec<usize>)> = Vec::new();
        for (place, package) in own.iter().enumerate() {
            let line = line(package);
            match groups.iter_mut().find(|(of, _)| *of == line) {
                Some((_, group)) => group.push(place),
                None => groups.push((line, vec![place])),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    })
}

/// How often outcomes are equilibria over draws of the payoffs; `None` where there are not two sides.
pub(super) fn draws(ground: &Ground, samples: usize, draws: &[Units]) -> Option<Draws> {
    let [row, column] = &ground.sides[..] else { return None };
    let whole: Vec<&Units> = draws.iter().filter(|units| units.iter().all(Option::is_some)).collect();
    let mut answer =
        Draws { samples, counted: whole.len(), outcomes: Vec::new(), none: 0, same: [Vec::new(), Vec::new()] };
    if whole.is_empty() {
        return Some(answer);
    }
    let same = same(ground, &whole);
    let first = |side: usize| same[side].iter().map(|group| group[0]).collect::<Vec<usize>>();
    let (rows, columns) = (first(0), first(1));
    let games: Vec<bargain::Game> =
        whole.iter().filter_map(|units| Some(game_of(ground, units)?.part(&rows, &columns))).collect();
    let found = frequencies(&games).ok()?;
    for (r, row_package) in rows.iter().enumerate() {
        for (c, column_package) in columns.iter().enumerate().filter(|(c, _)| found.equilibrium[r][*c] > 0) {
            answer.outcomes.push(OutcomeCount {
                packages: [*row_package, *column_package],
                cell: row.packages[*row_package].cell + column.packages[*column_package].cell,
                equilibrium: found.equilibrium[r][c],
                only: found.only[r][c],
            });
        }
    }
    answer.outcomes.sort_by_key(|outcome| (Reverse(outcome.equilibrium), Reverse(outcome.only), outcome.packages));
    answer.none = found.none;
    answer.same = same;
    Some(answer)
}

const GIVES_IN: &str = "gives in";
const REFUSES: &str = "refuses";
const CARRIES_OUT: &str = "carries it out";
const LETS_BE: &str = "lets it be";

/// The threats of each side against each other, of those of which all ends were run.
pub(super) fn threats(ground: &Ground) -> Vec<Threat> {
    let sides: Vec<usize> = ground.sides.iter().map(|side| side.player).collect();
    let pairs = sides.iter().flat_map(|player| sides.iter().map(move |other| (*player, *other)));
    pairs
        .filter(|(player, other)| player != other)
        .filter_map(|(player, other)| threat(ground, player, other))
        .collect()
}

/// `None` where one of both has all its levers at their mildest in no deal, so that there is nothing to threaten with or
/// to ask for, or an end was not run.
fn threat(ground: &Ground, player: usize, other: usize) -> Option<Threat> {
    let lifted = |by: usize, levels: &[usize]| {
        let own = &ground.players[by].levers;
        levels.iter().enumerate().map(|(lever, level)| if own.contains(&lever) { 0 } else { *level }).collect()
    };
    let refused = &ground.no_deal;
    let let_be: Vec<usize> = lifted(player, refused);
    if let_be == *refused || lifted(other, refused) == *refused {
        return None;
    }
    let given_in: Vec<usize> = lifted(other, &let_be);
    let cells = [&given_in, refused, &let_be].map(|levels| ground.number(levels));
    let ends = cells.map(|cell| ground.get(cell).map(<[Fraction]>::to_vec));
    let [Some(yielded), Some(carried), Some(left)] = ends else { return None };
    let costs_own = &left[player] - &carried[player];
    let threatened =
        Node::choice(player, [(CARRIES_OUT, Node::end("no deal", carried)), (LETS_BE, Node::end("let be", left))]);
    let tree = Node::choice(other, [(GIVES_IN, Node::end("given in", yielded)), (REFUSES, threatened)]);
    let play = tree.solve(ground.players.len()).ok()?;
    let first = |name: &str| play.outcomes.iter().any(|outcome| outcome.moves[0] == name);
    let cell = |moves: &[String]| match moves.last().map(String::as_str) {
        Some(GIVES_IN) => cells[0],
        Some(CARRIES_OUT) => cells[1],
        _ => cells[2],
    };
    let outcome = |outcome: &bargain::Outcome| ThreatOutcome {
        moves: outcome.moves.clone(),
        name: outcome.name.clone(),
        cell: cell(&outcome.moves),
        payoffs: ground.all_currency(&outcome.payoffs),
    };
    Some(Threat {
        player,
        other,
        costs_own: ground.currency(&costs_own),
        carried_out: if costs_own.is_zero() {
            Move::Either
        } else if costs_own.is_negative() {
            Move::Yes
        } else {
            Move::No
        },
        given_in: match (first(GIVES_IN), first(REFUSES)) {
            (true, false) => Move::Yes,
            (false, _) => Move::No,
            (true, true) => Move::Either,
        },
        outcomes: play.outcomes.iter().map(outcome).collect(),
        ties: (play.ties.iter())
            .map(|tie| Tie { at: tie.at.clone(), player: tie.player, between: tie.between.clone() })
            .collect(),
    })
}

//! Threat trees: who can do what after what, and where it ends.
//!
//! Backward induction (Zermelo 1913; Selten 1965): who decides last takes what is best for it, who decides before knows
//! that. A player who is indifferent may do either, and what those before it should do may hang on which. So nothing is
//! chosen for it: each node has all outcomes that some subgame-perfect equilibrium ends in, and ties are listed.

use super::Problem;
use super::fraction::Fraction;

/// A node of a threat tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A player picks one of its moves.
    Choice { player: usize, moves: Vec<(String, Node)> },
    /// It ends here, with what each player gets.
    End { name: String, payoffs: Vec<Fraction> },
}

/// What a threat tree comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// All outcomes of subgame-perfect equilibria, in the order of the tree; more than one only where there are ties.
    pub outcomes: Vec<Outcome>,
    /// All nodes at which more than one move may be best, by their moves from the root.
    pub ties: Vec<Tie>,
}

/// An end of the tree that may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The moves that lead there.
    pub moves: Vec<String>,
    pub name: String,
    pub payoffs: Vec<Fraction>,
}

/// A node at which what is best is not settled: moves are equally good, or it hangs on a tie further on which is
/// better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The moves that lead to the node.
    pub at: Vec<String>,
    pub player: usize,
    /// The moves that may be best there.
    pub between: Vec<String>,
}

impl Node {
    pub fn end(name: &str, payoffs: Vec<Fraction>) -> Node {
        Node::End { name: name.to_string(), payoffs }
    }

    pub fn choice<const N: usize>(player: usize, moves: [(&str, Node); N]) -> Node {
        Node::Choice { player, moves: moves.map(|(name, node)| (name.to_string(), node)).to_vec() }
    }

    /// What the tree comes to among `players` players.
    ///
    /// Errors, all at once: a choice without moves or of an unknown player, an end with too few or too many payoffs.
    ///
    /// ```
    /// use coercivity_engine::bargain::{Node, fraction::whole};
    /// let end = |name, a, b| Node::end(name, vec![whole(a), whole(b)]);
    /// // Retaliation would hurt the one who retaliates: it is no threat.
    /// let answer = Node::choice(1, [("retaliate", end("war", -5, -5)), ("yield", end("control", 2, -1))]);
    /// let tree = Node::choice(0, [("impose", answer), ("wait", end("peace", 0, 0))]);
    /// let play = tree.solve(2).unwrap();
    /// assert_eq!(play.outcomes[0].moves, ["impose", "yield"]);
    /// assert!(play.ties.is_empty());
    /// ```
    pub fn solve(&self, players: usize) -> Result<Play, Vec<Problem>> {
        let mut problems = Vec::new();
        self.check(players, &mut Vec::new(), &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut ties = Vec::new();
        let outcomes = self.back(&mut Vec::new(), &mut ties);
        ties.sort_by_key(|tie| tie.at.len());
        Ok(Play { outcomes, ties })
    }

    fn check(&self, players: usize, at: &mut Vec<String>, problems: &mut Vec<Problem>) {
        match self {
            Node::End { payoffs, .. } if payoffs.len() != players => {
                problems.push(Problem::Payoffs { at: at.clone(), has: payoffs.len(), wanted: players });
            }
            Node::End { .. } => {}
            Node::Choice { player, moves } => {
                if *player >= players {
                    problems.push(Problem::UnknownPlayer { at: at.clone(), player: *player, players });
                }
                if moves.is_empty() {
                    problems.push(Problem::NoMoves { at: at.clone() });
                }
                for (name, node) in moves {
                    at.push(name.clone());
                    node.check(players, at, problems);
                    at.pop();
                }
            }
        }
    }

    fn back(&self, at: &mut Vec<String>, ties: &mut Vec<Tie>) -> Vec<Outcome> {
        let (player, moves) = match self {
            Node::End { name, payoffs } => {
                return vec![Outcome { moves: at.clone(), name: name.clone(), payoffs: payoffs.clone() }];
            }
            Node::Choice { player, moves } => (*player, moves),
        };
        let after: Vec<Vec<Outcome>> = (moves.iter())
            .map(|(name, node)| {
                at.push(name.clone());
                let outcomes = node.back(at, ties);
                at.pop();
                outcomes
            })
            .collect();
        // A move may be best with an outcome if all others can turn out to be no better: subgames do not hang on each
        // other, so each of the others may be taken at its worst.
        let worst: Vec<&Fraction> = after
            .iter()
            .map(|all| all.iter().map(|o| &o.payoffs[player]).min().expect("a tree ends somewhere"))
            .collect();
        let may = |place: usize, outcome: &Outcome| {
            let others = worst.iter().enumerate().filter(|(other, _)| *other != place);
            others.into_iter().all(|(_, worst)| outcome.payoffs[player] >= **worst)
        };
        let kept: Vec<Vec<Outcome>> = after
            .iter()
            .enumerate()
            .map(|(place, all)| all.iter().filter(|o| may(place, o)).cloned().collect())
            .collect();
        let between: Vec<String> =
            moves.iter().zip(&kept).filter(|(_, kept)| !kept.is_empty()).map(|((name, _), _)| name.clone()).collect();
        if between.len() > 1 {
            ties.push(Tie { at: at.clone(), player, between });
        }
        kept.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fraction::whole;
    use super::*;

    fn end(name: &str, payoffs: &[i64]) -> Node {
        Node::end(name, payoffs.iter().map(|v| whole(*v)).collect())
    }

    fn names(play: &Play) -> Vec<&str> {
        play.outcomes.iter().map(|outcome| outcome.name.as_str()).collect()
    }

    #[test]
    fn a_tie_further_on_leaves_both_ways_open() {
        // The second is indifferent after `impose`. If it yields the first gains 2 by imposing, if it fights it loses
        // 1.
        let answer = Node::choice(1, [("fight", end("war", &[-1, 0])), ("yield", end("control", &[2, 0]))]);
        let play = Node::choice(0, [("impose", answer), ("wait", end("peace", &[1, 3]))]).solve(2).unwrap();
        assert_eq!(names(&play), ["control", "peace"]);
        let tie = |at: &[&str], player, between: &[&str]| Tie {
            at: at.iter().map(|m| m.to_string()).collect(),
            player,
            between: between.iter().map(|m| m.to_string()).collect(),
        };
        assert_eq!(play.ties, [tie(&[], 0, &["impose", "wait"]), tie(&["impose"], 1, &["fight", "yield"])]);
    }

    #[test]
    fn three_players_one_after_the_other() {
        // By hand: the third prefers b to a (2 > 1), so the second, who gets 0 from b, goes out with 1; the first gets
        // 3 from that, more than 2.
        let third = Node::choice(2, [("a", end("a", &[9, 9, 1])), ("b", end("b", &[5, 0, 2]))]);
        let second = Node::choice(1, [("on", third), ("out", end("out", &[3, 1, 0]))]);
        let play = Node::choice(0, [("in", second), ("stop", end("stop", &[2, 2, 2]))]).solve(3).unwrap();
        assert_eq!((names(&play), play.ties.len()), (vec!["out"], 0));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let tree = Node::choice(7, [("a", end("a", &[1])), ("b", Node::choice(0, []))]);
        assert_eq!(tree.solve(2).unwrap_err().len(), 3);
    }
}

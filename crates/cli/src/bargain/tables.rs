//! A bargain as tables of results.

use coercivity_engine::bargain::answer::deals::{Mixed, Rule};
use coercivity_engine::bargain::answer::hold::Terms;
use coercivity_engine::bargain::answer::ledger::{Costs, Hand};
use coercivity_engine::bargain::answer::play::Played;
use coercivity_engine::bargain::answer::{Answer, Combination};
use coercivity_engine::results::table::{Cells, ResultTable};
use coercivity_model::Date;

use super::show::{package, until};

/// All tables of an answer.
pub fn tables(answer: &Answer) -> Vec<ResultTable> {
    vec![
        levels(answer),
        payoffs(answer),
        positions(answer),
        additions(answer),
        frontier(answer),
        deals(answer),
        gains(answer),
        ledger(answer),
        fades(answer),
        lasts(answer),
        dominance(answer),
        equilibria(answer),
        draws(answer),
        threats(answer),
        truce(answer),
    ]
}

fn text<T>(rows: &[T], of: impl Fn(&T) -> String) -> Cells {
    Cells::Text(rows.iter().map(of).collect())
}

fn known<T>(rows: &[T], of: impl Fn(&T) -> Option<f64>) -> Cells {
    Cells::Known(rows.iter().map(of).collect())
}

fn count<T>(rows: &[T], of: impl Fn(&T) -> usize) -> Cells {
    Cells::Step(rows.iter().map(of).collect())
}

fn yes_no(known: Option<bool>) -> String {
    known.map_or("", |yes| if yes { "yes" } else { "no" }).to_string()
}

fn id(answer: &Answer, player: usize) -> String {
    answer.players[player].id.clone()
}

fn lever_id(answer: &Answer, lever: Option<usize>) -> String {
    lever.map_or(String::new(), |lever| answer.levers[lever].id.clone())
}

/// Each of some things with each player.
fn with_players<T: Copy>(answer: &Answer, things: impl IntoIterator<Item = T>) -> Vec<(T, usize)> {
    let players = 0..answer.players.len();
    things.into_iter().flat_map(|thing| players.clone().map(move |player| (thing, player))).collect()
}

/// Combinations that were run.
fn run(answer: &Answer) -> impl Iterator<Item = usize> {
    (0..answer.payoffs.len()).filter(|cell| answer.payoffs[*cell].is_some())
}

/// The level of each lever in each combination.
fn levels(answer: &Answer) -> ResultTable {
    let levers = 0..answer.levers.len();
    let rows: Vec<(usize, usize)> =
        run(answer).flat_map(|cell| levers.clone().map(move |lever| (cell, lever))).collect();
    let level = |(cell, lever): &(usize, usize)| {
        let lever = &answer.levers[*lever];
        lever.levels[cell / lever.place % lever.levels.len()].id.clone()
    };
    ResultTable {
        name: "levels",
        columns: vec![
            ("combination", count(&rows, |row| row.0)),
            ("lever", text(&rows, |row| answer.levers[row.1].id.clone())),
            ("level", text(&rows, level)),
        ],
    }
}

fn payoffs(answer: &Answer) -> ResultTable {
    let rows = with_players(answer, run(answer));
    let payoff = |cell: usize, player: usize| answer.payoffs[cell].as_ref().map(|payoffs| payoffs[player]);
    let gain = |cell, player| Some(payoff(cell, player)? - payoff(answer.no_deal.cell, player)?);
    ResultTable {
        name: "payoffs",
        columns: vec![
            ("combination", count(&rows, |row| row.0)),
            ("player", text(&rows, |row| id(answer, row.1))),
            ("payoff", known(&rows, |row| payoff(row.0, row.1))),
            ("gain", known(&rows, |row| gain(row.0, row.1))),
        ],
    }
}

fn gain(combination: &Combination, player: usize) -> Option<f64> {
    combination.gains.as_ref().map(|gains| gains[player])
}

fn positions(answer: &Answer) -> ResultTable {
    let rows = with_players(answer, &answer.positions);
    ResultTable {
        name: "positions",
        columns: vec![
            ("position", text(&rows, |row| row.0.id.clone())),
            ("name", text(&rows, |row| row.0.name.clone())),
            ("of", text(&rows, |row| row.0.of.map_or(String::new(), |of| id(answer, of)))),
            ("date", text(&rows, |row| row.0.date.map_or(String::new(), |date| date.to_string()))),
            ("combination", count(&rows, |row| row.0.combination.cell)),
            ("acceptable", text(&rows, |row| yes_no(row.0.acceptable))),
            ("on_frontier", text(&rows, |row| yes_no(row.0.on_frontier))),
            ("player", text(&rows, |row| id(answer, row.1))),
            ("gain", known(&rows, |row| gain(&row.0.combination, row.1))),
            ("shortfall", known(&rows, |row| row.0.shortfall.as_ref().map(|short| short[row.1]))),
        ],
    }
}

fn additions(answer: &Answer) -> ResultTable {
    let of = answer.positions.iter().flat_map(|position| {
        let additions = position.additions.iter().enumerate();
        additions
            .flat_map(move |(way, addition)| addition.adds.iter().map(move |added| (position, way, addition, added)))
    });
    let rows: Vec<_> = of.collect();
    let level = |lever: usize, level: usize| answer.levers[lever].levels[level].id.clone();
    ResultTable {
        name: "additions",
        columns: vec![
            ("position", text(&rows, |row| row.0.id.clone())),
            ("way", count(&rows, |row| row.1 + 1)),
            ("combination", count(&rows, |row| row.2.combination.cell)),
            ("by", text(&rows, |row| id(answer, row.3.by))),
            ("lever", text(&rows, |row| answer.levers[row.3.to.lever].id.clone())),
            ("from", text(&rows, |row| level(row.3.to.lever, row.3.from))),
            ("to", text(&rows, |row| level(row.3.to.lever, row.3.to.level))),
        ],
    }
}

fn frontier(answer: &Answer) -> ResultTable {
    let rows = with_players(answer, answer.deals.iter().flat_map(|deals| &deals.frontier));
    ResultTable {
        name: "frontier",
        columns: vec![
            ("combination", count(&rows, |row| row.0.cell)),
            ("name", text(&rows, |row| row.0.name.clone())),
            ("player", text(&rows, |row| id(answer, row.1))),
            ("payoff", known(&rows, |row| row.0.payoffs.as_ref().map(|payoffs| payoffs[row.1]))),
            ("gain", known(&rows, |row| gain(row.0, row.1))),
        ],
    }
}

/// What is agreed by rule under a constraint, and what it costs each player.
#[derive(Clone, Copy)]
struct Agreed<'a> {
    rule: Rule,
    constraint: Option<&'a str>,
    deal: Option<&'a Mixed>,
    lost: Option<&'a [f64]>,
}

fn agreed(answer: &Answer) -> Vec<Agreed<'_>> {
    let free = answer.deals.iter().flat_map(|deals| &deals.points);
    let free = free.map(|point| Agreed { rule: point.rule, constraint: None, deal: Some(&point.deal), lost: None });
    let bound = answer.constraints.iter().flat_map(|constraint| {
        constraint.prices.iter().map(move |price| Agreed {
            rule: price.rule,
            constraint: Some(&constraint.id),
            deal: price.bound.as_ref(),
            lost: Some(&price.lost),
        })
    });
    free.chain(bound).collect()
}

fn deals(answer: &Answer) -> ResultTable {
    let agreed = agreed(answer);
    let rows: Vec<_> = (agreed.iter())
        .flat_map(|agreed| {
            agreed.deal.into_iter().flat_map(move |deal| deal.mix.iter().map(move |share| (agreed, share)))
        })
        .collect();
    ResultTable {
        name: "deals",
        columns: vec![
            ("rule", text(&rows, |row| row.0.rule.name().to_string())),
            ("constraint", text(&rows, |row| row.0.constraint.unwrap_or_default().to_string())),
            ("combination", count(&rows, |row| row.1.cell)),
            ("name", text(&rows, |row| row.1.name.clone())),
            ("share", known(&rows, |row| Some(row.1.share.value))),
            ("share_exact", text(&rows, |row| row.1.share.text.clone())),
        ],
    }
}

fn gains(answer: &Answer) -> ResultTable {
    let rows = with_players(answer, agreed(answer));
    ResultTable {
        name: "gains",
        columns: vec![
            ("rule", text(&rows, |row| row.0.rule.name().to_string())),
            ("constraint", text(&rows, |row| row.0.constraint.unwrap_or_default().to_string())),
            ("player", text(&rows, |row| id(answer, row.1))),
            ("gain", known(&rows, |row| Some(row.0.deal.map_or(0.0, |deal| deal.gains[row.1])))),
            ("lost_by_constraint", known(&rows, |row| row.0.lost.map(|lost| lost[row.1]))),
        ],
    }
}

/// A row of the ledger: of a lever, or of all of a hand together.
struct Costing<'a> {
    from: Date,
    hand: &'a Hand,
    others: &'static str,
    lever: Option<usize>,
    on: usize,
    /// Alone, as the last, share; together.
    figures: [Option<f64>; 4],
}

fn ledger(answer: &Answer) -> ResultTable {
    let at_talks = answer.ledger.iter().map(|hand| (answer.talks, hand));
    let later = answer.decay.iter().flat_map(|later| later.hands.iter().map(move |hand| (later.date, hand)));
    let mut rows = Vec::new();
    for (from, hand) in at_talks.chain(later) {
        for (others, costs) in [("mildest", &hand.alone), ("no deal", &hand.in_no_deal)] {
            let row = |lever, on, figures| Costing { from, hand, others, lever, on, figures };
            rows.extend(costs.iter().flat_map(costing).map(|(lever, on, figures)| row(lever, on, figures)));
        }
    }
    ResultTable {
        name: "ledger",
        columns: vec![
            ("from", Cells::Date(rows.iter().map(|row| row.from).collect())),
            ("player", text(&rows, |row| id(answer, row.hand.player))),
            ("others", text(&rows, |row| row.others.to_string())),
            ("lever", text(&rows, |row| lever_id(answer, row.lever))),
            ("on", text(&rows, |row| id(answer, row.on))),
            ("alone", known(&rows, |row| row.figures[0])),
            ("last", known(&rows, |row| row.figures[1])),
            ("share", known(&rows, |row| row.figures[2])),
            ("together", known(&rows, |row| row.figures[3])),
        ],
    }
}

type Figures = (Option<usize>, usize, [Option<f64>; 4]);

fn costing(costs: &Costs) -> Vec<Figures> {
    let players = 0..costs.together.len();
    let of = |cost: &coercivity_engine::bargain::answer::ledger::LeverCost, on: usize| {
        (
            Some(cost.lever),
            on,
            [Some(cost.alone[on]), Some(cost.last[on]), cost.share.as_ref().map(|share| share[on]), None],
        )
    };
    let levers = costs.levers.iter().flat_map(|cost| players.clone().map(move |on| of(cost, on)));
    let all = players.clone().map(|on| (None, on, [None, None, None, Some(costs.together[on])]));
    levers.chain(all).collect()
}

fn fades(answer: &Answer) -> ResultTable {
    let rows = &answer.fades;
    ResultTable {
        name: "fades",
        columns: vec![
            ("player", text(rows, |row| id(answer, row.player))),
            ("lever", text(rows, |row| lever_id(answer, row.lever))),
            ("on", text(rows, |row| id(answer, row.on))),
            ("half_until", text(rows, |row| until(row.half, "%Y-%m-%d"))),
            ("beyond_own_until", text(rows, |row| until(row.beyond_own, "%Y-%m-%d"))),
        ],
    }
}

fn lasts(answer: &Answer) -> ResultTable {
    let rows = &answer.lasts;
    ResultTable {
        name: "lasts",
        columns: vec![
            ("player", text(rows, |row| id(answer, row.player))),
            ("lever", text(rows, |row| lever_id(answer, row.lever))),
            ("days", known(rows, |row| row.days)),
            ("throughout", text(rows, |row| yes_no(row.days.map(|_| row.throughout)))),
        ],
    }
}

fn mix(answer: &Answer, player: usize, mix: &[Played]) -> String {
    let one = |played: &Played| format!("{} {}", played.share.text, package(answer, player, played.package));
    mix.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn dominance(answer: &Answer) -> ResultTable {
    let rows: Vec<_> = answer.game.iter().flat_map(|game| &game.dominance).collect();
    ResultTable {
        name: "dominance",
        columns: vec![
            ("round", count(&rows, |row| row.round)),
            ("player", text(&rows, |row| id(answer, row.player))),
            ("package", text(&rows, |row| package(answer, row.player, row.package).to_string())),
            ("by", text(&rows, |row| mix(answer, row.player, &row.by))),
            ("margin", known(&rows, |row| Some(row.margin))),
        ],
    }
}

fn equilibria(answer: &Answer) -> ResultTable {
    let game = answer.game.as_ref();
    let all = game.and_then(|game| game.equilibria.as_deref()).unwrap_or_default();
    let rows = with_players(answer, 0..all.len());
    let component = |place: usize| {
        let components = game.iter().flat_map(|game| &game.components);
        components.into_iter().position(|component| component.equilibria.contains(&place)).map_or(0, |found| found + 1)
    };
    let played = |place: usize, player: usize| match game {
        Some(game) if player == game.row => mix(answer, player, &all[place].row),
        Some(game) if player == game.column => mix(answer, player, &all[place].column),
        _ => String::new(),
    };
    ResultTable {
        name: "equilibria",
        columns: vec![
            ("equilibrium", count(&rows, |row| row.0 + 1)),
            ("component", count(&rows, |row| component(row.0))),
            ("player", text(&rows, |row| id(answer, row.1))),
            ("plays", text(&rows, |row| played(row.0, row.1))),
            ("payoff", known(&rows, |row| Some(all[row.0].payoffs[row.1]))),
        ],
    }
}

fn draws(answer: &Answer) -> ResultTable {
    let rows: Vec<_> =
        answer.draws.iter().flat_map(|draws| draws.outcomes.iter().map(move |outcome| (draws, outcome))).collect();
    ResultTable {
        name: "draws",
        columns: vec![
            ("combination", count(&rows, |row| row.1.cell)),
            ("equilibrium", count(&rows, |row| row.1.equilibrium)),
            ("only", count(&rows, |row| row.1.only)),
            ("draws", count(&rows, |row| row.0.counted)),
        ],
    }
}

fn threats(answer: &Answer) -> ResultTable {
    let of = |threat| (threat, &answer.threats[threat]);
    let rows: Vec<_> = (0..answer.threats.len())
        .map(of)
        .flat_map(|(place, threat)| threat.outcomes.iter().map(move |outcome| (place, threat, outcome)))
        .collect();
    ResultTable {
        name: "threats",
        columns: vec![
            ("player", text(&rows, |row| id(answer, row.1.player))),
            ("to", text(&rows, |row| id(answer, row.1.other))),
            ("carrying_it_out_costs", known(&rows, |row| Some(row.1.costs_own))),
            ("moves", text(&rows, |row| row.2.moves.join("; "))),
            ("combination", count(&rows, |row| row.2.cell)),
        ],
    }
}

fn truce(answer: &Answer) -> ResultTable {
    let mut rows: Vec<(String, String, &Terms)> = Vec::new();
    if let Some(truce) = &answer.truce {
        for agreement in &truce.agreements {
            let name = agreement.position.clone().unwrap_or_default();
            rows.extend(agreement.terms.iter().map(|terms| (name.clone(), String::new(), terms)));
        }
        for issue in truce.linkage.iter().flat_map(|link| &link.issues) {
            rows.extend(issue.terms.iter().map(|terms| (String::new(), issue.id.clone(), terms)));
        }
    }
    ResultTable {
        name: "truce",
        columns: vec![
            ("position", text(&rows, |row| row.0.clone())),
            ("issue", text(&rows, |row| row.1.clone())),
            ("player", text(&rows, |row| id(answer, row.2.player))),
            ("temptation", known(&rows, |row| row.2.temptation)),
            ("reward", known(&rows, |row| Some(row.2.reward))),
            ("punishment", known(&rows, |row| Some(row.2.punishment))),
            ("least_patience", known(&rows, |row| row.2.keeps.least)),
            ("words", text(&rows, |row| row.2.keeps.words.clone())),
        ],
    }
}

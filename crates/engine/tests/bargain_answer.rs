//! What a bargain comes to, from payoffs by hand.

use coercivity_engine::bargain::Problem;
use coercivity_engine::bargain::answer::deals::Rule;
use coercivity_engine::bargain::answer::ledger::Fades;
use coercivity_engine::bargain::answer::play::Move;
use coercivity_engine::bargain::answer::{Answer, answer};
use coercivity_engine::bargain::payoffs::{Combinations, Lasts, Later, Payoffs, Runs, Values};
use coercivity_engine::bargain::spec::{Spec, read_spec};
use coercivity_model::{Date, Report};

const TRUCE: &str = "[truce]\nround_months = 3\nrenewal = 0.8\nanswered_after = 1\n";

/// A spec of two sides, `a` and `b`, with a lever each that is off or on, and what more is said.
fn duel(more: &str) -> Spec {
    spec(&format!("{}{}{more}", lever("a-ban", "a"), lever("b-ban", "b")))
}

fn lever(id: &str, by: &str) -> String {
    format!("[[lever]]\nid = \"{id}\"\nby = \"{by}\"\nmeasures = \"m-{id}\"\n")
}

/// A spec with the players `a` and `b`, and `c` who only looks on.
fn spec(more: &str) -> Spec {
    let head = "name = \"Test\"\nscenario = \"s\"\ntalks = 2026-01-01\nround_to = 1\n";
    let player =
        |id: &str| format!("[[player]]\nid = \"{id}\"\nname = \"{}\"\nregions = \"{id}\"\n", id.to_uppercase());
    let text = format!("{head}{}{}{}{more}", player("a"), player("b"), player("c"));
    let mut report = Report::default();
    read_spec("bargain.toml", &text, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

/// Payoffs by a rule over the levels of levers; who looks on gets nothing unless it says otherwise.
fn payoffs(spec: &Spec, of: impl Fn(&[usize]) -> Vec<i64>) -> Payoffs {
    let values = values(spec, of);
    let known = values.len();
    Payoffs {
        currency: "USD".to_string(),
        model: "Model".to_string(),
        scenario: "Scenario".to_string(),
        hash: "0".to_string(),
        months: 24.0,
        runs: Runs { combinations: known, known, programs: known },
        values,
        decay: Vec::new(),
        lasts: Vec::new(),
        draws: Vec::new(),
    }
}

fn values(spec: &Spec, of: impl Fn(&[usize]) -> Vec<i64>) -> Values {
    let combinations = Combinations::new(spec.levers.iter().map(|lever| lever.levels.len()).collect()).unwrap();
    let cell = |cell| of(&combinations.levels(cell)).into_iter().map(|value| value as f64).collect();
    (0..combinations.count).map(|number| Some(cell(number))).collect()
}

/// A game in which the column player's payoffs mirror the row player's.
fn mirrored(table: [[i64; 2]; 2]) -> impl Fn(&[usize]) -> Vec<i64> {
    move |levels| vec![table[levels[0]][levels[1]], table[levels[1]][levels[0]], 0]
}

fn solved(spec: &Spec, payoffs: &Payoffs) -> Answer {
    answer(spec, payoffs, "coercivity bargain".to_string()).unwrap()
}

/// Shares of packages 0, 1 of both sides in each equilibrium.
fn shares(answer: &Answer) -> Vec<String> {
    let game = answer.game.as_ref().unwrap();
    let mix = |played: &[coercivity_engine::bargain::answer::play::Played]| {
        played.iter().map(|one| format!("{}:{}", one.package, one.share.text)).collect::<Vec<_>>().join(" ")
    };
    game.equilibria.as_ref().unwrap().iter().map(|e| format!("{} | {}", mix(&e.row), mix(&e.column))).collect()
}

#[test]
fn chicken() {
    // Both on: 0. Each would rather hold out while the other gives way, and give way while the other holds out.
    let spec = duel(TRUCE);
    let found = solved(&spec, &payoffs(&spec, mirrored([[3, 1], [4, 0]])));
    assert_eq!(shares(&found), ["0:1 | 1:1", "0:1/2 1:1/2 | 0:1/2 1:1/2", "1:1 | 0:1"]);
    let game = found.game.as_ref().unwrap();
    assert!(game.dominance.is_empty());
    // Half-half: (3 + 1 + 4 + 0) / 4.
    assert_eq!(game.equilibria.as_ref().unwrap()[1].payoffs, [2.0, 2.0, 0.0]);
    assert_eq!(game.equilibria.as_ref().unwrap()[0].cell, Some(2));
    // From 0: (3, 3) has the largest product, 9: along (4 - t, 1 + 2t) it grows up to t = 1.
    let deals = found.deals.as_ref().unwrap();
    assert_eq!(deals.ideal, [4.0, 4.0]);
    assert_eq!(deals.points.iter().map(|point| point.rule).collect::<Vec<_>>().len(), 3);
    for point in &deals.points {
        assert_eq!(
            (point.deal.gains.as_slice(), point.deal.mix[0].cell),
            (&[3.0, 3.0, 0.0][..], 0),
            "{:?}",
            point.rule
        );
    }
    assert_eq!(deals.frontier.iter().map(|at| at.cell).collect::<Vec<_>>(), [1, 0, 2]);
    assert_eq!((deals.acceptable, deals.payments.as_ref().unwrap().surplus), (4, 6.0));
    // (4 - 3) / (4 - 0) = 1/4, renewed four times out of five: 5/16.
    let truce = found.truce.as_ref().unwrap();
    assert_eq!(truce.agreements.len(), 1);
    for terms in &truce.agreements[0].terms {
        assert_eq!((terms.temptation, terms.reward, terms.punishment), (Some(4.0), 3.0, 0.0));
        assert_eq!(terms.keeps.exact.as_ref().unwrap().text, "5/16");
    }
    // Refused, the one who threatens has 1 if it lets it be and 0 if not: an empty threat, and 4 is more than 3.
    let threat = &found.threats[0];
    assert_eq!((threat.player, threat.other, threat.costs_own), (0, 1, 1.0));
    assert_eq!((threat.carried_out, threat.given_in), (Move::No, Move::No));
    assert_eq!((threat.outcomes.len(), threat.outcomes[0].cell), (1, 2));
    // So no deal, with both holding out, is not what either would do alone: giving way is worth 1 more.
    let rather = |name: &str| found.doubt.iter().filter(|doubt| doubt.starts_with(name)).collect::<Vec<_>>();
    assert!(rather("A would do better by $1 ")[0].contains("if it chose: no lever."));
    assert_eq!(rather("B would do better by $1 ").len(), 1);
    assert_eq!(
        found.headline,
        "Against no deal a bargain can give A $3 and B $3: no lever pulled. It holds where A and B have a patience of 0.313 \
         a round or more."
    );
}

#[test]
fn prisoners_dilemma() {
    let spec = duel(TRUCE);
    let found = solved(&spec, &payoffs(&spec, mirrored([[3, 0], [5, 1]])));
    assert_eq!(shares(&found), ["1:1 | 1:1"]);
    let game = found.game.as_ref().unwrap();
    // 5 - 3 and 1 - 0: by 1 at least.
    let struck: Vec<_> =
        game.dominance.iter().map(|s| (s.round, s.player, s.package, s.by[0].package, s.margin)).collect();
    assert_eq!(struck, [(1, 0, 0, 1, 1.0), (1, 1, 0, 1, 1.0)]);
    assert_eq!(game.left, [vec![1], vec![1]]);
    // (5 - 3) / (5 - 1) = 1/2, over 4/5.
    for terms in &found.truce.as_ref().unwrap().agreements[0].terms {
        assert_eq!(terms.keeps.exact.as_ref().unwrap().text, "5/8");
        // (8/5)^4 - 1 with four rounds a year.
        assert!((terms.keeps.rate_per_year.unwrap() - 5.5536).abs() < 1e-9);
        assert_eq!(terms.breach.as_ref().unwrap().levels, if terms.player == 0 { [1, 0] } else { [0, 1] });
    }
    // Refused, it is better to pull too: 1 against 0. So the other gives in: 3 against 1.
    assert_eq!((found.threats[1].carried_out, found.threats[1].given_in), (Move::Yes, Move::Yes));
    assert_eq!(found.threats[1].outcomes[0].moves, ["gives in"]);
    assert!(!found.doubt.iter().any(|doubt| doubt.contains("would do better")));
}

#[test]
fn stag_hunt() {
    let spec = duel(TRUCE);
    let found = solved(&spec, &payoffs(&spec, mirrored([[4, 0], [3, 2]])));
    assert_eq!(shares(&found), ["0:1 | 0:1", "0:2/3 1:1/3 | 0:2/3 1:1/3", "1:1 | 1:1"]);
    assert_eq!(found.game.as_ref().unwrap().components.len(), 3);
    let keeps = &found.truce.as_ref().unwrap().agreements[0].terms[0].keeps;
    assert_eq!((keeps.least, keeps.words.as_str()), (Some(0.0), "always: breaking it never pays"));
    assert!(found.headline.ends_with("It holds by itself: no side gains by breaking it."), "{}", found.headline);
}

#[test]
fn a_lever_that_changes_nothing() {
    // Chicken, with a second lever of A that nobody feels: packages 0 and 2 are the same, and 1 and 3.
    let spec = spec(&[lever("a-ban", "a"), lever("b-ban", "b"), lever("a-dud", "a")].concat());
    let found = solved(&spec, &payoffs(&spec, mirrored([[3, 1], [4, 0]])));
    let game = found.game.as_ref().unwrap();
    assert_eq!(game.same, [vec![vec![0, 2], vec![1, 3]], vec![vec![0], vec![1]]]);
    assert_eq!(shares(&found), ["0:1 | 1:1", "0:1/2 1:1/2 | 0:1/2 1:1/2", "1:1 | 0:1"]);
    let hand = found.ledger[0].alone.as_ref().unwrap();
    assert_eq!((hand.levers[1].lever, hand.levers[1].alone.as_slice()), (2, &[0.0, 0.0, 0.0][..]));
    assert_eq!(hand.levers[1].share, Some(vec![0.0, 0.0, 0.0]));
    // A's ban alone brings A from 3 to 4 and B from 3 to 1; in no deal from 1 to 0 and from 4 to 0.
    assert_eq!(hand.levers[0].alone, [-1.0, 2.0, 0.0]);
    assert_eq!(found.ledger[0].in_no_deal.as_ref().unwrap().together, [1.0, 4.0, 0.0]);
    // What comes to the same stands on the frontier once.
    assert_eq!(found.deals.as_ref().unwrap().frontier.len(), 3);
}

/// Concessions: A's alone is worth 2 to B and costs A 1; B's mirrored; both together 1 each. C loses 5 by A's lever and 2
/// by B's.
fn concessions(levels: &[usize]) -> Vec<i64> {
    let (a, b) = (levels[0] == 0, levels[1] == 0);
    let sides = match (a, b) {
        (true, true) => [1, 1],
        (true, false) => [-1, 2],
        (false, true) => [2, -1],
        (false, false) => [0, 0],
    };
    vec![sides[0], sides[1], if a { 0 } else { -5 } + if b { 0 } else { -2 }]
}

#[test]
fn positions_and_who_is_hit() {
    let spec = duel(
        "[[position]]\nid = \"ask\"\nof = \"a\"\nlevels = { b-ban = \"off\" }\n\
         [[position]]\nid = \"both\"\nlevels = { a-ban = \"off\", b-ban = \"off\" }\n",
    );
    let found = solved(&spec, &payoffs(&spec, concessions));
    let [ask, both] = &found.positions[..] else { panic!() };
    assert_eq!(
        (ask.of, ask.acceptable, ask.can_be_paid_for, ask.on_frontier),
        (Some(0), Some(false), Some(true), Some(true))
    );
    // C is 2 better off than with no deal, and asked by nobody.
    assert_eq!(ask.combination.gains, Some(vec![2.0, -1.0, 2.0]));
    assert_eq!(ask.shortfall, Some(vec![0.0, 1.0, 0.0]));
    assert_eq!(ask.additions.len(), 1);
    let added = &ask.additions[0];
    assert_eq!((added.adds[0].by, added.adds[0].to.lever, added.adds[0].from, added.adds[0].to.level), (0, 0, 1, 0));
    assert_eq!(added.combination.gains, Some(vec![1.0, 1.0, 7.0]));
    assert_eq!((both.of, both.acceptable), (None, Some(true)));
    assert!(both.additions.is_empty());
    assert!(found.players[2].bystander);
    assert_eq!(found.ledger.len(), 2);
    assert_eq!(found.ledger[0].alone.as_ref().unwrap().together[2], 5.0);
}

#[test]
fn the_price_of_a_constraint() {
    // With B's lever where it is, what is left is A's concession alone, which A does not make for nothing.
    let bound = "[[constraint]]\nid = \"no\"\nname = \"B's ban stays\"\nlevels = { b-ban = \"on\" }\n";
    let spec = duel(bound);
    let found = solved(&spec, &payoffs(&spec, concessions));
    let constraint = &found.constraints[0];
    assert_eq!((constraint.left, constraint.prices.len()), (2, 3));
    for price in &constraint.prices {
        assert!(price.bound.is_none());
        // C loses the 7 that it would gain by both.
        assert_eq!(price.lost, [1.0, 1.0, 7.0], "{:?}", price.rule);
    }
    // If A's concession is worth 1 to A itself, that is what is left: (1, 2) instead of (3, 3).
    let found = solved(
        &spec,
        &payoffs(&spec, |levels| match levels {
            [0, 0] => vec![3, 3, 0],
            [0, _] => vec![1, 2, 0],
            [_, 0] => vec![4, -1, 0],
            _ => vec![0, 0, 0],
        }),
    );
    let price = &found.constraints[0].prices[0];
    assert_eq!((price.rule, price.lost.as_slice()), (Rule::Nash, &[2.0, 1.0, 0.0][..]));
    assert_eq!(price.bound.as_ref().unwrap().mix[0].levels, [0, 1]);
}

#[test]
fn a_draw_by_lot_where_no_combination_will_do() {
    // Half of (3, -1), half of (-1, 3): 1 each. No single combination gives both something, so nothing is said on truces.
    let spec = duel(TRUCE);
    let found = solved(
        &spec,
        &payoffs(&spec, |levels| match levels {
            [0, 0] => vec![-2, -2, 0],
            [0, _] => vec![-1, 3, 4],
            [_, 0] => vec![3, -1, 0],
            _ => vec![0, 0, 0],
        }),
    );
    let nash = &found.deals.as_ref().unwrap().points[0].deal;
    assert_eq!(
        nash.mix.iter().map(|share| (share.cell, share.share.text.as_str())).collect::<Vec<_>>(),
        [(1, "1/2"), (2, "1/2")]
    );
    assert_eq!(nash.gains, [1.0, 1.0, 2.0]);
    assert!(found.truce.as_ref().unwrap().agreements.is_empty());
    assert!(found.headline.ends_with("so that nothing is said on whether it holds."), "{}", found.headline);
}

#[test]
fn linking_two_issues() {
    // In the first issue A is tempted by 8 and B by 4, in the second the other way round; kept 3, given up 1, betrayed -10.
    let levers =
        [("a-one", "a"), ("b-one", "b"), ("a-two", "a"), ("b-two", "b")].map(|(id, by)| lever(id, by)).concat();
    let issues = "[[issue]]\nid = \"one\"\nlevers = [\"a-one\", \"b-one\"]\n[[issue]]\nid = \"two\"\nlevers = [\"a-two\", \"b-two\"]\n";
    let spec = spec(&format!("{levers}{issues}{}", TRUCE.replace("0.8", "1.0")));
    let issue = |tempted: [i64; 2], a: usize, b: usize| match (a, b) {
        (0, 0) => [3, 3],
        (1, 0) => [tempted[0], -10],
        (0, 1) => [-10, tempted[1]],
        _ => [1, 1],
    };
    let found = solved(
        &spec,
        &payoffs(&spec, |l| {
            let (one, two) = (issue([8, 4], l[0], l[1]), issue([4, 8], l[2], l[3]));
            vec![one[0] + two[0], one[1] + two[1], 0]
        }),
    );
    let truce = found.truce.as_ref().unwrap();
    assert_eq!(truce.agreements[0].combination.cell, 0);
    let exact = |keeps: &coercivity_engine::bargain::answer::hold::Keeps| keeps.exact.as_ref().unwrap().text.clone();
    // Both broken at once: (12 - 6) / (12 - 2).
    assert_eq!(exact(&truce.agreements[0].terms[0].keeps), "3/5");
    let link = truce.linkage.as_ref().unwrap();
    assert_eq!(link.issues[0].terms.iter().map(|terms| exact(&terms.keeps)).collect::<Vec<_>>(), ["5/7", "1/3"]);
    assert_eq!((exact(&link.all_apart), exact(&link.all_pooled)), ("5/7".to_string(), "3/5".to_string()));
}

#[test]
fn what_was_not_run_is_unknown() {
    let spec = duel(&format!("{TRUCE}[[position]]\nid = \"ask\"\nlevels = {{ b-ban = \"off\" }}\n"));
    let mut payoffs = payoffs(&spec, mirrored([[3, 1], [4, 0]]));
    payoffs.values[1] = None;
    payoffs.runs.known = 3;
    let found = solved(&spec, &payoffs);
    assert!(found.game.is_none() && found.no_game.as_ref().unwrap().contains("not every combination was run"));
    assert_eq!((found.ledger[0].alone.is_none(), found.ledger[1].alone.is_some()), (true, true));
    let position = &found.positions[0];
    assert_eq!((position.acceptable, position.on_frontier, &position.combination.gains), (None, None, &None));
    let terms = &found.truce.as_ref().unwrap().agreements[0].terms;
    assert_eq!((terms[0].temptation, terms[1].temptation), (None, Some(4.0)));
    assert!(terms[0].keeps.words.starts_with("unknown"));
    assert!(found.headline.ends_with("Whether A would keep it is unknown."), "{}", found.headline);
    assert!(found.doubt[0].starts_with("3 of 4 combinations were run."));
    // Without no deal there is nothing to compare with.
    payoffs.values[3] = None;
    let found = solved(&spec, &payoffs);
    assert!(found.deals.is_none() && found.no_deal.payoffs.is_none());
    assert!(found.headline.starts_with("What no deal comes to was not run"));
}

#[test]
fn a_large_hand_has_no_shares_where_not_all_of_it_was_run() {
    // Three levers of A, of which any two cost B 10 and one alone 4; all 20. Not run: the first two together.
    let spec = spec(&[lever("one", "a"), lever("two", "a"), lever("three", "a"), lever("b-ban", "b")].concat());
    let cost = |levels: &[usize]| vec![0, -[0, 4, 10, 20][levels[..3].iter().sum::<usize>()], 0];
    let mut payoffs = payoffs(&spec, cost);
    let found = solved(&spec, &payoffs);
    // By symmetry a third of 20 each; 20 - 3 x 4 together beyond apart.
    let costs = found.ledger[0].alone.as_ref().unwrap();
    assert!((costs.levers[2].share.as_ref().unwrap()[1] - 20.0 / 3.0).abs() < 1e-12);
    assert_eq!((costs.levers[0].alone[1], costs.levers[0].last[1], costs.interaction[1]), (4.0, 10.0, 8.0));
    payoffs.values[1 + 2] = None;
    payoffs.runs.known -= 1;
    let partial = solved(&spec, &payoffs);
    let costs = partial.ledger[0].alone.as_ref();
    assert!(costs.is_none(), "the third as the last of the hand takes the first two");
    let four = self::spec(
        &[lever("one", "a"), lever("two", "a"), lever("three", "a"), lever("four", "a"), lever("b-ban", "b")].concat(),
    );
    let mut payoffs = self::payoffs(&four, |levels| vec![0, -(levels[..4].iter().sum::<usize>() as i64), 0]);
    payoffs.values[1 + 2] = None;
    let costs = solved(&four, &payoffs).ledger[0].alone.clone().unwrap();
    assert!(costs.levers.iter().all(|cost| cost.share.is_none() && cost.last[1] == 1.0));
}

#[test]
fn payoffs_are_rounded_once() {
    // 0.4 is 0 and 2.6 is 3: what remains is chicken.
    let spec = duel("");
    let mut payoffs = payoffs(&spec, mirrored([[3, 1], [4, 0]]));
    payoffs.values[3] = Some(vec![0.4, -0.4, 0.0]);
    payoffs.values[0] = Some(vec![2.6, 3.4, 0.0]);
    let found = solved(&spec, &payoffs);
    assert_eq!(found.payoffs[0], Some(vec![3.0, 3.0, 0.0]));
    assert_eq!(shares(&found).len(), 3);
    payoffs.values[2] = Some(vec![f64::NAN, f64::INFINITY, 0.0]);
    let problems = answer(&spec, &payoffs, String::new()).unwrap_err();
    assert!(matches!(
        problems[..],
        [Problem::PackageNotFinite { package: Some(2), player: 0, .. }, Problem::PackageNotFinite { .. }]
    ));
}

#[test]
fn one_side_alone_and_three() {
    // A alone holds a lever: no game, and no deal to be had with nobody.
    let alone = spec(&lever("a-ban", "a"));
    let found = solved(&alone, &payoffs(&alone, |levels| vec![-(levels[0] as i64), -5 * levels[0] as i64, 0]));
    assert!(found.game.is_none() && found.no_game.as_ref().unwrap().contains("here there are 1"));
    assert_eq!(found.ledger[0].alone.as_ref().unwrap().together, [1.0, 5.0, 0.0]);
    assert!(found.threats.is_empty() && found.offers.is_empty());
    // It is better off without its own lever, whatever others say.
    assert_eq!(found.deals.as_ref().unwrap().points[0].deal.gains, [1.0, 5.0, 0.0]);
    // Three sides, each of whom loses 2 by the lever of the next and gains 1 by its own.
    let three = spec(&[lever("a-ban", "a"), lever("b-ban", "b"), lever("c-ban", "c")].concat());
    let found = solved(
        &three,
        &payoffs(&three, |levels| (0..3).map(|p| levels[p] as i64 - 2 * levels[(p + 1) % 3] as i64).collect()),
    );
    assert!(found.game.is_none() && found.no_game.as_ref().unwrap().contains("here there are 3"));
    let deals = found.deals.as_ref().unwrap();
    assert_eq!(deals.points[2].deal.gains, [1.0, 1.0, 1.0]);
    assert!(!deals.points[0].deal.exact);
    assert_eq!((found.threats.len(), deals.frontier.len()), (6, 7));
}

#[test]
fn how_levers_fade_and_how_long_sides_last() {
    let spec = duel(TRUCE);
    // A's ban costs B 10, then 6, then 2 a year apart; A itself 4 throughout. B's costs nobody anything.
    let day = |year: i16| Date::constant(year, 1, 1);
    let at = |cost: i64| values(&spec, move |levels| vec![-4 * levels[0] as i64, -cost * levels[0] as i64, 0]);
    let later = |(year, cost)| Later { date: day(year), months: 12.0, values: at(cost) };
    let lasts = |player, lever, days| Lasts { player, lever, days, throughout: false };
    let known = payoffs(&spec, mirrored([[3, 1], [4, 0]]));
    let payoffs = Payoffs {
        decay: [(2026, 10), (2027, 6), (2028, 2)].map(later).to_vec(),
        // Rounds of three months are 91.3125 days: nine of them and four.
        lasts: vec![
            lasts(0, None, Some(821.8125)),
            lasts(1, Some(0), Some(5.0)),
            lasts(1, None, Some(365.25)),
            lasts(2, None, None),
        ],
        ..known
    };
    let found = solved(&spec, &payoffs);
    let fade = &found.fades[0];
    assert_eq!((fade.player, fade.lever, fade.on), (0, Some(0), 1));
    // 5 is reached a quarter of the way from 6 to 2: 365 + 91.25 days. 4, what it costs A, half of the way: 365 + 182.5.
    assert_eq!(fade.half, Fades::Until(Date::constant(2027, 4, 2)));
    assert_eq!(fade.beyond_own, Fades::Until(Date::constant(2027, 7, 2)));
    assert!(found.fades.iter().filter(|fade| fade.player == 1).all(|fade| fade.half == Fades::Never));
    let text = |n: usize| found.patience[n].patience.as_ref().map(|patience| patience.text.as_str());
    assert_eq!((text(0), text(1), text(2)), (Some("9/10"), Some("4/5"), None));
    // By Rubinstein: 5/7 for A if it begins. If B does: (1 - 9/10) / (1 - 18/25) = 5/14.
    let offers: Vec<_> =
        found.offers.iter().map(|o| (o.first, o.shares[0].text.as_str(), o.shares[1].text.as_str())).collect();
    assert_eq!(offers, [(0, "5/7", "2/7"), (1, "9/14", "5/14")]);
}

#[test]
fn outcomes_over_draws() {
    let text = "[draws]\nensemble = \"e.toml\"\nsamples = 4\n";
    let spec = duel(text);
    let mut payoffs = payoffs(&spec, mirrored([[3, 1], [4, 0]]));
    let draw = |table| values(&spec, mirrored(table));
    // Chicken, the dilemma, the hunt, and one of which a cell is not known.
    payoffs.draws = [[[3, 1], [4, 0]], [[3, 0], [5, 1]], [[4, 0], [3, 2]], [[3, 1], [4, 0]]].map(draw).to_vec();
    payoffs.draws[3][0] = None;
    let draws = solved(&spec, &payoffs).draws.unwrap();
    assert_eq!((draws.samples, draws.counted, draws.none), (4, 3, 0));
    let counts: Vec<_> = draws.outcomes.iter().map(|o| (o.packages, o.equilibrium, o.only)).collect();
    assert_eq!(counts, [([1, 1], 2, 1), ([0, 0], 1, 0), ([0, 1], 1, 0), ([1, 0], 1, 0)]);
}

#[test]
fn a_game_too_large_is_told() {
    // Matching pennies of 40 packages each: nothing is dominated.
    let levels: String = (0..40).map(|n| format!("{{ id = \"l{n}\", with = {{ allow = 0.5 }} }}, ")).collect();
    let many = |id, by| format!("{}levels = [{levels}]\n", lever(id, by));
    let spec = spec(&[many("a-ban", "a"), many("b-ban", "b")].concat());
    let found =
        solved(&spec, &payoffs(&spec, |levels| if levels[0] == levels[1] { vec![1, -1, 0] } else { vec![-1, 1, 0] }));
    let game = found.game.as_ref().unwrap();
    assert!(game.equilibria.is_none());
    assert!(game.too_large.as_ref().unwrap().contains("fewer levers"));
    assert!(found.doubt.iter().any(|doubt| doubt.contains("too large")));
}

/// A small bargain with everything in it.
fn everything() -> (Spec, Payoffs) {
    let text = "name = \"Chips for magnets, in small\"\nscenario = \"s\"\ntalks = 2026-01-01\nmonths = 24\nround_to = 1e6\n\
        [[player]]\nid = \"us\"\nname = \"United States\"\nregions = \"USA\"\n\
        [[player]]\nid = \"cn\"\nname = \"China\"\nregions = \"CHN\"\n\
        [[player]]\nid = \"jp\"\nname = \"Japan\"\nregions = \"JPN\"\n\
        [[lever]]\nid = \"cn-licences\"\nname = \"licences\"\nby = \"cn\"\nmeasures = \"a\"\nsource = \"CN-2025-18\"\n\
        levels = [{ id = \"off\" }, { id = \"civil\", name = \"civil only\", with = { allow_military = 0 } }, { id = \"on\" }]\n\
        [[lever]]\nid = \"us-chips\"\nname = \"chip controls\"\nby = \"us\"\nmeasures = \"b\"\n\
        [[lever]]\nid = \"cn-soy\"\nname = \"no soy\"\nby = \"cn\"\nmeasures = \"c\"\n\
        [[lever]]\nid = \"us-ports\"\nname = \"port fees\"\nby = \"us\"\nmeasures = \"d\"\n\
        [[position]]\nid = \"june\"\nname = \"China, June\"\nof = \"cn\"\ndate = 2025-06-10\nsource = \"someone\"\n\
        levels = { cn-licences = \"civil\", us-chips = \"off\" }\n\
        [[position]]\nid = \"us-ask\"\nname = \"All licences lifted\"\nof = \"us\"\nlevels = { cn-licences = \"off\" }\n\
        [[constraint]]\nid = \"no-quid\"\nname = \"Chips are not on the table\"\nlevels = { us-chips = \"on\" }\n\
        [[issue]]\nid = \"tech\"\nname = \"Technology\"\nlevers = [\"cn-licences\", \"us-chips\"]\n\
        [[issue]]\nid = \"trade\"\nname = \"Trade\"\nlevers = [\"cn-soy\", \"us-ports\"]\n\
        [truce]\nround_months = 3\nrenewal = 0.8\nanswered_after = 1\n\
        [decay]\ndates = [2026-01-01, 2027-01-01, 2028-01-01]\nmonths = 12\n\
        [draws]\nensemble = \"e.toml\"\nsamples = 3\n";
    let mut report = Report::default();
    let spec = read_spec("bargain.toml", text, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    // Millions. The licences bite twice as hard with chips made at home, and cost China a bit itself.
    let rule = |scale: i64| {
        move |levels: &[usize]| {
            let [licences, chips, soy, ports] = levels else { panic!() };
            let licences = [0, 40, 100][*licences] * scale / 10;
            let on = |level: &usize| *level as i64;
            let us = -licences - 20 * on(soy) - 10 * on(chips) + 8 * on(ports) - licences * on(chips) / 2;
            let cn = -licences / 10 - 60 * on(chips) + 6 * on(soy) - 15 * on(ports);
            let jp = -licences / 4 - 5 * on(chips);
            [us, cn, jp].map(|value| value * 1_000_000).to_vec()
        }
    };
    let day = |year: i16| Date::constant(year, 1, 1);
    let later = |(year, scale)| Later { date: day(year), months: 12.0, values: values(&spec, rule(scale)) };
    let lasts = |player, lever, days, throughout| Lasts { player, lever, days: Some(days), throughout };
    let known = payoffs(&spec, rule(10));
    let payoffs = Payoffs {
        decay: [(2026, 10), (2027, 5), (2028, 2)].map(later).to_vec(),
        lasts: vec![
            lasts(0, Some(0), 61.0, false),
            lasts(0, Some(2), 730.0, true),
            lasts(0, None, 61.0, false),
            lasts(1, Some(1), 90.0, false),
            lasts(1, Some(3), 730.0, true),
            lasts(1, None, 90.0, false),
            lasts(2, Some(0), 120.0, false),
            lasts(2, None, 120.0, false),
        ],
        draws: [10, 6, 1].map(|scale| values(&spec, rule(scale))).to_vec(),
        runs: Runs { programs: 20, ..known.runs },
        hash: "5f0c".to_string(),
        ..known
    };
    (spec, payoffs)
}

#[test]
fn all_of_it_as_json() {
    let (spec, payoffs) = everything();
    let found = solved(&spec, &payoffs);
    let text = serde_json::to_string_pretty(&found).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap().headline, found.headline);
    insta::assert_snapshot!("bargain-as-json", text);
}

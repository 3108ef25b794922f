//! Plans: what each kind of option does to a future, against runs of a model that has it in its tables and by hand; and what
//! is said of a portfolio.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::plan::answer::{Answer, Method, Question, answer};
use coercivity_engine::plan::conflict::{Conflict, conflict};
use coercivity_engine::plan::spec::read_spec;
use coercivity_engine::plan::{Future, Plan};
use coercivity_engine::solve::SolveError;
use coercivity_engine::two_stage::{Asked, Benders, Risk};
use coercivity_model::{Model, Report, Scenario};
use common::{Case, outcome};

/// A need of 120 a year in HOME, of magnets that a mill makes of oxide; 60 a year can come from ELSE.
const TABLES: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 12\nterminal_value = 0\ndiscount_rate = 0\n",
    ),
    ("regions.csv", "id\nHOME\nELSE\n"),
    ("products.csv", "id,unit,stage,price\nox,t,oxide,10\nmag,t,magnet,100\n"),
    ("processes.csv", "process,product,amount\nsep,ox,1\nmake,ox,-1\nmake,mag,1\n"),
    (
        "sites.csv",
        "id,process,region,capacity,cost\nsep-home,sep,HOME,1200,1\nmill-else,sep;make,ELSE,1200,2\nmill,make,HOME,12,3\n",
    ),
    ("lanes.csv", "product,from,to,flow,growth\nmag,ELSE,HOME,60,0\n"),
    ("demands.csv", "id,region,amount,value\nneed,HOME,120,1000\n"),
    ("uses.csv", "demand,product,amount,option\nneed,mag,1,\nneed,ox,1,lean\n"),
    ("options.csv", "demand,option,max_share,cost\nneed,lean,0.1,5\n"),
    ("stocks.csv", "region,product,initial,kind\nHOME,mag,0,strategic\n"),
    (
        "calm.toml",
        "name = \"calm\"\n[[measure]]\nid = \"open\"\nkind = \"release\"\nregion = \"HOME\"\nproducts = \"mag\"\n\
         from = 2025-04-01\n",
    ),
    // From July nothing comes from ELSE.
    (
        "cut.toml",
        "name = \"cut\"\nextends = \"calm.toml\"\n[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"ELSE\"\n\
         on = \"mag\"\nfrom = 2025-07-01\n",
    ),
];

const SITE: &str = "[[option]]\nid = \"mill-2\"\nkind = \"site\"\nlike = \"mill\"\ncapacity = 48\ncost = 9000\n\
                    lead_months = 3\nramp_months = 2\n";
const STOCK: &str = "[[option]]\nid = \"pile\"\nkind = \"stock\"\nregion = \"HOME\"\nproduct = \"mag\"\nunits = 20\n\
                     impact = 0.5\nlead_months = 1\n";
const BUFFER: &str = "[[option]]\nid = \"buffer\"\nkind = \"stock\"\nstock = \"commercial\"\nregion = \"HOME\"\n\
                      product = \"mag\"\nunits = 12\nlead_months = 2\n";
const OFFTAKE: &str = "[[option]]\nid = \"contract\"\nkind = \"offtake\"\nproduct = \"mag\"\nfrom = \"ELSE\"\nto = \"HOME\"\n\
                       amount = 24\npremium = 7\nyears = 2\nlead_months = 2\n";
const REDESIGN: &str = "[[option]]\nid = \"redesign\"\nkind = \"substitution\"\ndemands = \"need\"\noption = \"lean\"\n\
                        share = 0.2\ncost = 500\nlead_months = 6\n";

fn case(changes: &[(&str, &str)]) -> Case {
    let mut case = Case { path: "plan".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().chain(changes).for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    case
}

fn input(scenario: &str, changes: &[(&str, &str)]) -> (Model, Scenario) {
    case(changes).input(Some(scenario)).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

/// Futures of scenarios with probabilities.
fn futures(of: &[(&str, f64)], changes: &[(&str, &str)]) -> Vec<Future> {
    let future = |(name, probability): &(&str, f64)| {
        let (model, measures) = input(name, changes);
        Future { name: name.to_string(), probability: *probability, model, measures }
    };
    of.iter().map(future).collect()
}

fn plan_of(head: &str, options: &[&str], futures: &[Future]) -> Plan {
    let list: String = futures
        .iter()
        .map(|f| format!("[[future]]\nscenario = \"{}\"\nprobability = {}\n", f.name, f.probability))
        .collect();
    let text = format!("{head}\n{list}{}", options.concat());
    let mut report = Report::default();
    report.add_text("plan.toml", text.as_str().into());
    let plan =
        read_spec("plan.toml", &text, &mut report).and_then(|spec| Plan::new(spec, "plan.toml", futures, &mut report));
    plan.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

/// What the one future of a plan costs if each option is done to a share.
fn cost_at(plan: &Plan, share: f64) -> f64 {
    let mut decisions = plan.portfolio.nothing();
    for pieces in &plan.portfolio.pieces {
        pieces.iter().for_each(|x| decisions[*x] = share / pieces.len() as f64);
    }
    let probabilities = plan.problem.probabilities();
    let asked = Asked::new(&plan.problem.first, &probabilities, Risk::NEUTRAL, &|| false);
    Benders::new(&plan.problem).unwrap().costs_at(&asked, &decisions).unwrap().unwrap()[0]
}

/// What a run of a model costs.
fn run_costs(scenario: &str, changes: &[(&str, &str)]) -> f64 {
    let (model, measures) = input(scenario, changes);
    outcome(&model, &measures, Foresight::Perfect, true).plans[0].solution.objective
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-6 * wanted.abs().max(1.0), "{found}, not {wanted}");
}

fn ask(plan: &Plan, method: Method) -> Result<Answer, SolveError> {
    answer(
        plan,
        &Question {
            method,
            gap: 0.0,
            frontier: true,
            values: true,
            tell: &|_, _, _, _| {},
            left: &|| None,
            stop: &|| false,
        },
    )
}

const HEAD: &str = "name = \"p\"\nbudget = 1e9";

#[test]
fn with_nothing_done_a_future_is_a_run_of_the_model() {
    let plan = plan_of(HEAD, &[SITE, STOCK, BUFFER, OFFTAKE, REDESIGN], &futures(&[("cut.toml", 1.0)], &[]));
    near(cost_at(&plan, 0.0), run_costs("cut.toml", &[]));
}

#[test]
fn with_all_done_a_future_is_a_run_of_the_model_that_has_it() {
    let one = |option: &str| cost_at(&plan_of(HEAD, &[option], &futures(&[("cut.toml", 1.0)], &[])), 1.0);
    let sites = "id,process,region,capacity,cost,opens,ramp_months\nsep-home,sep,HOME,1200,1,,\n\
                 mill-else,sep;make,ELSE,1200,2,,\nmill,make,HOME,12,3,,\nmill-2,make,HOME,48,3,2025-04-01,2\n";
    near(one(SITE), run_costs("cut.toml", &[("sites.csv", sites)]));
    // What a contract adds is as if the lane carried more: from March on, so by hand before it.
    let more = "product,from,to,flow,growth\nmag,ELSE,HOME,84,0\n";
    let at_once = OFFTAKE.replace("lead_months = 2\n", "");
    // A ban of all flow stays one, so both end in July.
    near(one(&at_once), run_costs("cut.toml", &[("lanes.csv", more)]));
    near(one(OFFTAKE), run_costs("cut.toml", &[("lanes.csv", more)]) + 2.0 * 2.0 * (1000.0 - 4.0));
    // Alternatives from July on: the other one beside the first.
    let uses = "demand,product,amount,option\nneed,mag,1,\nneed,ox,1,lean\nneed,ox,1,lean-2\n";
    let options = "demand,option,opens,max_share,cost\nneed,lean,,0.1,5\nneed,lean-2,2025-07-01,0.2,5\n";
    near(one(REDESIGN), run_costs("cut.toml", &[("uses.csv", uses), ("options.csv", options)]));
}

/// A wide gap is met by portfolios with waste in them; what buys less than it costs is left out all the same.
#[test]
fn whatever_the_gap_nothing_is_bought_that_buys_less_than_it_costs() {
    let options = [SITE, STOCK, BUFFER, OFFTAKE, REDESIGN];
    let head = "name = \"p\"\nbudget = 1e9\nfrontier = [1000, 3000, 5000, 9000, 20000]";
    let plan = plan_of(head, &options, &futures(&[("cut.toml", 0.5), ("calm.toml", 0.5)], &[]));
    for gap in [0.9, 0.5, 0.2, 0.1, 0.05] {
        let question = Question {
            method: Method::Benders,
            gap,
            frontier: true,
            values: false,
            tell: &|_, _, _, _| {},
            left: &|| None,
            stop: &|| false,
        };
        let found = answer(&plan, &question).unwrap();
        assert!(!found.items.is_empty());
        for item in &found.items {
            let buys = item.buys.expect("every need can go without");
            assert!(buys >= item.money - 1e-6, "gap {gap}: {} buys {buys} for {}", item.id, item.money);
        }
        assert!(found.plan.bound <= found.plan.objective + 1e-6);
        let falls = found.frontier.windows(2).all(|pair| pair[1].objective <= pair[0].objective);
        assert!(falls && found.frontier.len() > 1, "more money never does worse");
    }
}

#[test]
fn half_of_a_site_is_a_site_of_half_the_size() {
    let plan = plan_of(HEAD, &[SITE], &futures(&[("cut.toml", 1.0)], &[]));
    let half = SITE.replace("capacity = 48", "capacity = 24");
    let halved = plan_of(HEAD, &[&half], &futures(&[("cut.toml", 1.0)], &[]));
    near(cost_at(&plan, 0.5), cost_at(&halved, 1.0));
}

/// What is bought meets what would be unmet, which costs 1000 a unit: by the release from April on where it is strategic.
#[test]
fn stock_is_there_from_its_day_on_and_leaves_only_under_a_release() {
    let of = |option: &str, scenario: &str| {
        let plan = plan_of(HEAD, &[option], &futures(&[(scenario, 1.0)], &[]));
        run_costs(scenario, &[]) - cost_at(&plan, 1.0)
    };
    near(of(STOCK, "cut.toml"), 20.0 * 1000.0);
    near(of(BUFFER, "cut.toml"), 12.0 * 1000.0);
    // In December alone: 3 of 10 are unmet in calm times, and magnets that are there spare 6 made at 4 and 1 redesigned at 6.
    near(of(&BUFFER.replace("lead_months = 2", "lead_months = 11"), "calm.toml"), 3.0 * 1000.0 + 6.0 * 4.0 + 6.0);
    // After the end it is no use.
    near(of(&BUFFER.replace("lead_months = 2", "lead_months = 12"), "calm.toml"), 0.0);
    // Nobody opens the stockpile.
    let closed = "name = \"closed\"\n";
    let plan = plan_of(HEAD, &[STOCK], &futures(&[("closed.toml", 1.0)], &[("closed.toml", closed)]));
    near(cost_at(&plan, 1.0), run_costs("closed.toml", &[("closed.toml", closed)]));
}

/// In December 3 of 10 are unmet in calm times; 9 of the 12 that come then are left and worth their price.
#[test]
fn what_is_left_of_what_was_bought_is_worth_its_price() {
    let model = TABLES[0].1.replace("terminal_value = 0", "terminal_value = 1");
    let changes = [("model.toml", model.as_str())];
    let late = BUFFER.replace("lead_months = 2", "lead_months = 11");
    let plan = plan_of(HEAD, &[&late], &futures(&[("calm.toml", 1.0)], &changes));
    near(run_costs("calm.toml", &changes) - cost_at(&plan, 1.0), 3.0 * 1000.0 + 9.0 * 100.0);
    // With stock of the start beside it, whose loss is charged all the same.
    let stocks = "region,product,initial,kind\nHOME,mag,5,commercial\n";
    let changes = [changes[0], ("stocks.csv", stocks)];
    let plan = plan_of(HEAD, &[&late], &futures(&[("calm.toml", 1.0)], &changes));
    near(run_costs("calm.toml", &changes) - cost_at(&plan, 1.0), 3.0 * 1000.0 + 9.0 * 100.0);
}

/// 20 units cost 100 each, the last half more: 20 x 100 x (1 + 0.25) = 2500 in all; a contract 24 x 7 x 2 years.
#[test]
fn money_of_each_kind() {
    let floor = "[[option]]\nid = \"floor\"\nkind = \"floor\"\nlike = \"mill\"\nproduct = \"mag\"\nprice = 130\nyears = 5\n\
                 capacity = 10\ncost = 40\n";
    let plan = plan_of(HEAD, &[STOCK, OFFTAKE, floor], &futures(&[("calm.toml", 1.0)], &[]));
    let money: Vec<f64> = plan.actions.iter().map(|action| action.money.at(1.0)).collect();
    near(money[0], 2500.0);
    near(money[1], 336.0);
    // 30 above the price for 10 a year and 5 years, and the plant.
    near(money[2], 1540.0);
    near(plan.actions[0].money.at(0.5), 1000.0 + 0.5 * 0.25 * 1000.0);
    // Pieces are exact at their ends.
    let mut decisions = plan.portfolio.nothing();
    plan.portfolio.pieces[0][..5].iter().for_each(|x| decisions[*x] = 0.1);
    near(plan.portfolio.money(&decisions), 1125.0);
}

/// Two futures, one option of 9000: in the cut a mill of 48 a year saves (1000 - 4) a unit, in calm times it fills what is
/// unmet. By hand below.
#[test]
fn a_portfolio_is_the_best_of_its_choices() {
    let of = [("calm.toml", 0.75), ("cut.toml", 0.25)];
    let all_or_nothing = format!("{SITE}all_or_nothing = true\n");
    let plan = plan_of("budget = 10000\nfrontier = [0, 5000, 10000]", &[&all_or_nothing], &futures(&of, &[]));
    // What the mill saves in each, from runs.
    let sites = "id,process,region,capacity,cost,opens,ramp_months\nsep-home,sep,HOME,1200,1,,\n\
                 mill-else,sep;make,ELSE,1200,2,,\nmill,make,HOME,12,3,,\nmill-2,make,HOME,48,3,2025-04-01,2\n";
    let without: Vec<f64> = of.iter().map(|(name, _)| run_costs(name, &[])).collect();
    let with: Vec<f64> = of.iter().map(|(name, _)| run_costs(name, &[("sites.csv", sites)])).collect();
    let mean = |costs: &[f64]| 0.75 * costs[0] + 0.25 * costs[1];
    assert!(9000.0 + mean(&with) < mean(&without), "the mill pays: {with:?} {without:?}");
    for method in [Method::Benders, Method::Extensive] {
        let found = ask(&plan, method).unwrap();
        near(found.plan.objective, 9000.0 + mean(&with));
        near(found.nothing.objective, mean(&without));
        near(found.items[0].buys.unwrap(), mean(&without) - mean(&with));
        assert_eq!((found.items.len(), found.items[0].share), (1, 1.0));
        near(found.plan.cvar, with[1].max(with[0]));
        // Too little money for it, then enough.
        let shares: Vec<f64> = found.frontier.iter().map(|point| point.shares[0].1).collect();
        assert_eq!(shares, [0.0, 0.0, 1.0]);
        assert_eq!((found.entry.len(), found.entry[0].budget), (1, 10_000.0));
        let saved = mean(&without) - mean(&with);
        near(found.frontier[2].less_expected.unwrap(), saved);
        near(found.frontier[2].less_cvar.unwrap(), without[0].max(without[1]) - with[0].max(with[1]));
        let next: Vec<Option<f64>> = found.frontier.iter().map(|point| point.next_unit).collect();
        assert_eq!(next[0], None, "no money is spent: nothing is known of a dollar more");
        near(next[1].unwrap(), 0.0);
        near(next[2].unwrap(), (saved - 9000.0) / 5000.0);
        // Nothing is worth a dollar more, as all that can be done is.
        near(found.shadow_price.unwrap(), 0.0);
        for (k, one) in found.regret.iter().enumerate() {
            near(one.nothing, without[k]);
            near(one.plan, 9000.0 + with[k]);
            near(one.best, without[k].min(9000.0 + with[k]));
            near(one.plan_regret, (9000.0 + with[k] - without[k]).max(0.0));
            near(one.nothing_regret.unwrap(), (without[k] - 9000.0 - with[k]).max(0.0));
        }
        let best = mean(&[found.regret[0].best, found.regret[1].best]);
        near(found.values.unwrap().perfect_information, found.plan.objective - best);
    }
}

/// Money less what is left of it, by hand: nothing is discounted to 1 January 2025, and by 1.05 to the end of the year.
#[test]
fn what_lasts_longer_than_the_run_is_worth_the_rest_of_it() {
    let changes = [(
        "model.toml",
        "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 12\nterminal_value = 0\ndiscount_rate = 0.05\n",
    )];
    let futures = futures(&[("cut.toml", 1.0)], &changes);
    let one = |option: &str| {
        let plan = plan_of(HEAD, &[option], &futures);
        let found = ask(&plan, Method::Benders).unwrap();
        (plan.portfolio.first.costs.iter().sum::<f64>() / plan.portfolio.pieces[0].len() as f64, found.items)
    };
    let close = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9 * wanted, "{found}, not {wanted}");
    close(one(SITE).0, 9000.0);
    // From 1 April on 275 days of the run, of ten years.
    let left = 9000.0 * (1.0 - 275.0 / 3650.0);
    let (cost, items) = one(&format!("{SITE}life_years = 10\n"));
    close(cost, 9000.0 - left / 1.05);
    close(items[0].left, left * items[0].share);
    // Shorter than what the run has of it: nothing is left.
    close(one(&format!("{SITE}life_years = 0.5\n")).0, 9000.0);
    // A contract of two years from 1 March on, 306 days of it in the run; what was paid to sign it is gone.
    close(one(&format!("{OFFTAKE}cost = 50\n")).0, 50.0 + 336.0 - 336.0 * (1.0 - 306.0 / 730.0) / 1.05);
    // A guarantee of 30 above the price of 100, for four years, beside a plant that lasts twenty.
    let floor = SITE.replace("\"site\"", "\"floor\"");
    let floor = format!("{floor}product = \"mag\"\nprice = 130\nyears = 4\nlife_years = 20\n");
    let (public, plant) = (30.0 * 48.0 * 4.0, 9000.0);
    let left = public * (1.0 - 275.0 / 1460.0) + plant * (1.0 - 275.0 / 7300.0);
    close(one(&floor).0, public + plant - left / 1.05);
    // Research from 1 July on, good for one year: 184 days.
    let (cost, _) = one(&format!("{REDESIGN}life_years = 1\n"));
    close(cost, 500.0 - 500.0 * (1.0 - 184.0 / 365.0) / 1.05);
}

#[test]
fn who_stops_it_while_it_looks_at_waiting_keeps_the_rest() {
    let of = futures(&[("calm.toml", 0.75), ("cut.toml", 0.25)], &[]);
    let plan = plan_of("budget = 10000\nwait_months = 3", &[SITE], &of);
    let later = std::sync::atomic::AtomicBool::new(false);
    let tell = |what: &str, _: usize, _: Option<f64>, _: f64| {
        later.fetch_or(what.contains("later"), std::sync::atomic::Ordering::Relaxed);
    };
    let stop = || later.load(std::sync::atomic::Ordering::Relaxed);
    let question = Question {
        method: Method::Benders,
        gap: 0.0,
        frontier: false,
        values: true,
        tell: &tell,
        left: &|| None,
        stop: &stop,
    };
    let (found, whole) = (answer(&plan, &question).unwrap(), ask(&plan, Method::Benders).unwrap());
    assert!(found.stopped && !whole.stopped);
    let (values, all) = (found.values.unwrap(), whole.values.unwrap());
    assert_eq!((values.waiting, all.waiting.is_some()), (None, true));
    near(values.perfect_information, all.perfect_information);
    assert_eq!(found.regret.len(), 2);
}

/// By size: what binds is the budget, and one more unit of it buys 1 / 9000 of the mill.
#[test]
fn the_price_of_money_is_what_one_more_unit_saves() {
    let futures = futures(&[("cut.toml", 1.0)], &[]);
    let at = |budget: f64| {
        let plan = plan_of(&format!("budget = {budget}"), &[SITE], &futures);
        ask(&plan, Method::Benders).unwrap()
    };
    let (less, more) = (at(2000.0), at(2010.0));
    near(less.plan.spent, 2000.0);
    near(less.shadow_price.unwrap(), (less.plan.objective - more.plan.objective) / 10.0);
    assert!(less.shadow_price.unwrap() > 0.1, "{:?}", less.shadow_price);
}

#[test]
fn options_that_need_or_bar_each_other() {
    let futures = futures(&[("cut.toml", 1.0)], &[]);
    let cheap = SITE.replace("mill-2", "mill-3").replace("cost = 9000", "cost = 100\nrequires = \"mill-2\"");
    let found = ask(&plan_of("budget = 4000", &[SITE, &cheap], &futures), Method::Benders).unwrap();
    let shares: Vec<f64> = found.plan.shares.iter().map(|(_, share)| *share).collect();
    assert!(shares[1] > 0.0 && shares[1] <= shares[0] + 1e-9, "{shares:?}");
    let bars = SITE.replace("mill-2", "mill-3").replace("cost = 9000", "cost = 8000\nexcludes = [\"mill-2\"]");
    let found = ask(&plan_of(HEAD, &[SITE, &bars], &futures), Method::Benders).unwrap();
    let shares: Vec<f64> = found.plan.shares.iter().map(|(_, share)| *share).collect();
    assert_eq!((shares[0], shares[1] > 0.0), (0.0, true), "{shares:?}");
    let least = SITE.replace("ramp_months", "least = 0.5\nramp_months");
    let found = ask(&plan_of("budget = 4000", &[&least], &futures), Method::Benders).unwrap();
    assert!(found.items.is_empty(), "half of it costs 4500: {:?}", found.items);
}

#[test]
fn rows_of_the_model_are_options_like_those_of_the_spec() {
    let table = "id,kind,like,capacity,cost,lead_months,ramp_months,requires,region,product,units,impact,demands,option,share,\
                 all_or_nothing,earliest,confidence\n\
                 mill-2,site,mill,48,9000,3,2,,,,,,,,,no,,assumed\n\
                 pile,stock,,,,1,,mill-2,HOME,mag,20,0.5,,,,,,\n\
                 redesign,substitution,,,500,6,,,,,,,need,lean,0.2,yes,2025-02-01,\n";
    let changes = [("actions.csv", table)];
    let futures = futures(&[("cut.toml", 1.0)], &changes);
    let listed = plan_of("actions = [\"redesign\", \"mill-2\", \"pile\"]\nbudget = 8000", &[], &futures);
    let pile = STOCK.replace("units = 20", "units = 20\nrequires = \"mill-2\"");
    let redesign = REDESIGN.replace("lead_months", "all_or_nothing = true\nearliest = 2025-02-01\nlead_months");
    let inline = plan_of("budget = 8000", &[SITE, &pile, &redesign], &futures);
    let all = plan_of("actions = \"*\"\nbudget = 8000", &[], &futures);
    let of = |plan: &Plan| serde_json::to_string(&ask(plan, Method::Benders).unwrap()).unwrap();
    assert_eq!(of(&listed), of(&inline));
    assert_eq!(of(&listed), of(&all));
    let refused = |head: &str, options: &[&str], changes: &[(&str, &str)]| {
        let (model, measures) = input("cut.toml", changes);
        let futures = [Future { name: "cut.toml".to_string(), probability: 1.0, model, measures }];
        let text = format!("{head}\n[[future]]\nscenario = \"cut.toml\"\nprobability = 1\n{}", options.concat());
        let mut report = Report::default();
        report.add_text("plan.toml", text.as_str().into());
        let spec = read_spec("plan.toml", &text, &mut report).unwrap();
        assert!(Plan::new(spec, "plan.toml", &futures, &mut report).is_none());
        report.render(false, 100)
    };
    let unknown = refused("actions = [\"pille\"]\nbudget = 8000", &[], &changes);
    assert!(unknown.contains("unknown action `pille`") && unknown.contains("use `pile`"), "{unknown}");
    let twice = refused("actions = \"*\"\nbudget = 8000", &[SITE], &changes);
    assert!(twice.contains("error[duplicate-id]: `mill-2` is defined twice"), "{twice}");
    let lacking = [("actions.csv", "id,kind,like\nmill-2,site,mill\n")];
    let lacking = refused("actions = \"*\"\nbudget = 8000", &[], &lacking);
    assert!(
        lacking.contains("the key `capacity` is missing") && lacking.contains("actions.csv as options"),
        "{lacking}"
    );
}

#[test]
fn requirements_are_met_or_the_conflict_is_told() {
    let futures = futures(&[("calm.toml", 0.5), ("cut.toml", 0.5)], &[]);
    let service = |id: &str, least: f64, from: &str| {
        format!("[[service]]\nid = \"{id}\"\ndemands = \"need\"\nleast = {least}\nfrom = {from}\n")
    };
    // Without the mill the cut leaves 1 of 10 from the mill of HOME and 1 from the alternative; with all of it 4 more.
    let year = service("autumn", 0.5, "2025-09-01");
    let plan = plan_of("budget = 20000\nweight = 0", &[SITE, &year], &futures);
    let found = ask(&plan, Method::Benders).unwrap();
    assert!(found.saves.is_nan() && found.items[0].needed, "{found:?}");
    // More than there is, with any money; the other requirement has no part in it.
    let plan = plan_of("budget = 20000", &[SITE, &year, &service("all", 0.9, "2025-09-01")], &futures);
    assert_eq!(ask(&plan, Method::Benders).unwrap_err(), SolveError::Infeasible);
    let wanted = Conflict { services: vec!["all".to_string()], budget: false };
    assert_eq!(conflict(&plan, &futures, &|| false).unwrap(), Some(wanted));
    // Too little money.
    let plan = plan_of("budget = 2000", &[SITE, &year], &futures);
    assert_eq!(ask(&plan, Method::Benders).unwrap_err(), SolveError::Infeasible);
    let wanted = Conflict { services: vec!["autumn".to_string()], budget: true };
    assert_eq!(conflict(&plan, &futures, &|| false).unwrap(), Some(wanted));
}

#[test]
fn to_wait_costs_what_is_lost_meanwhile_and_gains_what_is_known_then() {
    // One future: nothing to learn, so that waiting only loses time.
    let plan = plan_of(&format!("{HEAD}\nwait_months = 3"), &[SITE], &futures(&[("cut.toml", 1.0)], &[]));
    let later = SITE.replace("lead_months = 3", "lead_months = 6");
    let delayed = plan_of(HEAD, &[&later], &futures(&[("cut.toml", 1.0)], &[]));
    let (found, after) = (ask(&plan, Method::Benders).unwrap(), ask(&delayed, Method::Benders).unwrap());
    let waiting = found.values.unwrap().waiting.unwrap();
    near(waiting, found.plan.objective - after.plan.objective);
    assert!(waiting < -1.0, "{waiting}");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let futures = futures(&[("calm.toml", 0.5), ("cut.toml", 0.5)], &[]);
    let plan = plan_of("budget = 3000\nweight = 0.5", &[SITE, STOCK, BUFFER, OFFTAKE, REDESIGN], &futures);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_string(&ask(&plan, Method::Benders).unwrap()).unwrap())
    };
    assert_eq!(with(1), with(3));
}

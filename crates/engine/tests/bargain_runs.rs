//! From a bargain to payoffs: by hand on a tiny model, against runs of scenarios in which the levers are measures, and what is
//! kept, shared and drawn.

mod common;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use coercivity_engine::Foresight;
use coercivity_engine::bargain::payoffs::Payoffs;
use coercivity_engine::bargain::runs::{Keep, RunError, Way, payoffs};
use coercivity_engine::bargain::spec::read_spec;
use coercivity_engine::bargain::stage::Stage;
use coercivity_engine::bargain::whole::Bargain;
use coercivity_engine::run::Setup;
use coercivity_engine::solve::{Settings, SolveError};
use coercivity_model::Report;
use common::{Case, agree, outcome};

/// BBB needs 10 metal a month, which AAA makes for 30 and sends for 2. It has 20 in stock, which it uses first: in January 10,
/// so that 10 are left when talks begin in February. Three months are looked at: 30 are needed, 20 of them bought.
const TABLES: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\nterminal_value = 0\ndiscount_rate = 0\n",
    ),
    ("regions.csv", "id,groups\nAAA,\nBBB,west\nCCC,west\n"),
    ("products.csv", "id,unit,stage,price\nore,t,ore,10\nmetal,t,metal,100\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,metal,1\n"),
    ("sites.csv", "id,process,region,capacity,cost\nmine,dig,AAA,480,5\nsmelter,smelt,AAA,240,20\n"),
    ("lanes.csv", "product,from,to,cost,flow\nmetal,AAA,BBB,2,120\n"),
    ("demands.csv", "id,region,amount,value\nneed,BBB,120,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
    ("stocks.csv", "region,product,initial,holding_cost\nBBB,metal,20,12\n"),
    (
        "talks.toml",
        "[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"AAA\"\non = \"metal\"\n\
         [[measure]]\nid = \"tax\"\nkind = \"export-tax\"\nby = \"AAA\"\non = \"metal\"\nrate = 0.05\n\
         [[measure]]\nid = \"duty\"\nkind = \"tariff\"\nby = \"BBB\"\non = \"metal\"\norigin = \"AAA\"\nrate = 0.1\n\
         [[truce]]\nid = \"pause\"\nsuspends = [\"ban\", \"duty\"]\nfrom = 2025-01-01\nuntil = 2025-12-31\n",
    ),
    // What levers are when all are pulled, as a scenario.
    (
        "taxed.toml",
        "[[measure]]\nid = \"tax\"\nkind = \"export-tax\"\nby = \"AAA\"\non = \"metal\"\nrate = 0.05\n\
         [[measure]]\nid = \"duty\"\nkind = \"tariff\"\nby = \"BBB\"\non = \"metal\"\norigin = \"AAA\"\nrate = 0.1\n",
    ),
];

const SPEC: &str = "\
scenario = \"talks.toml\"
talks = 2025-02-10
months = 3
[[player]]
id = \"a\"
regions = [\"AAA\"]
[[player]]
id = \"b\"
regions = [\"west\"]
[[lever]]
id = \"ban\"
by = \"a\"
measures = [\"ban\"]
[[lever]]
id = \"tax\"
by = \"a\"
measures = [\"tax\"]
[[lever]]
id = \"duty\"
by = \"b\"
measures = [\"duty\"]
";

const BAN: usize = 1;
const TAX: usize = 2;
const DUTY: usize = 4;

fn bargain(spec: &str, changes: &[(&str, &str)]) -> Bargain {
    let mut case = Case { path: "bargain".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().chain(changes).for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    let (model, scenario) =
        case.input(Some("talks.toml")).unwrap_or_else(|report| panic!("{}", report.render(false, 100)));
    let mut report = Report::default();
    let found = read_spec("b.toml", spec, &mut report)
        .and_then(|spec| Bargain::new(spec, "b.toml", model, scenario, &mut report));
    found.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

/// What is kept in memory, and how often something was.
#[derive(Default)]
struct Memory {
    texts: Mutex<BTreeMap<String, String>>,
    kept: AtomicUsize,
}

impl Keep for Memory {
    fn find(&self, name: &str) -> Option<String> {
        self.texts.lock().unwrap().get(name).cloned()
    }

    fn keep(&self, name: &str, text: &str) {
        self.kept.fetch_add(1, Ordering::Relaxed);
        self.texts.lock().unwrap().insert(name.to_string(), text.to_string());
    }
}

fn way(keep: &dyn Keep) -> Way<'_> {
    Way { about: "test", settings: Settings::default(), keep, tell: &|_, _, _| (), stop: &|| false }
}

fn found(bargain: &Bargain) -> Payoffs {
    payoffs(bargain, &[], &way(&())).unwrap()
}

fn are(found: &Option<Vec<f64>>, expected: [f64; 2]) -> bool {
    found.as_ref().is_some_and(|found| found.iter().zip(expected).all(|(found, expected)| agree(*found, expected)))
}

#[test]
fn payoffs_are_those_by_hand() {
    let found = found(&bargain(SPEC, &[]));
    // 20 bought at a tax of 5, which AAA collects, and a duty of 10, which BBB collects of itself. Banned, 20 are missing.
    let by_hand = [
        (0, [0.0, 0.0]),
        (BAN, [0.0, -20_000.0]),
        (TAX, [100.0, -100.0]),
        (BAN | TAX, [0.0, -20_000.0]),
        (DUTY, [0.0, 0.0]),
        (TAX | DUTY, [100.0, -100.0]),
        (BAN | TAX | DUTY, [0.0, -20_000.0]),
    ];
    for (combination, expected) in by_hand {
        assert!(are(&found.values[combination], expected), "{combination}: {:?}", found.values[combination]);
    }
    // Nothing passes a closed lane, whatever it would have paid: one program for all four with the ban.
    assert_eq!((found.runs.combinations, found.runs.known, found.runs.programs), (8, 8, 5));
    assert!(agree(found.months, 3.0));
}

#[test]
fn weights_count() {
    let weights = "regions = [\"west\"]\nunmet = 2\nprices = 1\nduties_paid = 3\nduties_collected = 0\n";
    let spec = SPEC.replace("regions = [\"west\"]\n", weights);
    // With 5 left in February, what is used of them and what is bought cost the same there.
    let values =
        found(&bargain(&spec, &[("stocks.csv", "region,product,initial,holding_cost\nBBB,metal,15,12\n")])).values;
    // Of 30 that are met, each costs what one more does: 2 ore at 5, smelting at 20, 2 on the way; the tax of 5 in addition.
    assert!(are(&values[0], [0.0, -30.0 * 32.0]), "{:?}", values[0]);
    assert!(are(&values[TAX], [125.0, -30.0 * 37.0 - 3.0 * 125.0]), "{:?}", values[TAX]);
    // Banned, 5 are met, and one more is worth what is lost without it.
    assert!(are(&values[BAN], [0.0, -2.0 * 25_000.0 - 5.0 * 1000.0]), "{:?}", values[BAN]);
    let care = format!("{}[[lever]]", "[[player.care]]\ndemands = [\"need\"]\nunmet = 0.25\n");
    let values = found(&bargain(&SPEC.replacen("[[lever]]", &care, 1), &[])).values;
    assert!(are(&values[BAN], [0.0, -5_000.0]), "{:?}", values[BAN]);
}

#[test]
fn what_is_paid_is_collected() {
    let bargain = bargain(SPEC, &[]);
    let setup = Setup::quiet(Foresight::Announced, Settings::default());
    let stage = Stage::new(&bargain, &bargain.talks, None, &setup).unwrap();
    for combination in 0..8 {
        let figures = stage.figures(&stage.solve(combination, None, &setup).unwrap());
        let (paid, collected) = (figures.paid.iter().sum::<f64>(), figures.collected.iter().sum::<f64>());
        assert!(agree(paid, collected), "{combination}: {figures:?}");
        let due = [0.0, 5.0, 10.0, 15.0][combination >> 1] * if combination & BAN == 0 { 20.0 } else { 0.0 };
        assert!(agree(paid, due), "{combination}: {paid}");
    }
}

#[test]
fn from_the_first_step_on_it_is_a_run_of_the_scenario() {
    let whole = bargain(&SPEC.replace("talks = 2025-02-10\nmonths = 3", "talks = 2025-01-10"), &[]);
    let setup = Setup::quiet(Foresight::Announced, Settings::default());
    let stage = Stage::new(&whole, &whole.talks, None, &setup).unwrap();
    let figures = stage.figures(&stage.solve(TAX | DUTY, None, &setup).unwrap());
    let mut case = Case { path: "taxed".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    let (model, scenario) = case.input(Some("taxed.toml")).unwrap();
    let run = outcome(&model, &scenario, Foresight::Perfect, true);
    assert!(agree(figures.objective, run.plans[0].solution.objective));
}

#[test]
fn a_level_changes_figures() {
    let levels = "measures = [\"ban\"]\nlevels = [{ id = \"off\" }, { id = \"half\", with = { allow_civil = 0.5 } }, { id = \"on\" }]\n";
    let values = found(&bargain(&SPEC.replace("measures = [\"ban\"]\n", levels), &[])).values;
    // Half of a flow of 10 a month: 15 come, 10 are there, 5 are missing.
    assert!(are(&values[1], [0.0, -5_000.0]), "{:?}", values[1]);
    assert!(are(&values[2], [0.0, -20_000.0]), "{:?}", values[2]);
}

#[test]
fn the_best_plans_say_how_far_a_payoff_can_move() {
    let bargain = bargain(SPEC, &[]);
    let setup = Setup::quiet(Foresight::Announced, Settings::default());
    let stage = Stage::new(&bargain, &bargain.talks, None, &setup).unwrap();
    let solved = stage.solve(TAX, None, &setup).unwrap();
    let (least, most) = stage.reach(&solved, &bargain.players[1], &setup).unwrap();
    // A plan alone is best here, so only what is hardly dearer moves it.
    assert!((least + 100.0).abs() < 0.1 && (most + 100.0).abs() < 0.1 && least <= most, "{least} {most}");
}

#[test]
fn the_ledger_is_drawn_up_again_later_and_needs_last_a_while() {
    let found = found(&bargain(&format!("{SPEC}[decay]\ndates = [2025-03-10]\nmonths = 1\n"), &[]));
    // In March nothing is left in stock, and 10 are bought or missing.
    let later = &found.decay[0].values;
    assert!(are(&later[BAN], [0.0, -10_000.0]) && are(&later[TAX], [50.0, -50.0]), "{later:?}");
    assert_eq!(later[BAN | DUTY], None, "no ledger asks for it");
    // 10 in stock are February's need: 28 days. AAA needs nothing, and a tax makes nothing short.
    let of = |player, lever| {
        let one = found.lasts.iter().find(|one| (one.player, one.lever) == (player, lever)).unwrap();
        (one.days, one.throughout)
    };
    assert_eq!((of(0, None), of(0, Some(2))), ((None, false), (None, false)));
    assert_eq!(
        (of(1, None), of(1, Some(0)), of(1, Some(1))),
        ((Some(28.0), false), (Some(28.0), false), (Some(89.0), true))
    );
}

#[test]
fn what_is_kept_is_not_run_again_and_what_is_damaged_is() {
    let spec = format!("{SPEC}[decay]\ndates = [2025-03-10]\nmonths = 1\n");
    let (bargain, memory) = (bargain(&spec, &[]), Memory::default());
    let first = payoffs(&bargain, &[], &way(&memory)).unwrap();
    let all = memory.kept.swap(0, Ordering::Relaxed);
    assert_eq!(payoffs(&bargain, &[], &way(&memory)).unwrap(), first);
    assert_eq!(memory.kept.swap(0, Ordering::Relaxed), 0);
    // Other weights need no run.
    let weighed = self::bargain(&spec.replace("regions = [\"west\"]\n", "regions = [\"west\"]\nunmet = 2\n"), &[]);
    assert!(are(&payoffs(&weighed, &[], &way(&memory)).unwrap().values[BAN], [0.0, -40_000.0]));
    assert_eq!(memory.kept.swap(0, Ordering::Relaxed), 0);
    let names: Vec<String> = memory.texts.lock().unwrap().keys().cloned().collect();
    assert!(all >= names.len() && names.len() > 10, "{names:?}");
    for name in &names {
        for damage in ["", "{", "[]", "{\"objective\":0}"] {
            memory.texts.lock().unwrap().insert(name.clone(), damage.to_string());
            assert_eq!(payoffs(&bargain, &[], &way(&memory)).unwrap(), first, "{name} {damage}");
        }
    }
    // Other figures do.
    memory.kept.store(0, Ordering::Relaxed);
    let longer = self::bargain(&spec.replace("months = 3", "months = 2"), &[]);
    payoffs(&longer, &[], &way(&memory)).unwrap();
    assert!(memory.kept.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_run_that_was_stopped_goes_on() {
    let (bargain, memory, stopped) = (bargain(SPEC, &[]), Memory::default(), AtomicBool::new(false));
    let tell = |done: usize, _: usize, _: &str| stopped.store(done >= 2, Ordering::Relaxed);
    let stop = || stopped.load(Ordering::Relaxed);
    let early = payoffs(&bargain, &[], &Way { tell: &tell, stop: &stop, ..way(&memory) });
    assert_eq!(early, Err(RunError::Solve(SolveError::Interrupted)));
    let before = memory.texts.lock().unwrap().clone();
    assert!(before.len() >= 4, "{:?}", before.keys());
    let whole = payoffs(&bargain, &[], &way(&memory)).unwrap();
    assert_eq!(whole, found(&bargain));
    let after = memory.texts.lock().unwrap().clone();
    assert!(before.iter().all(|(name, text)| after[name] == *text) && after.len() > before.len());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let bargain = bargain(&format!("{SPEC}[decay]\ndates = [2025-03-10]\nmonths = 1\n"), &[]);
    let with = |threads: usize| {
        let memory = Memory::default();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| payoffs(&bargain, &[], &way(&memory)).unwrap());
        (found, memory.texts.into_inner().unwrap())
    };
    let (one, two) = (with(1), with(2));
    assert!(one == two);
}

#[test]
fn of_too_many_some_are_drawn() {
    let levels = "measures = [\"ban\"]\nlevels = [{ id = \"off\" }, { id = \"half\", with = { allow_civil = 0.5 } }, { id = \"on\" }]\n";
    let spec = SPEC.replace("measures = [\"ban\"]\n", levels);
    let asked = |head: &str| bargain(&format!("{head}\n{spec}"), &[]).asked();
    assert_eq!(asked(""), (0..12).collect::<Vec<_>>());
    let drawn = asked("most_runs = 10");
    // With the ban off or on: what every answer needs. Of the four with half of it, two.
    let needed = [0, 2, 3, 5, 6, 8, 9, 11];
    assert_eq!(drawn.len(), 10);
    assert!(needed.iter().all(|number| drawn.contains(number)), "{drawn:?}");
    assert_eq!(drawn, asked("most_runs = 10"));
    assert!((2..20).any(|seed| asked(&format!("most_runs = 10\nseed = {seed}")) != drawn));
    let found = found(&bargain(&format!("most_runs = 10\n{spec}"), &[]));
    assert_eq!((found.runs.combinations, found.runs.known), (12, 10));
    assert!((0..12).all(|number| found.values[number].is_some() == drawn.contains(&number)));
}

#[test]
fn samples_are_the_same_bargain_about_other_figures() {
    let bargain = bargain(SPEC, &[]);
    let dearer = self::bargain(SPEC, &[("demands.csv", "id,region,amount,value\nneed,BBB,120,3000\n")]);
    let sample = bargain.with(dearer.model, dearer.scenario);
    let found = payoffs(&bargain, &[sample], &way(&())).unwrap();
    assert!(are(&found.values[BAN], [0.0, -20_000.0]) && are(&found.draws[0][BAN], [0.0, -60_000.0]));
}

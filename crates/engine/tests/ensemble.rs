//! Ensembles: what is drawn, what is run with it, and what they come to. Expected values by hand.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_engine::Foresight;
use coercivity_engine::ensemble::Ensemble;
use coercivity_engine::ensemble::sample::{Figures, Found, Kept, Record, Runner};
use coercivity_engine::ensemble::spec::read_spec;
use coercivity_engine::ensemble::summary::read::{OfDemand, Samples, take_demands};
use coercivity_engine::ensemble::summary::{Conditions, Question, Summary, Unknowns, summarize};
use coercivity_engine::ensemble::table::{column_of, demands_of, part, samples_of};
use coercivity_engine::market::Market;
use coercivity_engine::run::{Setup, run};
use coercivity_engine::solve::{Settings, Shelf};
use coercivity_model::uncertainty::Amount;
use coercivity_model::{MemoryFiles, Report, read_model};
use common::outcome;

/// One need and what may meet it: a maker abroad whose goods a control may stop, and a stock at home.
const MODEL: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nstart = 2026-01-01\nstep = \"month\"\nsteps = 24\ndiscount_rate = 0\nterminal_value = 0\n",
    ),
    ("regions.csv", "id\nA\nB\n"),
    ("products.csv", "id,unit,stage,price\nmagnet,t,magnet,10\n"),
    ("processes.csv", "process,product,amount\nmake,magnet,1\n"),
    ("sites.csv", "id,process,region,capacity,opens\nplant,make,A,1200,\nhome,make,B,240,2027-06-01\n"),
    ("lanes.csv", "product,from,to,flow,capacity\nmagnet,A,B,1200,1200\n"),
    ("demands.csv", "id,region,amount,value\nneed,B,1200,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,magnet,1\n"),
    ("stocks.csv", "region,product,initial,capacity\nB,magnet,100,500\n"),
    (
        "uncertainty.csv",
        "table,row,column,low,best,high,shape,why\nstocks,B/magnet/commercial,initial,0,100,200,triangular,x\n\
         demands,need,value,500,1000,2000,lognormal,x\n",
    ),
];

/// From 2026 on only 40% may leave, but while a truce holds.
const SCENARIO: &str = "name = \"s\"\n\n[[measure]]\nid = \"control\"\nkind = \"export-control\"\nby = \"A\"\non = \"magnet\"\nallow_civil = 0.4\n\n[[truce]]\nid = \"truce\"\nsuspends = \"control\"\nfrom = 2026-01-01\nuntil = 2026-07-01\nextensions = [{ until = 2027-01-01, probability = 0.5 }, { until = 2027-07-01, probability = 0.25 }]\n";

fn spec(head: &str, inputs: &[&str]) -> String {
    let inputs: String = inputs.iter().map(|input| format!("[[input]]\n{input}\n")).collect();
    format!("{head}\nforesight = \"perfect\"\n{inputs}")
}

fn try_ensemble(model: &[(&str, &str)], scenario: Option<&str>, spec: &str) -> Result<Arc<Ensemble>, Report> {
    let (mut files, mut report) = (MemoryFiles::default(), Report::default());
    model.iter().for_each(|(name, text)| files.insert(&format!("m/{name}"), *text));
    report.add_text("spec.toml", spec.into());
    let model = read_model(&files, "m", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let found = read_spec("spec.toml", spec, &mut report)
        .and_then(|spec| Ensemble::new(spec, "spec.toml", model, scenario, &mut report));
    found.filter(|_| !report.has_errors()).map(Arc::new).ok_or(report)
}

fn ensemble(scenario: Option<&str>, spec: &str) -> Arc<Ensemble> {
    try_ensemble(MODEL, scenario, spec).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn all(ensemble: &Arc<Ensemble>, go_on: bool) -> Vec<Record> {
    let samples: Vec<usize> = (0..ensemble.design.samples()).collect();
    Runner::new(ensemble, Settings::default(), go_on).run(&samples, &|_| (), &|| false).expect("nobody stops it")
}

fn figures(record: &Record) -> &Figures {
    match &*record.outcome {
        Found::Optimal(figures) => figures,
        other => panic!("{other:?}"),
    }
}

fn summary(ensemble: &Ensemble, records: &[Record], question: Question) -> Summary {
    let rows = part(ensemble, records).unwrap();
    let columns: Vec<String> = ensemble.variables.iter().map(|v| column_of(&v.name)).collect();
    let ids: Vec<String> = ensemble.model.demands.iter().map(|d| d.id.clone()).collect();
    let (mut samples, mut demands): (Samples, Vec<OfDemand>) = (Samples::default(), Vec::new());
    samples.take(&samples_of(&rows).unwrap(), &columns);
    take_demands(&demands_of(&rows).unwrap(), &ids, &mut demands);
    summarize(ensemble, &samples, &demands, None, question)
}

#[test]
fn a_sample_of_the_method_market_is_the_market_of_its_model() {
    let head = "samples = 4\nseed = 3\nmethod = \"market\"\nsampler = \"monte-carlo\"";
    let ensemble = ensemble(Some(SCENARIO), &spec(head, &[SHARE, STOCK]));
    // Two years are 730 days, 104 whole weeks.
    assert_eq!(ensemble.model.steps(), 104);
    for record in all(&ensemble, false) {
        let (model, scenario) = ensemble.with(&record.values).ok().unwrap();
        let market = Market::new(&model, &scenario, None);
        let outcome = market.outcome(&market.run(&market.behaviour()));
        let found = figures(&record);
        assert_eq!((found.objective, found.plans), (outcome.plans[0].solution.objective, 0));
        assert_eq!(found.demands[0].unmet.len(), 104);
    }
}

const ANY: Question = Question { demand: None, by: None, confidence: 0.95, alpha: 0.9 };

const TRUCE: &str = "id = \"truce\"\ntruce = \"truce\"";
const SHARE: &str =
    "id = \"share\"\nmeasure = \"control\"\nkey = \"allow_civil\"\nlow = 0.2\nhigh = 0.6\nshape = \"uniform\"";
const STOCK: &str = "id = \"stock\"\ntable = \"stocks\"\nrows = \"B/*\"\ncolumn = \"initial\"";

#[test]
fn extensions_come_one_after_the_other() {
    // None with 1/2, one with 1/2 x 3/4, two with 1/2 x 1/4: of points laid evenly exactly so many.
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 512\nseed = 3", &[TRUCE]));
    let mut counts = [0; 3];
    for sample in 0..512 {
        match ensemble.draw(sample)[..] {
            [Amount::Number(count)] => counts[count as usize] += 1,
            ref other => panic!("{other:?}"),
        }
    }
    assert_eq!(counts, [256, 192, 64]);
}

#[test]
fn probabilities_of_the_spec_go_before_those_of_the_scenario() {
    let certain = format!("{TRUCE}\nprobabilities = [1.0]");
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 8\nseed = 3", &[&certain]));
    for sample in 0..8 {
        assert_eq!(ensemble.draw(sample), [Amount::Number(1.0)]);
    }
}

/// A sample is the run of the files that somebody would write by hand.
#[test]
fn a_sample_is_the_run_of_files_written_by_hand() {
    let late = "id = \"late\"\ntable = \"sites\"\nrows = \"home\"\ncolumn = \"opens\"\nmoves = \"by\"\nvalues = [-31]";
    let twice = "id = \"twice\"\ntable = \"demands\"\ncolumn = \"amount\"\nmoves = \"times\"\nvalues = [2]";
    let share = "id = \"share\"\nmeasure = \"control\"\nkey = \"allow_civil\"\nvalues = [0.3]";
    let until = "id = \"until\"\nmeasure = \"control\"\nkey = \"until\"\nvalues = [2027-10-01]";
    let stock = "id = \"stock\"\ntable = \"stocks\"\ncolumn = \"initial\"\nvalues = [60]";
    let one = format!("{TRUCE}\nprobabilities = [1, 0]");
    let given = [late, twice, share, until, stock, &one];
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 1\nseed = 1", &given));
    let found = all(&ensemble, true);

    let mut by_hand: Vec<(&str, String)> = MODEL.iter().map(|(name, text)| (*name, text.to_string())).collect();
    for (name, old, new) in [
        ("sites.csv", "2027-06-01", "2027-05-01"),
        ("demands.csv", "1200,1000", "2400,1000"),
        ("stocks.csv", "100,500", "60,500"),
        ("uncertainty.csv", "stocks,B/magnet/commercial,initial,0,100,200,triangular,x\n", ""),
    ] {
        let (_, text) = by_hand.iter_mut().find(|(file, _)| *file == name).unwrap();
        assert!(text.contains(old));
        *text = text.replace(old, new);
    }
    let by_hand: Vec<(&str, &str)> = by_hand.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let scenario = SCENARIO.replace("allow_civil = 0.4", "allow_civil = 0.3\nuntil = 2027-10-01");
    let scenario = scenario.replace("until = 2026-07-01", "until = 2026-07-01\nextended = 1");
    let nothing = "id = \"n\"\ntable = \"demands\"\ncolumn = \"value\"\nvalues = [1000]";
    let plain = try_ensemble(&by_hand, Some(&scenario), &spec("samples = 1\nseed = 1", &[nothing])).ok().unwrap();
    let outcome = outcome(&plain.model, &plain.scenario, Foresight::Perfect, true);
    let expected = outcome.plans[0].solution.objective;
    assert!((figures(&found[0]).objective - expected).abs() < 1e-6 * expected, "{found:?} {expected}");
    assert!(expected > 0.0);
}

/// Whatever parts, order and threads: the same rows to the last bit.
#[test]
fn parts_and_threads_do_not_matter() {
    let text = spec("samples = 24\nseed = 5\nindices = true", &[TRUCE, SHARE, STOCK]);
    let ensemble = ensemble(Some(SCENARIO), &text);
    let whole = part(&ensemble, &all(&ensemble, true)).unwrap();
    for (threads, size) in [(1, 7), (4, 1), (2, 50)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let numbers: Vec<usize> = (0..ensemble.design.samples()).collect();
        let mut parts: Vec<Vec<Record>> = numbers
            .chunks(size)
            .rev()
            .map(|some| {
                let runner = Runner::new(&ensemble, Settings::default(), true);
                pool.install(|| runner.run(some, &|_| (), &|| false)).expect("nobody stops it")
            })
            .collect();
        parts.reverse();
        assert_eq!(part(&ensemble, &parts.concat()).unwrap(), whole, "{threads} threads, parts of {size}");
    }
}

#[test]
fn going_on_finds_the_same_optimum() {
    let text = spec("samples = 64\nseed = 5", &[TRUCE, SHARE, STOCK]);
    let ensemble = ensemble(Some(SCENARIO), &text);
    let (near, anew) = (all(&ensemble, true), all(&ensemble, false));
    assert!(near.iter().any(|record| figures(record).went_on == 1));
    for (near, anew) in near.iter().map(figures).zip(anew.iter().map(figures)) {
        assert_eq!(anew.went_on, 0);
        assert!((near.objective - anew.objective).abs() <= 1e-9 * anew.objective.abs().max(1.0));
        assert!((near.unmet_value - anew.unmet_value).abs() <= 1e-6 * anew.unmet_value.max(1.0));
    }
}

/// What a pilot found is taken by the run itself, and changes nothing of what it finds.
#[test]
fn what_a_pilot_kept_changes_nothing() {
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 24\nseed = 5", &[TRUCE, SHARE, STOCK]));
    let runner = |go_on, kept: &Arc<Kept>| Runner::new(&ensemble, Settings::default(), go_on).keeping(kept.clone());
    let run = |runner: Runner, samples: std::ops::Range<usize>| {
        runner.run(&samples.collect::<Vec<_>>(), &|_| (), &|| false).expect("nobody stops it")
    };
    let kept = Arc::new(Kept::default());
    let pilot = run(runner(true, &kept), 0..8);
    assert!(pilot.iter().any(|record| figures(record).went_on > 0));
    kept.keep(&pilot);
    for go_on in [true, false] {
        let alone = run(runner(go_on, &Arc::default()), 0..24);
        let after = run(runner(go_on, &kept), 0..24);
        assert_eq!(part(&ensemble, &after).unwrap(), part(&ensemble, &alone).unwrap());
        let went_on = |record: &Record| figures(record).went_on > 0;
        assert!(go_on || !after.iter().any(went_on), "what went on is not an answer for those that do not");
        let taken = pilot.iter().zip(&after).filter(|(a, b)| Arc::ptr_eq(&a.outcome, &b.outcome)).count();
        assert_eq!(taken, pilot.iter().filter(|record| go_on || !went_on(record)).count());
    }
}

/// A sample whose program has the same entries is one of before with other figures, and is solved as if it were new.
#[test]
fn programs_are_changed_in_place_and_no_digit_with_them() {
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 24\nseed = 5", &[TRUCE, SHARE, STOCK]));
    let inputs: Vec<_> = (0..24).map(|sample| ensemble.with(&ensemble.draw(sample)).expect("fits")).collect();
    let quiet = || Setup::quiet(Foresight::Perfect, Settings::default());
    let anchor = run(&inputs[0].0, &inputs[0].1, &quiet()).expect("has an optimum");
    for near in [None, Some(&anchor)] {
        let shelf = Shelf::new(2);
        for (model, scenario) in &inputs {
            let anew = run(model, scenario, &Setup { near, ..quiet() }).expect("has an optimum");
            let shared = run(model, scenario, &Setup { near, shelf: &shelf, ..quiet() }).expect("has an optimum");
            let (anew, shared) = (&anew.plans[0], &shared.plans[0]);
            assert_eq!(shared.went_on, anew.went_on);
            assert_eq!(shared.solution.columns, anew.solution.columns);
            assert_eq!(shared.solution.row_duals, anew.solution.row_duals);
        }
        assert!(shelf.changed_in_place() >= 20, "{}", shelf.changed_in_place());
    }
    let kept = Arc::new(Kept::default());
    let runner = Runner::new(&ensemble, Settings::default(), false).keeping(kept.clone());
    runner.run(&(0..24).collect::<Vec<_>>(), &|_| (), &|| false).expect("nobody stops it");
    assert!(kept.changed_in_place() > 0);
}

#[test]
fn the_same_values_are_run_once() {
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 40\nseed = 2", &[TRUCE]));
    let runner = Runner::new(&ensemble, Settings::default(), true);
    let (first, second) = (
        runner.run(&[0, 1, 2, 3], &|_| (), &|| false).unwrap(),
        runner.run(&[36, 37, 38, 39], &|_| (), &|| false).unwrap(),
    );
    let all = [first, second].concat();
    for a in &all {
        for b in &all {
            assert_eq!(a.values == b.values, Arc::ptr_eq(&a.outcome, &b.outcome), "{} {}", a.sample, b.sample);
        }
    }
}

#[test]
fn what_was_stopped_changes_no_figure() {
    let ensemble = ensemble(Some(SCENARIO), &spec("samples = 8\nseed = 5", &[TRUCE, SHARE, STOCK]));
    let whole = part(&ensemble, &all(&ensemble, true)).unwrap();
    let samples: Vec<usize> = (0..8).collect();
    let mut stopped = 0;
    for after in 0..40 {
        let left = AtomicUsize::new(after);
        let stop = || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err();
        let runner = Runner::new(&ensemble, Settings::default(), true);
        stopped += usize::from(runner.run(&samples, &|_| (), &stop).is_none());
        let records = runner.run(&samples, &|_| (), &|| false).expect("nobody stops it");
        assert_eq!(part(&ensemble, &records).unwrap(), whole, "stopped when asked for the {after}th time");
    }
    assert!(stopped >= 8, "{stopped} were stopped");
}

#[test]
fn values_that_contradict_each_other_are_told_and_left_out() {
    let capacity = "id = \"c\"\ntable = \"stocks\"\ncolumn = \"capacity\"\nlow = 0\nhigh = 200\nshape = \"uniform\"";
    let ensemble = ensemble(None, &spec("samples = 16\nseed = 1", &[capacity]));
    let records = all(&ensemble, true);
    for record in &records {
        let Amount::Number(capacity) = record.values[0] else { panic!() };
        match &*record.outcome {
            Found::NoModel(why) => assert!(capacity < 100.0 && why.contains("above the capacity"), "{why}"),
            found => assert!(capacity >= 100.0, "{found:?}"),
        }
    }
    let summary = summary(&ensemble, &records, ANY);
    assert_eq!((summary.no_model, summary.samples, summary.stopped), (8, 8, 0));
    assert!(summary.why.unwrap().contains("above the capacity"));
}

/// With nothing to meet it, a need costs amount x value. Of amount ~ U(1000, 1400) and value ~ U(500, 1500):
/// E = 1200 x 1000 over a year; V = V(a) E(v)^2 + V(v) E(a)^2 + V(a) V(v).
#[test]
fn indices_quantiles_and_tails_are_those_of_a_product_of_two() {
    let model: Vec<(&str, &str)> = MODEL
        .iter()
        .filter(|(name, _)| *name != "uncertainty.csv")
        .map(|(name, text)| match *name {
            "stocks.csv" => (*name, "region,product,initial\n"),
            "sites.csv" => (*name, "id,process,region,capacity\nplant,make,A,0\n"),
            "model.toml" => (
                *name,
                "format = 1\nstart = 2026-01-01\nstep = \"month\"\nsteps = 12\ndiscount_rate = 0\nterminal_value = 0\n",
            ),
            _ => (*name, *text),
        })
        .collect();
    let amount =
        "id = \"amount\"\ntable = \"demands\"\ncolumn = \"amount\"\nlow = 1000\nhigh = 1400\nshape = \"uniform\"";
    let value = "id = \"value\"\ntable = \"demands\"\ncolumn = \"value\"\nlow = 500\nhigh = 1500\nshape = \"uniform\"";
    let idle = "id = \"idle\"\ntable = \"lanes\"\ncolumn = \"cost\"\nlow = 0\nhigh = 5\nshape = \"uniform\"";
    let text = spec("samples = 2048\nseed = 9\nindices = true", &[amount, value, idle]);
    let ensemble = try_ensemble(&model, None, &text).unwrap_or_else(|report| panic!("{}", report.render(false, 100)));
    let summary = summary(&ensemble, &all(&ensemble, true), ANY);
    let (a, v) = (400.0_f64.powi(2) / 12.0, 1000.0_f64.powi(2) / 12.0);
    let parts = [a * 1000.0_f64.powi(2), v * 1200.0_f64.powi(2), a * v];
    let all: f64 = parts.iter().sum();
    let Unknowns::Indices { rows, inputs } = &summary.unknowns else { panic!("{:?}", summary.unknowns) };
    assert_eq!(*rows, 2048);
    let expected = [
        ("value", parts[1] / all, (parts[1] + parts[2]) / all),
        ("amount", parts[0] / all, (parts[0] + parts[2]) / all),
        ("idle", 0.0, 0.0),
    ];
    for (weight, (id, first, total)) in inputs.iter().zip(expected) {
        assert_eq!(weight.id, id);
        assert!((weight.first.value - first).abs() < 0.01, "{id}: {} for {first}", weight.first.value);
        assert!((weight.total.value - total).abs() < 0.01, "{id}: {} for {total}", weight.total.value);
    }
    assert!((summary.mean / 1.2e6 - 1.0).abs() < 1e-3);
    assert_eq!((summary.short.value, summary.samples), (1.0, 4096));
    assert!(matches!(&summary.conditions, Conditions::None { why } if why == "every sample fails"));
    // Of both together 90% lie below q where the area of {a v > q} is a tenth: by integration q = 1,668,911.
    let below = |q: f64| {
        // Share of values below q / a, averaged over amounts.
        let steps = 20_000;
        let share = |n: usize| {
            let a = 1000.0 + 400.0 * (n as f64 + 0.5) / steps as f64;
            ((q / a - 500.0) / 1000.0).clamp(0.0, 1.0)
        };
        (0..steps).map(share).sum::<f64>() / steps as f64
    };
    let (share, known) = summary.quantiles[4];
    assert!((below(known.value) - share).abs() < 0.01, "{share}: {known:?}");
    assert!(known.low.unwrap() < known.value && known.value < known.high.unwrap());
    assert!(summary.cvar.value > summary.quantiles[3].1.value && summary.cvar.value < 1400.0 * 1500.0);
}

#[test]
fn what_does_not_vary_says_so() {
    let idle = "id = \"idle\"\ntable = \"lanes\"\ncolumn = \"lead_days\"\nvalues = [0, 1]";
    for indices in [false, true] {
        let text = spec(&format!("samples = 16\nseed = 1\nindices = {indices}"), &[idle]);
        let ensemble = ensemble(None, &text);
        let summary = summary(&ensemble, &all(&ensemble, true), ANY);
        assert!(matches!(summary.unknowns, Unknowns::Constant), "{:?}", summary.unknowns);
        assert!(matches!(&summary.conditions, Conditions::None { why } if why == "no sample fails"));
        assert_eq!(summary.short.value, 0.0);
    }
}

/// A shortage comes where the truce lapses and little may leave, and the conditions say so.
#[test]
fn conditions_name_what_decides() {
    let many = format!("{TRUCE}\nprobabilities = [0.5, 1.0]");
    // What is missing costs less the later it is: else it could as well be missing while the truce holds, and the stock
    // be kept.
    let mut model = MODEL.to_vec();
    let discounted = MODEL[0].1.replace("discount_rate = 0\n", "discount_rate = 0.05\n");
    model[0].1 = &discounted;
    let spec = spec("samples = 256\nseed = 4", &[&many, SHARE, STOCK]);
    let ensemble = try_ensemble(&model, Some(SCENARIO), &spec).unwrap_or_else(|r| panic!("{}", r.render(false, 100)));
    let question = Question { by: Some("2027-03-01".parse().unwrap()), ..ANY };
    let summary = summary(&ensemble, &all(&ensemble, true), question);
    let Conditions::Found { boxes } = &summary.conditions else { panic!("{:?}", summary.conditions) };
    // Until March 2027 a control of 40 to 80% of the flow leaves nobody unhurt that the truce does not spare.
    assert_eq!(boxes[0].words, "truce = 0");
    assert_eq!((boxes[0].density, boxes[0].coverage, boxes[0].mass), (1.0, 1.0, 0.5));
    assert_eq!(summary.short.value, 0.5);
    let risk = &summary.demands[0];
    assert_eq!((risk.id.as_str(), risk.short.value), ("need", 0.5));
}

#[test]
fn wrong_specs_are_refused_with_the_place() {
    let head = "samples = 4\nseed = 1";
    let cases: &[(&str, &[&str], &str, &str)] = &[
        ("seed = 1", &[TRUCE], "missing-key", "`samples`"),
        ("samples = 4", &[TRUCE], "missing-key", "`seed`"),
        (head, &[], "missing-key", "`input`"),
        ("samples = 0\nseed = 1", &[TRUCE], "out-of-range", "samples"),
        ("samples = 4\nseed = 1.5", &[TRUCE], "wrong-type", "seed"),
        ("samples = 4\nseed = 1\nsteps = 25", &[TRUCE], "out-of-range", "the model has 24"),
        ("samples = 4\nseed = 1\nsampler = \"sobel\"", &[TRUCE], "bad-choice", "sobel"),
        ("samples = 4\nseed = 1\nmethod = \"guess\"", &[TRUCE], "bad-choice", "guess"),
        ("samples = 4\nseed = 1\nsample = 2", &[TRUCE], "unknown-key", "`sample`"),
        ("samples = 4\nseed = 1\nindices = 1", &[TRUCE], "wrong-type", "indices"),
        (head, &["truce = \"truce\""], "missing-key", "`id`"),
        (head, &["id = \"x\""], "missing-key", "`table`"),
        (head, &[TRUCE, TRUCE], "duplicate-id", "`truce`"),
        (head, &["id = \"x\"\ntruce = \"truec\""], "unknown-id", "truec"),
        (head, &["id = \"x\"\ntruce = \"truce\"\nmeasure = \"control\""], "contradiction", "`measure` and `truce`"),
        (head, &["id = \"x\"\ntruce = \"truce\"\nprobabilities = [1.5]"], "out-of-range", "probabilities"),
        (head, &["id = \"x\"\ntruce = \"truce\"\nprobabilities = [1, 1, 1]"], "nothing-in-scope", "2 extensions"),
        (head, &["id = \"x\"\nmeasure = \"contol\"\nkey = \"allow_civil\"\nvalues = [1]"], "unknown-id", "contol"),
        (head, &["id = \"x\"\nmeasure = \"control\"\nkey = \"alow_civil\"\nvalues = [1]"], "unknown-id", "alow_civil"),
        (head, &["id = \"x\"\nmeasure = \"control\"\nkey = \"allow_civil\""], "missing-key", "`low`"),
        (head, &["id = \"x\"\nmeasure = \"control\"\nkey = \"until\"\nvalues = [1]"], "wrong-type", "until"),
        (
            head,
            &["id = \"x\"\nmeasure = \"control\"\nkey = \"until\"\nmoves = \"by\"\nvalues = [1]"],
            "wrong-type",
            "until",
        ),
        (head, &["id = \"x\"\ntable = \"stock\"\ncolumn = \"initial\""], "unknown-id", "`stock`"),
        (head, &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"intial\""], "unknown-id", "intial"),
        (head, &["id = \"x\"\ntable = \"stocks\"\nrows = \"C/*\"\ncolumn = \"initial\""], "unknown-id", "C/*"),
        (head, &["id = \"x\"\ntable = \"sites\"\ncolumn = \"capacity\""], "no-range", "no figure"),
        (head, &["id = \"x\"\ntable = \"sites\"\ncolumn = \"opens\"\nvalues = [3]"], "wrong-type", "/opens"),
        (
            head,
            &["id = \"x\"\ntable = \"sites\"\nrows = \"plant\"\ncolumn = \"opens\"\nmoves = \"by\"\nvalues = [3]"],
            "missing-value",
            "empty",
        ),
        (head, &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nmoves = \"by\""], "missing-key", "`low`"),
        (
            head,
            &[STOCK, "id = \"y\"\ntable = \"stocks\"\ncolumn = \"initial\"\nvalues = [3]"],
            "duplicate-row",
            "both move",
        ),
        (
            head,
            &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nlow = 3\nbest = 2\nhigh = 4"],
            "bad-range",
            "not in order",
        ),
        (head, &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nlow = 3\nhigh = 4"], "missing-key", "`best`"),
        (
            head,
            &[
                "id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nlow = 0\nbest = 3\nhigh = 4\nshape = \"lognormal\"",
            ],
            "bad-range",
            "above 0",
        ),
        (
            head,
            &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nlow = 3\nhigh = 2026-01-01\nshape = \"uniform\""],
            "wrong-type",
            "to a date",
        ),
        (
            head,
            &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nvalues = [1, 2]\nweights = [1]"],
            "bad-range",
            "1 weights",
        ),
        (
            head,
            &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nvalues = [1]\nlow = 2"],
            "contradiction",
            "`values` and a range",
        ),
        (head, &["id = \"x\"\ntable = \"stocks\"\ncolumn = \"initial\"\nvalues = [nan]"], "wrong-type", "values"),
    ];
    for (head, inputs, code, says) in cases {
        let text = spec(head, inputs);
        let Err(report) = try_ensemble(MODEL, Some(SCENARIO), &text) else { panic!("taken:\n{text}") };
        let rendered = report.render(false, 100);
        assert!(
            rendered.contains(&format!("[{code}]")) && rendered.contains(says),
            "{code}, {says}:\n{rendered}\n{text}"
        );
        assert!(report.diagnostics().iter().all(|d| !d.help.as_deref().unwrap_or_default().is_empty()), "{rendered}");
    }
}

#[test]
fn all_problems_of_a_spec_come_at_once() {
    let text = spec("samples = 4\nsampler = \"x\"", &["id = \"x\"\ntruce = 3", "id = \"y\"\nlow = \"a\""]);
    let Err(report) = try_ensemble(MODEL, Some(SCENARIO), &text) else { panic!() };
    assert!(report.diagnostics().len() >= 4, "{}", report.render(false, 100));
}

//! How people behave: `behaviour.toml` of models over each other, `[behaviour]` of scenarios, keys of licences.

use coercivity_model::edit::{Edit, edited, read_edited};
use coercivity_model::scenario::{Effect, Licences};
use coercivity_model::write::files_of;
use coercivity_model::{Behaviour, MemoryFiles, Model, Report, Scenario, read_model, read_scenario};

const BELOW: &str = "[hoarding]\nvalue = 2.0\nlow = 1.0\nhigh = 3.0\nsource = \"s\"\nconfidence = \"derived\"\nnote = \"n\"\n\n\
                     [fear]\nvalue = 0.5\nlow = 0.0\nhigh = 1.0\nsource = \"s\"\nconfidence = \"assumed\"\n";
const ABOVE: &str = "[fear]\nvalue = 0.25\nlow = 0.0\nhigh = 1.0\nsource = \"t\"\nconfidence = \"assumed\"\n";

const SCENARIO: &str = "name = \"s\"\n\n[behaviour]\nhoarding = 4.0\n\n[[measure]]\nid = \"control\"\nkind = \"export-control\"\n\
                        by = \"A\"\non = \"magnet\"\nallow_civil = 1.0\nlicence_wait_days = 30\ngrant_per_day = 0.02\n\n\
                        [[measure]]\nid = \"plain\"\nkind = \"export-control\"\nby = \"B\"\non = \"magnet\"\n\
                        allow_civil = 0.5\nlicences = false\n";

fn files() -> MemoryFiles {
    let mut files = MemoryFiles::default();
    for (name, text) in [
        ("m/model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 3\n"),
        ("m/regions.csv", "id\nA\nB\n"),
        ("m/products.csv", "id,unit,stage,price\nmagnet,t,magnet,10\n"),
        ("m/processes.csv", "process,product,amount\nmake,magnet,1\n"),
        ("m/sites.csv", "id,process,region,capacity\nplant,make,A,12\n"),
        ("m/lanes.csv", "product,from,to,flow\nmagnet,A,B,12\nmagnet,B,A,1\n"),
        ("m/demands.csv", "id,region,amount,value\nneed,B,12,100\n"),
        ("m/uses.csv", "demand,product,amount\nneed,magnet,1\n"),
        ("m/behaviour.toml", BELOW),
        ("own/model.toml", "format = 1\nextends = \"../m\"\n"),
        ("own/behaviour.toml", ABOVE),
        ("s.toml", SCENARIO),
        ("t.toml", "extends = \"s.toml\"\n[behaviour]\npriority = 0.5\nhoarding = 5.0\n"),
    ] {
        files.insert(name, text);
    }
    files
}

fn model(folder: &str, files: &MemoryFiles) -> Model {
    let mut report = Report::default();
    read_model(files, folder, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

fn scenario(path: &str) -> Scenario {
    let (files, mut report) = (files(), Report::default());
    let read = read_scenario(&files, path, &model("m", &files), &mut report);
    read.unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

#[test]
fn a_model_over_another_says_what_it_says_and_the_rest_stays() {
    let files = files();
    let (below, own) = (model("m", &files), model("own", &files));
    assert_eq!(below.behaviour, Behaviour { hoarding: 2.0, fear: 0.5, ..Behaviour::default() });
    assert_eq!(own.behaviour, Behaviour { hoarding: 2.0, fear: 0.25, ..Behaviour::default() });
    assert_eq!(own.evidence["fear"].source, "t");
    assert_eq!(own.evidence["hoarding"].note, "n");
    assert_ne!(below.hash, own.hash, "the file counts");
}

#[test]
fn what_is_written_is_read_again() {
    let own = model("own", &files());
    let mut written = MemoryFiles::default();
    files_of(&own).into_iter().for_each(|(name, bytes)| written.insert(&format!("w/{name}"), bytes));
    let again = model("w", &written);
    assert_eq!((again.behaviour, again.evidence), (own.behaviour, own.evidence));
}

#[test]
fn a_scenario_over_another_replaces_what_it_names() {
    assert_eq!(scenario("s.toml").behaviour, [("hoarding", 4.0)]);
    let mut over = scenario("t.toml").behaviour;
    over.sort_by_key(|(name, _)| *name);
    assert_eq!(over, [("hoarding", 5.0), ("priority", 0.5)]);
}

#[test]
fn controls_ask_for_licences_unless_they_say_no() {
    let scenario = scenario("s.toml");
    let licences = |m: usize| match &scenario.measures[m].effect {
        Effect::ExportControl { licences, .. } => *licences,
        other => panic!("{other:?}"),
    };
    assert_eq!(licences(0), Licences::Asked { wait_days: Some(30.0), grant_per_day: Some(0.02) });
    assert_eq!(licences(1), Licences::None);
}

#[test]
fn an_edited_scenario_keeps_behaviour_and_licences() {
    let files = files();
    let (model, mut report) = (model("m", &files), Report::default());
    let edit = Edit {
        id: "plain".to_string(),
        set: [("allow_civil".to_string(), serde_json::json!(0.25))].into(),
        ..Edit::default()
    };
    let text = edited(&files, Some("t.toml"), &model, &[edit], &mut report).unwrap();
    let again = read_edited(&text, &model, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)));
    let mut behaviour = again.behaviour;
    behaviour.sort_by_key(|(name, _)| *name);
    assert_eq!(behaviour, [("hoarding", 5.0), ("priority", 0.5)]);
    assert!(matches!(
        again.measures[0].effect,
        Effect::ExportControl { licences: Licences::Asked { wait_days: Some(30.0), .. }, .. }
    ));
    assert!(matches!(
        again.measures[1].effect,
        Effect::ExportControl { licences: Licences::None, allow_civil: 0.25, .. }
    ));
}

#[test]
fn names_that_no_parameter_has_are_errors_with_the_nearest_one() {
    let mut files = files();
    files.insert("m/behaviour.toml", "[hording]\nvalue = 1.0\n");
    let mut report = Report::default();
    assert!(read_model(&files, "m", &mut report).is_none());
    assert!(report.render(false, 100).contains("is `hoarding` meant?"), "{}", report.render(false, 100));
}

//! Backcasts: what is fitted is found again where it is known, and what is not known is not said.

mod common;

use coercivity_engine::backcast::fit::fit;
use coercivity_engine::backcast::score::scores;
use coercivity_engine::backcast::{Backcast, Span, read_backcast};
use coercivity_model::{MemoryFiles, Report};
use common::root;

fn read(model: &str, name: &str, change: impl Fn(String) -> String) -> Result<Backcast, Report> {
    let folder = root().join("models").join(model);
    let mut files = MemoryFiles::default();
    for path in ["csv", "toml"].iter().flat_map(|extension| common::files_below(&folder, extension)) {
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_string();
        files.insert(&format!("m/{name}"), std::fs::read(&path).unwrap());
    }
    let path = format!("m/backcasts/{name}.toml");
    let text = String::from_utf8(files.0[&path].clone()).unwrap();
    files.insert(&path, change(text));
    let mut report = Report::default();
    read_backcast(&files, &path, &mut report).ok_or(report)
}

#[test]
fn what_was_put_in_is_found_again() {
    let mut backcast =
        read("magnets", "2025-licences", |text| text).unwrap_or_else(|r| panic!("{}", r.render(false, 100)));
    let truth = [0.05, 0.015];
    let replay = backcast.replay(&truth);
    for span in &mut backcast.observed {
        span.value = replay.over(span.from, span.until).unwrap();
    }
    let found = fit(&backcast, &|| false).unwrap();
    for (found, truth) in found.values.iter().zip(truth) {
        assert!((found / truth - 1.0).abs() < 0.02, "{found} for {truth}");
    }
    assert!(found.rms < 1e-3, "{}", found.rms);
    assert!(found.idle.is_empty() && found.together.is_empty());
}

#[test]
fn who_is_told_to_stop_keeps_nothing() {
    let backcast = read("magnets", "2025-licences", |text| text).ok().unwrap();
    assert!(fit(&backcast, &|| true).is_none());
}

/// The tables of the book: what is replayed and what is missed. A change of the method that turns a hit into a miss, or a miss
/// into a hit, changes the book too.
#[test]
fn what_is_hit_and_missed_is_what_the_book_says() {
    let hits = |model, name| -> Vec<(&str, bool)> {
        let backcast = read(model, name, |text| text).unwrap_or_else(|r| panic!("{}", r.render(false, 100)));
        let replay = backcast.replay(&backcast.values());
        scores(&backcast, &replay).iter().map(|score| (score.metric, score.hits)).collect()
    };
    let licences = [("error (NRMSE)", true), ("lowest when", true), ("lowest", true), ("return when", true)];
    assert_eq!(hits("magnets", "2025-licences"), licences);
    let crisis = [
        ("months to the rally", false),
        ("highest when", true),
        ("highest over first", true),
        ("months until half is lost", true),
    ];
    assert_eq!(hits("magnets-2010", "2010-crisis"), crisis);
}

#[test]
fn beyond_the_model_nothing_is_known() {
    let backcast = read("magnets", "2025-licences", |text| text).ok().unwrap();
    let replay = backcast.replay(&backcast.values());
    let Span { from, until, .. } = backcast.observed[0];
    assert!(replay.over(from, until).is_some());
    let day = coercivity_model::Date::constant;
    assert_eq!(replay.over(day(2024, 12, 1), until), None);
    assert_eq!(replay.over(from, day(2031, 1, 1)), None);
}

#[test]
fn wrong_files_are_refused_with_every_problem() {
    let wrong = |text: String| {
        text.replace("series = \"magnet-exports\"", "series = \"magnets\"")
            .replace("region = \"CHN\"", "region = \"CHM\"")
            .replace("kind = \"low-when\"", "kind = \"lowest-when\"")
            .replace("measure = \"cn-customs-light\"", "measure = \"cn-no-qualified\"")
    };
    let report = read("magnets", "2025-licences", wrong).err().unwrap();
    let text = report.render(false, 200);
    for part in [
        "series `magnets`",
        "unknown region `CHM`",
        "use `CHN`",
        "lowest-when",
        "`cn-no-qualified` asks for no licences",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let many = |text: String| {
        let one = "[[parameter]]\nbehaviour = \"fear\"\nlow = 0.0\nhigh = 2.0\n";
        format!("{text}\n{one}{one}")
    };
    let report = read("magnets", "2025-licences", many).err().unwrap();
    assert!(report.render(false, 200).contains("4 parameters are fitted, and at most 3 may be"));
}

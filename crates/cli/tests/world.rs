//! When the outside world fails: folders that cannot be written, full disks, kills, time limits.
//! Results are there whole or not at all, and what stood there before is never lost.

#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Files, Ran, World, contents, ran, results};

/// The tiny model, with enough steps that its tables take some tens of kilobytes.
fn long() -> Files {
    let mut files = Files::tiny();
    files.edit("model.toml", "step = \"month\"\nsteps = 4", "step = \"week\"\nsteps = 300");
    files
}

fn assert_refused(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no `{word}` in: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

/// Names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_that_cannot_be_written() {
    let world = World::new(&Files::tiny());
    std::fs::write(world.path("file"), "keep me").unwrap();
    let before = world.contents();
    for force in [false, true] {
        let mut args = vec!["run", "m", "--out", "file/results"];
        args.extend(force.then_some("--force"));
        assert_refused(&world.run(&args), &["error: cannot write `file/results`", "directory"]);
        assert_eq!(world.contents(), before);
    }
    let ran = world.run(&["run", "m", "--json", "--write-mps", "file/program.mps"]);
    assert_refused(&ran, &["error: cannot write `file/program.mps`"]);
    let ran = world.run(&["run", "m", "--json", "--write-mps", "nowhere/program.mps"]);
    assert_refused(&ran, &["error: cannot write `nowhere/program.mps`"]);
    let ran = world.run(&["new", "file/model"]);
    assert_refused(&ran, &["error: cannot write `file/model`"]);
    assert_eq!(world.contents(), before);
}

#[test]
fn a_folder_of_others_is_replaced_by_force_only() {
    let world = World::new(&Files::tiny());
    std::fs::create_dir(world.path("out")).unwrap();
    std::fs::write(world.path("out/thesis.txt"), "three years of work").unwrap();
    let before = world.contents();
    assert_refused(&world.run(&["run", "m", "--out", "out"]), &["`out`", "did not write it", "--out", "--force"]);
    assert_eq!(world.contents(), before);
    world.ok(&["run", "m", "--out", "out", "--force"]);
    assert!(!world.path("out/thesis.txt").exists() && world.path("out/summary.json").is_file());
    assert_eq!(names(world.0.path()), ["m", "out"]);
}

#[test]
fn a_file_is_replaced_by_force_only() {
    let world = World::new(&Files::tiny());
    std::fs::write(world.path("out"), "a file").unwrap();
    assert_refused(&world.run(&["run", "m", "--out", "out"]), &["`out`", "did not write it"]);
    assert_eq!(std::fs::read(world.path("out")).unwrap(), b"a file");
    world.ok(&["run", "m", "--out", "out", "--force"]);
    assert!(world.path("out/summary.json").is_file());
}

#[test]
fn results_and_empty_folders_are_replaced() {
    let world = World::new(&Files::tiny());
    std::fs::create_dir(world.path("out")).unwrap();
    world.ok(&["run", "m", "--out", "out"]);
    let without = results(&world.path("out"));
    std::fs::write(world.path("out/left-over.csv"), "from an older version").unwrap();
    world.ok(&["run", "m", "--scenario", "cut", "--out", "out"]);
    let with = results(&world.path("out"));
    assert!(!with.contains_key("left-over.csv"));
    assert_ne!(without["summary.json"], with["summary.json"]);
    assert_eq!(names(world.0.path()), ["m", "out"]);
}

#[test]
fn new_writes_to_no_folder_in_use() {
    let world = World::new(&Files::tiny());
    let before = world.contents();
    assert_refused(&world.run(&["new", "m"]), &["`m`", "not empty"]);
    assert_refused(&world.run(&["new", "m/model.toml"]), &["`m/model.toml`"]);
    assert_eq!(world.contents(), before);
}

/// `ulimit -f` limits the size of each file that is written. Without its signal, a write beyond it
/// fails as on a full disk.
fn on_a_full_disk(world: &World, blocks: u32, args: &str) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{}' {args}", env!("CARGO_BIN_EXE_coercivity"));
    ran(Command::new("sh").args(["-c", &script]).current_dir(world.0.path()).output().unwrap())
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let world = World::new(&long());
    world.ok(&["run", "m", "--out", "out"]);
    let before = world.contents();
    let ran = on_a_full_disk(&world, 8, "run m --scenario cut --out out");
    assert_refused(&ran, &["error: cannot write `out`", "nothing was changed there"]);
    assert_eq!(world.contents(), before, "the old results are whole, and nothing is left over");

    let ran = on_a_full_disk(&world, 8, "run m --scenario cut --out fresh");
    assert_refused(&ran, &["error: cannot write `fresh`"]);
    let ran = on_a_full_disk(&world, 8, "run m --json --write-mps program.mps");
    assert_refused(&ran, &["error: cannot write `program.mps`"]);
    let ran = on_a_full_disk(&world, 8, "new copy");
    assert_refused(&ran, &["error: cannot write `copy`"]);
    assert_eq!(world.contents(), before);
}

/// Starts a run and kills it as soon as it says `word` on standard error.
fn kill_at(world: &World, args: &[&str], word: &str) {
    let mut child = world.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with(word)), "the program never said `{word}`");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_while_solving_leaves_what_was_there() {
    let world = World::new(&Files::tiny());
    world.ok(&["run", "m", "--out", "out"]);
    let before = world.contents();
    // The reference model takes long enough to be killed in the middle.
    kill_at(&world, &["run", "--foresight", "perfect", "--out", "out"], "solving");
    assert_eq!(world.contents(), before);
}

#[test]
fn a_kill_while_writing_leaves_old_or_new_results() {
    let world = World::new(&long());
    world.ok(&["run", "m", "--scenario", "cut", "--out", "out"]);
    let new = results(&world.path("out"));
    for _ in 0..8 {
        world.ok(&["run", "m", "--out", "out"]);
        let old = results(&world.path("out"));
        kill_at(&world, &["run", "m", "--scenario", "cut", "--out", "out"], "writing");
        let found = results(&world.path("out"));
        assert!(found == old || found == new, "neither the old nor the new results");
    }
}

#[test]
fn a_time_limit_stops_the_solver_and_says_so() {
    let world = World::new(&Files::tiny());
    world.ok(&["run", "m", "--out", "out"]);
    let before = world.contents();
    let args = ["run", "--foresight", "perfect", "--time-limit", "0.05", "--out", "out"];
    let ran = world.run(&args);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("error: the time limit was reached"), "{}", ran.stderr);
    assert_eq!(world.contents(), before);

    let ran = world.run(&[&args[..], &["--json"]].concat());
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let known: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(known["status"], "stopped");
    assert_eq!(known["objective"], serde_json::Value::Null);
    for key in ["model", "scenario", "method", "foresight", "why", "version", "model_hash", "command"] {
        assert!(known[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {}", known[key]);
    }
    assert_eq!(world.contents(), before);
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let world = World::new(&Files::tiny());
    let wrong: &[&[&str]] = &[
        &[],
        &["simulate"],
        &["run", "--scenari", "cut"],
        &["run", "m", "n"],
        &["run", "--method", "best"],
        &["run", "--foresight", "hindsight"],
        &["run", "--time-limit", "0"],
        &["run", "--time-limit", "-1"],
        &["run", "--time-limit", "NaN"],
        &["run", "--out"],
        &["check", "--out", "x"],
        &["new"],
    ];
    for args in wrong {
        let ran = world.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("Usage:") || ran.stderr.contains("--help"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let world = World::new(&Files::tiny());
    for args in [&["check", "m"][..], &["run", "m", "--json"], &["run", "m", "--out", "out"], &["new", "copy"]] {
        let mut child = world.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
    assert!(world.path("out/summary.json").is_file() && world.path("copy/model.toml").is_file());
}

#[test]
#[cfg(target_os = "linux")] // where there is a file that is always full
fn full_standard_output_is_an_error() {
    let world = World::new(&Files::tiny());
    for args in [&["check", "m", "--json"][..], &["run", "m", "--json"], &["run", "m", "--out", "out"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = ran(world.command(args).stdout(full).output().unwrap());
        assert_refused(&ran, &["error: cannot write to standard output"]);
    }
}

#[test]
fn what_is_written_can_be_read_by_whom_the_user_lets_read() {
    let world = World::new(&Files::tiny());
    world.ok(&["run", "m", "--out", "out", "--write-mps", "program.mps"]);
    std::fs::write(world.path("usual"), "").unwrap();
    std::fs::create_dir(world.path("usual-folder")).unwrap();
    let mode = |name: &str| world.path(name).metadata().unwrap().permissions().mode();
    assert_eq!(mode("program.mps"), mode("usual"));
    assert_eq!(mode("out/summary.json"), mode("usual"));
    assert_eq!(mode("out"), mode("usual-folder"));
    assert!(!contents(&world.path("out")).is_empty());
}

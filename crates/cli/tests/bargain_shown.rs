//! What the terminal shows of `coercivity bargain`, on terminals of two widths.

mod common;

use common::{Files, World, contents, root};

#[test]
fn a_bargain_reads_well() {
    let mut files = Files(Default::default());
    files.0.extend(contents(&root().join("examples/bargain")));
    let spec = String::from_utf8(files.0.remove("bargain.toml").unwrap()).unwrap();
    let world = World::new(&files);
    std::fs::write(world.path("b.toml"), spec.replace("model = \".\"", "model = \"m\"")).unwrap();
    for columns in ["80", "120"] {
        let output = world.command(&["bargain", "b.toml", "--cache", "kept"]).env("COLUMNS", columns).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        if let Some(line) = text.lines().find(|line| line.chars().count() > columns.parse().unwrap()) {
            // The command line that gives it again is never broken.
            assert!(line.starts_with("Again:"), "wider than {columns} columns: {line}");
        }
        insta::assert_snapshot!(format!("bargain-{columns}-columns"), text);
    }
}

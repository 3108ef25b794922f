//! `coercivity assess`: what it prints and writes, that names of a model are never markup, and wrong questions.

mod common;

use common::{Files, World, contents};
use serde_json::Value;

fn files() -> Files {
    let mut files = Files::tiny();
    files.edit("regions.csv", "id,groups", "id,name,groups");
    files.edit("regions.csv", "AAA,east\nBBB,west", "AAA,Eastland,east\nBBB,Westland,west");
    files.edit("regions.csv", "CCC,west", "CCC,Southland,west");
    files.edit("demands.csv", "id,region,amount,value\n", "id,region,amount,value,name,unit\n");
    files.edit("demands.csv", "need,BBB,120,1000", "need,BBB,120,1000,western engines,engines");
    files.edit("sites.csv", "capacity,cost\nmine,dig,AAA,240,5", "capacity,cost,owner\nmine,dig,AAA,240,5,Digger Ltd");
    files.edit("sites.csv", "smelter,smelt,AAA,120,20", "smelter,smelt,AAA,120,20,");
    files.put("sources.csv", "key,title,publisher,year,url\nsurvey,A survey,An office,2024,https://example.org/a_b\n");
    files.put(
        "uses.csv",
        "demand,product,amount,option,source,confidence\nneed,metal,1,base,survey,observed\n\
         need,metal,0.5,thrift,survey,assumed\n",
    );
    files.put("options.csv", "demand,option,max_share,cost\nneed,thrift,0.1,5\n");
    files
}

#[test]
fn an_assessment_reads_well() {
    let world = World::new(&files());
    for columns in ["80", "120"] {
        let args = ["assess", "m", "--scenario", "cut", "--out", "o", "--force"];
        let output = world.command(&args).env("COLUMNS", columns).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        if let Some(line) = text.lines().find(|line| line.chars().count() > columns.parse().unwrap()) {
            // The command line that gives it again is never broken.
            assert!(line.starts_with("Again:"), "wider than {columns} columns: {line}");
        }
        insta::assert_snapshot!(format!("assess-{columns}-columns"), text);
    }
    let hash = |text: String| {
        let is_hash = |word: &str| word.trim_end_matches('.').len() == 64;
        let words = text.split(' ').map(|word| {
            let (word, rest) = word.split_once('\n').map_or((word, None), |(word, rest)| (word, Some(rest)));
            let word = if is_hash(word) { "HASH." } else { word };
            rest.map_or(word.to_string(), |rest| format!("{word}\n{rest}"))
        });
        words.collect::<Vec<_>>().join(" ").replace(env!("CARGO_PKG_VERSION"), "VERSION")
    };
    let document = String::from_utf8(contents(&world.path("o"))["assessment.md"].clone()).unwrap();
    insta::assert_snapshot!("assess-document", hash(document));
}

#[test]
fn a_folder_has_the_document_its_data_and_its_tables() {
    let world = World::new(&files());
    world.ok(&["assess", "m", "--scenario", "cut"]);
    let files = contents(&world.path("assessment"));
    for name in ["assessment.html", "assessment.md", "assessment.json", "map.csv", "mitigation.csv", "survive.csv"] {
        assert!(files.contains_key(name), "{name}: {:?}", files.keys());
    }
    let html = String::from_utf8(files["assessment.html"].clone()).unwrap();
    for nothing in ["<script", " src=", "<link", "@import", "url("] {
        assert!(!html.contains(nothing), "{nothing} in the page");
    }
    let json: Value = serde_json::from_slice(&files["assessment.json"]).unwrap();
    assert_eq!((json["frame"].as_str(), json["needs"][0]["id"].as_str()), (Some("crma-24"), Some("need")));
    let printed = world.ok(&["assess", "m", "--scenario", "cut", "--json"]).stdout;
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), json);
    // Written by this program, so it may be replaced; the same input gives the same bytes.
    world.ok(&["assess", "m", "--scenario", "cut"]);
    assert_eq!(contents(&world.path("assessment")), files);
    let ran = world.run(&["assess", "m", "--out", "m"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("this program did not write it"), "{}", ran.stderr);
}

/// Columns of a row of a Markdown table: pipes that are not escaped.
fn columns(line: &str) -> usize {
    line.replace("\\\\", "").replace("\\|", "").matches('|').count()
}

#[test]
fn names_are_never_markup() {
    const HOSTILE: &str = "\"<script>alert(1)</script> & a|b `c` [d](https://e.org)\n# f\"";
    let mut files = files();
    files.edit("regions.csv", "Eastland", HOSTILE);
    files.edit("regions.csv", "Westland", HOSTILE);
    files.edit("demands.csv", "western engines", HOSTILE);
    files.edit("demands.csv", ",engines", &format!(",{HOSTILE}"));
    files.edit("sites.csv", "Digger Ltd", HOSTILE);
    files.edit("sources.csv", "A survey", HOSTILE);
    files.edit("sources.csv", "https://example.org/a_b", "javascript:alert(1)");
    files.put(
        "products.csv",
        &format!("id,name,unit,stage,price,groups\nore,{HOSTILE},t,ore,10,\nmetal,{HOSTILE},t,metal,100,metals\n"),
    );
    files.edit(
        "scenarios/cut.toml",
        "id = \"ban\"",
        "id = \"ban\"\nname = \"<script>x</script> | `y`\"\nclaimed_by = \"a|b<script>\"\nlegal = \"<b>\"",
    );
    files.edit("model.toml", "Two regions", "<script>m</script> | `m`");
    let world = World::new(&files);
    world.ok(&["assess", "m", "--scenario", "cut", "--out", "o"]);
    let written = contents(&world.path("o"));
    let text = |name: &str| String::from_utf8(written[name].clone()).unwrap();
    let (html, markdown) = (text("assessment.html"), text("assessment.md"));
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    assert!(!html.contains("href=\"javascript"), "only addresses of the web are links");
    assert!(markdown.contains("\\<script\\>"));
    assert!(!markdown.replace("\\<", "").contains("<script"), "a tag is left in the Markdown");
    assert!(!markdown.replace("\\`", "").contains("`c") && !markdown.contains("\n# f"));
    // Each table keeps its columns.
    let lines: Vec<&str> = markdown.lines().collect();
    for (above, line) in lines.iter().zip(&lines[1..]) {
        if above.starts_with("| ") && line.starts_with("| ") {
            assert_eq!(columns(above), columns(line), "{above}\n{line}");
        }
    }
}

#[test]
fn wrong_questions_are_told_with_a_remedy() {
    let world = World::new(&files());
    for (args, code, wanted) in [
        (&["assess", "m", "--demand", "nead"][..], 1, "there is no demand `nead`, nor a region with demands"),
        (&["assess", "m", "--demand", "nead"], 1, "help: use `need`"),
        (&["assess", "m", "--demand", "CCC"], 1, "there is no demand `CCC`, nor a region with demands"),
        (&["assess", "m", "--frame", "crma-25"], 2, "[possible values: crma-24]"),
        (&["assess", "m", "--scenario", "cat"], 1, "use `cut`"),
        (&["assess", "no-model"], 1, "no-model"),
    ] {
        let ran = world.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(wanted), "{args:?}: {}", ran.stderr);
    }
    assert!(!world.path("assessment").exists(), "nothing is written where something is wrong");
}

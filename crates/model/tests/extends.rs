//! A model that lays its own rows over another.

use coercivity_model::schema::TableName;
use coercivity_model::{Code, MemoryFiles, Model, Report, read_model, read_scenario};

const BASE: &[(&str, &str)] = &[
    (
        "model.toml",
        "format = 1\nname = \"Base\"\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\ncurrency = \"EUR\"\n",
    ),
    ("regions.csv", "id\nAAA\nBBB\n"),
    ("products.csv", "id,unit,stage,price\nore,t,ore,10\nmetal,t,metal,100\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,metal,1\n"),
    ("sites.csv", "id,process,region,capacity,cost\nmine,dig,AAA,240,5\nsmelter,smelt,AAA,120,20\n"),
    ("lanes.csv", "product,from,to,lead_days,cost\nmetal,AAA,BBB,30,2\n"),
    ("demands.csv", "id,region,amount,value\nneed,BBB,120,1000\n"),
    ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
    ("stocks.csv", "region,product,initial,kind\nBBB,metal,5,\nBBB,metal,8,strategic\n"),
    ("scenarios/cut.toml", "[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"AAA\"\non = \"metal\"\n"),
];

fn files(own: &[(&str, &str)]) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    BASE.iter().for_each(|(name, text)| files.insert(&format!("base/{name}"), *text));
    files.insert("own/model.toml", "format = 1\nextends = \"../base\"\n");
    own.iter().for_each(|(name, text)| files.insert(&format!("own/{name}"), *text));
    files
}

fn model(own: &[(&str, &str)]) -> Model {
    let mut report = Report::default();
    read_model(&files(own), "own", &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

fn said(own: &[(&str, &str)]) -> Vec<String> {
    let mut report = Report::default();
    assert!(read_model(&files(own), "own", &mut report).is_none());
    let place = |d: &coercivity_model::Diagnostic| {
        d.place.as_ref().map_or("nowhere".to_string(), |p| format!("{}:{}:{}", p.file, p.line, p.column))
    };
    report.diagnostics().iter().map(|d| format!("{} {}", d.code.as_str(), place(d))).collect()
}

#[test]
fn nothing_of_its_own_is_the_other_model() {
    let own = model(&[]);
    assert_eq!((own.name.as_str(), own.currency.as_str(), own.calendar.steps()), ("Base", "EUR", 4));
    assert_eq!((own.sites.len(), own.stocks.len(), own.folders.as_slice()), (2, 2, &["own".into(), "base".into()][..]));
    let mut report = Report::default();
    let alone = read_model(&files(&[]), "base", &mut report).unwrap();
    assert_ne!(own.hash, alone.hash, "another folder");
}

#[test]
fn a_row_with_the_same_key_replaces_and_others_are_added() {
    let own = model(&[
        ("model.toml", "format = 1\nextends = \"../base\"\nname = \"Own\"\nsteps = 6\n"),
        ("sites.csv", "id,region,process,capacity\nsmelter,BBB,smelt,60\nsecond,AAA,smelt,30\n"),
        // The empty kind of the other model is `commercial`.
        ("stocks.csv", "region,product,initial,kind,note\nBBB,metal,50,commercial,ours\n"),
        // A recipe is replaced as a whole.
        ("processes.csv", "process,product,amount\nsmelt,metal,2\n"),
    ]);
    assert_eq!((own.name.as_str(), own.calendar.steps()), ("Own", 6));
    let capacity = |id: &str| own.sites.iter().find(|site| site.id == id).unwrap().capacity;
    assert_eq!((own.sites.len(), capacity("mine"), capacity("smelter"), capacity("second")), (3, 240.0, 60.0, 30.0));
    let table = &own.tables[&TableName::Stocks];
    let rows: Vec<_> =
        (0..table.len()).map(|r| (table.text(r, "initial"), table.text(r, "kind"), table.text(r, "note"))).collect();
    assert_eq!(rows, [("8", "strategic", ""), ("50", "commercial", "ours")]);
    let smelt = own.processes.iter().find(|process| process.id == "smelt").unwrap();
    assert_eq!((smelt.inputs.len(), smelt.outputs.len()), (0, 1));
}

#[test]
fn scenarios_of_the_other_model_serve() {
    let own = model(&[("scenarios/worse.toml", "extends = \"../../base/scenarios/cut.toml\"\nname = \"Worse\"\n")]);
    for path in ["base/scenarios/cut.toml", "own/scenarios/worse.toml"] {
        let mut report = Report::default();
        let scenario = read_scenario(
            &files(&[("scenarios/worse.toml", "extends = \"base/scenarios/cut.toml\"\n")]),
            path,
            &own,
            &mut report,
        );
        assert_eq!(
            scenario.expect("read").measures.len(),
            1,
            "{path}: a path may also be one from where the program runs"
        );
    }
}

#[test]
fn problems_are_placed_in_the_file_that_has_them() {
    assert_eq!(said(&[("lanes.csv", "product,from,to\nmetal,BBB,CCC\n")]), ["unknown-id own/lanes.csv:2:11"]);
    assert_eq!(said(&[("uses.csv", "demand,product,amount\nneed,metl,1\n")]), ["unknown-id own/uses.csv:2:6"]);
    assert_eq!(
        said(&[("sites.csv", "id,process,region,capacity\nmine,dig,AAA,240\nmine,dig,AAA,240\n")]),
        ["duplicate-id own/sites.csv:3:1"]
    );
}

#[test]
fn a_circle_and_a_model_that_is_not_there() {
    let mut circle = files(&[]);
    circle.insert("base/model.toml", "format = 1\nextends = \"../own\"\n");
    let mut report = Report::default();
    assert!(read_model(&circle, "own", &mut report).is_none());
    assert!(report.diagnostics().iter().any(|d| d.code == Code::ExtendsCycle), "{}", report.render(false, 100));
    let nowhere = said(&[("model.toml", "format = 1\nextends = \"../nowhere\"\n")]);
    assert_eq!(nowhere[0], "missing-file own/model.toml:2:11");
}

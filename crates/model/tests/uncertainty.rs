//! `uncertainty.csv`, the groups of observations, and models with other figures.

use coercivity_model::figures::figures;
use coercivity_model::schema::TableName;
use coercivity_model::uncertainty::{self, Amount, nearby};
use coercivity_model::{Change, Code, Diagnostic, MemoryFiles, Model, Report, changed, read_model};

const TABLES: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nname = \"Base\"\nstart = 2025-01-01\nstep = \"month\"\nsteps = 4\n"),
    ("regions.csv", "id,groups,lat,confidence\nCHN,east,35,recalled\nJPN,east;west,36,\nDEU,west,51,\n"),
    ("products.csv", "id,unit,stage,price,groups\nore,t,ore,10,\nox-dy,t,oxide,100,oxides\nox-tb,t,oxide,900,oxides\n"),
    ("processes.csv", "process,product,amount\nleach,ore,-2\nleach,ox-dy,1\n"),
    ("sites.csv", "id,process,region,capacity,cost,opens,closes\nplant,leach,CHN,240,5,2024-07-01,2027-07-01\n"),
    (
        "lanes.csv",
        "product,from,to,lead_days,flow,confidence,flow.confidence\nox-dy,CHN,JPN,30,120,assumed,reported\n*,*,*,60,,,\n",
    ),
    ("demands.csv", "id,region,amount,value\nneed,JPN,120,1000\n"),
    ("uses.csv", "demand,product,amount,option\nneed,ox-dy,1,\nneed,ox-tb,0.5,lean\n"),
    ("options.csv", "demand,option,max_share\nneed,lean,0.25\n"),
    ("tiers.csv", "demand,share,factor\n*,0.25,0.5\n*,0.5,1\n*,0.25,2\n"),
    ("stocks.csv", "region,product,initial,kind\nJPN,ox-dy,5,\nJPN,ox-dy,8,strategic\n"),
    ("observations.csv", "id,what,products,region,value,tolerance,until\nmade,output,ox-dy,CHN,120,10,2025-02-01\n"),
];

const HEADER: &str = "table,row,column,low,best,high,shape,why\n";

/// A range of every table: its names of rows, with dates and shapes.
const RANGES: &str = "\
products,ox-dy,price,80,100,150,lognormal,a
processes,leach/ore,amount,-2.5,-2,-1.5,,b
sites,plant,opens,2024-01-01,2024-07-01,2025-07-01,uniform,c
lanes,ox-dy/CHN/JPN,lead_days,20,30,90,,d
lanes,*/*/*,lead_days,30,60,60,,e
demands,need,amount,100,120.0,150,,f
uses,need/base/ox-dy,amount,0.5,1,2,triangular,g
uses,need/lean/ox-tb,amount,0.5,0.5,1,,h
options,need/lean,max_share,0,0.25,1,,i
tiers,*/3,factor,1.5,2,3,,j
stocks,JPN/ox-dy/commercial,initial,0,5,9,,k
stocks,JPN/ox-dy/strategic,initial,8,8,9,,l
";

/// The tables as a folder `m`, some of them others (`None` = not there), with these ranges.
fn files(ranges: &str, others: &[(&str, Option<&str>)]) -> MemoryFiles {
    let mut files = MemoryFiles::default();
    TABLES.iter().for_each(|(name, text)| files.insert(&format!("m/{name}"), *text));
    files.insert("m/uncertainty.csv", format!("{HEADER}{ranges}"));
    for (name, text) in others {
        match text {
            Some(text) => files.insert(&format!("m/{name}"), *text),
            None => drop(files.0.remove(&format!("m/{name}"))),
        }
    }
    files
}

fn read(ranges: &str, others: &[(&str, Option<&str>)]) -> (Option<Model>, Report) {
    let mut report = Report::default();
    let model = read_model(&files(ranges, others), "m", &mut report);
    (model, report)
}

fn model(ranges: &str) -> Model {
    let (model, report) = read(ranges, &[]);
    assert_eq!(report.diagnostics().len(), 0, "{}", report.render(false, 100));
    model.unwrap()
}

/// Code, line, column and help of every diagnostic.
fn said(report: &Report) -> Vec<String> {
    let one = |d: &Diagnostic| {
        let place = d.place.as_ref().map_or("nowhere".to_string(), |p| format!("{}:{}:{}", p.file, p.line, p.column));
        format!("{} {place}: {}", d.code.as_str(), d.help.clone().unwrap_or_default())
    };
    report.diagnostics().iter().map(one).collect()
}

#[test]
fn a_range_names_a_row_of_any_table() {
    let model = model(RANGES);
    let found: Vec<String> = model
        .ranges
        .iter()
        .map(|r| {
            let row = &uncertainty::row_names(r.table, &model.tables[&r.table])[r.row];
            format!(
                "{},{row},{},{},{},{},{:?},{}",
                r.table.stem(),
                r.column.name,
                r.low,
                r.best,
                r.high,
                r.shape,
                r.why
            )
        })
        .collect();
    let wanted: Vec<String> = RANGES
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let shape = match cells[6] {
                "lognormal" => "Lognormal",
                "uniform" => "Uniform",
                _ => "Triangular",
            };
            format!("{},{shape},{}", cells[..6].join(",").replace("120.0", "120"), cells[7])
        })
        .collect();
    assert_eq!(found, wanted);
    assert_eq!(model.ranges[8].row, 0, "the row of the option");
    assert_eq!(model.ranges[9].row, 2, "the third tier");
}

#[test]
fn what_is_wrong_with_a_range() {
    let wrong = |row: &str| {
        let (model, report) = read(&format!("{row}\n"), &[]);
        assert!(model.is_none(), "{row}");
        said(&report).join(" | ")
    };
    assert_eq!(wrong("site,plant,cost,1,5,9,,a"), "unknown-id m/uncertainty.csv:2:1: use `sites`");
    assert_eq!(
        wrong("regions,CHN,id,1,5,9,,a"),
        "unknown-id m/uncertainty.csv:2:13: a range names a figure: table, row and column"
    );
    assert_eq!(wrong("sites,plnt,cost,1,5,9,,a"), "unknown-id m/uncertainty.csv:2:7: use `plant`");
    assert_eq!(wrong("sites,plant,costs,1,5,9,,a"), "unknown-id m/uncertainty.csv:2:13: use `cost`");
    assert_eq!(wrong("observations,made,value,1,120,130,,a").split(':').next(), Some("unknown-id m/uncertainty.csv"));
    assert_eq!(wrong("sites,plant,cost,6,5,9,,a").split(": ").next(), Some("bad-range m/uncertainty.csv:2:18"));
    assert_eq!(wrong("sites,plant,cost,1,5,4,,a").split(": ").next(), Some("bad-range m/uncertainty.csv:2:18"));
    assert_eq!(wrong("sites,plant,cost,-1,5,9,,a").split(": ").next(), Some("out-of-range m/uncertainty.csv:2:18"));
    assert_eq!(wrong("sites,plant,cost,1,5,many,,a").split(": ").next(), Some("bad-number m/uncertainty.csv:2:22"));
    assert_eq!(
        wrong("sites,plant,opens,2024-01-01,2024-07-01,2025-02-30,,a").split(": ").next(),
        Some("bad-date m/uncertainty.csv:2:41")
    );
    assert_eq!(
        wrong("sites,plant,cost,1,5,9,,a\nsites,plant,cost,1,5,8,,b"),
        "duplicate-row m/uncertainty.csv:3:1: the first one stands at m/uncertainty.csv:2"
    );
    // What is empty is said once.
    assert_eq!(wrong("sites,plant,cost,,5,9,,a").split(": ").next(), Some("missing-value m/uncertainty.csv:2:18"));
    assert_eq!(wrong(",plant,cost,1,5,9,,a").matches("m/uncertainty.csv:").count(), 1);
}

#[test]
fn a_stale_range_is_said_and_not_used() {
    let (model, report) = read("sites,plant,cost,1,4,9,,a\nlanes,*/*/*,flow,1,4,9,,b\n", &[]);
    assert_eq!(said(&report).len(), 2);
    assert!(report.diagnostics().iter().all(|d| d.code == Code::StaleRange && !d.message.is_empty()));
    let message = "`best` is 4, and the figure in `lanes` is empty: the range is not used";
    assert_eq!(report.diagnostics()[1].message, message);
    assert!(model.unwrap().ranges.is_empty());
}

#[test]
fn a_range_is_silent_where_another_model_replaced_its_figure() {
    let mut files = files("sites,plant,cost,1,5,9,,a\nsites,plant,capacity,200,240,300,,a\n", &[]);
    files.insert("own/model.toml", "format = 1\nextends = \"../m\"\n");
    files.insert("own/sites.csv", "id,process,region,capacity,cost\nplant,leach,CHN,240,7\n");
    let read = |files: &MemoryFiles| {
        let mut report = Report::default();
        let model = read_model(files, "own", &mut report).expect("no error");
        let columns: Vec<&str> = model.ranges.iter().map(|range| range.column.name).collect();
        (columns, said(&report).len())
    };
    assert_eq!(read(&files), (vec!["capacity"], 0));
    // Its own ranges replace those below, and stale ones of them are said: of its own figures and of those
    // below, which nobody has replaced.
    files.insert("own/uncertainty.csv", format!("{HEADER}sites,plant,cost,6,7,8,,own\n"));
    assert_eq!(read(&files), (vec!["capacity", "cost"], 0));
    let stale = "sites,plant,cost,1,5,9,,own\ndemands,need,amount,1,5,9,,own\n";
    files.insert("own/uncertainty.csv", format!("{HEADER}{stale}"));
    assert_eq!(read(&files), (vec!["capacity"], 2));
}

#[test]
fn a_table_that_cannot_be_read_is_said_once() {
    let many: String = ["capacity,1,240,300", "cost,1,5,9"].map(|range| format!("sites,plant,{range},,a\n")).concat();
    let codes = |others: &[(&str, Option<&str>)]| {
        let (model, report) = read(&many, others);
        assert!(model.is_none());
        report.diagnostics().iter().map(|d| d.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[("sites.csv", Some(""))]), ["bad-csv"]);
    assert_eq!(codes(&[("sites.csv", Some("id,process,region,capacity\nplant,leach,CHN,2,40\n"))]), ["bad-csv"]);
    assert_eq!(codes(&[("sites.csv", Some("process,region,capacity\nleach,CHN,240\n"))]), ["missing-column"]);
    assert_eq!(codes(&[("sites.csv", None)]), ["missing-file", "unknown-id"]);
    let (_, report) = read("tiers,*/1,factor,1,1,1,,a\ntiers,*/2,factor,1,1,1,,a\n", &[("tiers.csv", None)]);
    assert_eq!(said(&report).len(), 1, "a table that need not be there");
    let ranges = format!("table,row,low,best,high,why\n{}", "sites,plant,1,5,9,a\n".repeat(50));
    let (_, report) = read("", &[("uncertainty.csv", Some(&ranges))]);
    assert_eq!(said(&report).len(), 1, "{:?}", said(&report));
}

#[test]
fn guesses_without_a_range_are_named() {
    let model = model("lanes,ox-dy/CHN/JPN,lead_days,20,30,90,,a\n");
    let check = |model: &Model| {
        let mut report = Report::default();
        uncertainty::check(model, &figures(model), &mut report);
        report.diagnostics().iter().map(|d| d.help.clone().unwrap()).collect::<Vec<_>>()
    };
    // The flow of the lane is reported; where China lies is recalled, but no run reads it.
    assert_eq!(check(&model), Vec::<String>::new());
    let (bare, _) = read("", &[]);
    let wanted = "give `uncertainty.csv` a row lanes,ox-dy/CHN/JPN,lead_days with low, best, high and why";
    assert_eq!(check(&bare.unwrap()), [wanted]);
}

#[test]
fn guesses_move_by_a_share() {
    let (model, _) = read(
        "",
        &[
            (
                "sites.csv",
                Some(
                    "id,process,region,capacity,cost,opens,minimum,confidence,capacity.confidence\n\
                 plant,leach,CHN,240,5,2024-07-01,0,assumed,observed\n",
                ),
            ),
            ("options.csv", Some("demand,option,max_share,confidence\nneed,lean,0.99,recalled\n")),
        ],
    );
    let model = model.unwrap();
    let found = |confidence| -> Vec<String> {
        let ranges = nearby(&model, 0.1, confidence);
        ranges.iter().map(|r| format!("{} {} {} {}", r.column.name, r.low, r.best, r.high)).collect()
    };
    // 36.5 days are 37; a share is at most 1; nothing of 0 is nothing.
    let guesses =
        ["cost 4.5 5 5.5", "opens 2024-05-25 2024-07-01 2024-08-07", "lead_days 27 30 33", "max_share 0.891 0.99 1"];
    assert_eq!(found(None), guesses);
    // The share of the option alone is recalled.
    assert_eq!(found(Some("assumed")), guesses[..3]);
    assert_eq!(found(Some("recalled")), guesses[3..]);
}

#[test]
fn another_figure_makes_another_model() {
    let model = model(RANGES);
    let column = |table: TableName, name: &str| table.schema().column(name).unwrap();
    let change = |table, row, name, to| Change { table, row, column: column(table, name), to };
    let cost = |to: f64| [change(TableName::Sites, 0, "cost", Amount::Number(to))];
    let opens =
        change(TableName::Sites, 0, "opens", Amount::parse(column(TableName::Sites, "opens"), "2025-07-01").unwrap());
    let other = changed(&model, &cost(9.0)).unwrap();
    assert_eq!((model.sites[0].cost, other.sites[0].cost), (5.0, 9.0));
    assert_eq!(other.tables[&TableName::Sites].text(0, "cost"), "9");
    let both = changed(&model, &[cost(9.0)[0].clone(), opens]).unwrap();
    assert_eq!(both.sites[0].opens.unwrap().to_string(), "2025-07-01");
    let hashes = [&model.hash, &other.hash, &both.hash, &changed(&model, &cost(8.0)).unwrap().hash];
    assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    assert_eq!(changed(&model, &cost(9.0)).unwrap().hash, other.hash);
    assert!(other.ranges.is_empty(), "they speak of the figures as they were");

    let codes = |changes: &[Change]| {
        let report = changed(&model, changes).expect_err("a report");
        report.diagnostics().iter().map(|d| d.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&cost(-1.0)), ["out-of-range"]);
    assert_eq!(codes(&cost(f64::NAN)), ["bad-number"]);
    // What the tables say together is checked as when they are read.
    assert_eq!(codes(&[change(TableName::Tiers, 0, "share", Amount::Number(0.5))]), ["tier-shares"]);
    let late = Amount::parse(column(TableName::Sites, "opens"), "2028-01-01").unwrap();
    assert_eq!(codes(&[change(TableName::Sites, 0, "opens", late)]), ["contradictory-dates"]);
}

#[test]
fn observations_take_ids_groups_and_all() {
    let observed = |row: &str| {
        let text = format!("id,what,products,region,to,value,tolerance\n{row}\n");
        let (model, report) = read("", &[("observations.csv", Some(&text))]);
        match model {
            Some(model) => {
                let o = model.observations[0].clone();
                format!("{:?} {:?} {:?}", o.products, o.regions, o.to)
            }
            None => said(&report).join(" | "),
        }
    };
    assert_eq!(observed("a,flow,oxides,CHN,west,1,0"), "[1, 2] [0] [1, 2]");
    assert_eq!(observed("a,flow,ore;oxides;ox-tb,east;DEU,*,1,0"), "[0, 1, 2] [0, 1, 2] [0, 1, 2]");
    assert_eq!(observed("a,output,*,JPN,,1,0"), "[0, 1, 2] [1] [0, 1, 2]");
    let unknown = "unknown-id m/observations.csv:2:8";
    assert!(
        observed("a,output,oxide,CHN,,1,0").contains("observations.csv:2:10"),
        "{}",
        observed("a,output,oxide,CHN,,1,0")
    );
    assert!(observed("a,flow,ox-dy,CHN;wst,east,1,0").starts_with("unknown-id m/observations.csv:2:14"));
    assert!(observed("a,flow,ox dy,CHN,east,1,0").starts_with("bad-id m/observations.csv:2:8"));
    assert!(observed("a,flow,dy,CHN,east,1,0").starts_with(unknown));
}

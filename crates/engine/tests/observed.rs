//! Results held against observations, on chains small enough to follow by hand.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::results::observed::{Held, hold, table};
use coercivity_engine::results::tables::tables;
use coercivity_model::{Model, Scenario};
use common::{Case, agree, outcome};

const HEAD: &str = "id,what,products,region,to,from,until,value,tolerance,scenario\n";

/// Two months. B smelts 2 ore into 1 metal and 1 slag, out a month later, and casts 1 metal into 1 part at once; A
/// needs 5 parts a month. What was smelted before the start serves January, what January smelts serves February,
/// and what February smelts is wanted in the pipeline at the end: 5 metal a month. Of the 10 ore that this takes, B
/// digs 5 and A sends 5, of the 10 that A digs in any case. Nothing is stocked.
fn case(observations: &str) -> Case {
    let mut case = Case { path: "observed".into(), files: Default::default(), expectations: Vec::new() };
    let mut file = |name: &str, text: &str| case.files.insert(&format!("m/{name}"), text);
    file("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 2\n");
    file("regions.csv", "id,groups\nA,\nB,west\nC,west\n");
    file(
        "products.csv",
        "id,unit,stage,price,groups\nore,t,ore,1,\nmetal,t,metal,1000,ware\npart,t,part,1000,ware\nslag,t,waste,0,\n",
    );
    file(
        "processes.csv",
        "process,product,amount\ndig,ore,1\nsmelt,ore,-2\nsmelt,metal,1\nsmelt,slag,1\ncast,metal,-1\ncast,part,1\n",
    );
    file(
        "sites.csv",
        "id,process,region,capacity,lead_days,made,minimum\nmine-a,dig,A,120,0,,1\nmine-b,dig,B,60,0,,1\n\
         smelter,smelt,B,60,30,60,\ncaster,cast,B,60,0,,\n",
    );
    file("lanes.csv", "product,from,to,cost,flow\nore,A,B,1,120\npart,B,A,1,60\n");
    file("demands.csv", "id,region,amount,value\nneed,A,60,5000\n");
    file("uses.csv", "demand,product,amount\nneed,part,1\n");
    file("observations.csv", &format!("{HEAD}{observations}"));
    case
}

fn read(observations: &str) -> (Model, Scenario) {
    case(observations).input(None).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn results(observations: &str) -> Vec<Option<f64>> {
    let (model, scenario) = read(observations);
    let found = outcome(&model, &scenario, Foresight::Perfect, true);
    hold(&model, &found).iter().map(|held| held.result).collect()
}

#[track_caller]
fn is(found: &[Option<f64>], wanted: &[Option<f64>]) {
    let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => agree(*a, *b),
        (a, b) => a == b,
    };
    assert!(found.len() == wanted.len() && found.iter().zip(wanted).all(same), "{found:?}, not {wanted:?}");
}

#[test]
fn outputs_count_where_they_are_started_and_for_a_year() {
    // 10 ore a month are 120 a year in A, 5 are 60 in B. Metal is started in January as in February, out later. Slag
    // comes with it, used or not. Metal and parts are counted together.
    let found = results(
        "a,output,ore,A,,,,1,1,\nb,output,ore,*,,,,1,1,\nc,output,metal,B,,,,1,1,\nd,output,metal,*,,,2025-02-01,1,1,\n\
         e,output,slag,west,,,,1,1,\nf,output,ware,B,,,,1,1,\n",
    );
    is(&found, &[120.0, 180.0, 60.0, 60.0, 60.0, 120.0].map(Some));
}

#[test]
fn flows_count_where_they_are_sent() {
    // 5 parts a month from B to A; none to C, and none from A.
    let found = results(
        "a,flow,part,B,A,,,1,1,\nb,flow,ware,west,,,,1,1,\nc,flow,part,B,C,,,1,1,\nd,flow,part,A,,2025-02-01,,1,1,\n",
    );
    is(&found, &[Some(60.0), Some(60.0), Some(0.0), Some(0.0)]);
}

#[test]
fn shares_and_reliance_are_ratios_of_sums() {
    let found = results(
        "a,share,ore,A,,,,1,1,\nb,share,ore,*,,,,1,1,\nc,reliance,part,A,,,,1,1,\nd,reliance,ore,west,,,,1,1,\n\
         e,reliance,ore;metal;slag,B,,,,1,1,\nf,reliance,ore,*,,,,1,1,\n",
    );
    // a: 120 of 180. c: A makes no parts and imports 60: 60 / (60 + 0). d: with C, which does nothing, B takes in 60
    // ore and digs 60. e: metal and slag are made of ore, which is counted: 60 / 120 again. f: nothing comes from
    // outside of everywhere: 0 / 180.
    is(&found, &[2.0 / 3.0, 1.0, 1.0, 0.5, 0.5, 0.0].map(Some));
}

#[test]
fn a_net_exporter_has_a_reliance_below_zero() {
    // a: A sends 60 ore out and digs 120: -60 / (-60 + 120). b: B sends 60 parts out and makes 60 slag and, from
    // metal, 60 parts: -60 / (-60 + 120). c: B sends all the parts out that it makes, and nothing is left to divide by.
    let found = results("a,reliance,ore,A,,,,1,1,\nb,reliance,slag;part,B,,,,1,1,\nc,reliance,part,B,,,,1,1,\n");
    is(&found, &[Some(-1.0), Some(-1.0), None]);
}

#[test]
fn what_cannot_be_computed_is_unknown() {
    // The model ends with February; its middle days are 16 January and 15 February.
    let found = results(
        "a,output,ore,A,,2026-01-01,,1,1,\nb,flow,part,B,,2025-01-17,2025-02-15,1,1,\nc,share,metal,A,,2030-01-01,,1,1,\n\
         d,share,ware,*,,2025-01-16,2025-01-17,1,1,\ne,reliance,slag,C,,,,1,1,\n",
    );
    is(&found, &[None, None, None, Some(1.0), None]);
}

#[test]
fn within_is_at_most_the_tolerance_and_unknown_stays_unknown() {
    let (model, scenario) = read(
        "a,output,ore,A,,,,100,20,\nb,output,ore,A,,,,100,19,\nc,output,ore,A,,,,140,20,other\nd,reliance,slag,C,,,,1,1,\n",
    );
    let found = outcome(&model, &scenario, Foresight::Perfect, true);
    let held = hold(&model, &found);
    let within: Vec<Option<bool>> = held.iter().map(Held::within).collect();
    assert_eq!(within, [Some(true), Some(false), Some(true), None]);
    let csv = String::from_utf8(table(&held).csv().unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0].join(","), "id,name,scenario,observed,tolerance,result,difference,within");
    assert_eq!(lines[4], ["d", "d", "baseline", "1", "1", "", "", "unknown"]);
    assert_eq!((lines[2][2], lines[2][7], lines[3][2], lines[3][7]), ("baseline", "no", "other", "yes"));
    assert!(agree(lines[2][6].parse().unwrap(), 20.0) && agree(lines[3][6].parse().unwrap(), -20.0), "{csv}");
    assert!(tables(&model, &scenario, &found).iter().any(|table| table.name == "observations"));
}

#[test]
fn plans_made_one_after_another_count_each_month_once() {
    // With announced foresight the months belong to several plans; a ban on A's ore comes in February without notice.
    // In January 5 ore are sent, in February none: 5 in two months are 30 a year. February smelts B's own 5 ore to
    // 2.5 metal: 7.5 in two months are 45 a year. Parts are made as before.
    let mut case =
        case("a,output,ore,*,,,,1,1,\nb,flow,ore,A,,,,1,1,\nc,output,metal,B,,,,1,1,\nd,flow,part,B,,,,1,1,\n");
    let control = "name = \"cut\"\n[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"A\"\non = \"ore\"\n\
                   from = 2025-02-01\n";
    case.files.insert("m/cut.toml", control);
    let (model, scenario) = case.input(Some("cut.toml")).unwrap_or_else(|r| panic!("{}", r.render(false, 100)));
    let found = outcome(&model, &scenario, Foresight::Announced, true);
    assert_eq!(found.plans.len(), 2);
    let results: Vec<Option<f64>> = hold(&model, &found).iter().map(|held| held.result).collect();
    is(&results, &[180.0, 30.0, 45.0, 60.0].map(Some));
}

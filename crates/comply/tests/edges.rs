//! Exact edges and exceptions of the two rules, by hand from the texts that the rules cite.

mod common;

use coercivity_comply::bom::{self, Bom};
use coercivity_comply::finding::Verdict::{self, Fail, Pass, Unknown};
use coercivity_comply::judge::Judge;
use coercivity_comply::questions::letters;
use coercivity_comply::tables::read_csv;
use coercivity_model::Report;
use common::{day, known};

/// Reads tables, which must have no errors.
fn read(parts: &str, declarations: &str) -> Bom {
    let mut report = Report::default();
    let tables = read_csv(("parts.csv", parts), Some(("declarations.csv", declarations)), &mut report);
    bom::read(&tables, &mut report).unwrap_or_else(|| panic!("{parts}\n{}", report.render(false, 100)))
}

/// Documents that prove what cites them: `ok` always, `old` until 2026-06-30.
const DOCUMENTS: &str = "document,covers,dated,expires,signed_by
ok,,2020-01-01,,A
old,,2020-01-01,2026-06-30,A
undated,,,,A
unsigned,,2020-01-01,,
waiver,waiver,2020-01-01,,A
plan,mitigation-plan,2020-01-01,,A
";

/// The verdict on the part `p` of a table.
fn verdict(rule: &str, on: &str, parts: &str) -> Verdict {
    let (rule, bom) = (known(rule), read(parts, DOCUMENTS));
    let part = bom.parts.iter().position(|part| part.number == "p").unwrap();
    *Judge::new(&bom, &rule).verdict(part).at(day(on))
}

const DFARS: &str = "dfars-2027";
const MOFCOM: &str = "mofcom-0.1";
const LAST: &str = "2026-12-31";
const FIRST: &str = "2027-01-01";

/// A magnet by itself, with the five steps in these countries, all proven unless `documents` says else.
fn magnet(steps: [&str; 5], documents: &str) -> String {
    let steps = steps.map(|cell| format!("\"{cell}\"")).join(",");
    format!(
        "part,made_in,material,mined,refined,separated,melted,produced,documents\np,JPN,NdFeB,{steps},{documents}\n"
    )
}

const CLEAN: [&str; 5] = ["AUS", "n/a", "MYS", "JPN", "JPN"];

fn with(step: usize, country: &'static str) -> [&'static str; 5] {
    let mut steps = CLEAN;
    steps[step] = country;
    steps
}

#[test]
fn the_last_day_of_2026_and_the_first_of_2027_differ() {
    let dfars = |steps, on| verdict(DFARS, on, &magnet(steps, "ok"));
    assert_eq!([dfars(CLEAN, LAST), dfars(CLEAN, FIRST)], [Pass, Pass]);
    // Mining, refining and separation count from 2027 on.
    for step in 0..3 {
        assert_eq!([dfars(with(step, "CHN"), LAST), dfars(with(step, "CHN"), FIRST)], [Pass, Fail], "step {step}");
    }
    // Melting and production always did.
    for step in 3..5 {
        assert_eq!([dfars(with(step, "CHN"), LAST), dfars(with(step, "CHN"), FIRST)], [Fail, Fail], "step {step}");
    }
    for country in ["RUS", "Iran", "North Korea"] {
        assert_eq!(dfars(with(4, country), LAST), Fail, "{country}");
    }
    assert_eq!(dfars(with(4, "South Korea"), FIRST), Pass);
    assert_eq!(dfars(with(4, "CHN"), "2019-04-29"), Pass, "the rule is from 2019-04-30");
}

#[test]
fn tantalum_is_covered_from_october_2020() {
    let parts = "part,made_in,material,melted,produced,documents\np,USA,tantalum metal,CHN,CHN,ok\n";
    assert_eq!(verdict(DFARS, "2020-09-30", parts), Pass);
    assert_eq!(verdict(DFARS, "2020-10-01", parts), Fail);
}

#[test]
fn what_is_not_known_stays_unknown() {
    let dfars = |steps, documents| verdict(DFARS, FIRST, &magnet(steps, documents));
    assert_eq!(dfars(with(0, ""), "ok"), Unknown);
    assert_eq!(dfars(with(0, "unknown"), "ok"), Unknown);
    assert_eq!(dfars(with(3, "mixed"), "ok"), Unknown);
    assert_eq!(dfars(with(3, "Japan and others"), "ok"), Unknown);
    assert_eq!(dfars(with(3, "Japan; China"), "ok"), Fail, "a mixed melt with a covered country in it");
    assert_eq!(dfars(with(3, "China and others"), "ok"), Fail);
    assert_eq!(dfars(with(0, "n/a"), "ok"), Unknown, "every magnet is mined");
    assert_eq!(dfars(with(2, "Hong Kong"), "ok"), Unknown);
    assert_eq!(dfars(with(2, "Taiwan"), "ok"), Pass);
}

#[test]
fn only_a_dated_signed_document_in_force_proves() {
    let on = |date, documents| verdict(DFARS, date, &magnet(CLEAN, documents));
    assert_eq!(on(FIRST, ""), Unknown);
    assert_eq!(on(FIRST, "undated"), Unknown);
    assert_eq!(on(FIRST, "unsigned"), Unknown);
    assert_eq!([on("2026-06-30", "old"), on("2026-07-01", "old")], [Pass, Unknown]);
    assert_eq!(on("2019-12-31", "ok"), Unknown, "not dated yet");
    assert_eq!(on(FIRST, "old; undated; ok"), Pass, "one that proves is enough");
}

#[test]
fn a_statement_against_oneself_needs_no_document_and_a_void_one_proves_nothing() {
    let dfars = |documents| verdict(DFARS, FIRST, &magnet(with(3, "CHN"), documents));
    assert_eq!(dfars("ok"), Fail);
    assert_eq!(dfars(""), Fail);
    assert_eq!(dfars("old"), Unknown);
    assert_eq!(dfars("undated"), Unknown);
}

#[test]
fn off_the_shelf_items_are_exempt_below_half_by_weight() {
    let cots = |percent: &str, on| {
        let parts = format!(
            "part,made_in,cots,weight_g,material,material_percent,melted,produced,documents\np,CHN,yes,100,NdFeB,{percent},CHN,CHN,ok\n"
        );
        verdict(DFARS, on, &parts)
    };
    assert_eq!([cots("50.0", FIRST), cots("49.999999999", FIRST)], [Fail, Pass]);
    assert_eq!(cots("", FIRST), Unknown);
    // Until 2026-12-31 only the share of tungsten counts.
    assert_eq!(cots("50.0", LAST), Pass);
    let grams = |grams: &str, material: &str, on| {
        let parts = format!(
            "part,made_in,cots,weight_g,material,material_g,melted,produced,documents\np,CHN,yes,3,{material},{grams},CHN,CHN,ok\n"
        );
        verdict(DFARS, on, &parts)
    };
    assert_eq!([grams("1.5", "tungsten", LAST), grams("1.499", "tungsten", LAST)], [Fail, Pass]);
    assert_eq!([grams("1.5", "SmCo", FIRST), grams("1.499", "SmCo", FIRST)], [Fail, Pass]);
    assert_eq!(grams("0.1", "N42", FIRST), Pass, "whatever it is, it is less than half");
    assert_eq!(grams("2", "N42", FIRST), Unknown);
}

#[test]
fn an_exemption_needs_proof_and_belongs_to_what_is_delivered() {
    let claimed = |columns: &str, cells: &str, documents: &str| {
        let parts = format!(
            "part,{columns},made_in,material,melted,produced,documents\np,{cells},CHN,NdFeB,CHN,CHN,{documents}\n"
        );
        verdict(DFARS, LAST, &parts)
    };
    assert_eq!(claimed("electronic_device", "yes", "ok"), Pass);
    assert_eq!(claimed("electronic_device", "yes", ""), Unknown, "claimed and not proven: neither exempt nor failed");
    assert_eq!(claimed("electronic_device", "no", "ok"), Fail);
    // A component is not exempt by itself, and is where it is built into what is exempt.
    let built_in = |of_whole: &str| {
        format!(
            "part,part_of,quantity,electronic_device,made_in,material,melted,produced,documents\n\
             whole,,,{of_whole},JPN,,,,ok\np,whole,1,yes,,NdFeB,CHN,CHN,ok\n"
        )
    };
    assert_eq!(verdict(DFARS, LAST, &built_in("no")), Fail);
    assert_eq!(verdict(DFARS, LAST, &built_in("yes")), Pass);
}

#[test]
fn recycled_magnets_are_exempt_if_sintered_in_the_united_states() {
    let recycled = |material: &str, recycled: &str, produced: &str| {
        let parts = format!(
            "part,made_in,material,recycled,melted,produced,documents\np,USA,{material},{recycled},USA,{produced},ok\n"
        );
        verdict(DFARS, FIRST, &parts)
    };
    assert_eq!(recycled("NdFeB", "yes", "USA"), Pass);
    assert_eq!(recycled("NdFeB", "yes", "USA; JPN"), Unknown, "partly elsewhere: not exempt, and mining is not known");
    assert_eq!(recycled("NdFeB", "no", "USA"), Unknown);
    assert_eq!(recycled("SmCo", "yes", "USA"), Unknown);
}

#[test]
fn waivers_need_an_accepted_plan_from_2027_on() {
    let waived = |documents, on| verdict(DFARS, on, &magnet(with(4, "CHN"), documents));
    assert_eq!([waived("ok; waiver", LAST), waived("ok; waiver", FIRST)], [Pass, Fail]);
    assert_eq!([waived("ok; waiver; plan", LAST), waived("ok; waiver; plan", FIRST)], [Pass, Pass]);
    assert_eq!(waived("ok; plan", LAST), Fail, "a document that covers all else covers no waiver");
}

#[test]
fn an_item_made_in_a_covered_country_fails_if_covered_material_is_in_it() {
    let made = |made_in: &str, material: &str| {
        let parts = format!("part,made_in,material,melted,produced,documents\np,{made_in},{material},JPN,JPN,ok\n");
        verdict(DFARS, LAST, &parts)
    };
    assert_eq!(made("CHN", "SmCo"), Fail);
    assert_eq!(made("JPN", "SmCo"), Pass);
    assert_eq!(made("", "SmCo"), Unknown);
    assert_eq!(made("CHN", "ferrite"), Pass);
    assert_eq!(made("CHN", "N42"), Unknown, "perhaps nothing covered is in it");
    let whole =
        "part,part_of,quantity,made_in,material,melted,produced,documents\np,,,CHN,,,,ok\nm,p,1,,SmCo,JPN,JPN,ok\n";
    assert_eq!(verdict(DFARS, LAST, whole), Fail);
}

#[test]
fn names_that_are_not_known_are_never_passed_over() {
    let named = |material: &str| {
        verdict(DFARS, LAST, &format!("part,made_in,material,melted,produced,documents\np,USA,{material},JPN,JPN,ok\n"))
    };
    assert_eq!(named("alnico"), Pass);
    assert_eq!(verdict(DFARS, LAST, "part,made_in,material,documents\np,USA,none,ok\n"), Pass);
    for open in ["N42SH", "magnet", "tungsten carbide", "heavy alloy"] {
        assert_eq!(named(open), Unknown, "{open}");
    }
    assert_eq!(verdict(DFARS, LAST, "part,made_in,documents\np,USA,ok\n"), Unknown);
    assert_eq!(named("Neodymium-Iron-Boron Magnets"), Pass);
}

#[test]
fn every_supplier_counts_and_every_part_in_it() {
    let two = |second: &str| {
        format!(
            "part,supplier,made_in,material,melted,produced,documents\n\
             p,A,JPN,NdFeB,JPN,JPN,ok\np,B,JPN,NdFeB,{second},JPN,ok\n"
        )
    };
    assert_eq!([two("JPN"), two("CHN"), two("")].map(|parts| verdict(DFARS, LAST, &parts)), [Pass, Fail, Unknown]);
    let deep = |last: &str| {
        format!(
            "part,part_of,quantity,made_in,material,melted,produced,documents\n\
             p,,,USA,,,,ok\nq,p,2,,,,,\nr,q,3,,NdFeB,JPN,JPN,ok\ns,q,1,,SmCo,{last},JPN,ok\n"
        )
    };
    assert_eq!([deep("JPN"), deep("CHN"), deep("")].map(|parts| verdict(DFARS, LAST, &parts)), [Pass, Fail, Unknown]);
}

/// A part with a magnet of Chinese make, worth `value` in a part worth 1000.
fn worth(value: &str) -> String {
    format!(
        "part,value,currency,material,material_value,separated,melted,produced,technology,documents\n\
         p,1000,USD,SmCo,{value},CHN,CHN,CHN,JPN,ok\n"
    )
}

#[test]
fn a_value_share_of_exactly_a_thousandth_is_controlled() {
    let on = |parts: &str| verdict(MOFCOM, "2027-02-01", parts);
    assert_eq!([on(&worth("1")), on(&worth("0.999"))], [Fail, Pass]);
    assert_eq!(on(&worth("")), Unknown);
    assert_eq!(on(&worth("0.999").replace("JPN", "CHN")), Fail, "Chinese technology counts at any share");
    assert_eq!(on(&worth("500").replace("CHN", "JPN")), Pass);
    assert_eq!(on(&worth("1").replace("USD", "EUR")), Fail, "one currency is as good as another");
}

#[test]
fn shares_add_up_over_what_is_built_in() {
    let assembly = |quantity: &str, currency: &str| {
        format!(
            "part,part_of,quantity,value,currency,material,material_value,separated,melted,produced,technology,documents\n\
             p,,,1000,USD,,,,,,,ok\n\
             m,p,{quantity},0.5,{currency},SmCo,0.5,CHN,CHN,CHN,JPN,ok\n"
        )
    };
    let on = |parts: &str| verdict(MOFCOM, "2027-02-01", parts);
    assert_eq!([on(&assembly("1", "USD")), on(&assembly("2", "USD"))], [Pass, Fail]);
    assert_eq!(on(&assembly("", "USD")), Unknown);
    assert_eq!(on(&assembly("1", "CNY")), Unknown, "another currency");
}

#[test]
fn the_chinese_rule_is_suspended_then_not_known_then_in_force() {
    let on = |date| verdict(MOFCOM, date, &worth("1"));
    let days = ["2025-11-07", "2026-11-10", "2026-11-11", "2027-01-10", "2027-01-11"];
    assert_eq!(days.map(on), [Pass, Pass, Unknown, Unknown, Fail]);
    // What the rule would not bite passes while it is not known whether it is in force.
    assert_eq!(verdict(MOFCOM, "2026-12-01", &worth("0.999")), Pass);
}

#[test]
fn the_day_of_the_change_and_the_path_are_said() {
    let (rule, bom) = (known(DFARS), read(&magnet(with(0, "CHN"), "ok"), DOCUMENTS));
    let judge = Judge::new(&bom, &rule);
    let outcome = judge.outcome(0, day("2026-11-24"));
    assert_eq!((outcome.verdict, outcome.since), (Verdict::Pass, Some(day("2020-01-01"))));
    let next = outcome.next.unwrap();
    assert_eq!((next.from, next.verdict, &*next.path), (day(FIRST), Fail, "NdFeB: mined in CHN (ok, 2020-01-01, A)"));
}

#[test]
fn only_what_is_open_is_asked() {
    let parts = "part,supplier,made_in,material,mined,refined,separated,melted,produced,documents\n\
                 p,A,JPN,NdFeB,,n/a,MYS,JPN,JPN,ok\n\
                 q,A,JPN,NdFeB,AUS,n/a,MYS,JPN,JPN,ok\n\
                 r,B,JPN,NdFeB,CHN,,,JPN,JPN,ok\n";
    let (rule, bom) = (known(DFARS), read(parts, DOCUMENTS));
    let judge = Judge::new(&bom, &rule);
    let asked = letters(&judge, day(FIRST));
    // `q` passes and `r` fails: no answer would change that.
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].supplier, asked[0].parts.len(), asked[0].parts[0].part), ("A", 1, "p"));
    assert_eq!(
        asked[0].parts[0].questions,
        [
            "Neodymium-iron-boron magnet (listed as NdFeB): in which country or countries was it mined? Please name every country."
        ]
    );
    assert_eq!(letters(&judge, day(LAST)).len(), 0, "mining does not matter yet");
}

//! Bills of materials for tests, from the cells that matter.

use coercivity_comply::bom::{self, Bom};
use coercivity_comply::judge::{Judge, Verdict};
use coercivity_comply::rule::{self, Rule};
use coercivity_comply::tables::read_csv;
use coercivity_model::calendar::parse_date;
use coercivity_model::{Date, Report};

pub fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

/// One of the rules that come with the program.
pub fn known(name: &str) -> Rule {
    let (_, text) = rule::KNOWN.iter().find(|(known, _)| *known == name).unwrap();
    let mut report = Report::default();
    rule::read(name, text, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

/// Reads tables, which must have no errors.
pub fn read(parts: &str, declarations: &str) -> Bom {
    let mut report = Report::default();
    let tables = read_csv(("parts.csv", parts), Some(("declarations.csv", declarations)), &mut report);
    bom::read(&tables, &mut report).unwrap_or_else(|| panic!("{parts}\n{}", report.render(false, 100)))
}

/// Documents that prove what cites them: `ok` always, `old` until 2026-06-30.
pub const DOCUMENTS: &str = "document,covers,dated,expires,signed_by
ok,,2020-01-01,,A
old,,2020-01-01,2026-06-30,A
undated,,,,A
unsigned,,2020-01-01,,
waiver,waiver,2020-01-01,,A
plan,mitigation-plan,2020-01-01,,A
";

/// The verdict on the part `p` of a table.
pub fn verdict(rule: &str, on: &str, parts: &str) -> Verdict {
    let (rule, bom) = (known(rule), read(parts, DOCUMENTS));
    let part = bom.parts.iter().position(|part| part.number == "p").unwrap();
    *Judge::new(&bom, &rule).verdict(part).at(day(on))
}

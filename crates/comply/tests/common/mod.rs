//! What tests of compliance share.

use coercivity_comply::rule::{self, Rule};
use coercivity_model::calendar::parse_date;
use coercivity_model::{Date, Report};

pub fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

/// One of the rules that come with the program.
#[allow(dead_code)] // not every test judges
pub fn known(name: &str) -> Rule {
    let (_, text) = rule::KNOWN.iter().find(|(known, _)| *known == name).unwrap();
    let mut report = Report::default();
    rule::read(name, text, &mut report).unwrap_or_else(|| panic!("{}", report.render(false, 100)))
}

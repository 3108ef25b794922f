//! How people behave where nobody plans: the parameters of the method `market`, as `behaviour.toml` of a model and the
//! table `[behaviour]` of a scenario give them.
//!
//! Each parameter has a value, a range and a source. What they do is said in the engine, beside each equation.

use std::collections::BTreeMap;

use crate::diag::{Code, Report};
use crate::schema::CONFIDENCES;
use crate::toml_table::{TomlTable, parse};

macro_rules! parameters {
    ($($(#[doc = $meaning:literal])+ $name:ident: $unit:literal = $value:literal in $least:literal..$most:literal;)*) => {
        /// The parameters of the method `market`, by name.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Behaviour {
            $($(#[doc = $meaning])+ pub $name: f64,)*
        }

        impl Default for Behaviour {
            fn default() -> Self {
                Behaviour { $($name: $value,)* }
            }
        }

        impl Behaviour {
            /// The value of a parameter by its name, to read or to set.
            pub fn by_name(&mut self, name: &str) -> Option<&mut f64> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }

        /// What there is to set, in the order of the documentation.
        pub const PARAMETERS: &[Parameter] = &[$(Parameter {
            name: stringify!($name),
            unit: $unit,
            value: $value,
            least: $least,
            most: $most,
        },)*];
    };
}

/// What a parameter is, and what it is where no model says.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub unit: &'static str,
    /// Where no model says.
    pub value: f64,
    /// No value lies below.
    pub least: f64,
    /// No value lies above.
    pub most: f64,
}

parameters! {
    /// Cover that users hold where `stocks.csv` gives no initial stock
    cover_weeks: "weeks of use" = 8.0 in 0.0..104.0;
    /// Cover that nobody goes beyond, whatever is feared
    cover_most_weeks: "weeks of use" = 26.0 in 0.0..520.0;
    /// How much more cover is wanted for each unit of expected price rise or fear
    hoarding: "1" = 1.0 in 0.0..20.0;
    /// What a certain cut counts, beside an expected doubling of the price, which counts 1
    fear: "1" = 1.0 in 0.0..20.0;
    /// How far ahead a cut or the end of a truce is felt
    fear_weeks: "weeks" = 26.0 in 1.0..520.0;
    /// Over what time a price's rise is remembered, and expected to go on
    price_memory_weeks: "weeks" = 13.0 in 1.0..520.0;
    /// In what time a gap to the wanted cover is to be closed
    order_weeks: "weeks" = 8.0 in 1.0..520.0;
    /// Over what time use is averaged when orders are made
    forecast_weeks: "weeks" = 13.0 in 1.0..520.0;
    /// Over what time suppliers are judged by what they delivered
    trust_weeks: "weeks" = 13.0 in 1.0..520.0;
    /// Share of the orders that a supplier without past trade begins with
    new_supplier_share: "share" = 0.005 in 0.0..1.0;
    /// Part of what is scarce that goes by rank (defence, home, ally, others) and not in proportion
    priority: "share" = 0.0 in 0.0..1.0;
    /// Power of demand over supply with which prices move
    price_response: "a month" = 0.15 in 0.0..5.0;
    /// Rate at which prices go back to what costs say
    price_return: "a month" = 0.15 in 0.0..5.0;
    /// Rate at which open trade pulls prices inside and outside together
    price_tie: "a month" = 1.0 in 0.0..20.0;
    /// Part of a change of costs that makers pass on to those who buy
    pass_through: "share" = 1.0 in 0.0..1.0;
    /// Price below which nothing falls
    price_floor: "share of the reference price" = 0.2 in 0.0..1.0;
    /// Change of demand, in per cent, for one per cent of price
    demand_elasticity: "1" = -0.15 in -5.0..0.0;
    /// Fall of a basket's value below its cost at which a site stands still
    closure_band: "share of the cost" = 0.2 in 0.0..10.0;
    /// Power of value over cost by which a site leans to the recipe that pays best
    recipe_choice: "1" = 12.0 in 0.0..50.0;
    /// Time in which a site changes from one recipe to another
    recipe_weeks: "weeks" = 13.0 in 1.0..520.0;
    /// Time that an application for a licence waits at least
    licence_wait_days: "days" = 45.0 in 0.0..3650.0;
    /// Chance with which an application that has waited is granted
    grant_per_day: "a day" = 0.0075 in 0.0..1.0;
    /// Time after which the leaking part of what is blocked is sent
    leakage_weeks: "weeks" = 13.0 in 0.0..520.0;
    /// Most of a demand that changes to another option
    substitution_per_year: "share a year" = 0.1 in 0.0..10.0;
}

/// What `behaviour.toml` says of a parameter beside its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub low: f64,
    pub high: f64,
    pub source: String,
    pub confidence: String,
    pub note: String,
}

/// Name of the file in a model folder.
pub const FILE: &str = "behaviour.toml";

/// Reads `behaviour.toml` over what a model below it says.
pub(crate) fn read(
    file: &str,
    text: &str,
    over: &mut (Behaviour, BTreeMap<&'static str, Evidence>),
    report: &mut Report,
) {
    let Some(table) = parse(file, text, report) else { return };
    let mut keys = TomlTable::new(file, &table, 0..0);
    for p in PARAMETERS {
        let Some(mut own) = keys.table(p.name, report) else { continue };
        let number = |key, own: &mut TomlTable, report: &mut Report| {
            if !own.has(key) {
                own.missing(key, &format!("a number, here in: {}", p.unit), report);
            }
            own.number(key, p.least, p.most, report)
        };
        let (value, low, high) =
            (number("value", &mut own, report), number("low", &mut own, report), number("high", &mut own, report));
        for key in ["source", "confidence"] {
            if !own.has(key) {
                own.missing(key, "where the value comes from, as in the tables", report);
            }
        }
        let (source, confidence) = (own.text("source", report), own.choice("confidence", CONFIDENCES, report));
        let note = own.text("note", report).unwrap_or_default();
        if let (Some(value), Some(low), Some(high)) = (value, low, high) {
            if !(low <= value && value <= high) {
                let message = format!("`{}` is {value}, which does not lie between {low} and {high}", p.name);
                let help =
                    Some("`low` and `high` are the least and the greatest value that can be defended".to_string());
                own.wrong(own.span_of("value"), Code::OutOfRange, message, help, report);
            }
            *over.0.by_name(p.name).expect("a name out of the list") = value;
            let (source, confidence) = (source.unwrap_or_default(), confidence.unwrap_or_default());
            over.1.insert(p.name, Evidence { low, high, source, confidence, note });
        }
        own.finish(report);
    }
    keys.finish(report);
}

/// Reads the table `[behaviour]` of a scenario: names and values.
pub(crate) fn read_values(keys: &mut TomlTable, report: &mut Report) -> Vec<(&'static str, f64)> {
    let Some(mut own) = keys.table("behaviour", report) else { return Vec::new() };
    let value = |p: &Parameter| Some((p.name, own.number(p.name, p.least, p.most, report)?));
    let values = PARAMETERS.iter().filter_map(value).collect();
    own.finish(report);
    values
}

impl Behaviour {
    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.clone().by_name(name).copied()
    }
}

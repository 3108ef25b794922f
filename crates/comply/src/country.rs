//! What people write for a country, and what it stands for: ISO 3166, never a guess.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use coercivity_model::names::nearest;

/// An ISO 3166-1 alpha-3 code.
pub type Country = &'static str;

/// What a cell says about where something was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// The cell is empty.
    #[default]
    Blank,
    /// The cell says that the step does not exist for this material.
    NotApplicable,
    /// These countries, in the order of their codes. `more`: and others that are not named; with no
    /// country named, the cell says that it is not known or mixed.
    Countries { named: Vec<Country>, more: bool },
}

/// Why a name stands for no country.
#[derive(Debug, PartialEq, Eq)]
pub struct NotACountry {
    /// The part of the cell that is meant.
    pub name: String,
    pub help: String,
}

const UNKNOWN: &[&str] = &[
    "unknown",
    "not known",
    "?",
    "tbd",
    "tbc",
    "various",
    "mixed",
    "multiple",
    "several",
    "other",
    "others",
    "etc",
    "unclear",
    "not disclosed",
    "confidential",
];
const NOT_APPLICABLE: &[&str] = &["n/a", "not applicable", "does not apply"];
const EMPTY: &[&str] = &["", "-", "--", "—", "–"];

enum Known {
    One(Country),
    OneOf(Vec<Country>),
}

/// Every name this program knows, in the form of [`plain`].
static NAMES: LazyLock<BTreeMap<String, Known>> = LazyLock::new(|| {
    let mut names = BTreeMap::new();
    for country in rust_iso3166::ALL {
        names.insert(plain(country.name), Known::One(country.alpha3));
        names.insert(plain(country.alpha3), Known::One(country.alpha3));
        names.insert(plain(country.alpha2), Known::One(country.alpha3));
    }
    // The names of everyday use come last: they also take back a name that may mean two countries.
    let mut everyday = csv::Reader::from_reader(include_bytes!("../data/countries.csv").as_slice());
    for record in everyday.records() {
        let record = record.expect("the embedded table is well formed");
        let known = match record[1].strip_prefix('?') {
            Some(codes) => Known::OneOf(codes.split(' ').map(code).collect()),
            None => Known::One(code(&record[1])),
        };
        names.insert(plain(&record[0]), known);
    }
    names
});

fn code(text: &str) -> Country {
    rust_iso3166::from_alpha3(text).expect("the embedded table has codes of ISO 3166").alpha3
}

/// The name of a country for people: that of ISO 3166, without what stands in brackets unless another
/// country has the same name.
pub fn name(country: Country) -> &'static str {
    let short = |name: &'static str| name.split(" (").next().unwrap_or(name);
    let name = rust_iso3166::from_alpha3(country).map_or(country, |c| c.name);
    let shared = rust_iso3166::ALL.iter().filter(|c| short(c.name) == short(name)).count() > 1;
    if shared { name } else { short(name) }
}

/// Lower case, without full stops, apostrophes and `the`.
fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, '.' | '\'' | '’')).flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let words = if words.first() == Some(&"the") { &words[1..] } else { &words[..] };
    words.join(" ")
}

/// Reads a cell: one country or several, `unknown`, `n/a`, or nothing.
///
/// Several countries stand with `;`, `,`, `/`, `+`, `&`, `and` or a line break between them; `mixed: Japan, China`
/// is the same as `Japan, China`.
pub fn read(cell: &str) -> Result<Answer, NotACountry> {
    let text = plain(&cell.trim().replace(['\n', '\r'], ";"));
    if EMPTY.contains(&text.as_str()) {
        return Ok(Answer::Blank);
    }
    if NOT_APPLICABLE.contains(&text.as_str()) {
        return Ok(Answer::NotApplicable);
    }
    let (mut named, mut more) = (Vec::new(), false);
    let list = text.split_once(':').filter(|(word, _)| UNKNOWN.contains(&word.trim())).map_or(&*text, |(_, list)| list);
    read_list(list, &mut named, &mut more)?;
    named.sort_unstable();
    named.dedup();
    Ok(Answer::Countries { named, more })
}

fn read_list(text: &str, named: &mut Vec<Country>, more: &mut bool) -> Result<(), NotACountry> {
    let text = text.trim();
    if UNKNOWN.contains(&text) {
        *more = true;
        return Ok(());
    }
    match NAMES.get(text) {
        Some(Known::One(country)) => {
            named.push(country);
            return Ok(());
        }
        Some(Known::OneOf(_)) => return Err(not_a_country(text)),
        None => {}
    }
    // A name may itself hold a separator, as `Bosnia and Herzegovina` does, so the whole came first.
    for separator in [";", "/", "+", "&", ",", " and "] {
        if text.contains(separator) {
            let parts: Vec<&str> = text.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
            return match parts.is_empty() {
                true => Err(not_a_country(text)),
                false => parts.iter().try_for_each(|part| read_list(part, named, more)),
            };
        }
    }
    Err(not_a_country(text))
}

fn not_a_country(text: &str) -> NotACountry {
    let help = match NAMES.get(text) {
        Some(Known::OneOf(codes)) => {
            let codes: Vec<String> = codes.iter().map(|code| format!("`{code}` ({})", name(code))).collect();
            let or = if codes.len() == 1 { "write `n/a` if the step does not apply, or " } else { "write " };
            format!("it may mean more than one thing: {or}{}", codes.join(" or "))
        }
        _ => match nearest(text, NAMES.keys().filter(|known| known.len() > 3).map(String::as_str)) {
            Some(near) => {
                let code = match &NAMES[near] {
                    Known::One(code) => code,
                    Known::OneOf(codes) => &codes[0],
                };
                format!("is {} meant? Then write `{code}`; write `unknown` if it is not known", name(code))
            }
            None => "write a country by its name or its ISO 3166 code, or `unknown`".to_string(),
        },
    };
    NotACountry { name: text.to_string(), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(named: &[Country], more: bool) -> Answer {
        Answer::Countries { named: named.to_vec(), more }
    }

    #[test]
    fn names_codes_and_everyday_names_mean_the_same() {
        for cell in ["China", "CN", "chn", "P.R. China", "PRC", "the People's Republic of China", " china "] {
            assert_eq!(read(cell), Ok(countries(&["CHN"], false)), "{cell}");
        }
        for cell in ["USA", "U.S.A.", "us", "United States", "United States of America"] {
            assert_eq!(read(cell), Ok(countries(&["USA"], false)), "{cell}");
        }
        assert_eq!(read("South Korea"), Ok(countries(&["KOR"], false)));
        assert_eq!(read("Viet Nam"), read("Vietnam"));
        assert_eq!(read("Bosnia and Herzegovina"), Ok(countries(&["BIH"], false)));
    }

    #[test]
    fn mixed_and_unknown_melts() {
        assert_eq!(read("Japan / China"), Ok(countries(&["CHN", "JPN"], false)));
        assert_eq!(read("mixed: Australia, Malaysia and Japan"), Ok(countries(&["AUS", "JPN", "MYS"], false)));
        assert_eq!(read("Japan and others"), Ok(countries(&["JPN"], true)));
        assert_eq!(read("Japan\r\nChina"), read("Japan; China"));
        assert_eq!(read("mixed"), Ok(countries(&[], true)));
        assert_eq!(read("?"), Ok(countries(&[], true)));
        assert_eq!(read("N/A"), Ok(Answer::NotApplicable));
        assert_eq!(read(" - "), Ok(Answer::Blank));
    }

    #[test]
    fn nothing_is_guessed() {
        let help = |cell: &str| read(cell).unwrap_err().help;
        assert!(help("Chian").contains("is China meant? Then write `CHN`"), "{}", help("Chian"));
        assert!(help("Korea").contains("`KOR` (Korea (Republic of)) or `PRK`"), "{}", help("Korea"));
        assert!(help("NA").contains("`n/a`"), "{}", help("NA"));
        assert_eq!(read("Japan; Atlantis").unwrap_err().name, "atlantis");
        assert!(read("EU").is_err());
        assert!(read(";").is_err());
    }
}

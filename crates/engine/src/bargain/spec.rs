//! The spec of a bargain: a TOML file that says who talks, on which day, about which measures, and what each cares about.
//!
//! Reads what stands there, and whether its own names fit together. Whether the regions, demands and measures that it names
//! are there is asked in [`super::whole`].

use std::ops::Range;

use coercivity_model::toml_table::{Given, TomlTable, parse};
use coercivity_model::uncertainty::Amount;
use coercivity_model::{Code, Date, Diagnostic, Report};

use crate::named::place_of;

/// What a spec says.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    /// Of the model's folder, as given.
    pub model: Option<String>,
    /// What was in force and announced up to the talks.
    pub scenario: Given,
    /// Day of the talks: from its step on everything is known.
    pub talks: (Date, Range<usize>),
    /// Months that are looked at from the step of the talks on; `None` = all that the model has.
    pub months: Option<(f64, Range<usize>)>,
    /// Payoffs are rounded to multiples of this, in currency, before they are compared.
    pub round_to: f64,
    /// The most combinations that are run; of more, some are drawn.
    pub most_runs: usize,
    pub seed: u64,
    pub players: Vec<Player>,
    pub levers: Vec<Lever>,
    /// What happens if talks fail: a level for each lever that is not at its last.
    pub no_deal: Vec<Setting>,
    pub positions: Vec<Position>,
    pub constraints: Vec<Constraint>,
    pub issues: Vec<Issue>,
    pub truce: Option<Truce>,
    pub decay: Option<Decay>,
    pub draws: Option<Draws>,
}

/// A side: one or more regions, and what it cares about. A player without levers is a bystander.
#[derive(Clone, Debug)]
pub struct Player {
    pub id: Given,
    pub name: String,
    /// Regions and groups of regions.
    pub regions: Vec<Given>,
    pub weights: Weights,
    /// Weights of single demands, which replace those of the player.
    pub cares: Vec<Care>,
    /// Weight of duties and export taxes that its regions pay, and of those that they collect.
    pub duties_paid: f64,
    pub duties_collected: f64,
}

/// What a unit of currency counts for a player.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Of the value of needs that are not met.
    pub unmet: f64,
    /// Of what is paid for needs that are met, at scarcity prices.
    pub prices: f64,
}

#[derive(Clone, Debug)]
pub struct Care {
    pub demands: Vec<Given>,
    pub weights: Weights,
}

/// Measures that one player can lift, keep or change.
#[derive(Clone, Debug)]
pub struct Lever {
    pub id: Given,
    pub name: String,
    /// Id of the player whose it is.
    pub by: Given,
    /// Ids of measures of the scenario.
    pub measures: Vec<Given>,
    /// At least two, the mildest first: "off" and "on" where the file names none.
    pub levels: Vec<Level>,
    pub source: Option<String>,
}

/// What a lever's measures do from the talks on.
#[derive(Clone, Debug)]
pub struct Level {
    pub id: String,
    pub name: String,
    pub does: Does,
}

#[derive(Clone, Debug)]
pub enum Does {
    /// Its measures are not in force.
    Off,
    /// Its measures are in force as they are written, without end, whatever a truce says.
    On,
    /// In force with other figures: (key of the measure, value), such as `allow_civil`.
    With(Vec<(Given, f64)>),
}

/// A lever at a level.
#[derive(Clone, Debug)]
pub struct Setting {
    pub lever: Given,
    pub level: Given,
}

/// A package that somebody has put on the table; levers that it does not name are as without a deal.
#[derive(Clone, Debug)]
pub struct Position {
    pub id: String,
    pub name: String,
    /// Id of the player whose position it is; `None` = nobody's, or what was agreed.
    pub of: Option<Given>,
    pub date: Option<Date>,
    pub settings: Vec<Setting>,
    pub source: Option<String>,
    pub note: Option<String>,
}

/// What a side says it will not trade: a deal leaves these levers at these levels.
#[derive(Clone, Debug)]
pub struct Constraint {
    pub id: String,
    pub name: String,
    pub settings: Vec<Setting>,
    pub source: Option<String>,
}

/// Levers that could be agreed on apart from the others.
#[derive(Clone, Debug)]
pub struct Issue {
    pub id: String,
    pub name: String,
    pub levers: Vec<Given>,
}

/// How a deal is kept.
#[derive(Clone, Debug)]
pub struct Truce {
    /// Length of a round, in months: how often one could break it.
    pub round_months: f64,
    /// The chance that it is renewed for another round.
    pub renewal: f64,
    /// Rounds until a breach is answered.
    pub answered_after: u32,
}

/// Days on which the ledger is drawn up again.
#[derive(Clone, Debug)]
pub struct Decay {
    /// Later than the talks, the earliest first.
    pub dates: Vec<Date>,
    /// Months looked at from each of them.
    pub months: f64,
    /// Where it stands.
    pub span: Range<usize>,
}

/// Samples of inputs over which outcomes are counted.
#[derive(Clone, Debug)]
pub struct Draws {
    pub ensemble: Given,
    pub samples: usize,
    /// `None` = that of the ensemble.
    pub seed: Option<u64>,
}

/// Players, at most.
pub const MOST_PLAYERS: usize = 16;

/// Unless the spec says otherwise.
const MOST_RUNS: usize = 4096;

/// Keys of measures whose figures a level can change, and the largest value of each.
const FIGURES: &[(&str, f64)] = &[
    ("allow", 1.0),
    ("allow_civil", 1.0),
    ("allow_military", 1.0),
    ("amount", f64::INFINITY),
    ("compliance", 1.0),
    ("delay_days", f64::INFINITY),
    ("factor", f64::INFINITY),
    ("leakage", 1.0),
    ("rate", f64::INFINITY),
    ("remaining", 1.0),
];

/// Reads a spec. All problems are in `report`; `None` if any is an error.
pub fn read_spec(file: &str, text: &str, report: &mut Report) -> Option<Spec> {
    let table = parse(file, text, report)?;
    let mut keys = TomlTable::new(file, &table, 0..0);
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".toml");
    let name = keys.text("name", report).unwrap_or_else(|| stem.to_string());
    keys.text("note", report);
    let model = keys.text("model", report);
    let scenario = keys.needed_text("scenario", "what was in force and announced up to the talks", report);
    keys.require("talks", "the day of the talks", report);
    let talks = keys.date("talks", report).map(|day| (day, keys.span_of("talks")));
    let months = keys.number("months", 0.0, 1200.0, report).map(|months| (months, keys.span_of("months")));
    let round_to = above_zero(&mut keys, "round_to", report).unwrap_or(1.0);
    let most_runs = keys.count("most_runs", 1, report).unwrap_or(MOST_RUNS);
    let seed = keys.whole("seed", 0.0, u32::MAX as f64, report).unwrap_or(1);
    let players = read_all(&mut keys, "player", report, read_player);
    let levers = read_all(&mut keys, "lever", report, read_lever);
    let no_deal = keys.table("no_deal", report).map(|table| settings(table, report)).unwrap_or_default();
    let positions = read_all(&mut keys, "position", report, read_position);
    let constraints = read_all(&mut keys, "constraint", report, read_constraint);
    let issues = read_all(&mut keys, "issue", report, read_issue);
    let truce = keys.table("truce", report).map(|table| read_truce(table, report));
    let decay = keys.table("decay", report).and_then(|table| read_decay(table, report));
    let draws = keys.table("draws", report).and_then(|table| read_draws(table, report));
    for (key, meaning, is_there) in [
        ("player", "a list: each `[[player]]` is a side, with its `regions`", keys.has("player")),
        ("lever", "a list: each `[[lever]]` names measures of the scenario that a player can lift", keys.has("lever")),
    ] {
        if !is_there {
            keys.missing(key, meaning, report);
        }
    }
    keys.finish(report);
    (!report.has_errors()).then_some(())?;
    let spec = Spec {
        name,
        model,
        scenario: scenario?,
        talks: talks?,
        months,
        round_to,
        most_runs,
        seed,
        players,
        levers,
        no_deal,
        positions,
        constraints,
        issues,
        truce,
        decay,
        draws,
    };
    spec.check(file, report);
    (!report.has_errors()).then_some(spec)
}

/// All entries of a list of tables; what is wrong is left out, and told.
fn read_all<T>(
    keys: &mut TomlTable,
    key: &'static str,
    report: &mut Report,
    read: fn(TomlTable, &mut Report) -> Option<T>,
) -> Vec<T> {
    keys.tables(key, report).into_iter().filter_map(|table| read(table, report)).collect()
}

fn listed(keys: &mut TomlTable, key: &'static str, meaning: &str, report: &mut Report) -> Option<Vec<Given>> {
    keys.require(key, meaning, report);
    let list = keys.list(key, report)?;
    if list.is_empty() {
        let help = Some(format!("it is {meaning}"));
        keys.wrong(keys.span_of(key), Code::MissingValue, format!("`{key}` is an empty list"), help, report);
        return None;
    }
    Some(list)
}

/// A number that is finite and above 0.
fn above_zero(keys: &mut TomlTable, key: &'static str, report: &mut Report) -> Option<f64> {
    let number = keys.number(key, 0.0, f64::INFINITY, report)?;
    if number == 0.0 {
        let help = Some("write a number above 0".to_string());
        keys.wrong(keys.span_of(key), Code::OutOfRange, format!("`{key}` is 0"), help, report);
        return None;
    }
    Some(number)
}

/// The id of an entry and its name, which is its id where none is given.
fn id_and_name(keys: &mut TomlTable, what: &str, report: &mut Report) -> (Option<Given>, String) {
    keys.require("id", &format!("what the {what} is called in the results"), report);
    let id = keys.id("id", report);
    let name = keys.text("name", report).or_else(|| id.clone()).unwrap_or_default();
    (id.map(|id| (id, keys.span_of("id"))), name)
}

fn settings(table: TomlTable, report: &mut Report) -> Vec<Setting> {
    table.texts(report).into_iter().map(|(lever, level)| Setting { lever, level }).collect()
}

/// The weights that are given; the others are as they would be without.
fn weights(keys: &mut TomlTable, without: Weights, report: &mut Report) -> Weights {
    let mut weight = |key, without| keys.number(key, 0.0, f64::INFINITY, report).unwrap_or(without);
    Weights { unmet: weight("unmet", without.unmet), prices: weight("prices", without.prices) }
}

fn read_player(mut keys: TomlTable, report: &mut Report) -> Option<Player> {
    let (id, name) = id_and_name(&mut keys, "player", report);
    let regions = listed(&mut keys, "regions", "the regions, or groups of regions, that it speaks for", report);
    let weights = self::weights(&mut keys, Weights { unmet: 1.0, prices: 0.0 }, report);
    let duties_paid = keys.number("duties_paid", 0.0, f64::INFINITY, report).unwrap_or(1.0);
    let duties_collected = keys.number("duties_collected", 0.0, f64::INFINITY, report).unwrap_or(1.0);
    let mut cares = Vec::new();
    for mut care in keys.tables("care", report) {
        let demands = listed(&mut care, "demands", "the needs that count otherwise", report);
        let weights = self::weights(&mut care, weights, report);
        care.text("note", report);
        care.finish(report);
        cares.extend(demands.map(|demands| Care { demands, weights }));
    }
    keys.text("note", report);
    keys.finish(report);
    Some(Player { id: id?, name, regions: regions?, weights, cares, duties_paid, duties_collected })
}

fn read_lever(mut keys: TomlTable, report: &mut Report) -> Option<Lever> {
    let (id, name) = id_and_name(&mut keys, "lever", report);
    let by = keys.needed_text("by", "the id of the player whose it is", report);
    let measures = if keys.has("measures") { keys.list("measures", report) } else { Some(Vec::new()) };
    if measures.as_ref().is_some_and(Vec::is_empty) {
        let span = keys.span_of(if keys.has("measures") { "measures" } else { "id" });
        let help = Some("`measures` lists the ids of measures of the scenario that rest when it is off".to_string());
        let message = format!("the lever `{}` suspends nothing", id.as_ref().map_or("", |(id, _)| id));
        keys.wrong(span, Code::SuspendsNothing, message, help, report);
    }
    let given = keys.tables("levels", report);
    let levels = match keys.has("levels") {
        true => given.into_iter().filter_map(|table| read_level(table, report)).collect(),
        false => [("off", Does::Off), ("on", Does::On)].map(|(id, does)| level(id, does)).to_vec(),
    };
    if keys.has("levels") && !report.has_errors() {
        let repeated = levels.iter().enumerate().find(|(n, level)| levels[..*n].iter().any(|l| l.id == level.id));
        if levels.len() < 2 {
            let message = format!("`levels` has {}, and there is nothing to choose", levels.len());
            let help = Some("list at least two, the mildest first, or leave it out for `off` and `on`".to_string());
            keys.wrong(keys.span_of("levels"), Code::OutOfRange, message, help, report);
        } else if let Some((_, level)) = repeated {
            let message = format!("the level `{}` stands twice", level.id);
            let help = Some("give each level of a lever an id of its own".to_string());
            keys.wrong(keys.span_of("levels"), Code::DuplicateId, message, help, report);
        }
    }
    let source = keys.text("source", report);
    keys.text("note", report);
    keys.finish(report);
    Some(Lever { id: id?, name, by: by?, measures: measures?, levels, source })
}

fn level(id: &str, does: Does) -> Level {
    Level { id: id.to_string(), name: id.to_string(), does }
}

fn read_level(mut keys: TomlTable, report: &mut Report) -> Option<Level> {
    let (id, name) = id_and_name(&mut keys, "level", report);
    let with = keys.table("with", report).map(|mut with| {
        let mut figures = Vec::new();
        for (key, most) in FIGURES {
            let value = with.number(key, 0.0, *most, report);
            figures.extend(value.map(|value| ((key.to_string(), with.span_of(key)), value)));
        }
        with.finish(report);
        figures
    });
    let (id, _) = id?;
    let does = match (id.as_str(), with) {
        (_, Some(figures)) => Some(Does::With(figures)),
        ("off", None) => Some(Does::Off),
        ("on", None) => Some(Does::On),
        _ => {
            keys.missing("with", "what the figures of its measures are then; only `off` and `on` need none", report);
            None
        }
    };
    keys.text("note", report);
    keys.finish(report);
    Some(Level { id, name, does: does? })
}

fn read_position(mut keys: TomlTable, report: &mut Report) -> Option<Position> {
    let (id, name) = id_and_name(&mut keys, "position", report);
    let of = keys.text("of", report).map(|of| (of, keys.span_of("of")));
    let date = keys.date("date", report);
    let settings = keys.table("levels", report).map(|table| settings(table, report)).unwrap_or_default();
    let source = keys.text("source", report);
    let note = keys.text("note", report);
    keys.finish(report);
    Some(Position { id: id?.0, name, of, date, settings, source, note })
}

fn read_constraint(mut keys: TomlTable, report: &mut Report) -> Option<Constraint> {
    let (id, name) = id_and_name(&mut keys, "constraint", report);
    keys.require("levels", "the levels at which levers stay, such as { us-chips = \"on\" }", report);
    let settings = keys.table("levels", report).map(|table| settings(table, report));
    let source = keys.text("source", report);
    keys.text("note", report);
    keys.finish(report);
    Some(Constraint { id: id?.0, name, settings: settings?, source })
}

fn read_issue(mut keys: TomlTable, report: &mut Report) -> Option<Issue> {
    let (id, name) = id_and_name(&mut keys, "issue", report);
    let levers = listed(&mut keys, "levers", "the levers that it is about", report);
    keys.text("note", report);
    keys.finish(report);
    Some(Issue { id: id?.0, name, levers: levers? })
}

fn read_truce(mut keys: TomlTable, report: &mut Report) -> Truce {
    let round_months = above_zero(&mut keys, "round_months", report).unwrap_or(3.0);
    let renewal = keys.number("renewal", 0.0, 1.0, report).unwrap_or(1.0);
    let answered_after = keys.whole("answered_after", 1.0, 1000.0, report).unwrap_or(1) as u32;
    keys.text("note", report);
    keys.finish(report);
    Truce { round_months, renewal, answered_after }
}

fn read_decay(mut keys: TomlTable, report: &mut Report) -> Option<Decay> {
    let span = keys.span_of("dates");
    let given = keys.amounts("dates", report)?;
    let dates: Option<Vec<Date>> = (given.into_iter().flatten())
        .map(|amount| match amount {
            Amount::Date(date) => Some(date),
            Amount::Number(_) => None,
        })
        .collect();
    let mut dates = dates.unwrap_or_default();
    dates.sort_unstable();
    dates.dedup();
    if dates.is_empty() {
        let help = Some("list days after the talks, such as [2026-10-01, 2027-10-01]".to_string());
        keys.wrong(span.clone(), Code::MissingValue, "`dates` has no dates, or not only dates".into(), help, report);
    }
    let months = above_zero(&mut keys, "months", report).unwrap_or(12.0);
    keys.text("note", report);
    keys.finish(report);
    Some(Decay { dates, months, span })
}

fn read_draws(mut keys: TomlTable, report: &mut Report) -> Option<Draws> {
    let ensemble = keys.needed_text("ensemble", "the spec of an ensemble, whose samples are taken", report);
    keys.require("samples", "how many samples are drawn", report);
    let samples = keys.count("samples", 1, report);
    let seed = keys.whole("seed", 0.0, u32::MAX as f64, report);
    keys.text("note", report);
    keys.finish(report);
    Some(Draws { ensemble: ensemble?, samples: samples?, seed })
}

impl Spec {
    /// Whether the names fit together.
    fn check(&self, file: &str, report: &mut Report) {
        let mut wrong = |span: &Range<usize>, code, message: String, help: &str| {
            let place = report.place(file, span.clone());
            report.push(Diagnostic::error(code, message).at(place).help(help));
        };
        if self.players.len() > MOST_PLAYERS {
            let message = format!("{} players, and there can be {MOST_PLAYERS}", self.players.len());
            wrong(
                &self.players[MOST_PLAYERS].id.1,
                Code::OutOfRange,
                message,
                "let one player speak for several regions",
            );
        }
        let of_players = self.players.iter().map(|player| &player.id);
        let of_levers = self.levers.iter().map(|lever| &lever.id);
        for given in [of_players.collect::<Vec<_>>(), of_levers.collect()] {
            for (n, (id, span)) in given.iter().enumerate() {
                if given[..n].iter().any(|(before, _)| before == id) {
                    let message = format!("`{id}` is defined twice");
                    wrong(span, Code::DuplicateId, message, "give each player and each lever an id of its own");
                }
            }
        }
        let measures: Vec<&Given> = self.levers.iter().flat_map(|lever| &lever.measures).collect();
        for (n, (id, span)) in measures.iter().enumerate() {
            if measures[..n].iter().any(|(before, _)| before == id) {
                let message = format!("`{id}` is a measure of two levers");
                wrong(span, Code::Contradiction, message, "each measure can be lifted or kept in one way only");
            }
        }
        let players: Vec<&str> = self.players.iter().map(|player| player.id.0.as_str()).collect();
        let owners =
            self.levers.iter().map(|lever| &lever.by).chain(self.positions.iter().filter_map(|p| p.of.as_ref()));
        for given in owners {
            known(given, "player", &players, file, report);
        }
        let levers: Vec<&str> = self.levers.iter().map(|lever| lever.id.0.as_str()).collect();
        for given in self.issues.iter().flat_map(|issue| &issue.levers) {
            known(given, "lever", &levers, file, report);
        }
        let of_positions = self.positions.iter().flat_map(|position| &position.settings);
        let of_constraints = self.constraints.iter().flat_map(|constraint| &constraint.settings);
        for setting in self.no_deal.iter().chain(of_positions).chain(of_constraints) {
            if let Some(lever) = known(&setting.lever, "lever", &levers, file, report) {
                let levels: Vec<&str> = self.levers[lever].levels.iter().map(|level| level.id.as_str()).collect();
                known(&setting.level, &format!("level of `{}`", setting.lever.0), &levels, file, report);
            }
        }
    }

    /// The place of a lever and of its level.
    pub fn place_of(&self, setting: &Setting) -> Option<(usize, usize)> {
        let lever = self.levers.iter().position(|lever| lever.id.0 == setting.lever.0)?;
        let level = self.levers[lever].levels.iter().position(|level| level.id == setting.level.0)?;
        Some((lever, level))
    }

    /// The level of each lever where talks fail.
    pub fn no_deal(&self) -> Vec<usize> {
        let last = self.levers.iter().map(|lever| lever.levels.len() - 1).collect();
        self.with(last, &self.no_deal)
    }

    /// The level of each lever in a position.
    pub fn levels_of(&self, position: &Position) -> Vec<usize> {
        self.with(self.no_deal(), &position.settings)
    }

    fn with(&self, mut levels: Vec<usize>, settings: &[Setting]) -> Vec<usize> {
        for (lever, level) in settings.iter().filter_map(|setting| self.place_of(setting)) {
            levels[lever] = level;
        }
        levels
    }
}

/// Names that a remedy lists.
const NAMED: usize = 30;

/// The place of a name among those that there are; `None` = it is none of them, which is told.
pub(super) fn known(given: &Given, what: &str, names: &[&str], file: &str, report: &mut Report) -> Option<usize> {
    let otherwise = || {
        let more = names.len().saturating_sub(NAMED);
        let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("it is one of {}{more}", named.join(", "))
    };
    place_of(given, what, names, &otherwise, file, report)
}

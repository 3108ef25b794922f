//! A bargain with all that it names found in a model and a scenario.

use std::ops::Range;

use coercivity_model::scenario::Effect;
use coercivity_model::toml_table::Given;
use coercivity_model::{Code, Date, Diagnostic, Model, Report, Scenario};

use super::payoffs::Combinations;
use super::spec::{Decay, Does, Lever, Player, Spec, Weights, known};

/// Combinations that are told apart, at most.
const MOST_COMBINATIONS: usize = 1 << 20;

/// A bargain, its model and its scenario.
#[derive(Clone, Debug)]
pub struct Bargain {
    pub spec: Spec,
    pub model: Model,
    pub scenario: Scenario,
    pub players: Vec<Cares>,
    pub levers: Vec<Found>,
    pub combinations: Combinations,
    /// The number of the combination where talks fail.
    pub no_deal: usize,
    /// Of each position.
    pub positions: Vec<usize>,
    pub talks: Window,
    /// From the dates of `[decay]` on.
    pub later: Vec<Window>,
}

/// What a player cares about.
#[derive(Clone, Debug)]
pub struct Cares {
    /// By region, whether it is one of the player's.
    pub regions: Vec<bool>,
    /// By demand; `None` = it is another's.
    pub weights: Vec<Option<Weights>>,
    pub duties_paid: f64,
    pub duties_collected: f64,
}

/// A lever in a scenario.
#[derive(Clone, Debug)]
pub struct Found {
    /// Positions of its measures in the scenario.
    pub measures: Vec<usize>,
    /// What each of these does at each level; `None` = they are not in force.
    pub levels: Vec<Option<Vec<Effect>>>,
}

/// The steps that are looked at.
#[derive(Clone, Debug)]
pub struct Window {
    /// A day of its first step.
    pub date: Date,
    pub steps: Range<usize>,
}

impl Bargain {
    /// Finds what a spec names. All problems are in `report`; `None` if any is an error.
    pub fn new(spec: Spec, file: &str, model: Model, scenario: Scenario, report: &mut Report) -> Option<Bargain> {
        let finder = Finder { file, model: &model, scenario: &scenario };
        let players: Vec<Option<Cares>> = spec.players.iter().map(|player| finder.cares(player, report)).collect();
        finder.each_region_once(&spec, report);
        let levers: Vec<Option<Found>> = spec.levers.iter().map(|lever| finder.lever(lever, report)).collect();
        let talks = finder.talks(&spec, report);
        let later = talks.as_ref().zip(spec.decay.as_ref()).map(|(talks, decay)| finder.later(decay, talks, report));
        let combinations = finder.combinations(&spec, report);
        if report.has_errors() {
            return None;
        }
        let combinations = combinations?;
        let number = |levels: Vec<usize>| combinations.number(&levels);
        let bargain = Bargain {
            no_deal: number(spec.no_deal()),
            positions: spec.positions.iter().map(|position| number(spec.levels_of(position))).collect(),
            players: players.into_iter().flatten().collect(),
            levers: levers.into_iter().flatten().collect(),
            combinations,
            talks: talks?,
            later: later.unwrap_or_default(),
            spec,
            model,
            scenario,
        };
        bargain.check_effects(file, report);
        (!report.has_errors()).then_some(bargain)
    }

    /// The same bargain about a model and a scenario that differ in figures only.
    pub fn with(&self, model: Model, scenario: Scenario) -> Bargain {
        let finder = Finder { file: "", model: &model, scenario: &scenario };
        let found = self.spec.levers.iter().filter_map(|lever| finder.lever(lever, &mut Report::default()));
        Bargain { levers: found.collect(), model, scenario, ..self.clone() }
    }

    /// Months of a window.
    pub fn months(&self, window: &Window) -> f64 {
        window.steps.len() as f64 * self.model.calendar.years_per_step() * 12.0
    }

    /// Each lever must do something in the window.
    fn check_effects(&self, file: &str, report: &mut Report) {
        for lever in self.without_effect() {
            let (id, span) = &self.spec.levers[lever].id;
            let last = self.model.calendar.middle_day(self.talks.steps.end - 1);
            let message = format!("the lever `{id}` suspends nothing: at every level all is as without it");
            let help = format!(
                "from {} to {last}, its measures must stop something that other measures of the scenario do not stop \
                 anyway: name others, or leave the lever out",
                self.talks.date
            );
            let place = report.place(file, span.clone());
            report.push(Diagnostic::error(Code::SuspendsNothing, message).at(place).help(help));
        }
    }
}

struct Finder<'a> {
    file: &'a str,
    model: &'a Model,
    scenario: &'a Scenario,
}

impl Finder<'_> {
    fn wrong(&self, span: &Range<usize>, code: Code, message: String, help: &str, report: &mut Report) {
        let place = report.place(self.file, span.clone());
        report.push(Diagnostic::error(code, message).at(place).help(help));
    }

    /// The regions of an id or a group.
    fn regions(&self, given: &Given, report: &mut Report) -> Vec<usize> {
        let (regions, name) = (&self.model.regions, &given.0);
        let found: Vec<usize> =
            (0..regions.len()).filter(|r| regions[*r].id == *name || regions[*r].groups.contains(name)).collect();
        if found.is_empty() {
            let names = regions.iter().flat_map(|r| [&r.id].into_iter().chain(&r.groups)).map(String::as_str);
            known(given, "region or group of regions", &names.collect::<Vec<_>>(), self.file, report);
        }
        found
    }

    fn cares(&self, player: &Player, report: &mut Report) -> Option<Cares> {
        let mut regions = vec![false; self.model.regions.len()];
        for given in &player.regions {
            self.regions(given, report).into_iter().for_each(|region| regions[region] = true);
        }
        let own = |region: usize| regions[region].then_some(player.weights);
        let mut weights: Vec<Option<Weights>> = self.model.demands.iter().map(|demand| own(demand.region)).collect();
        let ids: Vec<&str> = self.model.demands.iter().map(|demand| demand.id.as_str()).collect();
        let mut named = vec![false; ids.len()];
        for care in &player.cares {
            for given in &care.demands {
                let Some(demand) = known(given, "demand", &ids, self.file, report) else { continue };
                if weights[demand].is_none() {
                    let message = format!("`{}` is in no region of `{}`", given.0, player.id.0);
                    let help = "a player counts the needs of its own regions: add the region, or leave the demand out";
                    self.wrong(&given.1, Code::Contradiction, message, help, report);
                } else if std::mem::replace(&mut named[demand], true) {
                    let message = format!("`{}` is given two weights", given.0);
                    self.wrong(&given.1, Code::Contradiction, message, "name each demand in one `care` only", report);
                }
                weights[demand] = weights[demand].and(Some(care.weights));
            }
        }
        let (duties_paid, duties_collected) = (player.duties_paid, player.duties_collected);
        Some(Cares { regions, weights, duties_paid, duties_collected })
    }

    /// No region is spoken for by two players.
    fn each_region_once(&self, spec: &Spec, report: &mut Report) {
        let mut of: Vec<Option<usize>> = vec![None; self.model.regions.len()];
        for (p, player) in spec.players.iter().enumerate() {
            for given in &player.regions {
                for region in self.regions(given, &mut Report::default()) {
                    if let Some(other) = of[region].replace(p).filter(|other| *other != p) {
                        let id = &self.model.regions[region].id;
                        let message = format!("`{id}` is spoken for by `{}` too", spec.players[other].id.0);
                        self.wrong(&given.1, Code::Contradiction, message, "give each region to one player", report);
                    }
                }
            }
        }
    }

    fn lever(&self, lever: &Lever, report: &mut Report) -> Option<Found> {
        let ids: Vec<&str> = self.scenario.measures.iter().map(|measure| measure.id.as_str()).collect();
        let measures: Option<Vec<usize>> =
            lever.measures.iter().map(|given| known(given, "measure", &ids, self.file, report)).collect();
        let measures = measures?;
        let mut levels = Vec::new();
        for level in &lever.levels {
            let mut effects: Vec<Effect> =
                measures.iter().map(|measure| self.scenario.measures[*measure].effect.clone()).collect();
            if let Does::With(figures) = &level.does {
                for ((key, span), value) in figures {
                    let places: Vec<&mut f64> =
                        effects.iter_mut().filter_map(|effect| figure_of(effect, key)).collect();
                    if places.is_empty() {
                        let message = format!("no measure of `{}` has a figure `{key}`", lever.id.0);
                        let help = "see what can be given for a measure of its kind in the format of scenarios";
                        self.wrong(span, Code::UnknownKey, message, help, report);
                    }
                    places.into_iter().for_each(|place| *place = *value);
                }
            }
            levels.push((!matches!(level.does, Does::Off)).then_some(effects));
        }
        Some(Found { measures, levels })
    }

    fn steps_of(&self, months: f64) -> usize {
        (months / (12.0 * self.model.calendar.years_per_step()) + 0.5).floor() as usize
    }

    /// The step that a day lies in.
    fn step_of(&self, day: Date) -> Option<usize> {
        let calendar = &self.model.calendar;
        let inside = day < calendar.first_day(self.model.steps());
        (0..self.model.steps()).rev().find(|step| inside && calendar.first_day(*step) <= day)
    }

    fn talks(&self, spec: &Spec, report: &mut Report) -> Option<Window> {
        let (date, span) = &spec.talks;
        let Some(first) = self.step_of(*date) else {
            let message = format!("`talks` is {date}, and {}", self.days());
            self.wrong(span, Code::OutOfRange, message, "give one of these days", report);
            return None;
        };
        let all = self.model.steps();
        let Some((months, span)) = &spec.months else { return Some(Window { date: *date, steps: first..all }) };
        let steps = self.steps_of(*months);
        if steps == 0 || first + steps > all {
            let message = match steps {
                0 => format!("`months` is {months}, less than half a step of the model"),
                _ => format!("{months} months from {date} on go beyond the model: {}", self.days()),
            };
            self.wrong(span, Code::OutOfRange, message, "give a time that the model can show", report);
            return None;
        }
        Some(Window { date: *date, steps: first..first + steps })
    }

    fn days(&self) -> String {
        let calendar = &self.model.calendar;
        format!("its days are from {} on and before {}", calendar.first_day(0), calendar.first_day(self.model.steps()))
    }

    fn later(&self, decay: &Decay, talks: &Window, report: &mut Report) -> Vec<Window> {
        let steps = self.steps_of(decay.months);
        let mut windows = Vec::new();
        for date in &decay.dates {
            let first = self
                .step_of(*date)
                .filter(|first| *first > talks.steps.start && steps > 0 && first + steps <= self.model.steps());
            match first {
                Some(first) => windows.push(Window { date: *date, steps: first..first + steps }),
                None => {
                    let message = format!(
                        "`dates` has {date}, which with {} months lies outside the model or not after the talks: {}",
                        decay.months,
                        self.days()
                    );
                    let help = "give days in later steps than that of the talks, and fewer `months` near the end";
                    self.wrong(&decay.span, Code::OutOfRange, message, help, report);
                }
            }
        }
        windows
    }

    fn combinations(&self, spec: &Spec, report: &mut Report) -> Option<Combinations> {
        let found = Combinations::new(spec.levers.iter().map(|lever| lever.levels.len()).collect());
        let found = found.filter(|combinations| combinations.count <= MOST_COMBINATIONS);
        if found.is_none()
            && let Some(last) = spec.levers.last()
        {
            let message = format!("more than {MOST_COMBINATIONS} combinations of levels");
            let help = "put measures that go together into one lever, or leave levels out";
            self.wrong(&last.id.1, Code::OutOfRange, message, help, report);
        }
        found
    }
}

/// A figure of a measure by the name of its key.
fn figure_of<'e>(effect: &'e mut Effect, key: &str) -> Option<&'e mut f64> {
    match (effect, key) {
        (Effect::ExportControl { allow_civil, .. }, "allow_civil") => Some(allow_civil),
        (Effect::ExportControl { allow_military, .. }, "allow_military") => Some(allow_military),
        (Effect::ExportControl { leakage, .. }, "leakage") => Some(leakage),
        (Effect::ExportControl { delay_days, .. }, "delay_days") => Some(delay_days),
        (Effect::Quota { amount, .. }, "amount") | (Effect::Support { amount, .. }, "amount") => Some(amount),
        (Effect::Tariff { rate, .. }, "rate") | (Effect::ExportTax { rate, .. }, "rate") => Some(rate),
        (Effect::ContentRule { allow, .. }, "allow") => Some(allow),
        (Effect::ContentRule { compliance, .. }, "compliance") => Some(compliance),
        (Effect::ContentRule { allow_military, .. }, "allow_military") => Some(allow_military),
        (Effect::Outage { remaining, .. }, "remaining") => Some(remaining),
        (Effect::DemandShift { factor, .. }, "factor") => Some(factor),
        (Effect::Release { rate: Some(rate), .. }, "rate") => Some(rate),
        _ => None,
    }
}

//! From a bargain to payoffs: every combination that is asked for is run, each different program once, and what was found is
//! kept as soon as it is there.
//!
//! A combination's plan goes on from that of no deal where that takes few steps. So what is found hangs on the bargain
//! alone, and on neither the order of the runs nor on what was kept before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use coercivity_model::calendar::days_between;
use coercivity_model::hex::hex;
use coercivity_model::write::files_of;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::figures::Figures;
use super::payoffs::{Lasts, Later, Payoffs, Runs, Values};
use super::stage::Stage;
use super::whole::{Bargain, Window};
use crate::run::{Foresight, Progress, Setup, Stage as Doing};
use crate::solve::{Settings, SolveError};
use crate::state::State;
use crate::survive::Ground;

/// Where what was found is kept, by name: texts, each whole or not there.
pub trait Keep: Sync {
    fn find(&self, name: &str) -> Option<String>;
    fn keep(&self, name: &str, text: &str);
}

/// Keeps nothing.
impl Keep for () {
    fn find(&self, _: &str) -> Option<String> {
        None
    }

    fn keep(&self, _: &str, _: &str) {}
}

/// How a bargain is run.
pub struct Way<'a> {
    /// What the figures hang on besides the bargain, such as the build of the program.
    pub about: &'a str,
    pub settings: Settings,
    pub keep: &'a dyn Keep,
    /// Is told how many of how many are done, and of what.
    pub tell: &'a (dyn Fn(usize, usize, &str) + Sync),
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// Why there are no payoffs.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    Solve(SolveError),
    /// What a player gets under a combination is no finite number.
    NotFinite {
        player: usize,
        combination: usize,
    },
}

impl From<SolveError> for RunError {
    fn from(error: SolveError) -> RunError {
        RunError::Solve(error)
    }
}

/// A window of a bargain, and the combinations that are run in it.
struct Scene<'a> {
    bargain: &'a Bargain,
    window: &'a Window,
    /// Of all that its figures hang on.
    hash: String,
    asked: Vec<usize>,
    /// Of each of these, the program.
    programs: Vec<String>,
    /// What is known of each program.
    known: Mutex<BTreeMap<String, Figures>>,
}

/// Runs a bargain, and its samples, which are the same bargain about other figures.
pub fn payoffs(bargain: &Bargain, samples: &[Bargain], way: &Way) -> Result<Payoffs, RunError> {
    let asked = bargain.asked();
    let mut hands: Vec<usize> = bargain.hands(&vec![0; bargain.levers.len()]).into_iter().collect();
    hands.sort_unstable();
    let mut scenes = vec![Scene::new(bargain, &bargain.talks, asked.clone(), way)];
    scenes.extend(bargain.later.iter().map(|window| Scene::new(bargain, window, hands.clone(), way)));
    scenes.extend(samples.iter().map(|sample| Scene::new(sample, &sample.talks, asked.clone(), way)));
    let missing: Vec<Vec<(usize, &str)>> = scenes.iter().map(Scene::missing).collect();
    let (of, done) = (missing.iter().map(Vec::len).sum(), AtomicUsize::new(0));
    if of > 0 {
        (way.tell)(0, of, RUNS);
    }
    let tell = || (way.tell)(done.fetch_add(1, Ordering::Relaxed) + 1, of, RUNS);
    scenes.par_iter().zip(&missing).try_for_each(|(scene, missing)| scene.run(missing, way, &tell))?;
    let talks = &scenes[0];
    let later = |(window, scene): (&Window, &Scene)| {
        Ok(Later { date: window.date, months: bargain.months(window), values: scene.values()? })
    };
    let hashes = scenes.iter().map(|scene| format!("{}{:?}", scene.hash, scene.asked)).collect::<String>();
    Ok(Payoffs {
        currency: bargain.model.currency.clone(),
        model: bargain.model.name.clone(),
        scenario: bargain.scenario.name.clone(),
        hash: sha256(&hashes),
        months: bargain.months(&bargain.talks),
        values: talks.values()?,
        runs: Runs {
            combinations: bargain.combinations.count,
            known: asked.len(),
            programs: talks.programs.iter().collect::<BTreeSet<_>>().len(),
        },
        decay: bargain.later.iter().zip(&scenes[1..]).map(later).collect::<Result<_, RunError>>()?,
        lasts: talks.lasts(way)?,
        draws: scenes[1 + bargain.later.len()..].iter().map(Scene::values).collect::<Result<_, _>>()?,
    })
}

/// What is counted.
const RUNS: &str = "runs";
const TIMES: &str = "times to survive";

impl<'a> Scene<'a> {
    fn new(bargain: &'a Bargain, window: &'a Window, asked: Vec<usize>, way: &Way) -> Scene<'a> {
        let (model, scenario) = (&bargain.model, &bargain.scenario);
        // Models and scenarios of samples have the hashes of the files that they come from, and figures of their own.
        let mut hash = Sha256::new();
        for (name, bytes) in files_of(model) {
            hash.update(format!("{name} {}\n", bytes.len()));
            hash.update(bytes);
        }
        let measures = format!("{:?} {:?}", scenario.measures, scenario.truces);
        let levers = format!("{:?} {:?}", bargain.levers, window.steps);
        hash.update([way.about, &model.hash, &scenario.hash, &measures, &levers].join("\n"));
        let hash = hex(&hash.finalize());
        let known = Mutex::default();
        let mut scene = Scene { bargain, window, hash, asked, programs: Vec::new(), known };
        let name = scene.name(&format!("programs-{}", sha256(&format!("{:?}", scene.asked))));
        scene.programs = found(way.keep, &name, |programs: &Vec<String>| programs.len() == scene.asked.len())
            .unwrap_or_else(|| kept(way.keep, &name, &bargain.programs(window, &scene.asked)));
        let programs: BTreeSet<&String> = scene.programs.iter().collect();
        let figures = |program: &&String| {
            let fits = |figures: &Figures| figures.fit(model);
            Some((program.to_string(), found(way.keep, &scene.name(program), fits)?))
        };
        scene.known = Mutex::new(programs.iter().filter_map(figures).collect());
        scene
    }

    fn name(&self, what: &str) -> String {
        format!("{}/{what}.json", self.hash)
    }

    /// Programs of which nothing is known, each with the first combination that it stands for.
    fn missing(&self) -> Vec<(usize, &str)> {
        let known = self.known.lock().expect("nobody panics with it");
        let mut seen = BTreeSet::new();
        let all = self.asked.iter().zip(&self.programs);
        let missing = all.filter(|(_, program)| !known.contains_key(*program) && seen.insert(*program));
        missing.map(|(combination, program)| (*combination, program.as_str())).collect()
    }

    /// The window made ready; the state in which it begins is kept.
    fn stage(&self, way: &Way) -> Result<Stage<'a>, SolveError> {
        let watch = Watch { stop: way.stop };
        let name = self.name("state");
        let known: Option<State> = found(way.keep, &name, |_| true);
        let is_known = known.is_some();
        let mut stage = Stage::new(self.bargain, self.window, known, &watch.setup(way.settings))?;
        if !is_known {
            stage.state = kept(way.keep, &name, &stage.state);
        }
        Ok(stage)
    }

    fn run(&self, missing: &[(usize, &str)], way: &Way, tell: &(dyn Fn() + Sync)) -> Result<(), SolveError> {
        if missing.is_empty() {
            return Ok(());
        }
        let watch = Watch { stop: way.stop };
        let stage = self.stage(way)?;
        let no_deal = stage.solve(self.bargain.no_deal, None, &watch.setup(way.settings))?;
        missing.par_iter().try_for_each(|(combination, program)| {
            let other = match *combination == self.bargain.no_deal {
                true => None,
                false => Some(stage.solve(*combination, Some(&no_deal), &watch.setup(way.settings))?),
            };
            let figures = stage.figures(other.as_ref().unwrap_or(&no_deal));
            let figures = kept(way.keep, &self.name(program), &figures);
            self.known.lock().expect("nobody panics with it").insert(program.to_string(), figures);
            tell();
            Ok(())
        })
    }

    /// What is known of a combination that was asked for.
    fn figures(&self, combination: usize) -> Option<Figures> {
        let place = self.asked.binary_search(&combination).ok()?;
        self.known.lock().expect("nobody panics with it").get(&self.programs[place]).cloned()
    }

    fn values(&self) -> Result<Values, RunError> {
        let mut values: Values = vec![None; self.bargain.combinations.count];
        let known = self.known.lock().expect("nobody panics with it");
        for (combination, program) in self.asked.iter().zip(&self.programs) {
            let Some(figures) = known.get(program) else { continue };
            let payoffs: Vec<f64> = self.bargain.players.iter().map(|cares| figures.payoff(cares)).collect();
            if let Some(player) = payoffs.iter().position(|payoff| !payoff.is_finite()) {
                return Err(RunError::NotFinite { player, combination: *combination });
            }
            values[*combination] = Some(payoffs);
        }
        Ok(values)
    }

    /// How long each player lasts under no deal, and under each lever of others alone.
    fn lasts(&self, way: &Way) -> Result<Vec<Lasts>, SolveError> {
        let bargain = self.bargain;
        let mut asked: Vec<(usize, Option<usize>, usize)> = Vec::new();
        for player in 0..bargain.players.len() {
            asked.push((player, None, bargain.no_deal));
            for lever in (0..bargain.levers.len()).filter(|lever| bargain.player_of(*lever) != player) {
                let mut levels = vec![0; bargain.levers.len()];
                levels[lever] = bargain.levers[lever].levels.len() - 1;
                asked.push((player, Some(lever), bargain.combinations.number(&levels)));
            }
        }
        let mut times: Vec<Time> =
            asked.iter().map(|(player, _, combination)| self.time(*player, *combination, way)).collect();
        let (of, done) =
            (times.iter().filter(|time| matches!(time, Time::Unknown { .. })).count(), AtomicUsize::new(0));
        if of > 0 {
            let stage = self.stage(way)?;
            (way.tell)(0, of, TIMES);
            times.par_iter_mut().zip(&asked).try_for_each(|(time, (.., combination))| {
                if let Time::Unknown { met, known, name } = time {
                    *time = Time::Known(kept(way.keep, name, &self.search(&stage, *combination, met, *known, way)?));
                    (way.tell)(done.fetch_add(1, Ordering::Relaxed) + 1, of, TIMES);
                }
                Ok::<(), SolveError>(())
            })?;
        }
        let lasts = |((player, lever, _), time): (&(usize, Option<usize>, usize), &Time)| {
            let (days, throughout) = match time {
                Time::Known(Days { days, throughout }) => (Some(*days), *throughout),
                _ => (None, false),
            };
            Lasts { player: *player, lever: *lever, days, throughout }
        };
        Ok(asked.iter().zip(&times).map(lasts).collect())
    }

    /// What is known of how long the needs of a player stay met that do with every lever at its mildest.
    fn time(&self, player: usize, combination: usize, way: &Way) -> Time {
        let (Some(mildest), Some(figures)) = (self.figures(0), self.figures(combination)) else { return Time::NoNeeds };
        let own = &self.bargain.players[player].weights;
        let met: Vec<bool> = (0..own.len()).map(|d| own[d].is_some() && mildest.first_short[d].is_none()).collect();
        if !met.contains(&true) {
            return Time::NoNeeds;
        }
        // In so many steps none is short in the plan of the combination, so they can be lived through.
        let known = (0..met.len()).filter(|d| met[*d]).filter_map(|d| figures.first_short[d]).min();
        let Some(known) = known else {
            return Time::Known(Days { days: self.days(self.window.steps.len()), throughout: true });
        };
        let place = self.asked.binary_search(&combination).expect("it is known");
        let name = self.name(&format!("lasts-{}-{}", self.programs[place], sha256(&format!("{met:?}"))));
        match found(way.keep, &name, |days: &Days| days.days.is_finite()) {
            Some(days) => Time::Known(days),
            None => Time::Unknown { met, known, name },
        }
    }

    /// The longest time in which these needs can stay met, whatever becomes of others.
    fn search(
        &self,
        stage: &Stage,
        combination: usize,
        met: &[bool],
        known: usize,
        way: &Way,
    ) -> Result<Days, SolveError> {
        if (way.stop)() {
            return Err(SolveError::Interrupted);
        }
        let ground = Ground {
            model: &stage.model,
            space: &stage.space,
            state: &stage.state,
            policy: stage.policy(combination),
            met: met.to_vec(),
            settings: way.settings,
        };
        let lasts = ground.lasts(known)?;
        let whole = self.days(lasts.steps);
        let part = if lasts.part > 0.0 { lasts.part * (self.days(lasts.steps + 1) - whole) } else { 0.0 };
        Ok(Days { days: whole + part, throughout: lasts.steps == self.window.steps.len() })
    }

    /// Days in so many steps of the window.
    fn days(&self, steps: usize) -> f64 {
        let (calendar, start) = (&self.bargain.model.calendar, self.window.steps.start);
        days_between(calendar.first_day(start), calendar.first_day(start + steps)) as f64
    }
}

/// How long needs stay met.
enum Time {
    /// There is none to stay met, or it is not known which.
    NoNeeds,
    Known(Days),
    /// What must stay met, in how many steps it does for certain, and the name under which the answer is kept.
    Unknown {
        met: Vec<bool>,
        known: usize,
        name: String,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Days {
    days: f64,
    throughout: bool,
}

/// Nobody watches, but somebody may stop it.
struct Watch<'a> {
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl Watch<'_> {
    fn setup(&self, settings: Settings) -> Setup<'_> {
        Setup { progress: self, ..Setup::quiet(Foresight::Announced, settings) }
    }
}

impl Progress for Watch<'_> {
    fn stage(&self, _: Doing) {}

    fn stop(&self) -> bool {
        (self.stop)()
    }
}

/// What was kept, if it can be read and is as it should be.
fn found<T: DeserializeOwned>(keep: &dyn Keep, name: &str, fits: impl Fn(&T) -> bool) -> Option<T> {
    serde_json::from_str(&keep.find(name)?).ok().filter(fits)
}

/// What is kept, as whoever finds it reads it: so the digits are the same whether or not it was found.
fn kept<T: Serialize + DeserializeOwned>(keep: &dyn Keep, name: &str, what: &T) -> T {
    let text = serde_json::to_string(what).expect("it is plain data");
    keep.keep(name, &text);
    serde_json::from_str(&text).expect("it was just written")
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text))
}

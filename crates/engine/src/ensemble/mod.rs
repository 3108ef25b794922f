//! Ensembles: many runs of one model, in each of which what is not known is drawn anew.
//!
//! [`spec`] is what the user writes; [`input`] finds in the model what it names; [`marginal`] says how likely each value
//! is; [`design`] which numbers a sample draws. [`sample`] runs one sample, from the basis of a like run where that takes
//! few steps. [`table`] keeps what was found, and [`mod@summary`] says what it means.
//!
//! A sample depends on the spec, the model, the scenario and its number, on nothing else. So samples may be run in any
//! order, on any machine, in any parts, and what comes out is the same to the last bit.

pub mod design;
pub mod input;
pub mod marginal;
pub mod sample;
pub mod spec;
pub mod summary;
pub mod table;

use coercivity_model::calendar::days_after;
use coercivity_model::edit::{Edit, edited, read_edited};
use coercivity_model::uncertainty::Amount;
use coercivity_model::{Change, Code, Diagnostic, MemoryFiles, Model, Report, Scenario, changed};
use serde_json::Value;

use design::Design;
use input::{Figure, Input, Target, Variable, resolve};
use spec::{Method, Moves, Spec};

/// An ensemble with all that its samples need.
pub struct Ensemble {
    pub spec: Spec,
    /// As far as the spec runs it.
    pub model: Model,
    pub scenario: Scenario,
    /// The scenario as one file, in memory, that names no other; `None` = no measures.
    files: Option<MemoryFiles>,
    pub inputs: Vec<Input>,
    pub variables: Vec<Variable>,
    pub design: Design,
}

/// What the scenario is called in memory.
const SCENARIO: &str = "scenario.toml";

impl Ensemble {
    /// Puts an ensemble together. `file` is where the spec stands, and `scenario` the text of a scenario that extends no
    /// other, as [`edited`] gives it; `None` = no measures. All problems are in `report`; `None` if any is an error.
    pub fn new(spec: Spec, file: &str, model: Model, scenario: Option<&str>, report: &mut Report) -> Option<Ensemble> {
        let model = match spec.steps {
            Some(steps) if steps <= model.steps() => model.first_steps(steps),
            Some(steps) => {
                let message = format!("`steps` is {steps}, and the model has {}", model.steps());
                report.push(
                    Diagnostic::error(Code::OutOfRange, message).help("ask for as many or fewer, or leave it out"),
                );
                return None;
            }
            None => model,
        };
        // A market runs in weeks, and its figures are by week.
        let model = if spec.method == Method::Market { model.in_weeks() } else { model };
        let found = match scenario {
            Some(text) => read_edited(text, &model, report)?,
            None => Scenario::no_measures(),
        };
        let files = scenario.map(|text| {
            let mut files = MemoryFiles::default();
            files.insert(SCENARIO, text);
            files
        });
        let (inputs, variables) = resolve(&spec, file, &model, &found, report);
        if report.has_errors() {
            return None;
        }
        match Design::new(&spec, &inputs) {
            Ok(design) => Some(Ensemble { spec, model, scenario: found, files, inputs, variables, design }),
            Err(error) => {
                report.push(Diagnostic::error(Code::OutOfRange, error.to_string()));
                None
            }
        }
    }

    /// What each variable is in a sample.
    pub fn draw(&self, sample: usize) -> Vec<Amount> {
        let value = |(v, variable): (usize, &Variable)| variable.marginal.at(self.design.share(sample, v));
        self.variables.iter().enumerate().map(value).collect()
    }

    /// The model and the scenario in which the variables have these values. Errors say which value they cannot have.
    pub fn with(&self, values: &[Amount]) -> Result<(Model, Scenario), Report> {
        let (mut changes, mut edits): (Vec<Change>, Vec<Edit>) = (Vec::new(), Vec::new());
        for (variable, value) in self.variables.iter().zip(values) {
            match &variable.target {
                Target::Figures { figures, moves } => {
                    changes.extend(figures.iter().map(|figure| change(figure, moved(figure.base, *value, *moves))));
                }
                Target::Quantiles(own) => {
                    let Amount::Number(share) = *value else { unreachable!("a share is a number") };
                    changes.extend(own.iter().map(|(figure, marginal)| change(figure, marginal.at(share))));
                }
                Target::Key { measure, key, moves, base } => {
                    set(&mut edits, measure, key, moved(*base, *value, *moves))
                }
                Target::Truces(truces) => {
                    let Amount::Number(count) = *value else { unreachable!("a count is a number") };
                    for (truce, taken) in truces {
                        set(&mut edits, truce, "extended", Amount::Number(*taken as f64 + count));
                    }
                }
            }
        }
        let model = match changes.is_empty() {
            true => self.model.clone(),
            false => changed(&self.model, &changes)?,
        };
        let scenario = match &self.files {
            Some(files) if !edits.is_empty() => {
                let mut report = Report::default();
                let text = edited(files, Some(SCENARIO), &model, &edits, &mut report);
                text.and_then(|text| read_edited(&text, &model, &mut report)).ok_or(report)?
            }
            _ => self.scenario.clone(),
        };
        Ok((model, scenario))
    }
}

fn change(figure: &Figure, to: Amount) -> Change {
    Change { table: figure.table, row: figure.row, column: figure.column, to }
}

/// What a figure becomes. That the kinds go together was settled when the input was found.
fn moved(base: Option<Amount>, value: Amount, moves: Moves) -> Amount {
    match (moves, base, value) {
        (Moves::By, Some(Amount::Number(base)), Amount::Number(by)) => Amount::Number(base + by),
        (Moves::By, Some(Amount::Date(base)), Amount::Number(days)) => {
            Amount::Date(days_after(base, days.round() as i64))
        }
        (Moves::Times, Some(Amount::Number(base)), Amount::Number(factor)) => Amount::Number(base * factor),
        (_, _, value) => value,
    }
}

/// Adds a key to the edit of a measure or truce.
fn set(edits: &mut Vec<Edit>, id: &str, key: &str, to: Amount) {
    let value = match to {
        // Whole numbers as such: a count of extensions is one.
        Amount::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Value::from(number as i64),
        Amount::Number(number) => Value::from(number),
        Amount::Date(date) => Value::from(date.to_string()),
    };
    let at = edits.iter().position(|edit| edit.id == id).unwrap_or_else(|| {
        edits.push(Edit { id: id.to_string(), ..Edit::default() });
        edits.len() - 1
    });
    edits[at].set.insert(key.to_string(), value);
}

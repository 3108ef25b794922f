//! Reading a plan: its spec, its model and the futures that it names.

use coercivity_engine::ensemble::spec::Spec as EnsembleSpec;
use coercivity_engine::plan::spec::{Futures, Spec, read_spec};
use coercivity_engine::plan::{Future, Plan};
use coercivity_engine::run::Foresight;
use coercivity_model::files::{join, parent};
use coercivity_model::{Code, Diagnostic, Files, Report, read_model, read_scenario};

use crate::ensemble::{Source, Trouble};
use crate::find::{model_of, scenario_of};
use crate::{REFERENCE, World};

/// A plan, and the futures that it was made of.
pub struct PlanSource {
    pub plan: Plan,
    pub futures: Vec<Future>,
    /// Warnings.
    pub report: Report,
}

/// What a command line says otherwise than the spec.
#[derive(Clone, Debug, Default)]
pub struct Otherwise {
    pub model: Option<String>,
    pub budget: Option<f64>,
}

impl PlanSource {
    /// Reads a spec and all that it names.
    pub fn read(path: &str, otherwise: &Otherwise) -> Result<PlanSource, Trouble> {
        let mut report = Report::default();
        let text = World.read(path).map_err(|error| Trouble::World(format!("cannot read `{path}`: {error}")))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        report.add_text(path, text.as_str().into());
        let Some(mut spec) = read_spec(path, &text, &mut report) else { return Err(report.into()) };
        if let Some(budget) = otherwise.budget {
            spec.budget = budget;
        }
        let model = model_of(path, spec.model.as_deref(), otherwise.model.as_deref());
        let futures = match &spec.futures {
            Futures::Ensemble { .. } => of_ensemble(&spec, path, model.as_deref())?,
            Futures::Named(_) => of_scenarios(&spec, path, model.as_deref(), &mut report)?,
        };
        let plan = Plan::new(spec, path, &futures, &mut report);
        let Some(plan) = plan.filter(|_| !report.has_errors()) else { return Err(report.into()) };
        Ok(PlanSource { plan, futures, report })
    }
}

/// The samples of an ensemble, and the sample in the middle of them.
fn of_ensemble(spec: &Spec, path: &str, model: Option<&str>) -> Result<Vec<Future>, Trouble> {
    let Futures::Ensemble { path: (ensemble, _), samples, seed } = &spec.futures else { return Ok(Vec::new()) };
    let change = |found: EnsembleSpec| EnsembleSpec {
        samples: samples.unwrap_or(found.samples),
        seed: seed.unwrap_or(found.seed),
        steps: spec.steps.or(found.steps),
        // Decisions are one program with each future, which is known whole.
        foresight: Foresight::Perfect,
        indices: false,
        ..found
    };
    let source = Source::read_as(&join(parent(path), ensemble), model, change)?;
    let ensemble = source.ensemble;
    let count = ensemble.spec.samples;
    let future = |name: String, values: &[_], probability: f64| {
        let (model, measures) = ensemble.with(values)?;
        Ok(Future { name, probability, model, measures })
    };
    let sample = |n: usize| future(format!("sample {n}"), &ensemble.draw(n), 1.0 / count as f64);
    let mut futures = (0..count).map(sample).collect::<Result<Vec<Future>, Report>>()?;
    let middle: Vec<_> = ensemble.variables.iter().map(|variable| variable.marginal.middle()).collect();
    futures.push(future("middle".to_string(), &middle, 0.0)?);
    Ok(futures)
}

fn of_scenarios(spec: &Spec, path: &str, model: Option<&str>, report: &mut Report) -> Result<Vec<Future>, Trouble> {
    let Futures::Named(named) = &spec.futures else { return Ok(Vec::new()) };
    let Some(model) = read_model(&World, model.unwrap_or(REFERENCE), report) else {
        return Err(std::mem::take(report).into());
    };
    let model = match spec.steps {
        Some(steps) if steps > model.steps() => {
            let message = format!("`steps` is {steps}, and the model has {}", model.steps());
            report.push(Diagnostic::error(Code::OutOfRange, message).help("ask for as many or fewer, or leave it out"));
            return Err(std::mem::take(report).into());
        }
        Some(steps) => model.first_steps(steps),
        None => model,
    };
    let mut futures = Vec::new();
    for named in named {
        let name = &named.scenario.0;
        let found = scenario_of(path, &model, name, report);
        let measures = found.and_then(|path| read_scenario(&World, &path, &model, report));
        let Some(measures) = measures else { continue };
        futures.push(Future { name: name.clone(), probability: named.probability, model: model.clone(), measures });
    }
    if report.has_errors() {
        return Err(std::mem::take(report).into());
    }
    Ok(futures)
}

//! `coercivity assess`: the assessment of a supply as a document, in HTML and Markdown.

mod document;
mod html;
mod markdown;
mod show;

use std::path::PathBuf;

use clap::ValueEnum;
use coercivity_engine::assess::{Asked, AssessError, Assessment, Watch, assess as engine_assess};
use coercivity_engine::results::table::ResultTable;
use coercivity_engine::solve::Settings;
use coercivity_model::{Model, Report};
use serde_json::json;

use crate::Failure;
use crate::args::Assess;
use crate::asked;
use crate::input::{self, Input};
use crate::output::{FileToWrite, MARKER, may_replace, write_folder};
use crate::progress::Line;
use crate::run::files_of;

/// Needs of this region or group are assessed where none are named.
const DEFAULT: &str = "EU";

/// An assessment, and what gives it again.
struct Made {
    input: Input,
    assessment: Assessment,
    frame: String,
    command: String,
}

impl Watch for Line {
    fn part(&self, doing: &str) {
        self.say(doing.to_string());
    }

    fn count(&self, n: usize, of: usize, what: &str) {
        Line::count(self, n, of, what);
    }
}

pub fn assess(args: &Assess) -> Result<(), Failure> {
    let out = args.out.clone().or_else(|| (!args.json).then(|| PathBuf::from("assessment")));
    if let Some(out) = &out {
        may_replace(out, args.force)?;
    }
    let mut input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    if args.quarters {
        input.model = input.model.in_quarters();
    }
    let needs = needs(args, &input.model)?;
    let settings = Settings { time_limit: args.time_limit, ..Settings::default() };
    let asked = Asked { model: &input.model, scenario: &input.scenario, needs: &needs, settings };
    let line = Line::new();
    let found = engine_assess(asked, &line);
    line.done();
    let assessment = found.map_err(|error| stopped(&input.model, error))?;
    let frame = args.frame.to_possible_value().map_or(String::new(), |value| value.get_name().to_string());
    let command = command(args, &input, &frame);
    let made = Made { input, assessment, frame, command };
    if let Some(out) = &out {
        write_folder(out, made.files()?.into_iter().map(Ok))?;
    }
    if args.json {
        println!("{}", made.json());
    } else {
        show::show(&made, out.as_deref());
    }
    Ok(())
}

/// The demands that are asked for.
fn needs(args: &Assess, model: &Model) -> Result<Vec<usize>, Failure> {
    let mut report = Report::default();
    let needs = if args.demand.is_empty() {
        let some = asked::demands_of(model, DEFAULT);
        if some.is_empty() { (0..model.demands.len()).collect() } else { some }
    } else {
        asked::demands(model, &args.demand, &mut report)
    };
    if report.has_errors() {
        input::print(&report);
        return Err(Failure::Input);
    }
    if needs.is_empty() {
        return Err(Failure::World("the model has no demands, so there is nothing to assess".to_string()));
    }
    Ok(needs)
}

fn stopped(model: &Model, error: AssessError) -> Failure {
    match error {
        AssessError::Solve(error) => {
            Failure::Solver(format!("{error}. Nothing was written, because no part would be complete."))
        }
        AssessError::Loop(found) => Failure::World(found.message(model)),
    }
}

fn command(args: &Assess, input: &Input, frame: &str) -> String {
    let mut words = vec!["coercivity assess".to_string()];
    words.extend(input.model_path.clone());
    words.push(format!("--frame {frame}"));
    words.extend(args.demand.iter().map(|demand| format!("--demand {demand}")));
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.extend(args.quarters.then(|| "--quarters".to_string()));
    words.join(" ")
}

impl Made {
    fn json(&self) -> String {
        let mut value = self.input.json_of(json!(self.assessment), &self.command);
        value["frame"] = self.frame.as_str().into();
        format!("{value:#}")
    }

    fn tables(&self) -> Vec<ResultTable> {
        let a = &self.assessment;
        let mut tables = a.map.tables();
        tables.extend(a.factors.tables());
        tables.extend(a.vulnerability.iter().flat_map(|view| view.tables()));
        tables.extend(a.mitigation.tables());
        tables.extend(a.evidence.tables());
        tables
    }

    fn files(&self) -> Result<Vec<FileToWrite>, Failure> {
        let document = document::document(self);
        let mut files = vec![
            (MARKER.to_string(), Vec::new()),
            ("assessment.html".to_string(), html::page(&document).into_bytes()),
            ("assessment.md".to_string(), markdown::page(&document).into_bytes()),
            ("assessment.json".to_string(), self.json().into_bytes()),
        ];
        files.extend(files_of(&self.tables())?);
        Ok(files)
    }
}

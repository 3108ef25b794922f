//! `coercivity survive`: how long needs stay met when a node is lost, and what the loss costs.

use std::time::Instant;

use comfy_table::Cell;
use serde_json::json;

use coercivity_engine::Foresight;
use coercivity_engine::node::Node;
use coercivity_engine::results::headline::{duration, money};
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_engine::survive::view::{One, View};
use coercivity_engine::survive::{Question, SurviveError, survive as engine_survive};
use coercivity_model::{Code, Diagnostic, Model, Report};

use crate::Failure;
use crate::args::{Each, Survive};
use crate::asked;
use crate::input::{self, Input, counted};
use crate::layout::{self, print_bold, quantity, wrap};
use crate::output::may_replace;
use crate::progress::Line;
use crate::run::write_answer;

/// Nodes that are shown.
const SHOWN: usize = 20;

/// Demands that are named of a node.
const NAMED: usize = 2;

pub fn survive(args: &Survive) -> Result<(), Failure> {
    let clock = Instant::now();
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let (question, nodes) = ask(args, &input.model)?;
    let line = Line::new();
    let seconds = || clock.elapsed().as_secs_f64();
    let setup = Setup {
        clock: &seconds,
        progress: &line,
        ..Setup::quiet(Foresight::Announced, Settings { time_limit: args.time_limit, ..Settings::default() })
    };
    line.say("solving with nothing lost".to_string());
    let tell = |n, of| line.count(n, of, "losses");
    let found = engine_survive(&input.model, &input.scenario, &question, &nodes, &setup, &tell);
    line.done();
    let found = found.map_err(|error| stopped(&input.model, error))?;
    let view = View::new(&input.model, &question, &found);
    let text = || format!("{:#}", input.json_of(json!(view), &command(args, &input)));
    if let Some(out) = &args.out {
        write_answer(out, &view.tables(), "survive.json", text())?;
    }
    if args.json {
        println!("{}", text());
    } else {
        show(args, &input, &view);
    }
    Ok(())
}

/// The question that a command line asks, and the nodes that it asks of; all problems at once.
fn ask(args: &Survive, model: &Model) -> Result<(Question, Vec<Node>), Failure> {
    let mut report = Report::default();
    let at = asked::step_of(model, args.at, &mut report);
    let recover = args.recover.map(|days| model.step.lead_steps(days));
    if recover == Some(0) {
        let message = "--for is less than half a step of the model, which rounds to nothing";
        report.push(Diagnostic::error(Code::OutOfRange, message).help("give a longer time"));
    }
    let mut nodes = asked::nodes(model, &args.without, &mut report);
    if args.without.is_empty() {
        let each = if args.each.is_empty() { &[Each::Stages, Each::Sites][..] } else { &args.each[..] };
        nodes = each.iter().flat_map(|kind| of_kind(model, *kind)).collect();
    }
    let demands = (!args.demand.is_empty()).then(|| asked::demands(model, &args.demand, &mut report));
    if report.has_errors() {
        input::print(&report);
        return Err(Failure::Input);
    }
    Ok((Question { at, recover, demands }, nodes))
}

fn of_kind(model: &Model, kind: Each) -> Vec<Node> {
    match kind {
        Each::Stages => Node::stages(model),
        Each::Sites => Node::sites(model),
        Each::Lanes => Node::lanes(model),
        Each::Owners => Node::owners(model),
    }
}

fn stopped(model: &Model, error: SurviveError) -> Failure {
    match error {
        SurviveError::Solve(error) => Failure::Solver(format!("{error}. Nothing is known of the nodes.")),
        SurviveError::NeverMet(list) => {
            let ids: Vec<&str> = list.iter().map(|d| model.demands[*d].id.as_str()).collect();
            Failure::World(format!(
                "{} never met, not even in the first step with nothing lost: {}. Ask for other demands with --demand, \
                 for a later day with --at, or under another scenario.",
                if ids.len() == 1 { "this demand is" } else { "these demands are" },
                ids.join(", ")
            ))
        }
    }
}

fn command(args: &Survive, input: &Input) -> String {
    let mut words = vec!["coercivity survive".to_string()];
    words.extend(input.model_path.clone());
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.extend(args.at.map(|day| format!("--at {day}")));
    words.extend(args.recover.map(|days| format!("--for {days}d")));
    words.extend(args.without.iter().map(|node| format!("--without '{node}'")));
    let kind = |each: &Each| clap::ValueEnum::to_possible_value(each).map(|value| value.get_name().to_string());
    let kinds: Vec<String> = args.each.iter().filter_map(kind).collect();
    words.extend((!kinds.is_empty()).then(|| format!("--each {}", kinds.join(","))));
    words.extend(args.demand.iter().map(|demand| format!("--demand {demand}")));
    words.join(" ")
}

fn show(args: &Survive, input: &Input, view: &View) {
    println!("{} · {}, lost on {}", input.model.name, input.scenario.name, view.at);
    println!();
    print_bold(&sentence(view));
    println!();
    let all = if view.left_out.is_empty() { "every need" } else { "every need that can be met at all" };
    let which = if args.demand.is_empty() { all.to_string() } else { "what was asked for".to_string() };
    let title = format!("How long {which} stays met, and what the loss costs in all (M {})", view.currency);
    println!("{}", wrap(&title));
    let mut header = vec!["without", "short first", "survives", "short from", "at risk"];
    if view.recovers_days.is_some() {
        header.insert(4, "exposed");
    }
    let mut rows = layout::table(&header, 2);
    let ending = view.nodes.iter().filter(|one| one.short_from.is_some() && !is_as_before(one, view));
    let shown: Vec<&One> = ending.collect();
    for one in shown.iter().take(SHOWN) {
        let mut cells = vec![
            one.node.clone(),
            named(one),
            duration(one.survives_days),
            one.short_from.map_or("the end".to_string(), |day| day.to_string()),
            quantity(one.value_at_risk / 1e6),
        ];
        if view.recovers_days.is_some() {
            cells.insert(4, if one.exposed { "yes" } else { "no" }.to_string());
        }
        rows.add_row(cells.into_iter().map(Cell::new));
    }
    if !shown.is_empty() {
        layout::print(&rows, shown.len().saturating_sub(SHOWN), "--json or --out");
    }
    let same = view.nodes.len() - shown.len();
    if same > 0 {
        let as_long = match view.nothing_lost.short_from {
            Some(day) => format!("as long as with nothing lost, until {day} ({})", named(&view.nothing_lost)),
            None => "to the end of the run".to_string(),
        };
        let others = if shown.is_empty() { counted(same, "node") } else { counted(same, "other") };
        println!("{}", wrap(&format!("Without {others}, one at a time, all stays met {as_long}.")));
    }
    if !view.left_out.is_empty() {
        let list = view.left_out.join(", ");
        let text = format!("Left out, as they cannot be met even in the first step with nothing lost: {list}.");
        println!("{}", wrap(&text));
    }
}

/// Whether a loss ends nothing earlier than it would end anyway.
fn is_as_before(one: &One, view: &View) -> bool {
    one.survives_days >= view.nothing_lost.survives_days - 1e-6
}

/// The answer in a sentence.
fn sentence(view: &View) -> String {
    let Some(first) = view.nodes.first() else { return "No node was asked for.".to_string() };
    if first.short_from.is_none() {
        return format!("Every need stays met to the end without any of {}.", counted(view.nodes.len(), "node"));
    }
    if is_as_before(first, view) {
        return format!(
            "No loss of {} ends sooner what ends anyway after {}.",
            counted(view.nodes.len(), "node"),
            duration(view.nothing_lost.survives_days)
        );
    }
    let equal = view.nodes.iter().filter(|one| one.survives_days <= first.survives_days + 1e-6).count() - 1;
    let others = if equal == 0 { String::new() } else { format!(" (and {} as short)", counted(equal, "other")) };
    format!(
        "Without {}{others}, needs stay met for {}; {} more is at risk.",
        first.node,
        duration(first.survives_days),
        money(first.value_at_risk, &view.currency),
    )
}

/// The first of the demands that are short.
fn named(one: &One) -> String {
    let names: Vec<&str> = one.short.iter().take(NAMED).map(|short| short.name.as_str()).collect();
    match one.short.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

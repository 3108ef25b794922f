//! `coercivity trace`: where what a need used was made, stage by stage, and what it would be without a node.

use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use clap::CommandFactory;
use clap::error::ErrorKind;
use comfy_table::{Cell, ColumnConstraint, Width};
use serde_json::{Value, json};

use coercivity_engine::node::{Loss, Node};
use coercivity_engine::results::headline::{self, month};
use coercivity_engine::results::summary::Demands;
use coercivity_engine::results::tables::met;
use coercivity_engine::run::Setup;
use coercivity_engine::solve::Settings;
use coercivity_engine::trace::origins::{Origin, Origins, Passed, Used, origin_id, origins, table};
use coercivity_engine::{Foresight, run};
use coercivity_model::{Date, Model, Report};

use crate::Failure;
use crate::args::{Args, Trace};
use crate::asked;
use crate::input::{self, Input};
use crate::layout::{self, capital, print_bold, quantity, wrap};
use crate::output::may_replace;
use crate::progress::Line;
use crate::run::write_answer;

/// Countries of a stage that are shown one by one, if they did at least this share of it.
const COUNTRIES: usize = 5;
const LEAST: f64 = 0.005;

/// Shares below this would be shown as 0.0%.
const SEEN: f64 = 0.0005;

/// Years that have a column of their own, and the columns of the terminal from which on they do.
const YEARS: usize = 5;
const ROOM: usize = 96;

/// Columns that the longest of the names without a country needs.
const NAMES: u16 = 22;

/// A run, and what the need used in it.
struct Traced {
    origins: Origins,
    /// Over the period, product by product.
    used: Vec<Used>,
    required: f64,
    met: f64,
    /// Units; of a need that can be late, what its backlog grew by.
    unmet: f64,
}

/// What was asked, and what was found.
struct Answer {
    input: Input,
    foresight: Foresight,
    demand: usize,
    steps: Range<usize>,
    with: Traced,
    /// Without a node.
    without: Option<(String, Traced)>,
    command: String,
}

pub fn trace(args: &Trace) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let mut report = Report::default();
    let demand = asked::demand(&input.model, &args.demand, &mut report);
    let node = named_node(&input.model, args.what_if.as_deref(), &mut report);
    let (Some(demand), false) = (demand, report.has_errors()) else {
        input::print(&report);
        return Err(Failure::Input);
    };
    let steps = period(&input.model, args.from, args.until)?;
    let (foresight, command) = (args.foresight.into(), command(args, &input));
    let line = Line::new();
    let traced = |node| traced(&input, foresight, demand, steps.clone(), node, &line).inspect_err(|_| line.done());
    let with = traced(None)?;
    if with.used.is_empty() {
        line.done();
        let (of, from, until) = (&input.model.demands[demand], first(&input.model, &steps), last(&input.model, &steps));
        return Err(Failure::World(format!(
            "{} (`{}`) is never met from {from} to {until}: nothing was used, so there is nothing to trace",
            of.name, of.id
        )));
    }
    let without = match node {
        Some(node) => Some((node.id.clone(), traced(Some(node))?)),
        None => None,
    };
    line.done();
    let answer = Answer { foresight, demand, steps, with, without, command, input };
    if let Some(out) = &args.out {
        answer.write(out)?;
    }
    if args.json {
        println!("{:#}", answer.json());
    } else {
        answer.show();
        match &args.out {
            Some(out) => println!("Results: {} (each month, as CSV and Parquet, and trace.json)", out.display()),
            None => println!("Each month: --out DIR, or --json"),
        }
        println!("Again:   {}", answer.command);
    }
    Ok(())
}

fn named_node(model: &Model, what_if: Option<&[String]>, report: &mut Report) -> Option<Node> {
    let [word, node] = what_if? else { return None };
    if word != "without" {
        let message = format!("`--what-if {word}` is not known; use `--what-if without {node}`\n");
        Args::command().error(ErrorKind::InvalidValue, message).exit();
    }
    asked::nodes(model, std::slice::from_ref(node), report).pop()
}

/// The steps whose middle day lies within.
fn period(model: &Model, from: Option<Date>, until: Option<Date>) -> Result<Range<usize>, Failure> {
    let days = model.calendar.middle_days();
    let begin = from.map_or(0, |from| days.partition_point(|day| *day < from));
    let end = until.map_or(days.len(), |until| days.partition_point(|day| *day < until));
    if begin >= end {
        let all = 0..days.len();
        return Err(Failure::World(format!(
            "no step of the model lies from --from until --until: it runs from {} to {}",
            first(model, &all),
            last(model, &all)
        )));
    }
    Ok(begin..end)
}

fn first(model: &Model, steps: &Range<usize>) -> String {
    month(model.calendar.first_day(steps.start))
}

fn last(model: &Model, steps: &Range<usize>) -> String {
    month(model.calendar.middle_day(steps.end - 1))
}

fn traced(
    input: &Input,
    foresight: Foresight,
    demand: usize,
    steps: Range<usize>,
    node: Option<Node>,
    line: &Line,
) -> Result<Traced, Failure> {
    let (model, clock) = (&input.model, Instant::now());
    let without = node.map(|node| Loss { node, steps: 0..model.steps() });
    let setup = Setup {
        without,
        clock: &|| clock.elapsed().as_secs_f64(),
        progress: line,
        ..Setup::quiet(foresight, Settings::default())
    };
    let outcome = run(model, &input.scenario, &setup)
        .map_err(|error| Failure::Solver(format!("{error}. No shares are given, because none would be the answer.")))?;
    let origins = origins(model, &outcome, Some(demand)).map_err(|found| Failure::World(found.message(model)))?;
    let over = |list: &[f64]| list[steps.clone()].iter().sum::<f64>();
    let demands = Demands::new(model, &outcome);
    let unmet = demands.unmet[demand][steps.clone()].iter().map(|units| units.max(0.0)).sum();
    let required = over(&demands.required[demand]);
    let met = over(&met(model, &outcome)[demand]);
    Ok(Traced { used: origins.over(demand, steps), origins, required, met, unmet })
}

/// The command that gives the same figures.
fn command(args: &Trace, input: &Input) -> String {
    let foresight: Foresight = args.foresight.into();
    let mut words = vec![format!("coercivity trace {}", args.demand)];
    words.extend(input.model_path.clone());
    words.extend(input.scenario_name.as_ref().map(|name| format!("--scenario {name}")));
    words.push(format!("--foresight {}", foresight.name()));
    words.extend(args.from.map(|day| format!("--from {day}")));
    words.extend(args.until.map(|day| format!("--until {day}")));
    // A lane's node holds a `>`.
    let quoted = |node: &String| if node.contains(['>', '*', ' ']) { format!("'{node}'") } else { node.clone() };
    words.extend(args.what_if.as_ref().map(|what| format!("--what-if {} {}", what[0], quoted(&what[1]))));
    words.join(" ")
}

/// The stage of a product that hangs most on one country.
struct Most<'u> {
    used: &'u Used,
    stage: usize,
    region: usize,
    share: f64,
}

impl Answer {
    fn model(&self) -> &Model {
        &self.input.model
    }

    fn show(&self) {
        let (model, demand) = (self.model(), &self.model().demands[self.demand]);
        println!("{} · {}, {} foresight", model.name, self.input.scenario.name, self.foresight.name());
        println!();
        print_bold(&self.headline());
        println!();
        if let Some((node, without)) = &self.without {
            let unit = if demand.unit.is_empty() { "units" } else { &demand.unit };
            let of = |t: &Traced| format!("{} met and {} {}", quantity(t.met), quantity(t.unmet), self.unmet_is());
            let (with, then) = (of(&self.with), of(without));
            let needed = quantity(self.with.required);
            println!("{}", wrap(&format!("Of {needed} {unit} needed, as it is: {with}; without {node}: {then}.")));
            println!();
        }
        let mut products: Vec<usize> = self.with.used.iter().map(|used| used.product).collect();
        let others = self.without.iter().flat_map(|(_, t)| &t.used).map(|used| used.product);
        products.extend(others);
        products.sort_unstable();
        products.dedup();
        for product in products {
            self.show_product(product);
        }
        println!("{}", wrap(NOTE));
    }

    fn unmet(&self, traced: &Traced) -> String {
        percent(if traced.required > 0.0 { traced.unmet / traced.required } else { 0.0 })
    }

    fn unmet_is(&self) -> &'static str {
        if self.model().demands[self.demand].late_cost.is_some() { "late" } else { "unmet" }
    }

    /// The answer in a sentence.
    fn headline(&self) -> String {
        let (model, name) = (self.model(), &self.model().demands[self.demand].name);
        let (from, to) = (first(model, &self.steps), last(model, &self.steps));
        let period = if from == to { format!("in {from}") } else { format!("from {from} to {to}") };
        if let Some((node, without)) = &self.without {
            let (is, now, then) = (self.unmet_is(), self.unmet(&self.with), self.unmet(without));
            let hangs = |traced| match self.most(traced) {
                Some(most) => {
                    let stage = &self.with.origins.chain.stages[most.stage];
                    format!("{} ({} of the {stage})", model.regions[most.region].name, percent(most.share))
                }
                None => "no country that is known".to_string(),
            };
            let (first, second) = (hangs(&self.with), hangs(without));
            return format!(
                "Without {node}, {then} of {name} is {is} {period}; as it is, {now}. It hangs most on {first}, without {node} on {second}."
            );
        }
        let Some(most) = self.most(&self.with) else {
            return format!("Where what {name} used {period} was made is not known: it was there at the start.");
        };
        let (stage, place) = (&self.with.origins.chain.stages[most.stage], &model.regions[most.region].name);
        let whose = self.whose(most.used.product);
        let passed = (Passed::Stage(most.stage), Origin::Region(most.region));
        let of = self
            .with
            .origins
            .of(self.demand)
            .filter(|((_, product, step), _)| *product == most.used.product && self.steps.contains(step));
        let worst = of.map(|((_, _, step), used)| (used.share(passed.0, passed.1), *step));
        let (share, step) = worst.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).expect("it was used");
        let day = month(model.calendar.middle_day(step));
        let part = |share: f64| format!("{} of the {stage} in {whose} was from {place}", percent(share));
        let unknown = most.used.share(passed.0, Origin::Start);
        let unknown =
            if unknown < LEAST { String::new() } else { format!("; of {} it is not known", percent(unknown)) };
        if self.steps.len() == 1 || share - most.share < LEAST {
            return format!("{}, {}{unknown}.", capital(&period), part(most.share));
        }
        format!("In {day}, {}; {period}, {}{unknown}.", part(share), percent(most.share))
    }

    /// "F-35 aircraft", or with the product where there are several.
    fn whose(&self, product: usize) -> String {
        let name = &self.model().demands[self.demand].name;
        if self.with.used.len() == 1 {
            return name.clone();
        }
        format!("{name} ({})", self.model().products[product].name)
    }

    /// The country, another one than the user's if there is any, that did most of a stage.
    fn most<'u>(&self, traced: &'u Traced) -> Option<Most<'u>> {
        let home = self.model().demands[self.demand].region;
        let mut all: Vec<Most> = Vec::new();
        for used in &traced.used {
            for (passed, units) in &used.passed {
                let Passed::Stage(stage) = *passed else { continue };
                for (origin, units) in units {
                    let Origin::Region(region) = *origin else { continue };
                    all.push(Most { used, stage, region, share: units / used.quantity });
                }
            }
        }
        // Of equal shares the earlier stage.
        let key = |m: &Most| (m.region != home, m.share);
        all.into_iter().reduce(|best, next| if key(&next) > key(&best) { next } else { best })
    }

    fn show_product(&self, product: usize) {
        let model = self.model();
        let of = |traced: &'_ Traced| traced.used.iter().find(|used| used.product == product).cloned();
        let (with, without) = (of(&self.with), self.without.as_ref().map(|(_, traced)| of(traced)));
        let p = &model.products[product];
        let amount = |used: &Option<Used>| match used {
            Some(used) if used.from_stock > LEAST * used.quantity => {
                let stock = quantity(used.from_stock);
                format!("{} {}, of which {stock} out of stock where they are used", quantity(used.quantity), p.unit)
            }
            Some(used) => format!("{} {}", quantity(used.quantity), p.unit),
            None => "none".to_string(),
        };
        let mut title = format!("{}: {}", p.name, amount(&with));
        if let (Some((node, _)), Some(without)) = (&self.without, &without) {
            title.push_str(&format!("; without {node}, {}", amount(without)));
        }
        println!("{}", wrap(&title));
        let years = if without.is_some() { Vec::new() } else { self.years(product) };
        let mut header = vec!["stage".to_string(), "done in".to_string(), "share".to_string(), p.unit.clone()];
        if let Some((node, _)) = &self.without {
            header.extend([format!("without {node}"), p.unit.clone()]);
        }
        header.extend(years.iter().map(|(year, _)| year.to_string()));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let mut rows = layout::table(&header, 2);
        let places = rows.column_mut(1).expect("a column of places");
        places.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(NAMES)));
        let both: Vec<&Option<Used>> = std::iter::once(&with).chain(&without).collect();
        let mut stages: Vec<Passed> = Vec::new();
        for (passed, _) in both.iter().filter_map(|used| used.as_ref()).flat_map(|used| &used.passed) {
            if matches!(passed, Passed::Stage(_)) && !stages.contains(passed) {
                stages.push(*passed);
            }
        }
        for passed in stages {
            let name = self.with.origins.name(model, passed);
            for (i, (done_in, origins)) in self.lines(&both, passed).into_iter().enumerate() {
                let mut cells = vec![if i == 0 { name.to_string() } else { String::new() }, done_in];
                for used in &both {
                    cells.extend(match used {
                        Some(used) => {
                            let units: f64 = origins.iter().map(|origin| used.units(passed, *origin)).sum();
                            [percent(units / used.quantity), quantity(units)]
                        }
                        None => ["".to_string(), "".to_string()],
                    });
                }
                for (_, used) in &years {
                    cells.push(used.as_ref().map_or(String::new(), |used| {
                        percent(origins.iter().map(|origin| used.share(passed, *origin)).sum())
                    }));
                }
                rows.add_row(cells.into_iter().map(Cell::new));
            }
        }
        println!("{rows}");
        println!();
        if let Some(with) = &with {
            self.show_inputs(with);
        }
    }

    /// What the need used of a product, year by year; nothing where a column each would be too many.
    fn years(&self, product: usize) -> Vec<(i16, Option<Used>)> {
        let calendar = &self.model().calendar;
        let mut years: Vec<(i16, Range<usize>)> = Vec::new();
        for step in self.steps.clone() {
            let year = calendar.middle_day(step).year();
            match years.last_mut().filter(|(last, _)| *last == year) {
                Some((_, steps)) => steps.end = step + 1,
                None => years.push((year, step..step + 1)),
            }
        }
        if !(2..=YEARS).contains(&years.len()) || layout::width() < ROOM {
            return Vec::new();
        }
        let of = |steps| self.with.origins.over(self.demand, steps).into_iter().find(|used| used.product == product);
        years.into_iter().map(|(year, steps)| (year, of(steps))).collect()
    }

    /// The lines of a stage: the largest countries one by one, the others, and what has none.
    fn lines(&self, both: &[&Option<Used>], passed: Passed) -> Vec<(String, Vec<Origin>)> {
        let model = self.model();
        let share = |origin: Origin| {
            both.iter().filter_map(|used| used.as_ref()).map(|used| used.share(passed, origin)).fold(0.0, f64::max)
        };
        let mut regions: Vec<Origin> =
            (0..model.regions.len()).map(Origin::Region).filter(|origin| share(*origin) >= SEEN).collect();
        regions.sort_by(|a, b| share(*b).total_cmp(&share(*a)).then(a.cmp(b)));
        let shown = regions.iter().take(COUNTRIES).take_while(|origin| share(**origin) >= LEAST).count();
        // One more takes no more room than a line that says so.
        let shown = if regions.len() == shown + 1 { regions.len() } else { shown };
        let name = |origin: &Origin| match origin {
            Origin::Region(region) => model.regions[*region].name.clone(),
            _ => String::new(),
        };
        let mut lines: Vec<(String, Vec<Origin>)> = regions[..shown].iter().map(|o| (name(o), vec![*o])).collect();
        if shown < regions.len() {
            lines.push((format!("{} others", regions.len() - shown), regions[shown..].to_vec()));
        }
        for (origin, name) in [(Origin::Start, "not known (at start)"), (Origin::Other, "not through it")] {
            if share(origin) >= SEEN {
                lines.push((name.to_string(), vec![origin]));
            }
        }
        lines
    }

    /// Of each product in it, where it was made, as far as that is known.
    fn show_inputs(&self, used: &Used) {
        let model = self.model();
        let mut rows = layout::table(&["product in it", "made in, where that is known"], 2);
        let names = rows.column_mut(0).expect("a column of names");
        names.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(45)));
        let mut some = false;
        for (passed, units) in &used.passed {
            let Passed::Product(product) = *passed else { continue };
            let of = |origin: &Origin| match origin {
                Origin::Region(region) => Some(model.regions[*region].name.as_str()),
                _ => None,
            };
            let mut makers: Vec<(&str, f64)> = units.iter().filter_map(|(o, units)| Some((of(o)?, *units))).collect();
            let known: f64 = makers.iter().map(|(_, units)| units).sum();
            if product == used.product || known < 1e-3 * used.quantity {
                continue;
            }
            makers.sort_by(|a, b| b.1.total_cmp(&a.1));
            let shown = makers.iter().take(COUNTRIES).filter(|(_, units)| *units >= LEAST * known);
            let list: Vec<String> = shown.map(|(name, units)| format!("{name} {}", percent(units / known))).collect();
            rows.add_row([Cell::new(&model.products[product].name), Cell::new(list.join(", "))]);
            some = true;
        }
        if some {
            println!("{rows}");
            println!();
        }
    }

    fn write(&self, out: &Path) -> Result<(), Failure> {
        let (model, steps) = (self.model(), || self.steps.clone());
        let mut tables = vec![table("trace", model, &self.with.origins, self.demand, steps())];
        tables
            .extend(self.without.iter().map(|(_, t)| table("trace-without", model, &t.origins, self.demand, steps())));
        write_answer(out, &tables, "trace.json", format!("{:#}\n", self.json()))
    }

    fn json(&self) -> Value {
        let (model, scenario) = (self.model(), &self.input.scenario);
        let demand = &model.demands[self.demand];
        json!({
            "model": model.name,
            "scenario": scenario.name,
            "foresight": self.foresight.name(),
            "demand": { "id": demand.id, "name": demand.name, "region": model.regions[demand.region].id, "unit": demand.unit },
            "from": model.calendar.first_day(self.steps.start).to_string(),
            "steps": self.steps.len(),
            "headline": self.headline(),
            "found": self.found(&self.with),
            "what_if": self.without.as_ref().map(|(node, found)| json!({ "without": node, "found": self.found(found) })),
            "version": env!("CARGO_PKG_VERSION"),
            "model_hash": model.hash,
            "scenario_hash": scenario.hash,
            "command": self.command,
        })
    }

    fn found(&self, traced: &Traced) -> Value {
        let day = |step: usize| self.model().calendar.first_day(step).to_string();
        let product = |used: &Used| {
            let steps = traced
                .origins
                .of(self.demand)
                .filter(|((_, product, step), _)| *product == used.product && self.steps.contains(step));
            let mut value = self.product(traced, used);
            value["steps"] = steps
                .map(|((_, _, step), used)| {
                    let mut value = self.product(traced, used);
                    value["step"] = json!(step);
                    value["date"] = json!(day(*step));
                    value
                })
                .collect();
            value
        };
        json!({
            "required": traced.required,
            "met": traced.met,
            "unmet": traced.unmet,
            "products": traced.used.iter().map(product).collect::<Vec<_>>(),
        })
    }

    fn product(&self, traced: &Traced, used: &Used) -> Value {
        let (model, product) = (self.model(), &self.model().products[used.product]);
        let origin = |(origin, units): (&Origin, &f64)| json!({ "origin": origin_id(model, *origin), "share": units / used.quantity, "quantity": units });
        let list = |stages: bool| -> Vec<Value> {
            let passed = used.passed.iter().filter(|(p, _)| matches!(p, Passed::Stage(_)) == stages);
            let name = if stages { "stage" } else { "product" };
            passed
                .map(|(p, units)| json!({ name: traced.origins.name(model, *p), "origins": units.iter().map(origin).collect::<Vec<_>>() }))
                .collect()
        };
        json!({
            "product": product.id,
            "unit": product.unit,
            "quantity": used.quantity,
            "from_stock": used.from_stock,
            "stages": list(true),
            "products_in_it": list(false),
        })
    }
}

/// A share as a percentage; what differs from all by rounding is all.
fn percent(share: f64) -> String {
    headline::percent((share * 1e6).round() / 1e6)
}

/// How the shares are to be read.
const NOTE: &str = "Shares are of what was used, followed back through what it was made of; of several inputs each counts \
                    for what it is worth at the model's prices. Stock and goods under way at the start are of unknown making.";

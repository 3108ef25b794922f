//! `coercivity why`: what a need lacks, where it was missing, and which measure caused it.

use comfy_table::Cell;
use serde_json::{Value, json};

use coercivity_engine::results::headline::percent;
use coercivity_engine::why::{Link, Source, Way, Why, why};
use coercivity_model::{Date, Model, Report};

use crate::Failure;
use crate::args::{OneMethod, Why as Args};
use crate::asked;
use crate::input::{self, Input};
use crate::layout::{capital, print, print_bold, quantity, table, wrap};
use crate::progress::Line;

pub fn tell(args: &Args) -> Result<(), Failure> {
    let input = input::read(args.model.as_deref(), args.scenario.as_deref())?;
    let mut report = Report::default();
    let demand = asked::demand(&input.model, &args.demand, &mut report);
    asked::step_of(&input.model, Some(args.at), &mut report);
    let Some(demand) = demand.filter(|_| !report.has_errors()) else {
        input::print(&report);
        return Err(Failure::Input);
    };
    let way = match args.method {
        OneMethod::Optimal => Way::Optimal(args.foresight.into()),
        OneMethod::Market => Way::Market,
    };
    let line = Line::new();
    line.say("running".to_string());
    let said = |done, of| line.say(format!("runs: {done} of {of}"));
    let found = why(&input.model, &input.scenario, demand, args.at, way, &said);
    line.done();
    let found =
        found.map_err(|error| Failure::Solver(format!("{error}. Nothing is said, because it would not be known.")))?;
    if args.json {
        println!("{:#}", input.json_of(to_json(&input, args.at, found.as_ref()), &command(args)));
    } else {
        show(args, &input, demand, found.as_ref());
    }
    Ok(())
}

fn command(args: &Args) -> String {
    let mut words = vec![format!("coercivity why {} --at {}", args.demand, args.at)];
    words.extend(args.model.as_ref().map(|model| format!("--model {model}")));
    words.extend(args.scenario.as_ref().map(|name| format!("--scenario {name}")));
    if args.method == OneMethod::Optimal {
        let foresight: coercivity_engine::Foresight = args.foresight.into();
        words.push(format!("--method optimal --foresight {}", foresight.name()));
    }
    words.join(" ")
}

fn source(model: &Model, source: Source) -> String {
    match source {
        Source::Lane(l) => model.regions[model.lanes[l].from].name.clone(),
        Source::Site(s) => model.sites[s].id.clone(),
    }
}

fn measure(input: &Input, m: usize) -> String {
    let measure = &input.scenario.measures[m];
    if measure.about.name.is_empty() { measure.id.clone() } else { measure.about.name.clone() }
}

fn to_json(input: &Input, at: Date, found: Option<&Why>) -> Value {
    let model = &input.model;
    let Some(found) = found else { return json!({ "at": at.to_string(), "short": false }) };
    let id = |m: &usize| input.scenario.measures[*m].id.clone();
    let link = |link: &Link| {
        json!({
            "region": model.regions[link.region].id, "product": model.products[link.product].id,
            "came": link.came, "came_without_measures": link.without,
            "source": link.source.map(|(from, came, without)| json!({
                "lane_from": match from { Source::Lane(l) => Some(&model.regions[model.lanes[l].from].id), Source::Site(_) => None },
                "site": match from { Source::Site(s) => Some(&model.sites[s].id), Source::Lane(_) => None },
                "came": came, "came_without_measures": without,
            })),
            "measures": link.measures.iter().map(id).collect::<Vec<_>>(),
        })
    };
    json!({
        "at": found.day.to_string(), "since": found.since.to_string(), "short": true,
        "demand": model.demands[found.demand].id,
        "required": found.required, "unmet": found.unmet, "unmet_without_measures": found.without_all,
        "chain": found.chain.iter().map(link).collect::<Vec<_>>(),
        "causes": found.causes.iter()
            .map(|cause| json!({ "measure": id(&cause.measure), "unmet_without": cause.unmet })).collect::<Vec<_>>(),
    })
}

fn show(args: &Args, input: &Input, demand: usize, found: Option<&Why>) {
    let model = &input.model;
    let need = &model.demands[demand];
    println!("\n{} · {}\n", model.name, input.scenario.name);
    let Some(found) = found else {
        print_bold(&format!("{} are not short on {}.", capital(&need.name), args.at));
        println!("Again:   {}", command(args));
        return;
    };
    let missing = found.unmet / found.required;
    print_bold(&format!(
        "{}: {} of what is needed from {} is missing. Without any measure {} would be.",
        capital(&need.name),
        percent(missing),
        found.day,
        percent(found.without_all / found.required),
    ));
    println!();
    if found.chain.is_empty() {
        println!(
            "{}\n",
            wrap(
                "No input came less than it would without measures: what is missing was missing before, or was not asked for at its price."
            )
        );
    } else {
        println!("{}", wrap(&format!("Where it was missing: what came from {} on, and without measures", found.since)));
        for (at, link) in found.chain.iter().enumerate() {
            println!("{}", wrap(&format!("{}. {}", at + 1, in_words(input, link))));
        }
        println!();
    }
    if found.causes.is_empty() {
        println!("{}\n", wrap("No measure alone makes a difference of a hundredth of it."));
    } else {
        println!("Which measures cause it: what would be missing without each alone");
        let mut rows = table(&["measure", "missing without it", "it takes away"], 1);
        for cause in &found.causes {
            rows.add_row(vec![
                Cell::new(measure(input, cause.measure)),
                Cell::new(percent(cause.unmet / found.required)),
                Cell::new(share((found.unmet - cause.unmet) / found.required)),
            ]);
        }
        print(&rows, 0, "");
    }
    println!("Again:   {}", command(args));
}

fn in_words(input: &Input, link: &Link) -> String {
    let model = &input.model;
    let product = &model.products[link.product];
    let mut text = format!(
        "{} in {}: {} {} instead of {} came",
        product.name,
        model.regions[link.region].name,
        quantity(link.came),
        product.unit,
        quantity(link.without),
    );
    if let Some((from, came, without)) = link.source {
        text += &format!("; from {} {} instead of {}", source(model, from), quantity(came), quantity(without));
    }
    if !link.measures.is_empty() {
        let names: Vec<String> = link.measures.iter().map(|m| measure(input, *m)).collect();
        text += &format!(". On that way: {}", names.join("; "));
    }
    text + "."
}

/// A share with its sign.
fn share(share: f64) -> String {
    if share < 0.0 { format!("-{}", percent(-share)) } else { percent(share) }
}

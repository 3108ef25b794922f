//! `coercivity backcast`: what the market replays of what happened.

mod picture;

use std::sync::atomic::Ordering;

use comfy_table::{Cell, CellAlignment, Color};
use serde_json::{Value as Json, json};

use coercivity_engine::backcast::fit::{Fit, fit};
use coercivity_engine::backcast::score::{Row, Score, Value, nrmse, rows, scores};
use coercivity_engine::backcast::{Backcast, read_backcast};
use coercivity_model::files::join;
use coercivity_model::names::nearest;
use coercivity_model::{Code, Diagnostic, Files, Report};
use coercivity_world::{BACKCAST_MODELS, World};

use crate::Failure;
use crate::args::Backcast as Args;
use crate::ensemble::on_ctrl_c;
use crate::input;
use crate::layout::{print, print_bold, quantity, table, wrap};
use crate::output::write_file;
use crate::progress::Line;

/// Letters of a full bar.
const BAR: usize = 24;

pub fn backcast(args: &Args) -> Result<(), Failure> {
    let mut report = Report::default();
    let read = path(&args.name, &mut report).and_then(|path| read_backcast(&World, &path, &mut report));
    let Some(backcast) = read else {
        input::print(&report);
        return Err(Failure::Input);
    };
    let replay = backcast.replay(&backcast.values());
    let (rows, scores) = (rows(&backcast, &replay), scores(&backcast, &replay));
    let fitted = match args.fit {
        false => None,
        true => {
            let stopped = on_ctrl_c();
            let line = Line::new();
            line.say("fitting".to_string());
            let found = fit(&backcast, &|| stopped.load(Ordering::Relaxed));
            line.done();
            if found.is_none() && stopped.load(Ordering::Relaxed) {
                return Err(Failure::Interrupted("stopped; nothing is kept of a fit".to_string()));
            }
            found
        }
    };
    if let Some(path) = &args.svg {
        write_file(path, picture::draw(&backcast, &replay, &rows).as_bytes())?;
    }
    if args.json {
        println!("{:#}", to_json(args, &backcast, &rows, &scores, fitted.as_ref()));
    } else {
        show(args, &backcast, &rows, &scores, fitted.as_ref());
    }
    Ok(())
}

/// The file of a backcast: as it is named, or one of the embedded models' by name.
fn path(name: &str, report: &mut Report) -> Option<String> {
    if World.read(name).is_ok() {
        return Some(name.to_string());
    }
    let mut known: Vec<(String, String)> = Vec::new();
    for model in BACKCAST_MODELS {
        let folder = join(model, "backcasts");
        let files = World.list(&folder).into_iter().filter(|file| !file.ends_with(".scenario.toml"));
        known.extend(files.filter_map(|file| Some((file.strip_suffix(".toml")?.to_string(), join(&folder, &file)))));
    }
    if let Some((_, path)) = known.iter().find(|(known, _)| known == name) {
        return Some(path.clone());
    }
    let d =
        Diagnostic::error(Code::MissingFile, format!("there is no backcast `{name}`: neither a file nor a known one"));
    let list: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    report.push(d.help(match nearest(name, list.iter().copied()) {
        Some(near) => format!("use `{near}`"),
        None => format!("there are {}", list.join(", ")),
    }));
    None
}

fn to_json(args: &Args, backcast: &Backcast, rows: &[Row], scores: &[Score], fit: Option<&Fit>) -> Json {
    let value = |value: &Value| match value {
        Value::Number(number) => json!(number),
        Value::Day(day) => json!(day.to_string()),
        Value::Unknown => Json::Null,
    };
    let series: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({
                "from": row.observed.from.to_string(), "until": row.observed.until.to_string(),
                "observed": row.observed.value, "replayed": row.replayed, "naive": row.naive, "fitted": row.fitted,
            })
        })
        .collect();
    let metrics: Vec<Json> = scores
        .iter()
        .map(|s| {
            json!({
                "metric": s.metric, "wanted": s.wanted, "replayed": value(&s.replayed),
                "observed": value(&s.observed), "naive": value(&s.naive), "hits": s.hits,
            })
        })
        .collect();
    let mut all = json!({
        "name": backcast.name, "series": backcast.series, "unit": backcast.unit,
        "model": backcast.model.name, "model_hash": backcast.model.hash,
        "scenario": backcast.scenario.name, "scenario_hash": backcast.scenario.hash,
        "version": env!("CARGO_PKG_VERSION"), "command": command(args),
        "fit_from": backcast.fit.0.to_string(), "fit_until": backcast.fit.1.to_string(),
        "parameters": backcast.parameters.iter().zip(backcast.values())
            .map(|(p, value)| json!({ "name": p.name, "value": value, "low": p.low, "high": p.high })).collect::<Vec<_>>(),
        "rows": series, "metrics": metrics,
    });
    if let Some(fit) = fit {
        let name = |at: usize| backcast.parameters[at].name.as_str();
        all["fit"] = json!({
            "values": fit.values, "standard_errors": fit.errors, "rms": fit.rms, "replays": fit.replays,
            "idle": fit.idle.iter().map(|at| name(*at)).collect::<Vec<_>>(),
            "together": fit.together.iter().map(|(a, b, r)| json!([name(*a), name(*b), r])).collect::<Vec<_>>(),
        });
    }
    all
}

fn command(args: &Args) -> String {
    format!("coercivity backcast {}{}", args.name, if args.fit { " --fit" } else { "" })
}

fn show(args: &Args, backcast: &Backcast, rows: &[Row], scores: &[Score], fit: Option<&Fit>) {
    println!("\n{} · {}\n", backcast.model.name, backcast.name);
    let hits = scores.iter().filter(|score| score.hits).count();
    print_bold(&format!("{hits} of {} things that were asked for are replayed.", scores.len()));
    println!();
    println!("{}", wrap(&format!("{} ({}); `*` = in the time that was fitted", backcast.series, backcast.unit)));
    let most = rows.iter().flat_map(|row| [Some(row.observed.value), row.replayed]).flatten().fold(0.0, f64::max);
    let mut list = table(&["from", "until", "observed", "replayed", "naive", ""], 2);
    let known = |value: Option<f64>| value.map_or("unknown".to_string(), quantity);
    for row in rows {
        let bar = |value: f64| ((value / most * BAR as f64).round() as usize).min(BAR);
        let drawn = |value: f64, letter: &str| letter.repeat(bar(value));
        let picture = format!(
            "{}\n{}",
            drawn(row.observed.value, "█"),
            row.replayed.map_or(String::new(), |value| drawn(value, "░"))
        );
        list.add_row(vec![
            Cell::new(format!("{}{}", row.observed.from, if row.fitted { "*" } else { "" })),
            Cell::new(row.observed.until.to_string()),
            Cell::new(quantity(row.observed.value)),
            Cell::new(known(row.replayed)),
            Cell::new(known(row.naive)),
            Cell::new(picture).set_alignment(CellAlignment::Left),
        ]);
    }
    print(&list, 0, "");
    println!("█ observed, ░ replayed\n");
    let mut list = table(&["", "asked for", "replayed", "observed", "naive forecast", ""], 2);
    for score in scores {
        let verdict = if score.hits { Cell::new("hit").fg(Color::Green) } else { Cell::new("missed").fg(Color::Red) };
        list.add_row(vec![
            Cell::new(score.metric),
            Cell::new(&score.wanted),
            Cell::new(said(&score.replayed)),
            Cell::new(said(&score.observed)),
            Cell::new(said(&score.naive)),
            verdict,
        ]);
    }
    print(&list, 0, "");
    show_errors(backcast, rows);
    show_fit(backcast, fit);
    println!("Again:   {}", command(args));
}

/// The error in the time that was fitted and in that kept apart.
fn show_errors(backcast: &Backcast, rows: &[Row]) {
    let level = rows.iter().map(|row| row.observed.value).sum::<f64>() / rows.len() as f64;
    let text = |fitted: bool| {
        let (replayed, naive) = nrmse(rows, level, Some(fitted));
        let percent = |x: Option<f64>| x.map_or("unknown".to_string(), |x| format!("{:.0}%", 100.0 * x));
        format!("{} (naive {})", percent(replayed), percent(naive))
    };
    let kept = match rows.iter().any(|row| !row.fitted) {
        true => format!("; in other times {}", text(false)),
        false => String::new(),
    };
    let of = format!("of the mean of all, {} {}", quantity(level), backcast.unit);
    println!("{}\n", wrap(&format!("Error {of}: in the time that was fitted {}{kept}.", text(true))));
}

fn show_fit(backcast: &Backcast, fit: Option<&Fit>) {
    if backcast.parameters.is_empty() {
        return;
    }
    println!("Fitted from {} until {}", backcast.fit.0, backcast.fit.1);
    let mut header = vec!["parameter", "in the files", "looked for"];
    header.extend(fit.is_some().then_some(["found now", "standard error"]).into_iter().flatten());
    let mut list = table(&header, 1);
    for (at, (p, value)) in backcast.parameters.iter().zip(backcast.values()).enumerate() {
        let mut cells =
            vec![Cell::new(&p.name), Cell::new(format!("{value:.4}")), Cell::new(format!("{} to {}", p.low, p.high))];
        if let Some(fit) = fit {
            cells.push(Cell::new(format!("{:.4}", fit.values[at])));
            let sure = match (fit.errors[at], fit.idle.contains(&at)) {
                (_, true) => "changes nothing".to_string(),
                (Some(error), _) => format!("{error:.4}"),
                (None, _) => "unknown".to_string(),
            };
            cells.push(Cell::new(sure));
        }
        list.add_row(cells);
    }
    print(&list, 0, "");
    for (a, b, together) in fit.into_iter().flat_map(|fit| &fit.together) {
        let (a, b) = (&backcast.parameters[*a].name, &backcast.parameters[*b].name);
        println!(
            "{}",
            wrap(&format!("The data cannot tell {a} from {b}: their estimates go together ({together:.2})."))
        );
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::Number(number) if number.abs() < 10.0 => format!("{number:.2}"),
        Value::Number(number) => quantity(*number),
        Value::Day(day) => day.strftime("%b %Y").to_string(),
        Value::Unknown => "never".to_string(),
    }
}

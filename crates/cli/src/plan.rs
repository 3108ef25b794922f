//! `coercivity plan`: what to do now, not knowing what comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use comfy_table::Cell;

use coercivity_engine::plan::answer::{Answer, Method, Outcome, Question, answer};
use coercivity_engine::plan::conflict::conflict;
use coercivity_engine::results::headline::money;
use coercivity_engine::results::table::{Cells, ResultTable};
use coercivity_engine::solve::SolveError;
use coercivity_model::Severity;
use coercivity_world::plan::{Otherwise, PlanSource};

use crate::Failure;
use crate::args::{Plan, PlanMethod};
use crate::ensemble::on_ctrl_c;
use crate::input;
use crate::layout::{self, print_bold, quantity, wrap};
use crate::output::may_replace;
use crate::progress::Line;
use crate::run::write_answer;

/// Options named of a point of the frontier.
const NAMED: usize = 4;
/// Futures whose regret is shown.
const SHOWN: usize = 5;

pub fn plan(args: &Plan) -> Result<(), Failure> {
    let clock = Instant::now();
    if let Some(out) = &args.out {
        may_replace(out, args.force)?;
    }
    let otherwise = Otherwise { model: args.model.clone(), budget: args.budget };
    let line = Line::new();
    line.say("reading the futures".to_string());
    let source = PlanSource::read(&args.spec, &otherwise).inspect_err(|_| line.done())?;
    if source.report.count(Severity::Warning) > 0 {
        input::print(&source.report);
    }
    let stopped = on_ctrl_c();
    let left = || args.time_limit.map(|limit| limit - clock.elapsed().as_secs_f64());
    let stop = || stopped.load(Ordering::Relaxed) || left().is_some_and(|left| left < 0.0);
    let rounds = AtomicUsize::new(0);
    let tell = |what: &str, round: usize, best: Option<f64>, bound: f64| {
        let again = rounds.swap(round, Ordering::Relaxed) == round;
        match best {
            None if round == 0 => line.say(what.to_string()),
            Some(best) if !again => {
                let gap = if bound.is_finite() {
                    money(best - bound, &source.plan.currency)
                } else {
                    "not known yet".to_string()
                };
                line.say(format!("{what}: round {round}, gap {gap}"));
            }
            _ => {}
        }
    };
    let question = Question {
        method: match args.method {
            PlanMethod::Benders => Method::Benders,
            PlanMethod::Extensive => Method::Extensive,
        },
        gap: args.gap,
        frontier: args.frontier,
        values: args.values,
        tell: &tell,
        left: &left,
        stop: &stop,
    };
    let found = answer(&source.plan, &question);
    line.done();
    let found = match found {
        Ok(found) => found,
        Err(SolveError::Infeasible) => return explain(&source, &stop),
        Err(SolveError::Interrupted) => {
            return Err(Failure::Solver("stopped before any plan was found".to_string()));
        }
        Err(error) => return Err(Failure::Solver(error.to_string())),
    };
    let text = || serde_json::to_string_pretty(&found).expect("an answer is plain data");
    if let Some(out) = &args.out {
        write_answer(out, &tables(&found), "plan.json", text())?;
    }
    if args.json {
        println!("{}", text());
    } else {
        show(&found);
    }
    match found.stopped {
        true => Err(Failure::Solver("stopped early: this is the best that was known by then".to_string())),
        false => Ok(()),
    }
}

/// Why the requirements cannot be met.
fn explain(source: &PlanSource, stop: &(dyn Fn() -> bool + Sync)) -> Result<(), Failure> {
    eprintln!("the requirements cannot be met in every future; looking for the smallest conflict");
    match conflict(&source.plan, &source.futures, stop) {
        Ok(Some(conflict)) => {
            let ids: Vec<String> = conflict.services.iter().map(|id| format!("`{id}`")).collect();
            let which = match ids.len() {
                1 => format!("{} cannot be met", ids[0]),
                _ => {
                    format!("{} cannot be met together, though without any one of them the others can", ids.join(", "))
                }
            };
            let budget = money(source.plan.spec.budget, &source.plan.currency);
            println!(
                "{}",
                wrap(&match conflict.budget {
                    true => format!("With {budget}, {which}. More money would do."),
                    false => format!("{which}, with any budget: no option helps enough."),
                })
            );
            Err(Failure::NotHeld)
        }
        Ok(None) => Err(Failure::Solver("the requirements can be met, but no plan was found".to_string())),
        Err(error) => Err(Failure::Solver(error.to_string())),
    }
}

fn show(found: &Answer) {
    let amount = |value: f64| money(value, &found.currency);
    println!("{} · {} options, {} futures", found.name, found.options, found.futures);
    println!();
    print_bold(&sentence(found));
    println!();
    if !found.items.is_empty() {
        let lasts = found.items.iter().any(|item| item.left > 0.0);
        let mut heads = vec!["option", "there from", "how much", "money (M)", "buys (M)"];
        if lasts {
            heads.insert(4, "left (M)");
        }
        let mut rows = layout::table(&heads, 2);
        for item in &found.items {
            let buys = match (item.buys, item.needed) {
                (Some(buys), _) => quantity(buys / 1e6),
                (None, true) => "required".to_string(),
                (None, false) => String::new(),
            };
            let much = match item.share {
                share if share >= 1.0 => "all".to_string(),
                _ => format!("{} {}", quantity(item.amount), item.unit),
            };
            let mut cells = vec![item.name.clone(), item.ready.to_string(), much, quantity(item.money / 1e6), buys];
            if lasts {
                cells.insert(4, quantity(item.left / 1e6));
            }
            rows.add_row(cells.into_iter().map(Cell::new));
        }
        layout::print(&rows, 0, "");
        let mut text =
            "What an item buys is what losses would be greater by without it, all else being done.".to_string();
        if lasts {
            text += " What is left of it after the last step counts as money that is not spent.";
        }
        println!("{}", wrap(&text));
    }
    let share = found.gap_of_savings.map(|share| format!(", {:.2}% of what this one saves", 100.0 * share));
    let gap = format!(
        "Another plan may be better by {} at most{} ({} rounds, {} cuts).",
        amount(found.gap),
        share.unwrap_or_default(),
        found.rounds,
        found.cuts
    );
    println!("{}", wrap(&gap));
    if let Some(price) = found.shadow_price {
        println!(
            "{}",
            wrap(&format!("One more dollar would save {price:.2} beyond its own cost.").replace("dollar", unit(found)))
        );
    }
    frontier(found);
    values(found);
}

fn unit(found: &Answer) -> &str {
    if found.currency == "USD" { "dollar" } else { &found.currency }
}

fn sentence(found: &Answer) -> String {
    let amount = |value: f64| money(value, &found.currency);
    if found.items.is_empty() {
        return format!("With {} it is best to do nothing: no option is worth its money.", amount(found.plan.budget));
    }
    let spent = format!("Of {}, {} is spent", amount(found.plan.budget), amount(found.plan.spent));
    let (Some(less), Some(bad)) = (found.plan.less_expected, found.plan.less_cvar) else {
        return format!("{spent}. Doing nothing misses a requirement.");
    };
    format!(
        "{spent}: expected losses are {} less, and {} less in the worst {:.0}% of futures.",
        amount(less),
        amount(bad),
        100.0 * (1.0 - found.level)
    )
}

fn frontier(found: &Answer) {
    if found.frontier.is_empty() {
        return;
    }
    println!();
    println!(
        "{}",
        wrap(&format!(
            "What more money buys (M {}); losses are what they are less than with nothing done",
            found.currency
        ))
    );
    let mut rows = layout::table(&["budget", "spent", "expected", "worst", "next dollar", "new in it"], 0);
    for point in &found.frontier {
        let new: Vec<&str> =
            (found.entry.iter()).filter(|entry| entry.budget == point.budget).map(|entry| entry.id.as_str()).collect();
        let more = new.len().saturating_sub(NAMED);
        let named = new.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let named = if more > 0 { format!("{named} and {more} more") } else { named };
        let millions = |value: Option<f64>| value.map_or(String::new(), |value| quantity(value / 1e6));
        let cells = [
            quantity(point.budget / 1e6),
            quantity(point.spent / 1e6),
            millions(point.less_expected),
            millions(point.less_cvar),
            point.next_unit.map_or(String::new(), quantity),
            named,
        ];
        rows.add_row(cells.into_iter().map(Cell::new));
    }
    layout::print(&rows, 0, "");
}

fn values(found: &Answer) {
    let Some(values) = &found.values else { return };
    let amount = |value: f64| money(value, &found.currency);
    println!();
    let stochastic = match values.stochastic_solution {
        Some(value) => format!("To plan for all futures and not for the middle one alone is worth {}.", amount(value)),
        None => "A plan for the middle future alone misses a requirement in another.".to_string(),
    };
    let mut text =
        format!("{stochastic} To know which one comes would be worth {}.", amount(values.perfect_information));
    if let (Some(waiting), Some(months)) = (values.waiting, values.wait_months) {
        let word = if waiting > 0.0 { "gains" } else { "costs" };
        text += &format!(
            " To wait {months:.0} months and then know {word} {} against deciding now.",
            amount(waiting.abs())
        );
    }
    println!("{}", wrap(&text));
    println!();
    println!(
        "{}",
        wrap(&format!("Regret: what each decision costs more than the best of that future (M {})", found.currency))
    );
    let mut order: Vec<usize> = (0..found.regret.len()).collect();
    let regret = |k: usize| found.regret[k].plan_regret;
    order.sort_by(|a, b| regret(*b).total_cmp(&regret(*a)).then(a.cmp(b)));
    let millions = |value: Option<f64>| value.map_or(String::new(), |value| quantity(value / 1e6));
    let mut rows = layout::table(&["future", "this plan", "nothing", "for the middle"], 1);
    for k in order.iter().take(SHOWN) {
        let one = &found.regret[*k];
        let cells = [
            one.future.clone(),
            quantity(one.plan_regret / 1e6),
            millions(one.nothing_regret),
            millions(one.middle_regret),
        ];
        rows.add_row(cells.into_iter().map(Cell::new));
    }
    layout::print(&rows, found.regret.len().saturating_sub(SHOWN), "--json or --out");
}

fn tables(found: &Answer) -> Vec<ResultTable> {
    let text = |of: &dyn Fn(usize) -> String, n: usize| Cells::Text((0..n).map(of).collect());
    let number = |of: &dyn Fn(usize) -> f64, n: usize| Cells::Number((0..n).map(of).collect());
    let items = &found.items;
    let n = items.len();
    let portfolio = ResultTable {
        name: "portfolio",
        columns: vec![
            ("option", text(&|i| items[i].id.clone(), n)),
            ("name", text(&|i| items[i].name.clone(), n)),
            ("share", number(&|i| items[i].share, n)),
            ("amount", number(&|i| items[i].amount, n)),
            ("unit", text(&|i| items[i].unit.clone(), n)),
            ("money", number(&|i| items[i].money, n)),
            ("left", number(&|i| items[i].left, n)),
            ("ready", Cells::Date(items.iter().map(|item| item.ready).collect())),
            ("buys", Cells::Known(items.iter().map(|item| item.buys).collect())),
        ],
    };
    let points: Vec<(&Outcome, &(String, f64))> =
        found.frontier.iter().flat_map(|point| point.shares.iter().map(move |share| (point, share))).collect();
    let n = points.len();
    let frontier = ResultTable {
        name: "frontier",
        columns: vec![
            ("budget", number(&|i| points[i].0.budget, n)),
            ("spent", number(&|i| points[i].0.spent, n)),
            ("expected_loss", number(&|i| points[i].0.expected_loss, n)),
            ("cvar", number(&|i| points[i].0.cvar, n)),
            ("objective", number(&|i| points[i].0.objective, n)),
            ("bound", number(&|i| points[i].0.bound, n)),
            ("option", text(&|i| points[i].1.0.clone(), n)),
            ("share", number(&|i| points[i].1.1, n)),
        ],
    };
    let rows = &found.regret;
    let n = rows.len();
    let regret = ResultTable {
        name: "regret",
        columns: vec![
            ("future", text(&|i| rows[i].future.clone(), n)),
            ("probability", number(&|i| rows[i].probability, n)),
            ("best", number(&|i| rows[i].best, n)),
            ("plan", number(&|i| rows[i].plan, n)),
            ("nothing", number(&|i| rows[i].nothing, n)),
            ("middle", Cells::Known(rows.iter().map(|row| row.middle).collect())),
        ],
    };
    vec![portfolio, frontier, regret]
}

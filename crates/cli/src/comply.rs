//! `coercivity comply`: a bill of materials under a rule, and what goes back to the suppliers.

use std::collections::BTreeSet;
use std::path::Path;

use comfy_table::{Cell, Color};

use coercivity_comply::bom::{self, Bom};
use coercivity_comply::change::{Change, State, changes};
use coercivity_comply::finding::Verdict;
use coercivity_comply::judge::Judge;
use coercivity_comply::outcome::Outcome;
use coercivity_comply::questions::Letter;
use coercivity_comply::rule::{self, Rule};
use coercivity_comply::statement::{Compared, Statement, hash};
use coercivity_comply::tables::{self, Tables};
use coercivity_comply::{materials, template};
use coercivity_model::files::{join, parent};
use coercivity_model::names::nearest;
use coercivity_model::workbook::is_workbook;
use coercivity_model::{Code, Date, Diagnostic, Files, Report};
use coercivity_world::World;

use crate::Failure;
use crate::args::Comply;
use crate::input::{counted, print};
use crate::layout::{self, print_bold, wrap};
use crate::output::{FileToWrite, MARKER, may_replace, write_folder};

/// Parts that are listed on a terminal; the rest stands in the files.
const SHOWN: usize = 60;

/// A bill of materials that was read, with the files it came from.
struct Delivery {
    bom: Bom,
    /// As given on the command line.
    path: String,
    /// The table of declarations that a command line must name.
    declarations: Option<String>,
    /// Files in the order of [`hash`].
    files: [String; 2],
}

pub fn comply(args: &Comply) -> Result<(), Failure> {
    if let Some(dir) = &args.template {
        return write_template(dir, args.force);
    }
    let path = args.bom.as_deref().unwrap_or_default();
    for dir in [&args.out, &args.questions].into_iter().flatten() {
        may_replace(dir, args.force)?;
    }
    let on = args.on.unwrap_or_else(|| jiff::ZonedDateTime::now().date());
    let mut report = Report::default();
    let rule = read_rule(&args.rule, &mut report);
    let delivery = read(path, args.declarations.as_deref(), rule.as_ref(), &mut report);
    let old = args.diff.as_deref().map(|old| read(old, None, None, &mut report));
    if !report.diagnostics().is_empty() {
        print(&report);
    }
    let (Some(rule), Some(delivery)) = (rule, delivery) else { return Err(Failure::Input) };
    let judge = Judge::new(&delivery.bom, &rule);
    let statement = statement(&judge, &delivery, args, on, &report);
    let changed = match old {
        None => None,
        Some(None) => return Err(Failure::Input),
        Some(Some(old)) => {
            let judge = Judge::new(&old.bom, &rule);
            let before = self::statement(&judge, &old, args, on, &report);
            Some(changes(&before, &statement))
        }
    };
    let letters = statement.letters();
    if let Some(dir) = &args.out {
        write_folder(dir, documents(&statement, changed.as_deref()))?;
    }
    if let Some(dir) = &args.questions {
        write_folder(dir, pages(&statement, &letters))?;
    }
    if args.json {
        println!("{}", String::from_utf8_lossy(&json(&statement, changed.as_deref())?));
    } else {
        match &changed {
            Some(changed) => show_changes(changed, args),
            None => show(&statement),
        }
        show_footing(&statement, &letters, args);
    }
    match statement.counts() {
        [_, 0, 0] => Ok(()),
        _ => Err(Failure::NotHeld),
    }
}

// ---------------------------------------------------------------------------------------------------- reading

fn read_rule(name: &str, report: &mut Report) -> Option<Rule> {
    if let Some((name, text)) = rule::KNOWN.iter().find(|(known, _)| *known == name) {
        return rule::read(&format!("{name}.toml"), text, report);
    }
    let bytes = match World.read(name) {
        Ok(bytes) => bytes,
        Err(error) => {
            let known = rule::KNOWN.iter().map(|(known, _)| *known);
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("is `{near}` meant?"),
                None => format!("the rules that come with the program are {}", known.collect::<Vec<_>>().join(", ")),
            };
            let message = format!("there is no rule `{name}`: neither one of the program's own nor a file ({error})");
            report.push(Diagnostic::error(Code::MissingFile, message).help(help));
            return None;
        }
    };
    rule::read(name, &text(name, bytes, report)?, report)
}

fn read(path: &str, declarations: Option<&str>, rule: Option<&Rule>, report: &mut Report) -> Option<Delivery> {
    let before = report.count(coercivity_model::Severity::Error);
    let bytes = bytes(path, report);
    let mut named = declarations.map(str::to_string);
    let tables = match bytes {
        Some(bytes) if is_workbook(&bytes) => {
            let tables = tables::read_workbook(path, bytes, report);
            match (tables, &named) {
                // Declarations of their own go before those of the workbook.
                (Some(tables), Some(file)) => {
                    let own = bytes_as_text(file, report)?;
                    let declarations = tables::read_declarations(file, &own, report);
                    Some(Tables { declarations, ..tables })
                }
                (tables, _) => tables,
            }
        }
        Some(bytes) => {
            let parts = text(path, bytes, report);
            let beside = join(parent(path), tables::DECLARATIONS.file);
            let file = named.clone().or_else(|| World.read(&beside).is_ok().then_some(beside));
            let declared = file.as_ref().map(|file| bytes_as_text(file, report));
            match (parts, declared) {
                (Some(parts), None) => Some(tables::read_csv((path, &parts), None, report)),
                (Some(parts), Some(Some(declared))) => {
                    let file = file.unwrap_or_default();
                    Some(tables::read_csv((path, &parts), Some((&file, &declared)), report))
                }
                _ => None,
            }
        }
        None => None,
    };
    let tables = tables?;
    let bom = bom::read(&tables, report).filter(|_| report.count(coercivity_model::Severity::Error) == before);
    if let Some(rule) = rule {
        materials::warn(&tables.parts, rule, report);
    }
    let files = [tables.parts.file, tables.declarations.file];
    Some(Delivery { bom: bom?, path: path.to_string(), declarations: named.take(), files })
}

fn bytes(path: &str, report: &mut Report) -> Option<Vec<u8>> {
    match World.read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let message = format!("cannot read `{path}`: {error}");
            let help = "`coercivity comply --template DIR` writes tables to start from, and an example";
            report.push(Diagnostic::error(Code::MissingFile, message).help(help));
            None
        }
    }
}

fn text(path: &str, bytes: Vec<u8>, report: &mut Report) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => {
            let message = format!("`{path}` is neither a workbook nor UTF-8 text");
            let help = "save it as .xlsx, or as CSV with the encoding UTF-8";
            report.push(Diagnostic::error(Code::UnreadableFile, message).help(help));
            None
        }
    }
}

fn bytes_as_text(path: &str, report: &mut Report) -> Option<String> {
    let bytes = bytes(path, report)?;
    text(path, bytes, report)
}

// ---------------------------------------------------------------------------------------------------- writing

fn statement<'a>(judge: &'a Judge<'a>, delivery: &Delivery, args: &Comply, on: Date, report: &Report) -> Statement<'a> {
    let mut words = vec![format!("coercivity comply {} --rule {} --on {on}", delivery.path, args.rule)];
    words.extend(delivery.declarations.as_ref().map(|file| format!("--declarations {file}")));
    let rule = if rule::KNOWN.iter().any(|(known, _)| *known == args.rule) {
        format!("{}.toml", args.rule)
    } else {
        args.rule.clone()
    };
    let [parts, declarations] = &delivery.files;
    Statement { judge, on, command: words.join(" "), hash: hash(report, &[&rule, parts, declarations]) }
}

fn json(statement: &Statement, changes: Option<&[Change]>) -> Result<Vec<u8>, Failure> {
    let bytes = match changes {
        Some(changes) => serde_json::to_vec(&Compared { statement, changes }),
        None => serde_json::to_vec(statement),
    };
    bytes.map_err(|error| Failure::World(format!("cannot write the statement as JSON: {error}")))
}

fn documents<'s>(
    statement: &'s Statement,
    changes: Option<&'s [Change]>,
) -> impl Iterator<Item = Result<FileToWrite, Failure>> + 's {
    fn failed(error: impl std::fmt::Display) -> Failure {
        Failure::World(format!("cannot lay out the statement: {error}"))
    }
    ["verdicts.csv", "statement.json", "statement.html", MARKER].into_iter().map(move |name| {
        let bytes = match name {
            "verdicts.csv" => statement.csv().map_err(failed)?,
            "statement.json" => json(statement, changes)?,
            "statement.html" => statement.html().map_err(failed)?.into_bytes(),
            _ => Vec::new(),
        };
        Ok((name.to_string(), bytes))
    })
}

/// A page for each supplier, under a name that any file system takes.
fn pages<'s>(
    statement: &'s Statement,
    letters: &'s [Letter],
) -> impl Iterator<Item = Result<FileToWrite, Failure>> + 's {
    let mut taken = BTreeSet::new();
    let pages = letters.iter().map(move |letter| {
        let plain: String = letter.supplier.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
        let stem = if words.is_empty() { "supplier-not-named".to_string() } else { words.join("-").to_lowercase() };
        let mut name = format!("{stem}.html");
        let mut n = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}-{n}.html");
            n += 1;
        }
        match statement.letter(letter) {
            Ok(page) => Ok((name, page.into_bytes())),
            Err(error) => Err(Failure::World(format!("cannot lay out a page of questions: {error}"))),
        }
    });
    pages.chain([Ok((MARKER.to_string(), Vec::new()))])
}

fn write_template(dir: &Path, force: bool) -> Result<(), Failure> {
    may_replace(dir, force)?;
    let files = template::files().map_err(|e| Failure::World(format!("cannot lay out the workbook: {e}")))?;
    let count = files.len();
    write_folder(dir, files.into_iter().map(Ok))?;
    println!("wrote {count} files to {}", dir.display());
    println!("to fill in: bill-of-materials.xlsx, or parts.csv and declarations.csv");
    println!("next: coercivity comply {}", dir.join("example/parts.csv").display());
    Ok(())
}

// ---------------------------------------------------------------------------------------------------- showing

fn coloured(verdict: Verdict) -> Cell {
    let cell = Cell::new(verdict.word());
    match verdict {
        Verdict::Pass => cell.fg(Color::Green),
        Verdict::Unknown => cell.fg(Color::Yellow),
        Verdict::Fail => cell.fg(Color::Red),
    }
}

fn show(statement: &Statement) {
    let judge = statement.judge;
    println!();
    println!("{}", wrap(&judge.rule.title));
    println!("{}", wrap(&judge.in_force(statement.on)));
    println!();
    print_bold(&summary(statement));
    println!();
    let mut order: Vec<usize> = (0..judge.bom.parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(*judge.verdict(*i).at(statement.on)));
    let mut rows = layout::list(&["part", "verdict", "since", "path, and what changes next"]);
    for i in order.iter().take(SHOWN) {
        let Outcome { part, verdict, since, path, next, .. } = judge.outcome(*i, statement.on);
        let next = next.map(|n| format!("\n{} from {}: {}", n.verdict.word(), n.from, n.path)).unwrap_or_default();
        let since = since.map_or("always".to_string(), |date| date.to_string());
        rows.add_row(vec![Cell::new(part), coloured(verdict), Cell::new(since), Cell::new(format!("{path}{next}"))]);
    }
    layout::print(&rows, order.len().saturating_sub(SHOWN), "verdicts.csv (--out DIR)");
}

fn summary(statement: &Statement) -> String {
    let [pass, unknown, fail] = statement.counts();
    let parts = counted(pass + unknown + fail, "part");
    format!("Of {parts} on {}: {pass} pass, {unknown} unknown, {fail} fail.", statement.on)
}

fn show_changes(changes: &[Change], args: &Comply) {
    println!();
    println!("Changes since {}", args.diff.as_deref().unwrap_or_default());
    println!();
    let word = |state: &Option<State>| state.as_ref().map_or("not there", |state| state.verdict.word()).to_string();
    let mut rows = layout::list(&["part", "before", "now", "path now (or before)"]);
    let (of_verdict, of_path): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.of_verdict());
    for change in of_verdict.iter().take(SHOWN) {
        let path = change.after.as_ref().or(change.before.as_ref()).map_or("", |state| &state.path);
        rows.add_row(vec![change.part.to_string(), word(&change.before), word(&change.after), path.to_string()]);
    }
    if of_verdict.is_empty() {
        println!("No verdict changes.\n");
    } else {
        layout::print(&rows, of_verdict.len().saturating_sub(SHOWN), "statement.json (--out DIR)");
    }
    if !of_path.is_empty() {
        let names: Vec<&str> = of_path.iter().take(SHOWN).map(|change| change.part.as_str()).collect();
        println!("{}\n", wrap(&format!("Same verdict, another path: {}.", names.join(", "))));
    }
}

fn show_footing(statement: &Statement, letters: &[Letter], args: &Comply) {
    if args.diff.is_some() {
        println!("{}", wrap(&summary(statement)));
    }
    if !letters.is_empty() {
        let questions = counted(letters.iter().map(Letter::count).sum(), "question");
        let suppliers = counted(letters.len(), "supplier");
        let how = match &args.questions {
            Some(dir) => format!("a page for each is in {}", dir.display()),
            None => "--questions DIR writes a page for each".to_string(),
        };
        println!("{}", wrap(&format!("Open: {questions} to {suppliers}; {how}.")));
    }
    if let Some(dir) = &args.out {
        println!("Statement: {} (statement.html to print, statement.json, verdicts.csv)", dir.display());
    }
    println!("Again: {}", statement.command);
    println!("Hash:  {}", statement.hash);
}

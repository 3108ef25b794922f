//! What stands in an assessment, part by part, in words and tables: the same for HTML and Markdown.

use coercivity_engine::assess::factors::Policy;
use coercivity_engine::assess::map::{MATTERS, OfProduct, OfStage};
use coercivity_engine::assess::mitigation::Measure;
use coercivity_engine::assess::{Assessment, Need};
use coercivity_engine::results::headline::{duration, money, percent};
use coercivity_engine::survive::view::{One, View};

use super::Made;
use crate::input::counted;
use crate::layout::{index, quantity};

/// Countries of a stage that are named.
const COUNTRIES: usize = 6;

/// A document, of texts that are not escaped.
pub struct Document {
    pub title: String,
    pub blocks: Vec<Block>,
}

pub enum Block {
    Part(String),
    Heading(String),
    Text(String),
    Note(String),
    Code(String),
    List(Vec<String>),
    /// Columns that hold figures are named by their position.
    Table {
        header: Vec<&'static str>,
        figures: Vec<usize>,
        rows: Vec<Vec<Cell>>,
    },
}

pub enum Cell {
    Text(String),
    /// An address on the web; any other text is only text.
    Link(String),
}

fn cells(texts: Vec<String>) -> Vec<Cell> {
    texts.into_iter().map(Cell::Text).collect()
}

fn text(text: impl Into<String>) -> Block {
    Block::Text(text.into())
}

fn note(text: impl Into<String>) -> Block {
    Block::Note(text.into())
}

pub fn document(made: &Made) -> Document {
    let a = &made.assessment;
    let mut blocks = head(made);
    blocks.extend(map(a));
    blocks.extend(factors(a));
    blocks.extend(vulnerability(a));
    blocks.extend(mitigation(a));
    blocks.extend(evidence(a));
    blocks.extend([
        Block::Part("How this came about".to_string()),
        text(format!("Made by Coercivity {} with", env!("CARGO_PKG_VERSION"))),
        Block::Code(made.command.clone()),
        text(format!("Hash of the model: {}.", made.input.model.hash)),
        text(format!("Hash of the scenario: {}.", some(&made.input.scenario.hash, "none: no measures"))),
        text("The same model, scenario and version give the same document."),
    ]);
    let places: Vec<&str> = places(a);
    let of = if places.len() <= 4 { places.join(", ") } else { counted(places.len(), "region") };
    Document { title: format!("Assessment of supply risk: {of}"), blocks }
}

/// The regions of the needs, each once.
pub fn places(a: &Assessment) -> Vec<&str> {
    let mut places: Vec<&str> = Vec::new();
    for need in &a.needs {
        if !places.contains(&need.region.as_str()) {
            places.push(&need.region);
        }
    }
    places
}

/// The answer in a sentence or two.
pub fn headline(a: &Assessment) -> String {
    let short: Vec<&Need> = a.needs.iter().filter(|need| need.short.is_some()).collect();
    let first = short.iter().filter_map(|need| need.short.as_ref()).map(|short| short.first).min();
    let mut sentence = match first {
        Some(day) if a.needs.len() == 1 => format!("The need runs short from {day}."),
        Some(day) if short.len() == 1 => format!("1 of {} needs runs short, from {day}.", a.needs.len()),
        Some(day) => format!("{} of {} needs run short, the first from {day}.", short.len(), a.needs.len()),
        None if a.needs.len() == 1 => "As it is, the need stays met to the end.".to_string(),
        None => format!("As it is, all of {} stay met to the end.", counted(a.needs.len(), "need")),
    };
    if let Some(view) = &a.vulnerability
        && let Some(one) = view.nodes.first().filter(|one| is_sooner(view, one.survives_days))
    {
        sentence += &format!(
            " Without {} {} met for {}.",
            one.node,
            match (a.needs.len(), a.never_met.is_empty()) {
                (1, _) => "it could stay",
                (_, true) => "all could stay",
                (_, false) => "those that can be met at the start could stay",
            },
            duration(one.survives_days)
        );
    }
    if let Some(best) = a.mitigation.measures.first().filter(|measure| is_some(a, measure.saves)) {
        sentence += &format!(
            " Of {} tried alone, what helps most is {} ({} for these needs, {} in all).",
            counted(a.mitigation.measures.len(), "change"),
            short_name(best),
            money(rounded(a, best.saves_needs), &a.currency),
            money(best.saves, &a.currency)
        );
    }
    sentence
}

/// Whether a loss ends needs before they end anyway.
pub fn is_sooner(view: &View, days: f64) -> bool {
    days < view.nothing_lost.survives_days - 1e-6
}

/// How long needs stay met without a node, and until when.
fn survives(view: &View, one: &One) -> String {
    match one.short_from {
        Some(day) if is_sooner(view, one.survives_days) => format!("{}, to {day}", duration(one.survives_days)),
        Some(_) => "as long as with nothing lost".to_string(),
        None => "to the end".to_string(),
    }
}

/// Whether money is more than what the solver rounds.
pub fn is_some(a: &Assessment, amount: f64) -> bool {
    amount > 1e-8 * a.mitigation.cost.abs()
}

/// A measure without its quantities.
pub fn short_name(measure: &Measure) -> &str {
    measure.what.split(':').next().unwrap_or(&measure.what)
}

fn some<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

fn head(made: &Made) -> Vec<Block> {
    let a = &made.assessment;
    let rows = a.needs.iter().map(|need| {
        cells(vec![
            need.name.clone(),
            need.id.clone(),
            need.region.clone(),
            format!("{} {}", quantity(need.amount), need.unit),
            need.uses.join(", "),
            shortage(need),
        ])
    });
    vec![
        text(headline(a)),
        text(format!(
            "Model: {}. Scenario: {}. Days: {} to {}, in steps of a {}; map and factors are those of the year to {}.",
            made.input.model.name,
            made.input.scenario.name,
            a.from,
            a.until,
            format!("{:?}", made.input.model.step).to_lowercase(),
            a.year_until
        )),
        text(
            "This document follows the parts of the assessment that article 24 of the EU's Critical Raw Materials Act \
             (Regulation (EU) 2024/1252) asks large companies for at least every three years: where the materials are \
             extracted, processed or recycled; what may affect their supply; how vulnerable it is; and what would help.",
        ),
        text(
            "It is analysis by a model, and no legal advice: it does not say whether a company is bound by the article, \
             nor whether this document fulfils it. It speaks of countries' needs and public figures; a company's own \
             contracts, stocks and suppliers are in it as far as the model has them.",
        ),
        Block::Heading("Needs".to_string()),
        Block::Table {
            header: vec!["need", "id", "where", "a year, at the start", "products it uses", "as it is"],
            figures: vec![3],
            rows: rows.collect(),
        },
    ]
}

fn shortage(need: &Need) -> String {
    match &need.short {
        None => "met".to_string(),
        Some(short) => format!(
            "{} {} over the run, from {}; at worst {} met ({})",
            percent(short.share),
            if short.late { "late" } else { "unmet" },
            short.first,
            percent(short.worst_share),
            short.worst
        ),
    }
}

fn map(a: &Assessment) -> Vec<Block> {
    let mut blocks = vec![
        Block::Part("1. Where the materials are extracted, processed and recycled".to_string()),
        note(format!(
            "What the needs used from {} to {}, followed back through every stage to where it was done. Shares and \
             quantities are those of the product that was used, by what it passed through. What was in stock at the \
             start is not known further back.",
            a.from, a.year_until
        )),
    ];
    for product in &a.map.products {
        blocks.extend(of_product(product));
    }
    if !a.map.unused.is_empty() {
        blocks.push(text(format!("They may use, and did not in this year: {}.", a.map.unused.join(", "))));
    }
    blocks.push(Block::Heading("Recycling".to_string()));
    if a.map.recycling.is_empty() {
        blocks.push(text("In this year nothing upstream of these needs was made of scrap that the model knows of."));
    } else {
        let rows = a.map.recycling.iter().map(|one| {
            cells(vec![one.name.clone(), one.country.clone(), percent(one.share), of(one.quantity, &one.unit)])
        });
        blocks.push(note("Who took back what falls in the chain: scrap of all makers, not of these needs alone."));
        blocks.push(Block::Table {
            header: vec!["material", "country", "share", "taken in the year"],
            figures: vec![2, 3],
            rows: rows.collect(),
        });
    }
    let rows = a.map.sites.iter().map(|site| {
        cells(vec![
            site.stage.clone(),
            site.country.clone(),
            site.site.clone(),
            some(&site.owner, "not known").to_string(),
            some(&site.status, "not given").to_string(),
            format!("{} {} a year", quantity(site.capacity), site.unit),
            site.makes.clone(),
        ])
    });
    blocks.extend([
        Block::Heading("Sites".to_string()),
        note(format!(
            "Of the countries with more than {} of a stage above: those that the needs' goods may have come from. Which \
             of a country's sites made them is not known.",
            percent(MATTERS)
        )),
        Block::Table {
            header: vec!["stage", "country", "site", "owner", "status", "capacity", "makes"],
            figures: vec![5],
            rows: rows.collect(),
        },
    ]);
    blocks
}

fn of(quantity_: f64, unit: &str) -> String {
    format!("{} {unit}", quantity(quantity_)).trim_end().to_string()
}

fn of_product(product: &OfProduct) -> Vec<Block> {
    let rows = product.stages.iter().map(|stage| {
        cells(vec![
            stage.stage.clone(),
            countries(stage, &product.unit),
            if stage.unknown > 0.0 { percent(stage.unknown) } else { "none".to_string() },
            if stage.other > 0.0 { percent(stage.other) } else { "none".to_string() },
        ])
    });
    vec![
        Block::Heading(format!("{}: {}", product.name, of(product.quantity, &product.unit))),
        note(format!("Of it {} out of stock where it was used.", of(product.from_stock, &product.unit))),
        Block::Table {
            header: vec!["stage", "done in", "not known", "not through it"],
            figures: vec![2, 3],
            rows: rows.collect(),
        },
    ]
}

fn countries(stage: &OfStage, unit: &str) -> String {
    let one = |c: &coercivity_engine::assess::map::OfCountry| {
        format!("{} {} ({})", c.name, percent(c.share), of(c.quantity, unit))
    };
    let mut words: Vec<String> = stage.countries.iter().take(COUNTRIES).map(one).collect();
    let rest = &stage.countries[words.len()..];
    if !rest.is_empty() {
        words.push(format!("{} {}", counted(rest.len(), "other"), percent(rest.iter().map(|c| c.share).sum())));
    }
    if words.is_empty() { "not known".to_string() } else { words.join(", ") }
}

fn factors(a: &Assessment) -> Vec<Block> {
    let mut blocks = vec![
        Block::Part("2. What may affect the supply".to_string()),
        Block::Heading("Measures and truces of the scenario that touch it".to_string()),
    ];
    if a.factors.measures.is_empty() {
        blocks.push(text("The scenario has none."));
    } else {
        let all = a.factors.measures.iter().chain(&a.factors.truces);
        blocks.push(Block::Table {
            header: vec!["measure", "by", "what", "from", "until", "who says so", "source"],
            figures: vec![],
            rows: all.map(|one| cells(policy(one))).collect(),
        });
    }
    let rows = a.factors.stages.iter().map(|stage| {
        let or = |share: Option<f64>| share.map_or("nothing used".to_string(), percent);
        cells(vec![
            stage.stage.clone(),
            stage.largest.clone(),
            percent(stage.share),
            stage.countries.to_string(),
            index(stage.hhi),
            or(stage.n1),
            or(stage.n1_carried),
            percent(stage.unknown_owner),
        ])
    });
    blocks.extend([
        Block::Heading("How few make each stage".to_string()),
        note(
            "Of all output of the stage in the year, at the model's prices. HHI: sum of the squares of the countries' \
             shares, 10,000 for one maker. N-1: what is made without the largest country, over what is used; carried, \
             if what goes into it is made without its largest countries too.",
        ),
        Block::Table {
            header: vec!["stage", "largest", "share", "countries", "HHI", "N-1", "N-1 carried", "owner not known"],
            figures: vec![2, 3, 4, 5, 6, 7],
            rows: rows.collect(),
        },
        Block::Heading("Inputs that one country makes".to_string()),
    ]);
    if a.factors.single.is_empty() {
        blocks.push(text("None of the inputs upstream of these needs was made in one country alone."));
    } else {
        let rows = a.factors.single.iter();
        let rows = rows.map(|one| cells(vec![one.name.clone(), one.country.clone(), one.into.join(", ")]));
        blocks.push(Block::Table {
            header: vec!["input", "made in", "goes into"],
            figures: vec![],
            rows: rows.collect(),
        });
    }
    blocks
}

fn policy(policy: &Policy) -> Vec<String> {
    let source = |s: &coercivity_engine::assess::factors::Source| {
        let title = some(&s.title, &s.key).to_string();
        if s.year.is_empty() { title } else { format!("{title} ({})", s.year) }
    };
    let sources: Vec<String> = policy.sources.iter().map(source).collect();
    vec![
        policy.name.clone(),
        policy.by.clone(),
        policy.what.clone(),
        policy.from.to_string(),
        policy.until.map_or("open".to_string(), |day| day.to_string()),
        some(&policy.claimed_by, "not given").to_string(),
        some(&sources.join("; "), "none given").to_string(),
    ]
}

fn vulnerability(a: &Assessment) -> Vec<Block> {
    let mut blocks = vec![Block::Part("3. How vulnerable the needs are".to_string())];
    if !a.never_met.is_empty() {
        blocks.push(text(format!(
            "Short from the first day, with nothing lost and whatever is done: {}. They are left out below.",
            a.never_met.join(", ")
        )));
    }
    let Some(view) = &a.vulnerability else {
        blocks.push(text("None of the needs can be met even at the start, so there is nothing to survive."));
        return blocks;
    };
    blocks.push(note(format!(
        "Each country's stage is lost alone on {}, for good. Survives: the longest time in which {} could stay met in \
         full, if nothing else counted, not even what others go without. At risk: what the loss adds to the cost of the whole run, discounted, of which \
         the part that these needs go without. Exposed: short before the end of the run, as what is lost does not come \
         back.",
        view.at,
        counted(view.met.len(), "need")
    )));
    let short = view.nothing_lost.short_from;
    blocks.push(text(match short {
        None => "With nothing lost they stay met to the end of the run.".to_string(),
        Some(day) => format!(
            "With nothing lost they stay met for {} at most, until {day}; first short then: {}.",
            duration(view.nothing_lost.survives_days),
            names(&view.nothing_lost)
        ),
    }));
    if a.needs.iter().any(|need| need.short.as_ref().is_some_and(|first| short.is_none_or(|day| first.first < day))) {
        blocks.push(text(
            "In the run as it is some are short sooner than that: there everybody's needs and costs count, and it can be \
             cheaper to leave one of these short than another's.",
        ));
    }
    let rows = view.nodes.iter().map(|one| {
        cells(vec![
            one.node.clone(),
            survives(view, one),
            if is_sooner(view, one.survives_days) { names(one) } else { String::new() },
            if one.exposed { "yes" } else { "no" }.to_string(),
            money(one.value_at_risk, &a.currency),
            money(lost(a, one), &a.currency),
        ])
    });
    blocks.push(Block::Table {
        header: vec!["without", "survives", "short first", "exposed", "at risk", "of it, these needs"],
        figures: vec![1, 4, 5],
        rows: rows.collect(),
    });
    if !a.not_lost.is_empty() {
        blocks.push(text(format!("Not tried, as their shares are smallest: {}.", a.not_lost.join(", "))));
    }
    blocks
}

/// What the needs of the assessment lose by a loss.
pub fn lost(a: &Assessment, one: &One) -> f64 {
    let mine = |id: &str| a.needs.iter().any(|need| need.id == id);
    let sum: f64 = one.lost.iter().filter(|lost| mine(&lost.demand)).map(|lost| lost.value).sum();
    rounded(a, sum)
}

/// 0 for what the solver rounds, so that nothing is shown as -0.
pub fn rounded(a: &Assessment, amount: f64) -> f64 {
    if is_some(a, amount.abs()) { amount } else { 0.0 }
}

/// The needs that are short first.
pub fn names(one: &One) -> String {
    let names: Vec<&str> = one.short.iter().take(3).map(|short| short.name.as_str()).collect();
    match one.short.len().saturating_sub(3) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn mitigation(a: &Assessment) -> Vec<Block> {
    let m = &a.mitigation;
    let rows = m.measures.iter().filter(|measure| is_some(a, measure.saves.abs())).enumerate().map(|(i, measure)| {
        let known = |cost: Option<f64>| cost.map_or("unknown".to_string(), |cost| money(cost, &a.currency));
        let is_stock = measure.id.starts_with("stock:");
        cells(vec![
            (i + 1).to_string(),
            measure.what.clone(),
            money(measure.saves, &a.currency),
            money(rounded(a, measure.saves_needs), &a.currency),
            first_short(a, measure),
            known(measure.buying),
            if is_stock { format!("{} a year", known(measure.holding)) } else { "none".to_string() },
        ])
    });
    let mut blocks = vec![
        Block::Part("4. What would help".to_string()),
        note(format!(
            "Each change alone, those first that save most both in all and for these needs: the whole run again with only that changed and everything \
             known beforehand. As it is, the run costs {}, of which these needs go without {}; first short: {}. The last two \
             steps of the run, which its end bends, count in costs and not in days. What is saved is the total of all, as goods that one need leaves another takes; needs of equal value \
             may share at equal cost in more than one way, so the part of these needs is the less certain figure. Stock \
             is given and not bought: what it costs at the model's prices stands beside, and what holding it costs is in \
             what is saved already. What more capacity or substitution costs to bring about is not in the model and \
             therefore unknown. What \
             saves less than nothing costs more than it gives: a site may have to run at a least share of its capacity. \
             Two changes together may save more or less than the sum.",
            money(m.cost, &a.currency),
            money(m.needs_cost, &a.currency),
            m.first_short.map_or("never".to_string(), |day| day.to_string()),
        )),
        Block::Table {
            header: vec!["", "change", "saves", "of it, these needs", "first short", "cost of it", "holding"],
            figures: vec![2, 3, 5, 6],
            rows: rows.collect(),
        },
    ];
    let none: Vec<&str> =
        m.measures.iter().filter(|one| !is_some(a, one.saves.abs())).map(|one| one.what.as_str()).collect();
    if !none.is_empty() {
        blocks.push(text("Tried, and changes nothing:"));
        blocks.push(Block::List(none.iter().map(|what| what.to_string()).collect()));
    }
    if m.not_tried > 0 {
        let text_ = format!("{} of the same kinds were not tried.", counted(m.not_tried, "change"));
        blocks.push(text(text_.replace("1 change of the same kinds were", "1 change of the same kinds was")));
    }
    blocks
}

/// When needs are first short with a change.
pub fn first_short(a: &Assessment, measure: &Measure) -> String {
    match (a.mitigation.first_short, measure.first_short) {
        (_, None) => "never".to_string(),
        (_, Some(day)) if measure.days_later == Some(0) => format!("{day}, as it is"),
        (Some(_), Some(day)) => {
            let days = measure.days_later.unwrap_or(0);
            let later = if days > 0 { "later" } else { "sooner" };
            format!("{day}, {} {later}", duration(days.abs() as f64))
        }
        (None, Some(day)) => day.to_string(),
    }
}

fn evidence(a: &Assessment) -> Vec<Block> {
    let e = &a.evidence;
    let rows = e.confidence.iter().filter(|(_, n)| *n > 0).map(|(confidence, n)| {
        cells(vec![confidence.to_string(), n.to_string(), percent(*n as f64 / e.figures.max(1) as f64)])
    });
    let tables =
        e.tables.iter().map(|(file, n, guesses)| cells(vec![file.to_string(), n.to_string(), guesses.to_string()]));
    let unknown = e.unknown.iter().map(|one| format!("{}, {}: {}", one.product, one.stage, percent(one.share)));
    let sources = e.sources.iter().map(|cited| {
        let s = &cited.source;
        vec![
            Cell::Text(some(&s.title, &s.key).to_string()),
            Cell::Text(s.publisher.clone()),
            Cell::Text(s.year.clone()),
            Cell::Text(cited.figures.to_string()),
            Cell::Link(s.url.clone()),
        ]
    });
    let mut blocks = vec![
        Block::Part("5. What is not known, and what this rests on".to_string()),
        text(limits(a)),
        Block::Heading("Figures upstream of these needs".to_string()),
        Block::Table { header: vec!["confidence", "figures", "share"], figures: vec![1, 2], rows: rows.collect() },
        Block::Table {
            header: vec!["table", "figures", "of them recalled or assumed"],
            figures: vec![1, 2],
            rows: tables.collect(),
        },
    ];
    let mut unknown: Vec<String> = unknown.collect();
    blocks.push(Block::Heading("Not known".to_string()));
    unknown.push(format!("Owner not one known firm: {} of {}.", e.owners_unknown, counted(e.sites, "site")));
    unknown.push(format!("Figures without a source: {} of {}.", e.without_source, e.figures));
    unknown.push(format!(
        "Recalled or assumed figures with a range: {} of {}; ranges of no width: {}.",
        e.guesses_with_range, e.guesses, e.no_width
    ));
    blocks.push(note(
        "Share of what was used in the year whose making is not known, by product and stage; and the rest.",
    ));
    blocks.push(Block::List(unknown));
    blocks.push(Block::Heading("Sources".to_string()));
    blocks.push(Block::Table {
        header: vec!["source", "publisher", "year", "figures", "where"],
        figures: vec![3],
        rows: sources.collect(),
    });
    blocks
}

/// An honest paragraph.
fn limits(a: &Assessment) -> String {
    let e = &a.evidence;
    let guesses = if e.figures == 0 { "none".to_string() } else { percent(e.guesses as f64 / e.figures as f64) };
    let silent = match e.confidence.iter().find(|(confidence, _)| *confidence == "not given") {
        Some((_, n)) if *n > 0 => format!(", and {n} do not say how well they are known"),
        _ => String::new(),
    };
    format!(
        "Of {} figures upstream of these needs {guesses} are recalled or assumed by those who made the model{silent}. The runs \
         take the figures as they are, so no figure here has an error bar: `coercivity data --sensitivity` says which \
         ranges would change the answer. All act together and know the future, which makes shortages smaller than they \
         would be. The scenario is one of many, and nobody says how likely it is. Goods mix: which site served which \
         buyer is not known, only what may have. What happens in less than a step of the model is not seen.",
        e.figures
    )
}

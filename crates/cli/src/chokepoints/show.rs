//! What a person sees of the chokepoints: the answer in a sentence, then places, concentration, needs.

use std::path::Path;

use comfy_table::{Cell, CellAlignment};

use coercivity_engine::chokepoints::concentration::{Concentration, Of};
use coercivity_engine::chokepoints::cut::{Cut, Why};
use coercivity_engine::chokepoints::tables::lines;
use coercivity_engine::chokepoints::{Entry, Node};
use coercivity_engine::results::headline::{money, percent};
use coercivity_model::Date;

use super::{Answer, closed_by};
use crate::input::counted;
use crate::layout::{index, print, print_bold, quantity, table, width, wrap};

/// Rows shown of the ranked countries, of sites and lanes, and of needs.
const STAGES: usize = 12;
const PLACES: usize = 6;
const NEEDS: usize = 10;

/// Limits shown of a need's cut.
const LIMITS: usize = 2;

/// From this width on there is room for columns that can be spared.
const ROOMY: usize = 100;

impl Answer {
    pub fn show(&self, out: Option<&Path>) {
        let (model, scenario) = (&self.input.model, &self.input.scenario);
        let day = |step| model.calendar.first_day(step);
        let window = &self.found.window;
        println!("{} · {}, perfect foresight", model.name, scenario.name);
        println!();
        print_bold(&self.sentence());
        println!();
        self.show_stages();
        self.show_places("site", &self.found.sites);
        self.show_places("lane", &self.found.lanes);
        let title = format!("How few make it, from {} on and before {}", day(window.start), day(window.end));
        println!("{}", wrap(&title));
        self.show_concentration();
        self.show_cuts(day(window.start));
        let more = match out {
            Some(out) => format!("Tables over time, of products and of owners: {}", out.display()),
            None => "Tables over time, of products and of owners: --out DIR, or --json.".to_string(),
        };
        println!("{}", wrap(&more));
        println!("Again: {}", self.command);
    }

    /// The answer: where it is, and what it would save to relieve it.
    fn sentence(&self) -> String {
        let (model, found) = (&self.input.model, &self.found);
        let saves = |entry: &&Entry| entry.saving.one_percent > 0.0;
        let worth = |entry: &Entry| money(entry.saving.one_percent, &model.currency);
        let Some(first) = found.stages.first().filter(saves) else {
            return match found.lanes.first().filter(saves) {
                Some(lane) => format!(
                    "No capacity is short. The bottleneck is the lane {}: 1% more of it throughout would save {}.",
                    self.id(lane),
                    worth(lane)
                ),
                None => "Nothing is a bottleneck: more of any capacity or lane would save nothing.".to_string(),
            };
        };
        let name = match first.node {
            Node::Stage { region, .. } => format!(" ({})", model.regions[region].name),
            _ => String::new(),
        };
        let mut text = format!(
            "Capacity is shortest at {}{name}: 1% more there throughout would save {}, and it stands in the min-cuts of \
             {} of {}.",
            self.id(first),
            worth(first),
            first.cuts,
            counted(found.cuts.len(), "need"),
        );
        if let Some(site) = found.sites.first().filter(saves) {
            text.push_str(&format!(
                " Of single sites, 1% more of {} would save most ({}).",
                self.id(site),
                worth(site)
            ));
        }
        if let Some(lane) = found.lanes.first().filter(saves) {
            let why = match lane.why {
                Some(Why::Measure) => "a measure",
                Some(Why::Growth) => "how fast it can grow",
                _ => "its capacity",
            };
            text.push_str(&format!(" Of lanes, {} ({}), which is limited by {why}.", self.id(lane), worth(lane)));
        }
        text
    }

    fn id(&self, entry: &Entry) -> String {
        entry.node.id(&self.input.model, &self.found.chain)
    }

    fn show_stages(&self) {
        let model = &self.input.model;
        let title =
            format!("Countries and stages, by what 1% more capacity throughout would save (M {})", model.currency);
        println!("{}", wrap(&title));
        let mut rows = table(&["node", "share", "HHI", "N-1 carried", "min-cuts", "1% saves"], 1);
        let list: Vec<&Entry> = self.found.stages.iter().filter(|e| e.saving.one_percent > 0.0 || e.cuts > 0).collect();
        for entry in list.iter().take(STAGES) {
            rows.add_row(vec![
                Cell::new(self.id(entry)),
                Cell::new(known(entry.share, small)),
                Cell::new(known(entry.hhi, index)),
                Cell::new(known(entry.n1_carried, small)),
                Cell::new(entry.cuts),
                Cell::new(quantity(entry.saving.one_percent / 1e6)),
            ]);
        }
        print(&rows, list.len().saturating_sub(STAGES), "--out DIR");
    }

    fn show_places(&self, kind: &str, list: &[Entry]) {
        let model = &self.input.model;
        if list.is_empty() {
            return;
        }
        let roomy = width() >= ROOMY;
        let (title, share, more) = match kind {
            "site" => ("Sites", "of its stage", "unit of output"),
            _ => ("Lanes", "of use there", "unit"),
        };
        let title =
            format!("{title}: what 1% more throughout would save, and at most one more {more} (M {})", model.currency);
        println!("{}", wrap(&title));
        let mut header = vec![kind, share, "min-cuts", "1% saves", "one more", "set by"];
        if roomy {
            header.push("in");
        }
        let mut rows = table(&header, 1);
        for entry in list.iter().take(PLACES) {
            let mut cells = vec![
                Cell::new(self.id(entry)),
                Cell::new(known(entry.share, small)),
                Cell::new(entry.cuts),
                Cell::new(quantity(entry.saving.one_percent / 1e6)),
                Cell::new(quantity(entry.saving.one_more / 1e6)),
                Cell::new(entry.why.map_or("", |why| why.name())),
            ];
            if roomy {
                let day = model.calendar.first_day(entry.saving.step).strftime("%b %Y").to_string();
                cells.push(Cell::new(if entry.saving.one_more > 0.0 { day } else { String::new() }));
            }
            rows.add_row(cells);
        }
        print(&rows, list.len().saturating_sub(PLACES), "--out DIR");
    }

    fn show_concentration(&self) {
        let model = &self.input.model;
        let mut rows = table(&["stage", "largest", "HHI", "HHI by owner", "N-1", "N-1 carried"], 1);
        let stage = |c: &&Concentration| matches!(c.of, Of::Stage(_));
        for c in self.found.concentration.iter().filter(stage) {
            let Of::Stage(stage) = c.of else { continue };
            let (region, share) = c.countries[0];
            let (least, most) = c.hhi_by_owner;
            let owners =
                if index(least) == index(most) { index(least) } else { format!("{} to {}", index(least), index(most)) };
            rows.add_row(vec![
                Cell::new(&self.found.chain.stages[stage]),
                Cell::new(format!("{} {}", model.regions[region].id, percent(share))),
                Cell::new(index(c.hhi)),
                Cell::new(owners),
                Cell::new(known(c.n1, small)),
                Cell::new(known(c.n1_carried, small)),
            ]);
        }
        print(&rows, 0, "");
    }

    fn show_cuts(&self, day: Date) {
        let (model, scenario, chain) = (&self.input.model, &self.input.scenario, &self.found.chain);
        let coverage = |cut: &Cut| cut.coverage().unwrap_or(f64::INFINITY);
        let mut cuts: Vec<&Cut> = self.found.cuts.iter().collect();
        cuts.sort_by(|a, b| coverage(a).total_cmp(&coverage(b)));
        let Some(least) = cuts.first() else { return };
        let title = match coverage(least) {
            least if least < 1.0 => "Needs that the chain can carry least of, if nobody else needed anything",
            _ => "The chain could carry each need alone; those that it could carry least of",
        };
        println!("{}", wrap(&format!("{title} (capacities and measures as on {day})")));
        let mut rows = table(&["need", "covered", "what limits it"], 1);
        rows.column_mut(2).expect("there are three").set_cell_alignment(CellAlignment::Left);
        for cut in cuts.iter().take(NEEDS) {
            let limits = match (cut.is_cut_off(), closed_by(&self.input, cut)) {
                (false, _) => {
                    let lines = lines(model, scenario, chain, cut);
                    let shown = lines.iter().take(LIMITS).map(|line| format!("{} ({})", line.id, percent(line.share)));
                    let more = lines.len().saturating_sub(LIMITS);
                    let more = (more > 0).then(|| format!("{more} more"));
                    shown.chain(more).collect::<Vec<_>>().join(", ")
                }
                (true, Some(measures)) => format!("cut off by {measures}"),
                (true, None) => "cut off".to_string(),
            };
            let id = &model.demands[cut.demand].id;
            rows.add_row(vec![Cell::new(id), Cell::new(times(coverage(cut))), Cell::new(limits)]);
        }
        print(&rows, cuts.len().saturating_sub(NEEDS), "--out DIR");
    }
}

fn known(value: Option<f64>, show: fn(f64) -> String) -> String {
    value.map_or("-".to_string(), show)
}

/// A share; one too small for a digit is not shown as nothing.
fn small(share: f64) -> String {
    if share > 0.0 && share < 0.0005 { "<0.1%".to_string() } else { percent(share) }
}

/// "41%", and from twice on "2.5 times".
fn times(share: f64) -> String {
    match share {
        f64::INFINITY => "no limit".to_string(),
        share if share < 2.0 => percent(share),
        share => format!("{} times", quantity(share)),
    }
}

//! From the files of a model folder to a [`Model`].
//!
//! Three passes: every table is read and its cells are checked ([`crate::csv_table`]); ids are
//! resolved; what the tables say together is checked ([`crate::checks`]). Each pass reports all it
//! finds and the next one goes on with what is there, so that one run shows every problem.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use crate::behaviour::{Behaviour, Evidence};
use crate::calendar::{Calendar, year_after};
use crate::checks;
use crate::csv_table::{Table, cell_problem, is_id};
use crate::diag::{Code, Diagnostic, Report};
use crate::files::{Files, join};
use crate::hex::hex;
use crate::layers::{Layers, Tables};
use crate::manifest::Manifest;
use crate::model::*;
use crate::names::nearest;
use crate::observations::{Observation, Quantity};
use crate::schema::{Column, Kind, TableName};
use crate::uncertainty::{self, Amount};

/// Reads the model in `folder`. All problems are in `report`; `None` if any of them is an error.
pub fn read_model(files: &dyn Files, folder: &str, report: &mut Report) -> Option<Model> {
    let mut layers = Layers::new(files);
    let (manifest, tables) = layers.read(folder, report)?;
    report_absent(&layers.absent, &tables, folder, report);
    let Layers { hash, folders, behaviour, .. } = layers;

    let built = assemble(manifest, tables, folders, behaviour, hash, report)?;
    checks::check_model(&built, report);
    (!report.has_errors()).then_some(built)
}

/// A figure of a model and what it is to be instead.
#[derive(Clone, Debug)]
pub struct Change {
    pub table: TableName,
    pub row: usize,
    pub column: &'static Column,
    pub to: Amount,
}

/// The model with other figures. Errors are those that reading such tables would give.
pub fn changed(model: &Model, changes: &[Change]) -> Result<Model, Report> {
    let mut report = Report::default();
    // The ranges speak of the figures as they were.
    let (ranges, kept) = (TableName::Uncertainty, model.tables.iter());
    let mut tables: Tables = kept.filter(|(name, _)| **name != ranges).map(|(name, t)| (*name, t.clone())).collect();
    tables.insert(ranges, Table::empty(ranges.file()));
    let mut hash = Sha256::new_with_prefix(&model.hash);
    for Change { table, row, column, to } in changes {
        let text = to.to_string();
        hash.update(format!("{}/{row}/{}={text};", table.file(), column.name));
        if let Some((code, message, help)) = cell_problem(column, &text) {
            let mut d = Diagnostic::error(code, message);
            d.help = help;
            report.push(d);
        }
        tables.get_mut(table).expect("every table is there").set(*row, column.name, &text);
    }
    let manifest = Manifest {
        name: model.name.clone(),
        start: model.start,
        step: model.step,
        steps: model.steps(),
        currency: model.currency.clone(),
        discount_rate: model.discount_rate,
        terminal_value: model.terminal_value,
        default_scenario: model.default_scenario.clone(),
    };
    let behaviour = (model.behaviour.clone(), model.evidence.clone());
    assemble(Some(manifest), tables, model.folders.clone(), behaviour, hash, &mut report).ok_or(report)
}

/// Puts together what the tables say; `None` if there is any error.
fn assemble(
    manifest: Option<Manifest>,
    tables: Tables,
    folders: Vec<String>,
    (behaviour, evidence): (Behaviour, BTreeMap<&'static str, Evidence>),
    hash: Sha256,
    report: &mut Report,
) -> Option<Model> {
    let ids = Ids::collect(&tables, report);
    let resolver = Resolver { tables: &tables, ids: &ids };
    resolver.check_references(report);
    let processes = resolver.processes(report);
    let lanes = resolver.lanes(report);
    let demands = resolver.demands(report);
    let stocks = resolver.stocks(report);
    let sites = resolver.sites(&processes, report);
    let ranges = uncertainty::read(&tables, &folders, report);

    // Columns and cells that are wrong leave gaps that the whole cannot be built over.
    let manifest = manifest?;
    let calendar = Calendar::new(manifest.start, manifest.step, manifest.steps).expect("read_manifest checked it");
    let observations = resolver.observations(&calendar, report);
    let (regions, products) = (resolver.regions(), resolver.products());
    (!report.has_errors()).then(|| Model {
        name: manifest.name,
        calendar,
        start: manifest.start,
        step: manifest.step,
        currency: manifest.currency,
        discount_rate: manifest.discount_rate,
        terminal_value: manifest.terminal_value,
        default_scenario: manifest.default_scenario,
        folders,
        regions,
        products,
        processes,
        sites,
        lanes,
        demands,
        stocks,
        observations,
        ranges,
        behaviour,
        evidence,
        tables,
        hash: hex(&hash.finalize()),
    })
}

/// A table must be there if what is there calls for it: sites for processes, lanes for two regions.
fn report_absent(absent: &[TableName], tables: &BTreeMap<TableName, Table>, folder: &str, report: &mut Report) {
    for name in absent {
        let why = match name {
            TableName::Regions | TableName::Products | TableName::Demands | TableName::Uses => "every model has one",
            TableName::Processes if !tables[&TableName::Sites].is_empty() => "sites run processes",
            TableName::Sites if !tables[&TableName::Processes].is_empty() => "recipes are run by sites",
            TableName::Lanes if tables[&TableName::Regions].len() > 1 => "regions trade along lanes",
            _ => continue,
        };
        let file = join(folder, name.file());
        report.push(
            Diagnostic::error(Code::MissingFile, format!("there is no file `{file}`"))
                .help(format!("{why}; a table may have a header row only")),
        );
    }
}

/// Ids by table, with their positions.
struct Ids<'t> {
    of: HashMap<TableName, HashMap<&'t str, usize>>,
    /// Processes in the order in which they first appear.
    processes: Vec<&'t str>,
}

impl<'t> Ids<'t> {
    fn collect(tables: &'t BTreeMap<TableName, Table>, report: &mut Report) -> Ids<'t> {
        let mut of: HashMap<TableName, HashMap<&str, usize>> = HashMap::new();
        for (name, table) in tables {
            let Some(column) = name.schema().columns.iter().find(|c| c.kind == Kind::Id) else { continue };
            let ids = of.entry(*name).or_default();
            for row in 0..table.len() {
                let id = table.text(row, column.name);
                match ids.get(id) {
                    Some(first) if !id.is_empty() => report.push(
                        Diagnostic::error(
                            Code::DuplicateId,
                            format!("the {} `{id}` is defined twice", name.schema().noun),
                        )
                        .at(table.place(row, column.name, report))
                        .help(format!("the first one stands at {}", table.line(*first, report))),
                    ),
                    _ => {
                        ids.insert(id, row);
                    }
                }
            }
        }
        let table = &tables[&TableName::Processes];
        let mut processes = Vec::new();
        let ids = of.entry(TableName::Processes).or_default();
        for row in 0..table.len() {
            let id = table.text(row, "process");
            if !ids.contains_key(id) {
                ids.insert(id, processes.len());
                processes.push(id);
            }
        }
        Ids { of, processes }
    }

    fn get(&self, table: TableName, id: &str) -> Option<usize> {
        self.of.get(&table)?.get(id).copied()
    }
}

struct Resolver<'t> {
    tables: &'t BTreeMap<TableName, Table>,
    ids: &'t Ids<'t>,
}

impl<'t> Resolver<'t> {
    fn table(&self, name: TableName) -> &'t Table {
        &self.tables[&name]
    }

    /// Every cell that refers to a row of another table must name one.
    fn check_references(&self, report: &mut Report) {
        for (name, table) in self.tables {
            for column in name.schema().columns.iter().chain(crate::schema::COMMON) {
                let target = match column.kind {
                    Kind::Members(target) => {
                        self.check_members(table, column.name, target, report);
                        continue;
                    }
                    Kind::Ref(target) | Kind::RefOrAll(target) | Kind::RefList(target) => target,
                    _ => continue,
                };
                for row in 0..table.len() {
                    self.check_cell(table, row, column.name, target, report);
                }
            }
            for header in &table.header {
                if let Some((_, about)) = name.schema().figure_column(header)
                    && let Kind::RefList(target) = about.kind
                {
                    for row in 0..table.len() {
                        self.check_cell(table, row, header, target, report);
                    }
                }
            }
        }
    }

    fn check_cell(&self, table: &Table, row: usize, column: &str, target: TableName, report: &mut Report) {
        // A table that could not be read was reported, and says nothing about who refers to it. One
        // that need not be there is another matter.
        let defines = self.table(target);
        if defines.header.is_empty()
            && (target != TableName::Sources || report.texts().any(|(file, _)| file == defines.file))
        {
            return;
        }
        for id in table.list(row, column) {
            // What is no id at all was reported with the cell.
            if is_id(id) && self.ids.get(target, id).is_none() {
                let d = unknown_id(id, target, self.table(target), report);
                report.push(d.at(table.place(row, column, report)));
            }
        }
    }

    /// Every name in the column must be an id or a group of the target, or `*`.
    fn check_members(&self, table: &Table, column: &str, target: TableName, report: &mut Report) {
        for row in 0..table.len() {
            for name in table.list(row, column) {
                if is_id(name) && self.named(target, name).is_empty() {
                    let d = unknown_id(name, target, self.table(target), report);
                    report.push(d.at(table.place(row, column, report)));
                }
            }
        }
    }

    /// Positions of the rows of a table that a name stands for: an id, a group or `*`.
    fn named(&self, target: TableName, name: &str) -> Vec<usize> {
        let table = self.table(target);
        let is = |row: &usize| {
            name == "*" || table.text(*row, "id") == name || table.list(*row, "groups").any(|group| group == name)
        };
        (0..table.len()).filter(is).collect()
    }

    /// Positions that a `;`-list of ids and groups stands for, sorted.
    fn members(&self, table: &Table, row: usize, column: &str, target: TableName) -> Vec<usize> {
        let mut members: Vec<usize> = table.list(row, column).flat_map(|name| self.named(target, name)).collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    fn observations(&self, calendar: &Calendar, report: &mut Report) -> Vec<Observation> {
        let table = self.table(TableName::Observations);
        let mut observations = Vec::new();
        for row in 0..table.len() {
            let from = table.date(row, "from").unwrap_or(calendar.first_day(0));
            let until = table.date(row, "until").unwrap_or_else(|| year_after(from));
            if until <= from {
                report.push(
                    Diagnostic::error(Code::ContradictoryDates, format!("it ends on {until}, and begins on {from}"))
                        .at(table.place(row, "until", report))
                        .help("it must end after it begins"),
                );
            }
            let (Some(what), Some(value), Some(tolerance)) =
                (Quantity::parse(table.text(row, "what")), table.number(row, "value"), table.number(row, "tolerance"))
            else {
                continue;
            };
            observations.push(Observation {
                id: table.text(row, "id").to_string(),
                name: table.given(row, "name").unwrap_or(table.text(row, "id")).to_string(),
                what,
                products: self.members(table, row, "products", TableName::Products),
                regions: self.members(table, row, "region", TableName::Regions),
                to: match table.given(row, "to") {
                    Some(_) => self.members(table, row, "to", TableName::Regions),
                    None => self.named(TableName::Regions, "*"),
                },
                from,
                until,
                value,
                tolerance,
                scenario: table.given(row, "scenario").unwrap_or("baseline").to_string(),
            });
        }
        observations
    }

    fn id_of(&self, name: TableName, row: usize, column: &str, target: TableName) -> Option<usize> {
        self.ids.get(target, self.table(name).text(row, column))
    }

    fn regions(&self) -> Vec<Region> {
        let table = self.table(TableName::Regions);
        (0..table.len())
            .map(|row| Region {
                id: table.text(row, "id").to_string(),
                name: table.given(row, "name").unwrap_or(table.text(row, "id")).to_string(),
                groups: table.list(row, "groups").map(str::to_string).collect(),
            })
            .collect()
    }

    fn products(&self) -> Vec<Product> {
        let table = self.table(TableName::Products);
        (0..table.len())
            .map(|row| Product {
                id: table.text(row, "id").to_string(),
                name: table.given(row, "name").unwrap_or(table.text(row, "id")).to_string(),
                unit: table.text(row, "unit").to_string(),
                stage: table.text(row, "stage").to_string(),
                price: table.number(row, "price").unwrap_or(0.0),
                reexport: table.number(row, "reexport").unwrap_or(1.0),
                groups: table.list(row, "groups").map(str::to_string).collect(),
            })
            .collect()
    }

    fn processes(&self, report: &mut Report) -> Vec<Process> {
        let table = self.table(TableName::Processes);
        let mut processes: Vec<Process> = self
            .ids
            .processes
            .iter()
            .map(|id| Process { id: id.to_string(), inputs: Vec::new(), outputs: Vec::new() })
            .collect();
        let mut first = vec![None; processes.len()];
        let mut unique = Unique::default();
        for row in 0..table.len() {
            let Some(process) = self.id_of(TableName::Processes, row, "process", TableName::Processes) else {
                continue;
            };
            first[process].get_or_insert(row);
            let key = (process, table.text(row, "product"));
            unique.check(key, table, row, "the product stands twice in one recipe", report);
            let product = self.id_of(TableName::Processes, row, "product", TableName::Products);
            let (Some(product), Some(amount)) = (product, table.number(row, "amount")) else { continue };
            if amount > 0.0 {
                processes[process].outputs.push((product, amount));
            } else if amount < 0.0 {
                processes[process].inputs.push((product, -amount));
            } else {
                report.push(
                    Diagnostic::error(
                        Code::ZeroAmount,
                        format!("`{}` takes and gives none of it", table.text(row, "process")),
                    )
                    .at(table.place(row, "amount", report))
                    .help("below 0 is an input, above 0 an output; leave the row out otherwise"),
                );
            }
        }
        // A row that could not be read may have been the output: say this of clean recipes only.
        for (process, row) in processes.iter().zip(first) {
            let broken = (0..table.len()).filter(|r| table.text(*r, "process") == process.id).any(|r| {
                table.number(r, "amount").is_none()
                    || self.ids.get(TableName::Products, table.text(r, "product")).is_none()
            });
            if let Some(row) = row.filter(|_| process.outputs.is_empty() && !broken) {
                report.push(
                    Diagnostic::error(Code::NoOutput, format!("the recipe `{}` has no output", process.id))
                        .at(table.place(row, "process", report))
                        .help("give it a row with an amount above 0"),
                );
            }
        }
        processes
    }

    fn sites(&self, processes: &[Process], report: &mut Report) -> Vec<Site> {
        let table = self.table(TableName::Sites);
        let mut sites = Vec::new();
        for row in 0..table.len() {
            let listed: Vec<usize> =
                table.list(row, "process").filter_map(|id| self.ids.get(TableName::Processes, id)).collect();
            let mut unique = listed.clone();
            unique.sort_unstable();
            unique.dedup();
            if unique.len() < listed.len() {
                report.push(
                    Diagnostic::error(Code::DuplicateRow, "the site lists a process twice")
                        .at(table.place(row, "process", report))
                        .help("name each process once"),
                );
            }
            let (opens, closes) = (table.date(row, "opens"), table.date(row, "closes"));
            contradiction(table, row, opens, closes, report);
            let minimum = table.number(row, "minimum").unwrap_or(0.0);
            if let Some(process) = listed.iter().find(|p| minimum > 0.0 && !processes[**p].inputs.is_empty()) {
                report.push(
                    Diagnostic::error(
                        Code::MinimumWithInputs,
                        format!("a `minimum` is for sites without inputs, and `{}` has inputs", processes[*process].id),
                    )
                    .at(table.place(row, "minimum", report))
                    .help("leave `minimum` out: whether there are inputs to run on is not known beforehand"),
                );
            }
            let Some(region) = self.id_of(TableName::Sites, row, "region", TableName::Regions) else { continue };
            sites.push(Site {
                id: table.text(row, "id").to_string(),
                processes: listed,
                region,
                capacity: table.number(row, "capacity").unwrap_or(0.0),
                cost: table.number(row, "cost").unwrap_or(0.0),
                opens,
                closes,
                ramp_months: table.number(row, "ramp_months").unwrap_or(0.0),
                lead_days: table.number(row, "lead_days").unwrap_or(0.0),
                made: table.number(row, "made"),
                minimum,
                owner: table.text(row, "owner").to_string(),
                status: table.text(row, "status").to_string(),
            });
        }
        sites
    }

    /// Expands wildcard rows. A more exact row replaces a less exact one, and among equals the
    /// later one, with all its cells, the empty ones too.
    fn lanes(&self, report: &mut Report) -> Vec<Lane> {
        let table = self.table(TableName::Lanes);
        let products = self.table(TableName::Products).len();
        let regions = self.table(TableName::Regions).len();
        // (product, from, to) -> (wildcards, row); fewer wildcards and later rows win.
        let mut winner: BTreeMap<(usize, usize, usize), (usize, usize)> = BTreeMap::new();
        for row in 0..table.len() {
            let cell = |column, target, len| -> Vec<usize> {
                match table.text(row, column) {
                    "*" => (0..len).collect(),
                    id => self.ids.get(target, id).into_iter().collect(),
                }
            };
            let wildcards = ["product", "from", "to"].iter().filter(|c| table.text(row, c) == "*").count();
            let (from, to) = (table.text(row, "from"), table.text(row, "to"));
            if from == to && from != "*" && !from.is_empty() {
                report.push(
                    Diagnostic::warning(Code::SelfLane, format!("a lane from `{from}` to itself does not exist"))
                        .at(table.place(row, "to", report))
                        .help("leave the row out: within a region goods are everywhere at once"),
                );
            }
            let tos = cell("to", TableName::Regions, regions);
            for product in cell("product", TableName::Products, products) {
                for from in cell("from", TableName::Regions, regions) {
                    for to in tos.iter().copied().filter(|to| *to != from) {
                        let best = winner.entry((product, from, to)).or_insert((wildcards, row));
                        if wildcards <= best.0 {
                            *best = (wildcards, row);
                        }
                    }
                }
            }
        }
        winner
            .into_iter()
            .map(|((product, from, to), (_, row))| Lane {
                product,
                from,
                to,
                lead_days: table.number(row, "lead_days").unwrap_or(0.0),
                cost: table.number(row, "cost").unwrap_or(0.0),
                capacity: table.number(row, "capacity"),
                flow: table.number(row, "flow"),
                military: table.number(row, "military"),
                growth: table.number(row, "growth"),
            })
            .collect()
    }

    fn demands(&self, report: &mut Report) -> Vec<Demand> {
        let table = self.table(TableName::Demands);
        let mut options = self.options(report);
        let tiers = self.tiers(report);
        let mut demands = Vec::new();
        for row in 0..table.len() {
            let (opens, closes) = (table.date(row, "opens"), table.date(row, "closes"));
            contradiction(table, row, opens, closes, report);
            let Some(region) = self.id_of(TableName::Demands, row, "region", TableName::Regions) else { continue };
            demands.push(Demand {
                id: table.text(row, "id").to_string(),
                name: table.given(row, "name").unwrap_or(table.text(row, "id")).to_string(),
                unit: table.text(row, "unit").to_string(),
                region,
                amount: table.number(row, "amount").unwrap_or(0.0),
                value: table.number(row, "value").unwrap_or(0.0),
                end_use: if table.text(row, "end_use") == "military" { EndUse::Military } else { EndUse::Civil },
                late_cost: table.number(row, "late_cost"),
                growth: table.number(row, "growth").unwrap_or(0.0),
                opens,
                closes,
                options: options.remove(&row).unwrap_or_default(),
                tiers: tiers
                    .get(&Some(row))
                    .or_else(|| tiers.get(&None))
                    .cloned()
                    .unwrap_or_else(|| vec![Tier { share: 1.0, factor: 1.0 }]),
            });
        }
        demands
    }

    /// Options of each demand, in the order in which `uses.csv` first names them.
    fn options(&self, report: &mut Report) -> HashMap<usize, Vec<DemandOption>> {
        let mut options: HashMap<usize, Vec<DemandOption>> = HashMap::new();
        let table = self.table(TableName::Uses);
        let mut unique = Unique::default();
        for row in 0..table.len() {
            let name = table.given(row, "option").unwrap_or("base");
            let Some(demand) = self.id_of(TableName::Uses, row, "demand", TableName::Demands) else { continue };
            let key = (demand, (name, table.text(row, "product")));
            unique.check(key, table, row, "the product stands twice in one bill of materials", report);
            let list = options.entry(demand).or_default();
            let at = list.iter().position(|o| o.id == name).unwrap_or_else(|| {
                let option =
                    DemandOption { id: name.to_string(), uses: Vec::new(), opens: None, max_share: None, cost: 0.0 };
                list.push(option);
                list.len() - 1
            });
            let product = self.id_of(TableName::Uses, row, "product", TableName::Products);
            if let (Some(product), Some(amount)) = (product, table.number(row, "amount"))
                && amount > 0.0
            {
                list[at].uses.push((product, amount));
            }
        }
        let table = self.table(TableName::Options);
        let mut unique = Unique::default();
        for row in 0..table.len() {
            let name = table.text(row, "option");
            let Some(demand) = self.id_of(TableName::Options, row, "demand", TableName::Demands) else { continue };
            unique.check((demand, name), table, row, "the option has two rows", report);
            let list = options.entry(demand).or_default();
            match list.iter_mut().find(|o| o.id == name) {
                Some(option) => {
                    option.opens = table.date(row, "opens");
                    option.max_share = Some(table.number(row, "max_share").unwrap_or(1.0));
                    option.cost = table.number(row, "cost").unwrap_or(0.0);
                }
                None => {
                    let mut d = Diagnostic::error(Code::UnknownId, format!("unknown option `{name}`"))
                        .at(table.place(row, "option", report))
                        .label(format!("`uses.csv` has no row of `{}` with this option", table.text(row, "demand")));
                    d = d.help(match nearest(name, list.iter().map(|o| o.id.as_str())) {
                        Some(near) => format!("use `{near}`"),
                        None => format!("list in `{}` what it takes", self.table(TableName::Uses).file),
                    });
                    report.push(d);
                }
            }
        }
        options
    }

    /// Tiers by row of the demand; `None` = the rows of `*`.
    fn tiers(&self, report: &mut Report) -> HashMap<Option<usize>, Vec<Tier>> {
        let table = self.table(TableName::Tiers);
        let mut tiers: HashMap<Option<usize>, Vec<Tier>> = HashMap::new();
        let mut last_row: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        for row in 0..table.len() {
            let demand = self.id_of(TableName::Tiers, row, "demand", TableName::Demands);
            let (Some(share), Some(factor)) = (table.number(row, "share"), table.number(row, "factor")) else {
                continue;
            };
            if demand.is_none() && table.text(row, "demand") != "*" {
                continue;
            }
            let list = tiers.entry(demand).or_default();
            if list.last().is_some_and(|before| factor < before.factor) {
                report.push(
                    Diagnostic::error(Code::TierFactors, "the factor is below the one of the tier before")
                        .at(table.place(row, "factor", report))
                        .help("unmet units fill the tiers in order: the first must be the least to matter"),
                );
            }
            list.push(Tier { share, factor });
            last_row.insert(demand, row);
        }
        for (demand, row) in last_row {
            let total: f64 = tiers[&demand].iter().map(|t| t.share).sum();
            if (total - 1.0).abs() > 1e-9 {
                report.push(
                    Diagnostic::error(
                        Code::TierShares,
                        format!("the tiers of `{}` add up to {total}, not 1", table.text(row, "demand")),
                    )
                    .at(table.place(row, "share", report))
                    .help("the shares of all rows of one demand are the whole of it"),
                );
            }
        }
        tiers
    }

    fn stocks(&self, report: &mut Report) -> Vec<Stock> {
        let table = self.table(TableName::Stocks);
        let mut stocks = Vec::new();
        let mut unique = Unique::default();
        for row in 0..table.len() {
            let region = self.id_of(TableName::Stocks, row, "region", TableName::Regions);
            let product = self.id_of(TableName::Stocks, row, "product", TableName::Products);
            let (Some(region), Some(product)) = (region, product) else { continue };
            let strategic = table.text(row, "kind") == "strategic";
            unique.check((region, (product, strategic)), table, row, "a second stock of one kind", report);
            let stock = Stock {
                region,
                product,
                kind: if strategic { StockKind::Strategic } else { StockKind::Commercial },
                initial: table.number(row, "initial").unwrap_or(0.0),
                capacity: table.number(row, "capacity"),
                holding_cost: table.number(row, "holding_cost").unwrap_or(0.0),
                target: table.number(row, "target").unwrap_or(0.0),
                shortfall_cost: table.number(row, "shortfall_cost").unwrap_or(0.0),
                origin: self.id_of(TableName::Stocks, row, "origin", TableName::Regions),
            };
            for (column, figure) in [("initial", stock.initial), ("target", stock.target)] {
                if stock.capacity.is_some_and(|capacity| figure > capacity) {
                    report.push(
                        Diagnostic::error(Code::StockAboveCapacity, format!("`{column}` is above the capacity"))
                            .at(table.place(row, column, report))
                            .help(format!("lower it to {} or raise `capacity`", stock.capacity.unwrap_or_default())),
                    );
                }
            }
            if strategic && stock.target > 0.0 {
                report.push(
                    Diagnostic::error(Code::StrategicTarget, "a strategic stock has no target: nobody can add to it")
                        .at(table.place(row, "target", report))
                        .help("leave `target` out, or make the stock commercial"),
                );
            }
            stocks.push(stock);
        }
        stocks
    }
}

/// Tells rows that speak of the same thing.
struct Unique<K>(HashMap<K, usize>);

impl<K> Default for Unique<K> {
    fn default() -> Self {
        Unique(HashMap::new())
    }
}

impl<K: std::hash::Hash + Eq> Unique<K> {
    fn check(&mut self, key: K, table: &Table, row: usize, message: &str, report: &mut Report) {
        if let Some(first) = self.0.insert(key, row) {
            report.push(
                Diagnostic::error(Code::DuplicateRow, message)
                    .at(table.place(row, "", report))
                    .help(format!("the first row stands at {}", table.line(first, report))),
            );
        }
    }
}

fn contradiction(
    table: &Table,
    row: usize,
    opens: Option<crate::Date>,
    closes: Option<crate::Date>,
    report: &mut Report,
) {
    if let (Some(opens), Some(closes)) = (opens, closes)
        && closes <= opens
    {
        report.push(
            Diagnostic::error(Code::ContradictoryDates, format!("it closes on {closes}, and opens on {opens}"))
                .at(table.place(row, "closes", report))
                .help("it must close after it opens"),
        );
    }
}

/// The diagnostic for an id that `table` does not define, without its place.
pub(crate) fn unknown_id(id: &str, target: TableName, table: &Table, report: &Report) -> Diagnostic {
    let (noun, column) = match target {
        TableName::Processes => ("process", "process"),
        TableName::Sources => ("source", "key"),
        other => (other.schema().noun, "id"),
    };
    let d =
        Diagnostic::error(Code::UnknownId, format!("unknown {noun} `{id}`")).label(format!("no {noun} has this id"));
    match nearest(id, (0..table.len()).map(|row| table.text(row, column))) {
        Some(near) => {
            let row = (0..table.len()).find(|row| table.text(*row, column) == near).unwrap_or(0);
            d.help(format!("use `{near}` ({})", table.line(row, report)))
        }
        None if table.header.is_empty() => d.help(format!("ids would stand in `{}`, which is not there", table.file)),
        None => d.help(format!("ids stand in `{}`", table.file)),
    }
}

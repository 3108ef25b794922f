//! The uncertain inputs of an ensemble, found in its model and scenario.
//!
//! An [`Input`] is what the spec names. It has one [`Variable`] that moves all its figures together, or one for each of
//! them. A variable has a [`Marginal`], and a [`Target`] that it moves.

use std::collections::HashMap;
use std::ops::Range;

use coercivity_model::csv_table::Table;
use coercivity_model::describe::parameters;
use coercivity_model::edit::DATES;
use coercivity_model::figures::is_figure;
use coercivity_model::names::nearest;
use coercivity_model::scenario::Measure;
use coercivity_model::schema::{Column, TableName};
use coercivity_model::toml_table::Given;
use coercivity_model::uncertainty::{Amount, row_names};
use coercivity_model::{Code, Date, Diagnostic, Model, Report, Scenario};

use super::marginal::Marginal;
use super::spec::{InputSpec, Moves, Spec, TargetSpec};

/// One uncertain input.
#[derive(Clone, Debug)]
pub struct Input {
    pub id: String,
    pub name: String,
    /// Positions of its variables.
    pub variables: Range<usize>,
}

/// What one number of a sample decides.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Of the column in the results: the input's id, with the figure's name where the input has several.
    pub name: String,
    pub marginal: Marginal,
    pub target: Target,
}

/// What a variable moves.
#[derive(Clone, Debug)]
pub enum Target {
    /// Each of these figures, in the same way.
    Figures { figures: Vec<Figure>, moves: Moves },
    /// Each of these figures, to its own quantile of the drawn share.
    Quantiles(Vec<(Figure, Marginal)>),
    /// A key of a measure. `base` is what it is in the scenario.
    Key { measure: String, key: String, moves: Moves, base: Option<Amount> },
    /// Extensions of truces, beyond those that the scenario takes: (id, how many it takes).
    Truces(Vec<(String, usize)>),
}

/// A figure of the model's tables.
#[derive(Clone, Debug)]
pub struct Figure {
    pub table: TableName,
    pub row: usize,
    pub column: &'static Column,
    pub name: String,
    /// `None` where the cell is empty.
    pub base: Option<Amount>,
}

/// Finds what the inputs of a spec name. All problems are in `report`.
pub fn resolve(
    spec: &Spec,
    file: &str,
    model: &Model,
    scenario: &Scenario,
    report: &mut Report,
) -> (Vec<Input>, Vec<Variable>) {
    let mut finder = Finder { file, model, scenario, names: HashMap::new(), moved: HashMap::new(), report };
    let (mut inputs, mut variables) = (Vec::new(), Vec::new());
    for input in &spec.inputs {
        let begin = variables.len();
        variables.extend(finder.variables(input));
        inputs.push(Input { id: input.id.clone(), name: input.name.clone(), variables: begin..variables.len() });
    }
    (inputs, variables)
}

struct Finder<'a> {
    file: &'a str,
    model: &'a Model,
    scenario: &'a Scenario,
    names: HashMap<TableName, Vec<String>>,
    /// What is moved, as text, and by which input.
    moved: HashMap<String, String>,
    report: &'a mut Report,
}

impl Finder<'_> {
    fn wrong(&mut self, span: &Range<usize>, code: Code, message: String, help: String) {
        let place = self.report.place(self.file, span.clone());
        self.report.push(Diagnostic::error(code, message).at(place).help(help));
    }

    fn variables(&mut self, input: &InputSpec) -> Vec<Variable> {
        match &input.target {
            TargetSpec::Figures { table, rows, column, each } => {
                let Some(figures) = self.figures(table, rows, column) else { return Vec::new() };
                match &input.marginal {
                    Some(marginal) => self.moved(input, figures, Marginal::new(marginal), *each),
                    None => self.ranged(input, figures, *each),
                }
            }
            TargetSpec::Key { measure, key } => self.key(input, measure, key).into_iter().collect(),
            TargetSpec::Truces { truces, probabilities } => {
                self.truces(input, truces, probabilities.as_deref()).into_iter().collect()
            }
        }
    }

    /// Figures that all are moved in one way.
    fn moved(&mut self, input: &InputSpec, figures: Vec<Figure>, marginal: Marginal, each: bool) -> Vec<Variable> {
        let moves = input.moves;
        let known: Vec<Figure> =
            figures.into_iter().filter(|figure| moves == Moves::To || figure.base.is_some()).collect();
        let dates = marginal.gives_dates();
        let unfit = known.iter().find(|figure| match (moves, figure.column.is_date()) {
            (Moves::To, date) => date != dates,
            (Moves::By, _) => dates,
            (Moves::Times, date) => date || dates,
        });
        if known.is_empty() {
            let message = format!("`{}` moves figures by something, and the cells are empty", input.id);
            self.wrong(&input.span, Code::MissingValue, message, "say with `moves = \"to\"` what they are".to_string());
        }
        if let Some(figure) = unfit {
            let what = if figure.column.is_date() { "a date" } else { "a number" };
            let message = format!("`{}` does not fit `{}`, which is {what}", input.id, figure.name);
            let help = "a figure is moved to a number, by one, or times one; a date to a date, or by days".to_string();
            self.wrong(&input.span, Code::WrongType, message, help);
        }
        self.claim(input, &known);
        split(input, known, each, |figures| (marginal.clone(), Target::Figures { figures, moves }))
    }

    /// Figures that lie in the ranges of `uncertainty.csv`.
    fn ranged(&mut self, input: &InputSpec, figures: Vec<Figure>, each: bool) -> Vec<Variable> {
        let ranges: HashMap<(TableName, usize, &str), &coercivity_model::uncertainty::Range> =
            self.model.ranges.iter().map(|range| ((range.table, range.row, range.column.name), range)).collect();
        let key = |figure: &Figure| (figure.table, figure.row, figure.column.name);
        let ranged: Vec<Figure> = figures
            .into_iter()
            .filter(|figure| ranges.get(&key(figure)).is_some_and(|range| range.low != range.high))
            .collect();
        if ranged.is_empty() {
            let message = format!("no figure of `{}` has a range in `uncertainty.csv`", input.id);
            let help = "give the input `low`, `best` and `high`, or the figures ranges".to_string();
            self.wrong(&input.span, Code::NoRange, message, help);
        }
        self.claim(input, &ranged);
        let marginal = |figure: &Figure| {
            let range = ranges[&key(figure)];
            Marginal::range(range.low, range.best, range.high, range.shape)
        };
        split(input, ranged, each, |figures| match &figures[..] {
            [only] => (marginal(only), Target::Figures { figures, moves: Moves::To }),
            _ => {
                let own = figures.into_iter().map(|figure| (figure.clone(), marginal(&figure)));
                (Marginal::Share, Target::Quantiles(own.collect()))
            }
        })
    }

    /// The figures that patterns of tables, rows and columns name; `None` where there are none.
    fn figures(&mut self, table: &Given, rows: &[Given], column: &Given) -> Option<Vec<Figure>> {
        let inputs: Vec<TableName> = TableName::ALL.iter().copied().filter(|name| name.is_input()).collect();
        let tables: Vec<TableName> = inputs.iter().copied().filter(|name| matches(&table.0, name.stem())).collect();
        if tables.is_empty() {
            let near = nearest(&table.0, inputs.iter().map(|name| name.stem()));
            self.unknown(table, "table", near);
            return None;
        }
        let mut list = Vec::new();
        let mut found = vec![false; rows.len()];
        let mut known_column = false;
        for name in tables {
            let model = self.model;
            let cells = &model.tables[&name];
            let names = self.names.entry(name).or_insert_with(|| row_names(name, cells)).clone();
            let columns: Vec<&'static Column> =
                name.schema().columns.iter().filter(|c| is_figure(c.kind) && matches(&column.0, c.name)).collect();
            known_column |= !columns.is_empty();
            for (row, row_name) in names.iter().enumerate() {
                let mut wanted = false;
                for (pattern, found) in rows.iter().zip(&mut found) {
                    if matches(&pattern.0, row_name) {
                        (wanted, *found) = (true, true);
                    }
                }
                if wanted {
                    list.extend(columns.iter().map(|column| figure(name, cells, row, row_name, column)));
                }
            }
        }
        if !known_column {
            let all =
                inputs.iter().filter(|name| matches(&table.0, name.stem())).flat_map(|name| name.schema().columns);
            let near = nearest(&column.0, all.filter(|c| is_figure(c.kind)).map(|c| c.name));
            self.unknown(column, "column of figures", near);
        }
        for (row, _) in rows.iter().zip(found).filter(|(_, found)| !found) {
            let near = self.names.values().flatten().map(String::as_str);
            let near = nearest(&row.0, near).map(str::to_string);
            self.unknown(row, "row", near.as_deref());
        }
        (!list.is_empty()).then_some(list)
    }

    fn unknown(&mut self, given: &Given, what: &str, near: Option<&str>) {
        let help = match near {
            Some(near) => format!("use `{near}`"),
            None => "the names are those of the model; `*` stands for any letters".to_string(),
        };
        self.wrong(&given.1, Code::UnknownId, format!("unknown {what} `{}`", given.0), help);
    }

    /// No figure, key or truce is moved by two inputs.
    fn claim(&mut self, input: &InputSpec, figures: &[Figure]) {
        for figure in figures {
            self.claim_one(input, format!("{} of {}", figure.name, figure.table.stem()));
        }
    }

    fn claim_one(&mut self, input: &InputSpec, what: String) {
        if let Some(first) = self.moved.insert(what.clone(), input.id.clone()) {
            let message = format!("`{first}` and `{}` both move {what}", input.id);
            self.wrong(&input.span, Code::DuplicateRow, message, "let one of them leave it out".to_string());
        }
    }

    fn key(&mut self, input: &InputSpec, measure: &Given, key: &Given) -> Option<Variable> {
        let Some(found) = self.scenario.measures.iter().find(|m| m.id == measure.0) else {
            let near = nearest(&measure.0, self.scenario.measures.iter().map(|m| m.id.as_str()));
            let near = near.map(str::to_string);
            self.unknown(measure, "measure", near.as_deref());
            return None;
        };
        let keys = keys_of(found);
        let Some((_, base)) = keys.iter().find(|(name, _)| *name == key.0).copied() else {
            let near = nearest(&key.0, keys.iter().map(|(name, _)| *name));
            self.unknown(key, &format!("key of `{}`", measure.0), near);
            return None;
        };
        let marginal = Marginal::new(input.marginal.as_ref()?);
        let (date, dates) = (DATES.contains(&key.0.as_str()), marginal.gives_dates());
        let fits = match input.moves {
            Moves::To => date == dates,
            Moves::By => !dates && base.is_some(),
            Moves::Times => !dates && !date && base.is_some(),
        };
        if !fits {
            let message = format!("`{}` does not fit the key `{}` of `{}`", input.id, key.0, measure.0);
            let help = "a number is moved to a number, by one, or times one; a date to a date, or by days".to_string();
            self.wrong(&input.span, Code::WrongType, message, help);
        }
        self.claim_one(input, format!("`{}` of `{}`", key.0, measure.0));
        let target = Target::Key { measure: measure.0.clone(), key: key.0.clone(), moves: input.moves, base };
        Some(Variable { name: input.id.clone(), marginal, target })
    }

    fn truces(&mut self, input: &InputSpec, names: &[Given], probabilities: Option<&[f64]>) -> Option<Variable> {
        let mut truces = Vec::new();
        let mut chances: Option<Vec<Option<f64>>> = None;
        for name in names {
            let Some(truce) = self.scenario.truces.iter().find(|t| t.id == name.0) else {
                let near = nearest(&name.0, self.scenario.truces.iter().map(|t| t.id.as_str())).map(str::to_string);
                self.unknown(name, "truce", near.as_deref());
                return None;
            };
            let further = &truce.extensions[truce.extended..];
            let own: Vec<Option<f64>> = further.iter().map(|extension| extension.probability).collect();
            let least = probabilities.map_or(own.len(), <[f64]>::len);
            if own.is_empty() || own.len() < least || chances.as_ref().is_some_and(|first| first.len() != own.len()) {
                let message = format!("`{}` has {} extensions that the scenario does not take", name.0, own.len());
                let help = "an input draws how many of them come; truces drawn together have as many".to_string();
                self.wrong(&name.1, Code::NothingInScope, message, help);
                return None;
            }
            truces.push((name.0.clone(), truce.extended));
            chances.get_or_insert(own);
            self.claim_one(input, format!("the extensions of `{}`", name.0));
        }
        let own = || chances?.into_iter().collect::<Option<Vec<f64>>>();
        let Some(chances) = probabilities.map(<[f64]>::to_vec).or_else(own) else {
            let message = format!("an extension of `{}` has no probability", names[0].0);
            let help = "give the input `probabilities`, one for each extension, given that those before it came";
            self.wrong(&names[0].1, Code::MissingKey, message, help.to_string());
            return None;
        };
        // One after the other: the next can come only where the one before came.
        let mut weights = Vec::new();
        let mut still = 1.0;
        for chance in &chances {
            weights.push(still * (1.0 - chance));
            still *= chance;
        }
        weights.push(still);
        let counts = (0..weights.len()).map(|n| Amount::Number(n as f64));
        let marginal = Marginal::choice(counts, &weights);
        Some(Variable { name: input.id.clone(), marginal, target: Target::Truces(truces) })
    }
}

/// Makes one variable of all figures, or one of each.
fn split(
    input: &InputSpec,
    figures: Vec<Figure>,
    each: bool,
    variable: impl Fn(Vec<Figure>) -> (Marginal, Target),
) -> Vec<Variable> {
    if figures.is_empty() {
        return Vec::new();
    }
    let one = |name: String, figures: Vec<Figure>| {
        let (marginal, target) = variable(figures);
        Variable { name, marginal, target }
    };
    match each {
        false => vec![one(input.id.clone(), figures)],
        true => figures.into_iter().map(|figure| one(format!("{}:{}", input.id, figure.name), vec![figure])).collect(),
    }
}

fn figure(table: TableName, cells: &Table, row: usize, row_name: &str, column: &'static Column) -> Figure {
    let base = cells.given(row, column.name).and_then(|cell| Amount::parse(column, cell));
    Figure { table, row, column, name: format!("{row_name}/{}", column.name), base }
}

/// The keys of a measure that an input can move, and what they are.
fn keys_of(measure: &Measure) -> Vec<(&'static str, Option<Amount>)> {
    let date = |date: Date| Some(Amount::Date(date));
    let dates = [
        ("from", date(measure.from)),
        ("until", measure.until.and_then(date)),
        ("announced", date(measure.announced)),
        ("until_announced", date(measure.until_announced)),
    ];
    let numbers = parameters(measure).into_iter().map(|p| (p.key, p.value.map(Amount::Number)));
    numbers.chain(dates).collect()
}

/// Whether a name fits a pattern in which `*` stands for any letters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_letters() {
        assert!(matches("*", ""));
        assert!(matches("sep-*", "sep-lynas"));
        assert!(matches("*/CHN/*", "mag-h/CHN/USA"));
        assert!(!matches("*/CHN/*", "mag-h/JPN/CHN"));
        assert!(matches("sep-lynas", "sep-lynas"));
        assert!(!matches("sep", "sep-lynas"));
        // No letter counts twice.
        assert!(!matches("ab*ba", "aba"));
    }
}

//! Reading a bill of materials from its tables, with everything that is wrong in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use coercivity_model::csv_table::{Table, list_parts, starts_formula};
use coercivity_model::diag::{Code, Diagnostic, Report};
use coercivity_model::names::nearest;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::{AnswerId, Bom, Cited, Document, Part, Piece, Source, Stated, Weight};
use crate::amount::{self, Amount};
use crate::claim::Claim;
use crate::country::{self, Answer};
use crate::tables::Tables;

/// Reads a bill of materials from its tables; `None` if there are errors, which the report has.
pub fn read(tables: &Tables, report: &mut Report) -> Option<Bom> {
    let documents = read_documents(&tables.declarations, report);
    let mut reader = Reader {
        table: &tables.parts,
        document_of: documents.iter().enumerate().map(|(i, d)| (d.number.clone(), i)).collect(),
        answers: vec![Answer::Blank],
        answer_of: HashMap::new(),
        report,
        suggestions: 100,
    };
    let rows = reader.rows();
    if rows.is_empty() && !reader.report.has_errors() {
        let file = &tables.parts.file;
        let message = format!("`{file}` has no parts");
        let end = reader.report.texts().find(|(name, _)| name == file).map_or(0, |(_, text)| text.len());
        let place = reader.report.place(file, 0..end);
        let help = "fill in one row for each part, and one for each material in it";
        reader.report.push(Diagnostic::error(Code::MissingValue, message).at(place).help(help));
    }
    let mut parts = reader.parts(&rows);
    reader.structure(&rows, &mut parts);
    reader.sources(&rows, &mut parts);
    let answers = reader.sort(&mut parts);
    let bottom_up = reader.bottom_up(&rows, &parts);
    if bottom_up.is_some() {
        reader.check_sums(&rows, &parts);
    }
    let bottom_up = bottom_up?;
    (!report.has_errors()).then_some(Bom { parts, documents, bottom_up, answers })
}

fn read_documents(table: &Table, report: &mut Report) -> Vec<Document> {
    let mut documents: BTreeMap<String, Document> = BTreeMap::new();
    let words = Claim::WORDS;
    for row in 0..table.len() {
        let number = table.text(row, "document").to_string();
        let mut covers = Vec::new();
        for word in table.list(row, "covers") {
            let word = word.to_lowercase().replace(' ', "-");
            // `made in` and `made_in`, `electronic device` and `electronic_device` mean the same.
            let found = Claim::ALL.iter().find(|claim| claim.word().replace('_', "-") == word.replace('_', "-"));
            match found {
                Some(claim) => covers.push(*claim),
                None => {
                    let help = match nearest(&word, words.iter().copied()) {
                        Some(near) => format!("is `{near}` meant?"),
                        None => format!("it is one of {}", words.join(", ")),
                    };
                    let place = table.place(row, "covers", report);
                    let message = format!("`covers` has `{word}`");
                    report.push(Diagnostic::error(Code::BadChoice, message).at(place).help(help));
                }
            }
        }
        let document = Document {
            number: number.clone(),
            supplier: table.text(row, "supplier").to_string(),
            covers: table.given(row, "covers").map(|_| covers),
            dated: table.date(row, "dated"),
            expires: table.date(row, "expires"),
            signed_by: table.text(row, "signed_by").to_string(),
        };
        if let (Some(dated), Some(expires)) = (document.dated, document.expires)
            && expires < dated
        {
            let place = table.place(row, "expires", report);
            let message = format!("the document `{number}` expires before it is dated");
            report.push(
                Diagnostic::error(Code::ContradictoryDates, message)
                    .at(place)
                    .help(format!("it is dated {dated} and expires {expires}")),
            );
        }
        if documents.insert(number.clone(), document).is_some() {
            let place = table.place(row, "document", report);
            report.push(
                Diagnostic::error(Code::DuplicateId, format!("the document `{number}` is listed twice"))
                    .at(place)
                    .help("give each document one row"),
            );
        }
    }
    documents.into_values().collect()
}

struct Reader<'a> {
    table: &'a Table,
    document_of: HashMap<String, usize>,
    answers: Vec<Answer>,
    answer_of: HashMap<String, AnswerId>,
    report: &'a mut Report,
    /// How many more times a wrong number is compared with all known ones.
    suggestions: usize,
}

/// The rows of each part, in their order, by the part's number.
type Rows<'a> = BTreeMap<&'a str, Vec<usize>>;

/// Columns about the part as a supplier supplies it.
const OF_SOURCE: &[&str] = &["weight_g", "value", "made_in", "cots", "electronic_device", "material", "documents"];

impl<'a> Reader<'a> {
    fn rows(&self) -> Rows<'a> {
        let mut rows = Rows::new();
        for row in 0..self.table.len() {
            rows.entry(self.table.text(row, "part")).or_default().push(row);
        }
        rows
    }

    fn error(&mut self, code: Code, message: String, row: usize, column: &str, help: impl Into<String>) {
        let place = self.table.place(row, column, self.report);
        self.report.push(Diagnostic::error(code, message).at(place).help(help));
    }

    fn parts(&mut self, rows: &Rows) -> Vec<Part> {
        let mut parts = Vec::with_capacity(rows.len());
        for (number, rows) in rows {
            let name = self.one(rows, "name", |_, _, _, text| Some(text.to_string())).unwrap_or_default();
            parts.push(Part { number: number.to_string(), name, ..Part::default() });
        }
        parts
    }

    /// What the rows that fill a column say in it, which must be the same.
    fn one<T: PartialEq>(
        &mut self,
        rows: &[usize],
        column: &str,
        read: impl Fn(&mut Self, usize, &str, &str) -> Option<T>,
    ) -> Option<T> {
        let mut found: Option<(T, usize)> = None;
        for &row in rows {
            let table = self.table;
            // A formula has been reported as one.
            let Some(text) = table.given(row, column).filter(|text| !starts_formula(text)) else { continue };
            let Some(value) = read(self, row, column, text) else { continue };
            match &found {
                None => found = Some((value, row)),
                Some((first, first_row)) if *first != value => {
                    let (part, line) = (table.text(row, "part"), table.line(*first_row, self.report));
                    let message = format!("two rows of the part `{part}` differ in `{column}`");
                    let help = format!(
                        "{line} has `{}`: correct one of them, or leave it empty",
                        table.text(*first_row, column)
                    );
                    self.error(Code::Contradiction, message, row, column, help);
                }
                Some(_) => {}
            }
        }
        found.map(|(value, _)| value)
    }

    fn structure(&mut self, rows: &Rows, parts: &mut [Part]) {
        let position: HashMap<&str, usize> = rows.keys().enumerate().map(|(i, number)| (*number, i)).collect();
        for (i, of_part) in rows.values().enumerate() {
            let mut by_parent: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for &row in of_part {
                if let Some(parent) = self.table.given(row, "part_of") {
                    by_parent.entry(parent).or_default().push(row);
                }
            }
            for (parent, rows) in by_parent {
                let quantity = self.one(&rows, "quantity", Self::amount);
                match position.get(parent) {
                    Some(&parent) => parts[i].part_of.push((parent, quantity)),
                    None => {
                        let help =
                            self.meant(parent, position.keys().copied(), "a part has at least one row of its own");
                        self.error(Code::UnknownId, format!("unknown part `{parent}`"), rows[0], "part_of", help);
                    }
                }
            }
        }
        for i in 0..parts.len() {
            for (parent, quantity) in parts[i].part_of.clone() {
                parts[parent].contains.push((i, quantity));
            }
        }
    }

    fn sources(&mut self, rows: &Rows, parts: &mut [Part]) {
        for (part, rows) in parts.iter_mut().zip(rows.values()) {
            let mut by_supplier: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for &row in rows {
                let says_something = OF_SOURCE.iter().any(|column| self.table.given(row, column).is_some());
                // A row that only says what the part is built into speaks of no supplier.
                if says_something || self.table.given(row, "supplier").is_some() {
                    by_supplier.entry(self.table.text(row, "supplier")).or_default().push(row);
                }
            }
            if by_supplier.is_empty() {
                by_supplier.insert("", rows.clone());
            }
            for (supplier, rows) in by_supplier {
                let source = self.source(supplier, &rows);
                part.sources.push(source);
            }
        }
    }

    /// What the rows of one supplier say in a column, with what those that say it cite.
    fn stated<T: PartialEq>(
        &mut self,
        rows: &[usize],
        cited: &[Cited],
        column: &str,
        read: impl Fn(&mut Self, usize, &str, &str) -> Option<T>,
    ) -> Stated<Option<T>> {
        let table = self.table;
        let saying = rows.iter().zip(cited).filter(|(row, _)| table.given(**row, column).is_some());
        let documents = union(saying.map(|(_, cited)| cited));
        Stated { value: self.one(rows, column, read), documents }
    }

    fn source(&mut self, supplier: &str, rows: &[usize]) -> Source {
        let cited: Vec<Cited> = rows.iter().map(|row| self.documents(*row)).collect();
        let mut source = Source {
            supplier: supplier.to_string(),
            weight_g: self.stated(rows, &cited, "weight_g", Self::amount),
            value: self.stated(rows, &cited, "value", Self::amount),
            currency: self.one(rows, "currency", Self::currency),
            made_in: self.stated(rows, &cited, "made_in", Self::answer),
            cots: self.stated(rows, &cited, "cots", Self::yes_or_no),
            electronic_device: self.stated(rows, &cited, "electronic_device", Self::yes_or_no),
            documents: union(cited.iter()),
            ..Source::default()
        };
        for (&row, documents) in rows.iter().zip(&cited) {
            let table = self.table;
            let valued = ["value", "material_value"].iter().find(|column| table.given(row, column).is_some());
            if let Some(column) = valued.filter(|_| source.currency.is_none()) {
                let message = format!("`{column}` of the part `{}` has no currency", table.text(row, "part"));
                self.error(Code::MissingCurrency, message, row, column, "fill in `currency`, such as `USD`");
            }
            match table.given(row, "material") {
                Some(material) if material.eq_ignore_ascii_case("none") => {
                    source.none = Stated { value: true, documents: union([&source.none.documents, documents]) };
                }
                Some(material) => {
                    let piece = self.piece(row, material, documents.clone());
                    source.pieces.push(piece);
                }
                None => self.without_material(row),
            }
        }
        if source.none.value && !source.pieces.is_empty() {
            let row = rows.iter().copied().find(|row| self.table.text(*row, "material").eq_ignore_ascii_case("none"));
            let message = format!("the part `{}` has `none` and a material", self.table.text(rows[0], "part"));
            let help = "leave out the row with `none`, or the others";
            self.error(Code::Contradiction, message, row.unwrap_or(rows[0]), "material", help);
        }
        source
    }

    /// Puts answers and pieces into an order that does not depend on that of the rows. The empty cell
    /// stays the first answer.
    fn sort(&mut self, parts: &mut [Part]) -> Vec<Answer> {
        let mut answers: Vec<(Answer, usize)> = std::mem::take(&mut self.answers).into_iter().zip(0..).collect();
        answers.sort_unstable();
        let mut place = vec![0; answers.len()];
        for (now, (_, before)) in answers.iter().enumerate() {
            place[*before] = now as AnswerId;
        }
        for source in parts.iter_mut().flat_map(|part| &mut part.sources) {
            source.made_in.value = source.made_in.value.map(|answer| place[answer as usize]);
            for answer in source.pieces.iter_mut().flat_map(|piece| &mut piece.steps) {
                *answer = place[*answer as usize];
            }
            source.pieces.sort_unstable();
        }
        answers.into_iter().map(|(answer, _)| answer).collect()
    }

    /// A row without a material that says something of one.
    fn without_material(&mut self, row: usize) {
        let of_material = ["material_g", "material_percent", "material_value", "recycled"].into_iter();
        let columns = of_material.chain(Claim::STEPS.iter().map(|step| step.word()));
        let said = columns.filter(|column| self.table.given(row, column).is_some()).collect::<Vec<_>>();
        if let Some(first) = said.first() {
            let message = format!("`{first}` is given, but no material");
            self.error(Code::MissingValue, message, row, first, "name the material in the column `material`");
        }
    }

    fn piece(&mut self, row: usize, material: &str, documents: Cited) -> Piece {
        let grams = self.one(&[row], "material_g", Self::amount);
        let percent = self.one(&[row], "material_percent", Self::amount);
        if grams.is_some() && percent.is_some() {
            let message = "both `material_g` and `material_percent` are given".to_string();
            self.error(Code::Contradiction, message, row, "material_percent", "give one of them");
        }
        let share = percent.map(|percent| percent / Amount::from_integer(100));
        let mut steps = [0; 6];
        for (answer, step) in steps.iter_mut().zip(Claim::STEPS) {
            *answer = self.one(&[row], step.word(), Self::answer).unwrap_or(0);
        }
        Piece {
            material: material.to_string(),
            weight: grams.map(Weight::Grams).or(share.map(Weight::Share)),
            value: self.one(&[row], "material_value", Self::amount),
            recycled: self.one(&[row], "recycled", Self::yes_or_no),
            steps,
            documents,
        }
    }

    fn documents(&mut self, row: usize) -> Cited {
        let mut found = BTreeSet::new();
        for number in list_parts(self.table.text(row, "documents")) {
            match self.document_of.get(number) {
                Some(document) => {
                    found.insert(*document as u32);
                }
                None => {
                    let mut known: Vec<String> = self.document_of.keys().cloned().collect();
                    known.sort_unstable();
                    let otherwise = "give it a row among the declarations: who signed it, and when";
                    let help = self.meant(number, known.iter().map(String::as_str), otherwise);
                    self.error(Code::UnknownId, format!("unknown document `{number}`"), row, "documents", help);
                }
            }
        }
        found.into_iter().collect()
    }

    /// Help for a number that nothing has: the nearest one, while the list of problems is short enough
    /// to be read.
    fn meant<'k>(&mut self, number: &str, known: impl Iterator<Item = &'k str>, otherwise: &str) -> String {
        self.suggestions = self.suggestions.saturating_sub(1);
        match nearest(number, known.filter(|_| self.suggestions > 0)) {
            Some(near) => format!("is `{near}` meant? Otherwise {otherwise}"),
            None => otherwise.to_string(),
        }
    }

    fn amount(&mut self, row: usize, column: &str, text: &str) -> Option<Amount> {
        let found = amount::parse(text);
        // What is no number at all was reported when the table was read.
        if found.is_none() && text.parse::<f64>().is_ok_and(|n| n.is_finite() && n >= 0.0) {
            let message = format!("`{column}` is `{text}`, which has too many digits");
            let help = "a figure has at most nine digits before the point and nine after it";
            self.error(Code::OutOfRange, message, row, column, help);
        }
        found
    }

    fn currency(&mut self, row: usize, column: &str, text: &str) -> Option<String> {
        let code = text.to_uppercase();
        if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Some(code);
        }
        let message = format!("`{text}` is not the code of a currency");
        self.error(Code::BadChoice, message, row, column, "write a code of ISO 4217, such as `USD` or `EUR`");
        None
    }

    fn yes_or_no(&mut self, row: usize, column: &str, text: &str) -> Option<bool> {
        match text.to_lowercase().as_str() {
            "yes" | "y" | "true" => Some(true),
            "no" | "n" | "false" => Some(false),
            "unknown" | "?" | "-" | "tbd" => None,
            _ => {
                let message = format!("`{column}` is `{text}`");
                self.error(Code::BadChoice, message, row, column, "write `yes`, `no` or `unknown`");
                None
            }
        }
    }

    fn answer(&mut self, row: usize, column: &str, text: &str) -> Option<AnswerId> {
        if let Some(known) = self.answer_of.get(text) {
            return Some(*known);
        }
        match country::read(text) {
            Ok(answer) => {
                // Cells that mean the same share one answer, so that rows can be compared.
                let id = self.answers.iter().position(|known| *known == answer).unwrap_or_else(|| {
                    self.answers.push(answer);
                    self.answers.len() - 1
                });
                self.answer_of.insert(text.to_string(), id as AnswerId);
                Some(id as AnswerId)
            }
            Err(error) => {
                let message = format!("unknown country `{}` in `{column}`", error.name);
                self.error(Code::UnknownCountry, message, row, column, error.help);
                None
            }
        }
    }

    /// Nothing weighs or is worth more than what it is in.
    fn check_sums(&mut self, rows: &Rows, parts: &[Part]) {
        let zero = Amount::from_integer(0);
        for (part, rows) in parts.iter().zip(rows.values()) {
            for source in &part.sources {
                let own = |piece: &Piece| match (piece.weight, source.weight_g.value) {
                    (Some(Weight::Share(share)), _) => Some(share),
                    (Some(Weight::Grams(grams)), Some(weight)) if weight > zero => Some(grams / weight),
                    _ => None,
                };
                let weights = source.pieces.iter().filter_map(own);
                let values = source
                    .pieces
                    .iter()
                    .filter_map(|piece| Some(piece.value? / source.value.value.filter(|v| *v > zero)?));
                let children = |of: fn(&Source) -> Option<Amount>, whole: Option<Amount>| {
                    let whole = whole.filter(|whole| *whole > zero);
                    let one = move |(child, quantity): &(usize, Option<Amount>)| {
                        // The lightest of several suppliers' parts: an error only if none fits.
                        let least = parts[*child].sources.iter().filter_map(of).min()?;
                        Some(amount::multiply(&least, &(*quantity)?)? / whole?)
                    };
                    part.contains.iter().filter_map(one).collect::<Vec<_>>()
                };
                let weights = weights.chain(children(|s| s.weight_g.value, source.weight_g.value)).collect();
                let values = values.collect();
                for (shares, column, verb) in [(weights, "weight_g", "weighs"), (values, "value", "is worth")] {
                    let shares: Vec<Amount> = shares;
                    let Some(sum) = shares.iter().try_fold(zero, |sum, share| amount::add(&sum, share)) else {
                        continue;
                    };
                    if sum > Amount::from_integer(1) {
                        let row =
                            rows.iter().copied().filter(|row| self.table.text(*row, "supplier") == source.supplier);
                        let row = row.min_by_key(|row| self.table.given(*row, column).is_none()).unwrap_or(rows[0]);
                        let share = amount::percent_to(9, &sum, &Amount::from_integer(1));
                        let message = format!("what is in the part `{}` {verb} {share} of it", part.number);
                        let column = if self.table.given(row, column).is_some() { column } else { "material_percent" };
                        self.error(
                            Code::AboveWhole,
                            message,
                            row,
                            column,
                            "correct the part's figure or those of what is in it",
                        );
                    }
                }
            }
        }
    }

    /// Each part before those it is built into; `None` where parts contain each other, which is an error.
    fn bottom_up(&mut self, rows: &Rows, parts: &[Part]) -> Option<Vec<usize>> {
        let mut loops = false;
        let mut graph = DiGraph::<(), ()>::with_capacity(parts.len(), parts.len());
        let nodes: Vec<_> = parts.iter().map(|_| graph.add_node(())).collect();
        for (i, part) in parts.iter().enumerate() {
            for (child, _) in &part.contains {
                graph.add_edge(nodes[i], nodes[*child], ());
            }
        }
        let mut order = Vec::with_capacity(parts.len());
        // Components come so that what a part contains stands before it.
        for component in tarjan_scc(&graph) {
            let mut members: Vec<usize> = component.iter().map(|node| node.index()).collect();
            members.sort_unstable();
            let first = members[0];
            let itself = parts[first].part_of.iter().any(|(parent, _)| *parent == first);
            if members.len() > 1 || itself {
                loops = true;
                let circle = circle(parts, first, &members);
                let names: Vec<String> = circle.iter().map(|i| format!("`{}`", parts[*i].number)).collect();
                let parent = parts[circle[circle.len() - 2]].number.as_str();
                let mut own = rows[parts[first].number.as_str()].iter().copied();
                let row = own.find(|row| self.table.text(*row, "part_of") == parent);
                let message = format!("the part {} contains itself: {}", names[0], names.join(" contains "));
                let help = "take out the `part_of` that is wrong";
                self.error(Code::PartsLoop, message, row.unwrap_or(0), "part_of", help);
            }
            order.extend(members);
        }
        (!loops).then_some(order)
    }
}

fn union<'c>(lists: impl IntoIterator<Item = &'c Cited>) -> Cited {
    let mut lists = lists.into_iter();
    let Some(first) = lists.next() else { return Cited::default() };
    lists.fold(first.clone(), |all, list| {
        if *list == all || list.is_empty() {
            return all;
        }
        all.iter().chain(list.iter()).copied().collect::<BTreeSet<u32>>().into_iter().collect()
    })
}

/// The shortest way from a part down to itself, inside the parts that contain each other.
fn circle(parts: &[Part], first: usize, members: &[usize]) -> Vec<usize> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut reached = vec![first];
    let mut next = 0;
    while next < reached.len() {
        let at = reached[next];
        next += 1;
        for (child, _) in &parts[at].contains {
            if *child == first {
                let (mut way, mut step) = (vec![first], at);
                while step != first {
                    way.push(step);
                    step = came_from[&step];
                }
                way.push(first);
                way.reverse();
                return way;
            }
            if members.binary_search(child).is_ok() && !came_from.contains_key(child) {
                came_from.insert(*child, at);
                reached.push(*child);
            }
        }
    }
    vec![first, first]
}

//! Diagnostics: what is wrong with an input, where, and what would help.
//!
//! A [`Diagnostic`] is a value: the same one is rendered for the terminal, as JSON, over HTTP and
//! in Python. Nothing here stops at the first problem: readers push into a [`Report`] and go on.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;

/// How bad a problem is. Errors stop the run; warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

macro_rules! codes {
    ($($variant:ident = $text:literal, $doc:literal;)*) => {
        /// Stable name of a kind of problem, as printed between brackets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }

            /// What the code means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $doc),* }
            }
        }
    };
}

codes! {
    MissingFile = "missing-file", "A file that the input needs is not there.";
    UnreadableFile = "unreadable-file", "A file is there but cannot be read, or is not UTF-8 text.";
    BadToml = "bad-toml", "A TOML file does not follow the syntax of TOML.";
    BadCsv = "bad-csv", "A CSV table does not follow RFC 4180.";
    UnsupportedFormat = "unsupported-format", "The model names a file format that this program does not know.";
    MissingKey = "missing-key", "A key that is needed is not given.";
    UnknownKey = "unknown-key", "A key is not part of the format.";
    WrongType = "wrong-type", "A value is of the wrong type.";
    MissingColumn = "missing-column", "A table lacks a column that is needed.";
    UnknownColumn = "unknown-column", "A column is not part of the format; it is kept and has no effect.";
    DuplicateColumn = "duplicate-column", "A table has two columns of one name.";
    MissingValue = "missing-value", "A cell that must be filled is empty.";
    BadId = "bad-id", "An id has characters other than letters, digits, `-`, `_` and `.`.";
    BadNumber = "bad-number", "A figure is not a finite number.";
    BadDate = "bad-date", "A date is not a day of the calendar, written YYYY-MM-DD.";
    BadChoice = "bad-choice", "A word is not one of those allowed here.";
    OutOfRange = "out-of-range", "A number lies outside its range.";
    UnknownId = "unknown-id", "An id is used that no table defines.";
    DuplicateId = "duplicate-id", "An id is defined twice.";
    DuplicateRow = "duplicate-row", "Two rows say something about the same thing.";
    NoOutput = "no-output", "A recipe has no output.";
    ZeroAmount = "zero-amount", "An amount in a recipe is zero.";
    MinimumWithInputs = "minimum-with-inputs", "A site with a `minimum` runs a process that has inputs.";
    StockAboveCapacity = "stock-above-capacity", "The initial stock or the target is above the capacity.";
    StrategicTarget = "strategic-target", "A strategic stock has a target.";
    TierShares = "tier-shares", "The shares of a demand's tiers do not add up to 1.";
    TierFactors = "tier-factors", "The factors of a demand's tiers fall.";
    ContradictoryDates = "contradictory-dates", "Dates contradict each other.";
    ExtendsCycle = "extends-cycle", "Scenarios or models extend each other in a circle.";
    TooManyTagRules = "too-many-tag-rules", "More than six origin- and content-rules stand in one scenario.";
    SuspendsNothing = "suspends-nothing", "A truce or a lever suspends no measure, or none that would matter.";
    NothingInScope = "nothing-in-scope", "A measure has no lane, demand, site or stock to act on.";
    NeverInForce = "never-in-force", "A measure is at no time in force.";
    DelayRoundsAway = "delay-rounds-away", "A delay is too short to change the lead in steps.";
    WaitingPays = "waiting-pays", "Waiting costs less than the interest on the value: being late would pay.";
    NoEffect = "no-effect", "A figure is given where it has no effect.";
    SelfLane = "self-lane", "A lane leads from a region to itself.";
    MassGain = "mass-gain", "A recipe gives more mass than it takes.";
    LeakyControl = "leaky-control", "A control on some destinations can be undone by shipping through others.";
    UnservedNeed = "unserved-need", "No row of `uses.csv` serves a demand.";
    NoSource = "no-source", "A figure has no source or no confidence.";
    UnknownCountry = "unknown-country", "A name is that of no country of ISO 3166, or of more than one.";
    OverlappingDates = "overlapping-dates", "Two times of one part of a rule share days.";
    FormulaCell = "formula-cell", "A cell starts a formula.";
    AboveWhole = "above-whole", "The parts weigh, or are worth, more than the whole.";
    MissingCurrency = "missing-currency", "A value has no currency.";
    PartsLoop = "parts-loop", "Parts contain each other in a circle.";
    Contradiction = "contradiction", "Two rows say different things of one part.";
    BadRange = "bad-range", "A range has its ends in the wrong order.";
    StaleRange = "stale-range", "The best value of a range is not the figure in the table; the range is not used.";
    NoRange = "no-range", "A recalled or assumed figure has no range.";
    UnknownMaterial = "unknown-material", "A material is none that the program knows; whether a rule covers it stays open.";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// Where a problem is: a file, and within it a range of bytes with its line and column (from 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    #[serde(skip)]
    pub span: Range<usize>,
}

/// One problem.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub message: String,
    /// Short text at the place itself; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What would help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity, code, message: message.into(), label: String::new(), place: None, help: None }
    }

    pub fn at(mut self, place: Place) -> Diagnostic {
        self.place = Some(place);
        self
    }

    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

/// All problems of an input, with the texts they point into.
#[derive(Clone, Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// What has been said, so that it is said once; a large table may have many thousand problems.
    said: HashSet<Said>,
    texts: BTreeMap<String, Text>,
}

/// Code, file and bytes, message.
type Said = (Code, Option<(String, Range<usize>)>, String);

#[derive(Clone, Debug)]
struct Text {
    text: Arc<str>,
    /// Byte at which each line starts.
    lines: Arc<[usize]>,
}

impl Report {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        // A scenario may be read for several models or reached by two paths of `extends`: say once.
        let place = diagnostic.place.as_ref().map(|place| (place.file.clone(), place.span.clone()));
        if self.said.insert((diagnostic.code, place, diagnostic.message.clone())) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Keeps the text of a file, so that places in it can be shown.
    pub fn add_text(&mut self, file: &str, text: Arc<str>) {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        self.texts.insert(file.to_string(), Text { text, lines });
    }

    /// Every file read so far with its text, in the order of their names.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(file, text)| (file.as_str(), &*text.text))
    }

    /// The place of a range of bytes in a file whose text was added.
    pub fn place(&self, file: &str, span: Range<usize>) -> Place {
        let (text, lines) = self.texts.get(file).map_or(("", &[0][..]), |t| (&*t.text, &*t.lines));
        let start = floor_char(text, span.start.min(text.len()));
        let end = floor_char(text, span.end.clamp(start, text.len()));
        let line = lines.partition_point(|first| *first <= start);
        // No editor counts a byte order mark.
        let before = text[lines[line - 1]..start].trim_start_matches('\u{feff}');
        Place { file: file.to_string(), line, column: before.chars().count() + 1, span: start..end }
    }

    /// A report with the same texts and no diagnostics yet.
    pub fn clone_texts(&self) -> Report {
        Report { texts: self.texts.clone(), ..Report::default() }
    }

    /// Takes over the diagnostics and texts of another report.
    pub fn absorb(&mut self, other: Report) {
        self.texts.extend(other.texts);
        other.diagnostics.into_iter().for_each(|d| self.push(d));
    }

    /// The diagnostics: errors and warnings in the order they were found.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// The whole report as text for people, with the lines the places point at.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(width);
        self.diagnostics.iter().map(|d| self.render_one(d, &renderer) + "\n\n").collect()
    }

    fn render_one(&self, d: &Diagnostic, renderer: &Renderer) -> String {
        let level = match d.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(d.message.as_str()).id(d.code.as_str());
        let mut groups = vec![match &d.place {
            None => Group::with_title(title),
            Some(place) => {
                let text = self.texts.get(&place.file);
                let (text, first, offset) = text.map_or(("", 1, 0), |t| t.around(&place.span));
                let mut mark = AnnotationKind::Primary.span(place.span.start - offset..place.span.end - offset);
                if !d.label.is_empty() {
                    mark = mark.label(d.label.as_str());
                }
                let snippet = Snippet::source(text).line_start(first).path(place.file.as_str());
                title.element(snippet.annotation(mark))
            }
        }];
        if let Some(help) = &d.help {
            groups.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&groups)
    }
}

impl Text {
    /// The lines that a range of bytes touches, with the number and the offset of the first: drawing a
    /// place takes no longer in a long file.
    fn around(&self, span: &Range<usize>) -> (&str, usize, usize) {
        let first = self.lines.partition_point(|start| *start <= span.start);
        let after = self.lines.partition_point(|start| *start < span.end.max(span.start + 1));
        let end = self.lines.get(after).copied().unwrap_or(self.text.len());
        let start = self.lines[first - 1];
        (&self.text[start..end], first, start)
    }
}

fn floor_char(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_counts_lines_and_characters_from_one() {
        let mut report = Report::default();
        report.add_text("a.csv", "id\né,x\n".into());
        // `x` is the sixth byte (é has two) and the third character of line 2.
        let place = report.place("a.csv", 6..7);
        assert_eq!((place.line, place.column), (2, 3));
    }

    #[test]
    fn render_shows_place_label_and_help() {
        let mut report = Report::default();
        report.add_text("s.toml", "on = [\"dy-oxid\"]\n".into());
        let place = report.place("s.toml", 6..15);
        report.push(
            Diagnostic::error(Code::UnknownId, "unknown product `dy-oxid`")
                .at(place)
                .label("no product or product group has this id")
                .help("use `dy-oxide` (products.csv:6)"),
        );
        let text = report.render(false, 100);
        assert!(text.starts_with("error[unknown-id]: unknown product `dy-oxid`\n --> s.toml:1:7\n"), "{text}");
        assert!(text.contains("^^^^^^^^^ no product or product group has this id"), "{text}");
        assert!(text.contains("help: use `dy-oxide` (products.csv:6)"), "{text}");
    }

    #[test]
    fn the_same_problem_is_said_once() {
        let mut report = Report::default();
        for _ in 0..2 {
            report.push(Diagnostic::warning(Code::NoEffect, "twice"));
        }
        assert_eq!(report.diagnostics().len(), 1);
    }
}

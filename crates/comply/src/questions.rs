//! What to ask which supplier, in plain words: only what is open.

use std::collections::BTreeMap;

use coercivity_model::Date;
use serde::Serialize;

use crate::bom::{Fault, Piece, Source};
use crate::claim::{Claim, list};
use crate::country;
use crate::finding::{Finding, Verdict, Why};
use crate::judge::Judge;
use crate::materials::{Meaning, Vocabulary};

/// Everything that is open with one supplier.
#[derive(Debug, Serialize)]
pub struct Letter<'a> {
    /// Empty = the parts' supplier is not named.
    pub supplier: &'a str,
    pub parts: Vec<PartQuestions<'a>>,
}

#[derive(Debug, Serialize)]
pub struct PartQuestions<'a> {
    pub part: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub name: &'a str,
    pub questions: Vec<String>,
}

impl Letter<'_> {
    pub fn count(&self) -> usize {
        self.parts.iter().map(|part| part.questions.len()).sum()
    }
}

/// The letters, in the order of the suppliers' names, each with its parts in order.
pub fn letters<'a>(judge: &Judge<'a>, date: Date) -> Vec<Letter<'a>> {
    let vocabulary = Vocabulary::new(judge.rule);
    let mut by_supplier: BTreeMap<&str, Vec<PartQuestions>> = BTreeMap::new();
    for (i, part) in judge.bom.parts.iter().enumerate() {
        if judge.inside_exempt(i, date) {
            continue;
        }
        for (s, source) in part.sources.iter().enumerate() {
            let (verdict, findings) = judge.source(i, s, date);
            if verdict != Verdict::Unknown {
                continue;
            }
            let mut asking =
                Asking { judge, vocabulary: &vocabulary, source, questions: Vec::new(), unproven: BTreeMap::new() };
            asking.about_part(&findings);
            for (p, piece) in source.pieces.iter().enumerate() {
                asking.about_piece(piece, &findings.iter().filter(|f| f.piece == Some(p)).collect::<Vec<_>>());
            }
            let questions = asking.questions();
            if !questions.is_empty() {
                let asked = PartQuestions { part: &part.number, name: &part.name, questions };
                by_supplier.entry(&source.supplier).or_default().push(asked);
            }
        }
    }
    by_supplier.into_iter().map(|(supplier, parts)| Letter { supplier, parts }).collect()
}

struct Asking<'j, 'a> {
    judge: &'j Judge<'a>,
    vocabulary: &'j Vocabulary,
    source: &'a Source,
    questions: Vec<String>,
    /// What is said and not proven, by the document that fails to.
    unproven: BTreeMap<Option<(usize, Fault)>, Vec<String>>,
}

impl Asking<'_, '_> {
    fn about_part(&mut self, findings: &[Finding]) {
        for finding in findings.iter().filter(|f| f.piece.is_none()) {
            let question = match (&finding.why, finding.claim) {
                (Why::NotSaid, Claim::Content) => {
                    "Which of the materials named above are in it? Please list each with its weight, or declare that none is."
                        .to_string()
                }
                (Why::NotSaid, _) => "In which country or countries is it made?".to_string(),
                (Why::NotAllSaid, claim) => {
                    format!("You say that it is {} and elsewhere. Where else?", self.place(None, claim))
                }
                (Why::ShareOpen { .. }, _) => {
                    "What does one part weigh, and how many grams of each listed material are in it?".to_string()
                }
                (Why::ShareNotKnown, _) => {
                    let known = self.source.value.value.is_some();
                    let whole = if known { "" } else { "What is the price of one part, in which currency? " };
                    format!("{whole}What is the value, in the same currency, of each listed material in one part?")
                }
                (Why::Unproven(fault), claim) => {
                    let what = self.whole(claim);
                    self.unproven.entry(*fault).or_default().push(what);
                    continue;
                }
                _ => continue,
            };
            self.questions.push(question);
        }
    }

    /// A claim about the part, as it is to be declared.
    fn whole(&self, claim: Claim) -> String {
        match claim {
            Claim::Content if self.source.none.value => "none of the materials named above is in it".to_string(),
            Claim::Content => {
                let mut names: Vec<&str> = self.source.pieces.iter().map(|piece| piece.material.as_str()).collect();
                names.dedup();
                format!("of the materials named above it holds no other than what you list ({})", names.join(", "))
            }
            Claim::MadeIn => format!("it is {}", self.place(None, claim)),
            claim => format!("it is an {}", claim.said()),
        }
    }

    /// A claim with the names of its countries.
    fn place(&self, piece: Option<&Piece>, claim: Claim) -> String {
        match self.judge.named(self.source, piece, claim) {
            Some(countries) => {
                let names: Vec<&str> = countries.iter().map(|code| country::name(code)).collect();
                claim.at(&list(&names, "and"))
            }
            None => format!("not {}, as the step does not apply", claim.said()),
        }
    }

    fn about_piece(&mut self, piece: &Piece, findings: &[&Finding]) {
        let start = sentence(&self.judge.material(piece));
        let open = |wanted: fn(&Why) -> bool| {
            findings.iter().filter(|f| wanted(&f.why)).map(|f| f.claim).collect::<Vec<Claim>>()
        };
        match self.judge.meaning(piece) {
            Meaning::Unclear(u) => {
                self.questions.push(format!("You list “{}”. {}", piece.material, self.judge.rule.unclear[u].1));
            }
            Meaning::NotKnown => {
                let near = self.vocabulary.nearest(&piece.material).map(|near| format!(" Is it {near}?"));
                self.questions.push(format!(
                    "You list “{}”.{} Is it, or does it contain, one of the materials named above?",
                    piece.material,
                    near.unwrap_or_default()
                ));
            }
            Meaning::Covered(_) | Meaning::Other => {}
        }
        let not_said = open(|why| matches!(why, Why::NotSaid | Why::NotAllSaid));
        let (technology, steps): (Vec<Claim>, Vec<Claim>) =
            not_said.into_iter().partition(|claim| *claim == Claim::Technology);
        if !steps.is_empty() {
            let said = open(|why| matches!(why, Why::NotAllSaid));
            let said: Vec<String> =
                said.into_iter().map(|claim| self.place(Some(piece), claim) + " and elsewhere").collect();
            let said = if said.is_empty() { String::new() } else { format!(" So far you say: {}.", said.join("; ")) };
            let steps = and(&steps);
            self.questions.push(format!(
                "{start}: in which country or countries was it {steps}? Please name every country.{said}"
            ));
        }
        if !technology.is_empty() {
            self.questions.push(format!(
                "{start}: which countries' rare-earth technology (mining, separation, metal making, magnet making, recycling) was used to make it?"
            ));
        }
        let must = open(|why| matches!(why, Why::MustApply));
        if !must.is_empty() {
            self.questions.push(format!(
                "{start}: you say that it was not {}, but every such material is. In which country or countries was that done?",
                and(&must)
            ));
        }
        let mut unproven: BTreeMap<Option<(usize, Fault)>, Vec<String>> = BTreeMap::new();
        for finding in findings {
            if let Why::Unproven(fault) = finding.why {
                let said = match finding.claim {
                    Claim::Content => "it is this and no other material".to_string(),
                    claim => self.place(Some(piece), claim),
                };
                unproven.entry(fault).or_default().push(said);
            }
        }
        for (fault, places) in unproven {
            let what = format!("{}: {}", piece.material, places.join(", "));
            self.unproven.entry(fault).or_default().push(what);
        }
    }

    /// All questions, each once; one for all that one document fails to prove, or that none does.
    fn questions(self) -> Vec<String> {
        let mut questions = self.questions;
        for (fault, claims) in self.unproven {
            let why = match fault {
                Some((document, fault)) => format!("Your declaration {}. ", self.judge.fault(document, fault)),
                None => String::new(),
            };
            let claims = claims.join("; ");
            questions.push(format!(
                "{why}Please send a declaration, dated, signed and in force on the day above, that covers: {claims}."
            ));
        }
        let mut seen = std::collections::BTreeSet::new();
        questions.retain(|question| seen.insert(question.clone()));
        questions
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn and(claims: &[Claim]) -> String {
    list(&claims.iter().map(|claim| claim.said()).collect::<Vec<_>>(), "and")
}

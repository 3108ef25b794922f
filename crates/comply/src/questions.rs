//! What to ask which supplier, in plain words: only what is open.

use std::collections::BTreeMap;

use coercivity_model::Date;
use serde::Serialize;

use crate::bom::{Fault, Piece, Source};
use crate::claim::Claim;
use crate::judge::{Finding, Judge, Verdict, Why};
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
            let asking = Asking { judge, vocabulary: &vocabulary, source, date };
            let mut questions = asking.about_part(&findings);
            for (p, piece) in source.pieces.iter().enumerate() {
                let own: Vec<&Finding> = findings.iter().filter(|f| f.piece == Some(p)).collect();
                questions.extend(asking.about_piece(piece, &own));
            }
            // Two pieces of one material that nothing is known of would be asked about twice.
            let mut seen = std::collections::BTreeSet::new();
            questions.retain(|question| seen.insert(question.clone()));
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
    date: Date,
}

impl Asking<'_, '_> {
    fn about_part(&self, findings: &[Finding]) -> Vec<String> {
        let mut questions = Vec::new();
        for finding in findings.iter().filter(|f| f.piece.is_none()) {
            let question = match (&finding.why, finding.claim) {
                (Why::NotSaid, Claim::Content) => format!(
                    "Which of these materials are in it: {}? Please list each with its weight, or declare that there are none.",
                    self.judge.covered_materials(self.date)
                ),
                (Why::NotSaid, _) => "In which country or countries is it made?".to_string(),
                (Why::NotAllSaid, claim) => format!(
                    "You name {} as where it is made, and others. Which are the others?",
                    self.judge.countries(self.source, None, claim)
                ),
                (Why::Unproven(fault), claim) => self.prove(*fault, &self.unproven(claim)),
                (Why::ShareOpen { .. }, _) => {
                    "What does one part weigh, and how many grams of each listed material are in it?".to_string()
                }
                (Why::ShareNotKnown, _) => {
                    let known = self.source.value.is_some();
                    let whole = if known { "" } else { "What is the price of one part, in which currency? " };
                    format!("{whole}What is the value, in the same currency, of each listed material in one part?")
                }
                _ => continue,
            };
            questions.push(question);
        }
        questions
    }

    /// What is to be proven of the part, as `that ...`.
    fn unproven(&self, claim: Claim) -> String {
        match claim {
            Claim::Content if self.source.none => {
                format!("that none of these is in it: {}", self.judge.covered_materials(self.date))
            }
            Claim::Content => {
                let mut names: Vec<&str> = self.source.pieces.iter().map(|piece| piece.material.as_str()).collect();
                names.dedup();
                format!(
                    "that of these materials ({}) no other is in it than: {}",
                    self.judge.covered_materials(self.date),
                    names.join(", ")
                )
            }
            Claim::MadeIn => {
                format!("that it is made in {}", self.judge.countries(self.source, None, claim))
            }
            claim => format!("that it is an {}", claim.said()),
        }
    }

    fn prove(&self, fault: Option<(usize, Fault)>, what: &str) -> String {
        match fault {
            None => format!("Please send a declaration, dated and signed, {what}."),
            Some((document, fault)) => {
                let wrong = self.judge.fault(document, fault);
                format!("Your declaration {wrong}. Please send one that is dated, signed and still holds, {what}.")
            }
        }
    }

    fn about_piece(&self, piece: &Piece, findings: &[&Finding]) -> Vec<String> {
        let name = self.judge.material(piece);
        let mut questions = Vec::new();
        let open = |wanted: fn(&Why) -> bool| {
            findings.iter().filter(|f| wanted(&f.why)).map(|f| f.claim).collect::<Vec<Claim>>()
        };
        if let Meaning::Unclear(u) = self.judge.meaning(piece) {
            let ask = &self.judge.rule.unclear[u].1;
            questions.push(format!("You list “{}”. {ask}", piece.material));
        }
        if self.judge.meaning(piece) == Meaning::NotKnown {
            let near = match self.vocabulary.nearest(&piece.material) {
                Some(near) => format!(" Is it {near}?"),
                None => String::new(),
            };
            questions.push(format!(
                "You list “{}”.{near} Is it, or does it contain, one of these: {}?",
                piece.material,
                self.judge.covered_materials(self.date)
            ));
        }
        let not_said = open(|why| matches!(why, Why::NotSaid | Why::NotAllSaid));
        let (technology, steps): (Vec<Claim>, Vec<Claim>) =
            not_said.into_iter().partition(|claim| *claim == Claim::Technology);
        if !steps.is_empty() {
            let said: Vec<String> = findings
                .iter()
                .filter(|f| matches!(f.why, Why::NotAllSaid))
                .map(|f| format!("{} {} and others", f.claim.said(), self.judge.countries(self.source, Some(piece), f.claim)))
                .collect();
            let said = if said.is_empty() { String::new() } else { format!(" So far you say: {}.", said.join("; ")) };
            questions.push(format!(
                "{}: in which country or countries was it {}? Please name every country.{said}",
                sentence(&name),
                and(&steps)
            ));
        }
        if !technology.is_empty() {
            questions.push(format!(
                "{}: which countries' rare-earth technology (mining, separation, metal making, magnet making, recycling) was used to make it?",
                sentence(&name)
            ));
        }
        let must = open(|why| matches!(why, Why::MustApply));
        if !must.is_empty() {
            questions.push(format!(
                "{}: you say that it was not {}, but every such material is. In which country or countries was that done?",
                sentence(&name),
                and(&must)
            ));
        }
        // One question for all that one document fails to prove, or that none does.
        let mut unproven: BTreeMap<Option<(usize, Fault)>, Vec<String>> = BTreeMap::new();
        for finding in findings {
            if let Why::Unproven(fault) = finding.why {
                let place = self.judge.countries(self.source, Some(piece), finding.claim);
                unproven.entry(fault).or_default().push(format!("{} {place}", finding.claim.said()));
            }
        }
        for (fault, claims) in unproven {
            questions.push(self.prove(fault, &format!("for the {name}: {}", claims.join("; "))));
        }
        questions
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// "mined, refined and separated".
fn and(claims: &[Claim]) -> String {
    let words: Vec<&str> = claims.iter().map(|claim| claim.said()).collect();
    match words.split_last() {
        Some((last, [])) => last.to_string(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

//! Verdicts in words: for each part what came out, from when, and the path that proves it.

use coercivity_model::Date;
use serde::Serialize;

use crate::amount::{Amount, percent};
use crate::bom::{Document, Fault, Part, Piece, Source};
use crate::claim::{Claim, list};
use crate::country::{self, Answer, Country};
use crate::finding::{Finding, Verdict, Why};
use crate::judge::Judge;
use crate::materials::Meaning;
use crate::rule::Force;

/// What came out for one part.
#[derive(Debug, Serialize)]
pub struct Outcome<'a> {
    pub part: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub name: &'a str,
    /// Those named, in the order of their names.
    pub suppliers: Vec<&'a str>,
    pub verdict: Verdict,
    /// The day from which it holds; absent = it always did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// What proves it, or keeps it open, in one line.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
}

/// The next day on which the verdict changes if nothing is delivered until then.
#[derive(Debug, Serialize)]
pub struct Next {
    pub from: Date,
    pub verdict: Verdict,
    pub path: String,
}

/// One thing that was looked at, for people and programs.
#[derive(Debug, Serialize)]
pub struct Step<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub supplier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<&'a str>,
    pub claim: &'static str,
    pub verdict: Verdict,
    pub says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<&'a str>,
}

impl<'a> Judge<'a> {
    pub fn outcome(&self, i: usize, date: Date) -> Outcome<'a> {
        let part = &self.bom.parts[i];
        let timeline = self.verdict(i);
        let next = timeline.next(date);
        Outcome {
            part: &part.number,
            name: &part.name,
            suppliers: part.sources.iter().map(|s| s.supplier.as_str()).filter(|name| !name.is_empty()).collect(),
            verdict: *timeline.at(date),
            since: timeline.since(date),
            path: self.path(i, date),
            next: next.map(|(from, verdict)| Next { from, verdict: *verdict, path: self.path(i, from) }),
        }
    }

    /// Everything that was looked at in a part itself.
    pub fn steps(&self, i: usize, date: Date) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        if self.inside_exempt(i, date) {
            return steps;
        }
        for (s, source) in self.bom.parts[i].sources.iter().enumerate() {
            for finding in self.source(i, s, date).1 {
                let piece = finding.piece.map(|p| &source.pieces[p]);
                steps.push(Step {
                    supplier: &source.supplier,
                    material: piece.map(|piece| piece.material.as_str()),
                    claim: finding.claim.word(),
                    verdict: finding.why.verdict(),
                    says: self.says(source, &finding, date),
                    document: finding.why.document().map(|d| self.bom.documents[d].number.as_str()),
                });
            }
        }
        steps
    }

    /// The path that proves a verdict or keeps it open, in one line.
    fn path(&self, i: usize, date: Date) -> String {
        let part = &self.bom.parts[i];
        let Some(period) = self.rule.period(date) else {
            return format!("no time of the rule holds on {date}");
        };
        if period.force == Force::Suspended {
            let cite: Vec<&str> = self.rule.citations(&period.cite).collect();
            return format!("the rule is suspended ({})", cite.join("; "));
        }
        if self.inside_exempt(i, date) {
            let parents: Vec<&str> = part.part_of.iter().map(|(p, _)| self.bom.parts[*p].number.as_str()).collect();
            return format!("inside {}, which is exempt or waived", parents.join(", "));
        }
        let verdict = *self.verdict(i).at(date);
        let found = match verdict {
            Verdict::Pass => self.passes(part, i, date),
            Verdict::Unknown | Verdict::Fail => self.decisive(i, verdict, date),
        };
        match period.force {
            Force::Unknown if verdict == Verdict::Unknown => {
                let if_in_force = self.decisive(i, Verdict::Fail, date);
                let found = if if_in_force.is_empty() { found } else { if_in_force };
                format!("{found}; whether the rule is in force is not known: {}", period.why)
            }
            _ => found,
        }
    }

    /// The first thing of that verdict, in the part itself or in what is built into it.
    fn decisive(&self, i: usize, verdict: Verdict, date: Date) -> String {
        let part = &self.bom.parts[i];
        for (s, source) in part.sources.iter().enumerate() {
            let (_, findings) = self.source(i, s, date);
            let mut of_verdict = findings.iter().filter(|f| f.why.verdict() == verdict);
            let Some(first) = of_verdict.next() else { continue };
            let more = match of_verdict.count() {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            return format!("{}{}{more}", self.subject(part, source, first), self.says(source, first, date));
        }
        let child = part.contains.iter().find(|(child, _)| *self.verdict(*child).at(date) == verdict);
        match child {
            Some((child, _)) => {
                format!("in it {}: {}", self.bom.parts[*child].number, self.decisive(*child, verdict, date))
            }
            None => String::new(),
        }
    }

    /// What proves a pass: for each supplier, everything that was looked at.
    fn passes(&self, part: &Part, i: usize, date: Date) -> String {
        let mut lines = Vec::new();
        for (s, source) in part.sources.iter().enumerate() {
            let (_, findings) = self.source(i, s, date);
            let proofs: Vec<&Finding> = findings.iter().filter(|f| f.why.verdict() == Verdict::Pass).collect();
            let about_material = proofs.iter().any(|f| f.piece.is_some());
            let none_in_it = proofs.iter().any(|f| matches!(f.why, Why::NoneInIt { .. }));
            let mut said: Vec<String> = Vec::new();
            let mut subject = None;
            for (n, finding) in proofs.iter().enumerate() {
                // That the list of materials is complete goes without saying where the materials are shown,
                // and that nothing counts where nothing is covered.
                let implied = match finding.why {
                    Why::Complete { .. } => about_material,
                    Why::Below { .. } => none_in_it,
                    _ => false,
                };
                if implied {
                    continue;
                }
                let own = finding.piece.map(|p| source.pieces[p].material.as_str());
                let lead = if own != subject {
                    own.map(|name| format!("{name}: ")).unwrap_or_default()
                } else {
                    String::new()
                };
                subject = own;
                // A document that proves the next step as well is cited after that one.
                let phrase = self.says(source, finding, date);
                let document = finding.why.document();
                let again = document.is_some() && proofs.get(n + 1).is_some_and(|next| next.why.document() == document);
                let cited = document.map(|d| format!(" ({})", self.cited(d))).filter(|_| again);
                let phrase = cited.and_then(|cited| phrase.strip_suffix(&cited).map(str::to_string)).unwrap_or(phrase);
                said.push(format!("{lead}{phrase}"));
            }
            if !said.is_empty() {
                let by = if part.sources.len() > 1 { format!("{}: ", supplier(source)) } else { String::new() };
                lines.push(format!("{by}{}", said.join("; ")));
            }
        }
        if !part.contains.is_empty() && !self.exempt_or_waived(i, date) {
            let parts = match part.contains.len() {
                1 => "the part in it passes".to_string(),
                n => format!("the {n} parts in it pass"),
            };
            lines.push(parts);
        }
        lines.join(" | ")
    }

    fn exempt_or_waived(&self, i: usize, date: Date) -> bool {
        let sources = 0..self.bom.parts[i].sources.len();
        sources.into_iter().all(|s| {
            let (_, findings) = self.source(i, s, date);
            findings.iter().any(|f| matches!(f.why, Why::Exempt { .. } | Why::Waived { .. }) && f.piece.is_none())
        })
    }

    /// Supplier and material that a finding speaks of.
    fn subject(&self, part: &Part, source: &Source, finding: &Finding) -> String {
        let by = if part.sources.len() > 1 { format!("{}: ", supplier(source)) } else { String::new() };
        match finding.piece {
            Some(p) => format!("{by}{}: ", source.pieces[p].material),
            None => by,
        }
    }

    /// A finding as a phrase.
    pub fn says(&self, source: &Source, finding: &Finding, date: Date) -> String {
        let claim = finding.claim;
        let piece = finding.piece.map(|p| &source.pieces[p]);
        let place = || self.named(source, piece, claim).map(|codes| codes.join(", ")).unwrap_or_default();
        let proven = |document: usize| self.cited(document);
        match &finding.why {
            Why::Elsewhere { document } => format!("{} ({})", claim.at(&place()), proven(*document)),
            Why::NotApplicable { document } => format!("{}: does not apply ({})", claim.said(), proven(*document)),
            Why::NoneInIt { document } => format!("no covered material in it ({})", proven(*document)),
            Why::Complete { document } => format!("list of materials complete ({})", proven(*document)),
            Why::Exempt { exception, document, share } => {
                let name = &self.rule.exceptions[*exception].name;
                let share = match share {
                    Some((most, of)) => {
                        let counted = &self.rule.exceptions[*exception].share_of;
                        let all = counted.len() == self.rule.materials.len();
                        let names = counted.iter().map(|m| self.rule.materials[*m].name.as_str()).collect::<Vec<_>>();
                        let what = if all { "covered material".to_string() } else { list(&names, "and") };
                        format!(", {what} at most {} by weight", percent(most, of))
                    }
                    None => String::new(),
                };
                format!("exempt: {name}{share} ({})", proven(*document))
            }
            Why::Waived { waiver, documents } => {
                let cited: Vec<String> = documents.iter().map(|document| self.cited(*document)).collect();
                format!("waived: {} ({})", self.rule.waivers[*waiver].name, cited.join("; "))
            }
            Why::Below { most, of } => match of {
                Some(of) if *most > Default::default() => format!("at most {} of its value counts", percent(most, of)),
                _ => "nothing in it counts".to_string(),
            },
            Why::NotSaid => match claim {
                Claim::Content => "whether a covered material is in it is not said".to_string(),
                Claim::MadeIn => "where it is made is not said".to_string(),
                Claim::Technology => "whose technology was used is not said".to_string(),
                _ => format!("where it was {} is not said", claim.said()),
            },
            Why::NotAllSaid => format!("{}, and others that are not named", claim.at(&place())),
            Why::Unproven(fault) => {
                let what = match (claim, place()) {
                    (Claim::Content, _) if piece.is_some() => "that it is this material".to_string(),
                    (Claim::Content, _) => "that the list of materials is complete".to_string(),
                    (_, place) if place.is_empty() && piece.is_some() => format!("{}: does not apply", claim.said()),
                    (_, place) if place.is_empty() => format!("that it is an {}", claim.said()),
                    (_, place) => claim.at(&place),
                };
                match fault {
                    None => format!("{what}: no document proves it"),
                    Some((document, fault)) => format!("{what}: {}", self.fault(*document, *fault)),
                }
            }
            Why::MustApply => format!("`n/a` for {}, which every such material is", claim.said()),
            Why::Unsettled(country) => {
                format!("{}: {}", claim.at(country), self.rule.unsettled_why)
            }
            Why::WhichMaterial(_) => "may be a covered material".to_string(),
            Why::UnknownMaterial => "not a material that the rule or this program knows".to_string(),
            Why::ShareOpen { exception } => {
                let name = &self.rule.exceptions[*exception].name;
                format!("{name}, but the weight share of covered material is not known")
            }
            Why::ShareNotKnown => "the share of the value that counts is not known".to_string(),
            Why::There { country, document } => {
                let proof = match document {
                    Some(document) => proven(*document),
                    None => "as the list of parts says".to_string(),
                };
                let all = place();
                let among = if all == *country { String::new() } else { format!(" (among {all})") };
                format!("{}{among} ({proof})", claim.at(country))
            }
            Why::Reaches { least, of } => {
                let threshold = self.rule.period(date).and_then(|period| period.share_at_least);
                let limit = threshold.map(|t| percent(&t, &Amount::from_integer(1))).unwrap_or_default();
                format!("at least {} of its value counts; the rule bites from {limit} on", percent(least, of))
            }
        }
    }

    /// The countries that a row gives for a claim; `None` = it gives none, or says that there is no such step.
    pub fn named(&self, source: &Source, piece: Option<&Piece>, claim: Claim) -> Option<&'a [Country]> {
        let answer = match (piece, claim) {
            (Some(piece), claim) => Claim::STEPS.iter().position(|step| *step == claim).map(|at| piece.steps[at]),
            (None, Claim::MadeIn) => source.made_in.value,
            (None, _) => None,
        };
        match &self.bom.answers[answer? as usize] {
            Answer::Countries { named, .. } => Some(named),
            Answer::NotApplicable | Answer::Blank => None,
        }
    }

    /// A document with its date and who signed it.
    pub fn cited(&self, document: usize) -> String {
        let Document { number, dated, signed_by, .. } = &self.bom.documents[document];
        let dated = dated.map(|date| format!(", {date}")).unwrap_or_default();
        let signed = if signed_by.is_empty() { String::new() } else { format!(", {signed_by}") };
        format!("{number}{dated}{signed}")
    }

    pub fn fault(&self, document: usize, fault: Fault) -> String {
        let number = &self.bom.documents[document].number;
        match fault {
            Fault::Undated => format!("{number} has no date"),
            Fault::Unsigned => format!("{number} is not signed"),
            Fault::NotYet(date) => format!("{number} is dated {date} only"),
            Fault::Expired(date) => format!("{number} expired on {date}"),
        }
    }

    /// The materials the rule covers, for a question.
    pub fn covered_materials(&self, date: Date) -> String {
        let materials = self.rule.period(date).map(|period| period.materials.as_slice()).unwrap_or_default();
        let names: Vec<&str> = materials.iter().map(|m| self.rule.materials[*m].name.as_str()).collect();
        names.join("; ")
    }

    /// The name of a material for people, with what the row calls it.
    pub fn material(&self, piece: &Piece) -> String {
        match self.meaning(piece) {
            Meaning::Covered(m) if self.rule.materials[m].name != piece.material => {
                format!("{} (listed as {})", self.rule.materials[m].name, piece.material)
            }
            _ => piece.material.clone(),
        }
    }

    /// What holds on a date, in a sentence.
    pub fn in_force(&self, date: Date) -> String {
        let Some(period) = self.rule.period(date) else {
            return format!("On {date} no time of the rule holds.");
        };
        let span = match period.span.until {
            Some(until) => format!("from {} to {until}", period.span.from),
            None => format!("from {}", period.span.from),
        };
        let cite = self.rule.citations(&period.cite).collect::<Vec<_>>().join("; ");
        match period.force {
            Force::Suspended => format!("Suspended {span} ({cite})."),
            force => {
                let steps: Vec<&str> = period.steps.iter().map(|step| step.said()).collect();
                let unknown = match force {
                    Force::Unknown => format!(" Whether it is in force is not known: {}.", period.why),
                    _ => String::new(),
                };
                let countries: Vec<&str> = self.rule.countries.iter().map(|c| country::name(c)).collect();
                let (steps, countries) = (list(&steps, "or"), list(&countries, "or"));
                let share = period.share_at_least.map(|share| {
                    format!(", where that is {} or more of the value", percent(&share, &Amount::from_integer(1)))
                });
                let technology = period.any_share_steps.contains(&Claim::Technology);
                let technology = if technology { ", nor made with rare-earth technology from there" } else { "" };
                let what = format!("{steps} in {countries}{}{technology}", share.unwrap_or_default());
                format!("{span}: not {what} ({cite}).{unknown}").replacen("from", "From", 1)
            }
        }
    }
}

/// The supplier, or that none is named.
pub fn supplier(source: &Source) -> &str {
    if source.supplier.is_empty() { "supplier not named" } else { &source.supplier }
}

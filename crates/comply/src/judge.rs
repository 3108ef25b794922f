//! Pass, fail or unknown: what a rule makes of each part, on every day.
//!
//! A verdict is a function of time, because rules change and documents run out. Weights and values go
//! from parts up to what they are built into, exemptions go down, verdicts up again.

use std::collections::HashMap;

use coercivity_model::Date;

use crate::amount::{Amount, Bounds};
use crate::bom::{AnswerId, Bom, Fault, Part, Piece, Source, Stated};
use crate::claim::Claim;
use crate::country::{Answer, Country};
use crate::finding::{Finding, Verdict, Why};
use crate::materials::{Meaning, Vocabulary};
use crate::rule::{Exception, Force, Period, Rule};
use crate::timeline::Timeline;
use crate::total::{Total, add_up};

/// What the documents that a row cites say for a claim.
enum Proof {
    By(usize),
    Faulty(usize, Fault),
    Missing,
}

/// What a cell about countries means under the rule.
struct Reading {
    covered: Option<Country>,
    unsettled: Option<Country>,
}

pub struct Judge<'a> {
    pub bom: &'a Bom,
    pub rule: &'a Rule,
    meanings: HashMap<&'a str, Meaning>,
    readings: Vec<Reading>,
    /// Whether the part, or what is in it, holds a covered material: `Fail` = yes, `Unknown` = perhaps.
    holds_covered: Vec<Verdict>,
    /// Grams that count for an exception's share, by the exception; empty where no item needs them.
    grams: HashMap<usize, Vec<Timeline<Total>>>,
    /// Value of what counts against a threshold by value, in what is built into each part; empty where
    /// the rule has no such threshold.
    value_inside: Vec<Timeline<Total>>,
    /// Whether everything that the part is built into is exempt, so that the rule does not look inside.
    inside_exempt: Vec<Timeline<bool>>,
    verdicts: Vec<Timeline<Verdict>>,
}

/// What is looked at: a part as one supplier supplies it, on a date, under what holds then.
#[derive(Clone, Copy)]
struct Look<'b> {
    /// Position of the part.
    i: usize,
    part: &'b Part,
    source: &'b Source,
    date: Date,
}

impl<'a> Judge<'a> {
    pub fn new(bom: &'a Bom, rule: &'a Rule) -> Judge<'a> {
        let vocabulary = Vocabulary::new(rule);
        let sources = bom.parts.iter().flat_map(|part| &part.sources);
        let names = sources.flat_map(|source| &source.pieces).map(|piece| piece.material.as_str());
        let mut judge = Judge {
            bom,
            rule,
            meanings: names.map(|name| (name, vocabulary.meaning(name))).collect(),
            readings: bom.answers.iter().map(|answer| reading(answer, rule)).collect(),
            holds_covered: vec![Verdict::Pass; bom.parts.len()],
            grams: HashMap::new(),
            value_inside: Vec::new(),
            inside_exempt: vec![Timeline::always(false); bom.parts.len()],
            verdicts: vec![Timeline::always(Verdict::Pass); bom.parts.len()],
        };
        judge.look_inside();
        judge.weigh();
        judge.count();
        judge.exempt();
        judge.judge();
        judge
    }

    pub fn verdict(&self, part: usize) -> &Timeline<Verdict> {
        &self.verdicts[part]
    }

    pub fn meaning(&self, piece: &Piece) -> Meaning {
        self.meanings[piece.material.as_str()]
    }

    pub fn inside_exempt(&self, part: usize, date: Date) -> bool {
        *self.inside_exempt[part].at(date)
    }

    /// What came of one supplier's part by itself, with everything that was looked at.
    pub fn source(&self, part: usize, source: usize, date: Date) -> (Verdict, Vec<Finding>) {
        let mut findings = Vec::new();
        let verdict = self.judge_source(self.look(part, source, date), Verdict::Pass, &mut |f| findings.push(f));
        (verdict, findings)
    }

    fn look(&self, i: usize, source: usize, date: Date) -> Look<'a> {
        let part = &self.bom.parts[i];
        Look { i, part, source: &part.sources[source], date }
    }

    /// The part as each supplier supplies it.
    fn looks(&self, i: usize, date: Date) -> impl Iterator<Item = Look<'a>> {
        (0..self.bom.parts[i].sources.len()).map(move |source| self.look(i, source, date))
    }

    // ------------------------------------------------------------------------------------------ passes

    fn look_inside(&mut self) {
        for &i in &self.bom.bottom_up {
            let part = &self.bom.parts[i];
            let pieces = part.sources.iter().flat_map(|source| &source.pieces);
            let own = pieces.map(|piece| match self.meaning(piece) {
                Meaning::Covered(_) => Verdict::Fail,
                Meaning::Unclear(_) | Meaning::NotKnown => Verdict::Unknown,
                Meaning::Other => Verdict::Pass,
            });
            let inside = part.contains.iter().map(|(child, _)| self.holds_covered[*child]);
            self.holds_covered[i] = own.chain(inside).max().unwrap_or(Verdict::Pass);
        }
    }

    /// Days on which what documents prove for a part, or the rule itself, changes.
    fn own_edges(&self, part: &Part) -> Vec<Date> {
        let cited = part.sources.iter().flat_map(|source| source.documents.iter());
        let documents = cited.flat_map(|document| self.bom.documents[*document as usize].edges());
        self.rule.edges().into_iter().chain(documents).collect()
    }

    /// Weights of covered material, for the exceptions that hold below a share.
    fn weigh(&mut self) {
        for (e, exception) in self.rule.exceptions.iter().enumerate() {
            let asked = |source: &Source| stated(source, exception.claim) == Some(true);
            let parts = &self.bom.parts;
            if exception.unless_share_at_least.is_none() || !parts.iter().any(|p| p.sources.iter().any(asked)) {
                continue;
            }
            let mut grams = vec![Timeline::always(Total::NOTHING); parts.len()];
            for &i in &self.bom.bottom_up {
                let part = &parts[i];
                let inside = add_up(part, &grams);
                let days = self.own_edges(part).into_iter().chain(inside.edges());
                grams[i] = Timeline::over(days, |day| {
                    let own = self.looks(i, day).map(|look| self.grams_in(look, exception).into());
                    Total::either(own).plus(inside.at(day))
                });
            }
            self.grams.insert(e, grams);
        }
    }

    fn grams_in(&self, Look { part, source, date, .. }: Look, exception: &Exception) -> Bounds {
        let said = source.none.value || !source.pieces.is_empty();
        let proven = |documents: &[u32]| self.proven(documents, Claim::Content, date);
        let listed = !part.contains.is_empty() || (said && proven(&source.documents));
        let start = if listed { Bounds::NOTHING } else { Bounds::ANYTHING };
        source.pieces.iter().fold(start, |sum, piece| {
            let grams = source.grams(piece);
            let most = grams.filter(|_| proven(&piece.documents));
            match self.meaning(piece) {
                Meaning::Covered(m) if exception.share_of.contains(&m) => {
                    sum.plus(&Bounds { least: grams.unwrap_or_default(), most })
                }
                Meaning::Covered(_) | Meaning::Other if proven(&piece.documents) => sum,
                // Whatever it is, or is not proven to be, it weighs no more than it does.
                _ => sum.plus(&Bounds { most, ..Bounds::ANYTHING }),
            }
        })
    }

    /// Values of what counts against a threshold by value.
    fn count(&mut self) {
        if self.rule.periods.iter().all(|period| period.share_at_least.is_none()) {
            return;
        }
        let parts = &self.bom.parts;
        let mut values = vec![Timeline::always(Total::NOTHING); parts.len()];
        self.value_inside = vec![Timeline::always(Total::NOTHING); parts.len()];
        for &i in &self.bom.bottom_up {
            let part = &parts[i];
            self.value_inside[i] = add_up(part, &values);
            let inside = &self.value_inside[i];
            let days = self.own_edges(part).into_iter().chain(inside.edges());
            values[i] = Timeline::over(days, |day| {
                let Some(period) = self.rule.period(day) else { return Total::NOTHING };
                let own = self.looks(i, day).map(|look| self.value_in(look, period));
                Total::either(own).plus(inside.at(day))
            });
        }
    }

    fn value_in(&self, look: Look, period: &Period) -> Total {
        let source = look.source;
        let mut findings = Vec::new();
        self.contents(look, period, &mut |finding| findings.push(finding));
        let open = findings.iter().any(|f| f.piece.is_none() && f.why.verdict() == Verdict::Unknown);
        let start = if open { Bounds::ANYTHING } else { Bounds::NOTHING };
        let bounds = source.pieces.iter().enumerate().fold(start, |sum, (p, piece)| {
            let of_piece = findings.iter().filter(|f| f.piece == Some(p)).map(|f| f.why.verdict());
            let most = piece.value.filter(|_| self.proven(&piece.documents, Claim::Content, look.date));
            match of_piece.max() {
                Some(Verdict::Fail) => sum.plus(&Bounds { least: piece.value.unwrap_or_default(), most }),
                Some(Verdict::Unknown) => sum.plus(&Bounds { most, ..Bounds::ANYTHING }),
                Some(Verdict::Pass) | None => sum,
            }
        });
        Total { bounds, currency: source.currency.clone() }
    }

    /// From what is delivered down to what is in it.
    fn exempt(&mut self) {
        let nothing_exempts = self.rule.exceptions.is_empty() && self.rule.waivers.is_empty();
        let mut exempt: Vec<Timeline<bool>> = vec![Timeline::always(false); self.bom.parts.len()];
        if nothing_exempts {
            return;
        }
        for &i in self.bom.bottom_up.iter().rev() {
            let part = &self.bom.parts[i];
            let parents: Vec<usize> = part.part_of.iter().map(|(parent, _)| *parent).collect();
            let above = parents.iter().flat_map(|parent| exempt[*parent].edges()).collect::<Vec<_>>();
            self.inside_exempt[i] = Timeline::over(above.iter().copied(), |day| {
                !parents.is_empty() && parents.iter().all(|parent| *exempt[*parent].at(day))
            });
            let weights = self.grams.values().flat_map(|grams| grams[i].edges());
            let days = self.own_edges(part).into_iter().chain(weights).chain(above);
            exempt[i] = Timeline::over(days, |day| {
                *self.inside_exempt[i].at(day)
                    || self
                        .looks(i, day)
                        .all(|look| self.exemption(look, &mut |_| {}) == Some(true) || self.waived(look).is_some())
            });
        }
    }

    fn judge(&mut self) {
        for &i in &self.bom.bottom_up {
            let part = &self.bom.parts[i];
            let inside = self.worst_inside(part);
            let weights = self.grams.values().flat_map(|grams| grams[i].edges());
            let values = self.value_inside.get(i).into_iter().flat_map(Timeline::edges);
            let days = self.own_edges(part).into_iter().chain(inside.edges()).chain(weights).chain(values);
            let days: Vec<Date> = days.chain(self.inside_exempt[i].edges()).collect();
            let verdict = Timeline::over(days, |day| {
                if *self.inside_exempt[i].at(day) {
                    return Verdict::Pass;
                }
                let inside = *inside.at(day);
                self.looks(i, day).map(|look| self.judge_source(look, inside, &mut |_| {})).max().unwrap_or(inside)
            });
            self.verdicts[i] = verdict;
        }
    }

    /// The worst verdict of what is built into a part.
    fn worst_inside(&self, part: &Part) -> Timeline<Verdict> {
        let children = part.contains.iter().map(|(child, _)| &self.verdicts[*child]);
        Timeline::together(
            children,
            [0_usize; 3],
            |counts, _, before, now| {
                if let Some(before) = before {
                    counts[*before as usize] -= 1;
                }
                counts[*now as usize] += 1;
            },
            |counts| Verdict::ALL.into_iter().rev().find(|v| counts[*v as usize] > 0).unwrap_or(Verdict::Pass),
        )
    }

    // ------------------------------------------------------------------------------------- one supplier

    /// `inside` is the worst verdict of what is built into the part.
    fn judge_source(&self, look: Look, inside: Verdict, say: &mut impl FnMut(Finding)) -> Verdict {
        let Look { i, part, source, date } = look;
        let Some(period) = self.rule.period(date).filter(|period| period.force != Force::Suspended) else {
            return Verdict::Pass;
        };
        let whole = |claim, why| Finding { piece: None, claim, why };
        if let Some((waiver, documents)) = self.waived(look) {
            say(whole(Claim::Waiver, Why::Waived { waiver, documents }));
            return Verdict::Pass;
        }
        let exemption = self.exemption(look, say);
        if exemption == Some(true) {
            return Verdict::Pass;
        }
        let mut verdict = match &period.share_at_least {
            None => {
                let mut worst = inside;
                self.contents(look, period, &mut |finding| {
                    worst = worst.max(finding.why.verdict());
                    say(finding);
                });
                worst
            }
            Some(threshold) => self.by_share(look, period, threshold, say),
        };
        if period.item_made_in && part.is_item() && self.holds_covered[i] > Verdict::Pass {
            let why = self.place(
                source.made_in.value.unwrap_or_default(),
                &source.made_in.documents,
                Claim::MadeIn,
                false,
                date,
            );
            // Where it is made says nothing against it if nothing covered is in it after all.
            verdict = verdict.max(why.verdict().min(self.holds_covered[i]));
            say(whole(Claim::MadeIn, why));
        }
        // What may be exempt is not proven to fail.
        if exemption.is_none() {
            verdict = verdict.min(Verdict::Unknown);
        }
        if period.force == Force::Unknown {
            verdict = verdict.min(Verdict::Unknown);
        }
        verdict
    }

    /// Whether the covered material reaches the period's share of the part's value.
    fn by_share(&self, look: Look, period: &Period, threshold: &Amount, say: &mut impl FnMut(Finding)) -> Verdict {
        let Look { i, source, date, .. } = look;
        let bounds = self.value_in(look, period).plus(self.value_inside[i].at(date)).bounds;
        let mut any_share = Verdict::Pass;
        let mut about_share = Vec::new();
        self.contents(look, period, &mut |finding| {
            if period.any_share_steps.contains(&finding.claim) {
                any_share = any_share.max(finding.why.verdict());
                say(finding);
            } else {
                about_share.push(finding);
            }
        });
        let (verdict, why) = match (self.reaches(&bounds, threshold, &source.value, date), &bounds) {
            (Some(true), _) => {
                let of = source.value.value.unwrap_or_default();
                (Verdict::Fail, Why::Reaches { least: bounds.least, of })
            }
            (Some(false), Bounds { most: Some(most), .. }) => {
                (Verdict::Pass, Why::Below { most: *most, of: source.value.value })
            }
            _ => (Verdict::Unknown, Why::ShareNotKnown),
        };
        about_share.into_iter().for_each(&mut *say);
        say(Finding { piece: None, claim: Claim::Content, why });
        verdict.max(any_share)
    }

    /// Whether a share of the part is reached. That it is not must rest on a proven weight or value of
    /// the part; that it is need not.
    fn reaches(&self, bounds: &Bounds, threshold: &Amount, whole: &Stated<Option<Amount>>, date: Date) -> Option<bool> {
        let proven = self.proven(&whole.documents, Claim::Content, date);
        let reached = bounds.reaches(threshold, whole.value.as_ref());
        reached.filter(|reached| *reached || proven || bounds.most == Bounds::NOTHING.most)
    }

    /// What is in the part itself, material by material and step by step.
    fn contents(&self, look: Look, period: &Period, say: &mut impl FnMut(Finding)) {
        let Look { part, source, date, .. } = look;
        if part.contains.is_empty() {
            let covered = source.pieces.iter().any(|piece| self.meaning(piece) != Meaning::Other);
            let documents = if source.none.value { &source.none.documents } else { &source.documents };
            let why = match self.proof(documents, Claim::Content, date) {
                _ if source.pieces.is_empty() && !source.none.value => Why::NotSaid,
                Proof::By(document) if covered => Why::Complete { document },
                Proof::By(document) => Why::NoneInIt { document },
                proof => unproven(proof),
            };
            say(Finding { piece: None, claim: Claim::Content, why });
        }
        for (p, piece) in source.pieces.iter().enumerate() {
            match self.meaning(piece) {
                // That it is what the row says, and nothing else, is a claim as well.
                Meaning::Other => match self.proof(&piece.documents, Claim::Content, date) {
                    Proof::By(_) => {}
                    proof => say(Finding { piece: Some(p), claim: Claim::Content, why: unproven(proof) }),
                },
                Meaning::Covered(m) if !period.materials.contains(&m) => {}
                Meaning::Covered(m) => self.look_at_steps(p, piece, m, period, date, say),
                Meaning::Unclear(u) => {
                    say(Finding { piece: Some(p), claim: Claim::Content, why: Why::WhichMaterial(u) })
                }
                Meaning::NotKnown => {
                    say(Finding { piece: Some(p), claim: Claim::Content, why: Why::UnknownMaterial });
                }
            }
        }
    }

    fn look_at_steps(
        &self,
        p: usize,
        piece: &Piece,
        m: usize,
        period: &Period,
        date: Date,
        say: &mut impl FnMut(Finding),
    ) {
        if let Some((exception, document)) = self.recycled(piece, m, date) {
            let why = Why::Exempt { exception, document, share: None };
            say(Finding { piece: Some(p), claim: Claim::Recycled, why });
            return;
        }
        let may_not_apply = &self.rule.materials[m].may_not_apply;
        for &step in period.steps.iter().chain(&period.any_share_steps) {
            let answer = piece.steps[step as usize];
            let why = self.place(answer, &piece.documents, step, may_not_apply.contains(&step), date);
            say(Finding { piece: Some(p), claim: step, why });
        }
    }

    /// What an answer about countries comes to.
    fn place(&self, answer: AnswerId, documents: &[u32], claim: Claim, may_not_apply: bool, date: Date) -> Why {
        let reading = &self.readings[answer as usize];
        match &self.bom.answers[answer as usize] {
            Answer::Blank => Why::NotSaid,
            Answer::NotApplicable if !may_not_apply => Why::MustApply,
            Answer::NotApplicable => match self.proof(documents, claim, date) {
                Proof::By(document) => Why::NotApplicable { document },
                proof => unproven(proof),
            },
            Answer::Countries { named, more } => match (reading.covered, self.proof(documents, claim, date)) {
                (Some(country), Proof::By(document)) => Why::There { country, document: Some(document) },
                (Some(country), Proof::Missing) => Why::There { country, document: None },
                // A document that has run out proves nothing, in either direction.
                (Some(_), proof) => unproven(proof),
                (None, _) if named.is_empty() => Why::NotSaid,
                (None, _) if *more => Why::NotAllSaid,
                (None, proof) => match (reading.unsettled, proof) {
                    (Some(country), _) => Why::Unsettled(country),
                    (None, Proof::By(document)) => Why::Elsewhere { document },
                    (None, proof) => unproven(proof),
                },
            },
        }
    }

    fn proof(&self, documents: &[u32], claim: Claim, date: Date) -> Proof {
        let documents = documents.iter().map(|document| *document as usize);
        let mut found = Proof::Missing;
        for document in documents.filter(|document| self.bom.documents[*document].covers(claim)) {
            match self.bom.documents[document].holds(date) {
                Ok(()) => return Proof::By(document),
                Err(fault) if matches!(found, Proof::Missing) => found = Proof::Faulty(document, fault),
                Err(_) => {}
            }
        }
        found
    }

    fn proven(&self, documents: &[u32], claim: Claim, date: Date) -> bool {
        matches!(self.proof(documents, claim, date), Proof::By(_))
    }

    // ------------------------------------------------------------------------------ exceptions and waivers

    /// Whether an exception takes the item out of the rule; `None` = it is claimed and may.
    fn exemption(&self, look: Look, say: &mut impl FnMut(Finding)) -> Option<bool> {
        let Look { i, part, source, date } = look;
        let mut open = false;
        if !part.is_item() {
            return Some(false);
        }
        for &claim in Claim::OF_ITEM {
            let held = self.rule.exceptions.iter().position(|e| e.claim == claim && e.span.holds(date));
            let Some(e) = held.filter(|_| stated(source, claim) == Some(true)) else { continue };
            let document = match self.proof(cited(source, claim), claim, date) {
                Proof::By(document) => document,
                proof => {
                    open = true;
                    say(Finding { piece: None, claim, why: unproven(proof) });
                    continue;
                }
            };
            let share = self.rule.exceptions[e].unless_share_at_least.as_ref().map(|threshold| {
                let bounds = &self.grams[&e][i].at(date).bounds;
                (self.reaches(bounds, threshold, &source.weight_g, date), bounds)
            });
            match share {
                Some((Some(true), _)) => {}
                Some((None, _)) => {
                    open = true;
                    say(Finding { piece: None, claim, why: Why::ShareOpen { exception: e } });
                }
                None | Some((Some(false), _)) => {
                    let most = share.and_then(|(_, bounds)| bounds.most);
                    let share = most.zip(source.weight_g.value);
                    say(Finding { piece: None, claim, why: Why::Exempt { exception: e, document, share } });
                    return Some(true);
                }
            }
        }
        if open { None } else { Some(false) }
    }

    /// The exception for recycled material, with the document that proves it.
    fn recycled(&self, piece: &Piece, m: usize, date: Date) -> Option<(usize, usize)> {
        let holds = |e: &Exception| e.claim == Claim::Recycled && e.span.holds(date) && e.materials.contains(&m);
        let e = self.rule.exceptions.iter().position(holds).filter(|_| piece.recycled == Some(true))?;
        let Proof::By(document) = self.proof(&piece.documents, Claim::Recycled, date) else { return None };
        if let Some((step, countries)) = &self.rule.exceptions[e].only_where {
            let Answer::Countries { named, more: false } = &self.bom.answers[piece.steps[*step as usize] as usize]
            else {
                return None;
            };
            let proven = self.proven(&piece.documents, *step, date);
            if !proven || named.is_empty() || !named.iter().all(|country| countries.contains(country)) {
                return None;
            }
        }
        Some((e, document))
    }

    fn waived(&self, Look { source, date, .. }: Look) -> Option<(usize, Vec<usize>)> {
        let w = self.rule.waivers.iter().position(|waiver| waiver.span.holds(date))?;
        // A waiver is covered only by a document that names it.
        let documents: Option<Vec<usize>> = self.rule.waivers[w]
            .needs
            .iter()
            .map(|claim| match self.proof(&source.documents, *claim, date) {
                Proof::By(document) => Some(document),
                Proof::Faulty(..) | Proof::Missing => None,
            })
            .collect();
        documents.map(|documents| (w, documents))
    }
}

fn reading(answer: &Answer, rule: &Rule) -> Reading {
    let Answer::Countries { named, .. } = answer else { return Reading { covered: None, unsettled: None } };
    let first = |list: &[Country]| named.iter().copied().find(|country| list.contains(country));
    Reading { covered: first(&rule.countries), unsettled: first(&rule.unsettled) }
}

/// What is said and not proven.
fn unproven(proof: Proof) -> Why {
    match proof {
        Proof::Faulty(document, fault) => Why::Unproven(Some((document, fault))),
        Proof::By(_) | Proof::Missing => Why::Unproven(None),
    }
}

fn stated(source: &Source, claim: Claim) -> Option<bool> {
    match claim {
        Claim::Cots => source.cots.value,
        Claim::ElectronicDevice => source.electronic_device.value,
        _ => None,
    }
}

fn cited(source: &Source, claim: Claim) -> &[u32] {
    match claim {
        Claim::Cots => &source.cots.documents,
        Claim::ElectronicDevice => &source.electronic_device.documents,
        _ => &[],
    }
}

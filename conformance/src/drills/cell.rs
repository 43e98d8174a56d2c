//! One participant in one drill: what it showed, held against the pages, and laid to its profile.

use session_model::Profile;

use super::open::shown;
use super::{Cause, Cell, Claim, Participant, Performed, Stands, Told};
use crate::atlas::{Behaviour, Evidence, Kind};
use crate::check::{Verdict, check};
use crate::damage::damaged_at;
use crate::divergence::Divergence;
use crate::judge::{About, Unmet, judge};
use crate::op::Op;
use crate::recording::trace_of;
use crate::tally::Tally;
use crate::transcript::{Answer, Ending, Transcript};

/// How many members or callbacks are named.
const NAMED: usize = 6;

/// The cell of a participant in a drill.
pub(super) fn cell(told: &Told, participant: &Participant) -> Cell {
    let performed = participant.performed.get(&told.name);
    let blank = |stands, evidence| Cell {
        column: participant.name.clone(),
        stands,
        evidence,
        claims: Vec::new(),
        besides: Vec::new(),
        said: None,
    };
    let said = |stands, evidence, said: String| Cell { said: Some(said), ..blank(stands, evidence) };
    let hazards = told.file.scenario.trace.setup.hazards;
    match performed {
        Some(Performed::NotRun(why)) => said(Stands::NotRun, Evidence::Claimed, why.clone()),
        Some(Performed::Unstable(why)) => said(Stands::Unexplained, Evidence::Contradicted, format!("unstable: {why}")),
        Some(Performed::Down(how)) if hazards => said(Stands::GoesDown, participant.evidence, how.clone()),
        Some(Performed::Down(how)) => said(Stands::Unexplained, Evidence::Contradicted, how.clone()),
        None if hazards => {
            let why = "the pages rule nothing, nor does a profile: it has to be run";
            said(Stands::NotRun, Evidence::Claimed, why.to_owned())
        }
        Some(Performed::Shown(transcript)) if hazards => {
            said(Stands::Survives, participant.evidence, handshakes(told, transcript))
        }
        Some(Performed::Shown(transcript)) => {
            held(told, participant, transcript, blank(Stands::AsPages, participant.evidence))
        }
        None => {
            let transcript = shown(told, &participant.profile.profile);
            held(told, participant, &transcript, blank(Stands::AsPages, Evidence::Claimed))
        }
    }
}

/// What was shown against the pages, then against the profile.
fn held(told: &Told, participant: &Participant, transcript: &Transcript, blank: Cell) -> Cell {
    if let Ending::Refused(why) = &transcript.ending {
        return Cell { stands: Stands::NotRun, said: Some(why.clone()), ..blank };
    }
    let (pages, profile) = (pages(told, &participant.profile.profile), participant.profile.profile);
    let trace = trace_of(&told.file);
    let against = |profile: &Profile| check(&trace, profile, transcript, &mut Tally::default());
    let damaged = damaged_at(&trace, &profile);
    let mut unmet = judge(&told.file.scenario, transcript);
    if let Some(damaged) = damaged {
        unmet.retain(|unmet| trace.executed().nth(unmet.index).is_some_and(|(place, _)| place.step <= damaged.step));
    }
    let said = damaged.map(|place| format!("{place} damages its memory: what comes after it means nothing"));
    match (against(&pages), against(&profile)) {
        (Verdict::NotRun(why), _) | (_, Verdict::NotRun(why)) => {
            Cell { stands: Stands::NotRun, evidence: Evidence::Claimed, said: Some(why), ..blank }
        }
        (_, Verdict::Diverges(divergence)) => unexplained(told, &unmet, &divergence, blank),
        (Verdict::Conforms, Verdict::Conforms) if unmet.is_empty() => blank,
        (_, Verdict::Conforms) => explained(told, (&pages, &profile), transcript, &unmet, Cell { said, ..blank }),
    }
}

/// The pages as the drill reads them, in the participant's edition where the drill is about that.
fn pages(told: &Told, profile: &Profile) -> Profile {
    let own = told.file.claims_about().find(|pages| pages.edition == profile.edition);
    own.or_else(|| told.file.claims_about().last()).expect("a drill without hazards has an edition")
}

fn unexplained(told: &Told, unmet: &[Unmet], divergence: &Divergence, blank: Cell) -> Cell {
    let Divergence { place, op, clause, ruled, seen, .. } = divergence;
    let said = format!("{place} ({}): its profile rules: {ruled}; seen: {seen} [{clause}]", op.verb());
    Cell {
        stands: Stands::Unexplained,
        evidence: Evidence::Contradicted,
        claims: unmet.iter().map(|unmet| claim(told, unmet, Vec::new())).collect(),
        said: Some(said),
        ..blank
    }
}

/// Puts each entry of the profile back to the pages' value: what is as the pages then, comes of it.
fn explained(
    told: &Told,
    (pages, profile): (&Profile, &Profile),
    transcript: &Transcript,
    unmet: &[Unmet],
    blank: Cell,
) -> Cell {
    let trace = trace_of(&told.file);
    let mut causes: Vec<Vec<Cause>> = vec![Vec::new(); unmet.len()];
    let mut besides = Vec::new();
    for behaviour in Behaviour::all().filter(|behaviour| behaviour.value(profile) != behaviour.value(pages)) {
        let without = behaviour.set(profile, behaviour.value(pages));
        if !matches!(check(&trace, &without, transcript, &mut Tally::default()), Verdict::Diverges(_)) {
            continue;
        }
        let cause = cause(behaviour, profile);
        let left = judge(&told.file.scenario, &shown(told, &without));
        let cured = unmet.iter().zip(&mut causes).filter(|(unmet, _)| left.iter().all(|left| left.spot != unmet.spot));
        let cured = cured.map(|(_, causes)| causes.push(cause.clone())).count();
        if cured == 0 {
            besides.push(cause);
        }
    }
    for (unmet, causes) in unmet.iter().zip(&mut causes).filter(|(_, causes)| causes.is_empty()) {
        *causes = each_enough(told, (pages, profile), unmet);
        besides.retain(|cause| !causes.contains(cause));
    }
    Cell {
        stands: if unmet.is_empty() { Stands::Holds } else { Stands::Otherwise },
        claims: unmet.iter().zip(causes).map(|(unmet, causes)| claim(told, unmet, causes)).collect(),
        besides,
        ..blank
    }
}

/// Where no entry alone decides a claim, since several do the same: those that break it by themselves.
fn each_enough(told: &Told, (pages, profile): (&Profile, &Profile), unmet: &Unmet) -> Vec<Cause> {
    let entries = Behaviour::all().filter(|behaviour| behaviour.value(profile) != behaviour.value(pages));
    let breaks = |behaviour: &Behaviour| {
        let with = behaviour.set(pages, behaviour.value(profile));
        judge(&told.file.scenario, &shown(told, &with)).iter().any(|left| left.spot == unmet.spot)
    };
    entries.filter(breaks).map(|behaviour| cause(behaviour, profile)).collect()
}

fn cause(behaviour: Behaviour, profile: &Profile) -> Cause {
    let value = behaviour.value(profile);
    Cause {
        behaviour: behaviour.name().to_owned(),
        kind: behaviour.kind(),
        clause: behaviour.clause().id().to_owned(),
        does: match behaviour.kind() {
            Kind::Departure => behaviour.does(value),
            Kind::Reading => value.to_owned(),
        },
    }
}

fn claim(told: &Told, unmet: &Unmet, causes: Vec<Cause>) -> Claim {
    let at = told.file.scenario.trace.executed().nth(unmet.index);
    let (step, op) = at.map_or_else(Default::default, |(place, op)| (place.to_string(), op.verb().to_owned()));
    let (ruled, seen) = match resumption(told, unmet) {
        Some(words) => words,
        None => (few(&unmet.stated), few(&unmet.seen)),
    };
    Claim { line: unmet.spot.line, step, op, ruled, seen, causes }
}

/// Of a long list the first names, and how many there are beside them.
fn few(said: &str) -> String {
    let Some((what, names)) = said.strip_suffix(']').and_then(|said| said.split_once('[')) else {
        return said.to_owned();
    };
    let names: Vec<_> = names.split(", ").collect();
    match names.len() {
        n if n > NAMED => format!("{what}[{} and {} more]", names[..NAMED].join(", "), n - NAMED),
        _ => said.to_owned(),
    }
}

/// The answers of a handshake by their words.
fn resumption(told: &Told, unmet: &Unmet) -> Option<(String, String)> {
    let (_, op) = told.file.scenario.trace.executed().nth(unmet.index)?;
    let is_answer = unmet.about == About::Answer && is_handshake(&op);
    let word = |said: &str| {
        let number = said.rsplit(' ').next().and_then(|number| number.parse().ok());
        number.map_or_else(|| said.to_owned(), answer_word)
    };
    is_answer.then(|| (word(&unmet.stated), word(&unmet.seen)))
}

fn is_handshake(op: &Op) -> bool {
    matches!(op, Op::Handshake(..) | Op::AcceptBegin(..) | Op::AcceptFinish(_) | Op::Renegotiate(..))
}

fn answer_word(value: i64) -> String {
    match value {
        1 => "resumed".to_owned(),
        0 => "full".to_owned(),
        -1 => "failed".to_owned(),
        other => other.to_string(),
    }
}

/// How the handshakes of a drill ended where the pages rule nothing.
fn handshakes(told: &Told, transcript: &Transcript) -> String {
    let ended = told.file.scenario.trace.executed().zip(&transcript.steps).filter(|((_, op), _)| is_handshake(op));
    let ended = ended.map(|((place, _), seen)| match seen.answer {
        Answer::Returns(value) => format!("{place}: {}", answer_word(value)),
        Answer::Nothing | Answer::Absent => format!("{place}: absent"),
    });
    format!("it survives; handshakes: {}", ended.collect::<Vec<_>>().join(", "))
}

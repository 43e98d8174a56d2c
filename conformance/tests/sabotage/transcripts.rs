//! The transcript does not say what happened: whatever is left out, added or altered in it, wherever that is, is seen.
//! Digests stay those of the truth, so that they give nothing away.

use std::collections::BTreeSet;

use sesscheck::check::Verdict;
use sesscheck::transcript::{Answer, Ending, Event, Transcript};
use session_model::SessionRef;

use crate::Sabotage;
use crate::honest::{SHOWN, Step, kind, put_together, taken_apart, verdict};

pub(crate) const ALL: &[Sabotage] = &[
    ("one taken apart and put together again is the same", untouched),
    ("an answer is off by one", || each(answer_off_by_one, "answer")),
    ("a call that returns nothing is said to return 0", || each(nothing_is_zero, "answer")),
    ("a callback is not told", || each(|step| without_last(&mut step.events), "callback missing")),
    ("a callback is told twice", || each(|step| step.events.extend(step.events.last().copied()), "callback extra")),
    ("the callbacks of a step are told in reverse", || each(|step| step.events.reverse(), "callback order")),
    ("a callback is told with another session", || each(another_session, "callback missing")),
    ("what new_session_cb returned is told wrong", || each(kept_otherwise, "callback missing")),
    ("a destroyed object is not told", || each(|step| without_last(&mut step.destroyed), "not destroyed")),
    ("an object is told destroyed that lives", || each(destroyed_too_soon, "destroyed")),
    ("a counter is not reported", || each(|step| without_last(&mut step.counters), "counter number")),
    ("a counter is off by one", || each(counter_off_by_one, "counter number")),
    ("the counters of a step are reported for another context", || each(counted_elsewhere, "counter number")),
    ("a member is hidden", || each(|step| without_last(&mut step.members), "member missing")),
    ("a member is shown that is not there", || each(invented_member, "member extra")),
    ("a member is shown twice", || each(|step| step.members.extend(step.members.first().copied()), "member extra")),
    ("times are off by one", || each(|step| step.members.iter_mut().for_each(|m| m.time += 1), "time")),
    ("timeouts are off by one", || each(|step| step.members.iter_mut().for_each(|m| m.timeout -= 1), "timeout")),
    ("the mark is missing", || each(|step| step.members.iter_mut().for_each(|m| m.resumable = true), "mark")),
    ("every session is marked", || each(|step| step.members.iter_mut().for_each(|m| m.resumable = false), "mark")),
    ("the members are not looked at", || each(not_looked_at, "short")),
    ("the digest of the members is not taken", || each(|step| step.digest = None, "short")),
    ("the digest of the members is another", || each(|step| step.digest = step.digest.map(|d| d ^ 1), "digest")),
    ("it ends half-way and claims completion", half_of_it),
    ("the last phase is not run", without_last_phase),
    ("it has a step more than the trace", one_step_more),
    ("all steps are there and the subject is down", down_at_the_end),
    ("it refuses the step that it gets wrong", refused),
];

/// Alters one step of each trace, of those in which there is something to alter one after the other in turn: whatever
/// is altered is red, and in this kind at least once.
fn each(alter: fn(&mut Step), expected: &str) {
    let mut kinds = BTreeSet::new();
    for (turn, shown) in SHOWN.iter().enumerate() {
        let mut steps = taken_apart(&shown.transcript);
        let altered = |step: &Step| {
            let mut step = step.clone();
            alter(&mut step);
            step
        };
        let places: Vec<usize> = (0..steps.len()).filter(|n| altered(&steps[*n]) != steps[*n]).collect();
        if places.is_empty() {
            continue;
        }
        let n = places[turn % places.len()];
        alter(&mut steps[n]);
        let told = kind(&shown.trace, &put_together(&steps, Ending::Completed));
        kinds.insert(told.unwrap_or_else(|| panic!("nobody sees it in step {n} of {:?}", shown.trace)));
    }
    assert!(kinds.contains(expected), "{kinds:?}");
}

fn untouched() {
    for shown in SHOWN.iter() {
        let again = put_together(&taken_apart(&shown.transcript), Ending::Completed);
        assert_eq!(again, shown.transcript);
        assert_eq!(kind(&shown.trace, &again), None);
    }
}

fn without_last<T>(told: &mut Vec<T>) {
    told.truncate(told.len().saturating_sub(1));
}

fn answer_off_by_one(step: &mut Step) {
    if let Answer::Returns(value) = &mut step.answer {
        *value += 1;
    }
}

fn nothing_is_zero(step: &mut Step) {
    if step.answer == Answer::Nothing {
        step.answer = Answer::Returns(0);
    }
}

fn another_session(step: &mut Step) {
    let told = step.events.last_mut();
    if let Some(Event::New(_, session, _) | Event::Get(_, _, Some(session)) | Event::Remove(_, session)) = told {
        session.0 += 1;
    }
}

fn kept_otherwise(step: &mut Step) {
    for event in &mut step.events {
        if let Event::New(_, _, kept) = event {
            *kept = !*kept;
        }
    }
}

fn destroyed_too_soon(step: &mut Step) {
    let alive = step.members.iter().map(|member| member.session).find(|session| !step.destroyed.contains(session));
    step.destroyed.extend(alive);
    step.destroyed.sort_unstable();
}

fn counter_off_by_one(step: &mut Step) {
    step.counters.iter_mut().for_each(|change| change.value += 1);
}

fn counted_elsewhere(step: &mut Step) {
    step.counters.iter_mut().for_each(|change| change.context.0 ^= 1);
}

fn invented_member(step: &mut Step) {
    let invented = step.members.first().map(|member| {
        let mut other = *member;
        other.session = SessionRef(member.session.0 + 1000);
        other
    });
    step.members.extend(invented);
    step.members.sort_unstable();
}

fn not_looked_at(step: &mut Step) {
    if step.members.is_empty() {
        step.probed = false;
    }
}

/// Every trace with its transcript altered as a whole is red in this kind.
fn whole(alter: impl Fn(&mut Transcript, usize), expected: &str) {
    for shown in SHOWN.iter() {
        let mut wrong = shown.transcript.clone();
        alter(&mut wrong, shown.trace.last_phase().len());
        assert_eq!(kind(&shown.trace, &wrong).as_deref(), Some(expected), "{:?}", shown.trace);
        assert_eq!(kind(&shown.trace, &shown.transcript), None);
    }
}

fn half_of_it() {
    whole(|transcript, _| transcript.steps.truncate(transcript.steps.len() / 2), "short");
}

fn without_last_phase() {
    whole(|transcript, last| transcript.steps.truncate(transcript.steps.len() - last), "short");
}

fn one_step_more() {
    whole(|transcript, _| transcript.end_step(Answer::Nothing, None, false), "short");
}

fn down_at_the_end() {
    whole(|transcript, _| transcript.ending = Ending::Crashed("signal 11".to_owned()), "crashed");
}

fn refused() {
    for shown in SHOWN.iter() {
        let mut wrong = shown.transcript.clone();
        wrong.steps.pop();
        wrong.ending = Ending::Refused("it would be wrong".to_owned());
        assert_eq!(verdict(&shown.trace, &wrong), Verdict::NotRun("it would be wrong".to_owned()));
        assert_eq!(verdict(&shown.trace, &shown.transcript), Verdict::Conforms);
    }
}

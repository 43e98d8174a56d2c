//! What happened in the internal caches on the way to a divergence, step by step: what a picture of it is drawn from.
//!
//! Until the step that parts, manual and subject did the same: a check compares every step in full. So there is one
//! course, and of its last step what the subject did instead. Not here: how it is drawn ([`crate::render`]), and what
//! decides each step ([`mod@crate::explain`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use session_model::Profile;

use crate::check::ruled_beside;
use crate::explain::{Words, answer};
use crate::naming::Naming;
use crate::op::Op;
use crate::scenario::op_line;
use crate::trace::{Shown, Trace};
use crate::transcript::{Event, Seen, Transcript};

/// How many steps are kept, the last ones.
const BEATS: usize = 48;

/// How many sessions are kept: those in which the two part, then the first ones.
const SESSIONS: usize = 24;

/// How many callbacks, destroyed objects and counters of a step are kept, the first ones.
const LISTED: usize = 24;

/// What happened until a subject and the manual part.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// The sessions that are ever in a cache, as the trace calls them; with the context before it, where there are
    /// several.
    pub sessions: Vec<String>,
    /// How many further sessions there are, of which nothing is kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_sessions: usize,
    /// How many steps before the first one are not kept, and rounds of a `repeat` in which nothing happens.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// The clock before the first step, in seconds since the Epoch.
    pub clock: i64,
    /// The steps, as the manual rules them; the last one is where the two part.
    pub beats: Vec<Beat>,
    /// What the subject showed of the last step; `None`: it did not get through it, or could not be shown.
    pub instead: Option<Showed>,
    /// Why it could not be shown, where it got through the step when it was found and not when it was run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_shown: Option<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beat {
    /// Where in the trace, such as `step 2`.
    pub place: String,
    /// The op, as a scenario writes it.
    pub op: String,
    /// The clock after it, in seconds since the Epoch.
    pub clock: i64,
    /// What the manual rules.
    pub ruled: Showed,
}

/// What is there after a step.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Showed {
    /// What the call answered.
    pub answer: String,
    /// Who is in a cache.
    pub members: Vec<Resident>,
    /// Callbacks, in the order in which they were called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Call>,
    /// Objects that were destroyed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<String>,
    /// Counters that changed, and what they are now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<String>,
}

/// A session in a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resident {
    /// Its place in [`Course::sessions`].
    pub session: usize,
    /// Its time, in seconds since the Epoch.
    pub time: i64,
    /// Its timeout, in seconds.
    pub timeout: i64,
    /// Whether it is resumable.
    pub resumable: bool,
}

/// A callback that was called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The session's place in [`Course::sessions`]; `None`: it is about none of them.
    pub session: Option<usize>,
    /// `new`, `get` or `remove`; `more` for those that are not kept.
    pub callback: String,
    /// What was called with what, and what it answered.
    pub words: String,
}

/// The course of a trace to the op of this index, counted from 0, in which the subject departs from the profile.
/// `transcript` is what the subject showed of the whole trace; `None`: it went down.
#[must_use]
pub fn course(trace: &Trace, profile: &Profile, transcript: Option<&Transcript>, parts: usize) -> Course {
    let trace = Trace { shown: Shown::Everything, ..trace.clone() };
    let nothing = Transcript::default();
    let ruled = ruled_beside(&trace, profile, transcript.unwrap_or(&nothing), parts.saturating_add(1));
    let by_manual = Naming::of(&trace, &ruled);
    let mut rows = Rows::default();
    let mut beats = VecDeque::new();
    let mut clock = trace.setup.clock.0;
    for ((place, op), index) in trace.executed().zip(0..ruled.steps.len()) {
        match &*op {
            Op::Advance(seconds) => clock += i128::from(*seconds),
            Op::SetClock(time) => clock = time.0,
            _ => {}
        }
        let seen = ruled.step(index).expect("the driver ends a step for each op");
        let ruled = rows.showed(&Words { trace: &trace, naming: &by_manual }, &seen);
        let idle = || beats.back().is_some_and(|before: &Beat| before.ruled.members == ruled.members);
        let later = place.within.is_some_and(|(round, _)| round > 1);
        if !later || index == parts || !ruled.callbacks.is_empty() || !idle() {
            if beats.len() == BEATS {
                beats.pop_front();
            }
            let op = op_line(&op, &trace.names);
            beats.push_back(Beat { place: place.to_string(), op, clock: seconds(clock), ruled });
        }
    }
    let instead = transcript.and_then(|transcript| {
        let naming = Naming::of(&trace, transcript);
        Some(rows.showed(&Words { trace: &trace, naming: &naming }, &transcript.step(parts)?))
    });
    let mut course = Course {
        sessions: rows.names,
        more_sessions: 0,
        left_out: ruled.steps.len() - beats.len(),
        clock: seconds(trace.setup.clock.0),
        beats: beats.into(),
        instead,
        not_shown: None,
    };
    course.keep_few();
    course
}

/// How many of so many are not kept, in words.
fn more(of: usize) -> Option<String> {
    of.checked_sub(LISTED).filter(|more| *more > 0).map(|more| format!("and {more} more"))
}

fn seconds(time: i128) -> i64 {
    i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX })
}

/// The sessions that were ever in a cache, in the order in which they came.
#[derive(Default)]
struct Rows {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Rows {
    fn place(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.places.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }

    fn showed(&mut self, words: &Words<'_>, seen: &Seen<'_>) -> Showed {
        let members = seen.members.iter().filter_map(|m| Some((m.context?, m)));
        let members = members.map(|(context, m)| Resident {
            session: self.place(words.of(context) + &words.who(m.session)),
            time: m.time,
            timeout: m.timeout,
            resumable: m.resumable,
        });
        let members = members.collect();
        let callbacks = seen.events.iter().map(|event| {
            let (context, c, callback) = match event {
                Event::New(context, c, _) => (context, Some(c), "new"),
                Event::Get(context, _, c) => (context, c.as_ref(), "get"),
                Event::Remove(context, c) => (context, Some(c), "remove"),
            };
            let session = c.and_then(|c| self.places.get(&(words.of(*context) + &words.who(*c))).copied());
            Call { session, callback: callback.to_owned(), words: words.event(event) }
        });
        let mut callbacks: Vec<_> = callbacks.take(LISTED).collect();
        if let Some(words) = more(seen.events.len()) {
            callbacks.push(Call { session: None, callback: "more".to_owned(), words });
        }
        let destroyed = seen.destroyed.iter().map(|c| words.who(*c)).take(LISTED);
        let counters = seen.counters.iter().map(|change| words.counter(change)).take(LISTED);
        Showed {
            callbacks,
            answer: answer(seen.answer),
            members,
            destroyed: destroyed.chain(more(seen.destroyed.len())).collect(),
            counters: counters.chain(more(seen.counters.len())).collect(),
        }
    }
}

impl Course {
    /// Leaves [`SESSIONS`] of the sessions.
    fn keep_few(&mut self) {
        let there = |showed: &Showed| showed.members.iter().map(|m| (m.session, m.time, m.timeout)).collect();
        let last: BTreeSet<_> = self.beats.last().map(|beat| there(&beat.ruled)).unwrap_or_default();
        let instead: BTreeSet<_> = self.instead.as_ref().map(there).unwrap_or_default();
        let mut kept: BTreeSet<usize> = last.symmetric_difference(&instead).map(|(session, ..)| *session).collect();
        let here = self.beats.iter().map(|beat| &beat.ruled).chain(&self.instead);
        let here: BTreeSet<usize> = here.flat_map(|showed| showed.members.iter().map(|m| m.session)).collect();
        kept = kept.into_iter().take(SESSIONS).collect();
        for session in &here {
            if kept.len() < SESSIONS {
                kept.insert(*session);
            }
        }
        self.more_sessions = here.len() - kept.len();
        let places: BTreeMap<usize, usize> = kept.iter().copied().zip(0..).collect();
        self.sessions = kept.iter().map(|session| self.sessions[*session].clone()).collect();
        for showed in self.beats.iter_mut().map(|beat| &mut beat.ruled).chain(&mut self.instead) {
            showed.members.retain_mut(|m| places.get(&m.session).map(|place| m.session = *place).is_some());
            for call in &mut showed.callbacks {
                call.session = call.session.and_then(|session| places.get(&session).copied());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    #[test]
    fn of_a_long_course_the_last_steps_are_kept_and_long_lists_end_with_how_many_more_there_are() {
        let many = SESSIONS.max(LISTED) + 6;
        let mut text =
            "scenario: s\nclauses: []\ncontexts: {server: {callbacks: {remove: record}}}\nsessions:\n".to_owned();
        text.extend((0..many).map(|n| format!("  s{n}: {{id: \"{n:02}\", timeout: 300}}\n")));
        text += "steps:\n";
        text.extend((0..many).map(|n| format!("  - add_session: s{n}\n  - free: s{n}\n")));
        text += "  - flush_sessions: now + 301\n";
        let file = suite::of_text("a.yaml", &text).expect("it is a scenario").remove(0);
        let profile = file.claims_about().last().expect("it has an edition");
        let course = course(&file.scenario.trace, &profile, None, 2 * many);
        assert_eq!((course.beats.len(), course.left_out), (BEATS, 2 * many + 1 - BEATS));
        assert_eq!((course.sessions.len(), course.more_sessions), (SESSIONS, many - SESSIONS));
        let last = &course.beats.last().expect("there are some").ruled;
        let more = format!("and {} more", many - LISTED);
        let callbacks: Vec<_> = last.callbacks.iter().map(|call| &call.words).collect();
        assert_eq!((callbacks.len(), callbacks.last()), (LISTED + 1, Some(&&more)));
        assert_eq!((last.destroyed.len(), last.destroyed.last()), (LISTED + 1, Some(&more)));
        assert!(last.counters.len() < LISTED, "a step changes few: {:?}", last.counters);
    }
}

//! What the second of two runs has to show of a step, given the first: objects, ids and times in their new places.

use std::collections::{BTreeMap, BTreeSet};

use session_model::{ContextRef, SessionRef};

use super::reach::Contexts;
use crate::numbers::Numbered;
use crate::op::Op;
use crate::trace::Setup;
use crate::transcript::{Answer, CounterChange, Event, Member, Seen, id_digest};

/// How the second trace was made from the first.
#[derive(Default)]
pub(super) struct Translation {
    /// All times are so many seconds later.
    pub(super) later: i64,
    /// Digests of ids that have another id's place.
    pub(super) digests: BTreeMap<u32, u32>,
    /// Only this context and its objects are looked at.
    pub(super) only: Option<ContextRef>,
    /// Calls of the remove callback within a step may come in another order.
    pub(super) removals_in_any_order: bool,
}

/// A translation under way: which objects and ids stand for each other so far.
pub(super) struct Translated {
    how: Translation,
    /// Of the first run, to the second.
    objects: BTreeMap<SessionRef, SessionRef>,
    /// Of the second run.
    seconds: BTreeSet<SessionRef>,
}

/// A step as a law compares it: no digest, since that depends on everything.
#[derive(PartialEq, Eq)]
pub(super) struct Told {
    answer: Answer,
    events: Vec<Event>,
    destroyed: Vec<SessionRef>,
    counters: Vec<CounterChange>,
    members: Vec<Member>,
}

impl Told {
    pub(super) fn difference(&self, seen: &Self) -> Option<String> {
        fn part<T: PartialEq + std::fmt::Debug>(what: &str, due: &T, seen: &T) -> Option<String> {
            (due != seen).then(|| format!("{what} {seen:?} instead of {due:?}"))
        }
        part("answers", &self.answer, &seen.answer)
            .or_else(|| part("calls back", &self.events, &seen.events))
            .or_else(|| part("destroys", &self.destroyed, &seen.destroyed))
            .or_else(|| part("counts", &self.counters, &seen.counters))
            .or_else(|| {
                if self.members == seen.members {
                    return None;
                }
                let only = |these: &[Member], those: &[Member]| -> Vec<Member> {
                    these.iter().filter(|m| !those.contains(m)).copied().collect()
                };
                part("shows", &only(&self.members, &seen.members), &only(&seen.members, &self.members))
            })
    }
}

impl Translated {
    /// The sessions of the setup stand for themselves.
    pub(super) fn new(how: Translation, setup: &Setup) -> Self {
        let own = |context| how.only.is_none_or(|only| only == context);
        let all = (0..).map(SessionRef).zip(&setup.sessions);
        let seconds: BTreeSet<_> = all.filter(|(_, spec)| own(spec.context)).map(|(c, _)| c).collect();
        Self { objects: seconds.iter().map(|c| (*c, *c)).collect(), seconds, how }
    }

    fn learn(&mut self, first: SessionRef, second: SessionRef) {
        self.objects.insert(first, second);
        self.seconds.insert(second);
    }

    /// Objects and ids that have their numbers from two steps stand for each other.
    pub(super) fn learn_step(&mut self, first: Numbered, second: Numbered) {
        if let (Some(first), Some(second)) = (first.session, second.session) {
            self.learn(first, second);
        }
        let (Some((_, first)), Some((_, second))) = (first.began, second.began) else { return };
        for ((first, id), (second, other)) in first.sessions().zip(second.sessions()) {
            self.learn(first, second);
            self.how.digests.insert(id_digest(id.as_bytes()), id_digest(other.as_bytes()));
        }
        if let (Some(first), Some(second)) = (first.opened(), second.opened()) {
            self.learn(first, second);
        }
    }

    /// An object of the first run in the second; one that it does not have keeps a number that no object has.
    fn object(&self, c: SessionRef) -> SessionRef {
        let unknown = || if self.how.only.is_some() { SessionRef(!c.0) } else { c };
        self.objects.get(&c).copied().unwrap_or_else(unknown)
    }

    /// What the second run has to show where the first showed this.
    pub(super) fn due(&self, op: &Op, was: Seen<'_>, of: Option<Contexts>) -> Told {
        let answer = self.answer(op, was.answer, self.how.later);
        let event = |event: &Event| match *event {
            Event::New(ctx, c, kept) => Event::New(ctx, self.object(c), kept),
            Event::Get(ctx, id, c) => {
                Event::Get(ctx, self.how.digests.get(&id).copied().unwrap_or(id), c.map(|c| self.object(c)))
            }
            Event::Remove(ctx, c) => Event::Remove(ctx, self.object(c)),
        };
        let member =
            |m: &Member| Member { session: self.object(m.session), time: m.time.saturating_add(self.how.later), ..*m };
        let known = |c: &&SessionRef| self.how.only.is_none() || self.objects.contains_key(c);
        self.told(
            answer,
            was.events.iter().map(event).collect(),
            was.destroyed.iter().filter(known).map(|c| self.object(*c)).collect(),
            was.counters.to_vec(),
            was.members.iter().map(member).collect(),
            of,
        )
    }

    /// What the second run shows.
    pub(super) fn seen(&self, op: &Op, is: Seen<'_>, of: Option<Contexts>) -> Told {
        let known = |c: &SessionRef| self.how.only.is_none() || self.seconds.contains(c);
        let destroyed = is.destroyed.iter().copied().filter(known).collect();
        let answer = self.answer(op, is.answer, 0);
        self.told(answer, is.events.to_vec(), destroyed, is.counters.to_vec(), is.members.to_vec(), of)
    }

    /// An answer that is a time is later too. Setting a time answers 1 on the page and that time in some libraries:
    /// when times are shifted it is left to others to say which.
    fn answer(&self, op: &Op, answer: Answer, later: i64) -> Answer {
        match (op, answer) {
            (Op::SessionGetTime(_), Answer::Returns(time)) => Answer::Returns(time.saturating_add(later)),
            (Op::SessionSetTime(..), Answer::Returns(_)) if self.how.later != 0 => Answer::Nothing,
            (_, answer) => answer,
        }
    }

    /// What is looked at, in an order that does not depend on numbers.
    fn told(
        &self,
        answer: Answer,
        mut events: Vec<Event>,
        mut destroyed: Vec<SessionRef>,
        mut counters: Vec<CounterChange>,
        mut members: Vec<Member>,
        of: Option<Contexts>,
    ) -> Told {
        if let Some(only) = self.how.only {
            events.retain(|event| context_of(event) == only);
            counters.retain(|change| change.context == only);
            members.retain(|m| match m.context {
                Some(context) => context == only,
                None => self.seconds.contains(&m.session),
            });
        }
        if let Some(of) = of {
            members.retain(|m| m.context.is_some_and(|context| of.contains(context)));
        }
        if self.how.removals_in_any_order {
            events.sort_by_key(|event| match event {
                Event::Remove(_, c) => (1, Some(*c)),
                _ => (0, None),
            });
        }
        destroyed.sort_unstable();
        members.sort_unstable();
        Told { answer, events, destroyed, counters, members }
    }
}

fn context_of(event: &Event) -> ContextRef {
    match event {
        Event::New(ctx, ..) | Event::Get(ctx, ..) | Event::Remove(ctx, _) => *ctx,
    }
}

//! What the pages rule of a step, in the words in which a program shows it: what has changed since the step before,
//! each with the clause that decides it.

use std::collections::{BTreeMap, BTreeSet};

use session_model::clause::SESSION_UP_REF;
use session_model::reading::CallbacksOrder;
use session_model::{Called, Clause, ContextRef, Profile, SessionRef, What};

use super::labels::Labels;
use crate::trace::Names;
use crate::transcript::{Answer, Counter, Counters, Seen};

/// What was looked at so far.
pub(super) struct Facts<'t> {
    names: &'t Names,
    /// Whether the order of all calls is ruled.
    ordered: bool,
    counters: Vec<Counters>,
    members: BTreeSet<(SessionRef, ContextRef)>,
    looked_at: BTreeMap<SessionRef, (i64, i64, bool)>,
}

impl<'t> Facts<'t> {
    pub(super) fn new(names: &'t Names, contexts: usize, profile: &Profile) -> Self {
        Self {
            names,
            ordered: profile.readings.callbacks_order != CallbacksOrder::Any,
            counters: vec![[0; 12]; contexts],
            members: BTreeSet::new(),
            looked_at: BTreeMap::new(),
        }
    }

    /// How many are in the internal cache of a context.
    pub(super) fn held_by(&self, context: ContextRef) -> usize {
        self.members.iter().filter(|(_, of)| *of == context).count()
    }

    /// The facts of a step, which shows everything.
    pub(super) fn of(&mut self, seen: &Seen<'_>, decided: &[(Clause, What)], labels: &Labels) -> Vec<String> {
        let mut facts = Vec::new();
        let by = By(decided);
        if let Answer::Returns(value) = seen.answer {
            facts.push(with(format!("returns {value}"), by.answer()));
        }
        self.calls(decided, labels, &mut facts);
        self.objects(seen, by, labels, &mut facts);
        for change in seen.counters {
            let before = &mut self.counters[usize::from(change.context.0)][change.counter as usize];
            let more = change.value.saturating_sub(*before);
            *before = change.value;
            let text = format!("sess_{}({}) {more:+}", change.counter.name(), self.names.context(change.context));
            facts.push(by.the(text, |what| match what {
                What::Counts(context, counter) => (context, counter) == (change.context, change.counter),
                What::Enters(context, _) | What::Leaves(context, _) => {
                    context == change.context && change.counter == Counter::Number
                }
                _ => false,
            }));
        }
        facts
    }

    fn calls(&self, decided: &[(Clause, What)], labels: &Labels, facts: &mut Vec<String>) {
        let mut places = 1..;
        let mut place = |has_place: bool| match has_place {
            true => format!("call {}: ", places.next().expect("there is no end of numbers")),
            false => String::new(),
        };
        let context = |context: ContextRef| self.names.context(context);
        for (clause, what) in decided {
            let What::Calls(called) = *what else { continue };
            let text = match called {
                Called::New(ctx, c, kept) => {
                    let (place, session) = (place(true), labels.label(c));
                    format!("{place}new_session_cb({}, {session}) returns {}", context(ctx), i32::from(kept))
                }
                Called::Get(ctx, id, found) => {
                    let found = found.map_or_else(|| "none".to_owned(), |c| labels.label(c));
                    format!("{}get_session_cb({}, {id:?}) returns {found}", place(true), context(ctx))
                }
                Called::Remove(ctx, c) => {
                    format!("{}remove_session_cb({}, {})", place(self.ordered), context(ctx), labels.label(c))
                }
            };
            facts.push(with(text, Some(*clause)));
        }
    }

    fn objects(&mut self, seen: &Seen<'_>, by: By<'_>, labels: &Labels, facts: &mut Vec<String>) {
        let members: BTreeSet<_> = seen.members.iter().filter_map(|m| Some((m.session, m.context?))).collect();
        for c in seen.destroyed {
            facts.push(by.the(format!("{} is destroyed", labels.label(*c)), |what| what == What::Destroys(*c)));
        }
        let names = self.names;
        let cache = |moves: &str, c: SessionRef, context: ContextRef| {
            format!("{} {moves} the cache of {}", labels.label(c), names.context(context))
        };
        for (c, context) in members.difference(&self.members).copied() {
            facts.push(by.the(cache("enters", c, context), |what| what == What::Enters(context, c)));
        }
        for (c, context) in self.members.difference(&members).copied() {
            facts.push(by.the(cache("leaves", c, context), |what| what == What::Leaves(context, c)));
        }
        self.members = members;
        let mut seen: Vec<_> = seen.members.iter().map(|m| (m.session, (m.time, m.timeout, m.resumable))).collect();
        seen.sort_unstable();
        seen.dedup();
        for (c, now) in seen {
            let before = self.looked_at.insert(c, now);
            let label = labels.label(c);
            if before.is_none_or(|before| before.0 != now.0) {
                facts.push(by.the(format!("the time of {label} is {}", now.0), |what| what == What::Times(c)));
            }
            if before.is_none_or(|before| before.1 != now.1) {
                facts.push(by.the(format!("the timeout of {label} is {}", now.1), |what| what == What::TimesOut(c)));
            }
            if before.is_none_or(|before| before.2 != now.2) {
                let text = format!("{label} is {}resumable", if now.2 { "" } else { "not " });
                facts.push(by.the(text, |what| what == What::Marks(c)));
            }
        }
    }
}

/// What was decided in a step.
#[derive(Clone, Copy)]
struct By<'d>(&'d [(Clause, What)]);

impl By<'_> {
    /// The clause of the answer. The references that naming a handshake's sessions takes are the trace's own.
    fn answer(self) -> Option<Clause> {
        let answers = self.0.iter().rev().filter(|(_, what)| *what == What::TheAnswer).map(|(clause, _)| *clause);
        answers.clone().find(|clause| *clause != SESSION_UP_REF).or_else(|| answers.clone().next())
    }

    /// The fact with the last clause that has decided such a thing, if one has.
    fn the(self, text: String, decides: impl Fn(What) -> bool) -> String {
        with(text, self.0.iter().rev().find(|(_, what)| decides(*what)).map(|(clause, _)| *clause))
    }
}

fn with(text: String, clause: Option<Clause>) -> String {
    clause.map_or_else(|| text.clone(), |clause| format!("{text} [{}]", clause.id()))
}

/// The clause of the op itself: that of its answer, else the last one.
pub(super) fn main_clause(decided: &[(Clause, What)]) -> &'static str {
    let last = || decided.last().map(|(clause, _)| *clause);
    By(decided).answer().or_else(last).map_or("no clause", Clause::id)
}

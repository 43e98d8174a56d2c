//! What the pages rule of a step, in the words in which a program shows it: what has changed since the step before.

use std::collections::{BTreeMap, BTreeSet};

use session_model::reading::CallbacksOrder;
use session_model::{Called, Clause, ContextRef, Profile, SessionRef, What};

use super::labels::Labels;
use crate::trace::Names;
use crate::transcript::{Answer, Counters, Seen};

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
        if let Answer::Returns(value) = seen.answer {
            facts.push(format!("returns {value}"));
        }
        self.calls(decided, labels, &mut facts);
        self.objects(seen, labels, &mut facts);
        for change in seen.counters {
            let before = &mut self.counters[usize::from(change.context.0)][change.counter as usize];
            let by = change.value - *before;
            *before = change.value;
            facts.push(format!("sess_{}({}) {by:+}", change.counter.name(), self.names.context(change.context)));
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
        for (_, what) in decided {
            let What::Calls(called) = *what else { continue };
            facts.push(match called {
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
            });
        }
    }

    fn objects(&mut self, seen: &Seen<'_>, labels: &Labels, facts: &mut Vec<String>) {
        let members: BTreeSet<_> = seen.members.iter().filter_map(|m| Some((m.session, m.context?))).collect();
        facts.extend(seen.destroyed.iter().map(|c| format!("{} is destroyed", labels.label(*c))));
        let names = self.names;
        let cache = |what: &str, (c, context): &(SessionRef, ContextRef)| {
            format!("{} {what} the cache of {}", labels.label(*c), names.context(*context))
        };
        facts.extend(members.difference(&self.members).map(|member| cache("enters", member)));
        facts.extend(self.members.difference(&members).map(|member| cache("leaves", member)));
        self.members = members;
        let mut seen: Vec<_> = seen.members.iter().map(|m| (m.session, (m.time, m.timeout, m.resumable))).collect();
        seen.sort_unstable();
        seen.dedup();
        for (c, now) in seen {
            let before = self.looked_at.insert(c, now);
            let label = labels.label(c);
            if before.is_none_or(|before| before.0 != now.0) {
                facts.push(format!("the time of {label} is {}", now.0));
            }
            if before.is_none_or(|before| before.1 != now.1) {
                facts.push(format!("the timeout of {label} is {}", now.1));
            }
            if before.is_none_or(|before| before.2 != now.2) {
                facts.push(format!("{label} is {}resumable", if now.2 { "" } else { "not " }));
            }
        }
    }
}

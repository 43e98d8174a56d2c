//! From what a step states to what it must show.

use session_model::{Time, Timeout};

use super::document::{EventWords, Shows};
use super::lower::Lowering;
use super::places::child;
use super::scalars::{Returned, Seconds};
use super::shapes::{Brief, Ordered};
use super::stated::{Expect, ExpectedCounter, ExpectedEvent, ExpectedMembers, Stated, Who};
use crate::hazards::Hazard;
use crate::op::{Name, Op};
use crate::transcript::{Answer, Counter};

impl Lowering<'_> {
    /// What a step with this op must show; without an op, what it answers is left out.
    pub(super) fn expect(&mut self, shows: Shows, op: Option<&Op>, pointer: &str) -> Expect {
        let at = |key: &str| child(pointer, key);
        let returns = shows.returns.and_then(|returned| self.answer(returned, op?, &at("returns")));
        let callbacks = shows.callbacks.map(|events| self.callbacks(events, &at("callbacks")));
        let members = shows.members.map(|members| self.members(members, &at("members")));
        let destroyed = shows.destroyed.map(|names| self.sessions_list(&names, &at("destroyed")));
        let counters = shows.counters.map(|counters| self.counters(counters, &at("counters")));
        let times = self.of_sessions(shows.times, &at("times"), |Seconds(time)| Time(time));
        let timeouts = self.of_sessions(shows.timeouts, &at("timeouts"), |Seconds(timeout)| Timeout(timeout));
        let resumable = self.of_sessions(shows.resumable, &at("resumable"), |resumable| resumable);
        Expect {
            spot: self.spot(pointer),
            returns: returns.map(|answer| self.stated(answer, &at("returns"))),
            callbacks: callbacks.map(|events| self.stated(events, &at("callbacks"))),
            members: members.unwrap_or_default(),
            destroyed: destroyed.map(|names| self.stated(names, &at("destroyed"))),
            counters: counters.unwrap_or_default(),
            times,
            timeouts,
            resumable,
        }
    }

    fn stated<T>(&self, value: T, pointer: &str) -> Stated<T> {
        Stated { value, spot: self.spot(pointer) }
    }

    fn answer(&mut self, returned: Returned, op: &Op, at: &str) -> Option<Answer> {
        let problem = match (returned, Returns::of(op)) {
            (Returned::Absent, _) => return Some(Answer::Absent),
            (Returned::None, Returns::Nothing) => return Some(Answer::Nothing),
            (Returned::Value(value), Returns::Value | Returns::Handshake) => {
                return Some(Answer::Returns(value));
            }
            (Returned::Resumed, Returns::Handshake) => return Some(Answer::Returns(1)),
            (Returned::Full, Returns::Handshake) => return Some(Answer::Returns(0)),
            (Returned::Failed, Returns::Handshake) => return Some(Answer::Returns(-1)),
            (_, Returns::Nothing) => "this call returns nothing: `none`, or `absent`",
            (Returned::None, _) => "this call returns a value",
            (_, _) => "only a handshake is `resumed`, `full` or `failed`; this call returns a number",
        };
        self.reader.at_value(at, problem);
        None
    }

    fn callbacks(&mut self, events: Vec<EventWords>, at: &str) -> Vec<Stated<ExpectedEvent>> {
        let events = events.into_iter().enumerate();
        events.filter_map(|(n, event)| self.event(event, &child(at, n))).collect()
    }

    fn event(&mut self, event: EventWords, at: &str) -> Option<Stated<ExpectedEvent>> {
        let context = self.context(event.context.as_deref(), at);
        let (callback, name) = match (event.new, event.get, event.remove) {
            (Some(name), None, None) => ("new", name),
            (None, Some(name), None) => ("get", name),
            (None, None, Some(name)) => ("remove", name),
            _ => {
                self.reader.at_value(at, "a callback is one of `new`, `get` and `remove`");
                return None;
            }
        };
        let answers_none = callback == "get" && name == "none";
        let who = if answers_none { None } else { Some(self.who(&name, &child(at, callback))?) };
        let event = match (callback, who) {
            ("new", Some(who)) => ExpectedEvent::New(context?, who),
            ("remove", Some(who)) => ExpectedEvent::Remove(context?, who),
            (_, who) => ExpectedEvent::Get(context?, who),
        };
        Some(self.stated(event, at))
    }

    fn members(&mut self, members: Brief<Vec<String>, Ordered<Vec<String>>>, at: &str) -> Vec<Stated<ExpectedMembers>> {
        let lists = match members {
            Brief::Short(names) => vec![(self.context(None, at), names, at.to_owned())],
            Brief::Full(Ordered(lists)) => {
                let known = lists.into_iter().map(|(context, names)| {
                    let at = child(at, &context);
                    (self.keyed_context(&context, &at), names, at)
                });
                known.collect()
            }
        };
        let lists = lists.into_iter().filter_map(|(context, names, at)| {
            let sessions = self.sessions_list(&names, &at);
            Some(self.stated(ExpectedMembers { context: context?, sessions }, &at))
        });
        lists.collect()
    }

    fn counters(&mut self, counters: Ordered<Brief<i64, Ordered<i64>>>, at: &str) -> Vec<Stated<ExpectedCounter>> {
        let mut expected = Vec::new();
        for (key, value) in counters.0 {
            let at = child(at, &key);
            match value {
                Brief::Short(value) => {
                    let Some(counter) = self.counter(&key, &at) else {
                        continue;
                    };
                    let Some(context) = self.context(None, &at) else {
                        continue;
                    };
                    expected.push(self.stated(ExpectedCounter { context, counter, value }, &at));
                }
                Brief::Full(Ordered(counters)) => {
                    let Some(context) = self.keyed_context(&key, &at) else {
                        continue;
                    };
                    for (key, value) in counters {
                        let at = child(&at, &key);
                        let Some(counter) = self.counter(&key, &at) else {
                            continue;
                        };
                        expected.push(self.stated(ExpectedCounter { context, counter, value }, &at));
                    }
                }
            }
        }
        expected
    }

    fn counter(&mut self, name: &str, at: &str) -> Option<Counter> {
        let counter = Counter::ALL.into_iter().find(|counter| counter.name() == name);
        if counter.is_none() {
            let allowed = Counter::ALL.into_iter().map(Counter::name);
            self.reader.at_key(at, format!("`{name}` is no counter")).allow(name, allowed);
        }
        counter
    }

    fn of_sessions<W, T>(
        &mut self,
        words: Option<Ordered<W>>,
        at: &str,
        value: impl Fn(W) -> T,
    ) -> Vec<Stated<(Name, T)>> {
        let Ordered(words) = words.unwrap_or_default();
        let stated = words.into_iter().filter_map(|(name, word)| {
            let at = child(at, &name);
            let name = self.keyed_session(&name, &at)?;
            Some(self.stated((name, value(word)), &at))
        });
        stated.collect()
    }

    fn sessions_list(&mut self, names: &[String], at: &str) -> Vec<Who> {
        names.iter().enumerate().filter_map(|(n, name)| self.who(name, &child(at, n))).collect()
    }

    fn who(&mut self, name: &str, at: &str) -> Option<Who> {
        if name == "_" { Some(Who::Unnamed) } else { self.session(name, at).map(Who::Named) }
    }
}

/// What kind of answer an op gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returns {
    Nothing,
    Value,
    /// 1, 0 or −1: resumed, full, failed.
    Handshake,
}

impl Returns {
    pub(super) fn of(op: &Op) -> Self {
        match op {
            Op::Session(..)
            | Op::Free(_)
            | Op::FlushSessions { .. }
            | Op::SetCallbacks(..)
            | Op::ExternalStore(..)
            | Op::ExternalForget(..)
            | Op::CtxFree(_)
            | Op::AcceptAbort(_)
            | Op::Close(..)
            | Op::Advance(_)
            | Op::SetClock(_)
            | Op::Repeat(..)
            | Op::Release(_)
            | Op::Hangup(_)
            | Op::ApplicationRelease(_)
            | Op::Probe
            | Op::Hazard(Hazard::FreeUnowned(_)) => Self::Nothing,
            Op::AcceptBegin(..) | Op::AcceptFinish(_) | Op::Renegotiate(..) | Op::Handshake(..) => Self::Handshake,
            Op::UpRef(_)
            | Op::SessionSetTime(..)
            | Op::SessionGetTime(_)
            | Op::SessionSetTimeout(..)
            | Op::SessionGetTimeout(_)
            | Op::IsResumable(_)
            | Op::SessionSetIdContext(..)
            | Op::AddSession { .. }
            | Op::RemoveSession { .. }
            | Op::SetSessionCacheMode(..)
            | Op::GetSessionCacheMode(_)
            | Op::SessSetCacheSize(..)
            | Op::SessGetCacheSize(_)
            | Op::SetTimeout(..)
            | Op::GetTimeout(_)
            | Op::SetSessionIdContext(..)
            | Op::Hazard(Hazard::SetId(..)) => Self::Value,
        }
    }
}

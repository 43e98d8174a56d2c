//! What several threads did with one cache and what they were answered.

use serde::{Deserialize, Serialize};
use session_model::{CacheMode, Counter};

use super::program::{Call, Program};
use super::steps::Steps;

/// What a call was answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What it returned; `None`: nothing, or there was nothing to do it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<i64>,
    /// The sessions that `remove_session_cb` was told of, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<u32>,
    /// The twelve counters, in the order of SSL_CTX_sess_number(3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counters: Option<[i64; 12]>,
}

impl Answer {
    /// A number.
    #[must_use]
    pub fn returns(number: i64, left: Vec<u32>) -> Self {
        Self { returns: Some(number), left, counters: None }
    }

    /// Nothing.
    #[must_use]
    pub fn nothing(left: Vec<u32>) -> Self {
        Self { returns: None, left, counters: None }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.returns, &self.counters) {
            (Some(number), _) => write!(f, "{number}")?,
            (None, Some(counters)) => {
                let named = Counter::ALL.iter().zip(counters).filter(|(_, count)| **count != 0);
                let words: Vec<_> = named.map(|(counter, count)| format!("{} {count}", counter.name())).collect();
                f.write_str(if words.is_empty() { "all 0".to_owned() } else { words.join(", ") }.as_str())?;
            }
            (None, None) => f.write_str("done")?,
        }
        for (n, session) in self.left.iter().enumerate() {
            write!(f, "{}s{session}", if n == 0 { ", leaves " } else { " " })?;
        }
        Ok(())
    }
}

/// What a cache has once all threads are done with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The twelve counters.
    pub counters: [i64; 12],
    /// The sessions in it, by number.
    pub members: Vec<u32>,
}

impl std::fmt::Display for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counters = Answer { returns: None, left: Vec::new(), counters: Some(self.counters) };
        write!(f, "{counters}, with")?;
        if self.members.is_empty() {
            f.write_str(" nobody")
        } else {
            self.members.iter().try_for_each(|s| write!(f, " s{s}"))
        }
    }
}

/// A call that was made. When it began and ended is counted in beginnings and endings of all threads, from 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The call.
    pub call: Call,
    /// When it began.
    pub begun: u64,
    /// When it ended, and its answer; `None`: not yet.
    pub ended: Option<(u64, Answer)>,
}

impl Event {
    /// When it ended; what has not ended ends after all others.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.ended.as_ref().map_or(u64::MAX, |(at, _)| *at)
    }
}

/// What was done and answered, with the program and the profile, so that it can be judged again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// [`History::SCHEMA`].
    pub schema: String,
    /// The profile by which it is judged.
    pub profile: String,
    /// What was to be done.
    pub program: Program,
    /// What a call is made of, where it is more than one step.
    #[serde(default)]
    pub steps: Steps,
    /// What each thread did, in its order.
    pub threads: Vec<Vec<Event>>,
    /// What was there at the end, if that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
}

/// The most calls of a history: as many as can be asked for, though of so many the search is mostly given up.
pub const MOST_CALLS: usize = 8_000;

impl History {
    /// The version of its JSON form; fields are added, never changed.
    pub const SCHEMA: &str = "sesscheck-history-1";

    /// Whether it is one that can be judged: it may come from a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn sound(&self) -> Result<(), String> {
        let Program { sessions, mode, threads, established, .. } = &self.program;
        let named = |s: &u32| (*s as usize) < sessions.len();
        let possible = |call: &Call| match call {
            Call::Add(s) | Call::Remove(s) | Call::Has(s) | Call::Begin(Some(s)) => named(s),
            Call::SetTime(s, _) | Call::SetTimeout(s, _) => named(s),
            Call::SetMode(bits) => CacheMode::from_bits(*bits).is_some(),
            _ => true,
        };
        let wrong = |what: &str| Err(what.to_owned());
        if self.schema != Self::SCHEMA {
            return Err(format!("schema `{}`, and this is {}", self.schema, Self::SCHEMA));
        }
        if CacheMode::from_bits(*mode).is_none() {
            return wrong("a mode with a flag that there is not");
        }
        if *established > 1000 {
            return wrong("more than 1000 connections are established before");
        }
        if threads.len() != self.threads.len() || threads.is_empty() || threads.len() > 64 {
            return wrong("as many threads are wanted as the program has, and 1 to 64");
        }
        if threads.iter().map(Vec::len).sum::<usize>() > MOST_CALLS {
            return Err(format!("more than {MOST_CALLS} calls"));
        }
        if !threads.iter().flatten().all(possible) {
            return wrong("a call names a session or a flag that there is not");
        }
        let mut moments: Vec<u64> = Vec::new();
        for (wanted, events) in threads.iter().zip(&self.threads) {
            if events.len() > wanted.len() || events.iter().zip(wanted).any(|(event, call)| event.call != *call) {
                return wrong("a thread made another call than the program has");
            }
            let mut before = None;
            for event in events {
                let ends = event.ended.as_ref().is_none_or(|(ended, _)| *ended > event.begun && *ended < u64::MAX);
                if !ends || before.is_some_and(|before| before >= event.begun) {
                    return wrong("a call begins before the one before it has ended, or ends before it begins");
                }
                before = Some(event.end());
                moments.extend([Some(event.begun), event.ended.as_ref().map(|(at, _)| *at)].into_iter().flatten());
            }
        }
        moments.sort_unstable();
        if moments.windows(2).any(|pair| pair[0] == pair[1]) { wrong("two things have one moment") } else { Ok(()) }
    }

    /// How many calls were made.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.threads.iter().map(Vec::len).sum()
    }

    /// How many of them were under way together with one of another thread.
    #[must_use]
    pub fn overlapping(&self) -> usize {
        let overlaps = |thread: usize, event: &Event| {
            let others = self.threads.iter().enumerate().filter(|(other, _)| *other != thread);
            others.flat_map(|(_, events)| events).any(|other| other.begun < event.end() && event.begun < other.end())
        };
        let events =
            self.threads.iter().enumerate().flat_map(|(thread, events)| events.iter().map(move |e| (thread, e)));
        events.filter(|(thread, event)| overlaps(*thread, event)).count()
    }

    /// What was known right after this moment: later calls are not there, and those under way have no answer yet.
    #[must_use]
    pub fn up_to(&self, moment: u64) -> Self {
        let known =
            |event: &Event| Event { ended: event.ended.clone().filter(|(at, _)| *at <= moment), ..event.clone() };
        let thread = |events: &Vec<Event>| events.iter().filter(|event| event.begun <= moment).map(known).collect();
        Self { threads: self.threads.iter().map(thread).collect(), after: None, ..self.clone() }
    }
}

//! What is done to the servers of a workload, and to the balancer in front of them.

use serde_yaml::Value;
use session_model::Timeout;

use super::super::event::{Moment, Server};
use super::super::workload::{Balancer, Does, Happening, SECOND};
use super::document::{HappeningWords, RestartWords, WhileWords};
use super::limits::MOST_HAPPENINGS;
use super::lower::Lowering;
use super::scalars::{AtOnce, Shift, Span, WholeSpan};
use crate::scenario::{Brief, Count, child};

impl Lowering<'_> {
    pub(super) fn all_happenings(&mut self, values: Vec<Value>) -> Vec<Happening> {
        if !self.are_few(values.len(), MOST_HAPPENINGS, "happenings", "/happenings") {
            return Vec::new();
        }
        let mut happenings = Vec::new();
        for (n, value) in values.into_iter().enumerate() {
            if self.reader.is_full() {
                break;
            }
            let pointer = child("/happenings", n);
            let words = self.part(value, &pointer);
            happenings.extend(words.and_then(|words| self.happening(words, &pointer)));
        }
        happenings
    }

    fn happening(&mut self, mut words: HappeningWords, pointer: &str) -> Option<Happening> {
        let every = words.every.map(|Span(every)| every);
        let (key, at) = match (words.at, every) {
            (Some(Span(at)), _) => ("at", at),
            (None, Some(every)) => ("every", every),
            (None, None) => {
                self.reader.at_value(pointer, "when does it happen? say `at:` or `every:`");
                return None;
            }
        };
        self.begins(at, &child(pointer, key), "it happens");
        if every.is_some_and(|every| every < SECOND) {
            self.reader.at_value(&child(pointer, "every"), "at most once a second");
        }
        let servers = self.done_to(&mut words, pointer);
        let does = self.does(words, pointer)?;
        self.check_while(&does, every, pointer);
        Some(Happening { at: Moment(at), every, servers, does })
    }

    /// The servers to which it is done.
    fn done_to(&mut self, words: &mut HappeningWords, pointer: &str) -> Vec<Server> {
        if words.scatter.is_some() {
            self.check_scatter(words, pointer);
        }
        match (words.server.take(), words.servers.take()) {
            (Some(name), None) => self.named_server(&name, &child(pointer, "server")).into_iter().collect(),
            (None, names) => self.named_servers(names, &child(pointer, "servers")),
            (Some(_), Some(_)) => {
                let message = "one `server:` or several `servers:`, not both";
                self.reader.at_key(&child(pointer, "servers"), message);
                Vec::new()
            }
        }
    }

    /// Clients are scattered by a balancer that tells them apart, and over all servers.
    fn check_scatter(&mut self, words: &HappeningWords, pointer: &str) {
        if self.balancer != Balancer::ByClient {
            let message = "clients go to any server anyhow: the balancer is not `by_client`";
            self.reader.at_key(&child(pointer, "scatter"), message);
        }
        for (key, is_there) in [("server", words.server.is_some()), ("servers", words.servers.is_some())] {
            if is_there {
                let message = "clients are scattered over all servers that they go to";
                self.reader.at_key(&child(pointer, key), message);
            }
        }
    }

    /// What is so for a while is over before it is so again.
    fn check_while(&mut self, does: &Does, every: Option<u64>, pointer: &str) {
        let (lasts, what, how) = match *does {
            Does::Restart { away } => (away, "restart", "away"),
            Does::TakeOut(lasts) => (lasts, "take_out", "for"),
            Does::Scatter(lasts) => (lasts, "scatter", "for"),
            _ => return,
        };
        if every.is_some_and(|every| lasts >= every) {
            let message = "it happens again before that is over: see `every:`";
            self.reader.at_value(&child(&child(pointer, what), how), message);
        }
    }

    fn does(&mut self, words: HappeningWords, pointer: &str) -> Option<Does> {
        let mode = words.set_session_cache_mode;
        let all = [
            words.restart.map(|restart| self.restart(&restart, pointer)),
            words.take_out.map(|WhileWords { lasts }| Does::TakeOut(self.lasting(lasts, &child(pointer, "take_out")))),
            words.scatter.map(|WhileWords { lasts }| Does::Scatter(self.lasting(lasts, &child(pointer, "scatter")))),
            words.step_clock.map(|Shift(seconds)| Does::StepClock(seconds)),
            mode.map(|flags| Does::SetMode(self.reader.mode(&flags, &child(pointer, "set_session_cache_mode")))),
            words.sess_set_cache_size.map(|Count(size)| Does::SetSize(size)),
            words.set_timeout.map(|WholeSpan(timeout)| Does::SetTimeout(Timeout(timeout.into()))),
            words.flush_sessions.map(|_| Does::Flush),
        ];
        let mut all = all.into_iter().flatten();
        match (all.next(), all.next()) {
            (Some(Does::StepClock(0)), None) => {
                self.reader.at_value(&child(pointer, "step_clock"), "a clock that is moved by nothing");
                None
            }
            (Some(one), None) => Some(one),
            (Some(_), Some(_)) => {
                let message = "a happening is one thing: write two, which happen in the order of the list";
                self.reader.at_value(pointer, message);
                None
            }
            (None, _) => {
                let message = "what happens? say `restart`, `take_out`, `scatter`, `step_clock`, \
                               `set_session_cache_mode`, `sess_set_cache_size`, `set_timeout` or `flush_sessions`";
                self.reader.at_value(pointer, message);
                None
            }
        }
    }

    fn restart(&mut self, words: &Brief<AtOnce, RestartWords>, pointer: &str) -> Does {
        let Brief::Full(RestartWords { away: Span(away) }) = *words else { return Does::Restart { away: 0 } };
        if away == 0 {
            let message = "a server that is away for no time at all: `restart: now`";
            self.reader.at_value(&child(&child(pointer, "restart"), "away"), message);
        }
        Does::Restart { away }
    }

    fn lasting(&mut self, Span(lasts): Span, pointer: &str) -> u64 {
        if lasts == 0 {
            self.reader.at_value(&child(pointer, "for"), "it is so for no time at all");
        }
        lasts
    }
}

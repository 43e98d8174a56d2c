//! What is done to the servers of a workload.

use serde_yaml::Value;
use session_model::Timeout;

use super::super::event::Moment;
use super::super::workload::{Does, Happening, SECOND};
use super::document::HappeningWords;
use super::limits::MOST_HAPPENINGS;
use super::lower::Lowering;
use super::scalars::{Shift, Span, WholeSpan};
use crate::scenario::{Count, child};

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
        let name = words.server.take();
        let named = name.map(|name| self.named_server(&name, &child(pointer, "server")).into_iter().collect());
        let servers = named.unwrap_or_else(|| self.named_servers(None, pointer));
        Some(Happening { at: Moment(at), every, servers, does: self.does(words, pointer)? })
    }

    fn does(&mut self, words: HappeningWords, pointer: &str) -> Option<Does> {
        let mode = words.set_session_cache_mode;
        let all = [
            words.restart.map(|_| Does::Restart),
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
                let message = "what happens? say `restart`, `step_clock`, `set_session_cache_mode`, \
                               `sess_set_cache_size`, `set_timeout` or `flush_sessions`";
                self.reader.at_value(pointer, message);
                None
            }
        }
    }
}

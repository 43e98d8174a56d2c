//! The steps of a scenario: each one taken apart into its verb and what it shows.
//!
//! Not here: what a verb means ([`super::ops`]).

use serde_yaml::{Mapping, Value};

use super::document::Shows;
use super::lines::is_plain;
use super::lower::Lowering;
use super::places::child;
use super::scalars::Returned;
use super::stated::Expect;
use super::verb::{OneVerb, Repeat, Verb};
use crate::op::Op;

/// How many ops a `repeat` may unroll to: a transcript holds an observation of each.
const MOST_IN_A_REPEAT: usize = 1_000_000;

impl Lowering<'_> {
    /// One step: its op and what it shows.
    pub(super) fn step(&mut self, value: Value, pointer: &str) -> Option<(Op, Expect)> {
        let (verb, shows) = self.split(value, pointer)?;
        self.absent = shows.as_ref().is_some_and(|shows| matches!(shows.returns, Some(Returned::Absent)));
        let Some((key, verb)) = verb else {
            self.lose(pointer);
            return None;
        };
        let op = self.op(verb, &child(pointer, key));
        // Without an op what the step shows is read for its mistakes only.
        let expect = shows.map_or_else(Expect::default, |shows| self.expect(shows, op.as_ref(), pointer));
        let (op, mut expect) = (op?, expect);
        if let Op::Repeat(times, block) = &op {
            self.check_repeat(*times, block, &expect, pointer);
        }
        expect.spot = self.spot(pointer);
        Some((op, expect))
    }

    /// The one verb of a step, and the rest.
    #[expect(clippy::type_complexity, reason = "a pair of two things that may each be missing, used once")]
    fn split(&mut self, value: Value, pointer: &str) -> Option<(Option<(String, Verb)>, Option<Shows>)> {
        let Value::Mapping(map) = value else {
            self.lose(pointer);
            let verb = value.as_str().and_then(|words| words.split([' ', ':']).next());
            let mistake = self.reader.at_value(pointer, "a step is a map of one verb and what it shows");
            mistake.note("for example: {add_session: a, returns: 1}");
            if let Some(verb) = verb.filter(|verb| is_plain(verb)) {
                mistake.note(format!("is there a colon behind `{verb}`, and a space behind that?"));
            }
            return None;
        };
        let is_shown = |key: &Value| key.as_str().is_some_and(|key| Shows::KEYS.contains(&key));
        let (shows, verbs): (Mapping, Mapping) = map.into_iter().partition(|(key, _)| is_shown(key));
        let before = self.reader.mistakes.len();
        let mut found: Option<(String, Verb)> = None;
        for (key, value) in verbs {
            let name = key.as_str().unwrap_or_default().to_owned();
            let one = Value::Mapping(std::iter::once((key, value)).collect());
            let Some(OneVerb(verb)) = self.reader.read_entry(&one, pointer, &Shows::KEYS) else {
                continue;
            };
            match &found {
                None => found = Some((name, verb)),
                Some((first, _)) => {
                    let first = self.reader.places.get(&child(pointer, first)).of_key();
                    self.reader
                        .at_key(&child(pointer, &name), format!("`{name}` is a second verb; a step has one"))
                        .also(first, "the first one");
                }
            }
        }
        let shows = self.reader.read(Value::Mapping(shows), pointer);
        if found.is_none() && self.reader.mistakes.len() == before {
            self.reader.at_value(pointer, "this step has no verb").note("`probe: ~` is the verb that does nothing");
        }
        Some((found, shows))
    }

    pub(super) fn repeat(&mut self, repeat: Repeat, at: &str) -> Option<Op> {
        let steps_at = child(at, "steps");
        let mut block = Vec::new();
        let mut whole = true;
        for (n, value) in repeat.steps.into_iter().enumerate() {
            let pointer = child(&steps_at, n);
            let Some((op, expect)) = self.step(value, &pointer) else {
                whole = false;
                continue;
            };
            if matches!(op, Op::Repeat(..)) {
                self.reader.at_value(&pointer, "a `repeat` inside a `repeat`; blocks do not nest");
            } else if !expect.is_empty() {
                self.reader
                    .at_value(&pointer, "inside a `repeat` nothing is stated")
                    .note("put a step `probe: ~` after the `repeat`, with what it shows");
            }
            block.push(op);
        }
        whole.then_some(Op::Repeat(repeat.times.0, block))
    }

    /// What a repeat shows is what there is after it: caches, counters and objects, but nothing of its steps.
    fn check_repeat(&mut self, times: u32, block: &[Op], expect: &Expect, pointer: &str) {
        let of_steps = [
            ("returns", expect.returns.is_some()),
            ("callbacks", expect.callbacks.is_some()),
            ("destroyed", expect.destroyed.is_some()),
        ];
        for (key, _) in of_steps.iter().filter(|(_, stated)| *stated) {
            let message = format!("`{key}` belongs to one step, and a `repeat` has many");
            self.reader.at_key(&child(pointer, key), message);
        }
        if times as usize * block.len() > MOST_IN_A_REPEAT {
            let message = format!("a `repeat` carries out at most {MOST_IN_A_REPEAT} ops");
            self.reader.at_value(pointer, message);
        }
        if (times == 0 || block.is_empty()) && !expect.is_empty() {
            self.reader.at_value(pointer, "this `repeat` carries nothing out, so it shows nothing");
        }
    }
}

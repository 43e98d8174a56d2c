//! What an answer has to be: everything that is wrong with a line, in words, before anything is made of it.

use super::sessions::{Sessions, id_of};
use super::wire::{Call, CalledBack, Gives, Said, Step, quoted, shortened};
use crate::transcript::{Counter, Counters};

/// Up to how many members in all caches together an answer always shows them.
pub const SMALL: i64 = 12;

/// Reads the lines of a subject on one trace.
pub struct Reading {
    trace: u64,
    steps: Vec<Step>,
    /// Whether the trace goes on after these steps.
    more: bool,
    answered: usize,
    /// `None`: not there, or freed.
    contexts: Vec<Option<Counters>>,
    sessions: Sessions,
}

/// What came of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Came {
    /// The next step is answered.
    Answered(Box<Said>),
    /// The trace is done.
    Done,
}

impl Reading {
    /// Begins with the trace of this number, and its first steps; whether it goes on after them.
    #[must_use]
    pub fn new(trace: u64, steps: Vec<Step>, more: bool) -> Self {
        Self { trace, steps, more, answered: 0, contexts: Vec::new(), sessions: Sessions::default() }
    }

    /// The trace goes on with these steps, once all before them are answered.
    pub fn go_on(&mut self, steps: &[Step], more: bool) {
        debug_assert!(self.more && self.answered == self.steps.len(), "it goes on after the last answer");
        self.steps.extend_from_slice(steps);
        self.more = more;
    }

    /// Whether nothing more is to come before the trace goes on.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.more && self.answered == self.steps.len()
    }

    /// Reads the next line.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub fn read(&mut self, line: &str) -> Result<Came, String> {
        let wrong = |what: String| format!("{what}; the line: {}", quoted(line.as_bytes()));
        let said: Said = serde_json::from_str(line).map_err(|error| {
            let kind = if error.is_data() { "no answer of the protocol" } else { "no JSON" };
            wrong(format!("a line that is {kind}: {}", shortened(&error.to_string())))
        })?;
        self.take(said).map_err(wrong)
    }

    fn take(&mut self, said: Said) -> Result<Came, String> {
        let Said { trace, step, done, .. } = said;
        if trace != self.trace {
            return Err(format!("an answer for trace {trace}, while trace {} runs", self.trace));
        }
        let count = self.steps.len();
        if let Some(done) = done {
            if self.more {
                return Err(format!("`done` with {done}, and the trace goes on after its first {count} steps"));
            }
            if done as usize != self.answered || self.answered != count {
                let answered = self.answered;
                return Err(format!("`done` with {done}, after {answered} answers to the {count} steps of the trace"));
            }
            return Ok(Came::Done);
        }
        let Some(step) = step else { return Err("neither `step` nor `done`".to_owned()) };
        let Some(asked) = self.steps.get(self.answered).cloned() else {
            let due = if self.more { "the trace goes on" } else { "`done` was to come" };
            return Err(format!("one answer more than the {count} steps of the trace; {due}"));
        };
        let word = asked.op.word();
        if step as usize != self.answered {
            let next = self.answered;
            return Err(format!("an answer to step {step}, out of order: step {next} (`{word}`) is the next"));
        }
        if let Some(why) = &said.refused {
            let needs: Vec<_> = asked.op.needs().iter().map(|needed| format!("`{}`", needed.word())).collect();
            let says = match needs.is_empty() {
                true => "the op is of the core".to_owned(),
                false => format!("it says that it has {}", needs.join(" and ")),
            };
            let why = quoted(why.as_bytes());
            return Err(format!("it refuses `{word}`, and {says}; it gives as the reason: {why}"));
        }
        self.check(&asked, &said).map_err(|what| format!("step {step} (`{word}`): {what}"))?;
        self.answered += 1;
        Ok(Came::Answered(Box::new(said)))
    }

    fn check(&mut self, asked: &Step, said: &Said) -> Result<(), String> {
        shape(&asked.op, said)?;
        self.carry_out(&asked.op);
        self.sessions.negotiated(&asked.op, said)?;
        self.known(said)?;
        let dropped = self.count(said);
        let numbers = self.contexts.iter().flatten().map(|counters| counters[Counter::Number as usize]);
        let small = numbers.fold(0_i64, i64::saturating_add);
        let shows = matches!(asked.op, Call::ShowSession { .. });
        if said.members.is_some() || shows {
            return Ok(());
        }
        let because = if asked.members {
            "the step asks for them".to_owned()
        } else if dropped {
            "`cache_full` changed".to_owned()
        } else if small <= SMALL {
            format!("the `number`s come to {small}, which is at most {SMALL}")
        } else {
            return Ok(());
        };
        Err(format!("no `members`, and {because}"))
    }

    /// What is there after the op.
    fn carry_out(&mut self, op: &Call) {
        match op {
            Call::CtxNew { .. } => self.contexts.push(Some([0; 12])),
            Call::CtxFree { context } => self.contexts[usize::from(*context)] = None,
            _ => self.sessions.announce(op),
        }
    }

    /// Whether all that it speaks of is there.
    fn known(&self, said: &Said) -> Result<(), String> {
        let lives = |context: u8| match self.contexts.get(usize::from(context)) {
            Some(Some(_)) => Ok(()),
            Some(None) => Err(format!("it speaks of context {context}, which is freed")),
            None => Err(format!("it speaks of context {context}, which is not there")),
        };
        let known = |session: u32| self.sessions.known(session);
        for event in &said.events {
            // A context that is being freed calls back too.
            let (context, session) = event.about();
            if usize::from(context) >= self.contexts.len() {
                lives(context)?;
            }
            session.map_or(Ok(()), known)?;
            if let CalledBack::Get { id, .. } = event {
                id_of(id).ok_or_else(|| {
                    let id = quoted(id.as_bytes());
                    format!("`id` of a callback is {id}, which is no session id")
                })?;
            }
        }
        said.destroyed.iter().try_for_each(|session| known(*session))?;
        said.counters.iter().try_for_each(|counted| lives(counted.context))?;
        let members = said.members.iter().flatten();
        members.clone().try_for_each(|member| lives(member.context).and(known(member.session)))?;
        let sessions = self.sessions.count();
        match members.count() {
            shown if shown > self.contexts.len() * sessions => {
                Err(format!("{shown} members, and the trace has made {sessions} sessions"))
            }
            _ => Ok(()),
        }
    }

    /// Takes the counters; whether anything was dropped for size.
    fn count(&mut self, said: &Said) -> bool {
        let mut dropped = false;
        for counted in &said.counters {
            let Some(counters) = &mut self.contexts[usize::from(counted.context)] else { continue };
            let before = counters[Counter::CacheFull as usize];
            counted.put(counters);
            dropped |= counters[Counter::CacheFull as usize] != before;
        }
        dropped
    }
}

/// Whether it has what the op gives, and nothing that it does not.
fn shape(op: &Call, said: &Said) -> Result<(), String> {
    let gives = op.gives();
    let begins = matches!(op, Call::AcceptBegin(_) | Call::Renegotiate(_)) && said.returns == Some(1);
    let fields = [
        ("returns", said.returns.is_some(), gives == Gives::Value),
        ("time", said.time.is_some(), gives == Gives::Session),
        ("timeout", said.timeout.is_some(), gives == Gives::Session),
        ("resumable", said.resumable.is_some(), gives == Gives::Session),
        ("session", said.session.is_some(), begins),
    ];
    for (field, there, due) in fields {
        match (there, due) {
            (false, true) => return Err(format!("no `{field}`")),
            (true, false) => return Err(format!("`{field}`, and the op gives none")),
            _ => {}
        }
    }
    let negotiates = matches!(op, Call::AcceptBegin(_) | Call::AcceptFinish { .. } | Call::Renegotiate(_));
    match said.returns {
        Some(returns) if negotiates && !(-1..=1).contains(&returns) => {
            Err(format!("`returns` is {returns}, and a handshake returns 1, 0 or −1"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_steps() -> Vec<Step> {
        let op = |op| Step { op, members: false };
        vec![op(Call::CtxNew { context: 0 }), op(Call::GetTimeout { context: 0 })]
    }

    /// What is wrong with the last of these lines.
    fn wrong(lines: &[&str]) -> String {
        let steps = two_steps();
        let mut reading = Reading::new(7, steps, false);
        let (last, first) = lines.split_last().expect("there is a line");
        first.iter().for_each(|line| drop(reading.read(line).expect("it is as it should be")));
        reading.read(last).expect_err("it is wrong")
    }

    const FIRST: &str = r#"{"trace":7,"step":0,"members":[]}"#;
    const SECOND: &str = r#"{"trace":7,"step":1,"returns":300,"members":[]}"#;

    #[test]
    fn answers_in_order_and_a_count_are_all_that_is_wanted() {
        let steps = two_steps();
        let mut reading = Reading::new(7, steps, false);
        assert!(matches!(reading.read(FIRST), Ok(Came::Answered(_))));
        assert!(matches!(reading.read(SECOND), Ok(Came::Answered(said)) if said.returns == Some(300)));
        assert_eq!(reading.read(r#"{"trace":7,"done":2}"#), Ok(Came::Done));
    }

    #[test]
    fn each_mistake_has_words_of_its_own() {
        let told = [
            (vec!["hello"], "a line that is no JSON"),
            (vec![r#"{"trace":7,"step":"one"}"#], "no answer of the protocol: invalid type: string \"one\""),
            (vec![r#"{"trace":7,"retuns":1}"#], "unknown field `retuns`"),
            (vec![r#"{"trace":8,"step":0}"#], "an answer for trace 8, while trace 7 runs"),
            (vec![r#"{"trace":7}"#], "neither `step` nor `done`"),
            (vec![SECOND], "an answer to step 1, out of order: step 0 (`ctx_new`) is the next"),
            (vec![r#"{"trace":7,"step":0}"#], "no `members`, and the `number`s come to 0"),
            (vec![FIRST, r#"{"trace":7,"step":1,"members":[]}"#], "step 1 (`get_timeout`): no `returns`"),
            (vec![r#"{"trace":7,"step":0,"returns":1,"members":[]}"#], "`returns`, and the op gives none"),
            (vec![FIRST, r#"{"trace":7,"done":1}"#], "`done` with 1, after 1 answers to the 2 steps"),
            (vec![FIRST, SECOND, SECOND], "one answer more than the 2 steps of the trace"),
            (vec![r#"{"trace":7,"step":0,"refused":"no"}"#], "it refuses `ctx_new`, and the op is of the core"),
            (vec![r#"{"trace":7,"step":0,"destroyed":[0]}"#], "session 0, which the trace has not made"),
            (vec![r#"{"trace":7,"step":0,"counters":[{"context":1}]}"#], "context 1, which is not there"),
        ];
        for (lines, words) in told {
            let what = wrong(&lines);
            assert!(what.contains(words), "{lines:?}: {what}");
            assert!(what.contains("; the line: `"), "{what}");
        }
    }
}

//! What a scenario claims, held against a transcript: the manual's, to judge the claims, or a subject's.
//!
//! Not here: the model. A scenario is its independent check.

use session_model::{ContextRef, SessionRef};

use crate::naming::Naming;
use crate::op::Name;
use crate::scenario::{Expect, ExpectedEvent, Scenario, Spot, Stated, Who};
use crate::transcript::{Answer, Counter, Counters, Event, Seen, Transcript};

/// A claim that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmet {
    /// Where the claim stands.
    pub spot: Spot,
    /// Which of the executed ops, counted from 0.
    pub index: usize,
    /// What is claimed.
    pub stated: String,
    /// What was seen.
    pub seen: String,
    /// What it is about.
    pub about: About,
}

/// What a claim is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// The step as a whole.
    Step,
    /// The answer of the call.
    Answer,
    /// The callbacks of the step.
    Callbacks,
    /// What the step destroys.
    Destroyed,
    /// The members of a context, and those of them in which claim and transcript differ.
    Members(ContextRef, Vec<SessionRef>),
    /// A counter of a context.
    Counter(ContextRef, Counter),
    /// The time of an object; `None`: the name is of none.
    Time(Option<SessionRef>),
    /// Its timeout.
    Timeout(Option<SessionRef>),
    /// Its resumable mark.
    Mark(Option<SessionRef>),
}

/// Every claim of the scenario that the transcript does not bear out, in order. The transcript shows everything.
#[must_use]
pub fn judge(scenario: &Scenario, transcript: &Transcript) -> Vec<Unmet> {
    let mut judge = Judge {
        scenario,
        naming: Naming::of(&scenario.trace, transcript),
        counters: vec![[0; 12]; scenario.trace.setup.contexts.len()],
        unmet: Vec::new(),
    };
    let mut last = scenario.last.iter().peekable();
    let steps = scenario.trace.ops.len();
    for (index, (place, op)) in scenario.trace.executed().enumerate() {
        let Some(seen) = transcript.step(index) else {
            let spot = judge.line_of(place.step as usize);
            judge.unmet.push(Unmet {
                spot,
                index,
                stated: "the step is carried out".to_owned(),
                seen: format!("{:?}", transcript.ending),
                about: About::Step,
            });
            break;
        };
        judge.count(&seen);
        if place.step as usize <= steps {
            match (place.within, &scenario.trace.ops[place.step as usize - 1]) {
                (None, _) => judge.step(place.step as usize - 1, index, &seen),
                // What a repeat shows is what there is after it: callbacks are its steps' own.
                (Some((round, op)), crate::op::Op::Repeat(times, block))
                    if round == *times && op as usize == block.len() =>
                {
                    let stated = scenario.expectations.iter().find(|(at, _)| *at + 1 == place.step as usize);
                    if let Some((_, expect)) = stated {
                        judge.state(expect, index, &seen);
                    }
                }
                _ => {}
            }
        } else if last.peek().is_some_and(|(expected, _)| *expected == *op) {
            let (_, expect) = last.next().expect("it was peeked at");
            judge.expect(expect, index, &seen);
        }
    }
    for (op, expect) in last {
        let stated = format!("the last phase has `{}`", crate::scenario::op_line(op, &scenario.trace.names));
        judge.unmet.push(Unmet {
            spot: expect.spot.clone(),
            index: 0,
            stated,
            seen: "it has not, in this order".to_owned(),
            about: About::Step,
        });
    }
    judge.unmet
}

struct Judge<'s> {
    scenario: &'s Scenario,
    naming: Naming,
    counters: Vec<Counters>,
    unmet: Vec<Unmet>,
}

impl Judge<'_> {
    fn count(&mut self, seen: &Seen<'_>) {
        for change in seen.counters {
            self.counters[usize::from(change.context.0)][change.counter as usize] = change.value;
        }
    }

    fn line_of(&self, step: usize) -> Spot {
        let line = self.scenario.lines.get(step.saturating_sub(1)).copied().unwrap_or(1);
        Spot { line, column: 1, bytes: 0..0 }
    }

    fn step(&mut self, op: usize, index: usize, seen: &Seen<'_>) {
        match self.scenario.expectations.iter().find(|(at, _)| *at == op) {
            Some((_, expect)) => self.expect(expect, index, seen),
            None => {
                let spot = self.line_of(op + 1);
                self.no_callbacks(&spot, index, seen);
            }
        }
    }

    fn expect(&mut self, expect: &Expect, index: usize, seen: &Seen<'_>) {
        if let Some(returns) = &expect.returns {
            self.hold(&returns.spot, index, About::Answer, returns.value == seen.answer, || {
                (answer(returns.value), answer(seen.answer))
            });
        }
        match &expect.callbacks {
            Some(callbacks) => self.callbacks(callbacks, index, seen),
            None => self.no_callbacks(&expect.spot, index, seen),
        }
        self.state(expect, index, seen);
    }

    fn state(&mut self, expect: &Expect, index: usize, seen: &Seen<'_>) {
        self.members(expect, index, seen);
        if let Some(destroyed) = &expect.destroyed {
            let (stated, found) = (self.sorted(&destroyed.value), self.list(seen.destroyed.iter().copied()));
            self.hold(&destroyed.spot, index, About::Destroyed, stated == found, || {
                (words("destroyed", &stated), words("destroyed", &found))
            });
        }
        for counter in &expect.counters {
            let (context, which) = (counter.value.context, counter.value.counter);
            let value = self.counters[usize::from(context.0)][which as usize];
            let says = |value: i64| format!("{} is {value}", which.name());
            let about = About::Counter(context, which);
            self.hold(&counter.spot, index, about, value == counter.value.value, || {
                (says(counter.value.value), says(value))
            });
        }
        for time in &expect.times {
            let (name, stated) = time.value;
            let stated = i64::try_from(stated.0).unwrap_or(i64::MAX);
            self.object((&time.spot, About::Time), name, index, seen, "time", stated, |m| m.time);
        }
        for timeout in &expect.timeouts {
            let (name, stated) = timeout.value;
            let stated = i64::try_from(stated.0).unwrap_or(i64::MAX);
            self.object((&timeout.spot, About::Timeout), name, index, seen, "timeout", stated, |m| m.timeout);
        }
        for mark in &expect.resumable {
            let (name, stated) = mark.value;
            self.object((&mark.spot, About::Mark), name, index, seen, "resumable", i64::from(stated), |m| {
                i64::from(m.resumable)
            });
        }
    }

    fn callbacks(&mut self, callbacks: &Stated<Vec<Stated<ExpectedEvent>>>, index: usize, seen: &Seen<'_>) {
        // Removals are claimed as a set: their order within a step is a reading.
        let stated: Vec<Called> = callbacks.value.iter().map(|event| self.stated(event.value)).collect();
        let found: Vec<Called> = seen.events.iter().map(|event| self.found(event)).collect();
        let ordered = self.scenario.readings.iter().any(|(axis, value)| axis == "callbacks.order" && value != "any");
        let holds = if ordered { stated == found } else { unordered(&stated) == unordered(&found) };
        self.hold(&callbacks.spot, index, About::Callbacks, holds, || (all(&stated), all(&found)));
    }

    fn no_callbacks(&mut self, spot: &Spot, index: usize, seen: &Seen<'_>) {
        let found: Vec<Called> = seen.events.iter().map(|event| self.found(event)).collect();
        self.hold(spot, index, About::Callbacks, found.is_empty(), || {
            ("no callback is called".to_owned(), all(&found))
        });
    }

    fn members(&mut self, expect: &Expect, index: usize, seen: &Seen<'_>) {
        for members in &expect.members {
            let of = Some(members.value.context);
            let there: Vec<_> = seen.members.iter().filter(|m| m.context == of).map(|m| m.session).collect();
            let found = self.list(there.iter().copied());
            let stated = self.sorted(&members.value.sessions);
            let named = members.value.sessions.iter().filter_map(|who| match who {
                Who::Named(name) => self.naming.object(*name),
                Who::Unnamed => None,
            });
            let named: Vec<_> = named.collect();
            let one_side =
                there.iter().filter(|c| !named.contains(c)).chain(named.iter().filter(|c| !there.contains(c)));
            let about = About::Members(members.value.context, one_side.copied().collect());
            self.hold(&members.spot, index, about, stated == found, || {
                (words("members", &stated), words("members", &found))
            });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one claim on one object, said in full")]
    fn object(
        &mut self,
        (spot, about): (&Spot, fn(Option<SessionRef>) -> About),
        name: Name,
        index: usize,
        seen: &Seen<'_>,
        what: &str,
        stated: i64,
        of: impl Fn(&crate::transcript::Member) -> i64,
    ) {
        let object = self.naming.object(name);
        let found = seen.members.iter().find(|m| m.context.is_none() && Some(m.session) == object).map(of);
        let called = self.scenario.trace.names.session(name);
        self.hold(spot, index, about(object), found == Some(stated), || {
            let seen = found
                .map_or_else(|| "it is no live object".to_owned(), |value| format!("{what} of {called} is {value}"));
            (format!("{what} of {called} is {stated}"), seen)
        });
    }

    fn hold(&mut self, spot: &Spot, index: usize, about: About, holds: bool, told: impl FnOnce() -> (String, String)) {
        if !holds {
            let (stated, seen) = told();
            self.unmet.push(Unmet { spot: spot.clone(), index, stated, seen, about });
        }
    }

    fn who(&self, c: SessionRef) -> String {
        self.naming.name(c).map_or_else(|| "_".to_owned(), |name| self.scenario.trace.names.session(name))
    }

    fn stated_who(&self, who: Who) -> String {
        match who {
            Who::Named(name) => self.scenario.trace.names.session(name),
            Who::Unnamed => "_".to_owned(),
        }
    }

    fn sorted(&self, who: &[Who]) -> Vec<String> {
        let mut names: Vec<_> = who.iter().map(|who| self.stated_who(*who)).collect();
        names.sort();
        names
    }

    fn list(&self, sessions: impl Iterator<Item = SessionRef>) -> Vec<String> {
        let mut names: Vec<_> = sessions.map(|c| self.who(c)).collect();
        names.sort();
        names
    }

    fn stated(&self, event: ExpectedEvent) -> Called {
        match event {
            ExpectedEvent::New(ctx, who) => Called("new", ctx.0, self.stated_who(who)),
            ExpectedEvent::Get(ctx, who) => {
                Called("get", ctx.0, who.map_or_else(|| "none".to_owned(), |who| self.stated_who(who)))
            }
            ExpectedEvent::Remove(ctx, who) => Called("remove", ctx.0, self.stated_who(who)),
        }
    }

    fn found(&self, event: &Event) -> Called {
        match event {
            Event::New(ctx, c, _) => Called("new", ctx.0, self.who(*c)),
            Event::Get(ctx, _, answer) => {
                Called("get", ctx.0, answer.map_or_else(|| "none".to_owned(), |c| self.who(c)))
            }
            Event::Remove(ctx, c) => Called("remove", ctx.0, self.who(*c)),
        }
    }
}

/// A callback as a scenario speaks of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Called(&'static str, u8, String);

/// Everything but removals in order, then the removals as a set.
fn unordered(called: &[Called]) -> (Vec<Called>, Vec<Called>) {
    let (mut removals, others): (Vec<_>, Vec<_>) = called.iter().cloned().partition(|called| called.0 == "remove");
    removals.sort();
    (others, removals)
}

fn all(called: &[Called]) -> String {
    let each: Vec<_> = called.iter().map(|Called(what, _, who)| format!("{{{what}: {who}}}")).collect();
    format!("callbacks [{}]", each.join(", "))
}

fn words(what: &str, names: &[String]) -> String {
    format!("{what} [{}]", names.join(", "))
}

fn answer(answer: Answer) -> String {
    match answer {
        Answer::Returns(value) => format!("returns {value}"),
        Answer::Nothing => "returns nothing".to_owned(),
        Answer::Absent => "is absent".to_owned(),
    }
}

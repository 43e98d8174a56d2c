//! A transcript held against the manual, step by step: a pure function.
//!
//! The model runs over the trace, the transcript beside it. Not here: running a subject, running it again, reducing.

mod laid_to;

use session_model::{Clause, ContextRef, Profile, SessionRef, Time, What};

use crate::divergence::{Divergence, Kind};
use crate::driver::{Driver, Library};
use crate::naming::Naming;
use crate::op::Op;
use crate::subjects::model::Model;
use crate::tally::Tally;
use crate::trace::{Place, Trace};
use crate::transcript::{Answer, Counter, CounterChange, Ending, Event, Member, Seen, Transcript};
use laid_to::counter_clause;

/// What a check says of one transcript.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The whole trace agrees with the manual under the profile, or all of it up to where a known departure damages the
    /// subject: see [`crate::damage`].
    Conforms,
    /// It departs, first here.
    Diverges(Box<Divergence>),
    /// The subject, or the edition, refuses an op: why.
    NotRun(String),
}

/// Holds a transcript against the manual under a profile, and adds what was seen to the tally.
pub fn check(trace: &Trace, profile: &Profile, transcript: &Transcript, tally: &mut Tally) -> Verdict {
    check_with(trace, profile, transcript, tally, &mut Transcript::default())
}

/// As [`check`], with a buffer for the model's own transcript that the caller reuses.
pub fn check_with(
    trace: &Trace,
    profile: &Profile,
    transcript: &Transcript,
    tally: &mut Tally,
    ruled: &mut Transcript,
) -> Verdict {
    if trace.setup.hazards {
        return Verdict::NotRun("a hazards trace: the pages rule nothing, and only how it ends is told".to_owned());
    }
    ruled.clear();
    let mut driver = Driver::new(Model::new(*profile), &trace.setup, trace.shown);
    let mut after = 0;
    for (index, (place, op)) in trace.executed().enumerate() {
        after = index + 1;
        if let Some(why) = refused(&driver, &op, transcript, index) {
            return Verdict::NotRun(why);
        }
        let seen = transcript.step(index);
        answer_latitudes(&mut driver, seen.as_ref());
        driver.step(&op, ruled);
        let model = driver.library_mut();
        model.ruling.members_left = None;
        let called = Called { trace, transcript };
        let clock = model.world().clock();
        let step = Step { place, index, op: &op, profile, clock, decided: &model.ruling.decided, called };
        let Some(seen) = seen else {
            return Verdict::Diverges(Box::new(step.ended(&transcript.ending)));
        };
        let by_manual = ruled.step(index).expect("the driver ends a step for each op");
        // A handshake that goes on after the damage shows what nobody knows, except how it ends.
        let damaged = model.world().is_damaged();
        let went_on = damaged && matches!((op.as_ref(), by_manual.answer), (Op::Handshake(..), Answer::Returns(1)));
        let divergence = match went_on {
            true => step.answers(&by_manual, &seen),
            false => step.compare(by_manual, seen),
        };
        if let Some(divergence) = divergence {
            return Verdict::Diverges(Box::new(divergence));
        }
        tally.step(&op, by_manual.answer, &model.ruling);
        if damaged {
            tally.cut += 1;
            tally.trace(driver.library().ruling.latitudes);
            return Verdict::Conforms;
        }
    }
    // All steps agree; then the run must also have ended with them, and well.
    if transcript.ending != Ending::Completed || transcript.steps.len() > after {
        let place = Place { step: u32::try_from(trace.ops.len() + 1).expect("fewer than 2^32 steps"), within: None };
        let called = Called { trace, transcript };
        let clock = driver.library().world().clock();
        let step = Step { place, index: after, op: &Op::Probe, profile, clock, decided: &[], called };
        return Verdict::Diverges(Box::new(step.ended(&transcript.ending)));
    }
    tally.trace(driver.library().ruling.latitudes);
    Verdict::Conforms
}

/// What the model shows of the first steps of the trace, that many at most, when it chooses as the subject did wherever
/// the manual leaves a choice; it ends before a step that the edition has not.
#[must_use]
pub fn ruled_beside(trace: &Trace, profile: &Profile, transcript: &Transcript, steps: usize) -> Transcript {
    let mut ruled = Transcript::default();
    let mut driver = Driver::new(Model::new(*profile), &trace.setup, trace.shown);
    for ((_, op), index) in trace.executed().zip(0..steps) {
        if driver.library().refuses(&op).is_some() {
            break;
        }
        answer_latitudes(&mut driver, transcript.step(index).as_ref());
        driver.step(&op, &mut ruled);
        driver.library_mut().ruling.members_left = None;
    }
    ruled
}

fn refused(driver: &Driver<Model>, op: &Op, transcript: &Transcript, index: usize) -> Option<String> {
    use crate::driver::Library;
    if let Some(why) = driver.library().refuses(op) {
        return Some(why);
    }
    match &transcript.ending {
        Ending::Refused(why) if index == transcript.steps.len() => Some(why.clone()),
        _ => None,
    }
}

/// A choice that the manual leaves open is answered by who is left, which a step shows when it dropped anything.
fn answer_latitudes(driver: &mut Driver<Model>, seen: Option<&Seen<'_>>) {
    let dropped = |seen: &&Seen<'_>| seen.counters.iter().any(|change| change.counter == Counter::CacheFull);
    driver.library_mut().ruling.members_left =
        seen.filter(dropped).map(|seen| seen.members.iter().filter_map(|m| Some((m.context?, m.session))).collect());
}

/// A step as the manual rules it.
struct Step<'r> {
    place: Place,
    index: usize,
    op: &'r Op,
    profile: &'r Profile,
    /// After the step.
    clock: Time,
    decided: &'r [(Clause, What)],
    called: Called<'r>,
}

/// What the trace calls things, asked only when something is to be told.
#[derive(Clone, Copy)]
struct Called<'r> {
    trace: &'r Trace,
    transcript: &'r Transcript,
}

impl Step<'_> {
    fn compare(&self, ruled: Seen<'_>, seen: Seen<'_>) -> Option<Divergence> {
        if ruled == seen {
            return None;
        }
        // Who is in the cache comes first: callbacks, counters and destruction follow from it.
        self.answers(&ruled, &seen)
            .or_else(|| self.membership(&ruled, &seen))
            .or_else(|| self.events(ruled.events, seen.events))
            .or_else(|| self.destroyed(ruled.destroyed, seen.destroyed))
            .or_else(|| self.counters(ruled.counters, seen.counters))
            .or_else(|| self.members(ruled.members, seen.members))
            .or_else(|| self.digest(ruled, seen))
    }

    fn ended(&self, ending: &Ending) -> Divergence {
        let (kind, seen) = match ending {
            Ending::Crashed(why) => (Kind::Crashed, format!("the subject crashed: {why}")),
            Ending::Hung => (Kind::Hung, "the subject did not answer in time".to_owned()),
            Ending::Grew(why) => (Kind::Grew, format!("the subject grew: {why}")),
            Ending::Broke(why) => (Kind::Broke, format!("the subject breaks the protocol: {why}")),
            Ending::Completed | Ending::Refused(_) => {
                (Kind::Short, "the transcript has another number of steps".to_owned())
            }
        };
        self.divergence(self.main(), kind, "the run goes on to its end".to_owned(), seen)
    }

    fn answers(&self, ruled: &Seen<'_>, seen: &Seen<'_>) -> Option<Divergence> {
        (ruled.answer != seen.answer).then(|| {
            let [by_manual, by_subject] = [ruled, seen].map(|one| format!("it {}", says(one.answer)));
            self.divergence(self.of_answer(ruled, seen), Kind::Answer, by_manual, by_subject)
        })
    }

    fn events(&self, ruled: &[Event], seen: &[Event]) -> Option<Divergence> {
        if ruled == seen {
            return None;
        }
        let free_order = self.profile.readings.callbacks_order == session_model::reading::CallbacksOrder::Any;
        let removal = |e: &&Event| matches!(e, Event::Remove(..));
        if let Some(missing) = first_missing(ruled, seen) {
            let clause = self
                .last(|what| matches!(what, What::Calls(called) if crate::subjects::model::event(called) == missing));
            let clause = clause.unwrap_or_else(|| self.main());
            return Some(self.divergence(
                clause,
                Kind::CallbackMissing,
                self.called.call(&missing),
                self.called.calls(seen),
            ));
        }
        if let Some(extra) = first_missing(seen, ruled) {
            return Some(self.divergence(
                self.about(&extra),
                Kind::CallbackExtra,
                self.called.calls(ruled),
                self.called.calls(seen),
            ));
        }
        let order = |events: &[Event]| events.iter().filter(|e| !removal(e)).copied().collect::<Vec<_>>();
        if free_order && order(ruled) == order(seen) {
            return None;
        }
        Some(self.divergence(
            session_model::clause::CALLBACKS_ORDER,
            Kind::CallbackOrder,
            self.called.calls(ruled),
            self.called.calls(seen),
        ))
    }

    fn destroyed(&self, ruled: &[SessionRef], seen: &[SessionRef]) -> Option<Divergence> {
        let by = |c: SessionRef| self.last(|what| what == What::Destroys(c)).unwrap_or_else(|| self.main());
        if let Some(c) = first_missing(ruled, seen) {
            let seen = format!("{} is not destroyed", self.called.session(c));
            return Some(self.divergence(
                by(c),
                Kind::DestroyedMissing,
                format!("{} is destroyed", self.called.session(c)),
                seen,
            ));
        }
        let c = first_missing(seen, ruled)?;
        let clause = self.concerning(c).unwrap_or(session_model::clause::SESSION_FREE_AT_ZERO);
        let ruled = format!("{} is still referenced", self.called.session(c));
        Some(self.divergence(clause, Kind::DestroyedExtra, ruled, format!("{} is destroyed", self.called.session(c))))
    }

    fn counters(&self, ruled: &[CounterChange], seen: &[CounterChange]) -> Option<Divergence> {
        let differs = |a: &[CounterChange], b: &[CounterChange]| first_missing(a, b);
        let change = differs(ruled, seen).or_else(|| differs(seen, ruled))?;
        let (context, counter) = (change.context, change.counter);
        let value = |changes: &[CounterChange]| {
            let found = changes.iter().find(|c| c.context == context && c.counter == counter);
            found.map_or_else(|| "stays as it is".to_owned(), |c| format!("is {}", c.value))
        };
        let clause = self
            .last(|what| match what {
                What::Counts(ctx, c) => ctx == context && c == counter,
                What::Enters(ctx, _) | What::Leaves(ctx, _) => ctx == context && counter == Counter::Number,
                _ => false,
            })
            .unwrap_or_else(|| counter_clause(counter, self.main()));
        let name = |text: String| format!("the counter {}{} {text}", counter.name(), self.called.of(context));
        Some(self.divergence(clause, Kind::Counter(counter), name(value(ruled)), name(value(seen))))
    }

    /// Who is in the caches, as far as the step shows it.
    fn membership(&self, ruled: &Seen<'_>, seen: &Seen<'_>) -> Option<Divergence> {
        if let Some(missing) = ruled.members.iter().find(|m| same_object(m, seen.members).is_none()) {
            let clause = self.of_missing(missing, ruled, seen).unwrap_or_else(|| self.main());
            let told = |there| self.called.is_there(missing, there);
            return Some(self.divergence(clause, Kind::MemberMissing, told(true), told(false)));
        }
        let extra = seen.members.iter().find(|m| same_object(m, ruled.members).is_none())?;
        let clause = self.of_extra(extra, seen).unwrap_or_else(|| self.main());
        let told = |there| self.called.is_there(extra, there);
        Some(self.divergence(clause, Kind::MemberExtra, told(false), told(true)))
    }

    /// Times, timeouts and marks of the same members.
    fn members(&self, ruled: &[Member], seen: &[Member]) -> Option<Divergence> {
        let differs = ruled.iter().find_map(|m| self.shown(m, &same_object(m, seen)?));
        differs.or_else(|| {
            // All are there and alike: then something is there more than once.
            let twice = first_missing(seen, ruled)?;
            let seen = format!("{} more than once", self.called.is_there(&twice, true));
            Some(self.divergence(self.main(), Kind::MemberExtra, self.called.is_there(&twice, true), seen))
        })
    }

    /// One object, as both sides show it.
    fn shown(&self, ruled: &Member, seen: &Member) -> Option<Divergence> {
        let c = ruled.session;
        let says = |what: &str, value: String| format!("the {what} of {} is {value}", self.called.session(c));
        let (kind, what, by_manual, by_subject) = if ruled.time != seen.time {
            (Kind::Time, "time", ruled.time.to_string(), seen.time.to_string())
        } else if ruled.timeout != seen.timeout {
            (Kind::Timeout, "timeout", ruled.timeout.to_string(), seen.timeout.to_string())
        } else if ruled.resumable != seen.resumable {
            (Kind::Mark, "resumable mark", ruled.resumable.to_string(), seen.resumable.to_string())
        } else {
            return None;
        };
        let clause = match kind {
            Kind::Mark => self.last(|w| w == What::Marks(c)),
            Kind::Timeout => self.last(|w| w == What::TimesOut(c)),
            _ => self.last(|w| w == What::Times(c)),
        };
        let clause = clause.or_else(|| self.concerning(c)).unwrap_or_else(|| self.main());
        Some(self.divergence(clause, kind, says(what, by_manual), says(what, by_subject)))
    }

    fn digest(&self, ruled: Seen<'_>, seen: Seen<'_>) -> Option<Divergence> {
        // Each side shows what the other does, or something was not looked at.
        if ruled.digest.is_some() != seen.digest.is_some() || ruled.probed != seen.probed {
            let (asked, shown) = ("the members are shown".to_owned(), "they are shown otherwise than asked".to_owned());
            return Some(self.divergence(self.main(), Kind::Short, asked, shown));
        }
        (ruled.digest != seen.digest).then(|| {
            let ruled = "the members, their times, timeouts and marks are those of the manual".to_owned();
            self.divergence(self.main(), Kind::Digest, ruled, "their digest is another".to_owned())
        })
    }

    fn divergence(&self, clause: Clause, kind: Kind, ruled: String, seen: String) -> Divergence {
        Divergence { place: self.place, index: self.index, op: self.op.clone(), clause, kind, ruled, seen }
    }
}

/// The same object in the same place.
fn same_object(m: &Member, others: &[Member]) -> Option<Member> {
    others.iter().find(|other| other.context == m.context && other.session == m.session).copied()
}

/// The first of `these`, counted as often as it occurs, that is not among `those`.
fn first_missing<T: PartialEq + Copy>(these: &[T], those: &[T]) -> Option<T> {
    let often = |all: &[T], one: &T| all.iter().filter(|other| *other == one).count();
    these.iter().copied().find(|one| often(these, one) > often(those, one))
}

fn says(answer: Answer) -> String {
    match answer {
        Answer::Returns(value) => format!("returns {value}"),
        Answer::Nothing => "returns nothing".to_owned(),
        Answer::Absent => "is absent".to_owned(),
    }
}

impl Called<'_> {
    fn session(&self, c: SessionRef) -> String {
        Naming::of(self.trace, self.transcript).show(&self.trace.names, c)
    }

    /// ` of NAME`, when there is more than one context.
    fn of(&self, context: ContextRef) -> String {
        if self.trace.setup.contexts.len() == 1 {
            return String::new();
        }
        format!(" of {}", self.trace.names.context(context))
    }

    fn call(&self, event: &Event) -> String {
        match event {
            Event::New(ctx, c, kept) => {
                let answers = i32::from(*kept);
                format!("new_session_cb{} is called with {} and returns {answers}", self.of(*ctx), self.session(*c))
            }
            Event::Get(ctx, _, Some(c)) => {
                format!("get_session_cb{} is called and answers {}", self.of(*ctx), self.session(*c))
            }
            Event::Get(ctx, _, None) => format!("get_session_cb{} is called and finds nothing", self.of(*ctx)),
            Event::Remove(ctx, c) => format!("remove_session_cb{} is called with {}", self.of(*ctx), self.session(*c)),
        }
    }

    fn calls(&self, events: &[Event]) -> String {
        if events.is_empty() {
            return "no callback is called".to_owned();
        }
        events.iter().map(|event| self.call(event)).collect::<Vec<_>>().join(", then ")
    }

    fn is_there(&self, m: &Member, there: bool) -> String {
        let not = if there { "" } else { "not " };
        match m.context {
            Some(context) => format!("{} is {not}in the internal cache{}", self.session(m.session), self.of(context)),
            None => format!("{} is {not}a live object", self.session(m.session)),
        }
    }
}

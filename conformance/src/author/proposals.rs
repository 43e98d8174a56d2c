//! What a subject showed of a scenario and the file does not state yet, step by step, beside what the manual rules.
//!
//! A proposal is a key of a step with its value. Of a file that is several scenarios, one is offered only where it
//! holds for all of them. Not here: running the subject, and writing into the file ([`super::bless`]).

use std::collections::BTreeMap;

use session_model::{Profile, Readings, SessionRef};

use crate::check::ruled_beside;
use crate::judge::judge;
use crate::naming::Naming;
use crate::op::Op;
use crate::scenario::{
    Expect, ExpectedCounter, ExpectedEvent, ExpectedMembers, Mistake, Scenario, Spot, Stated, Who, shown_lines,
    stated_keys,
};
use crate::subject::Subject;
use crate::subjects::model;
use crate::suite::File;
use crate::transcript::{Answer, Counter, Event, Member, Seen, Transcript};
use session_model::{ContextRef, Time, Timeout};

/// How many sessions a list names at most: a longer one is no claim that a person reads.
const MOST_NAMED: usize = 12;

/// Something that a step may state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The step, counted from 0.
    pub step: usize,
    /// Its line in the file, counted from 1.
    pub line: usize,
    /// Its op, as it stands in the file.
    pub op: String,
    /// The key, such as `members`.
    pub key: String,
    /// The value, on one line.
    pub value: String,
    /// What the manual says of it.
    pub manual: Manual,
    /// The claim, for each scenario of the file.
    pub claims: Vec<Expect>,
}

/// What the manual says of a proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Manual {
    /// It rules the same.
    Same,
    /// It rules the same as it is read here, and leaves it open: which reading would have it otherwise.
    Open(String),
    /// It rules otherwise, or allows it as one of several that it does not choose: in words.
    Otherwise(String),
}

/// All proposals for a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proposals {
    /// In the order of the file.
    pub offered: Vec<Proposal>,
    /// How many hold for some of the file's scenarios only.
    pub not_for_all: usize,
}

/// What the transcripts show of these scenarios, all of one file with this text, and it does not state.
///
/// # Errors
///
/// When the text is none that a scenario may have.
///
/// # Panics
///
/// When there is not a transcript for each scenario.
pub fn proposals(files: &[File], text: &str, shown: &[Transcript]) -> Result<Proposals, Vec<Mistake>> {
    assert_eq!(files.len(), shown.len(), "a transcript for each scenario");
    let stated = stated_keys(text)?;
    let mut of_each = files.iter().zip(shown).map(|(file, shown)| {
        let claims = claims(&file.scenario, shown).into_iter();
        let claims = claims.filter(|(at, _)| stated.get(at.step).is_some_and(|keys| !keys.contains(at.key.as_str())));
        claims.collect::<BTreeMap<At, Expect>>()
    });
    let Some(first) = of_each.next() else { return Ok(Proposals::default()) };
    let others: Vec<_> = of_each.collect();
    let of_files = [&first].into_iter().chain(&others);
    let judges = files.iter().zip(shown).zip(of_files).map(|((file, shown), claims)| ByManual::of(file, shown, claims));
    let judges: Vec<_> = judges.collect();
    let mut found = Proposals::default();
    for (at, claim) in &first {
        let same: Vec<_> = others.iter().filter_map(|claims| claims.get(at).cloned()).collect();
        if same.len() < others.len() {
            found.not_for_all += 1;
            continue;
        }
        let claims: Vec<_> = [claim.clone()].into_iter().chain(same).collect();
        let manual = judges.iter().map(|judge| judge.says((at.step, at.rank)));
        let manual = manual.max_by_key(Manual::rank).expect("there is a scenario");
        let scenario = &files[0].scenario;
        let (line, op) = (scenario.lines[at.step], op_line(scenario, at.step));
        let (key, value) = (at.key.clone(), at.value.clone());
        found.offered.push(Proposal { step: at.step, line, op, key, value, manual, claims });
    }
    let elsewhere = others.iter().flat_map(BTreeMap::keys).filter(|at| !first.contains_key(at));
    found.not_for_all +=
        elsewhere.map(|at| (at.step, at.rank)).filter(|at| !first.keys().any(|a| (a.step, a.rank) == *at)).count();
    Ok(found)
}

fn op_line(scenario: &Scenario, step: usize) -> String {
    match &scenario.trace.ops[step] {
        Op::Repeat(times, _) => format!("repeat, {times} times"),
        op => crate::scenario::op_line(op, &scenario.trace.names),
    }
}

impl Manual {
    fn rank(&self) -> usize {
        match self {
            Self::Same => 0,
            Self::Open(_) => 1,
            Self::Otherwise(_) => 2,
        }
    }
}

/// A key of a step with its value; the rank is the key's place among those of a step.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct At {
    step: usize,
    rank: usize,
    key: String,
    value: String,
}

/// Everything that the transcript shows of each step and that is not as it was before it.
fn claims(scenario: &Scenario, transcript: &Transcript) -> Vec<(At, Expect)> {
    let trace = &scenario.trace;
    let naming = Naming::of(trace, transcript);
    let mut before = State::default();
    let mut all = Vec::new();
    let mut executed = trace.executed().map(|(place, _)| place.step as usize).enumerate().peekable();
    for (step, op) in trace.ops.iter().enumerate() {
        let repeats = matches!(op, Op::Repeat(..));
        let mut after = before.clone();
        let mut last = None;
        while let Some((index, _)) = executed.next_if(|(_, of)| *of == step + 1) {
            let Some(seen) = transcript.step(index) else { return all };
            after.take(&seen);
            last = Some(seen);
        }
        let Some(seen) = last else { continue };
        let objects = before.members.iter().filter(|m| m.context.is_none()).map(|m| (m.session, m)).collect();
        let shown = Shown { naming: &naming, seen, objects, before: &before, after: &after };
        for (rank, expect) in shown.expectations(repeats).into_iter().enumerate() {
            for (key, value) in shown_lines(op, &trace.names, &expect) {
                all.push((At { step, rank, key, value }, expect.clone()));
            }
        }
        before = after;
    }
    all
}

/// What there is after a step.
#[derive(Clone, Default)]
struct State {
    members: Vec<Member>,
    counters: BTreeMap<(ContextRef, usize), i64>,
}

impl State {
    fn take(&mut self, seen: &Seen<'_>) {
        if seen.probed {
            self.members = seen.members.to_vec();
        }
        for change in seen.counters {
            self.counters.insert((change.context, change.counter as usize), change.value);
        }
    }

    fn cached(&self, context: ContextRef) -> Vec<SessionRef> {
        self.members.iter().filter(|m| m.context == Some(context)).map(|m| m.session).collect()
    }
}

struct Shown<'s> {
    naming: &'s Naming,
    seen: Seen<'s>,
    /// The objects before the step.
    objects: BTreeMap<SessionRef, &'s Member>,
    before: &'s State,
    after: &'s State,
}

impl Shown<'_> {
    /// One claim each, in the order of the keys; a key that there is nothing to say of is an empty one. Of a repeat,
    /// only what there is after it.
    fn expectations(&self, repeats: bool) -> [Expect; 8] {
        let of_step = |expect: Expect| if repeats { Expect::default() } else { expect };
        [
            of_step(self.returns()),
            of_step(self.callbacks()),
            self.members(),
            of_step(self.destroyed()),
            self.counters(),
            Expect { times: self.changed(|m| m.time, |time| Time(time.into())), ..Expect::default() },
            Expect { timeouts: self.changed(|m| m.timeout, |timeout| Timeout(timeout.into())), ..Expect::default() },
            Expect { resumable: self.changed(|m| m.resumable, |resumable| resumable), ..Expect::default() },
        ]
    }

    fn returns(&self) -> Expect {
        let returns = (self.seen.answer != Answer::Nothing).then(|| stated(self.seen.answer));
        Expect { returns, ..Expect::default() }
    }

    fn callbacks(&self) -> Expect {
        let event = |event: &Event| match event {
            Event::New(context, c, _) => ExpectedEvent::New(*context, self.who(*c)),
            Event::Get(context, _, answer) => ExpectedEvent::Get(*context, answer.map(|c| self.who(c))),
            Event::Remove(context, c) => ExpectedEvent::Remove(*context, self.who(*c)),
        };
        let events: Vec<_> = self.seen.events.iter().map(|one| stated(event(one))).collect();
        Expect { callbacks: (!events.is_empty()).then(|| stated(events)), ..Expect::default() }
    }

    fn members(&self) -> Expect {
        let mut contexts: Vec<_> =
            self.before.members.iter().chain(&self.after.members).filter_map(|member| member.context).collect();
        contexts.sort_unstable();
        contexts.dedup();
        let members = contexts.into_iter().filter_map(|context| {
            let after = self.after.cached(context);
            let changed = self.before.cached(context) != after && after.len() <= MOST_NAMED;
            let sessions = || after.iter().map(|c| self.who(*c)).collect();
            changed.then(|| stated(ExpectedMembers { context, sessions: sessions() }))
        });
        Expect { members: members.collect(), ..Expect::default() }
    }

    fn destroyed(&self) -> Expect {
        let gone = self.seen.destroyed;
        let who = || stated(gone.iter().map(|c| self.who(*c)).collect());
        Expect { destroyed: (1..=MOST_NAMED).contains(&gone.len()).then(who), ..Expect::default() }
    }

    fn counters(&self) -> Expect {
        let changed = self.after.counters.iter().filter(|(at, value)| {
            let before = self.before.counters.get(at).copied().unwrap_or(0);
            before != **value
        });
        let counters = changed.map(|((context, counter), value)| {
            stated(ExpectedCounter { context: *context, counter: Counter::ALL[*counter], value: *value })
        });
        Expect { counters: counters.collect(), ..Expect::default() }
    }

    /// Of the objects with a name that were there before the step, those of which this is another now.
    fn changed<T: PartialEq, U>(
        &self,
        of: impl Fn(&Member) -> T,
        as_stated: impl Fn(T) -> U,
    ) -> Vec<Stated<(crate::op::Name, U)>> {
        let objects = self.after.members.iter().filter(|member| member.context.is_none());
        let changed = objects.filter_map(|now| {
            let was = self.objects.get(&now.session)?;
            let name = self.naming.name(now.session)?;
            (of(was) != of(now)).then(|| stated((name, as_stated(of(now)))))
        });
        changed.collect()
    }

    fn who(&self, c: SessionRef) -> Who {
        self.naming.name(c).map_or(Who::Unnamed, Who::Named)
    }
}

fn stated<T>(value: T) -> Stated<T> {
    Stated { value, spot: proposed((0, 0)) }
}

/// A step, and the rank of a key of it.
type OfStep = (usize, usize);

/// Where a claim of a proposal stands, by which it is known among all: in no line that a file has.
const fn proposed((step, rank): OfStep) -> Spot {
    Spot { line: usize::MAX, column: step, bytes: rank..rank }
}

/// The claim as it is known among those of all steps.
fn placed(claim: &Expect, of: OfStep) -> Expect {
    fn each<T>(all: &mut [Stated<T>], of: OfStep) {
        all.iter_mut().for_each(|one| one.spot = proposed(of));
    }
    let mut claim = claim.clone();
    each(claim.returns.as_mut_slice(), of);
    each(claim.callbacks.as_mut_slice(), of);
    each(claim.destroyed.as_mut_slice(), of);
    each(&mut claim.members, of);
    each(&mut claim.counters, of);
    each(&mut claim.times, of);
    each(&mut claim.timeouts, of);
    each(&mut claim.resumable, of);
    claim
}

/// What the manual says of the claims of a scenario, under each profile that it is a claim about.
struct ByManual {
    profiles: Vec<OneProfile>,
}

struct OneProfile {
    profile: Profile,
    rules: Instead,
    /// Where the manual leaves a choice, as the subject chose.
    allows: Instead,
    /// With another value on one axis: the axis, the value, and what is ruled then.
    read: Vec<(&'static str, &'static str, Instead)>,
}

/// What there is instead of the claims that do not hold in a transcript.
type Instead = BTreeMap<OfStep, String>;

impl ByManual {
    fn of(file: &File, shown: &Transcript, claims: &BTreeMap<At, Expect>) -> Self {
        let scenario = &file.scenario;
        let mut alone = Scenario { expectations: Vec::new(), last: Vec::new(), ..scenario.clone() };
        let mut before = None;
        for (at, claim) in claims {
            let of = (at.step, at.rank);
            // Several lines may be of one claim.
            if before.replace(of) == Some(of) {
                continue;
            }
            if alone.expectations.last().is_none_or(|(step, _)| *step != at.step) {
                alone.expectations.push((at.step, Expect::default()));
            }
            let (_, all) = alone.expectations.last_mut().expect("it was just pushed");
            all.add(placed(claim, of));
        }
        let unmet = |transcript: &Transcript| {
            let mut instead = Instead::new();
            for unmet in judge(&alone, transcript).into_iter().filter(|unmet| unmet.spot.line == usize::MAX) {
                instead.entry((unmet.spot.column, unmet.spot.bytes.start)).or_insert(unmet.seen);
            }
            instead
        };
        let ruled = |profile: Profile| {
            let mut transcript = Transcript::default();
            model::subject("model", profile).run(&scenario.trace, &mut transcript);
            unmet(&transcript)
        };
        let named = |axis: &str| scenario.readings.iter().any(|(named, _)| named == axis);
        let profiles = file.claims_about().map(|profile| {
            let axes = Readings::AXES.iter().filter(|axis| !named(axis.name));
            let values = axes.flat_map(|axis| axis.values.iter().map(|value| (axis.name, *value)));
            let read = values.filter_map(|(axis, value)| {
                let mut other = profile;
                other.readings.set(axis, value).expect("it is a value of the axis");
                (other != profile).then(|| (axis, value, ruled(other)))
            });
            let allows = unmet(&ruled_beside(&scenario.trace, &profile, shown, shown.steps.len()));
            OneProfile { profile, rules: ruled(profile), allows, read: read.collect() }
        });
        Self { profiles: profiles.collect() }
    }

    /// What it says of a claim.
    fn says(&self, of: OfStep) -> Manual {
        let mut open = None;
        for one in &self.profiles {
            let edition = one.profile.edition;
            let Some(ruled) = one.rules.get(&of) else {
                let other = one.read.iter().find(|(_, _, read)| read.contains_key(&of));
                open = open.or_else(|| other.map(|(axis, value, _)| not_under(axis, value)));
                continue;
            };
            if !one.allows.contains_key(&of) {
                let words =
                    "the manual leaves it open: this is one of several answers that it allows, and it chooses none";
                return Manual::Otherwise(words.to_owned());
            }
            let under = one.read.iter().find(|(_, _, read)| !read.contains_key(&of));
            let under = under.map(|(axis, value, _)| {
                format!("; the pages leave it open, and under `readings: {{{axis}: {value}}}` it is as here")
            });
            return Manual::Otherwise(format!("the manual of {edition} rules: {ruled}{}", under.unwrap_or_default()));
        }
        open.map_or(Manual::Same, Manual::Open)
    }
}

fn not_under(axis: &str, value: &str) -> String {
    format!("the pages leave it open: under `readings: {{{axis}: {value}}}` it is otherwise")
}

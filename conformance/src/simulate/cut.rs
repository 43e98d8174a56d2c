//! A divergence of a run, cut out of it: as a trace, then reduced like any other, then written as a scenario.
//!
//! A run is a function of its workload and seed, so it is made again up to the event at which it parts, and only then
//! are its ops kept, those of the one server: the others have no part in it, since what comes from outside is said in
//! ops, too. A cache forgets, so mostly the last few hundred ops show the same; only if not, more are taken.
//!
//! Not here: the reduction ([`mod@crate::reduce`]), and who makes events.

use std::collections::BTreeMap;

use super::event::{Event, Held, Outcome};
use super::service::{Against, Parting, Service};
use super::setting::Setting;
use crate::finding::{Came, Parted};
use crate::op::{Accept, Close, Makes, Op, Propose};
use crate::report::Found;
use crate::subjects::CannotOpen;
use crate::trace::{Shown, Trace};
use crate::verify::{quoted, reduced, replay_command, written};
use crate::worker::{StartError, Witness};

/// Who makes events, and learns what came of them.
pub trait Source {
    /// What happens next; `None`: the run is at its end.
    fn next(&mut self) -> Option<Event>;
    /// What came of an event. What a client no longer has on that account, to be given back.
    fn learn(&mut self, event: &Event, outcome: &Outcome) -> Option<Held>;
}

/// A run that is made again: how it is set, and its events from the first.
pub struct Again<'a> {
    /// The service.
    pub setting: &'a Setting,
    /// The cache, and how much of it was checked.
    pub against: &'a Against,
    /// The seed.
    pub seed: u64,
    /// Its events.
    pub source: &'a mut dyn Source,
}

/// Why there is no trace of a divergence.
#[derive(Debug)]
pub enum NotCut {
    /// The cache cannot be run.
    CannotOpen(CannotOpen),
    /// Its worker cannot be started.
    CannotStart(StartError),
    /// Made again, the run did not part at that event: what it did instead.
    NotAgain(String),
    /// It parts, and the last so many ops of that server do not.
    NotWithin(usize),
}

impl std::fmt::Display for NotCut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CannotOpen(why) => why.fmt(f),
            Self::CannotStart(why) => why.fmt(f),
            Self::NotAgain(instead) => write!(f, "made again, the run does not part there: {instead}"),
            Self::NotWithin(ops) => write!(f, "the last {ops} ops of the server do not show it by themselves"),
        }
    }
}

impl std::error::Error for NotCut {}

impl From<StartError> for NotCut {
    fn from(why: StartError) -> Self {
        Self::CannotStart(why)
    }
}

/// The most ops that are kept: those of some minutes at a thousand connections a second.
const MOST: usize = 1 << 20;

/// The last so many ops are tried first, then so many times as many.
const FIRST: usize = 1 << 9;
const TIMES: usize = 8;

/// Up to so many show everything.
const SHOWN: usize = 1 << 13;

/// Cuts a divergence out of a run, reduces it, and writes it as a scenario. `witness` runs the same cache; `path` is
/// where the scenario will be, for the command that shows it again.
///
/// # Errors
///
/// When the run cannot be made again, or does not part then, or no part of it shows it.
pub fn cut(
    again: Again<'_>,
    parting: &Parting,
    witness: &mut dyn Witness,
    path: &str,
) -> Result<(Found, Trace), NotCut> {
    let replay = replay_command(&again.against.subject, None, &quoted(path));
    let Again { setting, against, seed, source } = again;
    let service = Service::new(setting, against, seed).map_err(NotCut::CannotOpen)?;
    cut_of(service, source, parting, witness, replay)
}

/// The same of a service at its start, with the command that shows it again.
pub(super) fn cut_of(
    service: Service,
    source: &mut dyn Source,
    parting: &Parting,
    witness: &mut dyn Witness,
    replay: String,
) -> Result<(Found, Trace), NotCut> {
    let service = recorded(service, source, parting)?;
    let tape = service.tape(parting.server, parting.in_sample).expect("it was recorded");
    let mut last = FIRST;
    loop {
        // Of a long one, to show everything takes longer than it tells.
        let shown = if last <= SHOWN { Shown::Everything } else { Shown::Steps };
        let trace = Trace { shown, ..tape.trace(last) };
        if let Some(parted) = parts(witness, &trace, &service)? {
            let (before, mut trace) = (trace.ops.len(), trace);
            // Halves, as long as they show it, are found faster than a reduction would find them.
            while trace.ops.len() > 1 {
                let half = Trace { shown: trace.shown, ..tape.trace(trace.ops.len() / 2) };
                match parts(witness, &half, &service)? {
                    Some(other) if other.same(&parted) && half.ops.len() < trace.ops.len() => trace = half,
                    _ => break,
                }
            }
            for simpler in [alike as fn(&[Op]) -> Vec<Op>, fused, at_one_time] {
                let simpler = Trace { ops: simpler(&trace.ops), ..trace.clone() };
                if parts(witness, &simpler, &service)?.is_some_and(|other| other.same(&parted)) {
                    trace = simpler;
                }
            }
            return match reduced(witness, service.profile(), &trace)? {
                Some((shortest, parted)) => Ok((written(&shortest, parted, before, replay), shortest)),
                None => Err(NotCut::NotAgain("what was cut out parts once, and not again".to_owned())),
            };
        }
        if last >= tape.len() {
            return Err(NotCut::NotWithin(tape.len()));
        }
        last *= TIMES;
    }
}

/// Whole connections with nothing between them: none proposes anything, and nothing is named.
fn alike(ops: &[Op]) -> Vec<Op> {
    let unnamed = ops.iter().filter_map(|op| match op {
        Op::AcceptBegin(k, accept) => {
            Some(Op::AcceptBegin(*k, Accept { propose: Propose::Nothing, makes: Makes::UNNAMED, ..*accept }))
        }
        named if named.names().next().is_some() => None,
        other => Some(other.clone()),
    });
    unnamed.collect()
}

/// Each connection that is finished, as one op where it is finished; all others are left out.
fn fused(ops: &[Op]) -> Vec<Op> {
    let mut begun = BTreeMap::new();
    let mut whole = Vec::new();
    for op in ops {
        match op {
            Op::AcceptBegin(k, accept) => _ = begun.insert(*k, *accept),
            Op::AcceptFinish(k) => whole.extend(begun.remove(k).map(|accept| Op::Handshake(accept, Close::Clean))),
            Op::AcceptAbort(_) | Op::Close(..) => {}
            other => whole.push(other.clone()),
        }
    }
    whole
}

/// The clock is set once, where it was set last.
fn at_one_time(ops: &[Op]) -> Vec<Op> {
    let last = ops.iter().rposition(|op| matches!(op, Op::SetClock(_)));
    let stays = |(at, op): &(usize, &Op)| !matches!(op, Op::SetClock(_)) || Some(*at) == last;
    ops.iter().enumerate().filter(stays).map(|(_, op)| op.clone()).collect()
}

fn parts(witness: &mut dyn Witness, trace: &Trace, service: &Service) -> Result<Option<Parted>, NotCut> {
    match witness.check(trace, service.profile())? {
        Came::Diverges(parted) => Ok(Some(parted)),
        _ => Ok(None),
    }
}

/// The run up to where it parts, with the ops of that server.
fn recorded(mut service: Service, source: &mut dyn Source, parting: &Parting) -> Result<Service, NotCut> {
    service.record(parting.server, parting.in_sample, MOST);
    while let Some(event) = source.next() {
        match service.apply(&event) {
            Ok(outcome) => {
                if let Some(held) = source.learn(&event, &outcome) {
                    service.give_back(held);
                }
            }
            Err(again) if *again == *parting => {
                service.went_down(parting.server, parting.in_sample);
                return Ok(service);
            }
            Err(again) => return Err(NotCut::NotAgain(again.to_string())),
        }
    }
    Err(NotCut::NotAgain("it goes on to its end".to_owned()))
}

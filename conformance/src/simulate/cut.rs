//! A divergence of a run, cut out of it: as a trace, then reduced like any other, then written as a scenario.
//!
//! A run is a function of its workload and seed, so it is made again up to the event at which it parts, and only then
//! are its ops kept, those of the one server: the others have no part in it, since what comes from outside is said in
//! ops, too. A cache forgets, so mostly the last few hundred ops show the same; only if not, more are taken. Of those,
//! whole connections go by halves, and only what is left is reduced op by op.
//!
//! Not here: which connections go (`thin`), the reduction ([`mod@crate::reduce`]), and who makes events.

use session_model::{Time, Timeout};

use super::event::{Event, Held, Outcome};
use super::service::{Against, Parting, Service};
use super::setting::Setting;
use super::tape::Tape;
use super::thin::thinned;
use crate::finding::{Came, Parted};
use crate::oracles::later;
use crate::profiles::Named;
use crate::report::Found;
use crate::source::is_core;
use crate::subjects::CannotOpen;
use crate::trace::{Shown, Trace};
use crate::verify::{HANGS_ON_THE_WAY, hangs, reduced, written};
use crate::worker::{Checks, StartError};

/// Who makes events, and learns what came of them.
pub trait Source {
    /// What happens next; `None`: the run is at its end.
    fn next(&mut self) -> Option<Event>;
    /// What will be proposed soon, each told once: nothing comes of it but speed.
    fn coming(&mut self, _out: &mut Vec<Held>) {}
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
    /// The ops of that server cannot be run by themselves: why.
    NotRun(String),
}

impl std::fmt::Display for NotCut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CannotOpen(why) => why.fmt(f),
            Self::CannotStart(why) => why.fmt(f),
            Self::NotAgain(instead) => write!(f, "made again, the run does not part there: {instead}"),
            Self::NotWithin(ops) => write!(f, "the last {ops} ops of the server do not show it by themselves"),
            Self::NotRun(why) => write!(f, "the ops of the server cannot be run by themselves: {why}"),
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

/// Up to so many show everything, if their steps alone do not tell.
const SHOWN: usize = 1 << 13;

/// Up to so many that are carried out show everything in the end.
const SHORT: usize = 1 << 10;

/// Cuts a divergence out of a run, reduces it, and writes it as a scenario. `witness` runs the same cache; `replay` is
/// the command that shows it again; `told` is given a word on how far it is.
///
/// # Errors
///
/// When the run cannot be made again, or does not part then, or no part of it shows it.
pub fn cut(
    again: Again<'_>,
    parting: &Parting,
    witness: &mut dyn Checks,
    replay: String,
    told: &mut dyn FnMut(&str),
) -> Result<(Found, Trace), NotCut> {
    let Again { setting, against, seed, source } = again;
    let service = Service::new(setting, against, seed).map_err(NotCut::CannotOpen)?;
    cut_of(service, source, parting, witness, replay, told)
}

/// The same of a service at its start, with the command that shows it again.
pub(super) fn cut_of(
    service: Service,
    source: &mut dyn Source,
    parting: &Parting,
    witness: &mut dyn Checks,
    replay: String,
    told: &mut dyn FnMut(&str),
) -> Result<(Found, Trace), NotCut> {
    told("it parts: the run is made again up to there");
    let service = recorded(service, source, parting)?;
    let tape = service.tape(parting.server, parting.in_sample).expect("it was recorded");
    told("it parts: the last ops of the server are tried by themselves");
    let (trace, parted) = last_that_show_it(tape, witness, service.profile())?;
    let before = trace.ops.len();
    let mut hung = 0;
    let trace = thinned(trace, &mut |fewer| {
        if hung >= HANGS_ON_THE_WAY {
            return Ok(false);
        }
        told(&format!("it parts: of the last {before} ops of the server, {} are tried", fewer.ops.len()));
        // What has a name is missed in another way than what has none, by the same clause.
        let other = parts(witness, fewer, service.profile())?;
        hung += usize::from(other.as_ref().is_some_and(hangs));
        Ok::<_, NotCut>(other.is_some_and(|other| other.clause == parted.clause))
    })?;
    told(&format!("it parts: {} ops are reduced", trace.ops.len()));
    let mut core = Core(witness);
    let witness: &mut dyn Checks = if is_core(&trace) { &mut core } else { core.0 };
    let (shortest, parted) = shortest(witness, service.profile(), &trace)?;
    Ok((written(&shortest, parted, before, replay), shortest))
}

/// The reduced trace, in which everything is shown if it is short, and how it parts.
fn shortest(witness: &mut dyn Checks, profile: &Named, trace: &Trace) -> Result<(Trace, Parted), NotCut> {
    let not_again = || NotCut::NotAgain("what was cut out parts once, and not again".to_owned());
    let (shortest, parted) = reduced(witness, profile, trace)?.ok_or_else(not_again)?;
    if shortest.shown == Shown::Everything || shortest.executed().count() > SHORT {
        return Ok((shortest, parted));
    }
    let told = Trace { shown: Shown::Everything, ..shortest.clone() };
    Ok(reduced(witness, profile, &told)?.unwrap_or((shortest, parted)))
}

/// The last ops that part, as few of them as halving finds, and how they do.
fn last_that_show_it(tape: &Tape, witness: &mut dyn Checks, profile: &Named) -> Result<(Trace, Parted), NotCut> {
    let mut last = FIRST;
    let (mut trace, parted) = loop {
        // To show everything takes longer, and mostly tells no more.
        let trace = near(tape.trace(last));
        if let Some(parted) = parts(witness, &trace, profile)? {
            break (trace, parted);
        }
        let trace = Trace { shown: Shown::Everything, ..trace };
        if last <= SHOWN
            && let Some(parted) = parts(witness, &trace, profile)?
        {
            break (trace, parted);
        }
        if last >= tape.len() {
            return Err(NotCut::NotWithin(tape.len()));
        }
        last *= TIMES;
    };
    while trace.ops.len() > 1 {
        let half = Trace { shown: trace.shown, ..near(tape.trace(trace.ops.len() / 2)) };
        let fewer = half.ops.len() < trace.ops.len();
        if !fewer || !parts(witness, &half, profile)?.is_some_and(|other| other.same(&parted)) {
            break;
        }
        trace = half;
    }
    Ok((trace, parted))
}

/// The clock that a scenario has if it says none.
const NEAR: Time = Time(1000);

/// The same not long after the Epoch, as traces of the core alphabet are.
fn near(trace: Trace) -> Trace {
    let by = Timeout(NEAR.0 - trace.setup.clock.0);
    let near = later(trace.clone(), by);
    if is_core(&near) { near } else { trace }
}

/// Runs traces of the core alphabet alone, so that a reduced one can be replayed with no hazard.
struct Core<'a>(&'a mut dyn Checks);

impl Checks for Core<'_> {
    fn check(&mut self, trace: &Trace, profile: &Named) -> Result<Came, StartError> {
        if is_core(trace) { self.0.check(trace, profile) } else { Ok(Came::NotRun("not core".to_owned())) }
    }

    fn restart(&mut self) -> Result<(), StartError> {
        self.0.restart()
    }

    fn handshake_price(&self) -> usize {
        self.0.handshake_price()
    }
}

fn parts(witness: &mut dyn Checks, trace: &Trace, profile: &Named) -> Result<Option<Parted>, NotCut> {
    match witness.check(trace, profile)? {
        Came::Diverges(parted) => Ok(Some(parted)),
        Came::NotRun(why) => Err(NotCut::NotRun(why)),
        Came::Conforms | Came::Unstable(_) | Came::Completed | Came::WentDown(_) => Ok(None),
    }
}

/// The run up to where it parts, with the ops of that server.
fn recorded(mut service: Service, source: &mut dyn Source, parting: &Parting) -> Result<Service, NotCut> {
    service.record(parting.server, parting.in_sample, MOST);
    let mut coming = Vec::new();
    while let Some(event) = source.next() {
        source.coming(&mut coming);
        service.expects(&coming);
        coming.clear();
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

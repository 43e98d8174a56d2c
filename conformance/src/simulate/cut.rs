//! A divergence of a run, cut out of it: as a trace, then reduced like any other, then written as a scenario.
//!
//! A run is a function of its workload and seed, so it is made again up to the event at which it parts, and only then
//! are its ops kept, those of the one server: the others have no part in it, since what comes from outside is said in
//! ops, too. A cache forgets, so mostly the last few hundred ops show the same; only if not, more are taken. Of those,
//! whole connections go by halves, and only what is left is reduced op by op.
//!
//! Not here: which connections go (`thin`), the reduction ([`mod@crate::reduce`]), and who makes events.

use session_model::{Time, Timeout};

use super::asks::{Asks, Fall};
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
use crate::verify::{Hangs, goes_down, hangs, reduced_within, written};
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
    /// Where a cache takes the process down; `None`: that is not known of any.
    pub fall: Option<Fall>,
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
    /// So many parts of what that server was asked hang, and do not show it.
    Hung(usize),
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
            Self::Hung(parts) => write!(f, "{parts} parts of what the server was asked hang, and none shows it"),
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
    let Again { setting, against, seed, source, fall } = again;
    let mut service = Service::new(setting, against, seed).map_err(NotCut::CannotOpen)?;
    if fall.is_some() {
        service.count_asks(&Asks::new(Box::new(|_| {}), fall));
    }
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
    let profile = &service.profile().clone();
    let tape = &recorded(service, source, parting)?;
    told("it parts: the last ops of the server are tried by themselves");
    let mut trial = Trial::new(witness, profile, parting.down);
    let (last, parted) = trial.last_that_show_it(tape)?;
    trial.for_a_hang = hangs(&parted);
    let trace = trial.fewest_of_them(tape, last, &parted)?;
    let before = trace.ops.len();
    let trace = thinned(trace, &mut |fewer| {
        if trial.hung.are_enough_for(&parted) {
            return Ok(false);
        }
        told(&format!("it parts: of the last {before} ops of the server, {} are tried", fewer.ops.len()));
        Ok::<_, NotCut>(trial.parts(fewer)?.is_some_and(|other| alike(&other, &parted)))
    })?;
    told(&format!("it parts: {} ops are reduced", trace.ops.len()));
    let Trial { witness, mut hung, .. } = trial;
    let mut core = Core(witness);
    let witness: &mut dyn Checks = if is_core(&trace) { &mut core } else { core.0 };
    let (shortest, parted) = shortest(witness, profile, &trace, &mut hung)?;
    let found = Found { hung: hung.that_ended_it(), ..written(&shortest, parted, before, replay) };
    Ok((found, shortest))
}

/// Whether a trace with fewer connections shows the same. What has a name is missed in another way than what has none, by
/// the same clause; a subject goes down in one way.
fn alike(other: &Parted, parted: &Parted) -> bool {
    let down = goes_down(other) || goes_down(parted);
    other.clause == parted.clause && (!down || other.kind == parted.kind)
}

/// The reduced trace, in which everything is shown if it is short, and how it parts.
fn shortest(
    witness: &mut dyn Checks,
    profile: &Named,
    trace: &Trace,
    hung: &mut Hangs,
) -> Result<(Trace, Parted), NotCut> {
    let not_again = || NotCut::NotAgain("what was cut out parts once, and not again".to_owned());
    let (shortest, parted) = reduced_within(witness, profile, trace, hung)?.ok_or_else(not_again)?;
    // What hangs shows no more for being asked for more, and takes its time.
    if shortest.shown == Shown::Everything || shortest.executed().count() > SHORT || hangs(&parted) {
        return Ok((shortest, parted));
    }
    let told = Trace { shown: Shown::Everything, ..shortest.clone() };
    Ok(reduced_within(witness, profile, &told, hung)?.unwrap_or((shortest, parted)))
}

/// Whoever runs parts of the run by themselves, and what they are to show.
struct Trial<'a> {
    witness: &'a mut dyn Checks,
    profile: &'a Named,
    /// That the cache goes down, and nothing else; or that it answers otherwise, and does not go down.
    down: bool,
    /// Whether it may be a hang.
    for_a_hang: bool,
    hung: Hangs,
}

impl<'a> Trial<'a> {
    fn new(witness: &'a mut dyn Checks, profile: &'a Named, down: bool) -> Self {
        Self { witness, profile, down, for_a_hang: down, hung: Hangs::default() }
    }

    fn parts(&mut self, trace: &Trace) -> Result<Option<Parted>, NotCut> {
        let came = self.witness.check(trace, self.profile)?;
        self.hung.note(&came, self.for_a_hang);
        match came {
            Came::Diverges(parted) => Ok(Some(parted).filter(|parted| self.down == goes_down(parted))),
            Came::NotRun(why) => Err(NotCut::NotRun(why)),
            Came::Conforms | Came::Unstable(_) | Came::Completed | Came::WentDown(_) => Ok(None),
        }
    }

    /// The same where nothing was found yet that parts.
    fn parts_at_all(&mut self, trace: &Trace) -> Result<Option<Parted>, NotCut> {
        self.hung.are_enough_for_a_start().map_or_else(|| self.parts(trace), |hung| Err(NotCut::Hung(hung)))
    }

    /// The last ops, so many that they part, and how they do.
    fn last_that_show_it(&mut self, tape: &Tape) -> Result<(Trace, Parted), NotCut> {
        let mut last = FIRST;
        loop {
            // To show everything takes longer, and mostly tells no more.
            let trace = near(tape.trace(last));
            let parted = match self.parts_at_all(&trace) {
                // Too long for a process of its own.
                Err(NotCut::NotRun(_)) if last > FIRST => return Err(NotCut::NotWithin(last / TIMES)),
                parted => parted?,
            };
            if let Some(parted) = parted {
                return Ok((trace, parted));
            }
            let trace = Trace { shown: Shown::Everything, ..trace };
            if last <= SHOWN
                && let Some(parted) = self.parts_at_all(&trace)?
            {
                return Ok((trace, parted));
            }
            if last >= tape.len() {
                return Err(NotCut::NotWithin(tape.len()));
            }
            last *= TIMES;
        }
    }

    /// As few of them as halving finds that part alike. Where each that does hangs, the fewest are tried first: what does
    /// not hang is quick.
    fn fewest_of_them(&mut self, tape: &Tape, last: Trace, parted: &Parted) -> Result<Trace, NotCut> {
        let part = |ops| Trace { shown: last.shown, ..near(tape.trace(ops)) };
        let mut same = |trace: &Trace| {
            if self.hung.are_enough_for(parted) {
                return Ok(false);
            }
            Ok::<_, NotCut>(self.parts(trace)?.is_some_and(|other| other.same(parted)))
        };
        if hangs(parted) {
            for fewer in (0..).map(|n| part(1 << n)).take_while(|fewer| fewer.ops.len() < last.ops.len()) {
                if !fewer.ops.is_empty() && same(&fewer)? {
                    return Ok(fewer);
                }
            }
            return Ok(last);
        }
        let mut fewest = last.clone();
        while fewest.ops.len() > 1 {
            let half = part(fewest.ops.len() / 2);
            if half.ops.is_empty() || half.ops.len() == fewest.ops.len() || !same(&half)? {
                break;
            }
            fewest = half;
        }
        Ok(fewest)
    }
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

/// What that server was asked in the run up to where it parts. Where it goes down as somebody looks at it, which is no
/// event and told with the next, that is up to there.
fn recorded(mut service: Service, source: &mut dyn Source, parting: &Parting) -> Result<Tape, NotCut> {
    service.record(parting.server, parting.in_sample, MOST);
    let (in_a_look, mut number) = (service.falls_in_a_look(), 0);
    let mut coming = Vec::new();
    // What shows at the end of a run is told behind its last event.
    while let Some(event) = source.next().filter(|event| event.at <= parting.at) {
        if in_a_look && number == parting.event {
            break;
        }
        number += 1;
        source.coming(&mut coming);
        service.expects(&coming);
        coming.clear();
        match service.apply(&event) {
            Ok(outcome) => {
                if let Some(held) = source.learn(&event, &outcome) {
                    service.give_back(held);
                }
            }
            Err(again) => return tape_of(service, &again, parting),
        }
    }
    let again = if in_a_look { Some(Box::new(parting.clone())) } else { service.compare_all(parting.at).err() };
    let again: Box<Parting> = again.ok_or_else(|| NotCut::NotAgain("it goes on".to_owned()))?;
    tape_of(service, &again, parting)
}

/// The tape, if the run has parted as it did before.
fn tape_of(mut service: Service, again: &Parting, parting: &Parting) -> Result<Tape, NotCut> {
    let tape = service.take_tape(parting.server, parting.in_sample).filter(|_| again == parting);
    tape.ok_or_else(|| NotCut::NotAgain(again.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergence::Kind;
    use crate::faults::that_goes_down;
    use crate::op::{Close, Op};
    use crate::simulate::event::{Group, Proposes, Server, Visit, What};
    use crate::simulate::part::Part;
    use crate::simulate::service::Profiles;
    use crate::simulate::setting::ServerSetting;
    use crate::source::{Lane, Seed, trace_of};
    use crate::trace::ContextSetup;
    use crate::verify::{HANGS_ON_THE_WAY, REDUCTION_OF_A_HANG};
    use session_model::Mechanism;

    /// One connection after the other, of which the last is closed uncleanly: [`that_goes_down`] does, then.
    struct OneAfterTheOther(Box<dyn Iterator<Item = What>>);

    impl Source for OneAfterTheOther {
        fn next(&mut self) -> Option<Event> {
            self.0.next().map(|what| Event { at: crate::simulate::event::Moment(0), server: Server(0), what })
        }

        fn learn(&mut self, _: &Event, _: &Outcome) -> Option<Held> {
            None
        }
    }

    fn connections(many: u32) -> OneAfterTheOther {
        OneAfterTheOther(Box::new((1..=many).flat_map(move |n| {
            let (visit, group, mechanism) = (Visit(0), Group(0), Mechanism::Ids);
            let begin = What::Begin { visit, group, mechanism, proposes: Proposes::Nothing };
            [begin, What::Finish(visit), What::Close { visit, clean: n < many }]
        })))
    }

    fn service() -> Service {
        let server = ServerSetting { context: ContextSetup::default(), ahead: 0, drift: 0 };
        let setting = Setting { clock: 1000, servers: vec![server], external: None };
        let own = crate::profiles::by_name("optimised").expect("it is shipped");
        Service::of(&setting, &|| Box::new(that_goes_down()), &Profiles::one(own), Part::Never, 1)
    }

    /// What comes of traces; how often it has hung, be it once.
    struct Goes<'a>(&'a dyn Fn(&Trace) -> Came, usize);

    impl Checks for Goes<'_> {
        fn check(&mut self, trace: &Trace, _: &Named) -> Result<Came, StartError> {
            let came = (self.0)(trace);
            let hung = matches!(&came, Came::Diverges(parted) if hangs(parted)) || matches!(came, Came::Unstable(_));
            self.1 += usize::from(hung);
            Ok(came)
        }

        fn restart(&mut self) -> Result<(), StartError> {
            Ok(())
        }
    }

    fn parts(kind: Kind, clause: &str) -> Came {
        let word = || "anything".to_owned();
        let (op, place, ruled, seen) = (word(), word(), word(), word());
        Came::Diverges(Parted { clause: clause.to_owned(), kind: kind.name(), op, place, index: 0, ruled, seen })
    }

    fn goes(kind: Kind) -> Came {
        parts(kind, "a clause")
    }

    fn once() -> Came {
        Came::Unstable("it hung once".to_owned())
    }

    fn has_connections(trace: &Trace) -> bool {
        trace.executed().count() > 0
    }

    /// What is found in so many connections, and how often it hung on the way.
    fn found_in(many: u32, goes: &dyn Fn(&Trace) -> Came) -> (Result<(Found, Trace), NotCut>, usize) {
        let mut first = service();
        let mut events = connections(many);
        let parting = std::iter::from_fn(|| events.next()).find_map(|event| first.apply(&event).err());
        let mut witness = Goes(goes, 0);
        let parting = parting.expect("it goes down in the last event");
        let cut = cut_of(service(), &mut connections(many), &parting, &mut witness, String::new(), &mut |_| {});
        (cut, witness.1)
    }

    /// What is left of so many connections, and how often it hung on the way.
    fn cut_out_of(many: u32, goes: &dyn Fn(&Trace) -> Came) -> (Result<Trace, NotCut>, usize) {
        let (cut, hung) = found_in(many, goes);
        (cut.map(|(_, trace)| trace), hung)
    }

    fn closes_uncleanly(trace: &Trace) -> bool {
        let unclean = |op: &Op| matches!(op, Op::Close(_, Close::Unclean) | Op::Handshake(_, Close::Unclean));
        trace.executed().any(|(_, op)| unclean(&op))
    }

    #[test]
    fn three_may_hang_on_the_way_whatever_the_pass_and_more_where_a_hang_is_reduced() {
        // Any part hangs that is shorter than all of it.
        let crashes = |trace: &Trace| goes(if trace.ops.len() == 60 { Kind::Crashed } else { Kind::Hung });
        let (cut, hung) = cut_out_of(20, &crashes);
        assert_eq!((cut.expect("it goes down").ops.len(), hung), (60, HANGS_ON_THE_WAY));
        // Any part hangs that has a connection left.
        let hangs = |trace: &Trace| if has_connections(trace) { goes(Kind::Hung) } else { Came::Conforms };
        let (cut, hung) = cut_out_of(20, &hangs);
        assert!(cut.is_ok() && hung <= REDUCTION_OF_A_HANG + 3, "{hung}");
    }

    #[test]
    fn a_hang_that_comes_once_counts_in_every_pass() {
        // Of all of it, the whole hangs, and any part does once.
        let (cut, hung) = cut_out_of(20, &|trace| if trace.ops.len() == 60 { goes(Kind::Hung) } else { once() });
        assert!(cut.is_ok() && hung <= REDUCTION_OF_A_HANG + 3, "{hung}");
        // Where another thing is looked for, it was none, mostly.
        let (cut, hung) = cut_out_of(20, &|trace| if trace.ops.len() == 60 { goes(Kind::Crashed) } else { once() });
        assert!(cut.is_ok() && hung > HANGS_ON_THE_WAY, "{hung}");
    }

    #[test]
    fn what_hangs_over_and_over_is_given_up_also_where_the_fewest_ops_are_looked_for() {
        let elsewhere = |trace: &Trace| parts(Kind::Hung, if trace.ops.len() == 300 { "a clause" } else { "another" });
        let (cut, hung) = cut_out_of(100, &elsewhere);
        assert_eq!(cut.expect("it hangs").ops.len(), 300);
        assert!(hung <= REDUCTION_OF_A_HANG + 3, "{hung}");
        // And before there is any part that shows it.
        let (cut, hung) = cut_out_of(2000, &|_| once());
        assert!(matches!(cut, Err(NotCut::Hung(HANGS_ON_THE_WAY))), "{cut:?}");
        assert_eq!(hung, HANGS_ON_THE_WAY);
    }

    #[test]
    fn what_is_reduced_no_further_since_parts_of_it_hung_says_so() {
        let (cut, _) = found_in(20, &|trace| goes(if trace.ops.len() == 60 { Kind::Crashed } else { Kind::Hung }));
        assert_eq!(cut.expect("it goes down").0.hung, Some(HANGS_ON_THE_WAY));
        let crashes = |trace: &Trace| if closes_uncleanly(trace) { goes(Kind::Crashed) } else { Came::Conforms };
        assert_eq!(found_in(20, &crashes).0.expect("it goes down").0.hung, None);
    }

    #[test]
    fn what_hangs_is_looked_for_among_the_shortest_first() {
        let hangs = |trace: &Trace| if closes_uncleanly(trace) { goes(Kind::Hung) } else { Came::Conforms };
        let (cut, hung) = cut_out_of(100, &hangs);
        assert_eq!(cut.expect("it hangs").ops.len(), 1);
        // Each of 300, 150, 75 and so on would hang as well.
        assert!(hung <= 9, "{hung}");
    }

    #[test]
    fn what_went_down_as_it_was_looked_at_is_cut_out_up_to_there() {
        let fall = Fall { ask: 1 << 63, how: "down".to_owned() };
        let mut service = service();
        service.count_asks(&Asks::new(Box::new(|_| {}), Some(fall)));
        let (at, server, what) = (crate::simulate::event::Moment(0), Server(0), "down".to_owned());
        let parting = Parting { event: 30, at, server, in_sample: false, down: true, what };
        let tape = recorded(service, &mut connections(20), &parting).expect("nothing is looked at");
        assert_eq!(tape.trace(usize::MAX).ops.len(), 30);
    }

    #[test]
    fn what_a_cache_that_went_down_does_otherwise_is_not_told_in_its_place_nor_the_other_way_round() {
        let (cut, _) = cut_out_of(20, &|_| goes(Kind::Answer));
        assert!(matches!(cut, Err(NotCut::NotWithin(60))), "{cut:?}");
        let (own, trace) =
            (crate::profiles::by_name("optimised").expect("it is shipped"), trace_of(Seed(1), 0, Lane::Direct));
        let shows = |kind: Kind, down| {
            let answers = || goes(kind);
            let shows = Trial::new(&mut Goes(&|_| answers(), 0), &own, down).parts(&trace);
            shows.expect("it can be run").is_some()
        };
        assert_eq!([false, true].map(|down| shows(Kind::Crashed, down)), [false, true]);
        assert_eq!([false, true].map(|down| shows(Kind::Answer, down)), [true, false]);
    }
}

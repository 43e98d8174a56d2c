//! Five faults against property tests written the obvious way, and against the main job's traces.
//!
//! The question: what the generator is worth. Everything else is the same for all: the faulty model, the check against
//! the model, one core, so many seconds a seed (`cargo bench -p sesscheck-benches --bench plain -- SECONDS SEEDS`, 4
//! and 10). The table says under how many seeds each fault is found.

use std::io::Write;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use quickcheck::Gen;
use sesscheck::check::{Verdict, check};
use sesscheck::faults::{self, Over};
use sesscheck::gate::OURS;
use sesscheck::op::{Accept, At, Close, Makes, Name, Op, Propose, SessionSpec};
use sesscheck::source::{Seed, trace_of};
use sesscheck::stopwatch::Stopwatch;
use sesscheck::tally::Tally;
use sesscheck::trace::{ContextSetup, Names, Setup, Shown, Trace};
use sesscheck::transcript::Transcript;
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId, Time, Timeout};

/// Off by one at the limit; wrong only at the 255th connection; a loss after duplicate add, remove and add again; two
/// flags together; the expiry second itself.
const FAULTS: [&str; 5] = [
    "size-holds-one-less",
    "auto-flush-every-256",
    "readd-after-duplicate-is-lost",
    "two-flags-stop-flush",
    "flush.boundary",
];

/// A kind of op and two numbers: what anybody would draw.
type Drawn = (u8, u8, u16);

const KINDS: u8 = 11;

fn op((kind, a, b): Drawn) -> Op {
    let (context, session) = (ContextRef(0), Name(u32::from(a) % 8));
    let handshake = |propose| {
        let accept = Accept {
            context,
            client: None,
            mechanism: Mechanism::Ids,
            propose,
            id_context: None,
            switch_to: None,
            makes: Makes::UNNAMED,
        };
        Op::Handshake(accept, Close::Clean)
    };
    match kind % KINDS {
        0 => Op::AddSession { context, session, synonym: false },
        1 => Op::RemoveSession { context, session, synonym: false },
        2 => Op::FlushSessions { context, at: At::Absolute(Time(i128::from(1000 + b % 1000))), synonym: false },
        3 => Op::Advance((b % 300).into()),
        4 => Op::SessionSetTime(session, Time(i128::from(1000 + b % 1000))),
        5 => Op::SessionSetTimeout(session, Timeout((b % 600).into())),
        6 => Op::SessSetCacheSize(context, (b % 10).into()),
        7 => {
            let flags = [0x80, 0x100, 0x200, 0x400].into_iter().enumerate();
            let bits = flags.fold(0x2, |bits, (n, flag)| if a >> n & 1 == 1 { bits | flag } else { bits });
            Op::SetSessionCacheMode(context, CacheMode::from_bits(bits).expect("flags of the page"))
        }
        8 => Op::SetTimeout(context, Timeout((b % 600).into())),
        9 => handshake(Propose::Nothing),
        _ => handshake(Propose::Session(session)),
    }
}

fn trace(ops: impl IntoIterator<Item = Drawn>) -> Trace {
    let session = |n: u8| SessionSpec {
        context: ContextRef(0),
        // Two of the eight share an id with another.
        id: SessionId::new(&[n % 6; 32]).expect("32 bytes are an id"),
        protocol: Protocol::Tls12,
        time: None,
        timeout: Timeout(60 * i128::from(n)),
        id_context: IdContext::default(),
    };
    let setup = Setup {
        clock: Time(1000),
        contexts: vec![ContextSetup::default()],
        sessions: (0..8).map(session).collect(),
        hazards: false,
    };
    Trace { setup, ops: ops.into_iter().map(op).collect(), shown: Shown::Everything, names: Names::default() }
}

/// What proptest-state-machine asks for; the state is the check's, so there is none here.
struct Plain;

impl ReferenceStateMachine for Plain {
    type State = ();
    type Transition = Drawn;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Drawn> {
        (0..KINDS, any::<u8>(), any::<u16>()).boxed()
    }

    fn apply((): (), _: &Drawn) {}
}

/// The traces of a seed.
type Engine<'e> = &'e dyn Fn(u64) -> Traces;

/// Traces without end.
type Traces = Box<dyn FnMut() -> Trace>;

fn proptest(steps: usize, seed: u64) -> Traces {
    let config = Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = Plain::sequential_strategy(1..=steps);
    Box::new(move || trace(strategy.new_tree(&mut runner).expect("nothing is rejected").current().1))
}

fn quickcheck(size: usize, seed: u64) -> Traces {
    let mut choices = Gen::from_size_and_seed(size, seed);
    Box::new(move || trace(<Vec<Drawn> as quickcheck::Arbitrary>::arbitrary(&mut choices)))
}

fn ours(seed: u64) -> Traces {
    // As the main job shares them out, over and over.
    let round = OURS.iter().flat_map(|(lane, count)| std::iter::repeat_n(*lane, (count / 500) as usize)).cycle();
    let mut numbered = (0..).zip(round);
    Box::new(move || {
        let (number, lane) = numbered.next().expect("it does not end");
        trace_of(Seed(seed), number, lane)
    })
}

/// Whether the fault is found in time, and after how many ops.
fn finds(fault: &str, mut traces: Traces, time: Duration) -> (bool, u64) {
    let profile = faults::faultless();
    let mut subject = faults::subject(fault, Over::Model).expect("it is a fault");
    let (mut seen, mut tally) = (Transcript::default(), Tally::default());
    let watch = Stopwatch::start();
    while watch.elapsed() < time {
        let trace = traces();
        subject.run(&trace, &mut seen);
        if let Verdict::Diverges(_) = check(&trace, &profile, &seen, &mut tally) {
            return (true, tally.ops);
        }
    }
    (false, tally.ops)
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let numbers: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let (time, seeds) = (Duration::from_secs(*numbers.first().unwrap_or(&4)), *numbers.get(1).unwrap_or(&10));
    writeln!(out, "found under how many of {seeds} seeds, within {} s each", time.as_secs())?;
    writeln!(out, "{:<38}  {}", "", FAULTS.join("  "))?;
    let engines: [(&str, Engine<'_>); 6] = [
        ("proptest-state-machine, to 20 steps", &|seed| proptest(20, seed)),
        ("proptest-state-machine, to 1000 steps", &|seed| proptest(1000, seed)),
        ("quickcheck, size 100", &|seed| quickcheck(100, seed)),
        ("quickcheck, size 1000", &|seed| quickcheck(1000, seed)),
        ("quickcheck, size 4000", &|seed| quickcheck(4000, seed)),
        ("the traces of the main job", &ours),
    ];
    for (name, engine) in engines {
        let cell = |fault: &&str| {
            let found = (1..=seeds).filter(|seed| finds(fault, engine(*seed), time).0).count();
            format!("{found:>width$}", width = fault.len())
        };
        writeln!(out, "{name:<38}  {}", FAULTS.iter().map(cell).collect::<Vec<_>>().join("  "))?;
    }
    Ok(())
}

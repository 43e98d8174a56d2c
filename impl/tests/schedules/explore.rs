//! Runs a program under many schedules, and says of each what one order of its steps shows.

use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

use crate::world::World;

/// Shows something of the world, and may change it.
pub(crate) type Step = fn(&World) -> String;

/// What a thread does.
#[derive(Clone, Copy)]
pub(crate) enum Op {
    /// In one step.
    Step(Step),
    /// By one call, which is as good as these steps, one after the other.
    Steps(Step, &'static [Step]),
}

/// What some threads do.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) world: fn(u8) -> World,
    pub(crate) threads: &'static [&'static [Op]],
}

/// What one op showed, and when it was begun and done.
#[derive(Clone, Debug)]
struct Shown {
    what: String,
    from: usize,
    to: usize,
}

/// What all ops of each thread showed, and the world at its end.
struct Outcome {
    threads: Vec<Vec<Shown>>,
    end: String,
}

impl Outcome {
    /// Whether this order shows the same, and has no op before one that was done before it was begun.
    fn is_explained_by(&self, order: &Self) -> bool {
        let pairs = || self.threads.iter().flatten().zip(order.threads.iter().flatten());
        let same = self.end == order.end && pairs().all(|(seen, ordered)| seen.what == ordered.what);
        let earlier = |seen: &Shown, ordered: &Shown| {
            pairs().all(|(other, after)| seen.to >= other.from || ordered.to <= after.from)
        };
        same && pairs().all(|(seen, ordered)| earlier(seen, ordered))
    }
}

/// Each program, with ids that lie in one way over the shards and in another.
macro_rules! programs {
    ($($name:ident: $world:expr, [$([$($op:expr),+ $(,)?]),+ $(,)?];)+) => {$(
        mod $name {
            use super::*;

            const PROGRAM: Program = Program { world: $world, threads: &[$(&[$($op),+]),+] };

            #[test]
            fn ids_from_1() {
                explore(PROGRAM, 1);
            }

            #[test]
            fn ids_from_20() {
                explore(PROGRAM, 20);
            }
        }
    )+};
}
pub(crate) use programs;

const RANDOM: usize = 1500;
const PCT: usize = 500;
/// How many times a schedule of the second kind changes its mind.
const DEPTH: usize = 3;

/// Runs a program on a world with these ids under many schedules, or under the one of the environment.
pub(crate) fn explore(program: Program, ids: u8) {
    let orders = Arc::new(orders(program, ids));
    let check = move || {
        let outcome = concurrently(program, ids);
        let explained = orders.iter().any(|order| outcome.is_explained_by(order));
        assert!(explained, "no order of the steps shows this: {:#?}, then {}", outcome.threads, outcome.end);
    };
    if let Some(file) = std::env::var_os("SCHEDULE") {
        let schedule = ReplayScheduler::new_from_file(PathBuf::from(file)).expect("the file has a schedule");
        return run(schedule, check);
    }
    run(RandomScheduler::new_from_seed(ids.into(), RANDOM), check.clone());
    run(PctScheduler::new_from_seed(ids.into(), DEPTH, PCT), check);
}

fn run(scheduler: impl Scheduler + 'static, check: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.failure_persistence = FailurePersistence::File(Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR"))));
    Runner::new(scheduler, config).run(check);
}

/// What each order of the steps shows.
fn orders(program: Program, ids: u8) -> Vec<Outcome> {
    let found = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&found);
    run(RandomScheduler::new_from_seed(0, 1), move || {
        let mut all = Vec::new();
        let left = program.threads.iter().map(|ops| steps(ops).len()).collect();
        interleave(left, &mut Vec::new(), &mut all);
        assert!(!all.is_empty(), "a program has an order");
        let outcomes = all.iter().map(|turns| in_order(program, ids, turns));
        into.lock().expect("it is locked once").extend(outcomes);
    });
    std::mem::take(&mut found.lock().expect("nothing panicked"))
}

/// The steps of a thread, each with the number of its op.
fn steps(ops: &[Op]) -> Vec<(usize, Step)> {
    let of = |(n, op): (usize, &Op)| -> Vec<(usize, Step)> {
        match op {
            Op::Step(step) => vec![(n, *step)],
            Op::Steps(_, steps) => steps.iter().map(|step| (n, *step)).collect(),
        }
    };
    ops.iter().enumerate().flat_map(of).collect()
}

/// All orders in which threads with so many steps left can have their turns.
fn interleave(left: Vec<usize>, turns: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    if left.iter().all(|left| *left == 0) {
        all.push(turns.clone());
    }
    for thread in (0..left.len()).filter(|thread| left[*thread] > 0) {
        let mut left = left.clone();
        left[thread] -= 1;
        turns.push(thread);
        interleave(left, turns, all);
        turns.pop();
    }
}

fn in_order(program: Program, ids: u8, turns: &[usize]) -> Outcome {
    let world = (program.world)(ids);
    let mut steps: Vec<_> = program.threads.iter().map(|ops| steps(ops).into_iter()).collect();
    let mut threads: Vec<Vec<Shown>> = program.threads.iter().map(|_| Vec::new()).collect();
    for (at, thread) in turns.iter().enumerate() {
        let (op, step) = steps[*thread].next().expect("it is this thread's turn");
        let what = step(&world);
        let shown = &mut threads[*thread];
        if shown.len() == op {
            shown.push(Shown { what: String::new(), from: at * 2, to: 0 });
        }
        shown[op].what += &what;
        shown[op].to = at * 2 + 1;
    }
    Outcome { threads, end: world.end() }
}

fn concurrently(program: Program, ids: u8) -> Outcome {
    let world = Arc::new((program.world)(ids));
    let clock = Arc::new(AtomicUsize::new(0));
    let run = |ops: &'static [Op]| {
        let (world, clock) = (Arc::clone(&world), Arc::clone(&clock));
        shuttle::thread::spawn(move || {
            let shown = |op: &Op| {
                let (Op::Step(call) | Op::Steps(call, _)) = op;
                let from = clock.fetch_add(1, SeqCst);
                let what = call(&world);
                Shown { what, from, to: clock.fetch_add(1, SeqCst) }
            };
            ops.iter().map(shown).collect()
        })
    };
    let running: Vec<_> = program.threads.iter().map(|ops| run(ops)).collect();
    let threads = running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect();
    Outcome { threads, end: world.end() }
}

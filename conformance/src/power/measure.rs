//! All engines after all faults, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::beside::beside;
use super::engine::Engine;
use super::hunt::{Hit, Prey};
use super::{Power, Row, SCHEMA};
use crate::faults::Fault;
use crate::subjects::{CannotOpen, Spec};
use crate::suite::File;

/// What an engine may spend on a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// The first seed of the random engines.
    pub seed: u64,
    /// How many seeds are tried from there on.
    pub seeds: usize,
    /// Ops of an engine under each seed; the exhaustive one has [`Engine::EXHAUSTIVE`] at least.
    pub ops: u64,
    /// Runs of the reducer.
    pub reductions: usize,
}

/// Sends every engine after every fault. `told` hears how many faults are done. The outcome does not depend on the
/// number of threads, but for the milliseconds.
///
/// # Errors
///
/// When a fault is none of a subject.
///
/// # Panics
///
/// When the harness itself does.
pub fn measure(
    faults: &[&Fault],
    engines: &[Engine],
    files: &[File],
    budget: Budget,
    told: &(impl Fn(usize) + Sync),
) -> Result<Power, CannotOpen> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let rows = Mutex::new(Vec::with_capacity(faults.len()));
    let work = || -> Result<(), CannotOpen> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(fault) = faults.get(at) else { return Ok(()) };
            let row = row(fault, engines, files, &budget)?;
            rows.lock().expect("no thread panics with it").push((at, row));
            told(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("the harness does not panic"))
    })?;
    let mut rows = rows.into_inner().expect("the threads are done");
    rows.sort_unstable_by_key(|(at, _)| *at);
    let mut power = Power {
        schema: SCHEMA.to_owned(),
        seed: budget.seed,
        seeds: budget.seeds,
        ops: budget.ops,
        engines: engines.iter().map(ToString::to_string).collect(),
        given: engines.iter().map(|engine| engine.given(budget.ops)).collect(),
        faults: rows.into_iter().map(|(_, row)| row).collect(),
        beside: Vec::new(),
    };
    power.beside = beside(&power);
    Ok(power)
}

fn row(fault: &Fault, engines: &[Engine], files: &[File], budget: &Budget) -> Result<Row, CannotOpen> {
    let opened = Spec::Faulty(fault.name.to_owned()).open()?;
    let mut subject = opened.subject;
    let mut prey = Prey { name: fault.name, subject: subject.as_mut(), profile: opened.profile.profile };
    Ok(Row {
        fault: fault.name.to_owned(),
        clause: fault.clause.id().to_owned(),
        made: fault.made.words().to_owned(),
        deep: fault.deep,
        does: fault.does.to_owned(),
        hits: engines.iter().map(|engine| tries(&mut prey, *engine, files, budget)).collect(),
    })
}

/// An engine under each seed. What it finds before it draws anything is found under all.
fn tries(prey: &mut Prey<'_>, engine: Engine, files: &[File], budget: &Budget) -> Vec<Option<Hit>> {
    let seeds = if engine.is_fixed() { 1 } else { budget.seeds };
    let mut tries: Vec<Option<Hit>> = Vec::with_capacity(seeds);
    for n in 0..seeds {
        let same = tries.first().and_then(Option::as_ref).filter(|hit| !hit.origin.starts_with('-')).cloned();
        tries.push(same.or_else(|| prey.hunted(engine, budget.seed.wrapping_add(n as u64), files, budget)));
    }
    tries
}

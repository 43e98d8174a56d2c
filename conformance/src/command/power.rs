//! `sesscheck power`: which known faults the harness would find.

use super::arguments::{PowerArguments, TableFormat};
use super::check::progress_bar;
use super::{CouldNotRun, Done, print};
use crate::faults::{self, Fault};
use crate::gate::Record;
use crate::power::{Budget, Engine, measure};
use crate::render;
use crate::subjects::Spec;
use crate::suite;

/// Runs of the reducer, for each fault that is found.
const REDUCTIONS: usize = 2000;

pub(super) fn power(arguments: &PowerArguments) -> Done {
    crate::worker::quiet_panics();
    if arguments.record.is_some() && (arguments.engine != [Engine::Gate] || !arguments.fault.is_empty()) {
        return Err(CouldNotRun("a record is of `--engine gate` alone, and of all faults".to_owned()));
    }
    let faults = asked(&arguments.fault)?;
    let engines = if arguments.engine.is_empty() { Engine::ALL.to_vec() } else { arguments.engine.clone() };
    let budget = Budget { seed: arguments.seed, seeds: arguments.seeds, ops: arguments.ops, reductions: REDUCTIONS };
    let bar = progress_bar();
    let told = |done: usize| bar.set_message(format!("{done} of {} faults", faults.len()));
    let power = measure(&faults, &engines, &suite::embedded()?, budget, &told)?;
    bar.finish_and_clear();
    if let Some(file) = &arguments.record {
        let record = Record::of(&power).expect("it was looked at before");
        std::fs::write(file, record.json()).map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))?;
    }
    print(&match arguments.format {
        TableFormat::Json => power.json(),
        TableFormat::Text => render::power(&power),
    })
}

/// The faults of these names; all of them, when none is named.
fn asked(names: &[String]) -> Result<Vec<&'static Fault>, CouldNotRun> {
    if names.is_empty() {
        return Ok(faults::all().iter().collect());
    }
    let of = |name: &String| {
        // Whoever reads a subject's name tells what is near to it.
        format!("faulty:{name}").parse::<Spec>()?;
        faults::by_name(name).ok_or_else(|| CouldNotRun(format!("{name}: it breaks no clause")))
    };
    names.iter().map(of).collect()
}

//! `sesscheck calibrate`: simulated hit rates against closed forms.
//!
//! Exit status 0: each case comes out as its formula says, and would not with a mistake in it; 1: one does otherwise.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::arguments::{Calibrate, CalibrationFormat};
use super::check::progress_bar;
use super::{CouldNotRun, Done, print};
use crate::render::calibration as render;
use crate::simulate::calibration::{Calibrated, Calibration, Case, SCHEMA, cases};
use crate::simulate::part::Part;
use crate::simulate::sweep::side_by_side;

pub(super) fn calibrate(arguments: &Calibrate) -> Done {
    let chosen = chosen(arguments)?;
    let calibration = Calibration {
        schema: SCHEMA,
        again: again(arguments),
        seed: arguments.seed,
        times: arguments.times,
        cases: run(arguments, &chosen)?,
    };
    let text = match arguments.format {
        CalibrationFormat::Text => render::text(&calibration),
        CalibrationFormat::Markdown => render::markdown(&calibration),
        CalibrationFormat::Json => render::json(&calibration),
        CalibrationFormat::Html => render::html(&calibration),
    };
    match &arguments.out {
        None => drop(print(&text)?),
        Some(file) => {
            std::fs::write(file, text).map_err(|error| CouldNotRun(format!("{}: {error}", file.display())))?;
        }
    }
    Ok(calibration.status())
}

/// The cases of these names; without names, all.
fn chosen(arguments: &Calibrate) -> Result<Vec<Case>, CouldNotRun> {
    let all = cases(arguments.times);
    if let Some(unknown) = arguments.case.iter().find(|name| all.iter().all(|case| case.name != **name)) {
        let names: Vec<_> = all.iter().map(|case| case.name).collect();
        return Err(CouldNotRun(format!("`{unknown}` is no case; cases are {}", names.join(", "))));
    }
    let is_chosen = |case: &Case| arguments.case.is_empty() || arguments.case.iter().any(|name| name == case.name);
    Ok(all.into_iter().filter(is_chosen).collect())
}

fn run(arguments: &Calibrate, chosen: &[Case]) -> Result<Vec<Calibrated>, CouldNotRun> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (bar, ended) = (progress_bar(), AtomicUsize::new(0));
    let ran = side_by_side(chosen, cores, |case| {
        let ran = case.run(arguments.seed, Part::Never);
        let ended = 1 + ended.fetch_add(1, Ordering::Relaxed);
        bar.set_message(format!("{ended} of {} cases", chosen.len()));
        ran
    });
    bar.finish_and_clear();
    ran.into_iter().map(|ran| ran.map_err(|why| CouldNotRun(why.to_string()))).collect()
}

/// The command that runs it again.
fn again(arguments: &Calibrate) -> String {
    let mut command = format!("sesscheck calibrate --seed {} --times {}", arguments.seed, arguments.times);
    for name in &arguments.case {
        command.push_str(&format!(" --case {name}"));
    }
    command
}

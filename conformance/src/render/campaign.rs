//! A campaign for a terminal: what was run, and each finding on a line.

use std::fmt::Write as _;
use std::path::Path;

use crate::campaign::{Finding, Lanes, State, file_of};
use crate::verify::quoted;

/// The state of the campaign in `folder`.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn campaign(state: &State, folder: &Path) -> String {
    let mut out = String::new();
    let mut put = |line: String| writeln!(out, "{line}").expect("memory");
    let charter = &state.charter;
    for (n, finding) in state.findings.iter().enumerate() {
        let Finding { from, found } = finding;
        put(format!("{}. {}", n + 1, found.headline(&charter.subject)));
        let file = folder.join(file_of(found)).display().to_string();
        let (now, before) = found.steps;
        put(format!("   {now} steps, reduced from {before}, from {from}: {}", quoted(&file)));
        put(format!("   replay: {}", found.replay));
    }
    let Lanes { units, traces, cut, ops, handshakes, diverged } = state.all();
    put(format!("campaign of {} under profile {}, seed {}", charter.subject, charter.profile.name(), charter.seed));
    put(format!("  {}", charter.about));
    let shards = state.shards.join(" and ");
    let time = indicatif::HumanDuration(std::time::Duration::from_secs(state.seconds));
    put(format!("  shard {shards}, {units} units done in {time}"));
    put(format!(
        "  {} scenarios run; random: {traces} traces, {ops} ops, {handshakes} handshakes agree; {diverged} traces diverge",
        state.scenarios
    ));
    for (lane, went) in &state.lanes {
        put(format!(
            "    {lane:<11} {} units, {} traces, {} ops, {} diverge",
            went.units, went.traces, went.ops, went.diverged
        ));
    }
    if cut > 0 {
        put(format!("  {cut} of these traces end where a known divergence damages the library"));
    }
    for unstable in &state.unstable {
        put(format!("  unstable: {}: {}", unstable.why, unstable.what));
    }
    if state.not_run.0 > 0 {
        put(format!("  not run, {}: {}", state.not_run.0, state.not_run.1));
    }
    put(format!("  {} findings, {} not kept, {} unstable", state.findings.len(), state.not_kept, state.unstable_times));
    out
}

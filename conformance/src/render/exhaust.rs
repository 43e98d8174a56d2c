//! An exhaustive search for a terminal.

use std::fmt::Write as _;

use crate::exhaust::{Covered, Exhausted};
use crate::report::Found;

/// A line or two a scope: how far it was searched.
///
/// # Panics
///
/// Never: it writes to memory.
#[must_use]
pub fn exhausted(searched: &Exhausted) -> String {
    let mut out = String::new();
    let mut put = |line: String| writeln!(out, "{line}").expect("memory");
    let Exhausted { subject, about, profile, scopes, .. } = searched;
    put(format!("{subject}: every trace of a small scope, under profile {profile}   {about}"));
    for covered in scopes {
        let Covered { scope, behaviours, states, ops, diverged, .. } = covered;
        put(format!(
            "{scope:<11} {}: {behaviours} behaviours, {states} states, {ops} ops; {diverged} diverge, {} findings",
            length(covered),
            covered.found.len()
        ));
        if let Some(why) = &covered.ended_early {
            put(format!("            ended early: {why}"));
        }
        if let Some(not_run) = &covered.not_run {
            put(format!("            not run: {}: {}", not_run.what, not_run.why));
        }
        for unstable in &covered.unstable {
            put(format!("            unstable: {}: {}", unstable.what, unstable.why));
        }
    }
    let sum = |of: fn(&Covered) -> u64| scopes.iter().map(of).sum::<u64>();
    put(format!(
        "{} findings in {} behaviours of {} states, {} ops",
        scopes.iter().map(|covered| covered.found.len()).sum::<usize>(),
        sum(|covered| covered.behaviours),
        sum(|covered| covered.states),
        sum(|covered| covered.ops)
    ));
    out
}

fn length(covered: &Covered) -> String {
    match (covered.complete, covered.closed) {
        (length, true) => format!("all traces of up to {length} ops, after which no state is new"),
        (length, false) => format!("all traces of up to {length} ops"),
    }
}

/// A finding of an exhaustive search in full.
#[must_use]
pub fn found_in_scope(subject: &str, scope: &str, found: &Found) -> String {
    let shortest = found.steps.1;
    super::found(subject, found) + &format!("  {shortest} ops: no shorter trace of the scope {scope} shows it\n\n")
}

//! `sesscheck lint`: mistakes, claims that the manual does not bear out, and what in a scenario shows nothing.

use std::fmt::Write;

use super::arguments::Lint;
use super::check::scenarios;
use super::{Done, print, unreadable};
use crate::claims::manual;
use crate::lint::{Advice, Advised, advice, without_scenario};
use crate::render::{below, with_clause};
use crate::suite;

pub(super) fn lint(lint: &Lint) -> Done {
    // Of models that are broken on purpose.
    crate::worker::quiet_panics();
    let files = match lint.paths.is_empty() {
        true => scenarios(&[])?,
        false => suite::of_paths(&lint.paths).map_err(unreadable)?,
    };
    let mut out = String::new();
    let claims = manual(&files);
    for claim in &claims.unmet {
        writeln!(out, "{}: {}", claim.place, with_clause(claim))?;
        out.push_str(&below(claim));
    }
    let advised = if lint.bite { advice(&files) } else { Advised::default() };
    for Advice { place: (file, line), what } in &advised.advice {
        writeln!(out, "{file}:{line}: {what}")?;
    }
    // Of a scenario alone it is no news.
    if files.len() > 1 && !advised.covered.is_empty() {
        writeln!(out, "{} kill nothing that no other of these kills:", advised.covered.len())?;
        advised.covered.iter().try_for_each(|path| writeln!(out, "  {path}"))?;
    }
    let unshown = match lint.paths.is_empty() || lint.bite {
        true => without_scenario(&files.iter().cloned().chain(scenarios(&[])?).collect::<Vec<_>>()),
        false => Vec::new(),
    };
    if !unshown.is_empty() {
        let ids: Vec<_> = unshown.iter().map(|clause| clause.id()).collect();
        writeln!(out, "no scenario lists, neither here nor built in: {}", ids.join(", "))?;
    }
    let told = if lint.bite { format!(", {} pieces of advice", advised.advice.len()) } else { String::new() };
    writeln!(out, "{} scenarios, {} claims not borne out{told}", files.len(), claims.unmet.len())?;
    print(&out)?;
    Ok(u8::from(!claims.unmet.is_empty()))
}

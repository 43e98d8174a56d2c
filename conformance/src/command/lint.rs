//! `sesscheck lint`: mistakes, claims that the manual does not bear out, and what in a scenario shows nothing.

use std::fmt::Write;

use super::arguments::Lint;
use super::check::{manual, scenarios};
use super::{Done, print, unreadable};
use crate::lint::{Advice, advice};
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
        writeln!(out, "{}: {claim}", claim.place)?;
    }
    let (advice, covered) = if lint.bite { advice(&files) } else { (Vec::new(), 0) };
    for Advice { place: (file, line), what } in &advice {
        writeln!(out, "{file}:{line}: {what}")?;
    }
    let told = match lint.bite {
        true => format!(", {} pieces of advice, {covered} kill nothing that no other kills", advice.len()),
        false => String::new(),
    };
    writeln!(out, "{} scenarios, {} claims not borne out{told}", files.len(), claims.unmet.len())?;
    print(&out)?;
    Ok(u8::from(!claims.unmet.is_empty()))
}

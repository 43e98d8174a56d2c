//! `sesscheck lint`: mistakes, claims that the manual does not bear out, clauses that a scenario does not bite for.

use std::fmt::Write;
use std::io::IsTerminal;

use session_model::Clause;
use session_model::clause::Kind;

use super::arguments::Lint;
use super::check::{manual, scenarios};
use super::{CouldNotRun, Done, print};
use crate::suite::{self, File, SuiteError};

pub(super) fn lint(lint: &Lint) -> Done {
    // Of models that are broken on purpose.
    crate::worker::quiet_panics();
    let files = match lint.paths.is_empty() {
        true => scenarios(&[])?,
        false => match suite::of_paths(&lint.paths) {
            Ok(files) => files,
            Err(SuiteError::Mistakes(mistakes)) => {
                let colour = std::io::stderr().is_terminal();
                let text: Vec<_> = mistakes.iter().map(|mistake| mistake.render(colour)).collect();
                return Err(CouldNotRun(format!("{} mistakes\n{}", mistakes.len(), text.join("\n"))));
            }
            Err(other) => return Err(other.into()),
        },
    };
    let mut out = String::new();
    let claims = manual(&files);
    for claim in &claims.unmet {
        let (place, stated, ruled) = (&claim.place, &claim.stated, &claim.ruled);
        writeln!(out, "{place}: claims {stated}; the model of {} rules: {ruled}", claim.edition)?;
    }
    let mut idle = 0;
    if lint.bite {
        for (file, clause) in idle_claims(&files) {
            idle += 1;
            writeln!(out, "{}: does not bite for {clause}: it holds also where that clause is not kept", file.path)?;
        }
    }
    writeln!(
        out,
        "{} scenarios, {} claims not borne out, {idle} clauses listed in vain",
        files.len(),
        claims.unmet.len()
    )?;
    print(&out)?;
    Ok(u8::from(!claims.unmet.is_empty()))
}

/// Rules that a scenario lists and that it would not miss.
fn idle_claims(files: &[File]) -> impl Iterator<Item = (&File, Clause)> {
    files.iter().flat_map(|file| {
        let listed = file.scenario.clauses.iter().filter_map(|id| Clause::by_id(&id.value));
        listed
            .filter(|clause| clause.entry().kind == Kind::Rule && !file.bites(*clause))
            .map(move |clause| (file, clause))
    })
}

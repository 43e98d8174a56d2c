//! `sesscheck clauses`: the registry, and a reader's own copies of the pages held against it.

use std::fmt::Write;

use session_model::Clause;
use session_model::clause::Kind;

use super::arguments::Clauses;
use super::check::scenarios;
use super::{CouldNotRun, Done, print};
use crate::pages;

pub(super) fn clauses(clauses: &Clauses) -> Done {
    if let Some(folder) = &clauses.pages {
        let copies = pages::compare_all(folder)?;
        print(&copies.to_string())?;
        return Ok(u8::from(!copies.agree()));
    }
    if clauses.scenarios {
        return biting();
    }
    print(&pages::inventory().to_string())
}

/// For each rule, the scenarios that turn red when it is not kept.
fn biting() -> Result<u8, CouldNotRun> {
    crate::worker::quiet_panics();
    let files = scenarios(&[])?;
    let (mut out, mut without) = (String::new(), 0);
    for clause in Clause::all().filter(|clause| clause.entry().kind == Kind::Rule) {
        let listed = |id: &str| id == clause.id();
        let biting =
            files.iter().filter(|file| file.scenario.clauses.iter().any(|c| listed(&c.value)) && file.bites(clause));
        let biting = biting.count();
        without += usize::from(biting == 0);
        writeln!(out, "{:<36} {biting:>3} scenarios bite", clause.id())?;
    }
    writeln!(out, "rules without a scenario that bites: {without}")?;
    print(&out)
}

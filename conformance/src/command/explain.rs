//! `sesscheck explain`: step by step what the manual rules, and by which clauses.

use super::arguments::Explain;
use super::check::profile_of;
use super::replay::one_scenario;
use super::{CouldNotRun, Done, print};
use crate::explain::explain as explained;

pub(super) fn explain(explain: &Explain) -> Done {
    let file = one_scenario(&explain.file)?;
    let profile = match &explain.profile {
        Some(name) => profile_of(name)?.profile,
        None => match file.claims_about().last() {
            Some(profile) => profile,
            None => return Err(CouldNotRun("a hazards scenario: the pages rule nothing".to_owned())),
        },
    };
    print(&explained(&file.scenario.trace, &profile))
}

//! `sesscheck explain`: step by step what the manual rules, and by which clauses.

use super::arguments::Explain;
use super::check::profile_of;
use super::replay::one_scenario;
use super::{Done, print};
use crate::explain::explain as explained;

pub(super) fn explain(explain: &Explain) -> Done {
    let file = one_scenario(&explain.file)?;
    let profile = match &explain.profile {
        Some(name) => profile_of(name)?.profile,
        None => file.claims_about().last().expect("a scenario has an edition"),
    };
    print(&explained(&file.scenario.trace, &profile))
}

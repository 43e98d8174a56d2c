//! Several folders as one.

use super::charter::{Charter, Shard};
use super::state::State;

/// The shards of one campaign together.
///
/// # Errors
///
/// When they are of different campaigns, one is there twice, or one has counts that cannot be.
pub fn merge(states: Vec<State>) -> Result<State, String> {
    for state in &states {
        if let Some(why) = state.unsound() {
            return Err(format!("shard {} cannot be: {why}", state.shards.join(", ")));
        }
    }
    let mut states = states.into_iter();
    let mut whole = states.next().ok_or("nothing to merge")?;
    for state in states {
        let like = Charter { shard: whole.charter.shard, ..state.charter.clone() };
        if let Some(differs) = like.differs(&whole.charter) {
            return Err(format!("shard {} is of another campaign: {differs}", state.shards.join(", ")));
        }
        if let Some(twice) = state.shards.iter().find(|shard| whole.shards.contains(shard)) {
            return Err(format!("shard {twice} is there twice"));
        }
        if state.charter.shard.of != whole.charter.shard.of {
            return Err(format!("{} and {} are not of one whole", state.charter.shard, whole.charter.shard));
        }
        add(&mut whole, state);
    }
    // As numbers: 2/12 before 10/12.
    whole.shards.sort_by_key(|shard| shard.parse::<Shard>().ok());
    Ok(whole)
}

fn add(whole: &mut State, state: State) {
    let State {
        schema: _,
        charter: _,
        shards,
        seconds,
        scenarios,
        done,
        done_above,
        lanes,
        kinds,
        findings,
        not_kept,
        unstable,
        unstable_times,
        not_run,
    } = state;
    whole.shards.extend(shards);
    whole.seconds += seconds;
    whole.scenarios = whole.scenarios.max(scenarios);
    // A merged state says how many units are done, not which.
    whole.done = whole.units() + done + done_above.len() as u64;
    whole.done_above.clear();
    for (lane, went) in lanes {
        let mine = whole.lanes.entry(lane).or_default();
        *mine = mine.and(&went);
    }
    for kind in kinds {
        whole.came(kind.key, kind.units);
    }
    for finding in findings {
        whole.take(&finding.from, finding.found);
    }
    whole.not_kept += not_kept;
    let told = unstable.len() as u64;
    whole.unstable_all(unstable);
    whole.unstable_times += unstable_times - told;
    if not_run.0 > 0 {
        whole.not_run = (whole.not_run.0 + not_run.0, not_run.1);
    }
}

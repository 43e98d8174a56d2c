//! Makes the table.

use super::cell::cell;
use super::open::{open, rules};
use super::{Drill, Drills, Participant, SCHEMA, Told};

/// The table of these drills and these participants.
#[must_use]
pub fn build(drills: &[Told], participants: &[Participant]) -> Drills {
    Drills {
        schema: SCHEMA.to_owned(),
        columns: participants.iter().map(Participant::column).collect(),
        drills: drills.iter().map(|told| drill(told, participants)).collect(),
    }
}

fn drill(told: &Told, participants: &[Participant]) -> Drill {
    Drill {
        name: told.name.clone(),
        file: told.file.path.clone(),
        title: told.file.scenario.title.clone(),
        story: told.story.clone(),
        helps: told.helps.clone(),
        rules: rules(told),
        open: open(told),
        cells: participants.iter().map(|participant| cell(told, participant)).collect(),
        steps: told.steps(),
    }
}

//! Callbacks with scripts.

use session_model::application::{Callbacks, Copy, ExternalPolicy, GetScript, NewScript};

use crate::source::choices::Choices;

/// Each callback set or not, with up to three answers of its own before the one that stays.
pub(super) fn draw_callbacks(choices: &mut impl Choices) -> Callbacks {
    let new = (choices.below(2) == 1).then(|| NewScript {
        first: (0..choices.below(4)).map(|_| choices.below(2) == 1).collect(),
        then: choices.below(2) == 1,
    });
    let get = (choices.below(2) == 1).then(|| GetScript {
        first: (0..choices.below(4)).map(|_| draw_copy(choices)).collect(),
        then: draw_copy(choices),
    });
    Callbacks { new, get, remove: choices.below(4) > 0 }
}

fn draw_copy(choices: &mut impl Choices) -> Copy {
    choices.pick(&[Copy::One, Copy::Zero, Copy::Unset])
}

pub(super) fn draw_policy(choices: &mut impl Choices) -> ExternalPolicy {
    ExternalPolicy { stores_new: choices.below(4) < 3, forgets_removed: choices.below(4) < 3 }
}

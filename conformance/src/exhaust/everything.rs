//! All scopes one after the other, length by length: a source of traces for whoever does not ask which scope.

use session_model::Profile;

use super::scope::Scope;
use super::walk::Walk;
use super::word::Word;
use crate::trace::Trace;

/// The traces of all scopes, those of one length before longer ones. Each state is gone on from: no subject has a say.
pub struct Everything {
    walks: Vec<Walk>,
    at: usize,
    length: usize,
}

impl Everything {
    /// Over the states of the model under this profile.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let walks = Scope::all().iter().map(|scope| Walk::new(scope, profile, Word::MOST)).collect();
        Self { walks, at: 0, length: 1 }
    }
}

impl Iterator for Everything {
    type Item = (&'static Scope, Word, Trace);

    fn next(&mut self) -> Option<Self::Item> {
        while self.length <= Word::MOST {
            let walk = &mut self.walks[self.at];
            let scope = walk.scope();
            let Some(behaviour) = walk.advance(self.length) else {
                self.at += 1;
                if self.at == self.walks.len() {
                    (self.at, self.length) = (0, self.length + 1);
                }
                continue;
            };
            let next = (scope, behaviour.word, behaviour.trace.clone());
            walk.enter();
            return Some(next);
        }
        None
    }
}

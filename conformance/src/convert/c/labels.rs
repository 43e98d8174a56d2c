//! What a program calls each object: by its name, or by the handshake that made it.

use std::collections::BTreeMap;

use session_model::{Mechanism, SessionRef};

use crate::numbers::{Handshake, Numbered, Numbering};
use crate::op::{Accept, Op};
use crate::trace::Setup;
use crate::transcript::Answer;

/// The handshakes so far, and the names of objects.
pub(super) struct Labels {
    numbering: Numbering,
    names: BTreeMap<SessionRef, String>,
    /// By the first object that each may make.
    handshakes: BTreeMap<SessionRef, Handshake>,
    /// What the last step was about.
    last: Numbered,
}

impl Labels {
    pub(super) fn of(setup: &Setup) -> Self {
        let numbering = Numbering::of(setup);
        Self { numbering, names: BTreeMap::new(), handshakes: BTreeMap::new(), last: Numbered::default() }
    }

    /// An object has this name; the first one stays.
    pub(super) fn name(&mut self, session: SessionRef, name: &str) {
        self.names.entry(session).or_insert_with(|| name.to_owned());
    }

    /// An op was answered.
    pub(super) fn step(&mut self, op: &Op, answer: Answer) {
        self.last = self.numbering.step(op, answer);
        if let Some((_, handshake)) = self.last.began {
            self.handshakes.insert(handshake.server_session, handshake);
        }
    }

    /// How the connection was begun whose handshake the last step has ended, with the names of what that makes.
    pub(super) fn ended(&self) -> Option<&Accept> {
        self.last.ended.as_ref().map(|(accept, _)| accept)
    }

    /// What the program calls it in what it shows of the last step.
    pub(super) fn label(&self, session: SessionRef) -> String {
        if let Some(name) = self.names.get(&session) {
            return name.clone();
        }
        let Some((_, made_by)) = self.handshakes.range(..=session).next_back() else {
            unreachable!("whatever is made by hand has a name")
        };
        let Handshake { server_session, client_session, .. } = made_by;
        let (whose, how, nth) = match session {
            _ if made_by.opened() == Some(session) => ("server", "opened", 0),
            _ if session < *client_session => ("server", "new", session.0 - server_session.0),
            _ => ("client", "new", session.0 - client_session.0),
        };
        let nth = if nth == 0 { String::new() } else { format!(" {}", nth + 1) };
        let current = self.last.began.or(self.last.ended).map(|(_, handshake)| handshake.connection);
        match current == Some(made_by.connection) {
            true => format!("the {whose}'s {how} session{nth}"),
            false => format!("the {whose}'s {how} session{nth} of handshake {}", made_by.connection.0 + 1),
        }
    }

    /// How many objects there may have been.
    pub(super) fn objects(&self) -> usize {
        let each = self.handshakes.values().map(|made| match made.mechanism {
            Mechanism::Ids => 2,
            _ => 1 + 2 * usize::from(made.mechanism.tickets().max(1)),
        });
        self.names.len() + each.sum::<usize>()
    }
}

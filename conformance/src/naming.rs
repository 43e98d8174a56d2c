//! Which object of a transcript a trace calls by which name.
//!
//! Given the trace and what each op answered, the numbers of objects follow ([`crate::numbers`]), and with them which
//! of them was given which name.

use session_model::SessionRef;

use crate::numbers::{Handshake, Numbering};
use crate::op::{Accept, Name, Op, made};
use crate::trace::{Names, Trace};
use crate::transcript::{Answer, Transcript};

/// The name of each object that has one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Naming {
    /// By [`SessionRef`].
    names: Vec<Option<Name>>,
    bound: Vec<Option<SessionRef>>,
}

impl Naming {
    /// The names as far as the transcript goes.
    #[must_use]
    pub fn of(trace: &Trace, transcript: &Transcript) -> Self {
        let mut naming = Self::default();
        for n in 0..trace.setup.sessions.len() {
            let n = u32::try_from(n).expect("fewer than 2^32 sessions");
            naming.bind(Name(n), SessionRef(n));
        }
        let mut numbering = Numbering::of(&trace.setup);
        for ((_, op), seen) in trace.executed().zip(&transcript.steps) {
            let numbered = numbering.step(&op, seen.answer);
            if let (Some(c), Op::Session(name, _)) = (numbered.session, &*op) {
                naming.bind(*name, c);
            }
            if let Some((accept, handshake)) = numbered.ended {
                naming.bind_made(&accept, &handshake, seen.answer);
            }
        }
        naming
    }

    fn bind_made(&mut self, accept: &Accept, handshake: &Handshake, answer: Answer) {
        let Answer::Returns(answer) = answer else { return };
        let made = made(accept.mechanism, answer);
        let client = accept.client.map(|_| handshake.client_session);
        let sides = [(Some(handshake.server_session), accept.makes.server), (client, accept.makes.client)];
        for (first, names) in sides.into_iter().filter_map(|(first, names)| Some((first?, names))) {
            for (n, name) in (0..).zip(&names[..made]).filter_map(|(n, name)| Some((n, (*name)?))) {
                self.bind(name, SessionRef(first.0 + n));
            }
        }
    }

    fn bind(&mut self, name: Name, c: SessionRef) {
        let slot = name.0 as usize;
        self.bound.resize(self.bound.len().max(slot + 1), None);
        if self.bound[slot].is_none() {
            self.bound[slot] = Some(c);
            let number = c.0 as usize;
            self.names.resize(self.names.len().max(number + 1), None);
            self.names[number] = Some(name);
        }
    }

    /// The name of an object.
    #[must_use]
    pub fn name(&self, c: SessionRef) -> Option<Name> {
        self.names.get(c.0 as usize).copied().flatten()
    }

    /// The object of a name.
    #[must_use]
    pub fn object(&self, name: Name) -> Option<SessionRef> {
        self.bound.get(name.0 as usize).copied().flatten()
    }

    /// An object as people call it: `` `a` ``, or its number when it has no name.
    #[must_use]
    pub fn show(&self, names: &Names, c: SessionRef) -> String {
        match self.name(c) {
            Some(name) => format!("`{}`", names.session(name)),
            None if c.0 == u32::MAX => "an object that nobody named".to_owned(),
            None => format!("the unnamed session #{}", c.0),
        }
    }
}

//! Which object of a transcript a trace calls by which name.
//!
//! The driver numbers objects in the order in which they could come into being; given the trace and what each op
//! answered, the numbers follow.

use session_model::SessionRef;

use crate::driver::Objects;
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
        for name in 0..trace.setup.sessions.len() {
            naming.make(Name(u32::try_from(name).expect("fewer than 2^32 sessions")));
        }
        let mut begun: Vec<Option<(Accept, SessionRef)>> = Vec::new();
        for ((_, op), seen) in trace.executed().zip(&transcript.steps) {
            naming.step(&op, seen.answer, &mut begun);
        }
        naming
    }

    fn step(&mut self, op: &Op, answer: Answer, begun: &mut Vec<Option<(Accept, SessionRef)>>) {
        if answer == Answer::Absent {
            return;
        }
        match op {
            Op::Session(name, _) => self.make(*name),
            Op::Handshake(accept, _) => {
                let server = self.make_objects(accept);
                self.bind_made(accept, server, answer);
            }
            Op::AcceptBegin(k, accept) => {
                let server = self.make_objects(accept);
                let slot = k.0 as usize;
                begun.resize(begun.len().max(slot + 1), None);
                begun[slot] = Some((*accept, server));
            }
            Op::AcceptFinish(k) => {
                if let Some(Some((accept, server))) = begun.get(k.0 as usize) {
                    self.bind_made(accept, *server, answer);
                }
            }
            Op::Renegotiate(k, again) => {
                if let Some(Some((accept, _))) = begun.get(k.0 as usize) {
                    let accept = Accept { makes: again.makes, ..*accept };
                    let server = self.make_objects(&accept);
                    self.bind_made(&accept, server, answer);
                }
            }
            _ => {}
        }
    }

    fn make(&mut self, name: Name) {
        let c = SessionRef(u32::try_from(self.names.len()).expect("fewer than 2^32 objects"));
        self.names.push(None);
        self.bind(name, c);
    }

    fn make_objects(&mut self, accept: &Accept) -> SessionRef {
        let server = SessionRef(u32::try_from(self.names.len()).expect("fewer than 2^32 objects"));
        self.names.resize(self.names.len() + Objects::of(accept.mechanism).count as usize, None);
        server
    }

    fn bind_made(&mut self, accept: &Accept, server: SessionRef, answer: Answer) {
        let Answer::Returns(answer) = answer else { return };
        let made = made(accept.mechanism, answer);
        let client = SessionRef(server.0 + Objects::of(accept.mechanism).client);
        let sides = [(Some(server), accept.makes.server), (accept.client.map(|_| client), accept.makes.client)];
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
            self.names[c.0 as usize] = Some(name);
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

//! Which sessions a trace has: what an answer may speak of, and which of them a handshake can have resumed or made.
//!
//! Not here: which it should; that is for the model to say.

use session_model::SessionId;

use super::wire::{Accept, Again, Call, Kind, Makes, Said};

/// The sessions of one trace, by number, and its connections.
#[derive(Default)]
pub(super) struct Sessions {
    known: Vec<Session>,
    /// How many of them somebody has spoken of.
    count: usize,
    connections: Vec<Option<Handshake>>,
}

#[derive(Clone, Default)]
struct Session {
    /// `None`: a number that nobody has spoken of.
    id: Option<String>,
    /// Whether it was made by hand, or said to be made.
    made: bool,
    destroyed: bool,
}

/// The last handshake of a connection.
#[derive(Clone, Copy)]
struct Handshake {
    server: u32,
    client: Option<u32>,
    failed: bool,
}

impl Sessions {
    /// How many sessions there can be by now.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Takes in what an op makes, or may make.
    pub(super) fn announce(&mut self, op: &Call) {
        match op {
            Call::Session { session, id, .. } => self.session(*session, id).made = true,
            Call::AcceptBegin(Accept { connection, makes, .. })
            | Call::Renegotiate(Again { connection, makes, .. }) => {
                let Makes { id, server_session: server, client_session: client } = makes;
                for session in [Some(*server), *client].into_iter().flatten() {
                    self.session(session, id);
                }
                let at = *connection as usize;
                self.connections.resize(self.connections.len().max(at + 1), None);
                self.connections[at] = Some(Handshake { server: *server, client: *client, failed: false });
            }
            _ => {}
        }
    }

    fn session(&mut self, number: u32, id: &str) -> &mut Session {
        let at = number as usize;
        self.known.resize(self.known.len().max(at + 1), Session::default());
        let session = &mut self.known[at];
        if session.id.replace(id.to_owned()).is_none() {
            self.count += 1;
        }
        session
    }

    /// Whether the trace has, or may have by now, a session of this number.
    pub(super) fn known(&self, number: u32) -> Result<(), String> {
        match self.get(number) {
            Some(_) => Ok(()),
            None => Err(format!("it speaks of session {number}, which the trace has not made")),
        }
    }

    fn get(&self, number: u32) -> Option<&Session> {
        self.known.get(number as usize).filter(|session| session.id.is_some())
    }

    /// Whether a handshake can have come to this.
    pub(super) fn negotiated(&mut self, op: &Call, said: &Said) -> Result<(), String> {
        if let Some(session) = said.session {
            self.resumed(op, session)?;
        }
        let (connection, ends) = match op {
            Call::AcceptBegin(Accept { connection, .. }) => (Some(*connection), false),
            Call::AcceptFinish { connection } | Call::Renegotiate(Again { connection, .. }) => {
                (Some(*connection), true)
            }
            _ => (None, false),
        };
        let mut handshake = connection.and_then(|connection| self.connections.get_mut(connection as usize)?.as_mut());
        if let Some(handshake) = &mut handshake {
            if handshake.failed && said.returns != Some(-1) {
                return Err("`returns` is not −1, and the connection has failed".to_owned());
            }
            handshake.failed = said.returns == Some(-1);
        }
        let handshake = handshake.copied().filter(|_| ends);
        for &session in &said.made {
            match handshake {
                Some(Handshake { server, client, .. }) if server == session || client == Some(session) => {}
                _ => return Err(format!("`made` has session {session}, which this op does not make")),
            }
            if said.returns != Some(0) {
                return Err("`made`, and no new session was negotiated".to_owned());
            }
            self.known[session as usize].made = true;
        }
        for &session in &said.destroyed {
            if let Some(session) = self.known.get_mut(session as usize) {
                session.destroyed = true;
            }
        }
        Ok(())
    }

    /// Whether a server can have resumed this one: it is there, and the client has proposed its id.
    fn resumed(&self, op: &Call, number: u32) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("it resumes session {number}, {what}"));
        let Some(session) = self.get(number).filter(|session| session.made) else {
            return wrong("which the trace has not made");
        };
        if session.destroyed {
            return wrong("which it has said to be destroyed");
        }
        let proposed = match op {
            Call::AcceptBegin(Accept { propose_session: Some(own), .. }) => {
                self.get(*own).and_then(|own| own.id.as_ref())
            }
            Call::AcceptBegin(Accept { propose_id, .. }) => propose_id.as_ref(),
            Call::Renegotiate(Again { kind: Kind::New, .. }) => {
                return wrong("and a `renegotiate` of kind `new` resumes none");
            }
            // What a client proposes that has a context is the session of the connection.
            Call::Renegotiate(Again { makes: Makes { client_session: Some(_), .. }, .. }) => return Ok(()),
            Call::Renegotiate(Again { propose_id, .. }) => propose_id.as_ref(),
            _ => return Ok(()),
        };
        match (proposed, &session.id) {
            (None, _) => wrong("and the client has proposed nothing"),
            (Some(proposed), Some(id)) if proposed != id => wrong(&format!("whose id is {id}; proposed is {proposed}")),
            _ => Ok(()),
        }
    }
}

/// The id with these bytes, in hexadecimal; `None`: it is none.
pub(super) fn id_of(hex: &str) -> Option<SessionId> {
    let digits = hex.bytes().map(|digit| char::from(digit).to_digit(16));
    let digits: Vec<u8> = digits.map(|digit| digit.and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    SessionId::new(&bytes)
}

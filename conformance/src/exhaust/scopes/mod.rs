//! The scopes, as data: for each what there is, and its alphabet.
//!
//! The clock begins far from 0, and what is set to a time is set to one near now: no rule but those of time 0 itself
//! knows when it all happens.

mod direct;
mod flushes;
mod handshakes;
mod tickets;

use std::sync::LazyLock;

use session_model::application::Callbacks;
use session_model::{CacheMode, ContextRef, IdContext, Mechanism, Protocol, SessionId, Time, Timeout};

use super::letter::Letter;
use super::scope::Scope;
use crate::op::{Accept, At, Close, Connection, Makes, Name, Op, Propose, SessionSpec};
use crate::trace::{ContextSetup, Names, Setup};

/// When it all begins.
const CLOCK: Time = Time(1_000_000);
const SERVER: ContextRef = ContextRef(0);
const OTHER: ContextRef = ContextRef(1);
/// The client's context, where there is one server.
const CLIENT: ContextRef = ContextRef(1);
/// The one connection that has a name.
const K: Connection = Connection(0);

pub(super) fn all() -> &'static [Scope] {
    static ALL: LazyLock<Vec<Scope>> = LazyLock::new(|| {
        vec![
            direct::direct(),
            direct::order(),
            direct::contexts(),
            handshakes::handshakes(),
            handshakes::external(),
            handshakes::switched(),
            tickets::tickets(),
            flushes::flushes(),
        ]
    });
    &ALL
}

fn letters(ops: Vec<Op>) -> Vec<Letter> {
    ops.into_iter().map(Letter).collect()
}

fn add(context: ContextRef, session: Name) -> Op {
    Op::AddSession { context, session, synonym: false }
}

fn remove(context: ContextRef, session: Name) -> Op {
    Op::RemoveSession { context, session, synonym: false }
}

fn flush(context: ContextRef, at: At) -> Op {
    Op::FlushSessions { context, at, synonym: false }
}

fn hand(context: ContextRef, id: u8, timeout: i128) -> SessionSpec {
    SessionSpec {
        context,
        id: SessionId::new(&[id]).expect("one byte is an id"),
        protocol: Protocol::Tls12,
        time: None,
        timeout: Timeout(timeout),
        id_context: IdContext::default(),
    }
}

/// A context that tells what is removed.
fn recording() -> ContextSetup {
    ContextSetup { callbacks: Callbacks { new: None, get: None, remove: true }, ..ContextSetup::default() }
}

fn setup(contexts: Vec<ContextSetup>, sessions: Vec<SessionSpec>) -> Setup {
    Setup { clock: CLOCK, contexts, sessions, hazards: false }
}

fn names(contexts: &[&str], sessions: &[&str]) -> Names {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Names { contexts: owned(contexts), sessions: owned(sessions), connections: Vec::new() }
}

/// A context that tells what is removed, with sessions that end a second after they were made.
fn short_lived(mode: CacheMode) -> ContextSetup {
    ContextSetup { mode: Some(mode), timeout: Some(Timeout(1)), ..recording() }
}

/// How a peer that is not observed begins a handshake.
fn peer(propose: Propose, mechanism: Mechanism, server: Name) -> Accept {
    let makes = Makes::first(Some(server), None);
    Accept { context: SERVER, client: None, mechanism, propose, id_context: None, switch_to: None, makes }
}

/// How the observed client begins one.
fn client(propose: Propose, mechanism: Mechanism, server: Name, own: Name) -> Accept {
    Accept { client: Some(CLIENT), makes: Makes::first(Some(server), Some(own)), ..peer(propose, mechanism, server) }
}

fn clean(accept: Accept) -> Op {
    Op::Handshake(accept, Close::Clean)
}

fn unclean(accept: Accept) -> Op {
    Op::Handshake(accept, Close::Unclean)
}

/// An id that no session has.
fn unknown() -> Propose {
    Propose::Id(SessionId::new(&[0xee]).expect("one byte is an id"))
}

//! A letter of an alphabet: an op whose names are places, and whose points in time are counted from now.
//!
//! Not here: which letters there are ([`super::scopes`]), and which names the places have ([`super::run`]).

use session_model::{Time, Timeout};

use crate::op::{Connection, Name, Op};
use crate::reduce::places::{accept_of, connection_mut, each_name, makes_of};

/// An op of an alphabet.
///
/// A session's name is a place, which has a session or none; so is a connection's. A name that a handshake gives is the
/// first place of a pool: the session takes a free place there, or, when there is none, no name. `SessionSetTime` and
/// `SetClock` are given seconds from now on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Letter(pub Op);

impl Letter {
    /// The same letter on other places.
    pub(super) fn placed(&self, of: &dyn Fn(u32) -> u32) -> Self {
        let mut op = self.0.clone();
        each_asked(&mut op, &mut |name| name.0 = of(name.0));
        Self(op)
    }

    /// The op at this time; `name` is what a place has, `gives` the name for a session that a handshake makes.
    pub(super) fn op(
        &self,
        now: Time,
        name: &dyn Fn(u32) -> Option<Name>,
        connection: &dyn Fn(u32) -> Option<Connection>,
        gives: &mut dyn FnMut(u32) -> Option<Name>,
    ) -> Option<Op> {
        let mut op = self.0.clone();
        let mut whole = true;
        each_asked(&mut op, &mut |slot| match name(slot.0) {
            Some(name) => *slot = name,
            None => whole = false,
        });
        if let Some(k) = connection_mut(&mut op) {
            match connection(k.0) {
                Some(connection) => *k = connection,
                None => whole = false,
            }
        }
        if !whole {
            return None;
        }
        if let Some(makes) = makes_of(&mut op) {
            for made in makes.each_mut() {
                *made = made.and_then(|pool| gives(pool.0));
            }
        }
        match &mut op {
            Op::SessionSetTime(_, time) | Op::SetClock(time) => *time = now + Timeout(time.0),
            _ => {}
        }
        Some(op)
    }
}

/// The names that an op is on, not those that it gives. A `repeat` has none.
fn each_asked(op: &mut Op, change: &mut dyn FnMut(&mut Name)) {
    if makes_of(op).is_none() {
        return each_name(op, change);
    }
    if let Some(accept) = accept_of(op)
        && let crate::op::Propose::Session(name) = &mut accept.propose
    {
        change(name);
    }
}

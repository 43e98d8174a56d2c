//! Whether anybody looks: a subject that agrees with a manual that is known to be wrong is one of which nothing was
//! seen, or one that answers what it is judged by.
//!
//! Not here: what the subject is held to for a verdict.

use session_model::clause::{ADD_ADDS, ADD_RETURNS};
use session_model::{Clause, ContextRef, IdContext, Profile, Protocol, SessionId, Time, Timeout};

use crate::finding::Came;
use crate::op::{Name, Op, SessionSpec};
use crate::profiles::Named;
use crate::trace::{ContextSetup, Names, Setup, Shown, Trace};
use crate::worker::{Held, StartError};

/// Rules that are broken in turn: a subject may break one of them itself.
const BROKEN: [Clause; 2] = [ADD_RETURNS, ADD_ADDS];

/// Holds the subject to a manual that does not keep a rule, with which it must not agree.
///
/// # Errors
///
/// When it agrees, with each rule; when a new worker is needed and cannot be started.
pub(crate) fn looks(held: &mut Held, profile: &Named) -> Result<(), StartError> {
    for clause in BROKEN {
        let wrong = Named { profile: Profile { broken: Some(clause), ..profile.profile }, ..profile.clone() };
        if held.check(&one_add(), &wrong)? != Came::Conforms {
            return Ok(());
        }
    }
    Err(StartError::Process("agrees with a manual that is known to be wrong: nothing is looked at".to_owned()))
}

/// A session is added to an empty cache.
fn one_add() -> Trace {
    let session = SessionSpec {
        context: ContextRef(0),
        id: SessionId::new(&[1]).expect("a byte is an id"),
        protocol: Protocol::Tls12,
        time: None,
        timeout: Timeout(300),
        id_context: IdContext::default(),
    };
    Trace {
        setup: Setup {
            clock: Time(1000),
            contexts: vec![ContextSetup::default()],
            sessions: vec![session],
            hazards: false,
        },
        ops: vec![Op::AddSession { context: ContextRef(0), session: Name(0), synonym: false }],
        shown: Shown::Everything,
        names: Names::default(),
    }
}

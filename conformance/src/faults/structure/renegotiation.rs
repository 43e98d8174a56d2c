//! Renegotiation: what a connection's second and third handshakes do otherwise than its first.

use std::collections::BTreeSet;

use session_model::ConnectionRef;
use session_model::clause::*;

use crate::driver::Begin;
use crate::faults::fault::{Fault, fault, flaw};
use crate::faults::flaw::Flaw;
use crate::faults::inner::Inner;
use crate::op::Renegotiation;
use crate::transcript::Counter;

pub(super) const TABLE: &[Fault] = &[
    fault(
        "resumed-renegotiation-uncounted",
        ACCEPT_RENEGOTIATE_COUNTS_STARTED,
        "accept_renegotiate leaves out the renegotiations that resume a session",
        flaw::<ResumedUncounted>,
        "steps: [{accept_begin: {connection: k}}, {accept_finish: k}, {renegotiate: {connection: k, abbreviated: true}}]",
    ),
    fault(
        "renegotiation-keeps-the-old-session",
        SESSION_FREE_AT_ZERO,
        "the session that a connection used before it was renegotiated anew is never freed",
        flaw::<KeepsTheOld>,
        "steps:
  - accept_begin: {connection: k, as: s}
  - accept_finish: k
  - renegotiate: {connection: k}
  - remove_session: s
  - free: s",
    ),
    fault(
        "second-renegotiation-is-new",
        RENEGOTIATE_ABBREVIATED,
        "a connection's first renegotiation alone can be abbreviated; every later one makes a new session",
        flaw::<SecondIsNew>,
        "steps:
  - accept_begin: {connection: k}
  - accept_finish: k
  - renegotiate: {connection: k, abbreviated: true}
  - renegotiate: {connection: k, abbreviated: true}",
    )
    .deep(),
];

#[derive(Default)]
struct ResumedUncounted;

impl Flaw for ResumedUncounted {
    fn renegotiate(&mut self, at: &mut Inner<'_>, k: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let answer = at.library.renegotiate(k, kind, begin);
        if answer == 1 {
            at.offset(begin.context, Counter::AcceptRenegotiate, -1);
        }
        answer
    }
}

#[derive(Default)]
struct KeepsTheOld;

impl Flaw for KeepsTheOld {
    fn renegotiate(&mut self, at: &mut Inner<'_>, k: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let open = at.open(k);
        let old = open.found.filter(|_| open.resumed).unwrap_or(open.begin.server_session);
        let held = at.hold(old);
        let answer = at.library.renegotiate(k, kind, begin);
        if held && answer != 0 {
            at.library.session_free(old);
        }
        answer
    }
}

#[derive(Default)]
struct SecondIsNew(BTreeSet<ConnectionRef>);

impl Flaw for SecondIsNew {
    fn renegotiate(&mut self, at: &mut Inner<'_>, k: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64 {
        let kind = if self.0.insert(k) { kind } else { Renegotiation::New };
        at.library.renegotiate(k, kind, begin)
    }
}

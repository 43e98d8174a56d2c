//! Passes that put a simpler context, session or op in the place of one.

use session_model::application::{Callbacks, ExternalPolicy};
use session_model::{IdContext, Mechanism, Protocol};

use super::attempt::Attempt;
use super::places::places;
use super::values::{
    simpler_ats, simpler_callbacks, simpler_modes, simpler_sizes, simpler_timeouts, simpler_times, smaller,
};
use crate::op::{Accept, Close, LongIdContext, Makes, Op, Propose, Renegotiate, Renegotiation, SessionSpec};
use crate::trace::ContextSetup;

/// Each context is left more as the library makes it.
pub(super) fn contexts(attempt: &mut Attempt) {
    for n in 0..attempt.best().setup.contexts.len() {
        while simpler_contexts(&attempt.best().setup.contexts[n])
            .into_iter()
            .any(|simpler| attempt.change(|trace| trace.setup.contexts[n] = simpler))
        {}
    }
}

/// Each session of the setup.
pub(super) fn sessions(attempt: &mut Attempt) {
    for n in 0..attempt.best().setup.sessions.len() {
        while simpler_sessions(&attempt.best().setup.sessions[n])
            .into_iter()
            .any(|simpler| attempt.change(|trace| trace.setup.sessions[n] = simpler))
        {}
    }
}

/// Each op, in blocks too.
pub(super) fn ops(attempt: &mut Attempt) {
    for place in places(attempt.best()) {
        while simpler_ops(place.of(attempt.best()))
            .into_iter()
            .any(|simpler| attempt.change(|trace| *place.of_mut(trace) = simpler))
        {}
    }
}

fn simpler_contexts(context: &ContextSetup) -> Vec<ContextSetup> {
    let mut simpler = vec![ContextSetup::default()];
    let mut with = |edit: &mut dyn FnMut(&mut ContextSetup)| {
        let mut changed = context.clone();
        edit(&mut changed);
        changed.drop_idle_calls();
        simpler.push(changed);
    };
    with(&mut |c| c.mode = None);
    with(&mut |c| c.size = None);
    with(&mut |c| c.timeout = None);
    with(&mut |c| c.id_context = IdContext::default());
    with(&mut |c| c.verify_peer = false);
    with(&mut |c| c.external = ExternalPolicy::default());
    with(&mut |c| c.external.stores_new = true);
    with(&mut |c| c.external.forgets_removed = true);
    for callbacks in simpler_callbacks(&context.callbacks) {
        with(&mut |c| c.callbacks = callbacks.clone());
    }
    for mode in context.mode.into_iter().flat_map(simpler_modes) {
        with(&mut |c| c.mode = Some(mode));
    }
    for size in context.size.into_iter().flat_map(simpler_sizes) {
        with(&mut |c| c.size = Some(size));
    }
    for timeout in context.timeout.into_iter().flat_map(simpler_timeouts) {
        with(&mut |c| c.timeout = Some(timeout));
    }
    simpler
}

fn simpler_sessions(spec: &SessionSpec) -> Vec<SessionSpec> {
    let mut simpler = vec![
        SessionSpec { time: None, ..*spec },
        SessionSpec { protocol: Protocol::default(), ..*spec },
        SessionSpec { id_context: IdContext::default(), ..*spec },
    ];
    let times = spec.time.into_iter().flat_map(simpler_times);
    simpler.extend(times.map(|time| SessionSpec { time: Some(time), ..*spec }));
    simpler.extend(simpler_timeouts(spec.timeout).map(|timeout| SessionSpec { timeout, ..*spec }));
    simpler
}

fn simpler_accepts(accept: &Accept) -> Vec<Accept> {
    let server_only = Makes { client: Makes::UNNAMED.client, ..accept.makes };
    let client_only = Makes { server: Makes::UNNAMED.server, ..accept.makes };
    let mut simpler = vec![
        Accept { propose: Propose::Nothing, client: None, makes: Makes::UNNAMED, ..*accept },
        Accept { client: None, makes: server_only, ..*accept },
        Accept { propose: Propose::Nothing, ..*accept },
        Accept { makes: client_only, ..*accept },
        Accept { makes: server_only, ..*accept },
        Accept { id_context: None, ..*accept },
        Accept { switch_to: None, ..*accept },
    ];
    simpler.extend(simpler_mechanisms(accept.mechanism).into_iter().map(|mechanism| Accept { mechanism, ..*accept }));
    simpler
}

/// Ids for tickets, stateful for stateless, fewer tickets.
fn simpler_mechanisms(mechanism: Mechanism) -> Vec<Mechanism> {
    match mechanism {
        Mechanism::Ids => Vec::new(),
        Mechanism::Tickets => vec![Mechanism::Ids],
        Mechanism::Stateful(0) => vec![Mechanism::Ids],
        Mechanism::Stateful(tickets) => vec![Mechanism::Ids, Mechanism::Stateful(1), Mechanism::Stateful(tickets - 1)],
        Mechanism::Stateless(tickets) => {
            vec![
                Mechanism::Ids,
                Mechanism::Stateful(tickets),
                Mechanism::Stateless(1),
                Mechanism::Stateless(tickets.saturating_sub(1)),
            ]
        }
    }
}

fn simpler_ops(op: &Op) -> Vec<Op> {
    match op {
        Op::Session(name, spec) => simpler_sessions(spec).into_iter().map(|spec| Op::Session(*name, spec)).collect(),
        Op::SessionSetTime(name, time) => simpler_times(*time).map(|time| Op::SessionSetTime(*name, time)).collect(),
        Op::SessionSetTimeout(name, timeout) => {
            simpler_timeouts(*timeout).map(|timeout| Op::SessionSetTimeout(*name, timeout)).collect()
        }
        Op::SessionSetIdContext(name, _) => {
            vec![Op::SessionSetIdContext(*name, IdContext::default())]
        }
        &Op::AddSession { context, session, .. } => vec![Op::AddSession { context, session, synonym: false }],
        &Op::RemoveSession { context, session, .. } => {
            vec![Op::RemoveSession { context, session, synonym: false }]
        }
        &Op::FlushSessions { context, at, synonym } => {
            let ats = simpler_ats(at).into_iter().map(|at| Op::FlushSessions { context, at, synonym });
            std::iter::once(Op::FlushSessions { context, at, synonym: false }).chain(ats).collect()
        }
        Op::SetTimeout(context, timeout) => {
            simpler_timeouts(*timeout).map(|timeout| Op::SetTimeout(*context, timeout)).collect()
        }
        Op::SetSessionIdContext(context, _) => {
            LongIdContext::new(b"").map(|empty| Op::SetSessionIdContext(*context, empty)).into_iter().collect()
        }
        Op::Advance(seconds) => smaller(*seconds, 0).map(Op::Advance).collect(),
        Op::SetClock(time) => simpler_times(*time).map(Op::SetClock).collect(),
        _ => simpler_settings(op),
    }
}

/// Simpler ops of those that set a context or connect.
fn simpler_settings(op: &Op) -> Vec<Op> {
    match op {
        Op::SetSessionCacheMode(context, mode) => {
            simpler_modes(*mode).into_iter().map(|mode| Op::SetSessionCacheMode(*context, mode)).collect()
        }
        Op::SessSetCacheSize(context, size) => {
            simpler_sizes(*size).map(|size| Op::SessSetCacheSize(*context, size)).collect()
        }
        Op::SetCallbacks(context, callbacks) => std::iter::once(Callbacks::default())
            .chain(simpler_callbacks(callbacks))
            .map(|callbacks| Op::SetCallbacks(*context, callbacks))
            .collect(),
        Op::AcceptBegin(connection, accept) => {
            simpler_accepts(accept).into_iter().map(|accept| Op::AcceptBegin(*connection, accept)).collect()
        }
        Op::Handshake(accept, close) => std::iter::once(Op::Handshake(*accept, Close::Clean))
            .chain(simpler_accepts(accept).into_iter().map(|accept| Op::Handshake(accept, *close)))
            .collect(),
        Op::Renegotiate(connection, again) => {
            let server_only = Makes { client: Makes::UNNAMED.client, ..again.makes };
            let client_only = Makes { server: Makes::UNNAMED.server, ..again.makes };
            let simpler = [
                Renegotiate { kind: Renegotiation::New, ..*again },
                Renegotiate { kind: Renegotiation::Abbreviated, ..*again },
                Renegotiate { makes: server_only, ..*again },
                Renegotiate { makes: client_only, ..*again },
            ];
            simpler.map(|again| Op::Renegotiate(*connection, again)).to_vec()
        }
        Op::Close(connection, _) => vec![Op::Close(*connection, Close::Clean)],
        _ => Vec::new(),
    }
}

//! Takes whole contexts away, and sets the others before the first step.

use std::collections::BTreeSet;

use session_model::{ContextRef, IdContext};

use super::attempt::Attempt;
use super::names;
use super::places::{accept_of, each_context, each_op};
use crate::op::{Makes, Name, Op};
use crate::trace::{Setup, Trace};

/// A context goes, with its sessions and with every op on it; or all of that moves to another context.
pub(super) fn drop_contexts(attempt: &mut Attempt) {
    for n in (0..attempt.best().setup.contexts.len()).rev() {
        let others = attempt.best().setup.contexts.len() as u8 - 1;
        let context = ContextRef(n as u8);
        if others == 0 || attempt.change(|trace| drop_context(trace, context)) {
            continue;
        }
        (0..=others).map(ContextRef).filter(|other| *other != context).any(|other| {
            attempt.change(|trace| {
                move_all(trace, context, other);
                drop_context(trace, context);
            })
        });
    }
}

/// What is on one context is on the other; in place of the other as its client comes an unobserved peer.
fn move_all(trace: &mut Trace, from: ContextRef, to: ContextRef) {
    let moved = |of: &mut ContextRef| *of = if *of == from { to } else { *of };
    trace.setup.sessions.iter_mut().for_each(|spec| moved(&mut spec.context));
    each_op(trace, &mut |op| {
        each_context(op, &mut |of| moved(of));
        if let Some(accept) = accept_of(op).filter(|accept| accept.client == Some(accept.context)) {
            (accept.client, accept.makes.client) = (None, Makes::UNNAMED.client);
        }
        if let Some(accept) = accept_of(op) {
            let taken = [Some(accept.context), accept.client];
            accept.switch_to = accept.switch_to.filter(|other| !taken.contains(&Some(*other)));
        }
    });
}

/// What an op sets, the setup sets.
pub(super) fn set_in_setup(attempt: &mut Attempt) {
    for step in (0..attempt.best().ops.len()).rev() {
        let op = attempt.best().ops[step].clone();
        if !op.contexts().all(|context| usize::from(context.0) < attempt.best().setup.contexts.len()) {
            continue;
        }
        attempt.change(|trace| {
            if set(&op, &mut trace.setup) {
                trace.ops.remove(step);
            }
        });
    }
}

/// Sets in the setup what this op sets; whether it is such an op.
fn set(op: &Op, setup: &mut Setup) -> bool {
    let Some(context) = op.contexts().next() else {
        return false;
    };
    let context = &mut setup.contexts[usize::from(context.0)];
    match op {
        Op::SetSessionCacheMode(_, mode) => context.mode = Some(*mode),
        Op::SessSetCacheSize(_, size) => context.size = Some(*size),
        Op::SetTimeout(_, timeout) => context.timeout = Some(*timeout),
        Op::SetCallbacks(_, callbacks) => context.callbacks = callbacks.clone(),
        Op::SetSessionIdContext(_, id_context) => match IdContext::new(id_context.as_bytes()) {
            Some(id_context) => context.id_context = id_context,
            None => return false,
        },
        _ => return false,
    }
    true
}

fn drop_context(trace: &mut Trace, context: ContextRef) {
    each_op(trace, &mut |op| {
        if let Some(accept) = accept_of(op).filter(|accept| accept.client == Some(context)) {
            (accept.client, accept.makes.client) = (None, Makes::UNNAMED.client);
        }
        if let Some(accept) = accept_of(op) {
            accept.switch_to = accept.switch_to.filter(|other| *other != context);
        }
    });
    trace.ops.retain_mut(|op| match op {
        Op::Repeat(_, block) => {
            block.retain(|op| !op.contexts().any(|of| of == context));
            !block.is_empty()
        }
        op => !op.contexts().any(|of| of == context),
    });
    let own = trace.setup.sessions.iter().zip(0..).filter(|(spec, _)| spec.context == context);
    let own: BTreeSet<Name> = own.map(|(_, n)| Name(n)).collect();
    names::drop_names(trace, &own);
    trace.setup.contexts.remove(usize::from(context.0));
    if usize::from(context.0) < trace.names.contexts.len() {
        trace.names.contexts.remove(usize::from(context.0));
    }
    let down = |of: &mut ContextRef| of.0 -= u8::from(of.0 > context.0);
    trace.setup.sessions.iter_mut().for_each(|spec| down(&mut spec.context));
    each_op(trace, &mut |op| each_context(op, &mut |of| down(of)));
}

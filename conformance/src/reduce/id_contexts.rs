//! Passes on session id contexts: equal ones change together.

use std::collections::BTreeSet;

use session_model::IdContext;

use super::attempt::Attempt;
use super::places::{accept_of, each_op, each_session};
use crate::op::{LongIdContext, Op};
use crate::trace::Trace;

/// Each id context becomes empty, one letter, or a shorter beginning of itself, wherever it stands.
pub(super) fn plain(attempt: &mut Attempt) {
    let mut all = BTreeSet::new();
    each_id_context(&mut attempt.best().clone(), &mut |bytes| {
        all.insert(bytes.to_vec());
        bytes.to_vec()
    });
    for bytes in all {
        let beginnings = [bytes.len() / 2, bytes.len().saturating_sub(1)].map(|length| &bytes[..length]);
        let plainer: [&[u8]; 5] = [b"", b"a", b"b", beginnings[0], beginnings[1]];
        for plainer in plainer {
            let changed = attempt.change(|trace| {
                each_id_context(trace, &mut |other| {
                    if other == bytes { plainer.to_vec() } else { other.to_vec() }
                });
            });
            if changed {
                break;
            }
        }
    }
}

fn each_id_context(trace: &mut Trace, change: &mut dyn FnMut(&[u8]) -> Vec<u8>) {
    let mut short = |of: &mut IdContext| {
        *of = IdContext::new(&change(of.as_bytes())).unwrap_or(*of);
    };
    trace.setup.contexts.iter_mut().for_each(|context| short(&mut context.id_context));
    each_session(trace, &mut |spec| short(&mut spec.id_context));
    each_op(trace, &mut |op| {
        if let Op::SessionSetIdContext(_, id_context) = op {
            short(id_context);
        }
        if let Some(own) = accept_of(op).and_then(|accept| accept.id_context.as_mut()) {
            short(own);
        }
    });
    each_op(trace, &mut |op| {
        if let Op::SetSessionIdContext(_, of) = op {
            *of = LongIdContext::new(&change(of.as_bytes())).unwrap_or(*of);
        }
    });
}

//! For how long the connection waits that an automatic flush falls to, when a full cache has expired.
//!
//! The question: what `AutoFlush::InSteps` saves. Compare the three figures of one run: all 20,480 leave in the
//! connection, 64 of them do, and none does.

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use session_cache::{
    AutoFlush, Begun, Context, DEFAULT_CACHE_SIZE, Negotiating, NewSession, Proposal, Protocol, Session, SessionId,
};

/// How many connections there were before: the next one is the 255th, or the one before that.
const BEFORE: [(&str, AutoFlush, u32); 3] =
    [("all", AutoFlush::All, 254), ("in steps", AutoFlush::InSteps, 254), ("no flush", AutoFlush::All, 253)];

fn id(n: u32) -> SessionId {
    SessionId::new(&n.to_be_bytes()).expect("4 bytes are an id")
}

fn begin(context: &Context<()>) -> Negotiating {
    let nothing = Proposal::new(Protocol::TLS1_2, None);
    let Begun::Full(negotiating) = context.begin_accept(nothing, 1000, &mut ()) else { panic!("nothing is proposed") };
    negotiating
}

/// A full cache in which all have expired, and a handshake that is nearly finished.
fn expired(auto_flush: AutoFlush, before: u32) -> (Context<()>, Negotiating) {
    let context = Context::new();
    context.sess_set_cache_size(DEFAULT_CACHE_SIZE + 2);
    context.set_auto_flush(auto_flush);
    for n in 0..DEFAULT_CACHE_SIZE as u32 {
        let new = NewSession::new(id(n), Protocol::TLS1_2, i64::from(n % 300), 300);
        context.add_session(&Arc::new(Session::new(new, ())), &mut ());
    }
    for _ in 0..before {
        drop(context.finish_full(begin(&context), id(u32::MAX), (), 1000, &mut ()));
    }
    let negotiating = begin(&context);
    assert_eq!(context.number(), DEFAULT_CACHE_SIZE as u64 + 1);
    (context, negotiating)
}

fn auto_flush(c: &mut Criterion) {
    let mut group = c.benchmark_group("the connection that a flush of 20,480 falls to");
    group.sample_size(30);
    for (name, auto_flush, before) in BEFORE {
        let finish = |(context, negotiating): (Context<()>, Negotiating)| {
            drop(context.finish_full(negotiating, id(u32::MAX - 1), (), 1000, &mut ()));
            context
        };
        group.bench_function(name, |b| b.iter_batched(|| expired(auto_flush, before), finish, BatchSize::PerIteration));
    }
    group.finish();
}

criterion_group!(benches, auto_flush);
criterion_main!(benches);

//! What checking costs beside a real libssl: its bare rate, for the same ops and the same contexts, against the whole
//! check. Compare the two figures of one run. `SESSCHECK_LIBSSL` names the file; without it, the machine's.
//!
//! Bare: the driver carries out every call of the trace, and looks at nothing after it.

use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sesscheck::check::check_with;
use sesscheck::driver::{Begin, Library, run};
use sesscheck::op::{Close, LongIdContext, Op, Renegotiation};
use sesscheck::profiles;
use sesscheck::source::{Lane, Seed, trace_of};
use sesscheck::subjects::libssl::{Libssl, load, locate};
use sesscheck::tally::Tally;
use sesscheck::trace::{Setup, Trace};
use sesscheck::transcript::{Counters, Member, Transcript};
use session_model::application::Callbacks;
use session_model::{CacheMode, ConnectionRef, ContextRef, IdContext, NewSession, SessionRef, Time, Timeout};

/// A libssl that is driven and not looked at.
struct Bare(Libssl);

macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty),*) $(-> $answer:ty)?;)*) => {
        $(fn $name(&mut self, $($argument: $type),*) $(-> $answer)? {
            self.0.$name($($argument),*)
        })*
    };
}

impl Library for Bare {
    fn refuses(&self, op: &Op) -> Option<String> {
        self.0.refuses(op)
    }

    fn counters(&mut self, _: ContextRef) -> Counters {
        [0; 12]
    }

    fn members(&mut self, _: ContextRef, _: &mut Vec<Member>) {}

    fn object(&mut self, session: SessionRef) -> Member {
        Member { context: None, session, time: 0, timeout: 0, resumable: false }
    }

    calls! {
        begin(setup: &Setup);
        drain(out: &mut Transcript);
        has_id(session: SessionRef) -> bool;
        set_clock(now: Time);
        session(session: SessionRef, new: &NewSession);
        session_up_ref(session: SessionRef) -> i64;
        session_free(session: SessionRef);
        session_set_time(session: SessionRef, time: Time) -> i64;
        session_get_time(session: SessionRef) -> i64;
        session_set_timeout(session: SessionRef, timeout: Timeout) -> i64;
        session_get_timeout(session: SessionRef) -> i64;
        session_is_resumable(session: SessionRef) -> i64;
        session_set1_id_context(session: SessionRef, id_context: IdContext) -> i64;
        add_session(context: ContextRef, session: SessionRef) -> i64;
        remove_session(context: ContextRef, session: SessionRef) -> i64;
        flush_sessions(context: ContextRef, tm: Time);
        set_session_cache_mode(context: ContextRef, mode: CacheMode) -> i64;
        get_session_cache_mode(context: ContextRef) -> i64;
        sess_set_cache_size(context: ContextRef, size: u32) -> i64;
        sess_get_cache_size(context: ContextRef) -> i64;
        set_timeout(context: ContextRef, timeout: Timeout) -> i64;
        get_timeout(context: ContextRef) -> i64;
        set_session_id_context(context: ContextRef, id_context: &LongIdContext) -> i64;
        set_callbacks(context: ContextRef, callbacks: &Callbacks);
        external_store(context: ContextRef, session: SessionRef);
        external_forget(context: ContextRef, session: SessionRef);
        application_release(context: ContextRef);
        ctx_free(context: ContextRef);
        accept_begin(connection: ConnectionRef, begin: &Begin) -> i64;
        accept_finish(connection: ConnectionRef) -> i64;
        renegotiate(connection: ConnectionRef, kind: Renegotiation, begin: &Begin) -> i64;
        accept_abort(connection: ConnectionRef);
        close(connection: ConnectionRef, close: Close);
    }
}

fn libssl(c: &mut Criterion) {
    let path = std::env::var_os("SESSCHECK_LIBSSL").map(PathBuf::from).or_else(locate);
    let api = match path.as_deref().map(load) {
        Some(Ok(api)) => api,
        Some(Err(why)) => return eprintln!("not run: {why}"),
        None => return eprintln!("not run: no libssl found"),
    };
    let profile = profiles::nearest(api.version()).expect("profiles of libssl are shipped").profile;
    let lanes = [("direct", Lane::Direct, 60), ("handshakes", Lane::Handshakes, 60), ("tickets", Lane::Tickets, 40)];
    for (name, lane, count) in lanes {
        let traces: Vec<Trace> = (0..count).map(|number| trace_of(Seed(1), number, lane)).collect();
        let ops: usize = traces.iter().map(|trace| trace.executed().count()).sum();
        let (mut out, mut ruled) = (Transcript::default(), Transcript::default());
        let mut group = c.benchmark_group(format!("{name}, {}", api.version()));
        group.throughput(Throughput::Elements(ops as u64));
        group.sample_size(10);
        group.bench_function("bare", |b| {
            b.iter(|| traces.iter().for_each(|trace| drop(run(Bare(Libssl::new(api)), trace, &mut out, &mut |_| {}))));
        });
        group.bench_function("checked", |b| {
            b.iter(|| {
                let mut tally = Tally::default();
                for trace in &traces {
                    drop(run(Libssl::new(api), trace, &mut out, &mut |_| {}));
                    check_with(trace, &profile, &out, &mut tally, &mut ruled);
                }
                tally.ops
            });
        });
        group.finish();
    }
}

criterion_group!(benches, libssl);
criterion_main!(benches);

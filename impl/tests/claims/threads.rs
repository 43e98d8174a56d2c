//! Threads that share a context.

use std::sync::Arc;

use session_cache::{Application, Begun, CacheMode, Close, Context, NewSession, Proposal, Protocol, Session, Why};

use crate::common::{Random, id};

/// Calls the context from inside its callbacks: that would never return if the lock were held.
struct CallsBack<'c>(&'c Context<u64>);

impl Application<u64> for CallsBack<'_> {
    fn new_session(&mut self, session: &Arc<Session<u64>>) -> bool {
        self.0.contains(session) && session.payload() % 16 != 0
    }

    fn remove_session(&mut self, _: &Arc<Session<u64>>, why: Why) {
        self.0.add_session(&Arc::new(made(self.0.counters().number, why as i64)), &mut ());
    }
}

fn made(payload: u64, time: i64) -> Session<u64> {
    let id = id((payload % 251) as u8);
    Session::new(NewSession::new(id, Protocol::TLS1_2, time, (payload % 7) as i64), payload)
}

/// One connection of one thread.
fn connect(context: &Context<u64>, random: &mut Random, now: i64) {
    let application = &mut CallsBack(context);
    let payload = random.below(1 << 20);
    let proposed = id((payload % 251) as u8);
    let proposal = Proposal::new(Protocol::TLS1_2, (payload % 3 != 0).then_some(proposed));
    let mut begun = context.begin_accept(proposal, now, application);
    if let Begun::AskExternal(asking) = begun {
        let answer = (payload % 2 == 0).then(|| Arc::new(made(payload, now)));
        begun = context.external(asking, answer, application);
    }
    let connection = match begun {
        Begun::Resume(resuming) => context.finish_resumed(resuming, now, application),
        Begun::Full(negotiating) => context.finish_full(negotiating, proposed, payload, now, application),
        Begun::Fail | Begun::AskExternal(_) => panic!("neither verified nor asked twice"),
    };
    let close = if payload % 5 == 0 { Close::Unclean } else { Close::Clean };
    context.close(connection, close, application);
}

#[test]
fn threads_that_share_a_context_leave_it_whole() {
    let context = Context::new();
    context.sess_set_cache_size(40);
    context.set_session_cache_mode(CacheMode::SERVER | CacheMode::UPDATE_TIME);
    std::thread::scope(|threads| {
        for seed in 0..4 {
            let context = &context;
            threads.spawn(move || {
                let random = &mut Random(seed * 2 + 1);
                (0..2000).for_each(|n| connect(context, random, n / 20));
            });
        }
    });
    assert_eq!(context.validate(), Ok(()));
    let counters = context.counters();
    assert_eq!((counters.accept, counters.accept_good), (8000, 8000));
    assert!(counters.number <= 40 && counters.hits > 0 && counters.cache_full > 0);
}

/// One call of one thread, on sessions and contexts that all of them share.
fn call(contexts: &[Context<u64>; 2], sessions: &[Arc<Session<u64>>], random: &mut Random, now: i64) {
    let context = &contexts[random.below(2) as usize];
    let application = &mut CallsBack(context);
    let session = &sessions[random.below(sessions.len() as u64) as usize];
    let proposal = Proposal::new(Protocol::TLS1_2, Some(*session.id()));
    match random.below(16) {
        0..3 => drop(context.add_session(session, application)),
        3 => drop(context.remove_session(session, application)),
        4 => drop(context.session_set_time(session, now)),
        5 => drop(context.session_set_timeout(session, random.below(9) as i64)),
        6 => drop(session.set_time(now)),
        7 => context.flush_sessions(now, application),
        8 => drop(context.set_timeout(random.below(9) as i64)),
        9 => {
            let modes = [CacheMode::SERVER, CacheMode::SERVER | CacheMode::UPDATE_TIME];
            context.set_session_cache_mode(modes[random.below(2) as usize]);
        }
        10 => drop(context.sess_set_cache_size(20 + random.below(20) as usize)),
        11 => {
            let counters = context.counters();
            assert!(counters.hits + counters.misses + counters.timeouts <= counters.accept);
        }
        12 => context.members(&mut Vec::new(), |member| member.expiry()),
        13 => assert!(context.cached(session.id()).is_none_or(|found| found.id() == session.id())),
        _ => drop(context.begin_accept(proposal, now, application)),
    }
}

#[test]
fn threads_that_share_contexts_and_sessions_leave_them_whole() {
    let contexts = [Context::new(), Context::new()];
    let sessions: Vec<_> = (0..120).map(|n| Arc::new(made(n, 0))).collect();
    std::thread::scope(|threads| {
        for seed in 0..4 {
            let (contexts, sessions) = (&contexts, &sessions);
            threads.spawn(move || {
                let random = &mut Random(seed * 2 + 1);
                (0..4000).for_each(|n| call(contexts, sessions, random, n / 40));
            });
        }
    });
    for context in &contexts {
        assert_eq!(context.validate(), Ok(()));
    }
    let cached = |session: &&Arc<Session<u64>>| contexts.iter().any(|context| context.contains(session));
    let (known, total) =
        (sessions.iter().filter(cached).count() as u64, contexts.each_ref().map(|c| c.counters().number));
    assert!(known <= total[0] + total[1], "{known} of {total:?}");
    assert!(sessions.iter().all(|s| contexts.iter().filter(|context| context.contains(s)).count() <= 1));
}

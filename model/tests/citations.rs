//! Which clauses a ruling cites, where no effect tells it.

use session_model::clause::{CALLBACKS_ORDER, Edition};
use session_model::{
    Clause, ContextRef, IdContext, NewContext, NewSession, Profile, Protocol, Ruling, SessionId, SessionRef, Time,
    Timeout, World,
};

const PAGES: Profile = Profile::manual(Edition::V3_3);

/// What a flush cites at a time when so many sessions have expired, and one has not.
fn cited_by_a_flush(expired: u32) -> Vec<Clause> {
    let mut world = World::new(PAGES, Time(1000));
    let (ctx, mut why): (ContextRef, _) = (world.ctx_new(NewContext::default()), Ruling::new(&PAGES));
    for (n, c) in (0..=expired).zip((0..).map(SessionRef)) {
        let id = SessionId::new(&[n as u8]).expect("1 byte");
        let timeout = Timeout(if n < expired { 100 } else { 300 });
        let (protocol, id_context) = (Protocol::Tls12, IdContext::default());
        world.new_session(c, &NewSession { id, protocol, time: Time(1000), timeout, id_context });
        world.add_session(ctx, c, &mut why);
    }
    why.clear();
    world.flush_sessions(ctx, Time(1101), &mut why);
    assert_eq!(world.members(ctx).count(), 1);
    why.decided.iter().map(|(clause, _)| *clause).collect()
}

#[test]
fn the_order_of_callbacks_is_a_question_where_two_sessions_leave() {
    let is_cited = |expired| cited_by_a_flush(expired).contains(&CALLBACKS_ORDER);
    assert_eq!([0, 1, 2, 3].map(is_cited), [false, false, true, true]);
}

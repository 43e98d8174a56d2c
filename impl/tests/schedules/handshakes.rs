//! Programs about how a handshake ends, and about its two sides' settings. What is stored at its end is one step, and
//! the count with which the automatic flush begins is another.

use session_cache::CacheMode;

use crate::explore::Op::{Step, Steps};
use crate::explore::{Program, explore, programs};
use crate::world::World;

const SERVER: CacheMode = CacheMode::SERVER;
const CLIENT: CacheMode = CacheMode::CLIENT;

programs! {
    what_is_made_is_stored_and_then_counted: |ids| World::with(ids, 2, SERVER).negotiating(), [
        [Steps(|w| w.finish_made(0), &[|w| w.store(0, SERVER), |w| w.count()])],
        [Step(|w| w.accept_made(0)), Step(|w| w.counters())],
        [Step(|w| w.remove(0)), Step(|w| w.members())],
    ];

    what_is_made_drops_another_and_is_dropped: |ids| {
        let world = World::with(ids, 2, SERVER).negotiating();
        world.context.sess_set_cache_size(2);
        world
    }, [
        [Steps(|w| w.finish_made(0), &[|w| w.store(0, SERVER), |w| w.count()])],
        [Step(|w| w.add(3)), Step(|w| w.accept_made(0))],
        [Step(|w| w.cached(0)), Step(|w| w.accept(1, 1000))],
    ];

    what_is_made_while_the_mode_is_set: |ids| World::with(ids, 1, SERVER).negotiating(), [
        [Steps(|w| w.finish_made(0), &[|w| w.store(0, SERVER), |w| w.count()])],
        [
            Step(|w| w.set_mode(SERVER | CacheMode::NO_INTERNAL_STORE)),
            Step(|w| w.accept_made(0)),
            Step(|w| w.accept_made(0)),
        ],
    ];

    two_handshakes_end_at_once_with_one_id: |ids| World::with(ids, 1, SERVER).negotiating().negotiating(), [
        [Steps(|w| w.finish_made(0), &[|w| w.store(0, SERVER), |w| w.count()])],
        [Steps(|w| w.finish_made(0), &[|w| w.store(0, SERVER), |w| w.count()])],
        [Step(|w| w.accept_made(0)), Step(|w| w.members())],
    ];

    each_ticket_is_a_step: |ids| World::with(ids, 1, SERVER).negotiating(), [
        [Steps(|w| w.finish_with_tickets(), &[|w| w.store(0, SERVER), |w| w.store(1, SERVER), |w| w.count()])],
        [Step(|w| w.accept_made(1)), Step(|w| w.accept_made(0))],
        [Step(|w| w.members()), Step(|w| w.add(1))],
    ];

    what_is_refused_was_there: |ids| World::with(ids, 1, SERVER).negotiating(), [
        [Steps(|w| w.finish_refused(0), &[|w| w.store(0, SERVER), |w| w.refuse(0), |w| w.count()])],
        [Step(|w| w.accept_made(0)), Step(|w| w.counters())],
        [Steps(|w| w.flush(1302), &[|w| w.flush(1301), |w| w.flush(1302)])],
    ];

    one_of_two_connections_flushes: |ids| World::with(ids, 1, SERVER).negotiating().about_to_flush(), [
        [Step(|w| w.finish(1301)), Step(|w| w.cached(0))],
        [Step(|w| w.finish(1301)), Step(|w| w.counters())],
        [Step(|w| w.add(1)), Step(|w| w.members())],
    ];

    a_client_proposes_what_is_resumable: |ids| World::with(ids, 1, CLIENT).connecting(0), [
        [Step(|w| w.connect(0)), Step(|w| w.connect(0))],
        [Step(|w| w.remove(0)), Step(|w| w.add(0))],
        [Steps(|w| w.finish_connect(0), &[|w| w.store(0, CLIENT), |w| w.count_connect()])],
    ];

    a_client_stores_while_the_mode_is_set: |ids| World::with(ids, 2, CLIENT).connecting(0), [
        [Steps(|w| w.finish_connect(0), &[|w| w.store(0, CLIENT), |w| w.count_connect()])],
        [Step(|w| w.set_mode(SERVER)), Step(|w| w.members())],
        [Step(|w| w.counters())],
    ];

    two_connections_of_one_session_are_closed: |ids| World::with(ids, 2, SERVER).resumed(0).resumed(0), [
        [Step(|w| w.close()), Step(|w| w.cached(0))],
        [Step(|w| w.close())],
        [Step(|w| w.add(0)), Step(|w| w.accept(0, 1000))],
    ];

    a_connection_is_closed_while_its_session_leaves: |ids| World::with(ids, 2, SERVER).resumed(0), [
        [Step(|w| w.close())],
        [Steps(|w| w.flush(1302), &[|w| w.flush(1301), |w| w.flush(1302)])],
        [Step(|w| w.remove(0)), Step(|w| w.set_time(0, 1500))],
    ];

    a_renegotiation: |ids| World::with(ids, 1, SERVER).resumed(0), [
        [Step(|w| w.renegotiate(0))],
        [Step(|w| w.remove(0)), Step(|w| w.counters())],
        [Step(|w| w.set_id_context(b"another")), Step(|w| w.accept(0, 1000))],
    ];

    what_a_ticket_holds: |ids| World::with(ids, 1, SERVER), [
        [Step(|w| w.accept_stateless()), Step(|w| w.accept_stateless())],
        [Step(|w| w.set_id_context(b"another")), Step(|w| w.set_mode(SERVER | CacheMode::UPDATE_TIME))],
        [Step(|w| w.counters())],
    ];

    whoever_is_to_be_verified: |ids| World::with(ids, 2, SERVER), [
        [
            Step(|w| {
                w.context.set_verify_peer(true);
                String::new()
            }),
            Step(|w| w.set_id_context(b"one")),
        ],
        [Step(|w| w.accept(0, 1000)), Step(|w| w.accept(1, 1000)), Step(|w| w.accept_stateless())],
    ];
}

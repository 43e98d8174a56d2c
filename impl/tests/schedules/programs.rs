//! Programs about the internal cache, its lookups, and a handshake up to its end.

use session_cache::CacheMode;

use crate::explore::Op::{Step, Steps};
use crate::explore::{Program, explore, programs};
use crate::world::World;

const SERVER: CacheMode = CacheMode::SERVER;

programs! {
    a_newcomer_and_who_is_dropped_for_it_change_places_at_once: |ids| {
        let world = World::with(ids, 2, SERVER);
        world.context.sess_set_cache_size(2);
        world
    }, [
        [Step(|w| w.add(2)), Step(|w| w.add(3))],
        [Step(|w| w.cached(2)), Step(|w| w.cached(0)), Step(|w| w.contains(3))],
        [Step(|w| w.contains(0)), Step(|w| w.contains(2)), Step(|w| w.cached(1))],
    ];

    many_are_dropped_at_once: |ids| {
        let world = World::with(ids, 4, SERVER);
        world.context.sess_set_cache_size(1);
        world
    }, [
        [Step(|w| w.add(4))],
        [Step(|w| w.cached(0)), Step(|w| w.cached(3)), Step(|w| w.cached(4))],
        [Step(|w| w.cached(3)), Step(|w| w.cached(0))],
    ];

    one_of_two_with_an_id_takes_the_place_of_the_other: |ids| World::with(ids, 1, SERVER), [
        [Step(|w| w.add(4)), Step(|w| w.cached(4))],
        [Step(|w| w.add(5)), Step(|w| w.remove(4))],
        [Step(|w| w.accept(4, 1000)), Step(|w| w.contains(4))],
    ];

    who_has_expired_is_removed_once: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.accept(0, 1301))],
        [Step(|w| w.accept(0, 1301)), Step(|w| w.cached(0))],
        [Step(|w| w.remove(0)), Step(|w| w.add(0))],
    ];

    who_has_expired_may_be_given_time_before_it_is_removed: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.accept(0, 1301)), Step(|w| w.accept(0, 1301))],
        [Step(|w| format!("{:?}", w.context.session_set_time(w.session(0), 2000)))],
    ];

    a_hit_that_sets_the_time: |ids| World::with(ids, 2, SERVER | CacheMode::UPDATE_TIME), [
        [Step(|w| w.accept(0, 1200)), Step(|w| w.accept(0, 1400))],
        [Step(|w| w.accept(0, 1100)), Step(|w| w.accept(1, 1100))],
        [Step(|w| w.remove(0)), Step(|w| w.add(0))],
    ];

    a_lookup_judges_by_time_and_timeout_of_one_moment: |ids| {
        // Expired at 5100 before, between and after; not with the time of before and the timeout of after.
        let world = World::with(ids, 2, SERVER);
        world.context.session_set_time(world.session(0), 5000).expect("it is in this context");
        world.context.session_set_timeout(world.session(0), 0).expect("it is in this context");
        world
    }, [
        [
            Step(|w| format!("{:?}", w.context.session_set_time(w.session(0), 1000))),
            Step(|w| format!("{:?}", w.context.session_set_timeout(w.session(0), 300))),
        ],
        [Step(|w| w.accept(0, 5100)), Step(|w| w.cached(0))],
    ];

    who_is_removed_by_hand_is_not_resumed_again: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.remove(0))],
        [Step(|w| w.add(0)), Step(|w| w.accept(0, 1000))],
        [Step(|w| w.accept(0, 1000))],
    ];

    a_setting_is_seen_by_all_lookups_at_once: |ids| World::with(ids, 4, SERVER), [
        [
            Step(|w| format!("{:?}", w.context.set_session_cache_mode(CacheMode::OFF))),
            Step(|w| format!("{:?}", w.context.set_timeout(7))),
        ],
        [Step(|w| w.accept(0, 1000)), Step(|w| w.accept(1, 1000)), Step(|w| w.accept(2, 1000))],
        [Step(|w| w.accept(3, 1000)), Step(|w| format!("{:?}", w.context.session_cache_mode()))],
    ];

    counters_are_of_one_moment: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| format!("{:?}", w.context.counters())), Step(|w| format!("{:?}", w.context.counters()))],
        [Step(|w| w.accept(0, 1000)), Step(|w| w.accept(3, 1000)), Step(|w| w.accept(1, 1400))],
        [Step(|w| w.add(2)), Step(|w| w.remove(0))],
    ];

    a_flush_is_a_step_for_so_many_sessions: |ids| World::with(ids, 3, SERVER), [
        [Steps(|w| w.flush(1303), &[|w| w.flush(1301), |w| w.flush(1302), |w| w.flush(1303)])],
        [Step(|w| w.accept(1, 1300)), Step(|w| w.accept(0, 1300))],
        [Step(|w| w.cached(2)), Step(|w| w.remove(1))],
    ];

    the_automatic_flush_begins_in_the_step_that_counts: |ids| World::with(ids, 1, SERVER).about_to_flush(), [
        [Step(|w| w.finish(1400))],
        [
            Step(|w| {
                let mode = SERVER | CacheMode::NO_INTERNAL_STORE | CacheMode::NO_AUTO_CLEAR;
                format!("{:?}", w.context.set_session_cache_mode(mode))
            }),
            Step(|w| w.cached(0)),
        ],
    ];

    an_automatic_flush_in_steps_is_one_a_connection: |ids| {
        World::with(ids, 3, SERVER).in_steps().about_to_flush().negotiating()
    }, [
        [Step(|w| w.finish(1400))],
        [Step(|w| w.finish(1400)), Step(|w| w.cached(1))],
        [Step(|w| w.cached(0)), Step(|w| w.cached(2))],
    ];

    a_connection_that_is_closed_uncleanly: |ids| World::with(ids, 2, SERVER).resumed(0), [
        [Step(|w| w.close())],
        [Step(|w| w.add(0)), Step(|w| w.accept(0, 1000))],
        [Step(|w| w.cached(0)), Step(|w| format!("{:?}", w.context.counters()))],
    ];

    the_answer_of_the_external_cache: |ids| World::with(ids, 1, SERVER).asking(1302), [
        [Step(|w| w.external(2))],
        [Step(|w| w.cached(2)), Step(|w| w.remove(2)), Step(|w| w.cached(2))],
        [Step(|w| format!("{}", w.other.add_session(w.session(2), &mut ())))],
    ];

    the_answer_has_expired: |ids| {
        let world = World::with(ids, 2, SERVER).asking(1303);
        world.context.sess_set_cache_size(2);
        world
    }, [
        [Step(|w| w.external(2))],
        [Step(|w| w.cached(2)), Step(|w| w.cached(0)), Step(|w| w.contains(2))],
        [Step(|w| w.cached(0)), Step(|w| w.cached(2))],
    ];

    a_session_is_in_one_of_two_contexts: |ids| World::with(ids, 1, SERVER), [
        [Step(|w| w.add(2)), Step(|w| w.remove(2))],
        [
            Step(|w| format!("{}", w.other.add_session(w.session(2), &mut ()))),
            Step(|w| format!("{:?}", w.other.session_set_time(w.session(2), 1100))),
            Step(|w| format!("{}", w.other.remove_session(w.session(2), &mut ()))),
        ],
        [Step(|w| format!("{:?}", w.session(2).set_time(1200)))],
    ];
}

//! Programs about calls that no other program has together: flushes with what comes meanwhile, sizes, times, and who
//! looks at the whole.

use session_cache::CacheMode;

use crate::explore::Op::{Step, Steps};
use crate::explore::{Program, explore, programs};
use crate::world::World;

const SERVER: CacheMode = CacheMode::SERVER;

programs! {
    who_is_added_while_a_flush_runs_leaves_too: |ids| World::with(ids, 2, SERVER), [
        [Steps(|w| w.flush(1304), &[|w| w.flush(1301), |w| w.flush(1302), |w| w.flush(1303), |w| w.flush(1304)])],
        [Step(|w| w.add(3)), Step(|w| w.cached(3))],
        [Step(|w| w.add(2))],
    ];

    who_is_given_time_while_a_flush_runs: |ids| World::with(ids, 2, SERVER), [
        [Steps(|w| w.flush(1302), &[|w| w.flush(1301), |w| w.flush(1302)])],
        [Step(|w| w.set_time(1, 2000)), Step(|w| w.set_timeout(0, 900))],
        [Step(|w| w.contains(1)), Step(|w| w.counters())],
    ];

    two_flushes: |ids| World::with(ids, 3, SERVER), [
        [Steps(|w| w.flush(1302), &[|w| w.flush(1301), |w| w.flush(1302)])],
        [Steps(|w| w.flush(1303), &[|w| w.flush(1301), |w| w.flush(1302), |w| w.flush(1303)])],
        [Step(|w| w.members())],
    ];

    a_hit_that_sets_the_time_while_a_flush_runs: |ids| World::with(ids, 2, SERVER | CacheMode::UPDATE_TIME), [
        [Steps(|w| w.flush(1302), &[|w| w.flush(1301), |w| w.flush(1302)])],
        [Step(|w| w.accept(0, 1250)), Step(|w| w.accept(1, 1250))],
        [Step(|w| w.set_mode(SERVER))],
    ];

    an_answer_while_a_flush_runs: |ids| World::with(ids, 1, SERVER).asking(1302).asking(1302), [
        [Step(|w| w.external(2))],
        [Step(|w| w.external(2)), Step(|w| w.counters())],
        [Steps(|w| w.flush(1303), &[|w| w.flush(1301), |w| w.flush(1303)])],
    ];

    two_answers_with_one_id: |ids| World::with(ids, 1, SERVER).asking(1000).asking(1000), [
        [Step(|w| w.external(4)), Step(|w| w.set_mode(SERVER | CacheMode::NO_INTERNAL_STORE))],
        [Step(|w| w.external(5)), Step(|w| w.members())],
        [Step(|w| w.accept(4, 1000))],
    ];

    a_size_that_is_set_holds_from_the_next_add_on: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.set_size(1)), Step(|w| w.add(3))],
        [Step(|w| w.add(2)), Step(|w| format!("{}", w.context.sess_cache_size()))],
        [Step(|w| w.members())],
    ];

    two_who_set_one_thing: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.set_size(1)), Step(|w| w.set_mode(CacheMode::OFF))],
        [Step(|w| w.set_size(3)), Step(|w| w.set_mode(CacheMode::BOTH))],
        [Step(|w| format!("{:?}", w.context.set_timeout(7))), Step(|w| w.set_size(2))],
    ];

    time_and_timeout_are_set_by_two: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.set_time(0, 2000)), Step(|w| w.set_timeout(0, 7))],
        [Step(|w| w.remove(0)), Step(|w| w.add(0))],
        [Step(|w| w.set_timeout(0, 500)), Step(|w| w.members())],
    ];

    who_is_given_time_is_not_dropped: |ids| {
        let world = World::with(ids, 2, SERVER);
        world.context.sess_set_cache_size(2);
        world
    }, [
        [Step(|w| w.set_time(0, 2000)), Step(|w| w.counters())],
        [Step(|w| w.add(3))],
        [Step(|w| w.add(2)), Step(|w| w.cached(0))],
    ];

    whoever_looks_at_the_whole_sees_one_moment: |ids| World::with(ids, 2, SERVER), [
        [Step(|w| w.members()), Step(|w| format!("{:?}", w.context.validate()))],
        [Step(|w| w.add(2)), Step(|w| w.remove(0))],
        [Step(|w| w.accept(1, 1400)), Step(|w| w.set_time(2, 1200))],
    ];
}

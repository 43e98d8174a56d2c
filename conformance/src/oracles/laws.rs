//! The lists: each law and each promise with its sentence, the clauses that it rests on and the readings that it needs.

use session_model::Profile;
use session_model::clause::*;

use super::law::{Broken, Grounds, Law, Promise};
use super::noops::{Noop, hold as without};
use super::{again, apart, commute, left, over_time, promises, rename, shift};
use crate::trace::Trace;
use crate::transcript::Transcript;

/// Holds a transcript to every promise that a subject of this profile has to keep.
///
/// # Errors
///
/// The first promise that is broken.
pub fn keeps_promises(trace: &Trace, transcript: &Transcript, profile: &Profile) -> Result<(), Broken> {
    let mut due = PROMISES.iter().filter(|promise| promise.grounds.excuse(profile).is_none());
    due.try_for_each(|promise| promise.keep(trace, transcript))
}

const fn on(clauses: &'static [Clause]) -> Grounds {
    Grounds { clauses, readings: &[] }
}

/// Ids and numbers may not decide which session is dropped: with an order that has a name they cannot.
const NAMED_VICTIM: (&str, &[&str]) = ("victim", &["soonest_to_expire", "first_added"]);

/// All laws.
pub const LAWS: &[Law] = &[
    Law {
        name: "an absent op can be left out",
        grounds: on(&[]),
        run: |subject, trace, _| without(Noop::Absent, subject, trace),
    },
    Law {
        name: "an op that only asks can be left out",
        grounds: on(&[TIME_GET, TIME_GET_TIMEOUT, RESUMABLE_QUERY, MODE_GET, SIZE_GET, TIMEOUT_GET]),
        run: |subject, trace, _| without(Noop::Question, subject, trace),
    },
    Law {
        name: "an identical add can be left out",
        grounds: on(&[ADD_IDENTICAL_IS_NOOP]),
        run: |subject, trace, _| without(Noop::IdenticalAdd, subject, trace),
    },
    Law {
        name: "a removal of what is not cached can be left out",
        grounds: on(&[REMOVE_ABSENT_FAILS]),
        run: |subject, trace, _| without(Noop::AbsentRemove, subject, trace),
    },
    Law {
        name: "a setting that is set already can be left out",
        grounds: on(&[
            MODE_SET_RETURNS_PREVIOUS,
            SIZE_SET_RETURNS_PREVIOUS,
            TIMEOUT_SET_RETURNS_PREVIOUS,
            TIMEOUT_ESTABLISHED_UNAFFECTED,
            SIZE_SMALLER_AT_NEXT_ADD,
        ]),
        run: |subject, trace, _| without(Noop::SameSetting, subject, trace),
    },
    Law { name: "when it all happens does not matter", grounds: on(&[TIMEOUT_LATER_THAN]), run: shift::hold },
    Law {
        name: "what the ids are does not matter",
        grounds: Grounds { clauses: &[MODE_ONE_ID], readings: &[NAMED_VICTIM] },
        run: rename::hold,
    },
    Law {
        name: "a context does not see what another does",
        grounds: Grounds { clauses: &[MODE_PER_CONTEXT], readings: &[NAMED_VICTIM] },
        run: |subject, trace, _| apart::hold(subject, trace),
    },
    Law {
        name: "ops on different contexts commute",
        grounds: Grounds { clauses: &[MODE_PER_CONTEXT], readings: &[NAMED_VICTIM] },
        run: commute::hold,
    },
    Law { name: "a run leaves nothing behind for the next", grounds: on(&[]), run: again::hold },
];

/// All promises.
pub const PROMISES: &[Promise] = &[
    Promise {
        name: "a cache holds no more than its size after an add",
        grounds: Grounds {
            // Not flush.collects: a cache that holds fewer keeps it too.
            clauses: &[SIZE_SMALLER_AT_NEXT_ADD],
            readings: &[("size.limit", &["exact"])],
        },
        run: promises::fits_its_size,
    },
    Promise {
        name: "number is how many members there are",
        grounds: on(&[NUMBER_COUNTS_MEMBERS]),
        run: promises::number_is_members,
    },
    Promise {
        name: "an id is in a cache once",
        grounds: on(&[ADD_SAME_ID_REPLACES, ADD_SAME_ID_ASSUMED_EQUAL]),
        run: promises::one_session_an_id,
    },
    Promise { name: "no counter but number goes down", grounds: on(&[]), run: promises::counters_rise },
    Promise {
        name: "a handshake counts once, and for the good when it was started",
        grounds: Grounds {
            clauses: &[
                ACCEPT_COUNTS_STARTED,
                CONNECT_COUNTS_STARTED,
                MISSES_NOT_FOUND_INTERNALLY,
                CB_HITS_COUNTS_EXTERNAL,
                TIMEOUTS_FOUND_BUT_EXPIRED,
            ],
            // A connection that is switched counts in one context, and looks up where it counts.
            readings: &[("switch.cache", &["initial"]), ("switch.counts", &["initial"])],
        },
        run: promises::counters_are_bounded,
    },
    Promise { name: "an absent op shows nothing", grounds: on(&[]), run: promises::absent_shows_nothing },
    Promise {
        name: "an object is destroyed once and not seen again",
        grounds: on(&[SESSION_FREE_AT_ZERO]),
        run: promises::destroyed_once,
    },
    Promise {
        name: "when all is given back nothing is left",
        grounds: on(&[
            SESSION_FREE_AT_ZERO,
            ADD_UP_REF,
            REMOVE_FREES_ONCE,
            NEW_CB_ZERO_FREES,
            SET_SESSION_UP_REF,
            CTX_FREE_FREES_CACHE,
        ]),
        run: left::nothing_is_left,
    },
    Promise {
        name: "a flush takes what has expired and nothing else",
        grounds: on(&[FLUSH_EXPIRED, FLUSH_BOUNDARY, TIMEOUT_LATER_THAN]),
        run: over_time::flush_takes_the_expired,
    },
    Promise {
        name: "a flush at 0 takes nothing",
        grounds: on(&[FLUSH_ZERO]),
        run: over_time::flush_at_zero_takes_nothing,
    },
    Promise {
        name: "only a cache with UPDATE_TIME sets a time by itself",
        grounds: on(&[MODE_UPDATE_TIME, TIMEOUT_ESTABLISHED_UNAFFECTED]),
        run: over_time::times_stay,
    },
    Promise {
        name: "a session that is not resumable stays so",
        grounds: on(&[REMOVE_NOT_RESUMABLE, UNCLEAN_NOT_RESUMABLE]),
        run: over_time::marks_stay,
    },
];

#[cfg(test)]
mod tests {
    use session_model::departures::Departure;
    use session_model::{Departures, Edition, Profile, Readings};

    use super::*;

    fn excuses(profile: &Profile) -> Vec<&'static str> {
        LAWS.iter().filter(|law| law.grounds.excuse(profile).is_some()).map(|law| law.name).collect()
    }

    #[test]
    fn a_known_departure_excuses_the_law_that_rests_on_its_clause_and_no_other() {
        let mut profile = crate::profiles::by_name("optimised").expect("shipped").profile;
        assert_eq!(excuses(&profile), [""; 0]);
        let departure = Departure::by_name("identical-add-moves").expect("a known departure");
        profile.departures = Departures::NONE.with(departure);
        assert_eq!(excuses(&profile), ["an identical add can be left out"]);
    }

    #[test]
    fn a_latitude_excuses_what_an_order_with_a_name_settles() {
        let profile = Profile::manual(Edition::V3_3);
        assert!(excuses(&profile).contains(&"what the ids are does not matter"));
    }

    #[test]
    fn every_axis_and_value_that_is_needed_exists() {
        let grounds = LAWS.iter().map(|law| law.grounds).chain(PROMISES.iter().map(|promise| promise.grounds));
        for (axis, values) in grounds.flat_map(|grounds| grounds.readings) {
            for value in *values {
                assert_eq!({ Readings::MANUAL }.set(axis, value), Some(()), "{axis}: {value}");
            }
        }
    }
}

//! Who has left a cache that does not tell, where no model is in step: as many as its counters and members say.
//!
//! Not here: which sessions they were, and so why each is missed; that nobody knows then.

use super::event::{Left, What};
use crate::transcript::{Counter, Counters};

/// How an internal cache stands, in its own words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    sessions: i64,
    dropped: i64,
    timeouts: i64,
    established: i64,
}

/// What a step had to do with members of the cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Moved {
    /// Sessions that came in from outside, to stay.
    pub(super) brought: i64,
    /// Members from before a flush by itself that are none after it.
    pub(super) gone: i64,
}

impl Standing {
    pub(super) fn of(counters: &Counters) -> Self {
        let of = |counter: Counter| counters[counter as usize];
        Self {
            sessions: of(Counter::Number),
            dropped: of(Counter::CacheFull),
            timeouts: of(Counter::Timeouts),
            established: of(Counter::AcceptGood),
        }
    }

    /// Whether the next handshake may flush by itself: a libssl does while so many were good, modulo 256, as 255.
    pub(super) fn may_flush(self) -> bool {
        matches!(self.established & 0xff, 0xfe | 0xff)
    }

    /// How many have left since then by this, and how, if it stands like `after` now.
    pub(super) fn left(self, what: &What, after: Self, moved: Moved) -> Left {
        let (dropped, fewer) = (after.dropped - self.dropped, self.sessions - after.sessions);
        let count = |number: i64| number.max(0).unsigned_abs();
        let left = Left { dropped: count(dropped), ..Left::default() };
        let others = count(fewer + moved.brought - dropped);
        match what {
            // What came from outside has either expired already, or taken the place of another with its id.
            What::Begin { .. } if moved.brought > 0 && after.timeouts == self.timeouts => {
                Left { removed: others, ..left }
            }
            What::Begin { .. } => Left { expired: others, ..left },
            // Who is dropped is mostly one from before.
            What::Finish(_) => Left { flushed: count(moved.gone - dropped), ..left },
            What::Flush => Left { flushed: others, ..left },
            _ => Left { removed: others, ..left },
        }
    }

    /// How many have left with the context itself.
    pub(super) fn all_left(self) -> Left {
        Left { removed: self.sessions.max(0).unsigned_abs(), ..Left::default() }
    }
}

#[cfg(test)]
mod tests {
    use session_model::{Mechanism, SessionId};

    use super::super::event::{Group, Proposes, Visit};
    use super::*;

    const BEFORE: Standing = Standing { sessions: 10, dropped: 3, timeouts: 5, established: 0 };

    fn left(what: &What, after: (i64, i64, i64), moved: Moved) -> Left {
        let (sessions, dropped, timeouts) = after;
        BEFORE.left(what, Standing { sessions, dropped, timeouts, established: 0 }, moved)
    }

    fn begin() -> What {
        let id = SessionId::new(b"id").expect("an id");
        let (visit, group, mechanism) = (Visit(0), Group(0), Mechanism::Ids);
        What::Begin { visit, group, mechanism, proposes: Proposes::Unknown(id) }
    }

    #[test]
    fn who_is_not_found_any_more_after_a_lookup_had_expired() {
        let none = Moved::default();
        assert_eq!(left(&begin(), (9, 3, 6), none), Left { expired: 1, ..Left::default() });
        assert_eq!(left(&begin(), (10, 3, 6), none), Left::default());
    }

    #[test]
    fn who_comes_from_outside_drops_replaces_or_has_expired() {
        let brought = Moved { brought: 1, gone: 0 };
        assert_eq!(left(&begin(), (11, 3, 5), brought), Left::default());
        assert_eq!(left(&begin(), (10, 4, 5), brought), Left { dropped: 1, ..Left::default() });
        assert_eq!(left(&begin(), (10, 3, 5), brought), Left { removed: 1, ..Left::default() });
        assert_eq!(left(&begin(), (10, 3, 6), brought), Left { expired: 1, ..Left::default() });
    }

    #[test]
    fn a_new_session_drops_others_and_a_flush_by_itself_is_counted_by_who_is_gone() {
        let finish = What::Finish(Visit(0));
        assert_eq!(left(&finish, (11, 3, 5), Moved::default()), Left::default());
        assert_eq!(left(&finish, (10, 4, 5), Moved::default()), Left { dropped: 1, ..Left::default() });
        let gone = Moved { brought: 0, gone: 8 };
        assert_eq!(left(&finish, (3, 4, 5), gone), Left { dropped: 1, flushed: 7, ..Left::default() });
    }

    #[test]
    fn a_handshake_may_flush_when_255_were_good_or_will_be_by_it() {
        let may = |established| Standing { established, ..BEFORE }.may_flush();
        assert_eq!([253, 254, 255, 256, 511, 512].map(may), [false, true, true, false, true, false]);
    }

    #[test]
    fn others_leave_by_what_is_asked_for() {
        let none = Moved::default();
        assert_eq!(left(&What::Flush, (2, 3, 5), none), Left { flushed: 8, ..Left::default() });
        let close = What::Close { visit: Visit(0), clean: false };
        assert_eq!(left(&close, (9, 3, 5), none), Left { removed: 1, ..Left::default() });
        assert_eq!(left(&What::SetSize(1), (10, 3, 5), none), Left::default());
        assert_eq!(BEFORE.all_left(), Left { removed: 10, ..Left::default() });
    }
}

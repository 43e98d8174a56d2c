//! Whether a cache is whole: table, slots, order and sessions agree.
//!
//! It walks everything, so it is for tests and for whoever looks for a fault, not for each operation.

use std::fmt;
use std::sync::Arc;

use crate::cache::InternalCache;
use crate::hash::Key;
use crate::id::SessionId;
use crate::members::Members;
use crate::session::Session;
use crate::shards::shard_of;
use crate::slots::{NONE, Use};
use crate::table::Table;

/// What is not as it should be in an internal cache, for people to read. The calls of this crate lead to none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotWhole(pub(crate) Broken);

impl fmt::Display for NotWhole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NotWhole {}

/// The same for who looks inside, and no promise to anybody else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Broken {
    /// The table names a slot that holds no session.
    Vacant { slot: u32 },
    /// The table has a slot under a tag that is not its session's.
    Tag { id: SessionId },
    /// A lookup of a session's id does not lead to it.
    Unfound { id: SessionId },
    /// A session does not know its slot.
    Seat { id: SessionId, slot: u32 },
    /// A session has its place under another expiry than its own.
    Expiry { id: SessionId, placed: i64, own: i64 },
    /// The row of an expiry does not lead from its first slot to its last and back.
    Row { expiry: i64 },
    /// The table, the rows and the slots hold different numbers of sessions.
    Number { table: usize, rows: usize, slots: usize },
    /// Filled and free slots do not make up all.
    Slots { filled: usize, free: usize, all: usize },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vacant { slot } => write!(f, "table: slot {slot} holds no session"),
            Self::Tag { id } => write!(f, "table: {id:?} has the tag of another id"),
            Self::Unfound { id } => write!(f, "table: {id:?} is not found by its id"),
            Self::Seat { id, slot } => {
                write!(f, "slot {slot}: {id:?} does not know that it is there")
            }
            Self::Expiry { id, placed, own } => {
                write!(f, "order: {id:?} has its place at {placed} and expires at {own}")
            }
            Self::Row { expiry } => write!(f, "order: the row of {expiry} is torn"),
            Self::Number { table, rows, slots } => {
                write!(f, "number: {table} sessions in the table, {rows} in the order, {slots} in slots")
            }
            Self::Slots { filled, free, all } => {
                write!(f, "slots: {filled} are filled and {free} are free, of {all}")
            }
        }
    }
}

impl<P> InternalCache<P> {
    /// Checks the whole structure. Takes time and room in proportion to the number of sessions.
    ///
    /// # Errors
    ///
    /// The first thing found that is not as it should be.
    pub fn validate(&self) -> Result<(), NotWhole> {
        self.whole().validate().map_err(NotWhole)
    }
}

/// All of a cache, while nobody changes it.
pub(crate) struct Whole<'c, P> {
    pub(crate) key: &'c Key,
    pub(crate) members: &'c Members,
    /// One, or those of the shards.
    pub(crate) tables: Vec<&'c Table<P>>,
}

impl<'c, P> Whole<'c, P> {
    /// The sessions, who expires first coming first.
    pub(crate) fn members(self) -> impl Iterator<Item = &'c Arc<Session<P>>> {
        let (sessions, members) = (self.by_slot(), self.members);
        let slots = members.order.slots(&members.slots);
        slots.map(move |slot| sessions[slot as usize].expect("who has a place is in the table"))
    }

    /// The sessions by their slots.
    pub(crate) fn by_slot(&self) -> Vec<Option<&'c Arc<Session<P>>>> {
        let mut sessions = vec![None; self.members.slots.len()];
        self.entries().for_each(|(_, slot, session)| sessions[slot as usize] = Some(session));
        sessions
    }

    /// As [`InternalCache::validate`].
    pub(crate) fn validate(&self) -> Result<(), Broken> {
        self.tables_are_whole()?;
        let rows = self.rows_are_whole()?;
        let all = &self.members.slots;
        let (table, slots) = (self.entries().count(), all.filled());
        let lengths = self.tables.iter().map(|table| table.len()).sum();
        if [table, rows, slots, lengths] != [self.members.len; 4] {
            return Err(Broken::Number { table, rows, slots });
        }
        let free = all.free().count();
        if slots + free != all.len() {
            return Err(Broken::Slots { filled: slots, free, all: all.len() });
        }
        Ok(())
    }

    fn entries(&self) -> impl Iterator<Item = (u32, u32, &'c Arc<Session<P>>)> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    fn table(&self, tag: u32) -> &'c Table<P> {
        if let [table] = self.tables[..] { table } else { self.tables[shard_of(tag)] }
    }

    fn tables_are_whole(&self) -> Result<(), Broken> {
        let all = &self.members.slots;
        for (tag, slot, session) in self.entries() {
            if slot as usize >= all.len() || all.get(slot).used == Use::Free {
                return Err(Broken::Vacant { slot });
            }
            let id = *session.id();
            if tag != self.key.tag(&id) || tag != all.get(slot).tag {
                return Err(Broken::Tag { id });
            }
            let found = self.table(tag).find(tag, |other| *other.id() == id);
            if !found.is_some_and(|(_, found)| Arc::ptr_eq(found, session)) {
                return Err(Broken::Unfound { id });
            }
            if session.seat.slot_in(self.members.number) != Some(slot) {
                return Err(Broken::Seat { id, slot });
            }
        }
        Ok(())
    }

    /// How many sessions are in the rows, whose order is that of their expiries.
    fn rows_are_whole(&self) -> Result<usize, Broken> {
        let Members { slots, order, .. } = self.members;
        let (sessions, mut placed, mut earlier) = (self.by_slot(), 0, i64::MIN);
        for (expiry, row, used) in order.rows() {
            let torn = Broken::Row { expiry };
            if expiry < earlier || row.is_empty() || !order.is_marked() {
                return Err(torn);
            }
            let (mut slot, mut before) = (row.first, NONE);
            while slot != NONE {
                let session = sessions.get(slot as usize).copied().flatten().ok_or_else(|| torn.clone())?;
                let place = slots.get(slot);
                if place.previous != before || place.used != used || placed == slots.len() {
                    return Err(torn);
                }
                if place.expiry != expiry || session.expiry() != expiry {
                    return Err(Broken::Expiry { id: *session.id(), placed: expiry, own: session.expiry() });
                }
                placed += 1;
                (before, slot) = (slot, place.next);
            }
            if before != row.last {
                return Err(torn);
            }
            earlier = expiry;
        }
        Ok(placed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Why;
    use crate::id::IdContext;
    use crate::session::{NewSession, Protocol, Session};

    fn session(id: u8) -> Arc<Session<()>> {
        let id = SessionId::new(&[id]).expect("1 byte");
        let (protocol, id_context) = (Protocol::TLS1_2, IdContext::default());
        Arc::new(Session::new(NewSession { id, protocol, time: 1000, timeout: 300, id_context }, ()))
    }

    fn cache_of(ids: &[u8]) -> InternalCache<()> {
        let mut cache = InternalCache::new(0);
        for id in ids {
            cache.add(&session(*id), &mut Vec::new());
        }
        assert_eq!(cache.validate(), Ok(()));
        cache
    }

    #[test]
    fn a_slot_that_left_the_table_alone_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        let tag = cache.members.slots.get(1).tag;
        cache.table.remove(tag, 1);
        assert_eq!(cache.whole().validate(), Err(Broken::Row { expiry: 1300 }));
    }

    #[test]
    fn a_slot_that_left_the_order_alone_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        cache.members.order.give_up_place(&mut cache.members.slots, 0);
        assert_eq!(cache.whole().validate(), Err(Broken::Number { table: 2, rows: 1, slots: 2 }));
    }

    #[test]
    fn a_tag_that_slot_and_table_have_otherwise_is_seen() {
        let mut cache = cache_of(&[1]);
        cache.members.slots.get_mut(0).tag ^= 1;
        let id = SessionId::new(&[1]).expect("1 byte");
        assert_eq!(cache.whole().validate(), Err(Broken::Tag { id }));
    }

    #[test]
    fn a_tag_that_is_not_that_of_the_id_is_seen() {
        let mut cache = cache_of(&[1]);
        let tag = cache.members.slots.get(0).tag;
        let session = cache.table.remove(tag, 0);
        cache.table.insert(tag ^ 1, 0, session);
        cache.members.slots.get_mut(0).tag = tag ^ 1;
        let id = SessionId::new(&[1]).expect("1 byte");
        assert_eq!(cache.whole().validate(), Err(Broken::Tag { id }));
    }

    #[test]
    fn a_slot_of_the_table_without_a_session_is_seen() {
        let mut cache = cache_of(&[1]);
        cache.table.insert(7, 1, session(2));
        assert_eq!(cache.whole().validate(), Err(Broken::Vacant { slot: 1 }));
    }

    #[test]
    fn a_slot_that_the_table_has_twice_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        let tag = cache.members.slots.get(0).tag;
        let session = Arc::clone(cache.whole().by_slot()[0].expect("it is filled"));
        cache.table.insert(tag, 0, session);
        assert_eq!(cache.whole().validate(), Err(Broken::Number { table: 3, rows: 2, slots: 2 }));
    }

    #[test]
    fn a_session_that_its_id_does_not_lead_to_is_seen() {
        let mut cache = cache_of(&[1]);
        let (id, tag) = (SessionId::new(&[1]).expect("1 byte"), cache.members.slots.get(0).tag);
        cache.members.slots.fill(tag);
        cache.table.insert(tag, 1, session(1));
        assert_eq!(cache.whole().validate(), Err(Broken::Unfound { id }));
    }

    #[test]
    fn a_row_whose_last_is_another_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        cache.members.slots.get_mut(0).next = NONE;
        assert_eq!(cache.whole().validate(), Err(Broken::Row { expiry: 1300 }));
    }

    #[test]
    fn a_row_without_end_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        cache.members.slots.get_mut(1).next = 0;
        cache.members.slots.get_mut(0).previous = 1;
        assert_eq!(cache.whole().validate(), Err(Broken::Row { expiry: 1300 }));
    }

    #[test]
    fn a_slot_that_is_neither_filled_nor_free_is_seen() {
        let mut cache = cache_of(&[1, 2]);
        cache.clear(Why::ContextFreed, &mut Vec::new());
        assert_eq!(cache.validate(), Ok(()));
        cache.members.slots.get_mut(1).next = NONE;
        assert_eq!(cache.whole().validate(), Err(Broken::Slots { filled: 0, free: 1, all: 2 }));
    }

    #[test]
    fn a_torn_row_is_seen() {
        let mut cache = cache_of(&[1, 2, 3]);
        cache.members.slots.get_mut(1).previous = 2;
        assert_eq!(cache.whole().validate(), Err(Broken::Row { expiry: 1300 }));
    }

    #[test]
    fn a_place_under_another_expiry_is_seen() {
        let mut cache = cache_of(&[1]);
        cache.members.order.give_up_place(&mut cache.members.slots, 0);
        cache.members.order.take_place(&mut cache.members.slots, 0, 5);
        let id = SessionId::new(&[1]).expect("1 byte");
        assert_eq!(cache.whole().validate(), Err(Broken::Expiry { id, placed: 5, own: 1300 }));
    }

    #[test]
    fn a_session_that_does_not_know_its_slot_is_seen() {
        let cache = cache_of(&[1]);
        cache.whole().by_slot()[0].expect("it is filled").seat.leave();
        let id = SessionId::new(&[1]).expect("1 byte");
        assert_eq!(cache.whole().validate(), Err(Broken::Seat { id, slot: 0 }));
    }
}

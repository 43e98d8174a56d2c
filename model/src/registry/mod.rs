//! The registry of clauses, one file a page.
//!
//! A line of a page's table: the constant, the id (the constant in lower case), the kind, the editions where they are
//! not the page's, the section and the sentences in it, the clause that a contradiction contradicts, the statement.

mod add_session;
mod ctx_free;
mod flush_sessions;
mod get_session;
mod key_update;
pub(crate) mod leaving;
mod sess_number;
mod sess_set_cache_size;
mod sess_set_get_cb;
mod session_free;
mod session_get_time;
mod session_is_resumable;
mod session_reused;
mod set_num_tickets;
mod set_options;
mod set_session;
mod set_session_cache_mode;
mod set_session_id_context;
mod set_shutdown;
mod set_timeout;
mod unwritten;

use crate::clause::Entry;

/// The tables: the seed pages first, then those they point to, then what no page has a word on.
const PAGES: [&[Entry]; 20] = [
    add_session::TABLE,
    flush_sessions::TABLE,
    set_session_cache_mode::TABLE,
    sess_set_cache_size::TABLE,
    sess_number::TABLE,
    sess_set_get_cb::TABLE,
    set_timeout::TABLE,
    session_get_time::TABLE,
    set_session_id_context::TABLE,
    session_free::TABLE,
    set_session::TABLE,
    session_reused::TABLE,
    session_is_resumable::TABLE,
    get_session::TABLE,
    ctx_free::TABLE,
    set_shutdown::TABLE,
    set_num_tickets::TABLE,
    set_options::TABLE,
    key_update::TABLE,
    unwritten::TABLE,
];

pub(crate) const COUNT: usize = {
    let (mut count, mut page) = (0, 0);
    while page < PAGES.len() {
        count += PAGES[page].len();
        page += 1;
    }
    count
};

pub(crate) static ENTRIES: [Entry; COUNT] = {
    let mut entries = [PAGES[0][0]; COUNT];
    let (mut at, mut page) = (0, 0);
    while page < PAGES.len() {
        let mut line = 0;
        while line < PAGES[page].len() {
            entries[at] = PAGES[page][line];
            at += 1;
            line += 1;
        }
        page += 1;
    }
    entries
};

/// One constant a clause.
pub(crate) mod constants {
    pub use super::add_session::constants::*;
    pub use super::ctx_free::constants::*;
    pub use super::flush_sessions::constants::*;
    pub use super::get_session::constants::*;
    pub use super::key_update::constants::*;
    pub use super::sess_number::constants::*;
    pub use super::sess_set_cache_size::constants::*;
    pub use super::sess_set_get_cb::constants::*;
    pub use super::session_free::constants::*;
    pub use super::session_get_time::constants::*;
    pub use super::session_is_resumable::constants::*;
    pub use super::session_reused::constants::*;
    pub use super::set_num_tickets::constants::*;
    pub use super::set_options::constants::*;
    pub use super::set_session::constants::*;
    pub use super::set_session_cache_mode::constants::*;
    pub use super::set_session_id_context::constants::*;
    pub use super::set_shutdown::constants::*;
    pub use super::set_timeout::constants::*;
    pub use super::unwritten::constants::*;
}

/// Makes a page's table and the constants of its clauses.
macro_rules! clauses {
    (
        $page:literal, $first:ident..=$last:ident;
        $(
            $name:ident $id:literal $kind:ident $(($from:ident..=$until:ident))?
            $section:literal [$($sentence:literal),*] $(against $other:literal)?
            $statement:literal;
        )*
    ) => {
        pub(super) const TABLE: &[crate::clause::Entry] = &[$(
            crate::clause::Entry {
                id: $id,
                kind: crate::clause::Kind::$kind,
                first: super::edition!($first $(, $from)?),
                last: super::edition!($last $(, $until)?),
                page: $page,
                section: $section,
                sentences: &[$($sentence),*],
                statement: $statement,
                against: super::against!($($other)?),
            },
        )*];

        pub(super) mod constants {
            use crate::clause::Clause;
            $(
                #[doc = concat!("`", $id, "`: ", $statement, ".")]
                pub const $name: Clause = Clause::named($id);
            )*

            #[cfg(test)]
            #[test]
            fn each_constant_is_named_as_its_id() {
                $(assert_eq!(stringify!($name), $id.to_uppercase().replace(['.', '-'], "_"));)*
            }
        }
    };
}

/// The clause's own edition if it has one, else the page's.
macro_rules! edition {
    ($page:ident) => {
        crate::clause::Edition::$page
    };
    ($page:ident, $clause:ident) => {
        crate::clause::Edition::$clause
    };
}

macro_rules! against {
    () => {
        None
    };
    ($other:literal) => {
        Some($other)
    };
}

use {against, clauses, edition};

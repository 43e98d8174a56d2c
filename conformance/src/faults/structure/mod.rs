//! Faults of structure, by the part of a cache that they sit in. Each stands with what shows it.
//!
//! They are written from the man pages and from the calls that every library here offers; none knows how traces are
//! made.

mod auto_flush;
mod callbacks;
mod comparisons;
mod counters;
mod id_contexts;
mod index;
mod modes;
mod references;
mod renegotiation;
mod sequences;
mod size;
mod tickets;
mod time;

use super::fault::Fault;
use super::inner::without;

/// All of them, by family.
const FAMILIES: [(&str, &[Fault]); 13] = [
    ("references", references::TABLE),
    ("index", index::TABLE),
    ("counters", counters::TABLE),
    ("comparisons", comparisons::TABLE),
    ("time", time::TABLE),
    ("automatic flush", auto_flush::TABLE),
    ("size", size::TABLE),
    ("callbacks", callbacks::TABLE),
    ("modes", modes::TABLE),
    ("id contexts", id_contexts::TABLE),
    ("tickets", tickets::TABLE),
    ("renegotiation", renegotiation::TABLE),
    ("sequences", sequences::TABLE),
];

pub(super) fn all() -> impl Iterator<Item = Fault> {
    FAMILIES.into_iter().flat_map(|(family, table)| table.iter().map(move |fault| Fault { family, ..*fault }))
}

//! Our cache and its peers on the same workloads, side by side.
//!
//! `benches/caches.rs` runs what is asked for: each workload in rounds of all subjects ([`rounds`]), printed as a table
//! of ratios and as tables of what belongs together ([`series`]), with plots on a page ([`page`]) and, for README.md,
//! in short ([`markdown`]).
//!
//! Where to add
//!
//! - a peer: a file in [`peers`], and a line in [`peers::ALL`]; what it does less than it is asked to, in
//!   [`peer::Less`];
//! - a workload: a line in [`workloads::ALL`]; one that is to be held against others of them, a line in [`series::ALL`];
//!   an op whose growth is measured, in [`workloads::growth::ALL`];
//! - a measure: in [`workload::Measure`], with its unit, and in [`run`], which says how it is taken;
//! - a row or column of README's table: in [`markdown`], and there.
//!
//! What is fair: sessions are made beforehand, one set for all of a kind, and the cache with all that it takes
//! beforehand is within what is measured of memory. Time is that of the thread, but for several threads, who are timed
//! by the clock on the wall. Who is exact is held to find as many sessions as ours does; where another finds another
//! share, or was stopped since its time was up, it is said below the line.
//!
//! What a lookup is: the session by its id, and a reference on it, nothing else. Of ours that is `Context::cached`,
//! which counts nothing and judges no expiry, as a map does not; moka and mini-moka judge it by the real clock, since
//! they cannot be asked without. What a server asks of ours when a client offers a session is `begin_accept`, which does
//! both, and is not measured here.
//!
//! The maps, that with an index among them, have hashbrown's hasher; moka, mini-moka, quick_cache and rustls theirs.
//!
//! Not here: criterion. It measures one subject to the end before the next, and on a machine that others share a minute
//! later is another machine; here each round has every subject in turn, and what counts is the ratio to ours within the
//! round, of which the median is shown.

pub mod markdown;
pub mod page;
pub mod peer;
pub mod peers;
pub mod rounds;
pub mod run;
pub mod series;
pub mod stopwatch;
pub mod table;
pub mod workload;
pub mod workloads;

mod crafted;
mod draws;
mod memory;
mod plot;

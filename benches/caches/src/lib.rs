//! Our cache and its peers on the same workloads, side by side.
//!
//! A peer is added in [`peers`], a workload in [`workloads`]; `benches/caches.rs` runs what is asked for. Not here:
//! criterion. It measures one subject to the end before the next, and on a machine that others share a minute later
//! is another machine; here each round has every subject in turn, and what counts is the ratio to ours within the
//! round, of which the median is shown.

pub mod page;
pub mod peer;
pub mod peers;
pub mod rounds;
pub mod stopwatch;
pub mod table;
pub mod workload;
pub mod workloads;

mod draws;

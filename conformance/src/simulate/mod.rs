//! Days of a service's traffic in seconds: what a session cache does to it, and whether it keeps its word meanwhile.
//!
//! ```text
//!  a workload in YAML ─► traffic ── Event ──► service ── Outcome ──► answers ──► text, JSON, CSV, HTML
//!                           ▲                  our cache or a libssl,   │
//!                           └───── learns ─────  the model in step ◄────┘
//! ```
//!
//! Traffic knows clients and time, and nothing of caches; the service knows caches, and nothing of why a client comes;
//! what is told is made of events and outcomes alone. A run is a function of the workload and the seed: on one machine,
//! the same bytes each time; on another one, as far as its mathematical library rounds alike ([`law`]).
//!
//! Not here: TLS. A handshake is the cache's part of it, as everywhere in this crate.

pub mod answers;
mod arrivals;
pub mod asks;
mod balance;
pub mod calibration;
mod clients;
mod counted;
pub mod cut;
pub mod event;
mod external;
pub mod law;
#[cfg(test)]
mod lessons;
mod pair;
pub mod part;
mod queue;
pub mod read;
mod recycled;
pub mod run;
mod server;
pub mod service;
pub mod setting;
pub mod shipped;
pub mod sweep;
mod tape;
#[cfg(test)]
mod tests;
mod thin;
pub mod traffic;
pub mod watched;
pub mod workload;

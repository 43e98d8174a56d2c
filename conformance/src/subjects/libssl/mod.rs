//! The real libssl, loaded when it is asked for, under virtual time: TLS 1.2 with session ids and with tickets, TLS 1.3
//! with tickets of both kinds.
//!
//! What it shows is what the library itself says: its getters, its counters, its hash of members, its callbacks, and
//! the free function of its ex_data for objects that are destroyed. Nothing here decides anything about a cache.
//!
//! All `unsafe` of the project is in this folder. Two facts carry most of it. The signatures in `symbols.rs` are those
//! of the public headers from 1.1.1 to 4.0. And a session of the trace stands in its world from the moment it is
//! numbered until the library itself says that it destroys it, so that not even a library that frees too much is
//! handed what is gone. Hazards are there to break what the library promises; they run in a worker process only, and
//! even then nothing that is gone is handed over by this folder: only the library itself may still have it.

pub mod accepts;
mod api;
mod application;
mod back;
pub mod bare;
mod callbacks;
mod certificate;
mod clock;
mod connection;
mod connections;
mod contexts;
mod der;
mod handles;
mod handshake;
mod library;
mod load;
mod peer;
mod random;
mod sessions;
pub mod shared;
mod subject;
mod symbols;
mod world;

pub use api::Api;
pub use load::{LoadError, load, locate};
pub use subject::{Libssl, subject};

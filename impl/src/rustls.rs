//! Stores for rustls, with the feature `rustls`: [`ServerStore`] for `ServerConfig::session_storage`, [`ClientStore`]
//! for `ClientConfig::resumption`.
//!
//! What rustls has of its own drops who came first when it is full, and drops nobody otherwise: a session can be
//! resumed for as long as there is room. Here each has a timeout, exact to the second, and who is dropped for a
//! newcomer is who expires first. Taking a ticket out of the server's takes the same time however many there are. Calls
//! of its `get` run side by side; `take` and `put` change something, so each waits for its turn.
//!
//! Not here: tickets that a server encrypts (`ServerConfig::ticketer`). While those are on, TLS 1.3 asks no store and
//! puts nothing in. In TLS 1.2 a client that offers a ticket asks no store either, but a full handshake of one that
//! offers none still puts a session in, though a client that takes the ticket will not ask for it.
//!
//! The traits are those of rustls 0.23 and part of this crate's interface, so a change to its 0.24 is a breaking
//! release.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use rustls::client::Resumption;
//! use rustls::{ClientConfig, ServerConfig};
//! use session_cache::rustls::{ClientStore, ServerStore};
//!
//! fn with_stores(server: &mut ServerConfig, client: &mut ClientConfig) -> Arc<ServerStore> {
//!     // 20,480 sessions, each for 5 minutes; one of TLS 1.3 is a ticket, of which rustls sends two a connection.
//!     let store = Arc::new(ServerStore::new(20_480, Duration::from_secs(300)));
//!     server.session_storage = store.clone();
//!     // 1,000 sessions and tickets with all servers together, each for 2 hours.
//!     client.resumption = Resumption::store(Arc::new(ClientStore::new(1000, Duration::from_secs(7200))));
//!     // To look at its counters.
//!     store
//! }
//! ```
//!
//! # What of this crate applies
//!
//! - Time and timeout: a session is resumed up to the second time + timeout, and not in the next one. The time is that
//!   of its full handshake, or of its ticket; resuming it does not change that.
//! - Size: no store ever has more sessions than that, 0 for any number. Who expires first is dropped, never the
//!   newcomer.
//! - Flush: each time that a server's store takes a session in, up to 64 that have expired leave, so that no handshake
//!   waits for many; from a client's all do. `flush` has all leave at once, for a timer: a store that takes nothing in
//!   keeps what has expired, and does not give it.
//! - Id context: [`ServerStore::in_id_context`] has several configurations share one cache and its size, and none
//!   resumes the sessions of another.
//! - Counters: [`StoreCounters`]. rustls does not tell a store of full handshakes, so these are not counted.
//! - Nothing else: mode, external cache, callbacks, the mark of what is not resumable. rustls decides what is stored
//!   and proposed, and compares protocol, cipher suite and server name of what it is given.
//!
//! # What cannot be better from here
//!
//! - A server tells its clients that a stateful ticket of TLS 1.3 is good for 24 hours, whatever the timeout. A client
//!   that comes later than the timeout has a full handshake.
//! - A client's values do not say for how long the server will have them. rustls looks at that when it has been given
//!   one, and does not offer what is too old, so a timeout that is longer costs a handshake that is full, no more. What
//!   a server gives no lifetime, such as a session id of TLS 1.2, ends with the timeout alone.
//! - Each resumption in TLS 1.3 comes with new tickets, so a client that always comes in time has no further full
//!   handshake.
//!
//! # Secrets
//!
//! A server's values hold the secrets of sessions. They are overwritten when the last reference is dropped: when a
//! session leaves, and nobody is being served it. What rustls is given is a copy, and its matter. Nothing shows a
//! value, by `Debug` or otherwise. In a client's the secrets are in types of rustls, which overwrite them when they are
//! dropped.

use std::time::Duration;

use ::rustls::time_provider::TimeProvider;

mod client;
mod counters;
mod server;

pub use client::ClientStore;
pub use counters::StoreCounters;
pub use server::ServerStore;

/// The time of a clock, in seconds since the Epoch, if it has one.
fn now(clock: &dyn TimeProvider) -> Option<i64> {
    i64::try_from(clock.current_time()?.as_secs()).ok()
}

/// Whole seconds, and never so many that a session expires at the end of time, when nobody could flush it.
fn seconds(timeout: Duration) -> i64 {
    i64::try_from(timeout.as_secs()).map_or(LONGEST, |seconds| seconds.min(LONGEST))
}

/// In seconds.
const LONGEST: i64 = i64::MAX / 2;

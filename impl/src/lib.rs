//! The session cache of a TLS server or client, with the behaviour that the OpenSSL man pages rule.
//!
//! A [`Context`] stands for an `SSL_CTX`: it caches [`Session`]s under their ids, decides for each handshake whether a
//! session is resumed, stores what was negotiated, flushes what has expired and counts all of it. Many threads may
//! share one. Time is an argument: seconds since the Epoch, from whatever clock the caller has.
//!
//! Not here: TLS. Whoever uses it brings the handshake, and puts its secrets into a session's payload, which the cache
//! never looks at.
//!
//! ```
//! use session_cache::{Begun, Close, Context, Proposal, Protocol, SessionId};
//!
//! let context = Context::new();
//! let id = SessionId::new(b"chosen by us").expect("1 to 32 bytes");
//!
//! // A client without a session: a full handshake, whose session is cached.
//! let nothing = Proposal { protocol: Protocol::TLS1_2, id: None };
//! let Begun::Full(negotiating) = context.begin_accept(nothing, 1000, &mut ()) else { panic!("nothing to resume") };
//! let connection = context.finish_full(negotiating, id, "master secret", 1000, &mut ());
//! context.close(connection, Close::Clean, &mut ());
//!
//! // It comes back within 300 seconds and proposes that session.
//! let proposal = Proposal { protocol: Protocol::TLS1_2, id: Some(id) };
//! let Begun::Resume(resuming) = context.begin_accept(proposal, 1300, &mut ()) else { panic!("it has not expired") };
//! assert_eq!(*resuming.session().payload(), "master secret");
//! let connection = context.finish_resumed(resuming, 1300, &mut ());
//!
//! // Closed without a shutdown, the session is gone, and nobody resumes it again.
//! context.close(connection, Close::Unclean, &mut ());
//! let counters = context.counters();
//! assert_eq!((counters.accept_good, counters.hits, counters.number), (2, 1, 0));
//! ```
//!
//! # How it is built
//!
//! [`InternalCache`] is the data structure: `&mut self`, no lock, no callback; what leaves it goes into a buffer of the
//! caller's. [`Context`] puts a mutex around it, decides, counts, and calls the [`Application`] once the mutex is
//! free again, so a callback may call the context. Lock order: the context, then one session at a time.
//!
//! | operation | cost |
//! |---|---|
//! | lookup | one hash, one probe |
//! | add, remove, drop for size, set the time of | the same, and a few words of bits |
//! | flush | that for each session that leaves, and one look at the first that stays |
//!
//! A session that expires more than two hours after the first has its place in an ordered map, in at most two steps. A
//! flush of three quarters of a large cache walks the table once instead.
//!
//! The table grows without a halt: each add moves a few entries into one twice as large. The slots are a vector, which
//! the allocator moves when it is full. Neither shrinks. Beside itself a session takes 16 bytes of a table that is
//! filled between three eighths and three quarters, and 24 of a slot.
//!
//! Ids come from outside, so the hash has a random key. No behaviour depends on it.
#![forbid(unsafe_code)]

mod application;
mod cache;
mod client;
mod connection;
mod context;
mod counters;
mod expiry;
mod hash;
mod id;
mod mode;
mod ring;
mod server;
mod session;
mod slots;
mod table;
mod validate;

pub use application::{Application, Left, Why};
pub use cache::{Added, InternalCache};
pub use client::{Connecting, NotProposed, Outcome};
pub use connection::{Close, Connection, Ticket};
pub use context::{Context, DEFAULT_CACHE_SIZE, DEFAULT_TIMEOUT};
pub use counters::Counters;
pub use id::{IdContext, SessionId};
pub use mode::CacheMode;
pub use server::{Asking, Begun, Negotiating, Proposal, Resuming};
pub use session::{Cached, NewSession, Protocol, Session};
pub use validate::Broken;

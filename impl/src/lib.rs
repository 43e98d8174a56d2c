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
//! let nothing = Proposal::new(Protocol::TLS1_2, None);
//! let Begun::Full(negotiating) = context.begin_accept(nothing, 1000, &mut ()) else { panic!("nothing to resume") };
//! let connection = context.finish_full(negotiating, id, "master secret", 1000, &mut ());
//! context.close(connection, Close::Clean, &mut ());
//!
//! // It comes back within 300 seconds and proposes that session.
//! let proposal = Proposal::new(Protocol::TLS1_2, Some(id));
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
//! # Behind a TLS stack
//!
//! - **rustls**: with the feature `rustls`, the module `session_cache::rustls` has stores for its servers and clients,
//!   with a timeout, a size and counters. They are tested under its own handshakes, both protocols, up to the second.
//!   What rustls decides and does not tell a store stays its matter: that module says what this is.
//! - **libssl**: behind the callbacks for an external cache, with the crate `openssl`, many `SSL_CTX` share a
//!   [`Context`]. `new_session_cb` leads to [`Context::add_session`], `get_session_cb` to [`Context::begin_accept`],
//!   `remove_session_cb` to [`Context::remove_session`], and the payload is the DER form. Nothing here links libssl.
//! - **Anything else**: whoever brings the handshake calls [`Context::begin_accept`] with what a client proposes, does
//!   what it says, and finishes it here. Secrets go into a payload of any type, which is dropped with the last
//!   reference on its session: one that overwrites itself then, such as `Zeroizing<Vec<u8>>`, leaves nothing behind.
//!   Nothing here shows a payload or copies it.
//!
//! This crate has no dependency but for its features, and is for Rust 1.85 and later; a later one that it needs is a
//! new minor version. Types that may grow are `#[non_exhaustive]`. That of [`Begun`] is not, since a fifth way to go on
//! would concern everybody.
//!
//! # Under threads
//!
//! However many threads share a context, what all of them see is what some order of whole steps shows in which nothing
//! comes before what was done earlier (linearizability). What is a step, and for what it waits:
//!
//! - `begin_accept` and `renegotiate_accept` that find nothing, or a session that is not for this handshake, or resume
//!   one without UPDATE_TIME; both of the stateless kind; `cached`, `contains`, the getters of mode and timeout: one
//!   step. It waits for a change of the same shard, one in 16, and holds up no other lookup.
//! - The same two when they find an expired session, or resume one with UPDATE_TIME; `external`, `add_session` with all
//!   who leave for it, `remove_session`, `flush_step`, `session_set_time`, `session_set_timeout`, `begin_connect`,
//!   `renegotiate_connect`, an unclean `close`: one step. It waits for its turn: one thread at a time changes
//!   something.
//! - The setters, and `counters`, whose twelve are of one moment: one step. It waits for its turn, and lookups wait for
//!   it, but for those of the size and of the automatic flush. The getter of the size waits for its turn too.
//! - `members` and `validate`: one step. Changes wait until it is done, lookups do not.
//! - `flush_sessions`, and the automatic flush: a step for every 64 sessions that leave. It waits for its turn anew
//!   each time, and lookups wait for a step, not for the whole.
//! - What finishes a handshake: storing is one step (with tickets, one a ticket), and so are the removal of what
//!   `new_session` refuses, the count of a client's hit, and the other counters, with which the automatic flush begins.
//!
//! - The size is kept exactly: after no add that takes a session in are there more, and a smaller size takes effect at
//!   the next one. Who is dropped is who expires first at that step.
//! - Callbacks come after the step that they tell of, in its order, on the thread that made the call, with no lock
//!   held. So another thread may be told of a later step first, or have added the session again by then.
//! - Sessions that have expired at `tm` and are added while a flush runs leave too, and it is over when nobody is left
//!   who has. It takes time in proportion to those who leave, and in the automatic one it is the 255th, 510th, …
//!   connection that takes it, since the application is to be told of each of them then. After each step it offers the
//!   turn to others, in no order: under load they may wait for more than one. Under [`AutoFlush::InSteps`] the
//!   connections that follow share the work, a step each; that is no rule of the pages, but a reading of its own.
//! - A session in no internal cache that one thread gives a time and a timeout may be judged by another, as the answer
//!   of an external cache under NO_INTERNAL_STORE, by the old one and the new other.
//! - Two contexts know nothing of each other's steps: what leaves one of them at once may enter the other one by one.
//!
//! # How it is built
//!
//! [`InternalCache`] is the data structure: `&mut self`, no lock, no callback; what leaves it goes into a buffer of the
//! caller's. [`Context`] has the same members and order, but 16 tables, the shards, each behind a lock that readers
//! share. A lookup needs one of them, for reading; beside its table it has a copy of the settings, and what lookups
//! count. Whoever changes something waits for its turn, behind one more lock, and takes the shards that it changes; it
//! gives them back together, so that no lookup sees a half of it. A lookup that finds something to be changed gives
//! back its shard, waits for its turn and judges again.
//!
//! Lock order: the turn; then shards, several only with the turn and then in any order; then the id context of one
//! session. The [`Application`] is called when all are free again, so a callback may call the context.
//!
//! | operation | cost |
//! |---|---|
//! | lookup | one hash, one lock, one probe |
//! | add, remove, drop for size, set the time of | the same with two or three locks, and a few words of bits |
//! | flush | that for each session that leaves, and one look at the first that stays |
//!
//! A session that expires more than two hours after the first has its place in an ordered map, in at most two steps. A
//! flush of three quarters of a large [`InternalCache`] walks the table once instead; that of a context does not, since
//! lookups would wait for it.
//!
//! Both grow without a halt: each add moves a few entries of a table into one twice as large, and slots come in blocks of
//! 4096, which stay where they are. Neither shrinks. Beside itself a session takes 16 bytes of a table that is filled
//! between three eighths and three quarters, and 24 of a slot.
//!
//! Ids come from outside, so the hash has a random key. No behaviour depends on it.
//!
//! # For who changes it
//!
//! - `RUSTFLAGS='--cfg shuttle' cargo test -p session-cache --features rustls --test schedules` runs small programs of
//!   two and three threads under thousands of schedules each, and holds what the threads see against every order of
//!   whole steps. A test that fails keeps its schedule in a file and prints where; the same command with that file in
//!   the variable `SCHEDULE` and the name of the test at its end runs this schedule alone, of the same code. Locks and
//!   atomics come from the module `sync` for that, and so must new ones.
//! - `RUSTFLAGS='--cfg loom' cargo test -p session-cache --lib seat` goes through all executions of the one protocol
//!   that no lock covers, by which a session is in one cache at a time. `LOOM_CHECKPOINT_FILE=FILE` keeps the execution
//!   that fails, and begins with it the next time.
//! - `.ci/tsan` runs those of the tests `claims` that have real threads, and histories of up to eight threads, under
//!   ThreadSanitizer; the stores for rustls are not among them. It wants a nightly toolchain with the component
//!   `rust-src`, since a standard library that is not instrumented is taken for one that races.
#![forbid(unsafe_code)]

#[cfg(all(doctest, feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;

mod application;
mod cache;
mod client;
mod connection;
mod context;
mod counters;
mod expiry;
mod hash;
mod id;
mod members;
mod mode;
mod ring;
#[cfg(feature = "rustls")]
pub mod rustls;
mod seat;
mod server;
mod session;
mod shards;
mod slots;
mod sync;
mod table;
mod validate;

pub use application::{Application, Left, Why};
pub use cache::{Added, InternalCache};
pub use client::{Connecting, NotProposed, Outcome};
pub use connection::{Close, Connection, Ticket};
pub use context::{AutoFlush, Context, DEFAULT_CACHE_SIZE, DEFAULT_TIMEOUT};
pub use counters::Counters;
pub use id::{IdContext, SessionId};
pub use mode::CacheMode;
pub use server::{Asking, Begun, Negotiating, Proposal, Resuming};
pub use session::{Cached, NewSession, Protocol, Session};
pub use validate::NotWhole;

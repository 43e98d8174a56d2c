//! The man pages of the OpenSSL session cache, executable.
//!
//! A [`World`] is what the pages speak of; its methods, named as the functions of the pages, are in `manual/`, one
//! file a page. Each call fills a [`Ruling`]: what happened, and the clause that decided it.
//!
//! Not here: input and output, clocks, threads, and anything that a library does but no page says, apart from the
//! switches in [`departures`].
//!
//! ```
//! use session_model::{Edition, NewContext, NewSession, Profile, Protocol, Ruling, SessionId, SessionRef, Time, Timeout, World};
//!
//! let profile = Profile::manual(Edition::V3_3);
//! let mut world = World::new(profile, Time(1000));
//! let mut why = Ruling::new(&profile);
//! let server = world.ctx_new(NewContext::default());
//! let a = SessionRef(0);
//! let id = SessionId::new(&[1]).expect("one byte is an id");
//! world.new_session(a, &NewSession {
//!     id, protocol: Protocol::Tls12, time: Time(1000), timeout: Timeout(300), id_context: Default::default(),
//! });
//! assert_eq!(world.add_session(server, a, &mut why), 1);
//! why.clear();
//! // NOTES of SSL_CTX_add_session(3): the very same object again is a no-op, and 0 says so.
//! assert_eq!(world.add_session(server, a, &mut why), 0);
//! assert_eq!(why.decided[0].0.id(), "add.identical-is-noop");
//! ```
#![forbid(unsafe_code)]

pub mod application;
pub mod canonical;
pub mod clause;
#[cfg(feature = "departures")]
pub mod departures;
mod internal_cache;
mod manual;
mod mode;
mod order;
mod points;
mod profile;
pub mod reading;
mod registry;
mod ruling;
mod session;
mod time;
mod world;

pub use clause::{Clause, Edition};
pub use manual::{Accept, Proposal, Renegotiate, Renegotiation};
pub use mode::CacheMode;
pub use profile::{Departures, Profile};
pub use reading::Readings;
pub use ruling::{Called, Counter, Ruling, What};
pub use session::{ConnectionRef, ContextRef, IdContext, Mechanism, NewSession, Protocol, SessionId, SessionRef};
pub use time::{Time, Timeout};
pub use world::{NewContext, World};

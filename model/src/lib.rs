//! The man pages of the OpenSSL session cache, executable.
#![forbid(unsafe_code)]

pub mod application;
mod mode;
mod session;
mod time;

pub use mode::CacheMode;
pub use session::{ConnectionRef, ContextRef, IdContext, NewSession, Protocol, SessionId, SessionRef};
pub use time::{Time, Timeout};

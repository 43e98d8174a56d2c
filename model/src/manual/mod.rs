//! The pages, one file each, one method per function, named as the function.
//!
//! Every decision cites its clause. Where the pages are open or contradict each other, a reading decides; where a
//! choice is free within one call, a latitude. Not here: what any library does otherwise.

mod add_session;
mod ctx_free;
mod flush_sessions;
mod get_session;
mod handshake;
mod renegotiate;
mod servername;
mod sess_number;
mod sess_set_cache_size;
mod sess_set_get_cb;
mod session_free;
mod session_get_time;
mod set_num_tickets;
mod set_options;
mod set_session;
mod set_session_cache_mode;
mod set_session_id_context;
mod set_timeout;

pub use handshake::{Accept, Proposal};
pub use renegotiate::{Renegotiate, Renegotiation};

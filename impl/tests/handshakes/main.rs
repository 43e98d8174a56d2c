//! The stores for rustls under its own handshakes: client and server in one process, bytes from one to the other.
//!
//! Each claim that something resumes stands beside what does not, and why: a time, a removal, a size, another name.
#![cfg(not(any(shuttle, loom)))]

mod client;
mod common;
mod random;
mod server;
mod threads;

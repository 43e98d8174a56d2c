//! The behaviour of the crate, as claims about its public calls.

mod common;
mod connection;
mod context;
mod lookup;
mod random;
mod renegotiation;
mod threads;
mod tickets;

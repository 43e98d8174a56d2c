//! The behaviour of the crate, as claims about its public calls.

mod api;
mod common;
mod connection;
mod context;
mod lookup;
mod payload;
mod random;
mod renegotiation;
mod threads;
mod tickets;

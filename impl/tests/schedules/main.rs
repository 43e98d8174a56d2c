//! The real code under schedules that shuttle chooses: whatever threads see has an order of whole steps that shows the
//! same.
//!
//! A program is a few steps for each of two or three threads. Every order of these steps is run on one thread first;
//! under each schedule what the threads were shown, and the context at the end, must be what one of those orders shows
//! that has nothing before what was done earlier (linearizability). `RUSTFLAGS='--cfg shuttle' cargo test -p
//! session-cache --features rustls --test schedules` runs it; without the flag there is nothing here.
#![cfg(shuttle)]

mod explore;
mod handshakes;
mod pairs;
mod programs;
#[cfg(feature = "rustls")]
mod stores;
mod world;

//! A long search that can be ended at any moment and goes on: a folder, units of work, and what they found.
//!
//! A unit is a number; the charter makes of it a lane and a seed of its own, so that units can be done in any order,
//! by any number of workers, and be split over machines. The folder holds the state, replaced as a whole, and a file a
//! finding, written before the unit that found it counts as done: after a kill some units are done again, and nothing
//! is lost.
//!
//! Not here: traces ([`crate::source`]), the worker in which the subject runs ([`crate::worker`]), the text of a report
//! ([`crate::render`]).

mod charter;
mod folder;
mod merge;
mod run;
mod state;
mod unit;

pub use charter::{Charter, Shard, draws};
pub use folder::{Folder, FolderError, file_of, read};
pub use merge::merge;
pub use run::{Ended, Told, Until, run};
pub use state::{Done, Finding, Kind, Lanes, SCHEMA, State, Taken};
pub use unit::Unit;

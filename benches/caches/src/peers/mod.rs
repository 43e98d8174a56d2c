//! The peers, and where one is added: a file, and a line in [`ALL`].

mod dashmap;
mod hash_map;
#[cfg(feature = "libssl")]
mod libssl;
mod mini_moka;
mod moka;
mod ordered;
mod ours;
mod quick_cache;
mod rustls;
mod scc;

use crate::peer::Subject;

/// All that are built in, in the order of the table.
pub const ALL: &[Subject] = &[
    OURS,
    Subject::of::<ours::Unlocked>(),
    #[cfg(feature = "libssl")]
    Subject::in_a_process::<libssl::Libssl>(),
    Subject::shared::<rustls::Rustls>(),
    Subject::shared::<moka::Moka>(),
    Subject::shared::<mini_moka::MiniMoka>(),
    Subject::shared::<quick_cache::Quick>(),
    Subject::shared::<ordered::Ordered>(),
    Subject::shared::<scc::Scc>(),
    Subject::shared::<dashmap::Dash>(),
    Subject::of::<hash_map::Plain>(),
];

/// What the others are compared with.
pub const OURS: Subject = Subject::shared::<ours::Shared>();

/// Those of [`ALL`] that can be run here, and what is to be said of a libssl: which one it is, or why there is none.
#[must_use]
pub fn here() -> (Vec<Subject>, String) {
    #[cfg(feature = "libssl")]
    let found = libssl::version();
    #[cfg(not(feature = "libssl"))]
    let found = Err("it is not built in".to_owned());
    let there = |subject: &Subject| subject.name != "libssl" || found.is_ok();
    let subjects = ALL.iter().copied().filter(there).collect();
    (subjects, found.unwrap_or_else(|why| format!("libssl: not run: {why}")))
}

#[cfg(test)]
pub(crate) use ours::Shared as Ours;

/// Why their times can be set in place.
const FREE: &str = "no cache of ours has it";

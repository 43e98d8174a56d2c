//! What is simulated: a cache, what it is held to, and how much of it. Not here: how it is held.

use session_model::reading::{AutoFlushExtent, OffLookup, Victim};
use session_model::{CacheMode, Mechanism};

use crate::driver::Library;
use crate::op::{Connection, Op};
use crate::profiles::Named;
use crate::simulate::part::Part;
use crate::simulate::tape::accept;
use crate::subjects::model::Model;
use crate::subjects::{CannotOpen, Spec};

/// What is simulated, and how much of it is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Against {
    /// The cache.
    pub subject: Spec,
    /// What it is held to; `None`: its own profile.
    pub profile: Option<Named>,
    /// How much of it the model is held against.
    pub checked: Part,
    /// Which session is dropped for size, where the cache is the model and another reading is to be tried.
    pub victim: Option<Victim>,
}

/// For how many seconds the sessions of any libssl live where no timeout is set (`default-timeout-two-hours`).
pub const UNSET_IN_LIBSSL: u32 = 7200;

/// For how many seconds those of this cache do: in all but a libssl for as long as the pages say.
#[must_use]
pub fn unset_timeout(subject: &Spec) -> u32 {
    match subject {
        Spec::Libssl(_) => UNSET_IN_LIBSSL,
        _ => u32::try_from(session_cache::DEFAULT_TIMEOUT).expect("it is short"),
    }
}

impl Against {
    /// Why connections cannot be made so with this cache; `None`: they can.
    ///
    /// # Errors
    ///
    /// When the cache cannot be run at all.
    pub fn refuses(&self, mechanism: Mechanism) -> Result<Option<String>, CannotOpen> {
        Ok(self.library()?.0.refuses(&Op::AcceptBegin(Connection(0), accept(mechanism, None))))
    }

    /// The cache, and its profiles.
    pub(super) fn library(&self) -> Result<(Box<dyn Library>, Profiles), CannotOpen> {
        let (library, own) = self.subject.library()?;
        let held_to = self.profile.clone().unwrap_or_else(|| own.clone());
        let Some(victim) = self.victim else { return Ok((library, Profiles { own, held_to })) };
        let [own, held_to] = [own, held_to].map(|mut named| {
            named.profile.readings.victim = victim;
            named
        });
        Ok((Box::new(Model::new(own.profile)), Profiles { own, held_to }))
    }
}

/// What a cache does, and what it ought to do.
#[derive(Clone)]
pub(in crate::simulate) struct Profiles {
    /// Its own profile: what is told of the cache goes by this.
    pub(in crate::simulate) own: Named,
    /// What it is held to.
    pub(in crate::simulate) held_to: Named,
}

impl Profiles {
    /// Whether an automatic flush of this cache goes in steps, one a connection.
    pub(super) fn in_steps(&self) -> bool {
        self.own.profile.readings.auto_flush_extent == AutoFlushExtent::Steps
    }

    /// Which libssl it is, as [`Outcome::looked_at`] tells them apart.
    pub(super) fn libssl(&self) -> Option<usize> {
        let library = self.own.library.as_ref()?;
        Some(if library.version.starts_with("1.") { 1 } else { 2 })
    }

    /// Whether a server in this mode looks into its internal cache.
    pub(super) fn looks_inside(&self, mode: CacheMode) -> bool {
        let looks = mode.contains(CacheMode::SERVER) || self.own.profile.readings.off_lookup == OffLookup::Both;
        looks && !mode.contains(CacheMode::NO_INTERNAL_LOOKUP)
    }

    /// Of a cache that is held to its own profile.
    #[cfg(test)]
    pub(in crate::simulate) fn one(own: Named) -> Self {
        Self { held_to: own.clone(), own }
    }
}

//! What is known of a run before it starts: what it is called, how it is set, and how it is run again. In words and
//! numbers that renderers print; not the workload itself.

use serde::Serialize;
use session_model::CacheMode;

use crate::simulate::event::{Group, Moment};
use crate::simulate::service::UNSET_IN_LIBSSL;
use crate::simulate::setting::{ServerSetting, Setting};
use crate::simulate::workload::{Come, Workload};

/// What is known of a run before it starts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Facts {
    /// What the workload is called.
    pub workload: String,
    /// What it teaches; empty: it does not say.
    pub teaches: String,
    /// The command that runs it again.
    pub again: String,
    /// The seed.
    pub seed: u64,
    /// The cache that is simulated, as it is typed.
    pub subject: String,
    /// What that says of itself, such as a version.
    pub about: String,
    /// For how many seconds its sessions live where no timeout is set.
    #[serde(skip)]
    pub unset_timeout: u32,
    /// The name of the profile that it is held to; empty: its own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub held_to: String,
    /// How much of the run the model is asked to follow, as it is typed.
    pub model: String,
    /// The right time at the start, in seconds since the Epoch.
    pub clock: i64,
    /// How long the run is meant to last, in microseconds of virtual time.
    pub lasts: u64,
    /// The groups of clients and, behind them, of attackers, by their place.
    pub groups: Vec<String>,
    /// How many of the groups are attackers: the last ones.
    pub attackers: usize,
    /// The servers, by their place.
    pub servers: Vec<ServerFacts>,
    /// Whether there is an external cache.
    pub external: bool,
    /// Stretches of time that are out of the ordinary: the external cache is away, a flash crowd.
    pub spells: Vec<Spell>,
}

/// How a server is set at its start.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct ServerFacts {
    /// What it is called.
    pub name: String,
    /// Its session cache mode.
    pub mode: String,
    /// How many sessions its cache holds at most; 0: any number.
    pub size: u64,
    /// The timeout of its sessions, in seconds; `None`: as the library has it.
    pub timeout: Option<i64>,
    /// By how many seconds its clock is ahead.
    pub ahead: i64,
    /// By how many microseconds its clock gains in a second.
    pub drift: i64,
}

/// A stretch of time with a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Spell {
    /// From when, in microseconds.
    pub from: u64,
    /// To when.
    pub to: u64,
    /// What it is.
    pub what: String,
}

impl Facts {
    /// How many groups are clients: those before the attackers.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.groups.len().saturating_sub(self.attackers)
    }

    /// Whether some server has no timeout set, in a cache that takes this for less than a libssl does.
    #[must_use]
    pub fn lives_shorter(&self) -> bool {
        self.unset_timeout < UNSET_IN_LIBSSL && self.servers.iter().any(|server| server.timeout.is_none())
    }

    /// The cache: as it is typed, what it says of itself, and what it is held to if that is not its own profile.
    pub(crate) fn cache(&self) -> String {
        let Self { subject, about, held_to, .. } = self;
        let held_to = if held_to.is_empty() { String::new() } else { format!(", held to profile {held_to}") };
        format!("{subject}, {about}{held_to}")
    }

    /// Whether the tables of the cache are those of which the bytes are estimated: ours, with or without a fault.
    pub(super) fn has_our_tables(&self) -> bool {
        let within = self.subject.rsplit_once('@').map_or(self.subject.as_str(), |(_, within)| within);
        !["model", "libssl", "exec:"].iter().any(|other| within.starts_with(other))
    }

    /// The facts of a workload, run with a setting that may be another than its own. What is not in them (the command,
    /// the seed, the cache) is left empty.
    #[must_use]
    pub fn of(workload: &Workload, setting: &Setting) -> Self {
        let group = |n: usize| workload.called(Group(u16::try_from(n).expect("read as few"))).to_owned();
        let servers = setting.servers.iter().zip(&workload.servers);
        Self {
            workload: workload.title.clone(),
            teaches: workload.teaches.clone().unwrap_or_default(),
            clock: setting.clock,
            lasts: workload.lasts.0,
            groups: (0..workload.groups()).map(group).collect(),
            attackers: workload.floods.len(),
            servers: servers.map(|(of, name)| ServerFacts::of(of, name.clone())).collect(),
            external: setting.external.is_some(),
            spells: spells(workload, setting),
            ..Self::default()
        }
    }
}

/// What is out of the ordinary for a while, in the order in which it begins.
fn spells(workload: &Workload, setting: &Setting) -> Vec<Spell> {
    let spell = |from: Moment, to: Moment, what: String| Spell { from: from.0, to: to.0, what };
    let away = setting.external.iter().flat_map(|external| &external.away);
    let away = away.map(|(from, to)| spell(*from, *to, "external cache away".to_owned()));
    let crowds = workload.clients.iter().flat_map(|clients| match &clients.come {
        Come::Open { arrivals, .. } => arrivals.crowds.iter().map(|crowd| (&clients.name, *crowd)).collect(),
        Come::Closed { .. } => Vec::new(),
    });
    let crowds =
        crowds.map(|(name, crowd)| spell(crowd.from, crowd.to, format!("{name}: {} times as many", crowd.times)));
    let floods = workload.floods.iter().map(|flood| spell(flood.from, flood.to, format!("flood: {}", flood.name)));
    let mut spells: Vec<_> = away.chain(crowds).chain(floods).filter(|spell| spell.from < workload.lasts.0).collect();
    spells.sort_by_key(|spell| (spell.from, spell.to));
    spells
}

impl ServerFacts {
    fn of(setting: &ServerSetting, name: String) -> Self {
        let context = &setting.context;
        Self {
            name,
            mode: context.mode.map_or_else(|| "SERVER".to_owned(), in_words),
            size: context.size.map_or(session_cache::DEFAULT_CACHE_SIZE as u64, u64::from),
            timeout: context.timeout.and_then(|timeout| i64::try_from(timeout.0).ok()),
            ahead: setting.ahead,
            drift: setting.drift,
        }
    }
}

/// A mode as the pages write it.
pub(crate) fn in_words(mode: CacheMode) -> String {
    format!("{mode:?}")
}

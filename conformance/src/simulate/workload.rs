//! A workload: a service, its clients, and what happens to it, as it is meant.
//!
//! A workload is a function of its text alone; with a seed it becomes `traffic`. Not here: how it is written,
//! and what a text may not say ([`super::read`]).

use session_model::{CacheMode, Mechanism, Timeout};

use super::event::{Group, Moment, Server};
use super::law::Law;
use super::setting::Setting;

/// Microseconds in a second.
pub const SECOND: u64 = 1_000_000;
/// Microseconds in an hour.
pub const HOUR: u64 = 3600 * SECOND;
/// Microseconds in a day.
pub const DAY: u64 = 24 * HOUR;

/// A service, its clients, and what happens to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// What it is, in a sentence.
    pub title: String,
    /// What it teaches.
    pub teaches: Option<String>,
    /// When it ends; nothing happens at this moment or later.
    pub lasts: Moment,
    /// The service.
    pub setting: Setting,
    /// What the servers of the setting are called.
    pub servers: Vec<String>,
    /// Which server a connection goes to.
    pub balancer: Balancer,
    /// The clients, in groups.
    pub clients: Vec<Clients>,
    /// The attacks.
    pub floods: Vec<Flood>,
    /// What is done to servers. Of those of one moment, the first of this list happens first.
    pub happenings: Vec<Happening>,
}

impl Workload {
    /// How many groups there are: of clients, and after them of attackers.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.clients.len() + self.floods.len()
    }

    /// What a group is called.
    ///
    /// # Panics
    ///
    /// When the workload has no such group.
    #[must_use]
    pub fn called(&self, group: Group) -> &str {
        let group = usize::from(group.0);
        match self.clients.get(group) {
            Some(clients) => &clients.name,
            None => &self.floods[group - self.clients.len()].name,
        }
    }

    /// About how many connections come: by the means of all laws, as if a server never waited.
    #[must_use]
    pub fn connections(&self) -> f64 {
        let clients = self.clients.iter().map(|clients| clients.connections(self.lasts));
        let floods = self.floods.iter().map(|flood| flood.rate * seconds(flood.from, flood.to.min(self.lasts)));
        clients.chain(floods).sum()
    }

    /// How connections have sessions resumed, each way once.
    #[must_use]
    pub fn mechanisms(&self) -> Vec<Mechanism> {
        let clients =
            self.clients.iter().flat_map(|clients| clients.mechanisms.iter().map(|(mechanism, _)| *mechanism));
        let mut all: Vec<_> = clients.chain(self.floods.iter().map(|flood| flood.mechanism)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a group is one of attackers.
    #[must_use]
    pub fn attacks(&self, group: Group) -> bool {
        usize::from(group.0) >= self.clients.len()
    }
}

/// Which of the servers that a group goes to a connection is given to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Balancer {
    /// Any, each as likely.
    #[default]
    Random,
    /// One after the other, for each group.
    RoundRobin,
    /// For a client always the same, or while that is taken out always the same other one. An attacker is a new client
    /// each time.
    ByClient,
}

/// Clients that behave alike.
#[derive(Clone, PartialEq, Debug)]
pub struct Clients {
    /// What they are called.
    pub name: String,
    /// How many they are; at least 1.
    pub number: u32,
    /// When they come.
    pub come: Come,
    /// How long a connection stays open once its handshake is finished.
    pub stays: Law,
    /// How long after its begin a handshake is finished, beside what the server itself waits for.
    pub round_trip: Law,
    /// How a client's connections have sessions resumed, and the share of the clients of which that is so. The shares
    /// are 1 in all.
    pub mechanisms: Vec<(Mechanism, f64)>,
    /// The share of connections that are freed without having been shut down.
    pub unclean: f64,
    /// The share of connections that end before the handshake is finished.
    pub aborts: f64,
    /// For how many microseconds a client keeps what it was given; `None`: until it is given something else.
    pub keeps: Option<u64>,
    /// Whether a client proposes a session of TLS 1.3 once, and has none then until it is given another.
    pub single_use: bool,
    /// The servers that they go to, at least one.
    pub servers: Vec<Server>,
}

impl Clients {
    /// About how many connections they make until then.
    fn connections(&self, lasts: Moment) -> f64 {
        let time = seconds(Moment(0), lasts);
        match &self.come {
            Come::Open { arrivals: Arrivals { rate, crowds, .. }, .. } => {
                let more = crowds.iter().map(|crowd| (crowd.times - 1.0) * seconds(crowd.from, crowd.to.min(lasts)));
                rate * (time + more.sum::<f64>())
            }
            Come::Closed { thinks } => {
                let each = [thinks, &self.stays, &self.round_trip].map(Law::mean).iter().sum::<f64>();
                f64::from(self.number) * time / (each / SECOND as f64)
            }
        }
    }
}

/// From one moment to another; none if that is not later.
fn seconds(from: Moment, to: Moment) -> f64 {
    to.0.saturating_sub(from.0) as f64 / SECOND as f64
}

/// When clients come.
#[derive(Clone, PartialEq, Debug)]
pub enum Come {
    /// Whenever the law of the group says so, whoever it is.
    Open {
        /// The law.
        arrivals: Arrivals,
        /// Who it is.
        who: Who,
    },
    /// Each client again, when it has thought for so long since its last connection was closed. One at a time.
    Closed {
        /// For how long it thinks.
        thinks: Law,
    },
}

/// A Poisson process whose rate changes over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrivals {
    /// Arrivals in a second, in the mean of a day without crowds.
    pub rate: f64,
    /// How the rate changes over a day, which begins at midnight by a clock that is right and at UTC.
    pub daily: Daily,
    /// When it is more, or less.
    pub crowds: Vec<Crowd>,
}

/// How a rate changes over a day. The mean over the day stays what it is.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Daily {
    /// Not at all.
    #[default]
    Even,
    /// As a sine.
    Sine {
        /// By which share of the mean it is more at its peak, and less half a day away.
        swing: f64,
        /// When the peak is, in microseconds since midnight.
        peak: u64,
    },
    /// By the hour: this times the mean.
    Hours(Box<[f64; 24]>),
}

/// A time in which arrivals are some times as frequent. Where several overlap, all count.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Crowd {
    /// Its begin.
    pub from: Moment,
    /// Its end.
    pub to: Moment,
    /// How many times as frequent; below 1: less frequent.
    pub times: f64,
}

/// Who of the clients of a group it is that comes.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Who {
    /// Any, each as likely.
    #[default]
    Evenly,
    /// By Zipf: the `n`th with a likelihood that is `n` to the power of minus this.
    Zipf(f64),
}

/// Connections of an attacker, none of whom comes twice.
#[derive(Clone, PartialEq, Debug)]
pub struct Flood {
    /// What it is called.
    pub name: String,
    /// What they do.
    pub does: Floods,
    /// In a second.
    pub rate: f64,
    /// Its begin.
    pub from: Moment,
    /// Its end.
    pub to: Moment,
    /// How their connections have sessions resumed.
    pub mechanism: Mechanism,
    /// How long after its begin a handshake is finished or left.
    pub round_trip: Law,
    /// The servers that they go to, at least one.
    pub servers: Vec<Server>,
}

/// What the connections of an attacker do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Floods {
    /// Propose an id that no server has given out, and go before the handshake is finished.
    UnknownIds,
    /// Finish a full handshake, and close at once and cleanly, so that its session stays.
    Handshakes,
}

/// Something that is done to a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Happening {
    /// When, for the first time.
    pub at: Moment,
    /// Again after so many microseconds each; `None`: once.
    pub every: Option<u64>,
    /// To which servers, in this order.
    pub servers: Vec<Server>,
    /// What.
    pub does: Does,
}

/// What is done to a server: as the events of these names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Does {
    /// It ends, stays away for so many microseconds, and starts anew.
    Restart {
        /// For how long; 0: it is back at once.
        away: u64,
    },
    /// Its clock is moved by so many seconds.
    StepClock(i64),
    /// `SSL_CTX_set_session_cache_mode`
    SetMode(CacheMode),
    /// `SSL_CTX_sess_set_cache_size`
    SetSize(u32),
    /// `SSL_CTX_set_timeout`
    SetTimeout(Timeout),
    /// `SSL_CTX_flush_sessions` at the time of the server's clock.
    Flush,
    /// The balancer gives it no new connections for so many microseconds.
    TakeOut(u64),
    /// The balancer gives clients to any server for so many microseconds.
    Scatter(u64),
}

impl Does {
    /// For how many microseconds the balancer gives the server no connections.
    #[must_use]
    pub fn takes_out(&self) -> u64 {
        match *self {
            Self::Restart { away } => away,
            Self::TakeOut(lasts) => lasts,
            _ => 0,
        }
    }
}

//! What a run comes to: totals, peaks, and a bounded number of stretches of time, from events and their outcomes alone.
//!
//! Memory is bounded by the numbers of servers, groups and stretches, however long the run is, and everything that is
//! summed is a whole number: the same events give the same answers to the byte.
//!
//! Not here: how answers are printed ([`mod@crate::render::simulation`]), and anything about real time.

mod counts;
mod facts;
mod series;
mod verdict;

pub use counts::{CAUSES, Cache, Counts, Handshakes, Outside, share};
pub use facts::{Facts, ServerFacts, Spell};
pub use series::{Beat, MOST, Peak, Standing, Stretch, width};
pub use verdict::{Breach, Checked};

use serde::Serialize;

use crate::simulate::event::{Event, Gauges, Group, Moment, Outcome, Server, What};
use crate::transcript::Counters;
use facts::in_words;

/// The version of the JSON form; fields are added, never changed.
pub const SCHEMA: &str = "sesscheck-simulation-1";

/// How many happenings of one kind are kept, and how many in all; the others are counted.
const KEPT: [usize; 2] = [24, 200];

/// What a run comes to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Answers {
    /// What was known before.
    pub facts: Facts,
    /// How far the run came, in microseconds of virtual time.
    pub ran: u64,
    /// How many events there were.
    pub events: u64,
    /// What was held against the model.
    pub checked: Checked,
    /// All that was counted.
    pub counts: Counts,
    /// What became of the connections of each group of clients.
    pub groups: Vec<Handshakes>,
    /// What was counted at each server.
    pub servers: Vec<Counts>,
    /// Flushes by how many sessions left with them: 1, 2 to 3, 4 to 7, and so on by powers of two.
    pub flush_sizes: Vec<u64>,
    /// What was most, and when.
    pub peaks: Peaks,
    /// What happened to servers.
    pub happenings: Vec<Happening>,
    /// Happenings that are not kept, since there are many of their kind.
    pub more_happenings: u64,
    /// Those of them that are of the last moment of which there are such: more servers may follow.
    #[serde(skip)]
    not_kept: Vec<Happening>,
    /// How long a stretch is, in microseconds; the last one ends with the run.
    pub width: u64,
    /// The run over time.
    pub series: Vec<Stretch>,
    /// Whether the bytes of its tables are known.
    #[serde(skip)]
    has_our_tables: bool,
    /// The stretch that goes on.
    #[serde(skip)]
    open: Open,
}

/// What was most, and when it first was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Peaks {
    /// Sessions that one call had to look at: ours, a libssl of 1.1.1, of 3.0 and later.
    pub looked_at: [Peak; 3],
    /// Sessions that one flush removed.
    pub flush: Peak,
    /// Sessions in all internal caches together.
    pub sessions: Peak,
    /// Bytes of the tables of all internal caches together, without the sessions: an estimate.
    #[serde(rename = "tables_bytes_about")]
    pub bytes: Peak,
    /// Open connections of all servers together.
    pub open: Peak,
}

/// Something that happened to servers, once to each that is named, at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Happening {
    /// When, in microseconds.
    pub at: u64,
    /// To which servers.
    pub servers: Vec<u16>,
    /// What, in words.
    pub what: String,
}

/// The stretch that goes on, with the sums over all servers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Open {
    stretch: Stretch,
    sessions: u64,
    bytes: u64,
    connections: u64,
}

impl Answers {
    /// Nothing yet, of a run of which this is known.
    #[must_use]
    pub fn new(facts: Facts) -> Self {
        let width = width(facts.lasts);
        let begun = |server: &ServerFacts| {
            let end = Standing { clock: facts.clock + server.ahead, size: server.size, ..Standing::default() };
            Beat { counts: Counts::default(), end }
        };
        let servers: Vec<Beat> = facts.servers.iter().map(begun).collect();
        Self {
            ran: 0,
            events: 0,
            checked: Checked::default(),
            counts: Counts::default(),
            groups: vec![Handshakes::default(); facts.groups.len()],
            servers: vec![Counts::default(); facts.servers.len()],
            flush_sizes: Vec::new(),
            peaks: Peaks::default(),
            happenings: Vec::new(),
            more_happenings: 0,
            not_kept: Vec::new(),
            width,
            series: Vec::new(),
            has_our_tables: facts.has_our_tables(),
            open: Open { stretch: Stretch { to: width, servers, ..Stretch::default() }, ..Open::default() },
            facts,
        }
    }

    /// Takes note of an event, what came of it, and how its server stands afterwards. Events come in the order of time.
    ///
    /// # Panics
    ///
    /// When the event is at a server, or of a group, that the facts do not have.
    pub fn note(&mut self, event: &Event, outcome: &Outcome, gauges: &Gauges) {
        while self.turns_at(event.at) {
            self.turn();
        }
        self.events += 1;
        self.ran = event.at.0;
        if let What::Begin { group: Group(group), .. } | What::TurnAway(Group(group)) = event.what {
            let group = usize::from(group);
            self.groups[group].note(event, outcome);
            if group < self.facts.clients() {
                self.open.stretch.clients.note(event, outcome);
            }
        }
        self.happening(event);
        self.peaks(event, outcome);
        let beat = &mut self.open.stretch.servers[usize::from(event.server.0)];
        beat.counts.note(event, outcome);
        let was = beat.end;
        let bytes = if self.has_our_tables { gauges.bytes } else { 0 };
        let gauges = Gauges { bytes, ..*gauges };
        beat.end.show(&gauges);
        self.stand(event, &was, &gauges);
    }

    /// What became of the connections of clients: what a cache is judged by.
    #[must_use]
    pub fn of_clients(&self) -> Handshakes {
        sum(&self.groups[..self.facts.clients()])
    }

    /// What became of the connections of attackers.
    #[must_use]
    pub fn of_attackers(&self) -> Handshakes {
        sum(&self.groups[self.facts.clients()..])
    }

    /// Whether the stretch that goes on has ended by this moment. Then the counters and clocks of all servers at its end
    /// are to be told first.
    #[must_use]
    pub fn turns_at(&self, at: Moment) -> bool {
        at >= self.turns()
    }

    /// When the stretch that goes on ends.
    #[must_use]
    pub fn turns(&self) -> Moment {
        Moment(self.open.stretch.to)
    }

    /// Closes the stretch that goes on, and opens the next one: servers stand as they stood.
    pub fn turn(&mut self) {
        let ended = std::mem::take(&mut self.open.stretch);
        for (n, beat) in ended.servers.iter().enumerate() {
            self.servers[n].add(&beat.counts);
            self.counts.add(&beat.counts);
        }
        let servers = ended.servers.iter().map(|beat| Beat { counts: Counts::default(), end: beat.end }).collect();
        let Open { sessions, connections, .. } = self.open;
        let (from, to) = (ended.to, ended.to.saturating_add(self.width));
        self.open.stretch = Stretch { from, to, sessions, open: connections, servers, ..Stretch::default() };
        self.series.push(ended);
    }

    /// The servers, in order.
    pub fn all_servers(&self) -> impl Iterator<Item = Server> + use<> {
        (0..u16::try_from(self.servers.len()).expect("read as few")).map(Server)
    }

    /// What a server's counters show at the end of a stretch.
    ///
    /// # Panics
    ///
    /// When the facts do not have this server.
    pub fn count(&mut self, server: Server, counters: Counters) {
        self.open.stretch.servers[usize::from(server.0)].end.counters = counters;
    }

    /// What a server's clock shows at the end of a stretch.
    ///
    /// # Panics
    ///
    /// When the facts do not have this server.
    pub fn tick(&mut self, server: Server, clock: i64) {
        self.open.stretch.servers[usize::from(server.0)].end.clock = clock;
    }

    /// The end of the run: what was checked on the way, and how far it came.
    #[must_use]
    pub fn end(mut self, ran: u64, checked: Checked) -> Self {
        self.ran = ran.max(self.ran);
        while self.open.stretch.to < self.ran {
            self.turn();
        }
        self.open.stretch.to = self.ran.max(self.open.stretch.from + 1);
        self.turn();
        self.checked = checked;
        self
    }

    /// Whether nothing happened, so that there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.handshakes.connections == 0
    }

    /// The exit status: 0 when nothing was found, 1 when something was.
    #[must_use]
    pub fn status(&self) -> u8 {
        u8::from(!self.checked.found.is_empty())
    }

    /// What a server holds now, in place of what it held.
    fn stand(&mut self, event: &Event, was: &Standing, is: &Gauges) {
        let open = &mut self.open;
        open.sessions = open.sessions - was.sessions + is.sessions;
        open.bytes = open.bytes - was.bytes + is.bytes;
        open.connections = open.connections - was.open + is.connections;
        open.stretch.sessions = open.stretch.sessions.max(open.sessions);
        open.stretch.open = open.stretch.open.max(open.connections);
        let (at, server) = (event.at, event.server.0);
        self.peaks.sessions.note(open.sessions, at, server);
        self.peaks.bytes.note(open.bytes, at, server);
        self.peaks.open.note(open.connections, at, server);
    }

    fn peaks(&mut self, event: &Event, outcome: &Outcome) {
        let Moment(at) = event.at;
        let stretch = &mut self.open.stretch;
        for (n, looked_at) in outcome.looked_at.into_iter().enumerate() {
            self.peaks.looked_at[n].note(looked_at, Moment(at), event.server.0);
            stretch.looked_at[n] = stretch.looked_at[n].max(looked_at);
        }
        let Some(power) = outcome.left.flushed.checked_ilog2() else { return };
        self.peaks.flush.note(outcome.left.flushed, Moment(at), event.server.0);
        stretch.largest_flush = stretch.largest_flush.max(outcome.left.flushed);
        let power = power as usize;
        self.flush_sizes.resize(self.flush_sizes.len().max(power + 1), 0);
        self.flush_sizes[power] += 1;
    }

    /// What happens to servers is kept, with the size that it leaves them.
    fn happening(&mut self, event: &Event) {
        let started = &self.facts.servers[usize::from(event.server.0)];
        let size = &mut self.open.stretch.servers[usize::from(event.server.0)].end.size;
        let what = match &event.what {
            What::Restart => {
                *size = started.size;
                "restart".to_owned()
            }
            What::SetSize(to) => {
                *size = u64::from(*to);
                format!("size {to}")
            }
            What::StepClock(seconds) => format!("clock {seconds:+} s"),
            What::SetMode(mode) => format!("mode {}", in_words(*mode)),
            What::SetTimeout(timeout) => format!("timeout {} s", timeout.0),
            What::Flush => "flush".to_owned(),
            What::TakeOut => "taken out".to_owned(),
            What::PutBack => "put back".to_owned(),
            What::Scatter => "clients scattered".to_owned(),
            What::Gather => "clients gathered".to_owned(),
            What::Begin { .. } | What::Finish(_) | What::Abort(_) | What::Close { .. } | What::TurnAway(_) => return,
        };
        self.keep(event, what);
    }

    /// One happening to several servers is one: they come one after the other, at one moment, and each of them once.
    fn keep(&mut self, event: &Event, what: String) {
        let (at, server) = (event.at.0, event.server.0);
        if self.not_kept.first().is_some_and(|one| one.at < at) {
            self.not_kept.clear();
        }
        let same = |other: &&mut Happening| other.at == at && other.what == what && !other.servers.contains(&server);
        if let Some(same) = self.happenings.iter_mut().chain(&mut self.not_kept).find(same) {
            same.servers.push(server);
            return;
        }
        let one = Happening { at, servers: vec![server], what };
        if self.has_room_for(&one.what) {
            self.happenings.push(one);
        } else {
            self.more_happenings += 1;
            self.not_kept.push(one);
        }
    }

    /// Whether a happening of these words is kept.
    fn has_room_for(&self, what: &str) -> bool {
        let [of_kind, of_all] = KEPT;
        self.happenings.len() < of_all && self.happenings.iter().filter(|one| one.what == what).count() < of_kind
    }
}

fn sum(groups: &[Handshakes]) -> Handshakes {
    let mut sum = Handshakes::default();
    groups.iter().for_each(|of| sum.add(of));
    sum
}

#[cfg(test)]
mod tests;

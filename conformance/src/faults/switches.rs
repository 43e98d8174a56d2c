//! Faults that are switches of the model: its departures, its readings, and its clauses not kept.

use std::sync::LazyLock;

use session_model::clause::Kind;
use session_model::departures::Departure;
use session_model::{Clause, Profile, Readings};

use super::fault::{Ancestor, Fault, How, Made};

/// Values that leave a choice to the library: what it then does, the value of any profile does too.
const LATITUDES: [&str; 2] = ["any", "hint"];

/// Switches that show only with another one, which goes with them.
const COMPANIONS: [(&str, &str); 5] = [
    ("marked-session-loses-id", "non-resumable-resumes"),
    ("remove.marks=cached", "remove.match=id"),
    ("remove.marks=both", "remove.match=id"),
    ("remove.calls_back_with=argument", "remove.match=id"),
    ("switch-forgets-equal-id-context", "switch.id_context=switched"),
];

/// What shows those that no built-in scenario shows by themselves.
pub(super) const WITNESSES: [(&str, &str); 2] = [
    (
        "non-resumable-answer-ignored",
        "contexts: {server: {callbacks: {get: record}}}
sessions: {a: {id: '01'}}
steps: [{add_session: a}, {remove_session: a}, {external_store: a}, {handshake: {propose: a}}]",
    ),
    (
        "non-resumable-skips-flush",
        "sessions: {a: {id: '01'}, old: {id: '02', time: 0}}
steps:
  - add_session: a
  - repeat: {times: 254, steps: [{handshake: {}}]}
  - add_session: old
  - accept_begin: {connection: k, propose: a}
  - remove_session: a
  - accept_finish: k",
    ),
];

/// A reading: its name as a fault, its axis and value, the clause that the axis settles.
struct Reading {
    name: String,
    axis: &'static str,
    value: &'static str,
    clause: Clause,
}

static READINGS: LazyLock<Vec<Reading>> = LazyLock::new(|| {
    let values = Readings::AXES.iter().flat_map(|axis| axis.values.iter().map(move |value| (axis, *value)));
    let binding = values.filter(|(_, value)| !LATITUDES.contains(value));
    let named = binding.map(|(axis, value)| Reading {
        name: format!("{}={value}", axis.name),
        axis: axis.name,
        value,
        clause: axis.clause,
    });
    named.collect()
});

/// Every departure of a library.
pub(super) fn departures() -> impl Iterator<Item = Fault> {
    Departure::all().map(|departure| {
        let about = departure.about();
        switch(about.name, about.clause, "departures", about.instead, How::Departs(departure))
    })
}

/// Every reading that is not this profile's.
pub(super) fn readings(profile: &Profile) -> impl Iterator<Item = Fault> {
    let other = |reading: &&Reading| profile.readings.get(reading.axis) != Some(reading.value);
    READINGS.iter().filter(other).map(|reading| {
        let Reading { name, axis, value, clause } = reading;
        switch(name, *clause, "readings", clause.entry().statement, How::Reads(axis, value))
    })
}

fn switch(name: &'static str, clause: Clause, family: &'static str, does: &'static str, how: How) -> Fault {
    let (ancestor, made) = (Ancestor::Library, Made::Switch);
    Fault { name, clause, ancestor, made, family, deep: false, does, how }
}

/// Clauses that are no rules and that the model goes by in neither way: a reading is asked, or nothing is.
pub(super) const INERT: [&str; 23] = [
    "remove.twin",
    "callbacks.order",
    "mode.what-is-use",
    "size.hint",
    "size.drops-from-end",
    "misses.without-lookup",
    "get-cb.always-called",
    "session.no-session-after-free",
    "session.free-only-own",
    "session.one-context",
    "ticket.not-cached",
    "leave.marks-silent",
    "leave.frees-reference",
    "abort.in-handshake",
    "ticket.other-kind",
    "switch.cache",
    "switch.counts",
    "switch.id-context",
    "renegotiate.auto-flush",
    "renegotiate.counts-started",
    "renegotiate.counts-established",
    "renegotiate.id-context",
    "resumable.unverified",
];

/// Every clause that the model follows, not kept; the rules are all among them.
pub(super) fn rules() -> impl Iterator<Item = Fault> {
    let followed = |clause: &Clause| clause.entry().kind != Kind::Background && !INERT.contains(&clause.id());
    Clause::all().filter(followed).map(|clause| Fault {
        name: clause.id(),
        clause,
        ancestor: Ancestor::Mutation,
        made: Made::Rule,
        family: "rules",
        deep: false,
        does: "this very clause is not kept",
        how: How::Breaks(clause),
    })
}

impl Fault {
    /// The switch that goes with this one.
    #[must_use]
    pub fn companion(&self) -> Option<&'static str> {
        COMPANIONS.iter().find(|(name, _)| *name == self.name).map(|(_, companion)| *companion)
    }

    /// The profile under which the model has the fault; `None`: no profile gives it.
    pub(super) fn profile(&self, faultless: Profile) -> Option<Profile> {
        let companion = self.companion().and_then(super::by_name);
        companion.map_or(Some(faultless), |companion| companion.how.on(faultless)).and_then(|with| self.how.on(with))
    }
}

impl How {
    fn on(self, mut profile: Profile) -> Option<Profile> {
        match &self {
            Self::Departs(departure) => profile.departures = profile.departures.with(*departure),
            Self::Reads(axis, value) => profile.readings.set(axis, value).expect("a reading of the model"),
            Self::Breaks(clause) => profile.broken = Some(*clause),
            Self::Flawed { .. } => return None,
        }
        Some(profile)
    }
}

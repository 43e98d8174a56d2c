//! Traces that tell two profiles apart, asked of the model, which is fast; then of the subject, once.
//!
//! Every profile that differs from the one so far in one entry is a rival. One that the evidence does not refute gets
//! a trace on which the two differ; what the subject does there refutes one of them, and so each entry is asked
//! about, whether random traces come upon it or not.

use std::collections::{BTreeMap, BTreeSet};

use session_model::Profile;

use super::campaign::{Campaign, Origin};
use super::entry::Entry;
use super::evidence::Judge;
use super::fit::Fit;
use crate::damage::damages;
use crate::reduce::reduce;
use crate::source::{Lane, Seed, trace_of};
use crate::subject::Subject;
use crate::subjects::model;
use crate::trace::{Shown, Trace};
use crate::transcript::Transcript;
use crate::worker::{StartError, Witness, lane_word};

/// How many random traces are looked at for a difference: by lane.
const LOOKED_AT: [(Lane, u64); 4] =
    [(Lane::Handshakes, 120), (Lane::Tickets, 160), (Lane::Direct, 40), (Lane::Mixed, 40)];

/// Traces longer than this are left out.
const LONGEST: usize = 1200;

/// How often a subject is asked about two profiles that both allow what it does.
const ASKED: usize = 3;

/// How many runs of the model a reduction may take.
const REDUCTION: usize = 3000;

/// Why nothing refutes a profile that differs in this entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Open {
    /// No trace was found on which it makes a difference to the model.
    NoDifference,
    /// It makes one, and the subject did what both allow.
    BothAllow,
}

/// Random traces with what the model shows of them under one profile.
pub(super) struct Pool {
    traces: Vec<(Trace, String)>,
    profile: Option<Profile>,
    shown: Vec<Transcript>,
}

impl Pool {
    /// The traces of this seed, shortest first.
    pub(super) fn new(seed: u64) -> Self {
        let number = |(lane, count): (Lane, u64)| (0..count).map(move |number| (lane, number));
        let mut traces: Vec<_> = LOOKED_AT
            .into_iter()
            .flat_map(number)
            .map(|(lane, number)| {
                let replay = format!("--seed {seed} --lane {} --number {number}", lane_word(lane));
                (trace_of(Seed(seed), number, lane), replay)
            })
            .filter(|(trace, _)| trace.executed().take(LONGEST + 1).count() <= LONGEST)
            .collect();
        traces.sort_by_key(|(trace, _)| trace.ops.len());
        Self { traces, profile: None, shown: Vec::new() }
    }

    /// How many traces there are.
    pub(super) fn len(&self) -> usize {
        self.traces.len()
    }

    /// A trace from the `from`-th on on which one of the two profiles does what the other does not allow, as short as
    /// can be; with its number and its origin.
    fn separator(&mut self, ours: Profile, other: Profile, from: usize, judge: &mut Judge) -> Option<(usize, Trace)> {
        self.show(ours);
        // What the subject probably does, under the other; then the other's way, under ours.
        let here = (from..self.len())
            .find(|n| judge.parts(&self.traces[*n].0, &self.shown[*n], &other).is_some())
            .map(|n| (n, ours, other));
        let there = || {
            (from..self.len())
                .find(|n| {
                    let trace = &self.traces[*n].0;
                    judge.parts(trace, &shows(trace, other), &ours).is_some()
                })
                .map(|n| (n, other, ours))
        };
        let (number, does, allows) = here.or_else(there)?;
        let trace = Trace { shown: Shown::Everything, ..self.traces[number].0.clone() };
        let mut same =
            |candidate: &Trace| Judge::default().parts(candidate, &shows(candidate, does), &allows).is_some();
        Some((number, reduce(&trace, &mut same, REDUCTION).trace))
    }

    fn show(&mut self, profile: Profile) {
        if self.profile != Some(profile) {
            self.shown = self.traces.iter().map(|(trace, _)| shows(trace, profile)).collect();
            self.profile = Some(profile);
        }
    }
}

/// What the model shows under a profile.
pub(super) fn shows(trace: &Trace, profile: Profile) -> Transcript {
    let mut transcript = Transcript::default();
    model::subject("model", profile).run(trace, &mut transcript);
    transcript
}

/// What a subject was asked while a profile settles.
#[derive(Default)]
struct Asked {
    /// About which entry, on which trace of the pool.
    on: BTreeSet<(Entry, usize)>,
    /// Entries that made no difference to the model on any trace of the pool.
    idle: BTreeSet<Entry>,
    /// Departures that damage the subject, where it went on as if it were not damaged.
    undamaged: BTreeSet<Entry>,
}

impl<W: Witness> Campaign<'_, W> {
    /// Asks the subject about each entry that the evidence leaves open, and fits, until nothing changes; what stays
    /// open, and why.
    pub(super) fn settle(&mut self, pool: &mut Pool) -> Result<BTreeMap<Entry, Open>, StartError> {
        let mut asked = Asked::default();
        loop {
            self.fit()?;
            if self.see_again()? {
                asked = Asked::default();
                continue;
            }
            self.pin();
            if !self.in_time() {
                return Ok(BTreeMap::new());
            }
            let before = self.profile;
            let open = self.probe(pool, &mut asked)?;
            if let Some(untold) = self.untold() {
                self.set_aside(untold)?;
            } else if let (Some(open), true) = (open, before == self.profile) {
                return Ok(open);
            }
        }
    }

    /// One round over all rivals; `None`: the profile was refuted.
    fn probe(&mut self, pool: &mut Pool, asked: &mut Asked) -> Result<Option<BTreeMap<Entry, Open>>, StartError> {
        let mut open = BTreeMap::new();
        let undamaged = |entry: &Entry| asked.undamaged.contains(entry);
        let mut rivals: Vec<_> = Entry::around(self.profile).filter(|(entry, _)| !undamaged(entry)).collect();
        // What made no difference under the profile before takes long to look at again, and mostly for nothing.
        rivals.sort_by_key(|(entry, _)| asked.idle.contains(entry));
        for (entry, other) in rivals {
            (self.progress)("pieces of evidence", self.evidence.len() as u64);
            let (mut from, mut times) = (0, 0);
            loop {
                if !self.in_time() {
                    return Ok(Some(open));
                }
                if !Fit::new(&self.evidence).holds(&other) {
                    break;
                }
                let Some((number, trace)) = pool.separator(self.profile, other, from, &mut self.judge) else {
                    asked.idle.insert(entry);
                    open.insert(entry, if times == 0 { Open::NoDifference } else { Open::BothAllow });
                    break;
                };
                from = number + 1;
                times += 1;
                if times > ASKED {
                    open.insert(entry, Open::BothAllow);
                    break;
                }
                if !asked.on.insert((entry, number)) {
                    continue;
                }
                let (name, replay) = (format!("a probe of {}", entry.name()), pool.traces[number].1.clone());
                let origin = Origin { name, replay, steps_before: pool.traces[number].0.ops.len(), reduced: true };
                let past = damages(&trace, &other) && !damages(&trace, &self.profile);
                if self.see(trace, origin)? {
                    let piece = self.evidence.last().expect("it was just kept");
                    if !self.judge.explains(&self.profile, piece) {
                        return Ok(None);
                    }
                    // The other allows whatever comes after the damage, so nothing refutes it but this: the subject
                    // goes on as if there were none, where it would show.
                    if past {
                        asked.undamaged.insert(entry);
                        break;
                    }
                }
            }
        }
        Ok(Some(open))
    }

    /// Pins each latitude on which all evidence agrees with one value and not with its rivals, if that is asked for.
    fn pin(&mut self) {
        if !self.plan.pin {
            return;
        }
        for entry in Entry::all().filter(|entry| entry.is_latitude()) {
            let pinned = entry.added_to(self.profile);
            let mut fit = Fit::new(&self.evidence);
            let agrees =
                fit.holds(&pinned) && entry.rivals().iter().all(|rival| !fit.holds(&rival.added_to(self.profile)));
            self.pinned.retain(|other| *other != entry);
            if agrees {
                self.profile = pinned;
                self.pinned.push(entry);
            }
        }
    }
}

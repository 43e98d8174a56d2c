//! Subjects that go down, so that the harness itself can be tested by sabotage: at their first flush, at the first
//! hazard of a trace, or for what earlier traces have left behind in the process.
//!
//! Up to that step they are the model. It can carry out few hazards, so theirs is a flush at a time outside of the core
//! alphabet.

use session_model::{Profile, SessionRef};

use crate::damage::until_damage;
use crate::driver::Library;
use crate::faults::before_flushes;
use crate::hazards::is_in_bounds;
use crate::op::{At, Op};
use crate::subject::{Driven, Subject};
use crate::subjects::model::Model;
use crate::trace::Trace;
use crate::transcript::Transcript;
use crate::worker::Limits;

/// How a subject goes down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum How {
    /// The process aborts.
    Aborts,
    /// The call never returns, and sleeps.
    Hangs,
    /// The call takes more memory than its worker may have, and gives it back.
    Grows,
    /// The process aborts at a hazard.
    AbortsAtHazard,
    /// At a hazard, the call never returns, and sleeps.
    SleepsAtHazard,
    /// At a hazard, the call never returns, and computes.
    SpinsAtHazard,
    /// At a hazard, the call takes memory without end.
    GrowsAtHazard,
    /// At each hazard a little memory is lost, and so is every object.
    LeaksAtHazard,
    /// The process aborts when a trace begins after another one that went past what damages a subject of its profile.
    AbortsAfterDamage,
    /// The process aborts at a flush that is not among its first 25.
    AbortsAtLateFlush,
}

/// How many flushes a process survives that aborts at a late one.
const SURVIVED: u32 = 25;

impl How {
    /// Each with its name as a fault.
    pub const ALL: [(&'static str, Self); 10] = [
        ("aborts-at-flush", Self::Aborts),
        ("hangs-at-flush", Self::Hangs),
        ("grows-at-flush", Self::Grows),
        ("aborts-at-hazard", Self::AbortsAtHazard),
        ("sleeps-at-hazard", Self::SleepsAtHazard),
        ("spins-at-hazard", Self::SpinsAtHazard),
        ("grows-at-hazard", Self::GrowsAtHazard),
        ("leaks-at-hazard", Self::LeaksAtHazard),
        ("aborts-after-damage", Self::AbortsAfterDamage),
        ("aborts-at-late-flush", Self::AbortsAtLateFlush),
    ];

    /// The name of the profile that it is held to and keeps as long as it is up.
    #[must_use]
    pub fn profile(self) -> &'static str {
        match self {
            // One whose departures damage.
            Self::AbortsAfterDamage | Self::AbortsAtLateFlush => "libssl-1.1.1w",
            _ => "optimised",
        }
    }

    /// A library that goes down so, to be driven step by step; `None`: it goes down over whole traces alone.
    #[must_use]
    pub fn library(self) -> Option<Box<dyn Library>> {
        match self {
            Self::Aborts => Some(before_flushes(|| go_down(Self::Aborts))),
            Self::Hangs => Some(before_flushes(|| go_down(Self::Hangs))),
            _ => None,
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, how)| *how)
    }
}

/// A subject that goes down.
pub struct Misbehaving {
    how: How,
    until_then: Driven<Model>,
    profile: Profile,
    /// Whether an earlier trace went past the damage.
    damaged: bool,
    /// The flushes of all traces.
    flushes: u32,
}

impl Misbehaving {
    /// The subject that is `until_then`, the model under this profile, up to where it goes down.
    #[must_use]
    pub fn new(how: How, until_then: Driven<Model>, profile: Profile) -> Self {
        Self { how, until_then, profile, damaged: false, flushes: 0 }
    }
}

impl Subject for Misbehaving {
    fn name(&self) -> &str {
        self.until_then.name()
    }

    fn run_watched(&mut self, trace: &Trace, out: &mut Transcript, before: &mut dyn FnMut(u32)) {
        let how = self.how;
        if self.damaged {
            go_down(how);
        }
        let mut flushes = self.flushes;
        let there = trace.executed().position(|(_, op)| {
            flushes += u32::from(matches!(*op, Op::FlushSessions { .. }));
            how.is_there(&op) && (how != How::AbortsAtLateFlush || flushes > SURVIVED)
        });
        self.flushes = flushes;
        self.until_then.run_watched(trace, out, &mut |step| {
            before(step);
            if there == Some(step as usize) {
                go_down(how);
            }
        });
        if how == How::AbortsAfterDamage {
            let mut cut = trace.clone();
            until_damage(&mut cut, &self.profile);
            self.damaged = cut.ops != trace.ops;
        }
        if how == How::LeaksAtHazard && there.is_some() {
            out.destroyed.fill(SessionRef(u32::MAX));
        }
    }
}

impl How {
    fn is_there(self, op: &Op) -> bool {
        match (self, op) {
            (Self::Aborts | Self::Hangs | Self::Grows | Self::AbortsAtLateFlush, Op::FlushSessions { .. }) => true,
            (Self::Aborts | Self::Hangs | Self::Grows | Self::AbortsAtLateFlush | Self::AbortsAfterDamage, _) => false,
            (_, Op::FlushSessions { at: At::Absolute(time), .. }) => !is_in_bounds(time.0),
            _ => false,
        }
    }
}

fn go_down(how: How) {
    match how {
        How::Aborts | How::AbortsAtHazard | How::AbortsAfterDamage | How::AbortsAtLateFlush => std::process::abort(),
        How::Hangs | How::SleepsAtHazard => loop {
            std::thread::park();
        },
        How::SpinsAtHazard => loop {
            std::hint::spin_loop();
        },
        How::Grows => take(Limits::CORE.resident / 2 * 3),
        How::GrowsAtHazard => take(u64::MAX),
        How::LeaksAtHazard => std::mem::forget(vec![1_u8; 4096]),
    }
}

/// Takes this many bytes, a little at a time, and then gives them back.
fn take(bytes: u64) {
    const A_LITTLE: usize = 1 << 20;
    let mut taken: Vec<Vec<u8>> = Vec::new();
    for _ in 0..bytes / A_LITTLE as u64 {
        taken.push(vec![1; A_LITTLE]);
    }
    std::hint::black_box(&taken);
}

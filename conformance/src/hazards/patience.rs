//! Telling a hang fast, and never by the speed of the machine: what counts is the processor time of the worker.
//!
//! A step that spins uses up [`CPU_LIMIT`] of it, however long that takes. A step that waits for what never comes
//! uses none and sleeps: [`STILL`]. A worker that is slow because others run is neither: it is ready to run, and its
//! processor time stands still.

use std::time::Duration;

/// How much processor time one step of a hazards trace may take, or [`super::ROUNDS`] rounds between two signs of life:
/// steps take microseconds.
pub const CPU_LIMIT: Duration = Duration::from_secs(1);

/// How long the worker's thread may sleep in one step, looked at every `LOOK`.
pub const STILL: Duration = Duration::from_secs(1);

/// How often it is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// Ticks of processor time a second: `USER_HZ`, which Linux fixes for what it shows in `/proc`.
const TICKS: u64 = 100;

/// What was seen of a worker since its last sign of life.
#[derive(Clone, Debug)]
pub struct Patience {
    stat: String,
    began: Option<u64>,
    last: u64,
    asleep: u32,
}

/// What a look says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// It may still come.
    Wait,
    /// It will not.
    Hung,
    /// The system does not tell: only real time is left.
    Unknown,
}

impl Patience {
    /// Begins with this process.
    #[must_use]
    pub fn with(process: u32) -> Self {
        Self { stat: format!("/proc/{process}/task/{process}/stat"), began: None, last: 0, asleep: 0 }
    }

    /// It has given a sign of life.
    pub fn moved(&mut self) {
        (self.began, self.asleep) = (None, 0);
    }

    /// Looks at it, `LOOK` after the last time.
    pub fn look(&mut self) -> Look {
        let Some((state, ticks)) = std::fs::read_to_string(&self.stat).ok().and_then(|text| read(&text)) else {
            return Look::Unknown;
        };
        let began = *self.began.get_or_insert(ticks);
        self.asleep = if state == 'S' && ticks == self.last { self.asleep + 1 } else { 0 };
        self.last = ticks;
        let spins = ticks.saturating_sub(began) >= CPU_LIMIT.as_secs() * TICKS;
        let sleeps = self.asleep as u128 * LOOK.as_millis() >= STILL.as_millis();
        if spins || sleeps { Look::Hung } else { Look::Wait }
    }
}

/// The processor time of a worker's thread at some moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spent {
    process: u32,
    ticks: u64,
}

impl Spent {
    /// By this process, until now; `None`: the system does not tell.
    #[must_use]
    pub fn by(process: u32) -> Option<Self> {
        look_at(process).map(|(_, ticks)| Self { process, ticks })
    }

    /// By the processes that this one has started from its first thread, until now; none, when the system does not tell.
    #[must_use]
    pub fn by_children_of(process: u32) -> Vec<Self> {
        let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
        children.split_whitespace().filter_map(|child| Self::by(child.parse().ok()?)).collect()
    }

    /// Whether it is ready to run now, and has run for less than this since: a worker that sleeps, or has spun for as
    /// long, is not.
    #[must_use]
    pub fn is_starved(self, time: Duration) -> bool {
        look_at(self.process).is_some_and(|(state, ticks)| starves(state, ticks.saturating_sub(self.ticks), time))
    }
}

/// Whether a thread in this state, which has run for so many ticks, still lacks processor time to have run so long.
fn starves(state: char, ticks: u64, time: Duration) -> bool {
    state == 'R' && u128::from(ticks) * 1000 < u128::from(TICKS) * time.as_millis()
}

fn look_at(process: u32) -> Option<(char, u64)> {
    read(&std::fs::read_to_string(format!("/proc/{process}/task/{process}/stat")).ok()?)
}

/// State and processor time of a thread, from its line in `/proc`: the name may hold anything, so what follows its
/// closing bracket is read.
fn read(line: &str) -> Option<(char, u64)> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n)?.parse::<u64>().ok();
    Some((fields.first()?.chars().next()?, ticks(11)? + ticks(12)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_after_the_name() {
        let line = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 30 12 13 14";
        assert_eq!(read(line), Some(('S', 42)));
        assert_eq!(read("7 (a"), None);
    }

    #[test]
    fn who_is_ready_to_run_and_has_not_had_the_time_starves() {
        let second = Duration::from_secs(1);
        assert!(starves('R', TICKS - 1, second));
        assert!(!starves('R', TICKS, second), "it has had its time, and spins");
        assert!(!starves('S', 0, second), "it sleeps");
    }
}

//! When clients come: a Poisson process whose rate changes over time.
//!
//! Time is cut where the rate jumps: at the hours of a table, and where crowds begin and end. Within a piece the waiting
//! time is drawn by inversion, and what a piece had no room for goes on in the next, so that nothing is lost at its end.
//! A sine is drawn from its peak, and thinned. Not here: who comes.

use rand_distr::{Distribution, Exp1};

use super::law::{Random, share};
use super::workload::{Arrivals, DAY, Daily, HOUR, SECOND};

/// Arrivals from one moment to another.
pub(super) struct Process {
    law: Arrivals,
    random: Random,
    /// What the hour is at moment 0: microseconds since midnight.
    midnight: u64,
    end: u64,
    /// Where the process is; with [`Self::past`], the part of a microsecond beyond it, or short waits would all be too
    /// short.
    at: u64,
    past: f64,
    /// The rate from here on, in a microsecond, as if a sine were at its peak.
    rate: f64,
    /// Until when that is so.
    until: u64,
}

impl Process {
    /// Arrivals by this law from one moment to another. `clock` is what a right clock shows at moment 0, in seconds.
    pub(super) fn new(law: Arrivals, clock: i64, from: u64, end: u64, random: Random) -> Self {
        let day = i64::try_from(DAY / SECOND).expect("a day has few seconds");
        let midnight = clock.rem_euclid(day).unsigned_abs() * SECOND;
        let mut process = Self { law, random, midnight, end, at: from, past: 0.0, rate: 0.0, until: from };
        process.begin_piece();
        process
    }

    /// When the next one comes; `None`: none does before the end.
    pub(super) fn next(&mut self) -> Option<u64> {
        let mut wait: f64 = Exp1.sample(&mut self.random);
        while self.at < self.end {
            let left = ((self.until - self.at) as f64 - self.past).max(0.0) * self.rate;
            if self.rate > 0.0 && wait <= left {
                self.forward(wait / self.rate);
                if self.is_kept() {
                    return (self.at < self.end).then_some(self.at);
                }
                wait = Exp1.sample(&mut self.random);
            } else {
                wait -= left;
                (self.at, self.past) = (self.until, 0.0);
                self.begin_piece();
            }
        }
        None
    }

    fn forward(&mut self, by: f64) {
        let to = self.past + by;
        let whole = to.floor();
        self.at = self.until.min(self.at + whole as u64);
        self.past = to - whole;
    }

    /// Whether an arrival of the peak's rate is one of the rate here.
    fn is_kept(&mut self) -> bool {
        let Daily::Sine { swing, peak } = self.law.daily else { return true };
        let since_peak = (self.midnight + self.at).wrapping_add(DAY - peak) % DAY;
        let turn = since_peak as f64 / DAY as f64 * std::f64::consts::TAU;
        share(&mut self.random) * (1.0 + swing) < 1.0 + swing * turn.cos()
    }

    /// The rate from here on, and until when.
    fn begin_piece(&mut self) {
        let mut rate = self.law.rate / SECOND as f64;
        self.until = self.end.max(self.at);
        match &self.law.daily {
            Daily::Even => {}
            Daily::Sine { swing, .. } => rate *= 1.0 + swing,
            Daily::Hours(hours) => {
                let hour = (self.midnight + self.at) / HOUR;
                rate *= hours[(hour % 24) as usize];
                self.until = self.until.min((hour + 1) * HOUR - self.midnight);
            }
        }
        for crowd in &self.law.crowds {
            if crowd.to.0 > self.at && crowd.from.0 <= self.at {
                rate *= crowd.times;
            }
            for edge in [crowd.from.0, crowd.to.0] {
                if edge > self.at {
                    self.until = self.until.min(edge);
                }
            }
        }
        self.rate = rate;
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Moment;
    use super::super::law::stream;
    use super::super::workload::Crowd;
    use super::*;

    fn process(rate: f64, daily: Daily, crowds: Vec<Crowd>, hours: u64) -> Process {
        Process::new(Arrivals { rate, daily, crowds }, 0, 0, hours * HOUR, stream(3, [0]))
    }

    /// How many come in each hour.
    fn by_hour(mut process: Process) -> Vec<f64> {
        let mut counts = vec![0.0; (process.end / HOUR) as usize];
        let mut last = 0;
        while let Some(at) = process.next() {
            assert!(at >= last && at < process.end);
            last = at;
            counts[(at / HOUR) as usize] += 1.0;
        }
        counts
    }

    /// Whether a count is one of a Poisson law with this mean: within 4 sigma.
    #[track_caller]
    fn assert_counts(count: f64, mean: f64) {
        assert!((count - mean).abs() <= 4.0 * mean.sqrt(), "{count}, and the mean is {mean}");
    }

    #[test]
    fn as_many_come_in_an_hour_as_the_rate_says() {
        for count in by_hour(process(10.0, Daily::Even, Vec::new(), 6)) {
            assert_counts(count, 36_000.0);
        }
    }

    #[test]
    fn at_a_million_a_second_time_goes_on_and_none_is_lost() {
        let mut process = process(1e6, Daily::Even, Vec::new(), 1);
        process.end = 3 * SECOND;
        process.begin_piece();
        let mut count = 0.0;
        while process.next().is_some() {
            count += 1.0;
        }
        assert_counts(count, 3e6);
    }

    #[test]
    fn waits_are_exponential_as_their_spread_shows() {
        let mut process = process(1_000.0, Daily::Even, Vec::new(), 1);
        let mut last = 0;
        let waits: Vec<f64> = std::iter::from_fn(|| process.next())
            .take(100_000)
            .map(|at| (at - std::mem::replace(&mut last, at)) as f64)
            .collect();
        let mean = waits.iter().sum::<f64>() / 1e5;
        let spread = (waits.iter().map(|wait| (wait - mean).powi(2)).sum::<f64>() / 1e5).sqrt();
        assert!((mean / 1_000.0 - 1.0).abs() < 0.013, "{mean}");
        assert!((spread / mean - 1.0).abs() < 0.02, "{spread}");
    }

    #[test]
    fn a_sine_has_its_peak_where_it_is_said_and_the_mean_over_the_day() {
        let counts = by_hour(process(5.0, Daily::Sine { swing: 0.8, peak: 14 * HOUR }, Vec::new(), 24));
        assert_counts(counts.iter().sum(), 24.0 * 18_000.0);
        let hour = 13;
        // The integral of the hour before the peak.
        let turn = std::f64::consts::TAU / 24.0;
        assert_counts(counts[hour], 18_000.0 * (1.0 + 0.8 * turn.sin() / turn));
        assert_counts(counts[1], 18_000.0 * (1.0 - 0.8 * turn.sin() / turn));
    }

    #[test]
    fn a_table_counts_by_the_hour_and_an_hour_of_none_has_none() {
        let hours = std::array::from_fn(|hour| if hour % 2 == 0 { 0.0 } else { hour as f64 / 6.0 });
        for (hour, count) in by_hour(process(2.0, Daily::Hours(Box::new(hours)), Vec::new(), 24)).iter().enumerate() {
            assert_counts(*count, 7_200.0 * hours[hour]);
        }
    }

    #[test]
    fn the_day_begins_at_midnight_of_the_clock() {
        let hours = std::array::from_fn(|hour| if hour == 23 { 24.0 } else { 0.0 });
        let law = Arrivals { rate: 1.0, daily: Daily::Hours(Box::new(hours)), crowds: Vec::new() };
        let clock = 86_400 * 20_000 + 22 * 3600 + 1800;
        let counts = by_hour(Process::new(law, clock, 0, 2 * HOUR, stream(3, [0])));
        // It is half past ten: half of the first hour is before eleven, half of the second after midnight.
        assert_counts(counts[0], 24.0 * 1_800.0);
        assert_counts(counts[1], 24.0 * 1_800.0);
    }

    #[test]
    fn a_crowd_counts_for_its_time_alone_and_two_of_them_both() {
        let crowd = |from, to, times| Crowd { from: Moment(from * HOUR), to: Moment(to * HOUR), times };
        let crowds = vec![crowd(1, 3, 50.0), crowd(2, 4, 0.5), crowd(5, 6, 0.0)];
        let counts = by_hour(process(1.0, Daily::Even, crowds, 7));
        for (count, times) in counts.iter().zip([1.0, 50.0, 25.0, 0.5, 1.0, 0.0, 1.0]) {
            assert_counts(*count, 3_600.0 * times);
        }
    }

    #[test]
    fn the_same_stream_gives_the_same_arrivals() {
        let daily = || Daily::Sine { swing: 1.0, peak: 0 };
        let [mut one, mut other] = [process(9.0, daily(), Vec::new(), 2), process(9.0, daily(), Vec::new(), 2)];
        while let Some(at) = one.next() {
            assert_eq!(other.next(), Some(at));
        }
        assert_eq!(other.next(), None);
    }
}

//! Times on the boundaries of sessions, and one second either side.

use session_model::{Time, Timeout};

use super::Generator;
use crate::op::{At, Name, Op};
use crate::source::alphabet::{MAX_TIME, MAX_TIMEOUT};
use crate::source::choices::Choices;

impl<C: Choices> Generator<'_, C> {
    /// A point in time worth being at, within the core alphabet.
    pub(super) fn moment(&mut self) -> i64 {
        let clock = self.known.clock;
        let moment = match self.choices.below(8) {
            0 => clock + self.beside(),
            1..=5 => self.choices.pick(&self.known.boundaries) + self.beside(),
            6 => clock + self.palette_timeout() + self.beside(),
            _ if self.choices.one_in(32) => MAX_TIME,
            _ => clock - i64::from(self.choices.below(1000)),
        };
        moment.clamp(0, MAX_TIME)
    }

    /// On it, one after, or one before.
    fn beside(&mut self) -> i64 {
        self.choices.pick(&[0, 1, -1])
    }

    pub(super) fn palette_timeout(&mut self) -> i64 {
        self.choices.pick(&self.plan.timeouts)
    }

    /// A timeout for a session of this time: one of the trace's own, or one that ends at a moment.
    pub(super) fn timeout_from(&mut self, time: i64) -> i64 {
        if self.choices.below(4) == 3 {
            let fitting = self.moment() - time;
            if (0..=MAX_TIMEOUT).contains(&fitting) {
                return fitting;
            }
        }
        self.palette_timeout()
    }

    /// A time for a session of this timeout: now, a moment, or one that makes it end at a moment.
    pub(super) fn time_before(&mut self, timeout: i64) -> i64 {
        match self.choices.below(4) {
            0 => self.known.clock,
            1 => self.moment(),
            _ => (self.moment() - timeout).max(0),
        }
    }

    pub(super) fn advance(&mut self) {
        // Of two moments the nearer one, since a far one leaves nothing unexpired.
        let (one, other) = (self.moment(), self.moment());
        let moment = if one > self.known.clock { one.min(other) } else { other };
        let seconds = match moment - self.known.clock {
            later @ 1.. => later,
            _ => i64::from(self.choices.pick(&[1, 1, 2, 3, 10, 255])),
        };
        if self.known.clock + seconds > MAX_TIME {
            return self.set_clock();
        }
        self.known.clock += seconds;
        self.ops.push(Op::Advance(u32::try_from(seconds).expect("at most 10^9")));
    }

    pub(super) fn set_clock(&mut self) {
        self.known.clock = self.moment();
        if self.known.clock == MAX_TIME {
            self.known.clock = 1000;
        }
        self.ops.push(Op::SetClock(Time(self.known.clock.into())));
    }

    pub(super) fn flush_sessions(&mut self) {
        let context = self.a_context();
        let at = match self.choices.below(8) {
            0..=3 => At::Now(0),
            4 | 5 => At::Now(self.moment() - self.known.clock),
            6 => At::Absolute(Time(self.moment().into())),
            _ => At::Absolute(Time(self.choices.pick(&[0, 0, 1, MAX_TIME.into()]))),
        };
        let synonym = self.synonym();
        self.ops.push(Op::FlushSessions { context, at, synonym });
    }

    pub(super) fn session_set_time(&mut self) {
        let (name, _) = self.a_name();
        let timeout = self.known.session(name).map_or(0, |session| session.timeout);
        let time = self.time_before(timeout);
        self.set_believed(name, |session| session.time = time);
        self.ops.push(Op::SessionSetTime(name, Time(time.into())));
    }

    pub(super) fn session_set_timeout(&mut self) {
        let (name, _) = self.a_name();
        let time = self.known.session(name).map_or(0, |session| session.time);
        let timeout = self.timeout_from(time);
        self.set_believed(name, |session| session.timeout = timeout);
        self.ops.push(Op::SessionSetTimeout(name, Timeout(timeout.into())));
    }

    fn set_believed(&mut self, name: Name, set: impl FnOnce(&mut super::known::Believed)) {
        if let Some(session) = self.known.session(name) {
            set(session);
            let boundary = session.time + session.timeout;
            self.known.touch(boundary);
        }
    }
}

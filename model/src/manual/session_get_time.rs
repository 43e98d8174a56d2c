//! SSL_SESSION_get_time(3)

use crate::clause::*;
use crate::points;
use crate::ruling::{Ruling, What};
use crate::session::SessionRef;
use crate::time::{Time, Timeout};
use crate::world::World;

impl World {
    /// `SSL_SESSION_get_time()`: when the session was established, in seconds since the Epoch.
    pub fn session_get_time(&mut self, c: SessionRef, why: &mut Ruling) -> i64 {
        let time = self.session(c).time;
        why.returns(TIME_GET, whole(time.0))
    }

    /// `SSL_SESSION_set_time()`: its lifetime counts from `tm`, in the cache as well.
    pub fn session_set_time(&mut self, c: SessionRef, tm: Time, why: &mut Ruling) -> i64 {
        if why.keeps(TIMEOUT_SINGLE_SESSION) && why.rules(TIME_SET, What::Times(c)) {
            self.give_time(c, tm);
            self.take_place(c);
        }
        why.returns(TIME_SET_RETURNS_1, points::set_time_returns(&self.profile, tm, 1))
    }

    /// `SSL_SESSION_get_timeout()`: in seconds.
    pub fn session_get_timeout(&mut self, c: SessionRef, why: &mut Ruling) -> i64 {
        let timeout = self.session(c).timeout;
        why.returns(TIME_GET_TIMEOUT, whole(timeout.0))
    }

    /// `SSL_SESSION_set_timeout()`
    pub fn session_set_timeout(&mut self, c: SessionRef, tm: Timeout, why: &mut Ruling) -> i64 {
        if why.keeps(TIMEOUT_SINGLE_SESSION) && why.rules(TIME_SET_TIMEOUT, What::TimesOut(c)) {
            self.change_turn(c, |session| session.timeout = tm);
            self.take_place(c);
        }
        why.returns(TIME_SET_RETURNS_1, 1)
    }
}

fn whole(seconds: i128) -> i64 {
    i64::try_from(seconds).expect("times of a trace fit")
}

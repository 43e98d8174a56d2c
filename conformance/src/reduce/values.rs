//! Which of two values is simpler, and what to try in the place of one.
//!
//! A value's cost is 0 for the simplest; whatever is tried costs less than what it replaces, or it is not taken.

use session_model::application::{Callbacks, Copy};
use session_model::{CacheMode, SessionId, Time, Timeout};

use crate::op::At;

/// Times in the order of their simplicity; others are as simple as they are near to one of them.
const TIMES: [i128; 2] = [1000, 0];
/// Timeouts in the order of their simplicity: the library's own default, then small ones.
const TIMEOUTS: [i128; 3] = [300, 1, 0];

fn cost_among(value: i128, simple: &[i128]) -> u128 {
    let known = simple.iter().position(|s| *s == value);
    let near = || simple.iter().map(|s| s.abs_diff(value)).min().expect("there is a simple value");
    known.map_or_else(|| simple.len() as u128 + near(), |n| n as u128)
}

pub(super) fn cost_of_time(time: Time) -> u128 {
    cost_among(time.0, &TIMES)
}

pub(super) fn cost_of_timeout(timeout: Timeout) -> u128 {
    cost_among(timeout.0, &TIMEOUTS)
}

pub(super) fn cost_of_at(at: At) -> u128 {
    match at {
        At::Now(later) => 2 * u128::from(later.unsigned_abs()) + u128::from(later < 0),
        At::Absolute(time) => cost_of_time(time),
    }
}

/// Long ones cost more than any short one.
pub(super) fn cost_of_bytes(bytes: &[u8]) -> u128 {
    bytes.iter().map(|byte| 256 + cost_of_byte(*byte)).sum()
}

/// An id of the one byte 00 reads like none.
pub(super) fn cost_of_id(id: &SessionId) -> u128 {
    cost_of_bytes(id.as_bytes()) + if id.as_bytes() == [0] { 256 } else { 0 }
}

/// Where ids have to share bytes, they are 01.
pub(super) fn cost_of_byte(byte: u8) -> u128 {
    match byte {
        0 => 1,
        1 => 0,
        _ => byte.into(),
    }
}

pub(super) fn cost_of_mode(mode: CacheMode) -> u64 {
    mode.flags().count() as u64
}

pub(super) fn cost_of_callbacks(callbacks: &Callbacks) -> u64 {
    let new = callbacks.new.as_ref().map_or(0, |new| {
        let keeps = new.first.iter().filter(|keeps| **keeps).count();
        1 + 2 * new.first.len() + keeps + usize::from(new.then)
    });
    let cost = |copy: &Copy| usize::from(*copy != Copy::One);
    let get = callbacks
        .get
        .as_ref()
        .map_or(0, |get| 1 + 2 * get.first.len() + get.first.iter().map(cost).sum::<usize>() + cost(&get.then));
    (new + get + usize::from(callbacks.remove)) as u64
}

/// Values from `target` towards `value`, in steps that halve the distance: the last one is next to `value`.
pub(super) fn towards(value: i128, target: i128) -> impl Iterator<Item = i128> {
    let mut distance = value - target;
    std::iter::from_fn(move || {
        let next = (distance != 0).then_some(value - distance);
        distance /= 2;
        next
    })
}

fn simpler_among(value: i128, simple: &'static [i128]) -> impl Iterator<Item = i128> {
    simple.iter().copied().chain(simple.iter().flat_map(move |target| towards(value, *target)))
}

pub(super) fn simpler_times(time: Time) -> impl Iterator<Item = Time> {
    simpler_among(time.0, &TIMES).map(Time)
}

pub(super) fn simpler_timeouts(timeout: Timeout) -> impl Iterator<Item = Timeout> {
    simpler_among(timeout.0, &TIMEOUTS).map(Timeout)
}

/// Smaller numbers, down to `least`.
pub(super) fn smaller(number: u32, least: u32) -> impl Iterator<Item = u32> {
    towards(number.into(), least.into()).map(|n| u32::try_from(n).expect("between two numbers of 32 bits"))
}

/// Sizes: no limit, then small ones.
pub(super) fn simpler_sizes(size: u32) -> impl Iterator<Item = u32> {
    [0, 1, 2, 3].into_iter().chain(smaller(size, 1))
}

pub(super) fn simpler_ats(at: At) -> Vec<At> {
    let mut simpler = vec![At::Now(0), At::Now(1), At::Now(-1)];
    match at {
        At::Now(later) => {
            simpler.extend(towards(later.into(), 0).filter_map(|n| i64::try_from(n).ok()).map(At::Now));
        }
        At::Absolute(time) => simpler.extend(simpler_times(time).map(At::Absolute)),
    }
    simpler
}

/// No flag, one flag alone, one flag less.
pub(super) fn simpler_modes(mode: CacheMode) -> Vec<CacheMode> {
    let flags: Vec<_> = mode.flags().map(|(_, flag)| flag).collect();
    let without =
        |dropped| flags.iter().filter(move |flag| **flag != dropped).fold(CacheMode::OFF, |mode, flag| mode | *flag);
    let mut simpler = vec![CacheMode::OFF];
    simpler.extend(&flags);
    simpler.extend(flags.iter().map(|flag| without(*flag)));
    simpler
}

/// None set, one not set, one answer less, plainer answers.
pub(super) fn simpler_callbacks(callbacks: &Callbacks) -> Vec<Callbacks> {
    let mut simpler = vec![
        Callbacks::default(),
        Callbacks { new: None, ..callbacks.clone() },
        Callbacks { get: None, ..callbacks.clone() },
        Callbacks { remove: false, ..callbacks.clone() },
    ];
    let mut with = |edit: &dyn Fn(&mut Callbacks)| {
        let mut changed = callbacks.clone();
        edit(&mut changed);
        simpler.push(changed);
    };
    if let Some(new) = &callbacks.new {
        with(&|c| c.new.iter_mut().for_each(|new| new.first.clear()));
        with(&|c| c.new.iter_mut().for_each(|new| new.then = false));
        for n in 0..new.first.len() {
            with(&|c| c.new.iter_mut().for_each(|new| _ = new.first.remove(n)));
            with(&|c| c.new.iter_mut().for_each(|new| new.first[n] = false));
        }
    }
    if let Some(get) = &callbacks.get {
        with(&|c| c.get.iter_mut().for_each(|get| get.first.clear()));
        with(&|c| c.get.iter_mut().for_each(|get| get.then = Copy::One));
        for n in 0..get.first.len() {
            with(&|c| c.get.iter_mut().for_each(|get| _ = get.first.remove(n)));
            with(&|c| c.get.iter_mut().for_each(|get| get.first[n] = Copy::One));
        }
    }
    simpler
}

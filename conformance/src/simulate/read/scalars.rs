//! Lengths of time, rates and shares, as people write them.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::super::workload::{DAY, HOUR, SECOND};
use crate::scenario::{Scalar, scalars};

scalars!(Span, WholeSpan, Shift, Drift, Rate, Share, Number, Clock, Now, AtOnce, Evenly);

/// The longest length of time: 10 years.
pub(super) const LONGEST: u64 = 3_653 * DAY;
/// The highest rate, a second.
pub(super) const MOST_A_SECOND: f64 = 1e6;
/// The latest clock: the last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// Units of time in microseconds, by how they are written.
const UNITS: [(&str, u64); 6] = [("us", 1), ("ms", 1_000), ("s", SECOND), ("m", 60 * SECOND), ("h", HOUR), ("d", DAY)];

/// A number and what follows it: `1.5` and `h`. Digits and one point only, so that no word is a number.
fn number_and_unit(word: &str) -> Option<(f64, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    Some((number.parse().ok()?, unit.strip_prefix(' ').unwrap_or(unit)))
}

fn unit(name: &str) -> Option<u64> {
    UNITS.iter().find(|(unit, _)| *unit == name).map(|(_, length)| *length)
}

/// Microseconds: so many times this length. What is no number, less than none or too long is none.
fn length(number: f64, unit: u64) -> Option<u64> {
    let length = number * unit as f64;
    (length >= 0.0 && length <= LONGEST as f64).then(|| length.round() as u64)
}

/// The length that a word says.
fn length_of(word: &str) -> Option<u64> {
    let (number, name) = number_and_unit(word)?;
    length(number, unit(name)?)
}

/// A length of time, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span(pub(super) u64);

impl Scalar for Span {
    const EXPECTS: &'static str = "a length of time: `250ms`, `90s`, `5m`, `2h`, `1d` or seconds; at most 3653d";

    fn number(number: i128) -> Option<Self> {
        Self::fraction(number as f64)
    }

    fn fraction(number: f64) -> Option<Self> {
        length(number, SECOND).map(Self)
    }

    fn word(word: &str) -> Option<Self> {
        length_of(word).map(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]+([.][0-9]+)? ?(us|ms|s|m|h|d)$" })
    }
}

/// Reads how long a run is to last, as a workload would say it.
///
/// # Errors
///
/// When it is no such length, in words.
pub fn lasting(text: &str) -> Result<Duration, String> {
    let seconds = number_and_unit(text).filter(|(_, unit)| unit.is_empty());
    match seconds.map_or_else(|| Span::word(text), |(seconds, _)| Span::fraction(seconds)) {
        Some(Span(0)) => Err("a run lasts for more than nothing".to_owned()),
        Some(Span(length)) => Ok(Duration::from_micros(length)),
        None => Err(match sum_of(text) {
            Some(sum) => format!("one number and one unit: `{text}` is `{}`", as_typed(sum)),
            None => format!("expected {}", Span::EXPECTS),
        }),
    }
}

/// A length of time as it may be typed.
#[must_use]
pub fn as_typed(length: Duration) -> String {
    let micros = length.as_micros();
    let (unit, name) = match micros {
        _ if micros.is_multiple_of(1_000_000) => (1_000_000, "s"),
        _ if micros.is_multiple_of(1_000) => (1_000, "ms"),
        _ => (1, "us"),
    };
    format!("{}{name}", micros / unit)
}

/// What several lengths in a row come to, such as `12m33s`.
fn sum_of(text: &str) -> Option<Duration> {
    let (mut rest, mut sum) = (text, 0_u64);
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let end = rest[unit..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |end| unit + end);
        sum = sum.checked_add(length_of(&rest[..end])?)?;
        rest = rest[end..].trim_start();
    }
    (1..=LONGEST).contains(&sum).then(|| Duration::from_micros(sum))
}

/// A length of time in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct WholeSpan(pub(super) u64);

impl WholeSpan {
    fn of(Span(length): Span) -> Option<Self> {
        length.is_multiple_of(SECOND).then_some(Self(length / SECOND))
    }
}

impl Scalar for WholeSpan {
    const EXPECTS: &'static str =
        "a length of time in whole seconds: `90s`, `5m`, `2h`, `1d` or seconds; at most 3653d";

    fn number(number: i128) -> Option<Self> {
        Span::number(number).and_then(Self::of)
    }

    fn word(word: &str) -> Option<Self> {
        Span::word(word).and_then(Self::of)
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+([.][0-9]+)? ?(ms|s|m|h|d)$" })
    }
}

/// By how many seconds a clock is moved or ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shift(pub(super) i64);

impl Scalar for Shift {
    const EXPECTS: &'static str = "whole seconds forward or back: `30s`, `-1h`, `1d` or seconds; at most 3653d";

    fn number(number: i128) -> Option<Self> {
        let WholeSpan(length) = WholeSpan::number(number.checked_abs()?)?;
        let length = i64::try_from(length).ok()?;
        Some(Self(if number < 0 { -length } else { length }))
    }

    fn word(word: &str) -> Option<Self> {
        let (back, length) = match word.strip_prefix('-') {
            Some(length) => (true, length),
            None => (false, word.strip_prefix('+').unwrap_or(word)),
        };
        let length = i64::try_from(WholeSpan::word(length)?.0).ok()?;
        Some(Self(if back { -length } else { length }))
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["integer", "string"], "pattern": "^[+-]?[0-9]+([.][0-9]+)? ?(ms|s|m|h|d)$" })
    }
}

/// By how many microseconds a clock gains in a second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Drift(pub(super) i64);

impl Drift {
    /// Half of the time.
    const MOST: i64 = 500_000;
}

impl Scalar for Drift {
    const EXPECTS: &'static str = "a whole number of microseconds in a second, from -500000 to 500000";

    fn number(number: i128) -> Option<Self> {
        i64::try_from(number).ok().filter(|drift| drift.abs() <= Self::MOST).map(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "type": "integer", "minimum": -Self::MOST, "maximum": Self::MOST })
    }
}

/// How often, in a second.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rate(pub(super) f64);

impl Scalar for Rate {
    const EXPECTS: &'static str = "a rate: `200/s`, `30/m`, `5/h`, `1/d` or so many a second; at most 1000000/s";

    fn number(number: i128) -> Option<Self> {
        Self::fraction(number as f64)
    }

    fn fraction(number: f64) -> Option<Self> {
        (0.0..=MOST_A_SECOND).contains(&number).then_some(Self(number))
    }

    fn word(word: &str) -> Option<Self> {
        let (number, name) = number_and_unit(word)?;
        let length = unit(name.strip_prefix('/')?)?;
        Self::fraction(number * SECOND as f64 / length as f64)
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]+([.][0-9]+)? ?/(ms|s|m|h|d)$" })
    }
}

/// A part of a whole: from 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Share(pub(super) f64);

impl Scalar for Share {
    const EXPECTS: &'static str = "a share: `40%`, or a number from 0 to 1";

    fn number(number: i128) -> Option<Self> {
        Self::fraction(number as f64)
    }

    fn fraction(number: f64) -> Option<Self> {
        (0.0..=1.0).contains(&number).then_some(Self(number))
    }

    fn word(word: &str) -> Option<Self> {
        match number_and_unit(word)? {
            (number, "%") => Self::fraction(number / 100.0),
            _ => None,
        }
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": "^[0-9]+([.][0-9]+)? ?%$" })
    }
}

/// A number that counts nothing: a factor, a weight, an exponent.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Number(pub(super) f64);

impl Scalar for Number {
    const EXPECTS: &'static str = "a number from 0 to 1000000";

    fn number(number: i128) -> Option<Self> {
        Self::fraction(number as f64)
    }

    fn fraction(number: f64) -> Option<Self> {
        (0.0..=1e6).contains(&number).then_some(Self(number))
    }

    fn schema() -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1_000_000 })
    }
}

/// A time of the clock, in seconds since the Epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock(pub(super) i64);

impl Scalar for Clock {
    const EXPECTS: &'static str = "whole seconds since the Epoch, from 0 to 253402300799";

    fn number(number: i128) -> Option<Self> {
        i64::try_from(number).ok().filter(|clock| (0..=LAST_SECOND).contains(clock)).map(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": LAST_SECOND })
    }
}

/// The time of what has no other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Now;

impl Scalar for Now {
    const EXPECTS: &'static str = "`now`";
    const WORDS: &'static [&'static str] = &["now"];

    fn number(_: i128) -> Option<Self> {
        None
    }

    fn word(word: &str) -> Option<Self> {
        (word == "now").then_some(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "enum": Self::WORDS })
    }
}

/// [`Now`], where a map may stand as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AtOnce;

impl Scalar for AtOnce {
    const EXPECTS: &'static str = "`now`, or a map: `{away: 2m}`";
    // No words: to list them would hide the map.

    fn number(_: i128) -> Option<Self> {
        None
    }

    fn word(word: &str) -> Option<Self> {
        Now::word(word).map(|Now| Self)
    }

    fn schema() -> Schema {
        Now::schema()
    }
}

/// Any of a group, each as likely.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Evenly;

impl Scalar for Evenly {
    const EXPECTS: &'static str = "`evenly`, or a map: `{zipf: 1.1}`";
    // No words: to list them would hide the map.

    fn number(_: i128) -> Option<Self> {
        None
    }

    fn word(word: &str) -> Option<Self> {
        (word == "evenly").then_some(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "description": "Any of the group, each as likely.", "enum": ["evenly"] })
    }
}

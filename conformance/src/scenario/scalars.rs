//! Words and numbers of a scenario, each with one visitor and one schema.
//!
//! A number may also be written as a string: beyond 64 bits YAML readers disagree about bare ones.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A type that is written as one number or word.
pub(crate) trait Scalar: Sized {
    /// What is expected, for people: completes "expected …".
    const EXPECTS: &'static str;
    /// The words that mean something; empty when words follow a pattern.
    const WORDS: &'static [&'static str] = &[];

    /// The value of a whole number.
    fn number(number: i128) -> Option<Self>;
    /// The value of a number with a fraction.
    fn fraction(_number: f64) -> Option<Self> {
        None
    }
    /// The value of a word that is no whole number.
    fn word(_word: &str) -> Option<Self> {
        None
    }
    /// As an editor is told.
    fn schema() -> Schema;
}

/// Reads a [`Scalar`].
pub(crate) struct ScalarVisitor<T>(pub(crate) PhantomData<T>);

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTS)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        T::number(number.into()).ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        T::number(number.into()).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        T::fraction(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        let value = match word.parse::<i128>() {
            // `010` is 8 to some readers and 10 to others.
            Ok(number) if number.to_string() == word => T::number(number),
            Ok(_) => None,
            Err(_) => T::word(word),
        };
        value.ok_or_else(|| match T::WORDS {
            [] => E::invalid_value(Unexpected::Str(word), &self),
            words => E::unknown_variant(word, words),
        })
    }
}

/// Has serde and editors take these types for words and numbers.
macro_rules! scalars {
    ($($type:ident),+ $(,)?) => { $(
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::scenario::ScalarVisitor(std::marker::PhantomData))
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <Self as $crate::scenario::Scalar>::schema()
            }
        }
    )+ };
}
pub(crate) use scalars;

scalars!(Seconds, Count, When, Returned, CopyWord, Keeps);

/// Whether a number of seconds is one that some subject can be given: they count in 64 bits. What is beyond those that
/// the pages speak of is a hazard.
fn in_reach(number: i128) -> bool {
    i64::try_from(number).is_ok()
}

/// A point or span of time.
#[derive(Clone, Copy)]
pub(super) struct Seconds(pub(super) i128);

impl Scalar for Seconds {
    const EXPECTS: &'static str = "a whole number of seconds";

    fn number(number: i128) -> Option<Self> {
        in_reach(number).then_some(Self(number))
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["integer", "string"], "pattern": "^-?[0-9]+$" })
    }
}

/// How many.
#[derive(Clone, Copy)]
pub(crate) struct Count(pub(crate) u32);

impl Scalar for Count {
    const EXPECTS: &'static str = "a whole number from 0 to 4294967295";

    fn number(number: i128) -> Option<Self> {
        number.try_into().ok().map(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

/// The time of a flush.
#[derive(Clone, Copy)]
pub(super) enum When {
    Absolute(i128),
    Now(i64),
}

impl Scalar for When {
    const EXPECTS: &'static str = "a time: seconds, `now`, `now+1` or `now-1`";

    fn number(number: i128) -> Option<Self> {
        in_reach(number).then_some(Self::Absolute(number))
    }

    fn word(word: &str) -> Option<Self> {
        let later = word.strip_prefix("now")?;
        if later.is_empty() {
            return Some(Self::Now(0));
        }
        // Without its sign, "now5" would pass.
        let later = later.trim_start_matches(' ');
        let (sign, seconds) = later.split_at_checked(1)?;
        let seconds = seconds.trim_start_matches(' ');
        let digits = matches!(sign, "+" | "-") && seconds.bytes().all(|byte| byte.is_ascii_digit());
        let later: i64 = digits.then(|| format!("{sign}{seconds}").parse().ok())??;
        in_reach(later.into()).then_some(Self::Now(later))
    }

    fn schema() -> Schema {
        json_schema!({ "type": ["integer", "string"], "pattern": "^(now( *[+-] *[0-9]+)?|-?[0-9]+)$" })
    }
}

/// What a call answers.
#[derive(Clone, Copy)]
pub(super) enum Returned {
    Value(i64),
    None,
    Absent,
    Resumed,
    Full,
    Failed,
}

impl Scalar for Returned {
    const EXPECTS: &'static str = "a whole number, `none`, `absent`, `resumed`, `full` or `failed`";
    const WORDS: &'static [&'static str] = &["none", "absent", "resumed", "full", "failed"];

    fn number(number: i128) -> Option<Self> {
        number.try_into().ok().map(Self::Value)
    }

    fn word(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "absent" => Self::Absent,
            "resumed" => Self::Resumed,
            "full" => Self::Full,
            "failed" => Self::Failed,
            _ => return None,
        })
    }

    fn schema() -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer" }, { "enum": Self::WORDS }] })
    }
}

/// What `get_session_cb` writes to `copy`.
#[derive(Clone, Copy)]
pub(super) struct CopyWord(pub(super) session_model::application::Copy);

impl Scalar for CopyWord {
    const EXPECTS: &'static str = "a copy flag: 0, 1 or `unset`";
    const WORDS: &'static [&'static str] = &["0", "1", "unset"];

    fn number(number: i128) -> Option<Self> {
        use session_model::application::Copy::{One, Zero};
        [Zero, One].get(usize::try_from(number).ok()?).map(|copy| Self(*copy))
    }

    fn word(word: &str) -> Option<Self> {
        (word == "unset").then_some(Self(session_model::application::Copy::Unset))
    }

    fn schema() -> Schema {
        json_schema!({ "enum": [0, 1, "unset"] })
    }
}

/// What `new_session_cb` returns: 1 keeps the reference.
#[derive(Clone, Copy)]
pub(super) struct Keeps(pub(super) bool);

impl Scalar for Keeps {
    const EXPECTS: &'static str = "0 or 1";

    fn number(number: i128) -> Option<Self> {
        [false, true].get(usize::try_from(number).ok()?).map(|keeps| Self(*keeps))
    }

    fn schema() -> Schema {
        json_schema!({ "enum": [0, 1] })
    }
}

/// An id, as it is written: a word, since bare digits would lose their leading zero.
#[derive(Clone)]
pub(super) struct IdWord(pub(super) String);

impl<'de> Deserialize<'de> for IdWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = IdWord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id: 1 to 32 bytes in hex, in quotes")
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<IdWord, E> {
                Ok(IdWord(id.to_owned()))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}

impl JsonSchema for IdWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([0-9a-fA-F]{2}){1,32}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_from_now_on_may_have_spaces_around_its_sign_and_nowhere_else() {
        let now = |word: &str| match When::word(word) {
            Some(When::Now(later)) => Some(later),
            _ => None,
        };
        assert_eq!(["now", "now+1", "now + 1", "now -1"].map(now), [Some(0), Some(1), Some(1), Some(-1)]);
        assert_eq!(["now5", "now +", "now + 5 5", "now+-5", "now +5 s", "now "].map(now), [None; 6]);
    }
}

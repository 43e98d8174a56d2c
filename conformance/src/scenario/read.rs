//! Reads values into types, one part after the other, and says in a scenario's words what does not fit.
//!
//! serde stops at the first value that does not fit; here that entry is noted, left out, and the rest is read again.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

use super::mistake::{Mistake, Source};
use super::places::{Places, child};

/// The text that is read, and what was found wrong with it.
pub(super) struct Reader {
    pub(super) source: Arc<Source>,
    pub(super) places: Places,
    pub(super) mistakes: Vec<Mistake>,
}

impl Reader {
    /// Notes a mistake at these bytes.
    pub(super) fn mistake(&mut self, at: Range<usize>, message: impl Into<String>) -> &mut Mistake {
        self.mistakes.push(Mistake::new(&self.source, at, message));
        self.mistakes.last_mut().expect("it was just pushed")
    }

    /// Notes a mistake at a value.
    pub(super) fn at_value(&mut self, pointer: &str, message: impl Into<String>) -> &mut Mistake {
        let place = self.places.get(pointer);
        self.mistake(place.value, message)
    }

    /// Notes a mistake at a key, or at the value when it has none.
    pub(super) fn at_key(&mut self, pointer: &str, message: impl Into<String>) -> &mut Mistake {
        let place = self.places.get(pointer);
        self.mistake(place.key.unwrap_or(place.value), message)
    }

    /// Reads the value at this pointer. `also` are keys that are allowed there and were taken out before.
    ///
    /// Each entry that does not fit is a mistake and is left out; `None`: what is left cannot be read.
    pub(super) fn read<T: DeserializeOwned>(&mut self, mut value: Value, pointer: &str, also: &[&str]) -> Option<T> {
        let mut left_out: Vec<String> = Vec::new();
        loop {
            let error = match serde_path_to_error::deserialize(&value) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let words = error.inner().to_string();
            let path: Vec<_> = error.path().iter().map(entry).collect();
            let at = path.iter().flatten().fold(pointer.to_owned(), |pointer, entry| child(&pointer, entry));
            let fault = Fault::of(&words);
            // What was left out is no longer missing.
            if !matches!(fault, Fault::Missing(key) if path.is_empty() && left_out.iter().any(|out| out == key)) {
                self.explain(&at, &fault, also);
            }
            let (Some(Some(key)), Value::Mapping(map)) = (path.first(), &mut value) else {
                return None;
            };
            map.remove(key.as_str())?;
            left_out.push(key.clone());
        }
    }

    fn explain(&mut self, at: &str, fault: &Fault<'_>, also: &[&str]) {
        match fault {
            Fault::Missing(key) => {
                self.at_value(at, format!("`{key}` is missing here"));
            }
            Fault::UnknownKey { written, allowed } => {
                let allowed = allowed.iter().chain(also).copied();
                self.at_key(at, format!("`{written}` is not known here")).allow(written, allowed);
            }
            Fault::UnknownWord { written, allowed } => {
                // A verb is a word for serde and a key for the reader.
                let place = self.places.get(at);
                let range = if also.is_empty() { place.value } else { place.key.unwrap_or(place.value) };
                let allowed = allowed.iter().chain(also).copied();
                self.mistake(range, format!("`{written}` is not known here")).allow(written, allowed);
            }
            Fault::Unfit { found, expected } => {
                self.at_value(at, format!("expected {}, found {}", plain(expected), plain(found)));
            }
            Fault::Other(words) => {
                self.at_value(at, *words);
            }
        }
    }
}

fn entry(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// What serde found, taken apart: its errors carry words only, and each kind has one form of them.
enum Fault<'w> {
    Missing(&'w str),
    UnknownKey { written: &'w str, allowed: Vec<&'w str> },
    UnknownWord { written: &'w str, allowed: Vec<&'w str> },
    Unfit { found: &'w str, expected: &'w str },
    Other(&'w str),
}

impl<'w> Fault<'w> {
    fn of(words: &'w str) -> Self {
        if let Some(key) = words.strip_prefix("missing field ") {
            return Self::Missing(key.trim_matches('`'));
        }
        for (prefix, is_key) in [("unknown field `", true), ("unknown variant `", false)] {
            if let Some((written, allowed)) = words.strip_prefix(prefix).and_then(|rest| rest.split_once("`, ")) {
                let allowed = allowed.split('`').skip(1).step_by(2).collect();
                return if is_key {
                    Self::UnknownKey { written, allowed }
                } else {
                    Self::UnknownWord { written, allowed }
                };
            }
        }
        let unfit = words.strip_prefix("invalid type: ").or_else(|| words.strip_prefix("invalid value: "));
        match unfit.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((found, expected)) => Self::Unfit { found, expected },
            None => Self::Other(words),
        }
    }
}

/// serde's names of types, in a YAML writer's words.
fn plain(words: &str) -> &str {
    match words {
        "sequence" | "a sequence" => "a list",
        "map" => "a map",
        "a string" => "a word or text",
        "unit" | "unit value" => "nothing",
        "i64" => "a whole number",
        "a boolean" => "`true` or `false`",
        other => other,
    }
}

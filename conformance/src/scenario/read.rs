//! Reads values into types, one part after the other, and says in a scenario's words what does not fit.
//!
//! serde stops at the first value that does not fit; here that entry is noted, left out, and the rest is read again.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

use super::mistake::{MOST, Mistake, Source, nearest};
use super::places::{Places, child};

/// The text that is read, and what was found wrong with it.
pub(crate) struct Reader {
    pub(crate) source: Arc<Source>,
    pub(crate) places: Places,
    pub(crate) mistakes: Vec<Mistake>,
}

impl Reader {
    /// Notes a mistake at these bytes.
    pub(crate) fn mistake(&mut self, at: Range<usize>, message: impl Into<String>) -> &mut Mistake {
        self.mistakes.push(Mistake::new(&self.source, at, message));
        self.mistakes.last_mut().expect("it was just pushed")
    }

    /// Whether as many mistakes are noted as are told.
    pub(crate) fn is_full(&self) -> bool {
        self.mistakes.len() >= MOST
    }

    /// Notes a mistake at a value.
    pub(crate) fn at_value(&mut self, pointer: &str, message: impl Into<String>) -> &mut Mistake {
        self.mistake(self.places.get(pointer).value, message)
    }

    /// Notes a mistake at a key, or at the value when it has none.
    pub(crate) fn at_key(&mut self, pointer: &str, message: impl Into<String>) -> &mut Mistake {
        self.mistake(self.places.get(pointer).of_key(), message)
    }

    /// Reads the map at this pointer.
    ///
    /// Each entry that does not fit is a mistake and is left out; `None`: what is left cannot be read.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, mut value: Value, pointer: &str) -> Option<T> {
        let mut left_out = Vec::new();
        loop {
            if self.is_full() {
                return None;
            }
            let (fault, path) = match attempt(&value) {
                Ok(read) => return Some(read),
                Err(fault) => fault,
            };
            // What was left out is no longer missing, be it under another spelling.
            let is_there = |key: &str| left_out.iter().any(|out: &String| nearest(out, &[key]).is_some());
            if !matches!(&fault, Fault::Missing(key) if path.is_empty() && is_there(key)) {
                self.explain(&below(pointer, &path), &fault, &[]);
            }
            let (Some(key), Value::Mapping(map)) = (path.into_iter().next(), &mut value) else { return None };
            map.remove(key.as_str())?;
            left_out.push(key);
        }
    }

    /// Reads a map of one entry at this pointer. `also` are keys that are allowed there beside those of `T`.
    pub(crate) fn read_entry<T: DeserializeOwned>(&mut self, value: &Value, pointer: &str, also: &[&str]) -> Option<T> {
        let (fault, path) = match attempt(value) {
            Ok(read) => return Some(read),
            Err(fault) => fault,
        };
        self.explain(&below(pointer, &path), &fault, if path.len() == 1 { also } else { &[] });
        None
    }

    /// Whether a key of the whole stands further in, below another one; that is the mistake then.
    fn is_indented(&mut self, key: &str) -> bool {
        let Some((around, at)) = self.places.deeper(key) else { return false };
        let message =
            format!("`{key}` is indented, so it belongs to `{around}`; it stands at the beginning of its line");
        self.mistake(at, message);
        true
    }

    fn explain(&mut self, at: &str, fault: &Fault, also: &[&str]) {
        let place = self.places.get(at);
        let in_whole = at.matches('/').count() == 1;
        match fault {
            Fault::Missing(key) if at.is_empty() && self.is_indented(key) => {}
            Fault::Missing(key) => {
                self.mistake(place.value, format!("`{key}` is missing here"));
            }
            Fault::Unknown { written, allowed, is_key } => {
                // serde takes a verb for a word; it is a key.
                let at = if *is_key || !also.is_empty() { place.of_key() } else { place.value };
                let allowed = allowed.iter().map(String::as_str).chain(also.iter().copied());
                let mistake = self.mistake(at, format!("`{written}` is not known here"));
                mistake.allow(written, allowed);
                if in_whole && mistake.meant().is_none() {
                    mistake.note("a name of one's own, or what belongs to a key above, is indented below that key");
                }
            }
            Fault::Unfit { found, expected } => {
                let found = match found.as_str() {
                    "sequence" => "a list".to_owned(),
                    "map" => "a map".to_owned(),
                    "unit value" => "nothing".to_owned(),
                    // A scalar, as it is written.
                    _ => format!("`{}`", &self.source.text[self.source.first_line(&place.value)]),
                };
                self.mistake(place.value, format!("expected {}, found {found}", plain(expected)));
            }
            Fault::Other(words) => {
                self.mistake(place.value, words);
            }
        }
    }
}

/// Reads a value; what is wrong, and the entries that lead there.
fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, (Fault, Vec<String>)> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().iter().filter_map(entry).collect();
        (Fault::of(&error.inner().to_string()), path)
    })
}

fn below(pointer: &str, path: &[String]) -> String {
    path.iter().fold(pointer.to_owned(), |pointer, entry| child(&pointer, entry))
}

fn entry(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// What serde found, taken apart: its errors carry words only, and each kind has one form of them.
enum Fault {
    Missing(String),
    Unknown { written: String, allowed: Vec<String>, is_key: bool },
    Unfit { found: String, expected: String },
    Other(String),
}

impl Fault {
    fn of(words: &str) -> Self {
        if let Some(key) = words.strip_prefix("missing field ") {
            return Self::Missing(key.trim_matches('`').to_owned());
        }
        for (prefix, is_key) in [("unknown field `", true), ("unknown variant `", false)] {
            if let Some((written, allowed)) =
                words.strip_prefix(prefix).and_then(|rest| rest.rsplit_once("`, expected "))
            {
                let allowed = allowed.split('`').skip(1).step_by(2).map(str::to_owned).collect();
                return Self::Unknown { written: written.to_owned(), allowed, is_key };
            }
        }
        let unfit = words.strip_prefix("invalid type: ").or_else(|| words.strip_prefix("invalid value: "));
        match unfit.and_then(|rest| rest.rsplit_once(", expected ")) {
            Some((found, expected)) => Self::Unfit { found: found.to_owned(), expected: expected.to_owned() },
            None => Self::Other(words.to_owned()),
        }
    }
}

/// serde's names of types, in a YAML writer's words.
fn plain(words: &str) -> &str {
    match words {
        "a sequence" => "a list",
        "a string" => "a word or text",
        "unit" => "nothing",
        "i64" => "a whole number",
        "a boolean" => "`true` or `false`",
        other => other,
    }
}

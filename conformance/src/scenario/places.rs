//! Where each value of a YAML text stands, by JSON pointer.
//!
//! Not here: how the text is gone through ([`super::survey`]).

use std::collections::HashMap;
use std::ops::Range;

/// A value and its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// The key, when the value is one of a map.
    pub(crate) key: Option<Range<usize>>,
    /// The value.
    pub(crate) value: Range<usize>,
    /// Whether it is a word or number without quotes.
    pub(crate) bare: bool,
}

impl Place {
    /// The key, or the value when it has none.
    pub(crate) fn of_key(self) -> Range<usize> {
        self.key.unwrap_or(self.value)
    }
}

/// The places of a text's values, by JSON pointer; the whole text is at the empty one.
#[derive(Default)]
pub(crate) struct Places(HashMap<String, Place>);

impl Places {
    /// Notes the place of the value at this pointer.
    pub(crate) fn put(&mut self, pointer: String, place: Place) {
        self.0.insert(pointer, place);
    }

    /// Every pointer with its place, in the order of the text, what is around before what is within.
    pub(crate) fn in_order(&self) -> Vec<(&str, &Place)> {
        let mut all: Vec<_> = self.0.iter().map(|(pointer, place)| (pointer.as_str(), place)).collect();
        all.sort_by_key(|(pointer, place)| (place.value.start, std::cmp::Reverse(place.value.end), *pointer));
        all
    }

    /// How many values have a place.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is a value at this pointer.
    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.0.contains_key(pointer)
    }

    /// A key of this name below one of the whole, with that one's name.
    pub(crate) fn deeper(&self, key: &str) -> Option<(&str, Range<usize>)> {
        let below = self.0.iter().filter_map(|(pointer, place)| {
            let (around, last) = pointer.strip_prefix('/')?.split_once('/')?;
            (last == key).then(|| (around, place.key.clone())).and_then(|(around, at)| Some((around, at?)))
        });
        below.min_by_key(|(_, at)| at.start)
    }

    /// The place of a value; of the nearest value around it, when there is none at this pointer.
    pub(crate) fn get(&self, mut pointer: &str) -> Place {
        loop {
            if let Some(place) = self.0.get(pointer) {
                return place.clone();
            }
            let Some((around, _)) = pointer.rsplit_once('/') else {
                return Place { key: None, value: 0..0, bare: false };
            };
            pointer = around;
        }
    }
}

/// The pointer of an entry of a map or list.
pub(crate) fn child(pointer: &str, entry: impl std::fmt::Display) -> String {
    let entry = entry.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{entry}")
}

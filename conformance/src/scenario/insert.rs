//! What a step shows, written into the text of a scenario: all else, comments too, stays as it is.
//!
//! Not here: what may be written ([`crate::author`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::Shows;
use super::mistake::{Mistake, Source};
use super::places::{Place, Places, child};
use super::survey::survey;

/// A key that a step is to have, with its value on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addition {
    /// The step, counted from 0.
    pub step: usize,
    /// One of the keys of what a step shows; the step does not have it yet.
    pub key: String,
    /// The value as YAML.
    pub value: String,
}

/// Which keys of what it shows each step has.
///
/// # Errors
///
/// When the text is no YAML that a scenario may have.
pub fn stated_keys(text: &str) -> Result<Vec<BTreeSet<&'static str>>, Vec<Mistake>> {
    let (places, _) = survey(&Arc::new(Source::new("", text)))?;
    let steps = (0..).map(|n| child("/steps", n)).take_while(|step| places.has(step));
    Ok(steps.map(|step| Shows::KEYS.into_iter().filter(|key| places.has(&child(&step, key))).collect()).collect())
}

/// The text with the additions, each at its place in the order of the keys. A step that is not in the text gets nothing.
///
/// # Errors
///
/// As [`stated_keys`].
pub fn insert(text: &str, additions: &[Addition]) -> Result<String, Vec<Mistake>> {
    let (places, _) = survey(&Arc::new(Source::new("", text)))?;
    let in_order = places.in_order();
    let mut pieces: Vec<_> =
        additions.iter().filter_map(|addition| piece(text, &places, &in_order, addition)).collect();
    pieces.sort();
    let (mut out, mut done) = (String::new(), 0);
    for (at, _, piece) in pieces {
        out.push_str(&text[done..at]);
        out.push_str(&piece);
        done = at;
    }
    Ok(out + &text[done..])
}

/// Where it goes, its rank among those that go there, and the text.
fn piece(
    text: &str,
    places: &Places,
    in_order: &[(&str, &Place)],
    addition: &Addition,
) -> Option<(usize, usize, String)> {
    let step = child("/steps", addition.step);
    if !places.has(&step) {
        return None;
    }
    let rank = |key: &str| Shows::KEYS.iter().position(|known| *known == key);
    let own = rank(&addition.key)?;
    let entries = in_order.iter().filter_map(|(pointer, place)| {
        let key = pointer.strip_prefix(&step)?.strip_prefix('/').filter(|key| !key.contains('/'))?;
        Some((rank(key).map_or(0, |rank| rank + 1), *pointer, *place))
    });
    // The verb stands before all of them.
    let before = entries.filter(|(rank, ..)| *rank <= own);
    let (_, pointer, Place { key, .. }) = before.max_by_key(|(.., place)| place.value.end)?;
    let last = end(text, in_order, pointer);
    let entry = format!("{}: {}", addition.key, addition.value);
    if text[places.get(&step).value].starts_with('{') {
        return Some((last, own, format!(", {entry}")));
    }
    let key = key.as_ref()?;
    let column = key.start - text[..key.start].rfind('\n').map_or(0, |end| end + 1);
    // Behind a comment that stands on the line.
    let end = text[last..].find('\n').map_or(text.len(), |line| last + line);
    let (end, line_break) = match text[..end].ends_with('\r') {
        true => (end - 1, "\r\n"),
        false => (end, "\n"),
    };
    Some((end, own, format!("{line_break}{:column$}{entry}", "")))
}

/// Where the value at this pointer ends. The place of a block goes on to what follows it, comments included.
fn end(text: &str, in_order: &[(&str, &Place)], pointer: &str) -> usize {
    let below = |around: &str, inner: &str| inner.strip_prefix(around).is_some_and(|rest| rest.starts_with('/'));
    let is_block = |of: &str, place: &Place| {
        !text[place.value.clone()].starts_with(['[', '{']) && in_order.iter().any(|(inner, _)| below(of, inner))
    };
    let within = in_order.iter().filter(|(inner, _)| *inner == pointer || below(pointer, inner));
    within.filter(|(of, place)| !is_block(of, place)).map(|(_, place)| place.value.end).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, additions: &[(usize, &str, &str)]) -> String {
        let additions: Vec<_> = additions
            .iter()
            .map(|(step, key, value)| Addition { step: *step, key: (*key).to_owned(), value: (*value).to_owned() })
            .collect();
        insert(text, &additions).expect("it is YAML")
    }

    #[test]
    fn an_addition_goes_behind_the_keys_that_come_before_it_and_behind_their_comments() {
        let text =
            "steps:\n  - add_session: a # why\n    members: # who\n      - a\n    # more\n  - {probe: ~}\n  - free: a";
        let after = with(
            text,
            &[
                (0, "destroyed", "[]"),
                (0, "callbacks", "[]"),
                (0, "returns", "1"),
                (1, "members", "[a]"),
                (2, "destroyed", "[a]"),
                (3, "returns", "1"),
            ],
        );
        assert_eq!(
            after,
            "steps:\n  - add_session: a # why\n    returns: 1\n    callbacks: []\n    members: # who\n      - a\n    \
             destroyed: []\n    # more\n  - {probe: ~, members: [a]}\n  - free: a\n    destroyed: [a]"
        );
    }

    #[test]
    fn line_ends_are_kept() {
        assert_eq!(
            with("steps:\r\n- probe: ~\r\n", &[(0, "members", "[]")]),
            "steps:\r\n- probe: ~\r\n  members: []\r\n"
        );
    }

    #[test]
    fn the_keys_of_each_step_are_told() {
        let keys =
            stated_keys("steps:\n  - {free: a, destroyed: [a], members: []}\n  - probe: ~\n").expect("it is YAML");
        assert_eq!(keys, [BTreeSet::from(["destroyed", "members"]), BTreeSet::new()]);
    }
}

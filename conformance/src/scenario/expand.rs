//! One file of several scenarios: `for:` gives names lists of values, and the file is one scenario for each choice of
//! them.
//!
//! `$name` stands for the value, whatever it is, or for its text within other text; where nothing but numbers, `now`,
//! `+` and `-` is left then, it is worked out: `now + $timeout + 1`. Not here: what the values mean.

use std::collections::BTreeSet;

use serde_yaml::{Number, Value};

use super::parse::SIZE_LIMIT;
use super::places::child;
use super::read::Reader;

/// How many scenarios a file may be.
const MOST: usize = 1000;

/// How many bytes all of them may have together.
const MOST_BYTES: usize = 4 * SIZE_LIMIT;

/// The key of the lists.
const KEY: &str = "for";

/// A value for each name, in the order of the file.
#[derive(Clone, Default)]
pub(super) struct Choice(Vec<(String, Value)>);

impl Choice {
    /// The choice in words, such as `timeout = 300, size = 1`; empty when there was none.
    pub(super) fn words(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(name, value)| format!("{name} = {}", text(value))).collect();
        words.join(", ")
    }
}

/// Takes `for:` out of a document: all choices, in the order of its lists, the last name's values going fastest.
/// `None`: it has a mistake, which is noted.
pub(super) fn choices(reader: &mut Reader, document: &mut Value) -> Option<Vec<Choice>> {
    let Some(lists) = document.as_mapping_mut().and_then(|map| map.remove(KEY)) else {
        return Some(vec![Choice::default()]);
    };
    let at = child("", KEY);
    let Value::Mapping(lists) = lists else {
        reader.at_value(&at, "expected a map of names, each with a list of values");
        return None;
    };
    let mut choices = vec![Choice::default()];
    for (name, values) in &lists {
        let name = name.as_str().unwrap_or_default();
        let at = child(&at, name);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_of_name) {
            reader.at_key(&at, "a name begins with a letter and goes on with letters, digits and `_`");
            return None;
        }
        let values = match values {
            Value::Sequence(values) if !values.is_empty() => values,
            _ => {
                reader.at_value(&at, format!("expected a list of the values of `{name}`"));
                return None;
            }
        };
        if choices.len() * values.len() > MOST {
            reader.at_value(&at, format!("the file is more than {MOST} scenarios"));
            return None;
        }
        if choices.len() * values.len() * reader.source.text.len() > MOST_BYTES {
            reader.at_value(&at, format!("the file is more than {MOST_BYTES} bytes of scenarios"));
            return None;
        }
        let with = |choice: &Choice| {
            let choice = choice.clone();
            values.iter().map(move |value| {
                let mut choice = choice.clone();
                choice.0.push((name.to_owned(), value.clone()));
                choice
            })
        };
        choices = choices.iter().flat_map(with).collect();
    }
    Some(choices)
}

/// The document of a choice. A name that there is not, or that is never used, is noted.
pub(super) fn expanded(reader: &mut Reader, document: &Value, choice: &Choice) -> Value {
    let before = reader.mistakes.len();
    let mut expansion = Expansion { reader, choice, used: BTreeSet::new() };
    let value = expansion.value(document, "");
    let used = expansion.used;
    // One that is used under another spelling is no second mistake.
    let unknown = reader.mistakes.len() > before;
    for (name, _) in choice.0.iter().filter(|(name, _)| !unknown && !used.contains(name)) {
        reader.at_key(&child(&child("", KEY), name), format!("`${name}` stands nowhere in the file"));
    }
    value
}

struct Expansion<'r> {
    reader: &'r mut Reader,
    choice: &'r Choice,
    used: BTreeSet<String>,
}

impl Expansion<'_> {
    fn value(&mut self, value: &Value, pointer: &str) -> Value {
        match value {
            // A sentence may speak of money where there are no names.
            Value::String(_) if self.choice.0.is_empty() && pointer == "/scenario" => value.clone(),
            Value::String(words) if words.contains('$') => self.words(words, pointer),
            Value::Sequence(list) => {
                let entries = list.iter().enumerate();
                Value::Sequence(entries.map(|(n, value)| self.value(value, &child(pointer, n))).collect())
            }
            Value::Mapping(map) => {
                let entries = map.iter().map(|(key, value)| {
                    let at = child(pointer, key.as_str().unwrap_or_default());
                    (key.clone(), self.value(value, &at))
                });
                Value::Mapping(entries.collect())
            }
            other => other.clone(),
        }
    }

    fn words(&mut self, words: &str, pointer: &str) -> Value {
        if let Some(value) = words.strip_prefix('$').and_then(|name| self.of(name)) {
            return value;
        }
        let mut parts = words.split('$');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !is_of_name(c)).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            match self.of(name) {
                Some(value) => out.push_str(&text(&value)),
                None => {
                    let names: Vec<_> = self.choice.0.iter().map(|(name, _)| name.clone()).collect();
                    let none = if names.is_empty() { ", which this scenario does not have" } else { "" };
                    let message = format!("`${name}` is no name of `for`{none}");
                    self.reader.at_value(pointer, message).allow(name, names.iter().map(String::as_str));
                }
            }
            out.push_str(rest);
        }
        worked_out(&out).unwrap_or(Value::String(out))
    }

    fn of(&mut self, name: &str) -> Option<Value> {
        let (name, value) = self.choice.0.iter().find(|(known, _)| known == name)?;
        self.used.insert(name.clone());
        Some(value.clone())
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A value as it stands within text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(words) => words.clone(),
        Value::Sequence(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}: {}", text(key), text(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Tagged(tagged) => text(&tagged.value),
    }
}

/// A sum of numbers, and of `now` once.
fn worked_out(words: &str) -> Option<Value> {
    let is_sum = words.trim_start().starts_with("now") || words.contains(['+', '-']);
    if !is_sum || two_numbers(words) {
        return None;
    }
    let compact: String = words.chars().filter(|c| *c != ' ').collect();
    let (from_now, mut rest) = match compact.strip_prefix("now") {
        Some(rest) => (true, rest),
        None => (false, compact.as_str()),
    };
    let mut sum: i128 = 0;
    let mut first = !from_now;
    while !rest.is_empty() {
        let (sign, number) = match rest.as_bytes()[0] {
            b'+' => (1, &rest[1..]),
            b'-' => (-1, &rest[1..]),
            _ if first => (1, rest),
            _ => return None,
        };
        rest = number;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number: i128 = rest[..end].parse().ok()?;
        sum = sum.checked_add(sign * number)?;
        rest = &rest[end..];
        first = false;
    }
    match (from_now, first) {
        (true, _) if sum == 0 => Some(Value::String("now".to_owned())),
        (true, _) => Some(Value::String(format!("now{sum:+}"))),
        (false, true) => None,
        (false, false) => Some(
            i64::try_from(sum).map_or_else(|_| Value::String(sum.to_string()), |sum| Value::Number(Number::from(sum))),
        ),
    }
}

/// Whether two numbers stand side by side.
fn two_numbers(words: &str) -> bool {
    let mut parts = words.split(' ').filter(|part| !part.is_empty());
    let ends = |part: &str| part.ends_with(|c: char| c.is_ascii_digit());
    let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let mut before = parts.next().unwrap_or_default();
    parts.any(|part| {
        let side_by_side = ends(before) && begins(part);
        before = part;
        side_by_side
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_worked_out_and_nothing_else_is() {
        let worked = |words| worked_out(words).map(|value| text(&value));
        for (words, sum) in [
            ("now + 300 + 1", "now+301"),
            ("now-300", "now-300"),
            ("now + 3 - 3", "now"),
            ("1000 + 300", "1300"),
            ("-5", "-5"),
        ] {
            assert_eq!(worked(words).as_deref(), Some(sum), "{words}");
        }
        for words in ["", "a1", "1 +", "now now", "1x", "nowhere", "--5", "1 + now", "1 2", "01", "7", "1 + 2 3"] {
            assert_eq!(worked(words), None, "{words}");
        }
    }
}

//! Names, numbers and strings as C has them.

use std::collections::BTreeSet;

use session_model::CacheMode;

use super::runtime::is_taken;
use crate::trace::{Names, Trace};

/// The variables of a program: each thing of the trace has one of its own.
pub(super) struct Variables {
    pub(super) contexts: Vec<String>,
    pub(super) sessions: Vec<String>,
    pub(super) connections: Vec<String>,
}

impl Variables {
    pub(super) fn of(trace: &Trace, sessions: usize, connections: usize) -> Self {
        let names: &Names = &trace.names;
        let mut given = BTreeSet::new();
        let mut each = |count: usize, called: &dyn Fn(usize) -> String| {
            (0..count).map(|n| variable(&called(n), &mut given)).collect::<Vec<_>>()
        };
        Self {
            contexts: each(trace.setup.contexts.len(), &|n| names.context(session_model::ContextRef(n as u8))),
            sessions: each(sessions, &|n| names.session(crate::op::Name(n as u32))),
            connections: each(connections, &|n| names.connection(crate::op::Connection(n as u32))),
        }
    }
}

/// The name as a variable that no other thing has.
fn variable(name: &str, given: &mut BTreeSet<String>) -> String {
    let mut word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        word.insert(0, 's');
    }
    while is_taken(&word) || ["new_", "get_"].iter().any(|of| word.starts_with(of)) || !given.insert(word.clone()) {
        word.push('_');
        if word.starts_with("new_") || word.starts_with("get_") {
            word.insert(0, '_');
            word.insert(0, 's');
        }
    }
    word
}

/// A string literal.
pub(super) fn literal(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' if *byte != b'?' => out.push(char::from(*byte)),
            // Three octal digits end by themselves, whatever follows.
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

/// A number that fits a `long`; `None`: it does not.
pub(super) fn number(exact: i128) -> Option<String> {
    match (i32::try_from(exact), i64::try_from(exact)) {
        (Ok(number), _) if number != i32::MIN => Some(number.to_string()),
        (_, Ok(number)) if number != i64::MIN => Some(format!("{number}L")),
        _ => None,
    }
}

/// A session cache mode, in the names of the header.
pub(super) fn mode(mode: CacheMode) -> String {
    let flags: Vec<_> = mode.flags().map(|(name, _)| format!("SSL_SESS_CACHE_{name}")).collect();
    if flags.is_empty() { "SSL_SESS_CACHE_OFF".to_owned() } else { flags.join(" | ") }
}

/// Text for a comment, in lines of at most so many columns.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let text = text.replace("*/", "* /");
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_no_part_of_what_follows_it() {
        assert_eq!(literal(&[1, b'1', b'"', b'\\', 255, b'?']), r#""\0011\"\\\377\077""#);
    }

    #[test]
    fn no_two_things_have_one_variable_and_none_that_of_the_runtime() {
        let mut given = BTreeSet::new();
        let mut of = |name: &str| variable(name, &mut given);
        assert_eq!(
            ["a", "a-b", "a_b", "1", "peer", "while"].map(&mut of),
            ["a", "a_b", "a_b_", "s1", "peer_", "while_"]
        );
        assert!(!of("new_a").starts_with("new_"));
        assert_eq!(["free", "stdout", "TITLE"].map(&mut of), ["free_", "stdout_", "TITLE_"]);
    }

    #[test]
    fn a_number_beyond_a_long_has_no_words() {
        assert_eq!(
            [0, -1, 1 << 40].map(number),
            [Some("0".to_owned()), Some("-1".into()), Some("1099511627776L".into())]
        );
        assert_eq!(number(1 << 63), None);
    }
}

//! Lists, maps and words, laid out as YAML.
//!
//! What is short stands on one line. A word is left bare only when every YAML reader takes it for that very word: the
//! common writers leave `OFF`, `no` and `12:30` bare, and readers of YAML 1.1 then see false, false and 750.

use std::fmt::Write;

/// How many columns a line has at most, words that are longer apart.
const WIDTH: usize = 110;

/// A value that is written.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A word or number, with its quotes.
    Word(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Node {
    /// A word.
    pub(super) fn word(word: &str) -> Self {
        Self::Word(quoted(word))
    }

    /// A whole number; beyond 64 bits in quotes, since YAML readers disagree about it.
    pub(super) fn number(number: impl Into<i128>) -> Self {
        let number = number.into();
        let bare = i64::try_from(number).is_ok() || u64::try_from(number).is_ok();
        Self::Word(if bare { number.to_string() } else { format!("\"{number}\"") })
    }

    /// A list of words.
    pub(super) fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        Self::List(words.into_iter().map(Self::word).collect())
    }

    /// A map; entries without a value are left out.
    pub(super) fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Option<Self>)>) -> Self {
        let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Self::Map(entries.collect())
    }

    /// On one line.
    pub(super) fn flow(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::flow).collect::<Vec<_>>().join(", ")),
            Self::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), value.flow()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Whether it has to stand on one line.
    fn is_atom(&self) -> bool {
        match self {
            Self::Word(_) => true,
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
        }
    }
}

/// Writes `key: value` at this indentation, on one line if it fits.
pub(super) fn entry(out: &mut String, indent: usize, key: &str, value: &Node) {
    let start = out.len();
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(&quoted(key));
    out.push(':');
    rest_of_entry(out, indent, start, value);
}

/// Writes a map, one entry a line.
pub(super) fn block(out: &mut String, indent: usize, entries: &[(String, Node)]) {
    for (key, value) in entries {
        entry(out, indent, key, value);
    }
}

/// Writes one item of a list: a map with each entry on a line of its own.
pub(super) fn item(out: &mut String, indent: usize, entries: &[(String, Node)]) {
    let start = out.len();
    block(out, indent + 2, entries);
    // The first entry stands beside the dash.
    out.replace_range(start + indent..start + indent + 1, "-");
}

fn rest_of_entry(out: &mut String, indent: usize, start: usize, value: &Node) {
    let flow = value.flow();
    let columns = out[start..].chars().count() + 1 + flow.chars().count();
    if columns <= WIDTH || value.is_atom() {
        writeln!(out, " {flow}").expect("a string takes everything");
        return;
    }
    out.push('\n');
    match value {
        Node::Map(entries) => block(out, indent + 2, entries),
        Node::List(items) => items.iter().for_each(|value| list_item(out, indent + 2, value)),
        Node::Word(_) => unreachable!("a word stands on one line"),
    }
}

fn list_item(out: &mut String, indent: usize, value: &Node) {
    match value {
        Node::Map(entries) if indent + 2 + value.flow().chars().count() > WIDTH && !entries.is_empty() => {
            item(out, indent, entries);
        }
        _ => {
            out.extend(std::iter::repeat_n(' ', indent));
            writeln!(out, "- {}", value.flow()).expect("a string takes everything");
        }
    }
}

/// The word, in quotes unless every reader takes it for itself, inside lists and maps too.
pub(super) fn quoted(word: &str) -> String {
    if is_plain(word) {
        return word.to_owned();
    }
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // What a programmer can see, YAML can hold.
            _ if c.escape_debug().count() == 1 => quoted.push(c),
            _ => write!(quoted, "\\U{:08x}", u32::from(c)).expect("a string takes everything"),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(word: &str) -> bool {
    /// What some reader takes for something else; in lower case.
    const MISREAD: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let inside = |c: char| c.is_ascii_alphanumeric() || "_-.+/ ".contains(c);
    word == "_"
        || word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(inside)
            && !word.ends_with(' ')
            && !MISREAD.contains(&word.to_ascii_lowercase().as_str())
}

//! Sentences, and what is left of one in every form of a page.
//!
//! Only words count: letters, digits and underscores, in lower case. Markup, quotes, hyphens, dashes, line breaks and
//! the section in `name(3)` differ from form to form. Where a sentence ends is decided by punctuation alone, since
//! line and paragraph breaks do not survive every form either.

use std::fmt;
use std::str::FromStr;

/// A sentence of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sentence {
    /// The section that it stands in; empty in a copy that lost its headings.
    pub section: String,
    /// As the copy has it, markup removed and white space folded.
    pub text: String,
    /// The same sentence has the same fingerprint in every form.
    pub fingerprint: Fingerprint,
}

/// What identifies a sentence: 64-bit FNV-1a of its words, written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of a sentence.
    ///
    /// ```
    /// use sesscheck::pages::Fingerprint;
    ///
    /// assert_eq!(Fingerprint::of("See `open(3ossl)`, \"the opener\"."), Fingerprint::of("see open(3), the\nopener"));
    /// ```
    #[must_use]
    pub fn of(sentence: &str) -> Self {
        Self(fnv1a(words(sentence).bytes()))
    }
}

/// 64-bit FNV-1a.
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    // The offset basis and the prime for 64 bits.
    bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Fingerprint {
    type Err = std::num::ParseIntError;

    fn from_str(digits: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(digits, 16).map(Self)
    }
}

/// The sentences of a section's text, in order.
#[must_use]
pub fn sentences(section: &str, text: &str) -> Vec<Sentence> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut sentences = Vec::new();
    let mut start = 0;
    for end in 1..=tokens.len() {
        if end < tokens.len() && !ends_between(&tokens[..end], &tokens[end..]) {
            continue;
        }
        let tokens = without_tag(&tokens[start..end]);
        start = end;
        let text = tokens.join(" ");
        if !words(&text).is_empty() {
            sentences.push(Sentence { section: section.to_owned(), fingerprint: Fingerprint::of(&text), text });
        }
    }
    sentences
}

/// Whether a sentence ends between these tokens: at a full stop before a capital, a function, a bracket or the tag of a
/// list item, or at a colon before what it announces.
fn ends_between(before: &[&str], after: &[&str]) -> bool {
    let last = before.last().expect("at least one token is before").trim_end_matches([')', '"', '\'', '`', '”', '’']);
    let stops = last.ends_with(['.', '!', '?', ':']);
    let next = after[0].trim_start_matches(['"', '\'', '`', '“', '‘', '*']);
    stops && (next.starts_with(|c: char| c.is_uppercase() || c == '(') || next.contains('_') || is_tag(after))
}

/// Whether the first token is the tag of a list item: a number or a constant, before a capital.
///
/// Some forms drop the tags, so they are no part of a sentence.
fn is_tag(tokens: &[&str]) -> bool {
    let [tag, next, ..] = tokens else { return false };
    let tag = tag.trim_matches('`');
    let is_number = tag.bytes().all(|b| b.is_ascii_digit());
    let is_constant = tag.len() > 1 && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_capital = next.starts_with(char::is_uppercase);
    !tag.is_empty() && (is_number || (is_constant && tag.contains('_')) || tag == "NULL") && is_capital
}

fn without_tag<'a, 't>(tokens: &'t [&'a str]) -> &'t [&'a str] {
    if is_tag(tokens) { &tokens[1..] } else { tokens }
}

/// The words of a sentence, in lower case, one space between two.
fn words(sentence: &str) -> String {
    let mut words = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if is_word(c) {
            words.extend(c.to_lowercase());
        } else if let Some(after) = rest.strip_prefix('(').and_then(after_section).filter(|_| !words.ends_with(' ')) {
            rest = after;
            words.push(' ');
            continue;
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
        rest = &rest[c.len_utf8()..];
    }
    words.truncate(words.trim_end().len());
    words
}

/// What follows the section of a page: `3)`, `3ssl)`, `7ossl)`.
fn after_section(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix(|c: char| ('1'..='8').contains(&c))?;
    rest.trim_start_matches(|c: char| c.is_ascii_lowercase() || c.is_ascii_uppercase()).strip_prefix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        sentences("NOTES", text).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn a_sentence_ends_before_a_capital_and_not_after_an_abbreviation() {
        assert_eq!(texts("A door, e.g. this one, opens. It shuts."), ["A door, e.g. this one, opens.", "It shuts."]);
    }

    #[test]
    fn a_list_is_announced_by_a_sentence_and_its_tags_are_dropped() {
        let with_tags = texts("It returns: 0 The door is shut. 1 The door is open. DOOR_AJAR Neither.");
        assert_eq!(with_tags, ["It returns:", "The door is shut.", "The door is open.", "Neither."]);
        assert_eq!(with_tags, texts("It returns: The door is shut. The door is open. Neither."));
    }

    #[test]
    fn a_constant_that_starts_a_sentence_is_no_tag() {
        assert_eq!(texts("DOOR_AJAR and DOOR_OPEN differ."), ["DOOR_AJAR and DOOR_OPEN differ."]);
    }

    #[test]
    fn only_words_count() {
        assert_eq!(words("The door's (see door_open(3ossl)) half-open."), "the door s see door_open half open");
        assert_eq!(words("Call time(0)"), "call time 0");
    }

    #[test]
    fn another_word_is_another_fingerprint() {
        assert_ne!(Fingerprint::of("the door opens"), Fingerprint::of("the door shuts"));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let print = Fingerprint::of("the door opens");
        assert_eq!(print.to_string().parse(), Ok(print));
    }
}

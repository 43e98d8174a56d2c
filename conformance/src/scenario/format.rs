//! One layout for all scenario files, with their comments.
//!
//! The layout is that of [`super::write`](super::write()) as far as an author leaves it open: indentation, spaces and
//! quotes are the same everywhere; lists and maps remain in brackets or in a block as they were written, and what is
//! longer than a line becomes a block. The order of keys stays. Not here: the words of a scenario.

use std::fmt::Write;
use std::sync::Arc;

use granit_parser::{Event, Parser};
use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions, Quotes};
use serde_yaml::Value;

use super::mistake::{Mistake, Source};
use super::parse::parse_each;
use super::places::Place;
use super::stated::Vocabulary;
use super::survey::survey;

/// How many columns a line has at most, words that are longer apart.
const WIDTH: usize = 120;

/// How often the layout is done again until it stays: each time one level of brackets may become a block.
const ROUNDS: usize = 40;

/// Why a text is left as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unformatted {
    /// It is no scenario.
    Mistakes(Vec<Mistake>),
    /// Laid out, it would not be the same scenario with the same comments: what would change.
    Lost(String),
}

/// The scenario file in `text`, laid out; `file` is what messages call it. Laid out again it stays as it is.
///
/// # Errors
///
/// When the text is no scenario, or its layout cannot be changed without changing more.
pub fn format(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<String, Unformatted> {
    // Kept, whatever the library writes.
    if text.find('\n').is_some_and(|end| text[..end].ends_with('\r')) {
        let laid_out = with_line_feeds(file, &text.replace("\r\n", "\n"), vocabulary)?;
        return Ok(laid_out.replace('\n', "\r\n"));
    }
    with_line_feeds(file, text, vocabulary)
}

fn with_line_feeds(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<String, Unformatted> {
    parse_each(file, text, vocabulary).map_err(Unformatted::Mistakes)?;
    let lost = |what: &str| Unformatted::Lost(format!("{file}: left as it is: {what}"));
    let mut laid_out = text.to_owned();
    for _ in 0..ROUNDS {
        let before = laid_out;
        let blocks = spread(&before).filter(|blocks| same(&before, blocks).is_ok());
        laid_out = printed(blocks.as_ref().unwrap_or(&before)).map_err(|error| lost(&error))?;
        if laid_out == before {
            same(text, &laid_out).map_err(|what| lost(&what))?;
            return match parse_each(file, &laid_out, vocabulary) {
                Ok(_) => Ok(laid_out),
                Err(_) => Err(lost("laid out, it is no scenario")),
            };
        }
    }
    Err(lost("its layout does not come to rest"))
}

/// Laid out by the library.
fn printed(text: &str) -> Result<String, String> {
    let options = FormatOptions {
        layout: LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() },
        language: LanguageOptions {
            quotes: Quotes::PreferDouble,
            trailing_comma: false,
            brace_spacing: false,
            ..LanguageOptions::default()
        },
    };
    pretty_yaml::format_text(text, &options).map_err(|error| error.to_string())
}

/// Each outermost list or map that stands in brackets on several lines, as a block; `None`: there is none. One with a
/// comment between its entries is left.
fn spread(text: &str) -> Option<String> {
    let (places, _) = survey(&Arc::new(Source::new("", text))).ok()?;
    let all = places.in_order();
    let (mut out, mut done) = (String::new(), 0);
    for (pointer, place) in &all {
        let shown = &text[place.value.clone()];
        if place.value.start < done || !shown.starts_with(['[', '{']) || !shown.contains('\n') {
            continue;
        }
        let entries: Vec<_> = all
            .iter()
            .filter(|(inner, _)| inner.rsplit_once('/').is_some_and(|(around, _)| around == *pointer))
            .map(|(_, place)| *place)
            .collect();
        let Some(entries) = block(text, place, &entries) else { continue };
        let column = |at: usize| at - text[..at].rfind('\n').map_or(0, |end| end + 1);
        let indent = match &place.key {
            Some(key) => column(key.start) + 2,
            None => column(place.value.start),
        };
        let between = format!("\n{:indent$}", "");
        out.push_str(text[done..place.value.start].trim_end_matches(' '));
        out.push_str(if place.key.is_some() { &between } else { " " });
        out.push_str(&entries.join(&between));
        done = place.value.end;
    }
    (done > 0).then(|| out + &text[done..])
}

/// The entries as those of a block, or `None` when something else stands between them.
fn block(text: &str, around: &Place, entries: &[&Place]) -> Option<Vec<String>> {
    let (mut lines, mut at) = (Vec::new(), around.value.start);
    let nothing = |from: usize, to: usize, marks: &[char]| {
        text[from..to].chars().all(|c| c.is_whitespace() || marks.contains(&c)).then_some(())
    };
    for Place { key, value, .. } in entries {
        let mut line = String::new();
        match key {
            // A key without a value stands where its value would.
            Some(key) if key == value => write!(line, "{}:", &text[key.clone()]).ok()?,
            Some(key) => {
                nothing(key.end, value.start, &[':'])?;
                write!(line, "{}: {}", &text[key.clone()], &text[value.clone()]).ok()?;
            }
            None => write!(line, "- {}", &text[value.clone()]).ok()?,
        }
        nothing(at, key.as_ref().unwrap_or(value).start, &[',', '[', '{', ':'])?;
        at = value.end;
        lines.push(line);
    }
    nothing(at, around.value.end, &[',', ']', '}', ':'])?;
    (!lines.is_empty()).then_some(lines)
}

/// Whether both texts have the same values in the same order, and the same comments; else what is not the same.
fn same(before: &str, after: &str) -> Result<(), String> {
    if meaning(before) != meaning(after) {
        return Err("laid out, it would have other values".to_owned());
    }
    same_comments(before, after)
}

/// Whether both texts have the same comments, in any order; else which one is lost.
pub(crate) fn same_comments(before: &str, after: &str) -> Result<(), String> {
    let (before, after) = (comments(before), comments(after));
    if before == after {
        return Ok(());
    }
    let lost = before.into_iter().find(|comment| !after.contains(comment));
    Err(format!("the comment `#{}` would be lost", lost.unwrap_or_default()))
}

/// The values as text, in their order.
fn meaning(text: &str) -> Option<String> {
    let value: Value = serde_yaml::from_str(text).ok()?;
    serde_yaml::to_string(&value).ok()
}

/// All comments without their `#`, sorted.
fn comments(text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let mut comments: Vec<_> = events
        .filter_map(|(event, _)| match event {
            Event::Comment(comment, _) => Some(comment.trim_end().to_owned()),
            _ => None,
        })
        .collect();
    comments.sort();
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_value_another_order_or_a_comment_that_is_gone_is_not_the_same() {
        let text = "a: {x: 1, y: 2} # why\nb: \"no\"\n";
        assert_eq!(same(text, "# why\na:\n  x: 1\n  y: 2\nb: 'no'\n"), Ok(()));
        let other = Err("laid out, it would have other values".to_owned());
        assert_eq!(same(text, &text.replace('2', "3")), other);
        assert_eq!(same(text, &text.replace("x: 1, y: 2", "y: 2, x: 1")), other);
        assert_eq!(same(text, &text.replace("\"no\"", "~")), other);
        assert_eq!(same(text, &text.replace(" # why", "")), Err("the comment `# why` would be lost".to_owned()));
        assert_eq!(same(text, &text.replace("why", "who")), Err("the comment `# why` would be lost".to_owned()));
    }

    #[test]
    fn brackets_on_several_lines_become_a_block_unless_a_comment_stands_between_their_entries() {
        let block = "s:\n  - h:\n      a: 1\n      b: [x,\n       {y: 2}]\n    k: []\n";
        assert_eq!(spread("s:\n  - h: {a: 1,\n    b: [x,\n       {y: 2}]}\n    k: []\n").as_deref(), Some(block));
        let inner = "s:\n  - h:\n      a: 1\n      b:\n        - x\n        - {y: 2}\n    k: []\n";
        assert_eq!(spread(block).as_deref(), Some(inner));
        assert_eq!(spread(inner), None);
        assert_eq!(spread("h: [a, # why\n  b]\n"), None);
    }
}

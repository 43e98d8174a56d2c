//! The forms that a page comes in, reduced to lines of plain text and headings.

mod pod;
mod release;
mod rendered;
mod roff;

pub(super) use release::release;

/// A line of a page in any form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// The name of a section, in capitals.
    Heading(String),
    /// Text without markup.
    Text(String),
    /// What surrounds the text (the head and foot of a printed page, a title): of use for the release alone.
    Frame(String),
}

/// The lines of `text`, whatever its form.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let text = without_overstrike(text);
    if text.lines().any(|line| line.starts_with(".SH ")) {
        return roff::lines(&text);
    }
    if text.lines().any(|line| line.starts_with("=head1 ")) {
        return pod::lines(&text);
    }
    rendered::lines(&text)
}

/// Terminals embolden by writing a letter, a backspace and the letter again.
fn without_overstrike(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\u{8}' {
            plain.pop();
        } else {
            plain.push(c);
        }
    }
    plain
}

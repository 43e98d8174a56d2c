//! Roff: the form that pages are installed in.

use super::Line;

pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    // What stands before the title defines strings and macros.
    let page = text.lines().skip_while(|line| !line.starts_with(".TH ") && !line.starts_with(".SH "));
    for line in page {
        let (request, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = without_escapes(argument).replace('"', "");
        match request {
            ".TH" => lines.push(Line::Frame(argument)),
            ".SH" => lines.push(Line::Heading(argument.trim().to_uppercase())),
            // `.IP tag indent`
            ".IP" => lines.push(Line::Text(argument.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned())),
            ".B" | ".I" | ".BR" | ".IR" => lines.push(Line::Text(argument)),
            _ if line.starts_with(['.', '\'']) => {}
            _ => lines.push(Line::Text(without_escapes(line))),
        }
    }
    lines
}

/// Removes roff's escapes: fonts, sizes, spaces, quotes.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let Some(kind) = escape.chars().next() else { return plain };
        rest = &escape[kind.len_utf8()..];
        match kind {
            'f' | '*' => rest = after_name(rest),
            's' => rest = rest.trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit()),
            '(' => rest = rest.get(2..).unwrap_or(""),
            '-' => plain.push('-'),
            'e' => plain.push('\\'),
            ' ' | '~' => plain.push(' '),
            _ => {}
        }
    }
    plain.push_str(rest);
    plain
}

/// What follows the name of a font or string: one letter, or `(` and two.
fn after_name(rest: &str) -> &str {
    let length = if rest.starts_with('(') { 3 } else { 1 };
    rest.get(length..).unwrap_or("")
}

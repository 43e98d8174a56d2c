//! Text that a terminal, a browser or a PDF showed.

use super::Line;
use super::release::release;

/// The sections that pages have.
const HEADINGS: [&str; 17] = [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "NOTES",
    "WARNINGS",
    "WARNING",
    "BUGS",
    "ERRORS",
    "RETURN VALUES",
    "RETURN VALUE",
    "EXAMPLES",
    "EXAMPLE",
    "CONFORMING TO",
    "SEE ALSO",
    "HISTORY",
    "AUTHORS",
    "COPYRIGHT",
];

pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    // Headings that this page has had: a second one is a mention.
    let mut seen: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = without_marks(line.trim());
        let mut rest = line.trim();
        if is_frame(rest) {
            lines.push(Line::Frame(rest.to_owned()));
            continue;
        }
        while let Some((before, heading, after)) = heading(rest, &seen) {
            if heading == "NAME" {
                seen.clear();
            }
            seen.push(heading);
            lines.push(Line::Text(before.to_owned()));
            lines.push(Line::Heading(heading.to_owned()));
            rest = after;
        }
        lines.push(Line::Text(rest.to_owned()));
    }
    lines
}

/// Removes the marks of Markdown: `# heading`, `**bold**`, `` `code` ``, `\_`.
fn without_marks(line: &str) -> String {
    let heading = line.trim_start_matches('#');
    let line = if heading.starts_with(' ') { heading } else { line };
    line.replace(['`', '\\'], "").replace("**", "")
}

/// The first heading in a line of rendered text, and what stands on either side.
///
/// A heading has a line for itself, or, in a form that lost line breaks, follows a bracket or the end of a sentence.
fn heading<'a>(line: &'a str, seen: &[&str]) -> Option<(&'a str, &'static str, &'a str)> {
    let fresh = HEADINGS.iter().filter(|heading| **heading == "NAME" || !seen.contains(heading));
    let found = fresh.filter_map(|heading| {
        let (before, after) = split_at_words(line, heading)?;
        let alone = before.is_empty() && after.is_empty();
        // The line of NAME ends without a full stop; nobody writes of two capital words in passing.
        let is_plain = (*heading == "SYNOPSIS" && seen == ["NAME"]) || heading.contains(' ');
        (alone || is_plain || before.ends_with(['.', ')', ';'])).then_some((before, *heading, after))
    });
    found.min_by_key(|(before, heading, _)| (before.len(), std::cmp::Reverse(heading.len())))
}

/// What stands before and after the first place where `words` are words of the line.
fn split_at_words<'a>(line: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let at = line.match_indices(words).map(|(at, _)| at).find(|at| {
        let is_edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
        is_edge(line[..*at].chars().next_back()) && is_edge(line[*at + words.len()..].chars().next())
    })?;
    Some((line[..at].trim_end(), line[at + words.len()..].trim_start()))
}

/// The head or foot of a printed page: it ends in the title and has the maker, or the release and its date.
fn is_frame(line: &str) -> bool {
    // A whole page on one line starts and ends as a frame does.
    const LONGEST: usize = 160;
    let folded = line.split_whitespace().map(str::len).sum::<usize>();
    let ends_in_title = line.ends_with(')') && line.rsplit('(').next().is_some_and(|section| section.starts_with('3'));
    let starts_with_title =
        line.split_once('(').is_some_and(|(title, rest)| !title.contains(' ') && rest.starts_with('3'));
    folded < LONGEST && ends_in_title && ((starts_with_title && line.contains("Open")) || release(line).is_some())
}

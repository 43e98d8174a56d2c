//! A copy of a page: its names, its release and its sentences.

use session_model::clause::Edition;

use super::form::{Line, lines, release};
use super::sentence::{Sentence, sentences};

/// A copy of a page.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// The functions that the page is on, as its section NAME lists them.
    pub names: Vec<String>,
    /// The release, such as `3.0.7`, where the copy still has the head or foot that tells it.
    pub release: Option<String>,
    /// The sentences, in order.
    pub sentences: Vec<Sentence>,
}

impl Page {
    /// The edition that the release belongs to.
    #[must_use]
    pub fn edition(&self) -> Option<Edition> {
        let release = self.release.as_deref()?;
        // `1.0.1e` is of the edition 1.0.1, `3.0.7` of the edition 3.0.
        Edition::ALL.into_iter().find(|edition| {
            let rest = release.strip_prefix(edition.name());
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    }
}

/// The pages in a text of any form; some sites put two editions into one.
///
/// The sections without sentences (the synopsis, references, the history, the licence) are left out.
///
/// ```
/// use sesscheck::pages::read;
///
/// let pages = read("=head1 NAME\n\ndoor_open - open a door\n\n=head1 DESCRIPTION\n\nB<door_open>() opens it.\n");
/// assert_eq!(pages[0].names, ["door_open"]);
/// assert_eq!(pages[0].sentences[0].text, "door_open() opens it.");
/// ```
#[must_use]
pub fn read(text: &str) -> Vec<Page> {
    let lines = lines(text);
    let starts: Vec<usize> = (0..lines.len()).filter(|at| is_start(&lines, *at)).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let mut pages: Vec<Page> = starts.iter().zip(ends).map(|(start, end)| page(&lines[*start..end])).collect();
    if let [page] = &mut pages[..] {
        // The title of a roff page is its head.
        page.release = page.release.take().or_else(|| release_in(&lines));
    }
    pages
}

/// Whether a page starts here: at its heading NAME or, in a form without headings, at the line under it.
fn is_start(lines: &[Line], at: usize) -> bool {
    let has_headings = lines.iter().any(|line| matches!(line, Line::Heading(_)));
    match &lines[at] {
        Line::Heading(heading) => heading == "NAME",
        Line::Text(text) => !has_headings && names(text).is_some(),
        Line::Frame(_) => false,
    }
}

/// The names in `a, b - what they do`.
fn names(text: &str) -> Option<Vec<String>> {
    let (names, _) = text.split_once(" -")?;
    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
    let is_name = |name: &String| name.contains('_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    names.iter().all(is_name).then_some(names)
}

fn page(lines: &[Line]) -> Page {
    let mut page = Page { release: release_in(lines), ..Page::default() };
    for (section, text) in sections(lines) {
        match section.as_str() {
            "NAME" => page.names = names(&text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default(),
            "SYNOPSIS" | "EXAMPLE" | "EXAMPLES" | "SEE ALSO" | "HISTORY" | "AUTHORS" | "COPYRIGHT" => {}
            section => page.sentences.extend(sentences(section, &text)),
        }
    }
    page
}

/// The last release that the lines tell.
fn release_in(lines: &[Line]) -> Option<String> {
    let text = |line: &Line| match line {
        Line::Heading(text) | Line::Text(text) | Line::Frame(text) => release(text).map(str::to_owned),
    };
    lines.iter().rev().find_map(text)
}

/// The text of each section, in order; without headings, one section without a name after NAME.
fn sections(lines: &[Line]) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut kept = Prose::default();
    for line in lines {
        match line {
            Line::Heading(heading) => sections.push((heading.clone(), String::new())),
            Line::Text(text) if sections.is_empty() => {
                sections.push(("NAME".to_owned(), text.clone()));
                sections.push((String::new(), String::new()));
            }
            Line::Text(text) => {
                let (section, so_far) = sections.last_mut().expect("the arm above takes the case of none");
                if !section.is_empty() || kept.keeps(text) {
                    so_far.push_str(text);
                    so_far.push('\n');
                }
            }
            Line::Frame(_) => {}
        }
    }
    sections
}

/// Tells prose from the rest of a page that lost its headings: code, references, the licence.
#[derive(Default)]
struct Prose {
    over: bool,
}

impl Prose {
    fn keeps(&mut self, line: &str) -> bool {
        self.over |= line.starts_with("Copyright ");
        let is_code = line.starts_with("#include") || line.ends_with(';') || line.ends_with("*,");
        !self.over && !is_code && !is_references(line)
    }
}

/// Whether a line has nothing but `name(3)`, separated by commas.
fn is_references(line: &str) -> bool {
    let mut names = line.split(',').map(str::trim).filter(|name| !name.is_empty()).peekable();
    names.peek().is_some() && names.all(|name| name.ends_with(')') && !name.contains(' ') && !name.contains("()"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_of_the_edition_whose_numbers_it_starts_with() {
        let edition = |release: &str| Page { release: Some(release.to_owned()), ..Page::default() }.edition();
        assert_eq!(edition("1.0.1e"), Some(Edition::V1_0_1));
        assert_eq!(edition("3.0.22"), Some(Edition::V3_0));
        assert_eq!(edition("3.5.0"), None);
        assert_eq!(edition("1.0.10"), None);
    }

    #[test]
    fn text_that_is_no_page_gives_none() {
        assert_eq!(read("Buy a door. It opens."), []);
    }
}

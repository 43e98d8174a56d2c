//! What is wrong with a file: its place, what is allowed there, and what was probably meant.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::layout::quoted;
use super::stated::Spot;

/// A file that is read.
#[derive(PartialEq, Eq, Debug)]
pub struct Source {
    /// What it is called in messages.
    pub file: String,
    /// What it holds.
    pub text: String,
    /// Where its lines start, in bytes.
    lines: Vec<usize>,
    /// Whether each character is a byte.
    ascii: bool,
}

impl Source {
    /// The file of this name, with this text.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file: file.to_owned(), text: text.to_owned(), lines, ascii: text.is_ascii() }
    }

    /// The place of these bytes; what lies past the end is the end.
    #[must_use]
    pub fn spot(&self, bytes: Range<usize>) -> Spot {
        let start = self.boundary(bytes.start);
        let end = self.boundary(bytes.end.max(start));
        let line = self.lines.partition_point(|from| *from <= start);
        let before = &self.text[self.lines[line - 1]..start];
        // A file may be one line: then counting for each place is the square of its length.
        let before = if self.ascii { before.len() } else { before.chars().count() };
        Spot { line, column: before + 1, bytes: start..end }
    }

    /// The last boundary of characters up to this byte.
    fn boundary(&self, byte: usize) -> usize {
        (0..=byte.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).expect("0 is a boundary")
    }

    /// The bytes from this character on, counted from 0, to the end of the line.
    pub(super) fn rest_of_line(&self, character: usize) -> Range<usize> {
        let start = self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at);
        let text = self.text[start..].lines().next().unwrap_or("");
        start..start + text.len()
    }

    /// The part of these bytes that stands on their first line: carets under a whole block say nothing.
    pub(crate) fn first_line(&self, bytes: &Range<usize>) -> Range<usize> {
        let text = &self.text[bytes.clone()];
        bytes.start..bytes.start + text.lines().next().map_or(0, |line| line.trim_end().len())
    }
}

/// How many mistakes of a file are told: with each of them some words are compared, and parts are read again.
pub(crate) const MOST: usize = 200;

/// How many allowed words are listed beside a suggestion.
const FEW: usize = 16;

/// How many allowed words are listed when none of them is close: all verbs are.
const MANY: usize = 48;

/// One mistake in a file.
///
/// `Display` is one line: place, what is wrong, what was probably meant. [`render`](Self::render) shows the source line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    source: Arc<Source>,
    spot: Spot,
    message: String,
    meant: Option<String>,
    other: Option<(Spot, String)>,
    notes: Vec<String>,
}

impl Mistake {
    /// A mistake at these bytes; the message is a lower-case clause.
    pub(crate) fn new(source: &Arc<Source>, bytes: Range<usize>, message: impl Into<String>) -> Self {
        let spot = source.spot(bytes);
        Self { source: Arc::clone(source), spot, message: message.into(), meant: None, other: None, notes: Vec::new() }
    }

    /// Where it is.
    #[must_use]
    pub fn spot(&self) -> &Spot {
        &self.spot
    }

    /// What is wrong, without place and suggestion.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        self.meant.as_deref()
    }

    /// Says what was probably meant, when one of the allowed words is close, and lists them unless that is long.
    pub(crate) fn allow<'w>(&mut self, written: &str, allowed: impl IntoIterator<Item = &'w str>) -> &mut Self {
        let allowed: Vec<_> = allowed.into_iter().collect();
        self.meant = nearest(written, &allowed).map(str::to_owned);
        let listed = if self.meant.is_some() { FEW } else { MANY };
        if (1..=listed).contains(&allowed.len()) {
            self.note(format!("allowed here: {}", allowed.join(", ")))
        } else {
            self
        }
    }

    /// Says in which of the file's scenarios it is.
    pub(super) fn is_with(&mut self, with: &str) {
        self.note(format!("with {with}"));
    }

    /// Says what was meant.
    pub(crate) fn mean(&mut self, meant: impl Into<String>) -> &mut Self {
        self.meant = Some(meant.into());
        self
    }

    /// Says that a name is used before it is made, and where that is.
    pub(super) fn is_early(&mut self, name: &str, made: Range<usize>) {
        self.message = format!("`{name}` is used before it is made");
        self.meant = None;
        self.notes.clear();
        self.also(made, "made here");
    }

    /// Shows a second place.
    pub(crate) fn also(&mut self, bytes: Range<usize>, label: impl Into<String>) -> &mut Self {
        self.other = Some((self.source.spot(bytes), label.into()));
        self
    }

    /// Adds a sentence.
    pub(crate) fn note(&mut self, note: impl Into<String>) -> &mut Self {
        self.notes.push(note.into());
        self
    }

    /// The mistake with its source line, a caret, and what is allowed; several lines, with escapes when `colour`.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let source = &self.source;
        let at = source.first_line(&self.spot.bytes);
        let mut shown = Snippet::source(source.text.as_str()).path(source.file.as_str());
        shown = shown.annotation(AnnotationKind::Primary.span(at.clone()));
        if let Some((other, label)) = &self.other {
            let other = source.first_line(&other.bytes);
            shown = shown.annotation(AnnotationKind::Context.span(other).label(label.as_str()));
        }
        let mut report = vec![
            Level::ERROR
                .primary_title(self.message.as_str())
                .element(shown)
                .elements(self.notes.iter().map(|note| Level::NOTE.message(note.as_str()))),
        ];
        if let Some(meant) = &self.meant {
            let patch =
                Snippet::source(source.text.as_str()).path(source.file.as_str()).patch(Patch::new(at, in_yaml(meant)));
            report.push(Group::with_title(Level::HELP.secondary_title("did you mean")).element(patch));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&report)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spot { line, column, .. } = self.spot;
        write!(f, "{}:{line}:{column}: {}", self.source.file, self.message)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Mistake {}

/// A word as it has to be written, unless it brings its quotes.
fn in_yaml(word: &str) -> String {
    if word.starts_with('"') { word.to_owned() } else { quoted(word) }
}

/// The word that was probably meant: the same without a prefix of the pages, or one at most a third of its letters away.
pub(crate) fn nearest<'w>(written: &str, allowed: &[&'w str]) -> Option<&'w str> {
    const PREFIXES: [&str; 5] = ["SSL_SESS_CACHE_", "SSL_SESSION_", "SSL_CTX_sess_", "SSL_CTX_", "SSL_"];
    let bare = PREFIXES.iter().filter_map(|prefix| written.strip_prefix(prefix));
    for word in bare.chain([written]) {
        if let Some(same) = allowed.iter().find(|allowed| allowed.eq_ignore_ascii_case(word)) {
            return Some(same);
        }
    }
    let distance = |allowed: &str| strsim::osa_distance(&written.to_lowercase(), &allowed.to_lowercase());
    let (nearest, away) = allowed.iter().map(|word| (*word, distance(word))).min_by_key(|(_, away)| *away)?;
    let allowance = match written.chars().count().max(nearest.chars().count()) {
        0 | 1 => 0,
        2 | 3 => 1,
        letters => letters / 3,
    };
    (away <= allowance).then_some(nearest)
}

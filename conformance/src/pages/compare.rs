//! A reader's copy compared with the pages on record.

use std::fmt;
use std::path::{Path, PathBuf};

use session_model::clause::Edition;

use super::page::Page;
use super::recorded::{Line, Recorded};
use super::sentence::Sentence;

/// A copy of a page beside the page on record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// Where the copy is.
    pub file: PathBuf,
    /// The page, or the first name in the copy when no such page is on record.
    pub page: String,
    /// The release that the copy tells.
    pub release: Option<String>,
    /// The edition that it is compared with: its own where that is on record, else the one it has most in common with.
    pub edition: Option<Edition>,
    /// Whether that is the copy's own edition.
    pub is_own_edition: bool,
    /// How many sentences are on record, those that moved included.
    pub matched: usize,
    /// Sentences on record that stand elsewhere.
    pub moved: Vec<Moved>,
    /// Sentences of the copy that are not on record.
    pub unknown: Vec<Sentence>,
    /// Sentences on record that the copy does not have.
    pub missing: Vec<Line>,
}

/// A sentence that stands elsewhere than on record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The sentence where the copy has it.
    pub sentence: Sentence,
    /// The line on record.
    pub line: Line,
}

/// Compares a copy with the nearest edition of its page among those on record.
#[must_use]
pub fn compare(file: &Path, page: &Page, on_record: &[Recorded]) -> Comparison {
    let nearest = nearest(page, on_record);
    let lines = nearest.map_or(&[][..], |recorded| &recorded.lines);
    let places = places(page, lines);
    let in_order = longest_rising(&places);
    let matches = page.sentences.iter().zip(&places);
    let moved = matches.clone().enumerate().filter_map(|(at, (sentence, place))| {
        let line = &lines[(*place)?];
        let is_elsewhere = !sentence.section.is_empty() && sentence.section != line.section;
        (is_elsewhere || !in_order.contains(&at)).then(|| Moved { sentence: sentence.clone(), line: line.clone() })
    });
    let is_missing =
        |(at, line): (usize, &Line)| (!line.is_earlier && !places.contains(&Some(at))).then(|| line.clone());
    Comparison {
        file: file.to_owned(),
        page: nearest.map_or_else(|| page.names.first().cloned().unwrap_or_default(), |r| r.page.to_owned()),
        release: page.release.clone(),
        edition: nearest.map(|recorded| recorded.edition),
        is_own_edition: nearest.is_some_and(|recorded| page.edition() == Some(recorded.edition)),
        matched: places.iter().flatten().count(),
        moved: moved.collect(),
        unknown: matches.filter(|(_, place)| place.is_none()).map(|(sentence, _)| sentence.clone()).collect(),
        missing: lines.iter().enumerate().filter_map(is_missing).collect(),
    }
}

/// The page on record in the copy's own edition, else in the one that has most sentences in common with it.
pub(super) fn nearest<'r>(page: &Page, on_record: &'r [Recorded]) -> Option<&'r Recorded> {
    let of_page = on_record.iter().filter(|recorded| page.names.iter().any(|name| name == recorded.page));
    let common = |recorded: &Recorded| places(page, &recorded.lines).iter().flatten().count();
    of_page.max_by_key(|recorded| (page.edition() == Some(recorded.edition), common(recorded), recorded.edition))
}

/// For each sentence of the copy its line on record; a line is used once.
fn places(page: &Page, lines: &[Line]) -> Vec<Option<usize>> {
    let mut used = vec![false; lines.len()];
    let mut place = |sentence: &Sentence| {
        let is_it = |at: &usize| !used[*at] && lines[*at].fingerprints.contains(&sentence.fingerprint);
        let at = (0..lines.len()).find(is_it)?;
        used[at] = true;
        Some(at)
    };
    page.sentences.iter().map(&mut place).collect()
}

/// Where the longest rising run of places is: what is outside has moved, and no shorter list would explain the order.
fn longest_rising(places: &[Option<usize>]) -> Vec<usize> {
    let mut best: Vec<Vec<usize>> = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let before = |run: &&Vec<usize>| run.last().is_some_and(|last| places[*last] < *place);
        let mut run = match place {
            Some(_) => best.iter().filter(before).max_by_key(|run| run.len()).cloned().unwrap_or_default(),
            None => continue,
        };
        run.push(at);
        best.push(run);
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

impl Comparison {
    /// Whether the copy has every sentence on record, in place, and no other.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.edition.is_some() && self.moved.is_empty() && self.unknown.is_empty() && self.missing.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = self.release.as_deref().unwrap_or("of an unknown release");
        write!(f, "{}: {} {release}", self.file.display(), self.page)?;
        let Some(edition) = self.edition else {
            return writeln!(f, ": not a page on record");
        };
        let nearest = if self.is_own_edition { "" } else { "the nearest on record, " };
        let (moved, unknown, missing) = (self.moved.len(), self.unknown.len(), self.missing.len());
        let counts = format!("{} matched, {moved} moved, {unknown} unknown, {missing} missing", self.matched);
        writeln!(f, ", against {nearest}{edition}: {counts}")?;
        for Moved { sentence, line } in &self.moved {
            writeln!(f, "  moved    {}  {}", Place(line), sentence.text)?;
        }
        for sentence in &self.unknown {
            writeln!(f, "  unknown  {}  {}", sentence.fingerprint, sentence.text)?;
        }
        self.missing.iter().try_for_each(|line| writeln!(f, "  missing  {}", Place(line)))
    }
}

/// A line on record as a reader can find it: section, position, clauses.
struct Place<'a>(&'a Line);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.0.section, self.0.position, self.0.ids.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_the_least_that_explains_the_order() {
        assert_eq!(longest_rising(&[Some(3), Some(0), None, Some(1), Some(2)]), [1, 3, 4]);
    }
}

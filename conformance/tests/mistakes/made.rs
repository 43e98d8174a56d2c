//! One mistake that was made on purpose, and the die that decides which.

use std::ops::Range;

use crate::sites::Good;

/// A broken text.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) text: String,
    /// The byte of the text where the mistake was made.
    pub(crate) at: usize,
    /// What the report must say to be of use.
    pub(crate) wants: Wants,
}

#[derive(Clone, Debug)]
pub(crate) enum Wants {
    /// This word, as a suggestion or among what is allowed.
    Word(String),
    /// One of these.
    Says(&'static [&'static str]),
}

impl Made {
    /// The file with other words at these bytes, which is the mistake.
    pub(crate) fn instead(good: &Good, at: &Range<usize>, words: &str, wants: Wants) -> Self {
        Self::edited(good, at, words, at.start, wants)
    }

    /// The file with other words at these bytes; the mistake is at this byte of what comes out.
    pub(crate) fn edited(good: &Good, at: &Range<usize>, words: &str, mistake: usize, wants: Wants) -> Self {
        let text = format!("{}{words}{}", &good.text[..at.start], &good.text[at.end..]);
        Self { text, at: mistake, wants }
    }

    /// The line and column of the mistake, both counted from 1.
    pub(crate) fn place(&self) -> (usize, usize) {
        let before = &self.text[..self.at];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

/// Numbers that look random and are the same each time.
pub(crate) struct Die(u64);

impl Die {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        (!of.is_empty()).then(|| &of[self.below(of.len())])
    }

    /// A slip of the fingers in a word; `None`: what came out is good too.
    pub(crate) fn slip(&mut self, word: &str, is_good: impl Fn(&str) -> bool) -> Option<String> {
        let mut letters: Vec<char> = word.chars().collect();
        let at = self.below(letters.len());
        match self.below(5) {
            0 if letters.len() > 2 => drop(letters.remove(at)),
            1 if at + 1 < letters.len() => letters.swap(at, at + 1),
            2 => letters.insert(at, letters[at]),
            3 if letters.len() > 2 => letters[at] = neighbour(letters[at]),
            _ => letters.insert(at + 1, neighbour(letters[at])),
        }
        let slip: String = letters.into_iter().collect();
        let is_word = slip.starts_with(|c: char| c.is_ascii_alphabetic());
        (is_word && slip != word && !is_good(&slip)).then_some(slip)
    }
}

/// The key beside this one.
fn neighbour(letter: char) -> char {
    const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let low = letter.to_ascii_lowercase();
    let beside = ROWS.iter().find_map(|row| {
        let at = row.find(low)?;
        row[at + 1..].chars().next().or_else(|| row[..at].chars().next_back())
    });
    let beside = beside.unwrap_or('x');
    if letter.is_ascii_uppercase() { beside.to_ascii_uppercase() } else { beside }
}

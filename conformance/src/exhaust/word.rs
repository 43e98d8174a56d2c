//! A trace of a scope, by the numbers of its letters.

/// The longest word.
const MOST: usize = 15;

/// So many letters, by their places in the alphabet of a scope. Written `3.0.17`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Word {
    letters: [u8; MOST],
    length: u8,
}

impl Word {
    /// The longest length that there is.
    pub const MOST: usize = MOST;

    /// The word with one more letter.
    ///
    /// # Panics
    ///
    /// When it has [`Self::MOST`].
    #[must_use]
    pub fn then(mut self, letter: usize) -> Self {
        self.letters[usize::from(self.length)] = u8::try_from(letter).expect("an alphabet has at most 256 letters");
        self.length += 1;
        self
    }

    /// The letters.
    pub fn letters(&self) -> impl Iterator<Item = usize> {
        self.letters[..usize::from(self.length)].iter().map(|letter| usize::from(*letter))
    }
}

impl std::fmt::Display for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, letter) in self.letters().enumerate() {
            if n > 0 {
                f.write_str(".")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Word {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let letters: Option<Vec<u8>> = text.split('.').map(|letter| letter.parse().ok()).collect();
        let letters = letters.filter(|letters| letters.len() <= MOST);
        let letters = letters.ok_or_else(|| format!("up to {MOST} numbers of letters, such as 3.0.17"))?;
        Ok(letters.into_iter().fold(Self::default(), |word, letter| word.then(letter.into())))
    }
}

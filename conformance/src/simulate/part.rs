//! How much of a run the model follows. Not here: how it follows, which is the service's matter.

use std::fmt;
use std::str::FromStr;

/// How much of a run the model follows, and how that is typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// `every` event: the model is in step with every server.
    Every,
    /// One client in so many, at least two, on a service in miniature: `1/50`.
    ///
    /// The model cannot look at one event in so many, since it has to have seen all that came before. So a client that
    /// comes without a session is taken into the sample with this chance, and so is an id that no server has given out;
    /// with what it is given there it stays in the sample for good. The sample also goes to servers of their own, with
    /// the same settings and caches of that part of the size, and there every event is checked. What only shows with
    /// all clients in one cache is not: that is for [`Self::Every`] on a shorter run.
    ///
    /// Nor does it show what it is too small for. A part of a size is at least 1: of a size of 1 the sample has all, and
    /// of a size below the part too much, so that less is dropped in it than elsewhere, or nothing. It has as many
    /// connections fewer, so that few of them are a 255th, which flushes by itself.
    /// [`Sampled`](super::service::Sampled) tells how many there were.
    OneIn(u32),
    /// Nothing: `never`.
    Never,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("every"),
            Self::OneIn(parts) => write!(f, "1/{parts}"),
            Self::Never => f.write_str("never"),
        }
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "every" | "1/1" => Ok(Self::Every),
            "never" => Ok(Self::Never),
            _ => {
                let parts = text.strip_prefix("1/").and_then(|parts| parts.parse().ok()).filter(|parts| *parts > 1);
                parts
                    .map(Self::OneIn)
                    .ok_or_else(|| format!("`every`, a part such as `1/50`, or `never`, not `{text}`"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_typed_as_it_is_shown() {
        for (text, part) in [("every", Part::Every), ("1/50", Part::OneIn(50)), ("never", Part::Never)] {
            assert_eq!((text.parse(), part.to_string()), (Ok(part), text.to_owned()));
        }
        for text in ["", "1/0", "2/3", "50", "always", "1/-2"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}

//! The ids of a trace: numbered, the first few hot, the others cold, all of one shape.

use session_model::{IdContext, SessionId};

use crate::op::LongIdContext;
use crate::source::choices::Choices;

/// What the ids of a trace look like: each is a way for a cache to take two ids for one, or to be slow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Shape {
    /// One byte, or as few as it takes.
    Short,
    /// The first eight bytes equal, twelve in all.
    Prefixed,
    /// Each the beginning of the next: 1 to 32 zero bytes. Beyond that, equal but for the last bytes.
    Nested,
    /// 32 bytes, equal but for the last ones.
    Long,
    /// All lengths from 5 to 32, different from the first byte on.
    Scattered,
}

impl Shape {
    pub(super) const ALL: [Self; 5] = [Self::Short, Self::Prefixed, Self::Nested, Self::Long, Self::Scattered];

    /// The id of this number; within a shape, each number has its own.
    pub(super) fn id(self, number: u32) -> SessionId {
        let tail = (number + 1).to_be_bytes();
        let mut bytes = [0; SessionId::MAX];
        let length = match self {
            Self::Short => {
                let skip = (tail.iter().position(|b| *b != 0)).expect("a number from 1 up has a byte that is not 0");
                bytes[..4 - skip].copy_from_slice(&tail[skip..]);
                4 - skip
            }
            Self::Prefixed => {
                bytes[..8].fill(0xab);
                bytes[8..12].copy_from_slice(&tail);
                12
            }
            Self::Nested if number < 32 => number as usize + 1,
            Self::Nested => {
                bytes[28..].copy_from_slice(&tail);
                32
            }
            Self::Long => {
                bytes[..28].fill(0xee);
                bytes[28..].copy_from_slice(&tail);
                32
            }
            Self::Scattered => {
                // An odd multiplier permutes the numbers of 32 bits.
                bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
                5 + (number.wrapping_mul(11) % 28) as usize
            }
        };
        SessionId::new(&bytes[..length]).expect("every shape has 1 to 32 bytes")
    }
}

/// A session id context that fits.
pub(super) fn draw_id_context(choices: &mut impl Choices) -> IdContext {
    let bytes: &[u8] = match choices.below(8) {
        0..=2 => b"",
        3 | 4 => b"a",
        5 => b"b",
        6 => &[b'a'; 31],
        _ => &[b'a'; 32],
    };
    IdContext::new(bytes).expect("at most 32 bytes")
}

/// A session id context that may be too long by one byte or by many.
pub(super) fn draw_long_id_context(choices: &mut impl Choices) -> LongIdContext {
    match choices.below(8) {
        6 => LongIdContext::new(&[b'a'; 33]),
        7 => LongIdContext::new(&[b'b'; 64]),
        _ => LongIdContext::new(draw_id_context(choices).as_bytes()),
    }
    .expect("at most 64 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_an_id_of_its_own() {
        for shape in Shape::ALL {
            let ids: std::collections::BTreeSet<_> = (0..3000).map(|n| shape.id(n)).collect();
            assert_eq!(ids.len(), 3000, "{shape:?}");
        }
    }

    #[test]
    fn every_length_occurs() {
        let lengths: std::collections::BTreeSet<_> =
            Shape::ALL.iter().flat_map(|shape| (0..40).map(|n| shape.id(n).as_bytes().len())).collect();
        assert!(lengths.into_iter().eq(1..=32));
    }
}

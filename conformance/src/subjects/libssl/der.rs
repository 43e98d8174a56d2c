//! The little of DER that a serialised session takes to have another ticket: elements of one byte of tag, with a length.
//!
//! Not here: what the elements of a session are.

/// `SEQUENCE`
pub(super) const SEQUENCE: u8 = 0x30;
/// `OCTET STRING`
pub(super) const OCTET_STRING: u8 = 0x04;

/// An element: its tag, the length of its contents in as few bytes as it takes, the contents.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(length @ ..0x80) => element.push(length),
        _ => {
            let length = contents.len().to_be_bytes();
            let skip = length.iter().take_while(|byte| **byte == 0).count();
            element.push(0x80 | (length.len() - skip) as u8);
            element.extend_from_slice(&length[skip..]);
        }
    }
    element.extend_from_slice(contents);
    element
}

/// The first element's tag and contents, and what follows it; `None`: there is no whole one.
pub(super) fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match first {
        ..0x80 => (first.into(), rest),
        _ => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let exact = length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add((*byte).into()));
            (exact?, rest)
        }
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_takes_as_few_bytes_as_it_can() {
        for (length, header) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (255, &[4, 0x81, 255]),
            (256, &[4, 0x82, 1, 0]),
            (65_535, &[4, 0x82, 255, 255]),
            (65_536, &[4, 0x83, 1, 0, 0]),
        ] {
            assert_eq!(element(OCTET_STRING, &vec![0; length])[..header.len()], *header, "{length}");
        }
    }

    #[test]
    fn what_is_put_together_comes_apart() {
        for length in [0, 1, 127, 128, 255, 256, 65_536] {
            let contents = vec![7; length];
            let mut bytes = element(SEQUENCE, &contents);
            bytes.extend([1, 2]);
            assert_eq!(split(&bytes), Some((SEQUENCE, &contents[..], &[1, 2][..])), "{length}");
        }
    }

    #[test]
    fn what_is_cut_short_is_no_element() {
        let whole = element(OCTET_STRING, &[7; 300]);
        assert!((0..whole.len()).all(|length| split(&whole[..length]).is_none()));
        let more_than_a_word = [&[4, 0x89][..], &[255; 20]].concat();
        assert_eq!(split(&more_than_a_word), None);
    }
}

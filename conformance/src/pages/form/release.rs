//! The release that a page came with, as its head or foot tells it.

/// The release beside a date, such as `3.0.7 2023-07-13` in a foot or its parts the other way round.
pub(in crate::pages) fn release(text: &str) -> Option<&str> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let is_near_date = |at: usize| {
        at.checked_sub(1).is_some_and(|before| is_date(tokens[before]))
            || tokens.get(at + 1).is_some_and(|t| is_date(t))
    };
    (0..tokens.len()).rev().find(|at| is_release(tokens[*at]) && is_near_date(*at)).map(|at| tokens[at])
}

fn is_date(token: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (Some(year), Some(month)) = (token.get(..4), token.get(5..7)) else { return false };
    digits(year) && token[4..].starts_with('-') && digits(month)
}

fn is_release(token: &str) -> bool {
    let numbers: Vec<&str> = token.split('.').collect();
    let is_number = |part: &&str| {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    (2..=3).contains(&numbers.len()) && numbers.iter().all(is_number)
}

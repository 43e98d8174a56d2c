//! Lines of text for a terminal, none wider than [`WIDTH`].

/// How wide a line may be.
pub(super) const WIDTH: usize = 100;

/// A line as it is.
pub(super) fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// Breaks a text into lines of at most [`WIDTH`], the first indented by `first`, the others by `next`.
pub(super) fn wrap(out: &mut String, first: usize, next: usize, text: &str) {
    let mut line = " ".repeat(first);
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            put(out, line.trim_end());
            line = " ".repeat(next);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    put(out, line.trim_end());
}

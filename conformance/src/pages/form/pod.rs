//! Plain old documentation: the form that OpenSSL writes its pages in.

use super::Line;

pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim) {
        // Sites that number the lines in a table leave its rules behind.
        if line.is_empty() || line == "|" {
            continue;
        }
        if let Some(heading) = line.strip_prefix("=head1 ") {
            lines.push(Line::Heading(heading.trim().to_owned()));
        } else if let Some(tag) = line.strip_prefix("=item ") {
            lines.push(Line::Text(without_codes(tag)));
        } else if !line.starts_with('=') {
            lines.push(Line::Text(line.to_owned()));
        }
    }
    join_codes(lines)
}

/// Formatting codes may span lines: each run of text is one line before they are resolved.
fn join_codes(lines: Vec<Line>) -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        match (joined.last_mut(), line) {
            (Some(Line::Text(before)), Line::Text(text)) => {
                before.push(' ');
                before.push_str(&text);
            }
            (_, line) => joined.push(line),
        }
    }
    for line in &mut joined {
        if let Line::Text(text) = line {
            *text = without_codes(text);
        }
    }
    joined
}

/// Resolves pod's formatting codes: `B<bold>`, `L<text|page>`, `C<< code >>`, `E<lt>`, `Z<>`.
fn without_codes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((code, inside, after)) = code(rest) {
            plain.push_str(&resolved(code, inside));
            rest = after;
        } else {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    plain
}

/// The formatting code that `text` starts with: its letter, what is inside, what follows.
fn code(text: &str) -> Option<(char, &str, &str)> {
    let code = text.chars().next().filter(char::is_ascii_uppercase)?;
    let width = text[1..].len() - text[1..].trim_start_matches('<').len();
    let inside = &text[1 + width..];
    let mut depth = 0;
    match width {
        0 => return None,
        1 => {}
        _ => {
            let end = inside.find(&">".repeat(width))?;
            return Some((code, inside[..end].trim(), &inside[end + width..]));
        }
    }
    for (at, c) in inside.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if depth == 0 => return Some((code, &inside[..at], &inside[at + 1..])),
            '>' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn resolved(code: char, inside: &str) -> String {
    match (code, inside) {
        ('E', "lt") => "<".to_owned(),
        ('E', "gt") => ">".to_owned(),
        ('E', "verbar") => "|".to_owned(),
        ('E', "sol") => "/".to_owned(),
        ('X' | 'Z', _) => String::new(),
        ('L', link) => without_codes(link.split('|').next().expect("a split has a first part")),
        (_, inside) => without_codes(inside),
    }
}

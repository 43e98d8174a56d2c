//! What keeps a text from being YAML, line by line: a quote or bracket that is not closed, a colon or the space behind
//! it that is missing, a line that is indented as none above it.
//!
//! A parser notices such a thing where it can go on no longer, which may be lines below; here the first line is looked
//! for that is unlike what people write. Only asked of texts that are refused already, and only up to where the parser
//! stopped, so a wrong guess makes a message worse and no scenario unreadable.

use std::ops::Range;

/// The likely cause: its bytes, and what is wrong there.
pub(super) type Cause = (Range<usize>, String);

/// The first likely cause that begins before this byte.
pub(super) fn cause(text: &str, before: usize) -> Option<Cause> {
    let mut look = Look { text, levels: Vec::new(), opens: true, open: Vec::new(), word: None, deeper_is_text: None };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if start > before {
            return None;
        }
        if let Some(cause) = look.line(start, line.trim_end()) {
            return Some(cause);
        }
        start += line.len();
    }
    look.open.pop().map(|bracket| look.not_closed(&bracket))
}

/// What is known of the lines so far.
struct Look<'t> {
    text: &'t str,
    /// The lists and maps that are open, by column from outside in.
    levels: Vec<Level>,
    /// Whether the last line ended with the colon of a key, so that its value follows.
    opens: bool,
    /// The brackets that are open.
    open: Vec<Bracket>,
    /// The entry of a list on the last line, when it is a word or text: where, and what it says.
    word: Option<(usize, String)>,
    /// Of a text that stands below its key, the column of that key.
    deeper_is_text: Option<usize>,
}

#[derive(Clone, Copy)]
struct Level {
    column: usize,
    is_list: bool,
}

struct Bracket {
    at: usize,
    kind: u8,
    /// The column of the key or entry that it belongs to.
    column: usize,
}

impl Look<'_> {
    fn line(&mut self, start: usize, line: &str) -> Option<Cause> {
        let column = line.len() - line.trim_start().len();
        let content = &line[column..];
        if content.is_empty() || content.starts_with('#') {
            return None;
        }
        if let Some(of) = self.deeper_is_text {
            if column > of {
                return None;
            }
            self.deeper_is_text = None;
        }
        if let Some(bracket) = self.open.pop() {
            if column <= bracket.column && (content.starts_with("- ") || key_of(content).is_some()) {
                return Some(self.not_closed(&bracket));
            }
            self.open.push(bracket);
            return self.values(start + column, content, column);
        }
        self.entry(start + column, content, column)
    }

    /// A line that begins an entry of a list or map: its place among the others, its key, and then its value.
    fn entry(&mut self, at: usize, content: &str, column: usize) -> Option<Cause> {
        let dash = content == "-" || content.starts_with("- ");
        let deepest = self.levels.last().map_or(0, |level| level.column);
        if let Some((at, word)) = self.word.take().filter(|_| column > deepest) {
            return no_colon(at, &word);
        }
        if let Some(message) = self.misplaced(column, dash) {
            return Some((at..at + content.len(), message));
        }
        if dash {
            let rest = content[1..].trim_start();
            let inner = content.len() - rest.len();
            self.opens = true;
            if rest.is_empty() {
                return None;
            }
            if key_of(rest).is_some() || rest.starts_with("- ") {
                return self.entry(at + inner, rest, column + inner);
            }
            self.opens = false;
            // The entries of a list of words stand without a key, but what stands below one is of a map.
            self.word = Some((at + inner, rest.to_owned()));
            return no_space(at + inner, rest).or_else(|| self.values(at + inner, rest, column));
        }
        let Some((key, value)) = key_of(content) else {
            return no_space(at, content).or_else(|| no_colon(at, content));
        };
        let from = content.len() - value.len();
        let value_text = value.split(" #").next().unwrap_or_default().trim();
        self.opens = value_text.is_empty();
        if value.starts_with(['|', '>']) {
            self.deeper_is_text = Some(column);
            return None;
        }
        // A second colon in a bare text ends it for a parser.
        let is_bare = !value.starts_with(['"', '\'', '[', '{']);
        if is_bare && let Some(second) = value_text.find(": ") {
            let message = format!("a colon within the text of `{key}`: put the text in quotes");
            return Some((at + from + second..at + from + second + 1, message));
        }
        self.values(at + from, value, column)
    }

    /// Why nothing can stand at this column.
    fn misplaced(&mut self, column: usize, dash: bool) -> Option<String> {
        let known: Vec<usize> = self.levels.iter().map(|level| level.column).collect();
        let deepest = known.last().copied();
        while self.levels.last().is_some_and(|level| level.column > column) {
            self.levels.pop();
        }
        // A list may stand below its key without being indented; the next key ends it.
        if let [.., map, list] = self.levels[..]
            && map.column == list.column
            && list.column == column
            && !dash
        {
            self.levels.pop();
        }
        let goes_in = self.opens && deepest.is_none_or(|deepest| column >= deepest);
        match self.levels.last() {
            Some(level) if level.column == column && level.is_list == dash => None,
            Some(level) if level.column == column && goes_in && dash => {
                self.levels.push(Level { column, is_list: true });
                None
            }
            Some(level) if level.column == column && level.is_list => {
                Some(format!("a line indented by {} as the entries beside it, but without their `-`", spaces(column)))
            }
            Some(level) if level.column == column => {
                Some(format!("an entry with `-` that is indented by {} as the keys beside it", spaces(column)))
            }
            _ if goes_in => {
                self.levels.push(Level { column, is_list: dash });
                None
            }
            _ => {
                let mut known = known;
                known.dedup();
                let known: Vec<_> = known.iter().map(usize::to_string).collect();
                let known = known.join(" or ");
                Some(format!("a line indented by {}: {known} would fit the lines above", spaces(column)))
            }
        }
    }

    /// Quotes and brackets of a value.
    fn values(&mut self, at: usize, value: &str, column: usize) -> Option<Cause> {
        let bytes = value.as_bytes();
        // Whether a word or quotation may begin here: quotes and brackets within a bare text mean nothing.
        let mut fresh = true;
        let (mut word, mut n) = (0, 0);
        while n < bytes.len() {
            let (here, byte) = (at + n, bytes[n]);
            let in_flow = !self.open.is_empty();
            match byte {
                b'#' if n == 0 || bytes[n - 1] == b' ' => return None,
                b'"' | b'[' | b'{' if !fresh && in_flow && bytes[n - 1] == b' ' => {
                    return no_colon(at + word, &value[word..n]);
                }
                b'[' | b'{' if !fresh && in_flow && bytes[n - 1] == b':' => {
                    return no_space(at + word, &value[word..=n]);
                }
                b'"' | b'\'' if fresh => {
                    let Some(end) = quotation_end(&bytes[n..]) else {
                        return Some((here..at + value.len(), NOT_CLOSED.to_owned()));
                    };
                    n += end;
                    let after = value[n + 1..].trim_start();
                    if !(after.is_empty() || after.starts_with([',', ']', '}', ':', '#'])) {
                        let message = "a quotation that ends before more text: is a quote missing?";
                        return Some((here..at + n + 1, message.to_owned()));
                    }
                    fresh = false;
                }
                b'-' if fresh && bytes.get(n + 1).is_none_or(|after| b",]} ".contains(after)) => {
                    return Some((here..here + 1, "expected a value, found a `-` alone".to_owned()));
                }
                b'[' | b'{' if fresh || in_flow => {
                    self.open.push(Bracket { at: here, kind: byte, column });
                    fresh = true;
                }
                b']' | b'}' if in_flow => {
                    let bracket = self.open.pop().expect("it is not empty");
                    if (bracket.kind == b'[') != (byte == b']') {
                        return Some(self.not_closed(&bracket));
                    }
                    fresh = false;
                }
                b',' if in_flow => fresh = true,
                b':' if bytes.get(n + 1).is_none_or(|after| *after == b' ') => fresh = true,
                b' ' => {}
                _ => {
                    if fresh {
                        word = n;
                    }
                    fresh = false;
                }
            }
            n += 1;
        }
        None
    }

    fn not_closed(&self, bracket: &Bracket) -> Cause {
        let opened = &self.text[bracket.at..=bracket.at];
        let closes = if bracket.kind == b'[' { "]" } else { "}" };
        (bracket.at..bracket.at + 1, format!("this `{opened}` is not closed: its `{closes}` is missing"))
    }
}

/// What is said of a quotation that runs over its line.
pub(super) const NOT_CLOSED: &str = "a quotation that is not closed in its line: its second quote is missing";

/// Whether what is at these bytes goes on below its first line as text does: no key or entry of a list is there, and
/// nothing but a comment or the end of what is around it follows on its last line.
pub(super) fn is_text_below(text: &str, at: &Range<usize>) -> bool {
    let after = text[at.end..].lines().next().unwrap_or_default().trim_start();
    let below = text[at.clone()].lines().skip(1).map(|line| line.trim_matches([' ', '\t', '\r', '"', '\'']));
    (after.is_empty() || after.starts_with(['#', ',', ']', '}']))
        && below.into_iter().all(|line| !line.contains(": ") && !line.ends_with(':') && !line.starts_with("- "))
}

/// What is said of text that goes on below its line.
pub(super) const GOES_ON: &str = "text that goes on in the next line: put it on one line, in quotes";

/// The key of an entry, and what follows its colon and space.
fn key_of(content: &str) -> Option<(&str, &str)> {
    let colon = match content.as_bytes().first()? {
        b'"' | b'\'' => quotation_end(content.as_bytes())? + 1,
        _ => content.find(": ").or_else(|| content.strip_suffix(':').map(str::len))?,
    };
    let (key, rest) = content.split_at(colon);
    let value = rest.strip_prefix(':')?;
    let is_key = key.starts_with(['"', '\'']) || !key.contains([' ', '[', '{', '"']);
    (is_key && (value.is_empty() || value.starts_with(' '))).then(|| (key, value.trim_start()))
}

/// A key whose colon has no space behind it.
fn no_space(at: usize, content: &str) -> Option<Cause> {
    let (key, rest) = content.split_once(':')?;
    (is_plain(key) && !rest.starts_with(' '))
        .then(|| (at..at + key.len() + 1, format!("a space is missing behind the colon: `{key}: {}`", rest.trim_end())))
}

/// A line of a map without a colon.
fn no_colon(at: usize, content: &str) -> Option<Cause> {
    let key = content.split(' ').next().unwrap_or(content);
    is_plain(key).then(|| (at..at + key.len(), format!("a colon is missing behind `{key}`")))
}

/// Whether this looks like a key.
pub(super) fn is_plain(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Where the quotation that begins here ends.
fn quotation_end(bytes: &[u8]) -> Option<usize> {
    let quote = bytes[0];
    let mut n = 1;
    while n < bytes.len() {
        match bytes[n] {
            b'\\' if quote == b'"' => n += 1,
            b'\'' if quote == b'\'' && bytes.get(n + 1) == Some(&b'\'') => n += 1,
            byte if byte == quote => return Some(n),
            _ => {}
        }
        n += 1;
    }
    None
}

fn spaces(column: usize) -> String {
    if column == 1 { "1 space".to_owned() } else { format!("{column} spaces") }
}

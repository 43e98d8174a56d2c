//! The words that an author types for a new scenario, and which were probably meant.

use session_model::{CacheMode, Clause};

use super::steps::verbs;
use crate::scenario::nearest;

/// A word that is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// What was typed.
    pub word: String,
    /// What it was to be, with its article, such as `a clause`.
    pub what: &'static str,
    /// The nearest one that is known.
    pub meant: Option<&'static str>,
    /// Where all of them are listed, or what they are.
    pub known: String,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is not {}", self.word, self.what)?;
        match self.meant {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => write!(f, "; {}", self.known),
        }
    }
}

impl std::error::Error for Unknown {}

/// The clause of this id.
pub(super) fn clause(word: &str) -> Result<Clause, Unknown> {
    let ids: Vec<_> = Clause::all().map(Clause::id).collect();
    Clause::by_id(word).ok_or_else(|| unknown(word, "a clause", &ids, "`sesscheck clauses` lists them".to_owned()))
}

/// The flag of the session cache mode, also with its prefix.
pub(super) fn flag(word: &str) -> Result<&'static str, Unknown> {
    let names = CacheMode::NAMES.map(|(name, _)| name);
    let bare = word.strip_prefix("SSL_SESS_CACHE_").unwrap_or(word);
    let found = names.into_iter().find(|name| *name == bare);
    found.ok_or_else(|| unknown(word, "a flag of the mode", &names, format!("they are {}", names.join(", "))))
}

/// A step: its verb, and what stands behind the first colon.
pub(super) fn step(word: &str) -> Result<(&'static str, Option<&str>), Unknown> {
    let (verb, argument) = match word.split_once(':') {
        Some((verb, argument)) => (verb.trim(), Some(argument.trim())),
        None => (word.trim(), None),
    };
    let all: Vec<_> = verbs().collect();
    let found = all.iter().find(|known| **known == verb);
    let known = found.ok_or_else(|| {
        let bare = ["SSL_CTX_", "SSL_SESSION_"].iter().find_map(|prefix| verb.strip_prefix(prefix)).unwrap_or(verb);
        let known = format!("they are {}", all.join(", "));
        Unknown { word: verb.to_owned(), what: "a step", meant: nearest(bare, &all), known }
    })?;
    Ok((known, argument.filter(|argument| !argument.is_empty())))
}

/// A session made by hand, and its timeout in seconds, which is 300 when it is left out.
pub(super) fn session(word: &str) -> Result<(String, u64), Unknown> {
    let (name, timeout) = word.split_once(':').unwrap_or((word, "300"));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    match timeout.trim().parse() {
        Ok(timeout) if is_name => Ok((name.to_owned(), timeout)),
        _ => {
            let known = "a name and seconds are, such as a:300".to_owned();
            Err(Unknown { word: word.to_owned(), what: "a session", meant: None, known })
        }
    }
}

/// The parts between commas, those inside brackets and quotes apart.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0_i32, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        match c {
            ',' if depth == 0 && !quoted => parts.push(String::new()),
            _ => parts.last_mut().expect("there is one from the start").push(c),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn unknown(word: &str, what: &'static str, all: &[&'static str], known: String) -> Unknown {
    Unknown { word: word.to_owned(), what, meant: nearest(word, all), known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_comes_with_the_nearest_word() {
        let said = |unknown: Unknown| unknown.to_string();
        assert_eq!(
            clause("add.ads").map_err(said),
            Err("`add.ads` is not a clause; did you mean `add.adds`?".to_owned())
        );
        assert_eq!(flag("SSL_SESS_CACHE_OFF"), Ok("OFF"));
        let mode = "`NO_INTERNL` is not a flag of the mode; did you mean `NO_INTERNAL`?";
        assert_eq!(flag("NO_INTERNL").map_err(said), Err(mode.to_owned()));
        let verb = "`SSL_CTX_flush_session` is not a step; did you mean `flush_sessions`?";
        assert_eq!(step("SSL_CTX_flush_session:now").map_err(said), Err(verb.to_owned()));
        let far = clause("nothing-like-it").map_err(said).expect_err("no clause is called so");
        assert_eq!(far, "`nothing-like-it` is not a clause; `sesscheck clauses` lists them");
        assert!(session("1:2").is_err() && session("a:x").is_err());
        assert_eq!(session("a"), Ok(("a".to_owned(), 300)));
    }

    #[test]
    fn a_comma_inside_brackets_or_quotes_parts_nothing() {
        assert_eq!(list("a, b:{x: 1, y: [2, 3]},\"c,d\" ,"), ["a", "b:{x: 1, y: [2, 3]}", "\"c,d\""]);
    }
}

//! The questions that make a draft, where no flags do.

use std::io::{self, BufRead, Write};

use session_model::Clause;

use super::draft::Draft;
use super::words::{self, Unknown, list};

/// Asks on `out` and reads the answers, a line each, from `input`. What is not known is said, and asked again; `?WORD`
/// lists the clauses that have the word.
///
/// # Errors
///
/// When either cannot be used, and when the answers end early.
pub fn questions(input: &mut dyn BufRead, out: &mut dyn Write, mut draft: Draft) -> io::Result<Draft> {
    let mut asked = Asked { input, out };
    if draft.file.is_empty() {
        draft.file = asked.until("File to write", |line| match line {
            "" => Err("a file has a name".to_owned()),
            line => Ok(line.to_owned()),
        })?;
    }
    draft.title = asked.until("The behaviour in a sentence", |line| match line {
        "" => Err("a scenario says in a sentence what it shows".to_owned()),
        line => Ok(line.to_owned()),
    })?;
    draft.clauses = asked.until("Clauses that it shows, with commas (`?flush` lists those about flush)", |line| {
        if let Some(word) = line.strip_prefix('?') {
            return Err(clauses_about(word.trim()));
        }
        match known(line, |word| words::clause(word).map(|_| ()))? {
            empty if empty.is_empty() => Err("one clause at least".to_owned()),
            clauses => Ok(clauses),
        }
    })?;
    draft.mode = asked.until("Flags of the session cache mode (empty: SERVER)", |line| {
        known(line, |word| words::flag(word).map(|_| ()))
    })?;
    draft.sessions = asked.until("Sessions made by hand, with their timeouts, such as a:300, b:10", |line| {
        known(line, |word| words::session(word).map(|_| ()))
    })?;
    draft.steps = asked.until("Steps, such as add_session, flush_sessions:now+301, handshake", |line| {
        known(line, |word| words::step(word).map(|_| ()))
    })?;
    Ok(draft)
}

struct Asked<'a> {
    input: &'a mut dyn BufRead,
    out: &'a mut dyn Write,
}

impl Asked<'_> {
    /// Asks until the answer is one.
    fn until<T>(&mut self, question: &str, answer: impl Fn(&str) -> Result<T, String>) -> io::Result<T> {
        loop {
            write!(self.out, "{question}: ")?;
            self.out.flush()?;
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                writeln!(self.out)?;
                let why = format!("the answers end at `{question}`; `sesscheck new --help` tells the flags");
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
            }
            match answer(line.trim()) {
                Ok(answer) => return Ok(answer),
                Err(why) => writeln!(self.out, "  {why}")?,
            }
        }
    }
}

/// The words of a line, all of them known.
fn known(line: &str, is: impl Fn(&str) -> Result<(), Unknown>) -> Result<Vec<String>, String> {
    let words = list(line);
    words.iter().try_for_each(|word| is(word)).map_err(|unknown| unknown.to_string())?;
    Ok(words)
}

fn clauses_about(word: &str) -> String {
    let about = Clause::all().filter(|clause| clause.id().contains(word) || clause.entry().statement.contains(word));
    let lines: Vec<_> = about.map(|clause| format!("{:<34} {}", clause.id(), clause.entry().statement)).collect();
    if lines.is_empty() { format!("no clause has `{word}`") } else { lines.join("\n  ") }
}

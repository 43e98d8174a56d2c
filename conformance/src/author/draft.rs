//! A commented scenario to start from: it is valid, runs, and states nothing yet, since what it states is to be written
//! from the page.

use session_model::clause::Kind;
use session_model::{Clause, Edition, Readings};

use super::steps::{Argument, Step, of_verb};
use super::words::{self, Unknown};
use crate::scenario::{Mistake, format, parse};
use crate::suite::vocabulary;

/// What a new scenario is to be made of, as an author types it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// What the file is called in messages.
    pub file: String,
    /// Where an editor finds the schema from there, if it is known.
    pub schema: Option<String>,
    /// The behaviour in a sentence.
    pub title: String,
    /// The clauses that it shows: their ids.
    pub clauses: Vec<String>,
    /// Flags of the session cache mode.
    pub mode: Vec<String>,
    /// Sessions made by hand, each a name and a timeout in seconds: `a:300`.
    pub sessions: Vec<String>,
    /// Steps, each a verb, or a verb, a colon and its arguments.
    pub steps: Vec<String>,
}

/// Why there is no scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DraftError {
    /// A word that is not known.
    Unknown(Unknown),
    /// No clause is named, or none that an edition of the pages has together.
    Clauses(String),
    /// The steps do not make a scenario.
    Mistakes(Vec<Mistake>),
}

impl std::fmt::Display for DraftError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(unknown) => unknown.fmt(f),
            Self::Clauses(why) => f.write_str(why),
            Self::Mistakes(mistakes) => {
                f.write_str("written so, it would be no scenario:")?;
                mistakes.iter().try_for_each(|mistake| write!(f, "\n{}", mistake.render(false)))
            }
        }
    }
}

impl std::error::Error for DraftError {}

impl From<Unknown> for DraftError {
    fn from(unknown: Unknown) -> Self {
        Self::Unknown(unknown)
    }
}

/// The text of the new scenario.
///
/// # Errors
///
/// When a word is not known, or the parts do not make a scenario.
pub fn draft(draft: &Draft) -> Result<String, DraftError> {
    let clauses = draft.clauses.iter().map(|word| words::clause(word)).collect::<Result<Vec<_>, _>>()?;
    let mode = draft.mode.iter().map(|word| words::flag(word)).collect::<Result<Vec<_>, _>>()?;
    let sessions = draft.sessions.iter().map(|word| words::session(word)).collect::<Result<Vec<_>, _>>()?;
    let steps = draft.steps.iter().map(|word| words::step(word)).collect::<Result<Vec<_>, _>>()?;
    let editions = editions(&clauses, &steps)?;
    let mut draws =
        Draws { sessions, client: mode.iter().any(|flag| matches!(*flag, "CLIENT" | "BOTH")), ..Draws::default() };
    let lines: Vec<_> = steps.iter().flat_map(|(verb, argument)| draws.steps(verb, *argument)).collect();

    let mut out = String::new();
    if let Some(schema) = &draft.schema {
        put(&mut out, &format!("# yaml-language-server: $schema={schema}"));
    }
    comment(&mut out, 0, "The behaviour in one sentence; no other scenario has the same.");
    put(&mut out, &format!("scenario: {}", in_quotes(&draft.title)));
    comment(&mut out, 0, "The clauses that it shows, each to be read on its page:");
    clauses.iter().for_each(|clause| comment(&mut out, 0, &of_clause(*clause)));
    let ids: Vec<_> = clauses.iter().map(|clause| clause.id()).collect();
    put(&mut out, &format!("clauses: [{}]", ids.join(", ")));
    if let Some(editions) = editions {
        comment(&mut out, 0, "The editions of the pages that have them.");
        put(&mut out, &format!("editions: [{editions}]"));
    }
    contexts(&mut out, &draws, &mode);
    if !draws.sessions.is_empty() {
        comment(
            &mut out,
            0,
            "Sessions made by hand: an id in hex, and the timeout in seconds; their time is the clock's, 1000.",
        );
        put(&mut out, "sessions:");
        for (n, (name, timeout)) in draws.sessions.iter().enumerate() {
            let context = if draws.client { ", context: client" } else { "" };
            put(&mut out, &format!("  {name}: {{id: \"{:02x}\", timeout: {timeout}{context}}}", n + 1));
        }
    }
    comment(&mut out, 0, STATED);
    put(&mut out, if lines.is_empty() { "steps: []" } else { "steps:" });
    for (n, (step, argument)) in lines.iter().enumerate() {
        // Once for each verb.
        if lines[..n].iter().all(|(before, _)| before.verb != step.verb) {
            comment(&mut out, 2, &format!("{}: {}.", step.does, step.states));
        }
        put(&mut out, &format!("  - {}: {argument}", step.verb));
    }
    match parse(&draft.file, &out, &vocabulary()) {
        Ok(_) => Ok(format(&draft.file, &out, &vocabulary()).unwrap_or(out)),
        Err(mistakes) => Err(DraftError::Mistakes(mistakes)),
    }
}

/// What stands above the steps.
const STATED: &str = "One op a step, in order. Below an op can stand what it shows: `returns`, `callbacks` (all of \
    them, in order), `members` (the whole internal cache), `destroyed`, and of what there is after it `counters`, \
    `times`, `timeouts` and `resumable`. What is not stated is not checked, but a callback that is not stated must not \
    come. What is stated is a claim about the manual: write it from the page, not from what some library does.";

/// What was drawn so far: the next name of each kind.
#[derive(Default)]
struct Draws {
    sessions: Vec<(String, u64)>,
    /// Whether there are two contexts, and the mode is the client's.
    client: bool,
    /// Verbs that took a session so far.
    took: Vec<&'static str>,
    made: usize,
    connections: usize,
    finished: bool,
}

impl Draws {
    /// The step with its arguments, and before it the steps that it needs.
    fn steps(&mut self, verb: &'static str, argument: Option<&str>) -> Vec<(&'static Step, String)> {
        let step = of_verb(verb);
        let mut steps = Vec::new();
        let wants_connection = argument.is_none() && matches!(step.argument, Argument::Begun | Argument::Finished);
        if wants_connection && self.connections == 0 {
            steps.extend(self.steps("accept_begin", None));
        }
        if wants_connection && matches!(step.argument, Argument::Finished) && !self.finished {
            steps.extend(self.steps("accept_finish", None));
        }
        let argument = argument.map_or_else(|| self.argument(step), str::to_owned);
        match verb {
            "accept_begin" => (self.connections, self.finished) = (self.connections + 1, false),
            "accept_finish" => self.finished = true,
            _ => {}
        }
        steps.push((step, argument));
        steps
    }

    fn argument(&mut self, step: &Step) -> String {
        let context = if self.client { "client" } else { "server" };
        match step.argument {
            Argument::Session => self.session(step.verb),
            Argument::InContext if self.client => {
                format!("{{context: {context}, session: {}}}", self.session(step.verb))
            }
            Argument::InContext => self.session(step.verb),
            Argument::Context => context.to_owned(),
            Argument::Value(key, value) if self.client => format!("{{context: {context}, {key}: {value}}}"),
            Argument::Value(_, value) | Argument::Bare(value) => value.to_owned(),
            Argument::With(rest) => format!("{{session: {}, {rest}}}", self.session(step.verb)),
            Argument::Begun | Argument::Finished => format!("k{}", self.connections),
            Argument::Connection => format!("{{connection: k{}{}}}", self.connections + 1, self.sides(", ")),
            Argument::NewSession => {
                self.made += 1;
                let context = if self.client { ", context: client" } else { "" };
                format!("{{name: m{0}, id: \"f{0:x}\"{context}}}", self.made)
            }
            Argument::Handshake => {
                self.made += 1;
                let n = self.made;
                match self.client {
                    true => format!("{{{}, as: [s{n}, c{n}]}}", self.sides("")),
                    false => format!("{{as: s{n}}}"),
                }
            }
        }
    }

    fn sides(&self, before: &str) -> String {
        if self.client { format!("{before}context: server, client: client") } else { String::new() }
    }

    /// The next session for this verb: each in turn. Without one, the first is made.
    fn session(&mut self, verb: &'static str) -> String {
        if self.sessions.is_empty() {
            self.sessions.push(("a".to_owned(), 300));
        }
        let turn = self.took.iter().filter(|took| **took == verb).count();
        self.took.push(verb);
        self.sessions[turn % self.sessions.len()].0.clone()
    }
}

/// The editions that have all the clauses and steps, when they are not the usual ones.
fn editions(clauses: &[Clause], steps: &[(&str, Option<&str>)]) -> Result<Option<String>, DraftError> {
    if clauses.is_empty() {
        let why = "a scenario shows at least one clause; `sesscheck clauses` lists them".to_owned();
        return Err(DraftError::Clauses(why));
    }
    let old = steps.iter().any(|(verb, _)| verb.starts_with("SSL_"));
    let has = |edition: &Edition| {
        clauses.iter().all(|clause| clause.entry().editions().contains(edition))
            && (!old || *edition <= Edition::V1_0_1)
    };
    let all: Vec<_> = Edition::ALL.into_iter().filter(has).collect();
    let usual = [Edition::V3_0, Edition::V3_3];
    if usual.iter().all(|edition| all.contains(edition)) {
        return Ok(None);
    }
    let of_usual: Vec<_> = all.iter().copied().filter(|edition| usual.contains(edition)).collect();
    let names: Vec<_> = if of_usual.is_empty() { all } else { of_usual };
    if names.is_empty() {
        let why = "no edition of the pages has all of these clauses and steps".to_owned();
        return Err(DraftError::Clauses(why));
    }
    let names: Vec<_> = names.iter().map(|edition| format!("\"{edition}\"")).collect();
    Ok(Some(names.join(", ")))
}

fn of_clause(clause: Clause) -> String {
    let entry = clause.entry();
    let place = match entry.page {
        "" => "no page has a word on it".to_owned(),
        page => format!("{page}(3), {}", entry.section),
    };
    let mut text = format!("{clause} ({}; {place}): {}.", entry.kind, entry.statement.trim_end_matches('.'));
    let axes: Vec<_> = Readings::AXES.iter().filter(|axis| axis.clause == clause).collect();
    if let Some(first) = axes.first().filter(|_| entry.kind != Kind::Rule) {
        let values = axes.iter().map(|axis| format!("{}: {}", axis.name, axis.values.join(" or ")));
        let values: Vec<_> = values.collect();
        let example = format!("`readings: {{{}: {}}}`", first.name, first.values[0]);
        text += &format!(" Readings settle it, such as {example}; they are {}.", values.join(", "));
    }
    text
}

fn contexts(out: &mut String, draws: &Draws, mode: &[&str]) {
    let sides = ["CLIENT", "SERVER", "BOTH", "OFF"];
    // The other flags say how; alone they would be another way to write OFF.
    let side = (!mode.is_empty() && !mode.iter().any(|flag| sides.contains(flag))).then_some(&"SERVER");
    let flags: Vec<_> =
        side.into_iter().chain(mode).map(|flag| if *flag == "OFF" { "\"OFF\"" } else { *flag }).collect();
    let set = if mode.is_empty() { String::new() } else { format!("mode: [{}]", flags.join(", ")) };
    let words = "The caches before the first step; what is left out is as the library makes it. Callbacks are seen \
        where they are set: `callbacks: {new: record, get: record, remove: record}`; `size` and `timeout` can be set \
        as well.";
    comment(out, 0, words);
    put(out, "contexts:");
    match draws.client {
        true => put(out, &format!("  server: {{}}\n  client: {{{set}}}")),
        false => put(out, &format!("  server: {{{set}}}")),
    }
}

fn in_quotes(title: &str) -> String {
    serde_json::to_string(title).expect("text is JSON, and JSON is YAML")
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// The text as a comment, in lines of 120 columns at most.
fn comment(out: &mut String, indent: usize, text: &str) {
    const WIDTH: usize = 120;
    let start = format!("{:indent$}#", "");
    let mut line = start.clone();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line != start {
            put(out, &line);
            line.clone_from(&start);
        }
        line.push(' ');
        line.push_str(word);
    }
    put(out, &line);
}

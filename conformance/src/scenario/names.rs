//! What the names in a scenario stand for, and what is wrong with those that stand for nothing.

use std::collections::HashSet;
use std::ops::Range;

use session_model::ContextRef;

use super::lower::Lowering;
use super::places::child;
use super::roll::{Unmakeable, is_name};
use crate::op::{Connection, Name};

/// What a name is a name of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Context,
    Session,
    Connection,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Session => "session",
            Self::Connection => "connection",
        }
    }
}

impl Lowering<'_> {
    /// The context of this name; without a name, the only one.
    pub(super) fn context(&mut self, name: Option<&str>, at: &str) -> Option<ContextRef> {
        match name {
            Some(name) => self.known_context(name, &child(at, "context")),
            None if self.contexts.len() == 1 => Some(ONLY),
            None => {
                let message = format!("there are {} contexts: which one?", self.contexts.len());
                let names = self.contexts.join("`, `");
                self.reader.at_value(at, message).note(format!("say `context:` and one of `{names}`"));
                None
            }
        }
    }

    /// The context that a value names.
    pub(super) fn known_context(&mut self, name: &str, at: &str) -> Option<ContextRef> {
        let at = self.reader.places.get(at).value;
        self.find_context(name, at)
    }

    /// The context that a key names.
    pub(super) fn keyed_context(&mut self, name: &str, at: &str) -> Option<ContextRef> {
        let at = self.reader.places.get(at).of_key();
        self.find_context(name, at)
    }

    fn find_context(&mut self, name: &str, at: Range<usize>) -> Option<ContextRef> {
        let index = self.contexts.iter().position(|context| context == name);
        // More contexts than a trace may have are a mistake of their own.
        let context = index.map(|index| ContextRef(u8::try_from(index).unwrap_or(u8::MAX)));
        self.known(context, name, Kind::Context, at)
    }

    /// The session that a value names.
    pub(super) fn session(&mut self, name: &str, at: &str) -> Option<Name> {
        let at = self.reader.places.get(at).value;
        self.known(self.sessions.find(name).map(Name), name, Kind::Session, at)
    }

    /// The session that a key names.
    pub(super) fn keyed_session(&mut self, name: &str, at: &str) -> Option<Name> {
        let at = self.reader.places.get(at).of_key();
        self.known(self.sessions.find(name).map(Name), name, Kind::Session, at)
    }

    /// The connection that a value names.
    pub(super) fn connection(&mut self, name: &str, at: &str) -> Option<Connection> {
        let at = self.reader.places.get(at).value;
        self.known(self.connections.find(name).map(Connection), name, Kind::Connection, at)
    }

    /// What was found; a mistake when it is nothing.
    fn known<T>(&mut self, found: Option<T>, name: &str, kind: Kind, at: Range<usize>) -> Option<T> {
        if found.is_none() {
            let known: Vec<_> = match kind {
                _ if self.unknown.len() >= COMPARED => Vec::new(),
                Kind::Context => self.contexts.iter().map(String::as_str).collect(),
                Kind::Session => self.sessions.names().collect(),
                Kind::Connection => self.connections.names().collect(),
            };
            self.unknown.push((self.reader.mistakes.len(), name.to_owned(), kind));
            let message = format!("`{name}` is not a {} of this scenario", kind.word());
            self.reader.mistake(at, message).allow(name, known);
        }
        found
    }

    /// The session that is made and called so here. `again`: see [`Roll::make`](super::roll::Roll::make).
    pub(super) fn make_session(
        &mut self,
        name: &str,
        at: &str,
        context: Option<ContextRef>,
        again: bool,
    ) -> Option<Name> {
        let is_key = at.starts_with("/sessions/");
        self.check_name(name, at, is_key);
        match self.sessions.make(name, at, context, again) {
            Ok(index) => Some(Name(index)),
            Err(why) => self.unmakeable(name, &why, at),
        }
    }

    /// The connection that is begun and called so here.
    pub(super) fn make_connection(&mut self, name: &str, at: &str) -> Option<Connection> {
        self.check_name(name, at, false);
        match self.connections.make(name, at, None, false) {
            Ok(index) => Some(Connection(index)),
            Err(why) => self.unmakeable(name, &why, at),
        }
    }

    fn unmakeable<T>(&mut self, name: &str, why: &Unmakeable, at: &str) -> Option<T> {
        match why {
            Unmakeable::MadeBefore(before) => {
                let before = self.made_at(before);
                self.reader.at_value(at, format!("`{name}` is made a second time")).also(before, "the first time");
            }
            Unmakeable::NotListed => {
                let at = self.made_at(at);
                self.reader.mistake(at, format!("`{name}` is not on the list of `names`"));
            }
        }
        None
    }

    /// A session belongs to one context; ops on it in another one are absent.
    pub(super) fn check_context(&mut self, name: Name, context: ContextRef, at: &str) {
        let Some(of) = self.sessions.context(name.0).filter(|of| *of != context && !self.hazards) else {
            return;
        };
        let word = |context: ContextRef| self.contexts.get(usize::from(context.0)).cloned().unwrap_or_default();
        let name = self.sessions.names().nth(name.0 as usize).unwrap_or_default();
        let message = format!("`{name}` is a session of `{}`, not of `{}`", word(of), word(context));
        self.never_carried_out(at, &message);
    }

    /// An op that is always absent is a mistake, unless the step says so or the names are listed.
    pub(super) fn never_carried_out(&mut self, at: &str, message: &str) {
        if !self.absent && !self.sessions.is_listed() {
            self.reader
                .at_value(at, message)
                .note("such a step is never carried out; if that is meant: `returns: absent`");
        }
    }

    /// Notes a mistake when nothing may be called so.
    pub(super) fn check_name(&mut self, name: &str, pointer: &str, key: bool) {
        if is_name(name) {
            return;
        }
        let message = format!("`{name}` is no name");
        let mistake = if key { self.reader.at_key(pointer, message) } else { self.reader.at_value(pointer, message) };
        mistake.note("a name is a letter, then letters, digits, `_`, `-` or `.`, 64 at most; `none` is taken");
    }

    /// What is called so anywhere in the scenario.
    fn kind_of(&self, name: &str) -> Option<Kind> {
        if self.contexts.iter().any(|context| context == name) {
            Some(Kind::Context)
        } else if self.sessions.made_at(name).is_some() {
            Some(Kind::Session)
        } else {
            self.connections.made_at(name).map(|_| Kind::Connection)
        }
    }

    /// The place of the name that is made at this pointer: a key of `sessions`, or a value.
    fn made_at(&self, pointer: &str) -> Range<usize> {
        let place = self.reader.places.get(pointer);
        if pointer.starts_with("/sessions/") { place.of_key() } else { place.value }
    }

    /// What is said of an unknown name depends on the whole file: one that stands in a part that could not be read may
    /// be made there, and is no mistake.
    pub(super) fn settle_unknown(&mut self) {
        let text = &self.reader.source.text;
        let lost: HashSet<_> =
            self.lost.iter().flat_map(|lost| words(&text[lost.clone()])).map(str::to_owned).collect();
        let mut forgiven = HashSet::new();
        for (mistake, name, kind) in std::mem::take(&mut self.unknown) {
            let roll = if kind == Kind::Connection { &self.connections } else { &self.sessions };
            if lost.contains(&name) {
                forgiven.insert(mistake);
            } else if let Some(made) = roll.made_at(&name).filter(|_| kind != Kind::Context) {
                let made = self.made_at(made);
                self.reader.mistakes[mistake].is_early(&name, made);
            } else if let Some(is) = self.kind_of(&name) {
                self.reader.mistakes[mistake].note(format!("`{name}` is a {}", is.word()));
            }
        }
        let mut index = 0..;
        self.reader.mistakes.retain(|_| !forgiven.contains(&index.next().expect("there is no end of numbers")));
    }
}

/// For how many unknown names the nearest known one is looked for: each is compared with all that are known.
const COMPARED: usize = 100;

/// What in a text may be a name.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
}

/// The context of a scenario that has one.
const ONLY: ContextRef = ContextRef(0);

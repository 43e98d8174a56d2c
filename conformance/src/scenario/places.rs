//! Where each value of a YAML text stands, by JSON pointer.
//!
//! This pass also refuses what a scenario has no use for and a reader would trip over: a key twice, aliases and merge
//! keys (so no text grows when it is read), tags, a second document, deep nesting. Not here: what the values mean.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::mistake::{Mistake, Source};

/// How deep lists and maps may nest: a repeated handshake that proposes an id needs 9.
const DEPTH_LIMIT: usize = 32;

/// What a reader takes for no value.
const NOTHING: [&str; 5] = ["", "~", "null", "Null", "NULL"];

/// A value and its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// The key, when the value is one of a map.
    pub(super) key: Option<Range<usize>>,
    /// The value.
    pub(super) value: Range<usize>,
    /// Whether it is a word or number without quotes.
    pub(super) bare: bool,
}

/// The places of a text's values, by JSON pointer; the whole text is at the empty one.
#[derive(Default)]
pub(super) struct Places(HashMap<String, Place>);

impl Places {
    /// Whether there is a value at this pointer.
    pub(super) fn has(&self, pointer: &str) -> bool {
        self.0.contains_key(pointer)
    }

    /// The place of a value; of the nearest value around it, when there is none at this pointer.
    pub(super) fn get(&self, mut pointer: &str) -> Place {
        loop {
            if let Some(place) = self.0.get(pointer) {
                return place.clone();
            }
            let Some((around, _)) = pointer.rsplit_once('/') else {
                return Place { key: None, value: 0..0, bare: false };
            };
            pointer = around;
        }
    }
}

/// The pointer of an entry of a map or list.
pub(super) fn child(pointer: &str, entry: impl std::fmt::Display) -> String {
    let entry = entry.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{entry}")
}

/// The places of all values, with a mistake for each key that has none; or what is refused.
pub(super) fn survey(source: &Arc<Source>) -> Result<(Places, Vec<Mistake>), Vec<Mistake>> {
    let mut survey = Survey {
        source,
        places: Places::default(),
        around: Vec::new(),
        documents: 0,
        without_value: Vec::new(),
        refused: Vec::new(),
    };
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    for event in Parser::new_from_str_with_options(&source.text, options) {
        let goes_on = match event {
            Ok((event, span)) => survey.event(&event, span),
            Err(error) => survey.broken(&error),
        };
        if !goes_on {
            break;
        }
    }
    if survey.documents == 0 && survey.refused.is_empty() {
        survey.refuse(0..0, "the file is empty; a scenario starts with `scenario:` and a sentence");
    }
    if survey.refused.is_empty() { Ok((survey.places, survey.without_value)) } else { Err(survey.refused) }
}

struct Survey<'s> {
    source: &'s Arc<Source>,
    places: Places,
    around: Vec<Around>,
    documents: usize,
    without_value: Vec<Mistake>,
    refused: Vec<Mistake>,
}

/// A list or map that is open.
struct Around {
    pointer: String,
    start: usize,
    key: Option<Range<usize>>,
    kind: Kind,
}

enum Kind {
    List { next: usize },
    Map { keys: HashMap<String, Range<usize>>, key: Option<String> },
}

/// What the next node is.
enum Role {
    Key,
    Value { pointer: String, key: Option<Range<usize>> },
}

impl Survey<'_> {
    /// Takes one event in; false: what follows cannot be placed.
    fn event(&mut self, event: &Event<'_>, span: Span) -> bool {
        let at = span.byte_range().expect("a text in memory has byte offsets");
        if event.tag().is_some() {
            let tag = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or_else(|| at.clone());
            self.refuse(tag, "tags have no meaning in a scenario");
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.refuse(at, "a second document: a file holds one scenario");
                    return false;
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(at.clone(), "an alias: write the value out, a scenario is read on its own");
                return self.scalar("*", at, false);
            }
            Event::Scalar(text, style, ..) => {
                return self.scalar(text, at, *style == ScalarStyle::Plain);
            }
            Event::SequenceStart(..) => return self.open(Kind::List { next: 0 }, at),
            Event::MappingStart(..) => {
                return self.open(Kind::Map { keys: HashMap::new(), key: None }, at);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at.end),
            _ => {}
        }
        true
    }

    fn scalar(&mut self, text: &str, at: Range<usize>, bare: bool) -> bool {
        match self.role() {
            Role::Value { pointer, key } => {
                // A value that is not there stands where its key does.
                let value = if at.is_empty() { key.clone().unwrap_or(at) } else { at };
                if let Some(key) = key.as_ref().filter(|_| bare && NOTHING.contains(&text)) {
                    self.nothing(&key.clone(), &value);
                }
                self.places.0.insert(pointer, Place { key, value, bare });
            }
            Role::Key => self.key(text, at, bare),
        }
        true
    }

    /// An optional key without a value would read as if it were not there, which is never what was meant.
    fn nothing(&mut self, key: &Range<usize>, value: &Range<usize>) {
        let name = &self.source.text[key.clone()];
        if name != "probe" {
            let message = format!("`{name}` has no value");
            self.without_value.push(Mistake::new(self.source, value.clone(), message));
        }
    }

    fn key(&mut self, text: &str, at: Range<usize>, bare: bool) {
        if bare && text == "<<" {
            self.refuse(at.clone(), "a merge key: write the entries out, a scenario is read on its own");
        }
        let Some(Around { kind: Kind::Map { keys, key }, .. }) = self.around.last_mut() else {
            unreachable!("a key stands in a map");
        };
        *key = Some(text.to_owned());
        if let Some(first) = keys.insert(text.to_owned(), at.clone()) {
            let mistake = self.refuse(at, &format!("`{text}` stands here a second time"));
            mistake.also(first, "the first time");
        }
    }

    fn open(&mut self, kind: Kind, at: Range<usize>) -> bool {
        let Role::Value { pointer, key } = self.role() else {
            self.refuse(at, "a list or map as a key; keys are words");
            return false;
        };
        if self.around.len() == DEPTH_LIMIT {
            self.refuse(at, "nested too deep");
            return false;
        }
        self.around.push(Around { pointer, start: at.start, key, kind });
        true
    }

    fn close(&mut self, end: usize) {
        let Around { pointer, start, key, .. } = self.around.pop().expect("an end has a start");
        // The end of a block is where the next token starts.
        let value = start..start + self.source.text[start..end].trim_end().len();
        self.places.0.insert(pointer, Place { key, value, bare: false });
    }

    /// What the next node is, and counts it.
    fn role(&mut self) -> Role {
        let Some(around) = self.around.last_mut() else {
            return Role::Value { pointer: String::new(), key: None };
        };
        match &mut around.kind {
            Kind::List { next } => {
                let pointer = child(&around.pointer, *next);
                *next += 1;
                Role::Value { pointer, key: None }
            }
            Kind::Map { keys, key } => match key.take() {
                None => Role::Key,
                Some(key) => Role::Value { pointer: child(&around.pointer, &key), key: keys.get(&key).cloned() },
            },
        }
    }

    /// Text that is no YAML.
    fn broken(&mut self, error: &ScanError) -> bool {
        let byte = error.marker().byte_offset().unwrap_or(self.source.text.len());
        self.refuse(byte..byte + 1, &error.info());
        false
    }

    fn refuse(&mut self, at: Range<usize>, message: &str) -> &mut Mistake {
        self.refused.push(Mistake::new(self.source, at, message));
        self.refused.last_mut().expect("it was just pushed")
    }
}

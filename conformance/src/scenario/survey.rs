//! The pass over a YAML text that notes where each value stands.
//!
//! It also refuses what a scenario has no use for and a reader would trip over: a key twice, aliases and merge keys (so
//! no text grows when it is read), tags, a second document, deep nesting, words and quotations of several lines, and
//! what YAML readers disagree about. Not here: what the values mean.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::lines;
use super::mistake::{MOST, Mistake, Source};
use super::places::{Place, Places, child};

/// How deep lists and maps may nest: a repeated handshake that proposes an id needs 9.
const DEPTH_LIMIT: usize = 32;

/// What a reader takes for no value.
const NOTHING: [&str; 5] = ["", "~", "null", "Null", "NULL"];

/// What a text is, for messages.
pub(crate) struct Form {
    /// With its article.
    pub(crate) what: &'static str,
    /// Its first key, whose value is a sentence.
    pub(crate) title: &'static str,
    /// The keys that it cannot do without.
    pub(crate) keys: &'static str,
}

const SCENARIO: Form = Form { what: "a scenario", title: "scenario", keys: "`scenario:`, `clauses:`, `steps:`" };

/// The places of all values of a scenario, with a mistake for each key that has none; or what is refused.
pub(super) fn survey(source: &Arc<Source>) -> Result<(Places, Vec<Mistake>), Vec<Mistake>> {
    survey_of(source, &SCENARIO)
}

/// The same of a text of any form.
pub(crate) fn survey_of(source: &Arc<Source>, form: &Form) -> Result<(Places, Vec<Mistake>), Vec<Mistake>> {
    let mut survey = Survey {
        source,
        form,
        places: Places::default(),
        around: Vec::new(),
        documents: 0,
        without_value: Vec::new(),
        refused: Vec::new(),
    };
    let after = source.text.chars().skip(1).map(Some).chain([None]);
    let disputed = source.text.char_indices().zip(after).filter(|((_, c), after)| is_disputed(*c, *after));
    for ((at, c), _) in disputed.take(MOST) {
        survey.refuse(at..at + c.len_utf8(), &format!("{}: YAML readers disagree about it", called(c)));
    }
    if !survey.refused.is_empty() {
        return Err(survey.refused);
    }
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        disallow_directives: true,
    };
    for event in Parser::new_from_str_with_options(&source.text, options) {
        let goes_on = match event {
            Ok((event, span)) => survey.event(&event, span),
            Err(error) => survey.broken(&error),
        };
        if !goes_on || survey.refused.len() >= MOST {
            break;
        }
    }
    if survey.documents == 0 && survey.refused.is_empty() {
        let Form { what, title, .. } = form;
        survey.refuse(0..0, &format!("the file is empty; {what} starts with `{title}:` and a sentence"));
    }
    if survey.refused.is_empty() { Ok((survey.places, survey.without_value)) } else { Err(survey.refused) }
}

struct Survey<'s> {
    source: &'s Arc<Source>,
    form: &'s Form,
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
        let Form { what, title, .. } = self.form;
        let at = span.byte_range().expect("a text in memory has byte offsets");
        if event.tag().is_some() {
            let tag = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or_else(|| at.clone());
            self.refuse(tag, &format!("tags have no meaning in {what}"));
        }
        match event {
            Event::Anchor(..) => {
                self.refuse(at, &format!("an anchor: nothing may refer to it, since {what} is read on its own"));
            }
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.refuse(at, &format!("a second document: a file holds one {title}"));
                    return false;
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(at.clone(), &format!("an alias: write the value out, {what} is read on its own"));
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
        if self.around.is_empty() {
            let (at, message) = lines::cause(&self.source.text, at.start)
                .unwrap_or_else(|| (at, format!("{} is a map: {}", self.form.what, self.form.keys)));
            self.refuse(at, &message);
            return false;
        }
        let goes_on = self.source.text[at.clone()].contains('\n');
        let is_quoted = self.source.text[at.start..].starts_with(['"', '\'']);
        let is_text = || lines::is_text_below(&self.source.text, &at);
        if bare && goes_on {
            // Elsewhere a line below is more likely a key without its colon.
            let likely = match self.is_title() && is_text() {
                true => None,
                false => lines::cause(&self.source.text, at.end),
            };
            let (at, message) = likely.unwrap_or_else(|| (at.clone(), lines::GOES_ON.to_owned()));
            self.refuse(at, &message);
            return false;
        } else if goes_on && is_quoted {
            let why = if is_text() { lines::GOES_ON } else { lines::NOT_CLOSED };
            self.refuse(at.clone(), why);
        } else if bare && text.ends_with('"') && text.matches('"').count() % 2 == 1 {
            self.refuse(at.clone(), &format!("one quote alone in `{text}`: is the one before it missing?"));
        }
        if bare && text.starts_with(['?', ':']) {
            self.refuse(at.clone(), &format!("YAML readers disagree about `{text}`: put it in quotes"));
        }
        match self.role() {
            Role::Value { pointer, key } => {
                // A value that is not there stands where its key does.
                let value = if at.is_empty() { key.clone().unwrap_or(at) } else { at };
                let is_probe = pointer.ends_with("/probe");
                if let Some(key) = key.as_ref().filter(|_| bare && NOTHING.contains(&text) && !is_probe) {
                    self.nothing(&key.clone(), &value);
                }
                if bare && text.parse::<i128>().is_ok_and(|number| !is_64_bits(number)) {
                    let mistake = self.refuse(value.clone(), "a number beyond 64 bits stands in quotes");
                    mistake.mean(format!("\"{text}\""));
                }
                self.places.put(pointer, Place { key, value, bare });
            }
            Role::Key => self.key(text, at, bare),
        }
        true
    }

    /// Whether the sentence of the title is next.
    fn is_title(&self) -> bool {
        let [Around { kind: Kind::Map { key, .. }, .. }] = &self.around[..] else { return false };
        key.as_deref() == Some(self.form.title)
    }

    /// An optional key without a value would read as if it were not there, which is never what was meant.
    fn nothing(&mut self, key: &Range<usize>, value: &Range<usize>) {
        let name = &self.source.text[key.clone()];
        // Some keys are refused already.
        if self.refused.is_empty() {
            let message = format!("`{name}` has no value");
            let mut mistake = Mistake::new(self.source, value.clone(), message);
            mistake.note("what belongs to it stands behind its colon, or indented below it");
            self.without_value.push(mistake);
        }
    }

    fn key(&mut self, text: &str, at: Range<usize>, bare: bool) {
        if bare && text == "<<" {
            let what = self.form.what;
            self.refuse(at.clone(), &format!("a merge key: write the entries out, {what} is read on its own"));
        }
        if self.source.text[at.clone()].contains('\n') {
            self.refuse(at.clone(), "a key stands on one line");
        }
        if bare && !is_word(text) {
            self.refuse(at.clone(), &format!("`{text}` is no word to a YAML reader: put the key in quotes"));
        }
        let first = text.split([' ', ':']).next().filter(|first| bare && lines::is_plain(first) && *first != text);
        if let Some((first, rest)) = first.map(|first| text.split_at(first.len())) {
            let lacks = if rest.starts_with(':') {
                "a space is missing behind the colon of"
            } else {
                "a colon is missing behind"
            };
            self.refuse(at.clone(), &format!("{lacks} `{first}`")).mean(format!("{first}: {}", &rest[1..]));
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
        self.places.put(pointer, Place { key, value, bare: false });
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
        match lines::cause(&self.source.text, byte) {
            Some((at, message)) => self.refuse(at, &message),
            None => self.refuse(byte..byte + 1, &error.info()),
        };
        false
    }

    fn refuse(&mut self, at: Range<usize>, message: &str) -> &mut Mistake {
        self.refused.push(Mistake::new(self.source, at, message));
        self.refused.last_mut().expect("it was just pushed")
    }
}

/// Whether readers of YAML 1.1 and 1.2 may take this for different things: tabs, a byte order mark, and every line break
/// but the usual ones.
fn is_disputed(c: char, after: Option<char>) -> bool {
    let break_alone = c == '\r' && after != Some('\n');
    break_alone || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') || c.is_control() && !matches!(c, '\n' | '\r')
}

fn called(c: char) -> String {
    if c == '\t' { "a tab".to_owned() } else { format!("the character U+{:04X}", u32::from(c)) }
}

fn is_64_bits(number: i128) -> bool {
    i64::try_from(number).is_ok() || u64::try_from(number).is_ok()
}

/// Whether a reader takes this for a word when it stands without quotes.
fn is_word(text: &str) -> bool {
    let other = ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && !other {
        return true;
    }
    serde_yaml::from_str(text).is_ok_and(|value: serde_yaml::Value| value.is_string())
}

#[cfg(test)]
mod tests {
    use super::super::passes::passes_agree;
    use super::*;

    #[test]
    fn what_the_places_are_taken_from_is_what_the_reader_reads() {
        let seed = "scenario: \"a\\n b\" # c\nclauses: [a, 'it''s']\ncontexts:\n  s: {mode: [A, B], x: {y: -1}}\n\
                    steps:\n  - free: a\n    members: []\n\n  - probe: ~\n  -\n    text: |\n      two\n      lines\n\
                    ? q\n: >-\n  x\n%: &a *a\n? [b]\n";
        let bytes: Vec<char> = "ab01 \n:-,[]{}#&*!|>'\"%?~.<\\\t\r\u{85}\u{feff}é".chars().collect();
        let (mut state, mut read) = (1_u64, 0);
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).expect("31 bits") % n
        };
        for _ in 0..30_000 {
            let mut text: Vec<char> = seed.chars().collect();
            text.truncate(20 + below(text.len() - 19));
            for _ in 0..below(4) {
                let (at, c) = (below(text.len()), bytes[below(bytes.len())]);
                text.splice(at..at + below(2), [c]);
            }
            let text: String = text.into_iter().collect();
            let agreed = passes_agree(&text).unwrap_or_else(|why| panic!("{why}\n{text:?}"));
            read += u32::from(agreed.is_some());
        }
        assert!(read > 3_000, "{read}");
    }

    #[test]
    fn what_is_refused_though_a_reader_reads_it_is_refused_by_design() {
        for (text, why) in [
            ("a: 1\na: 2", "`a` stands here a second time"),
            ("{a: 1, \"a\": 2}", "`a` stands here a second time"),
            ("a: &x 1", "an anchor: nothing may refer to it, since a scenario is read on its own"),
            ("a: *x", "an alias: write the value out, a scenario is read on its own"),
            ("<<: {a: 1}", "a merge key: write the entries out, a scenario is read on its own"),
            ("a: !!str 1", "tags have no meaning in a scenario"),
            ("a: 1\n---\na: 2", "a second document: a file holds one scenario"),
            ("a:\tb", "a tab: YAML readers disagree about it"),
            ("a: \u{85}", "the character U+0085: YAML readers disagree about it"),
            ("a: :b", "YAML readers disagree about `:b`: put it in quotes"),
            ("1: a", "`1` is no word to a YAML reader: put the key in quotes"),
            ("~: a", "`~` is no word to a YAML reader: put the key in quotes"),
            ("[a]: b", "a list or map as a key; keys are words"),
            ("a: 99999999999999999999", "a number beyond 64 bits stands in quotes"),
            ("%YAML 1.2\n---\na: 1", "YAML directives are disallowed"),
            ("5", "a scenario is a map: `scenario:`, `clauses:`, `steps:`"),
            ("text", "a colon is missing behind `text`"),
            ("a: b\n  c", "a line indented by 2 spaces: 0 would fit the lines above"),
            ("a:\n  b: c\n  d", "a colon is missing behind `d`"),
            ("a: \"b\n  c\"", lines::GOES_ON),
            ("scenario: b\n  c", lines::GOES_ON),
            ("a: \"b\n  c: d\"", lines::NOT_CLOSED),
            ("a: b\"", "one quote alone in `b\"`: is the one before it missing?"),
            ("# nothing", "the file is empty; a scenario starts with `scenario:` and a sentence"),
        ] {
            let refused = survey(&Arc::new(Source::new("t.yaml", text))).err().unwrap_or_default();
            assert_eq!(refused.first().map(Mistake::message), Some(why), "{text:?}");
        }
        let deep = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
        let refused = survey(&Arc::new(Source::new("t.yaml", &deep))).err().unwrap_or_default();
        assert_eq!(refused.first().map(Mistake::message), Some("nested too deep"));
    }

    #[test]
    fn a_quote_within_a_sentence_and_a_probe_in_quotes_are_read() {
        for text in ["a: b\" c", "a: 3.5\" wide", "steps: [{\"probe\": ~}]", "steps: [{'probe': null}]"] {
            let (_, without_value) = survey(&Arc::new(Source::new("t.yaml", text))).expect(text);
            assert_eq!(without_value, [], "{text}");
        }
    }

    #[test]
    fn a_place_is_that_of_the_value_and_of_its_key() {
        let text = "a: {b: [x, \"y z\"]}\nc:\n  - d: e\n";
        let source = Arc::new(Source::new("t.yaml", text));
        let (places, _) = survey(&source).unwrap_or_else(|refused| panic!("{refused:?}"));
        for (pointer, key, value) in [
            ("/a", Some("a"), "{b: [x, \"y z\"]}"),
            ("/a/b", Some("b"), "[x, \"y z\"]"),
            ("/a/b/1", None, "\"y z\""),
            ("/c", Some("c"), "- d: e"),
            ("/c/0", None, "d: e"),
            ("/c/0/d", Some("d"), "e"),
            ("/c/0/d/none", Some("d"), "e"),
        ] {
            let place = places.get(pointer);
            assert_eq!((place.key.map(|key| &text[key]), &text[place.value]), (key, value), "{pointer}");
        }
    }
}

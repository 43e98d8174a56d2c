//! From the text of a file to a scenario.

use std::sync::Arc;

use serde_yaml::Value;

use super::document::Document;
use super::expand::{choices, expanded};
use super::lower::Lowering;
use super::mistake::{MOST, Mistake, Source};
use super::read::Reader;
use super::stated::{Scenario, Vocabulary};
use super::survey::survey;

/// How many bytes a file may have: a trace of 50,000 steps fits.
pub const SIZE_LIMIT: usize = 4 << 20;

/// Reads the scenario in `text`; `file` is what messages call it.
///
/// # Errors
///
/// As [`parse_each`]; also when the text is several scenarios.
pub fn parse(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<Scenario, Vec<Mistake>> {
    let mut scenarios = parse_each(file, text, vocabulary)?;
    match (scenarios.pop(), scenarios.len()) {
        (Some(only), 0) => Ok(only),
        (_, others) => {
            let message = format!("the file is {} scenarios, and one is wanted here", others + 1);
            Err(vec![Mistake::new(&Arc::new(Source::new(file, text)), 0..0, message)])
        }
    }
}

/// Reads the scenarios in `text`, which are several when it has `for:`; `file` is what messages call it.
///
/// # Errors
///
/// Every mistake that can be told from the rest, in the order of the file, but no more than 200. Of several scenarios, those of the first
/// that has any.
pub fn parse_each(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<Vec<Scenario>, Vec<Mistake>> {
    let source = Arc::new(Source::new(file, text));
    if text.len() > SIZE_LIMIT {
        let message = format!("the file has {} bytes; a scenario has at most {SIZE_LIMIT}", text.len());
        return Err(vec![Mistake::new(&source, 0..0, message)]);
    }
    let (places, mistakes) = survey(&source)?;
    let mut value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => return Err(in_order(mistakes.into_iter().chain([unreadable(&source, &error)]).collect())),
    };
    let mut reader = Reader { source, places, mistakes };
    let mut scenarios = Vec::new();
    for choice in choices(&mut reader, &mut value).unwrap_or_default() {
        let before = reader.mistakes.len();
        let document: Option<Document> = {
            let value = expanded(&mut reader, &value, &choice);
            reader.read(value, "")
        };
        let scenario = document.and_then(|document| Lowering::new(&mut reader, vocabulary).scenario(document));
        let with = choice.words();
        if reader.mistakes.len() > before && !with.is_empty() {
            reader.mistakes[before..].iter_mut().for_each(|mistake| mistake.is_with(&with));
        }
        match scenario {
            Some(scenario) if reader.mistakes.is_empty() => scenarios.push(Scenario { with, ..scenario }),
            _ => break,
        }
    }
    reader.mistakes.truncate(MOST);
    if reader.mistakes.is_empty() { Ok(scenarios) } else { Err(in_order(reader.mistakes)) }
}

/// What the pass for places takes for YAML and the reader does not; as far as is known, only what has another mistake.
pub(crate) fn unreadable(source: &Arc<Source>, error: &serde_yaml::Error) -> Mistake {
    let at = error.location().map_or(0..0, |at| source.rest_of_line(at.index()));
    Mistake::new(source, at, error.to_string())
}

/// In the order of the file, one a place: the first says what the others follow from.
pub(crate) fn in_order(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort_by_key(|mistake| mistake.spot().bytes.start);
    mistakes.dedup_by(|later, first| later.spot() == first.spot());
    mistakes
}

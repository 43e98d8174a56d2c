//! The words of a scenario and of a profile, as a dictionary for an engine: with them it writes YAML that means
//! something.

use std::collections::BTreeSet;

use serde_json::Value;
use session_model::departures::Departure;
use session_model::{Clause, Edition, Readings};

use crate::scenario::schema_text;

/// All words, in order: keys and flags of the schema, clauses, editions, axes and values, departures, and the keys of a
/// profile.
///
/// # Panics
///
/// Never: the schema is JSON.
#[must_use]
pub fn dictionary() -> BTreeSet<String> {
    let mut words = words_of_scenarios();
    words.extend(
        ["profile", "edition", "library", "soname", "version", "since", "hash", "departures"].map(str::to_owned),
    );
    words.extend(Clause::all().map(|clause| clause.id().to_owned()));
    words.extend(Edition::ALL.iter().map(|edition| edition.name().to_owned()));
    for axis in Readings::AXES {
        words.extend([axis.name].iter().chain(axis.values).map(|word| (*word).to_owned()));
    }
    words.extend(Departure::all().map(|departure| departure.about().name.to_owned()));
    words
}

/// The keys and listed values of a scenario, as its schema has them.
pub(super) fn words_of_scenarios() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(&schema_text()).expect("the schema is JSON");
    let mut words = BTreeSet::new();
    add_words(&schema, &mut words);
    words
}

/// The keys of every map, and the values that are listed.
fn add_words(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Array(parts) => parts.iter().for_each(|part| add_words(part, words)),
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                words.extend(properties.keys().cloned());
            }
            if let Some(Value::Array(listed)) = object.get("enum") {
                words.extend(listed.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            object.values().for_each(|part| add_words(part, words));
        }
        _ => {}
    }
}

/// The dictionary as engines read it: a word in quotes a line.
#[must_use]
pub fn dictionary_text() -> String {
    let line = |word: &String| format!("\"{}\"\n", word.replace('\\', "\\\\").replace('"', "\\\""));
    let header = "# The words of scenarios and profiles, from the vocabulary; a test says how to renew them.\n";
    header.to_owned() + &dictionary().iter().map(line).collect::<String>()
}

//! The JSON Schema of a scenario, made of the types that read one.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use session_model::{CacheMode, Clause, Edition, Readings};

use super::document::{Document, Shows};
use super::verb::Verb;
use crate::transcript::Counter;

/// The schema as it stands in `scenarios/scenario.schema.json`, which a test compares.
///
/// # Panics
///
/// Never: a schema is always JSON.
#[must_use]
pub fn schema_text() -> String {
    let mut schema = schema_of::<Document>();
    allow_names(&mut schema, true);
    printed(&schema)
}

/// The schema of a type that is read.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    // The draft that editors' YAML support knows best.
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    forbid_null(&mut schema);
    schema
}

/// A schema as a file.
pub(crate) fn printed(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// What may be left out may still not be null: a key without a value is a mistake.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(forbid_null),
        Value::Object(object) => {
            forbid_null_here(object);
            object.values_mut().for_each(forbid_null);
        }
        _ => {}
    }
}

fn forbid_null_here(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(allowed)) = object.get_mut("enum") {
        allowed.retain(|value| !value.is_null());
    }
    let Some(Value::Array(parts)) = object.get_mut("anyOf") else { return };
    parts.retain(|part| part != &json!({ "type": "null" }));
    // A lone alternative stands for itself, unless it is a reference: that may have nothing beside it.
    if let [Value::Object(one)] = parts.as_slice()
        && !one.contains_key("$ref")
    {
        let one = one.clone();
        object.remove("anyOf");
        for (key, value) in one {
            object.entry(key).or_insert(value);
        }
    }
}

/// Wherever a number, a word of a list or a list may stand, `$name` of `for` may.
fn allow_names(schema: &mut Value, here: bool) {
    let Value::Object(object) = schema else { return };
    for key in ["properties", "definitions"] {
        for (name, part) in object.get_mut(key).and_then(Value::as_object_mut).into_iter().flatten() {
            if name != "for" {
                allow_names(part, true);
            }
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(part) = object.get_mut(key) {
            allow_names(part, true);
        }
    }
    for part in object.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        allow_names(part, false);
    }
    let name = json!({ "type": "string", "pattern": "[$][A-Za-z]" });
    let is_closed = object.contains_key("enum")
        || object.get("type").is_some_and(|kind| kind == "integer" || kind == "boolean" || kind == "array")
        || object.contains_key("pattern");
    match object.get_mut("anyOf").and_then(Value::as_array_mut) {
        Some(parts) if here => parts.push(name),
        None if here && is_closed => {
            let description = object.remove("description");
            let closed = Value::Object(std::mem::take(object));
            object.insert("anyOf".to_owned(), json!([closed, name]));
            object.extend(description.map(|words| ("description".to_owned(), words)));
        }
        _ => {}
    }
}

/// The names of the flags.
pub(super) fn flags() -> Vec<&'static str> {
    CacheMode::NAMES.iter().map(|(name, _)| *name).collect()
}

/// The id of a clause, for the schema alone: with what it says.
pub(super) struct ClauseId;

impl JsonSchema for ClauseId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "clause".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids: Vec<_> = Clause::all().map(Clause::id).collect();
        let statements: Vec<_> = Clause::all().map(|clause| clause.entry().statement).collect();
        json_schema!({ "enum": ids, "enumDescriptions": statements })
    }
}

/// An edition of the pages, for the schema alone.
pub(super) struct EditionName;

impl JsonSchema for EditionName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "edition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": Edition::ALL.map(Edition::name) })
    }
}

/// Readings, for the schema alone: each axis with its values, the pure manual's first.
pub(super) struct ReadingWords;

impl JsonSchema for ReadingWords {
    fn schema_name() -> Cow<'static, str> {
        "readings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let axes = Readings::AXES.iter().map(|axis| {
            let values = json!({ "enum": axis.values, "description": axis.clause.entry().statement });
            (axis.name.to_owned(), values)
        });
        let properties: Map<_, _> = axes.collect();
        json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
    }
}

/// A step, for the schema alone: a verb and what it shows, in one map.
pub(super) struct Step;

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let verbs = Verb::json_schema(generator).to_value();
        let shows = Shows::json_schema(generator).to_value();
        let mut properties = Map::new();
        let mut one_verb = Vec::new();
        // serde's form of an enum: a map of one key for each variant.
        for variant in verbs["oneOf"].as_array().into_iter().flatten() {
            for (verb, arguments) in variant["properties"].as_object().into_iter().flatten() {
                let mut arguments = arguments.clone();
                if let (Some(object), Some(description)) = (arguments.as_object_mut(), variant.get("description")) {
                    object.insert("description".to_owned(), description.clone());
                }
                properties.insert(verb.clone(), arguments);
                one_verb.push(json!({ "required": [verb] }));
            }
        }
        properties.extend(shows["properties"].as_object().cloned().unwrap_or_default());
        json_schema!({
            "description": "One op, and what it shows. What is not stated is not checked, callbacks apart.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "oneOf": one_verb,
        })
    }
}

/// Counters, for the schema alone: by name, or by context and name.
pub(super) struct CounterWords;

impl JsonSchema for CounterWords {
    fn schema_name() -> Cow<'static, str> {
        "counters".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = Counter::ALL.map(|counter| (counter.name().to_owned(), json!({ "type": "integer" })));
        let properties: Map<_, _> = names.into_iter().collect();
        json_schema!({
            "type": "object",
            "properties": properties,
            "additionalProperties": {
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
            },
        })
    }
}

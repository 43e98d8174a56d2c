//! Values with two shapes, and maps that keep their order.
//!
//! Not `untagged`: whether a value is a map decides, so that what is wrong inside is said at its place.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use session_model::Mechanism;

/// A value that is written in short (`a`) or as a map (`{context: server, session: a}`).
#[derive(Clone)]
pub(crate) enum Brief<S, F> {
    Short(S),
    Full(F),
}

struct BriefVisitor<S, F>(PhantomData<(S, F)>);

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Visitor<'de> for BriefVisitor<S, F> {
    type Value = Brief<S, F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a map")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Brief::Short)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Brief::Short)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Brief::Short)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Brief::Short)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        S::deserialize(value.into_deserializer()).map(Brief::Short)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        S::deserialize(().into_deserializer()).map(Brief::Short)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        S::deserialize(SeqAccessDeserializer::new(list)).map(Brief::Short)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        F::deserialize(MapAccessDeserializer::new(map)).map(Brief::Full)
    }
}

impl<'de, S: Deserialize<'de>, F: Deserialize<'de>> Deserialize<'de> for Brief<S, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BriefVisitor(PhantomData))
    }
}

impl<S: JsonSchema, F: JsonSchema> JsonSchema for Brief<S, F> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}_or_{}", S::schema_name(), F::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<S>(), generator.subschema_for::<F>()] })
    }
}

/// A map in the order of the file.
#[derive(Clone)]
pub(crate) struct Ordered<V>(pub(crate) Vec<(String, V)>);

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct OrderedVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for OrderedVisitor<V> {
    type Value = Ordered<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

impl<V: JsonSchema> JsonSchema for Ordered<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<V>() })
    }
}

/// The names that a handshake gives: the server's, or a list of the server's and the client's. `_` gives none.
#[derive(Clone)]
pub(super) struct GivenNames(pub(super) Vec<GivenSide>);

/// The names for what one side makes: one, or a list with one a ticket.
#[derive(Clone)]
pub(super) struct GivenSide(pub(super) Vec<String>);

struct GivenNamesVisitor;

impl<'de> Visitor<'de> for GivenNamesVisitor {
    type Value = GivenNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a list of the server's and the client's")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<GivenNames, E> {
        Ok(GivenNames(vec![GivenSide(vec![name.to_owned()])]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<GivenNames, A::Error> {
        let mut sides = Vec::new();
        while let Some(side) = list.next_element()? {
            sides.push(side);
        }
        match sides.len() {
            1 | 2 => Ok(GivenNames(sides)),
            n => Err(A::Error::invalid_length(n, &self)),
        }
    }
}

impl<'de> Deserialize<'de> for GivenNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenNamesVisitor)
    }
}

struct GivenSideVisitor;

impl<'de> Visitor<'de> for GivenSideVisitor {
    type Value = GivenSide;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a list of 1 to 4 names")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<GivenSide, E> {
        Ok(GivenSide(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<GivenSide, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        if (1..=Mechanism::TICKETS).contains(&names.len()) {
            Ok(GivenSide(names))
        } else {
            Err(A::Error::invalid_length(names.len(), &self))
        }
    }
}

impl<'de> Deserialize<'de> for GivenSide {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenSideVisitor)
    }
}

impl JsonSchema for GivenNames {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "GivenNames".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let tickets = json_schema!({
            "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": Mechanism::TICKETS,
        });
        let side = json_schema!({ "anyOf": [{ "type": "string" }, tickets] });
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": side, "minItems": 1, "maxItems": 2 },
        ] })
    }
}

//! Whether the two passes over a text take it for the same values: the one that notes places, and the reader.

use std::sync::Arc;

use serde_yaml::Value;

use super::mistake::Source;
use super::places::{Places, child};
use super::survey::survey;

/// How many values both passes see; `None`: the first refuses the text, or finds a key without a value.
///
/// # Errors
///
/// What one of them sees and the other does not.
pub fn passes_agree(text: &str) -> Result<Option<usize>, String> {
    let Ok((places, without_value)) = survey(&Arc::new(Source::new("text", text))) else { return Ok(None) };
    if !without_value.is_empty() {
        return Ok(None);
    }
    let value: Value =
        serde_yaml::from_str(text).map_err(|error| format!("it is placed, and does not read: {error}"))?;
    let read = placed(&value, "", &places)?;
    if read != places.len() {
        return Err(format!("{read} values are read, and {} are placed", places.len()));
    }
    Ok(Some(read))
}

/// How many values there are; each of them has a place.
fn placed(value: &Value, pointer: &str, places: &Places) -> Result<usize, String> {
    if !places.has(pointer) {
        return Err(format!("`{pointer}` is read, and has no place"));
    }
    let below: usize = match value {
        Value::Sequence(list) => {
            let entries = list.iter().enumerate();
            entries.map(|(n, value)| placed(value, &child(pointer, n), places)).sum::<Result<_, _>>()?
        }
        Value::Mapping(map) => {
            let mut below = 0;
            for (key, value) in map {
                let key = key.as_str().ok_or_else(|| format!("`{pointer}` has a key that is read as no word"))?;
                below += placed(value, &child(pointer, key), places)?;
            }
            below
        }
        _ => 0,
    };
    Ok(1 + below)
}

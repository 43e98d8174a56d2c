//! The JSON Schema of a workload, made of the types that read one.

use super::document::Document;
use crate::scenario::{printed, schema_of};

/// The schema as it stands in `conformance/workloads/workload.schema.json`, which a test compares.
#[must_use]
pub fn schema_text() -> String {
    printed(&schema_of::<Document>())
}

//! JSON columns: `jsonb` on PostgreSQL, SQLite's JSONB.

use kernel::{StoreError, StoreResult};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The content of a JSON column. How it is written and read is diesel's.
pub(crate) type Json = Value;

/// Writes a value into a JSON column.
pub(crate) fn to_json<T: Serialize>(value: &T) -> StoreResult<Json> {
    serde_json::to_value(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Reads a JSON column as what it should hold.
pub(crate) fn from_json<T: DeserializeOwned>(column: &str, json: Json) -> StoreResult<T> {
    serde_json::from_value(json).map_err(|e| StoreError::Corrupt(format!("{column}: {e}")))
}

//! `raptorflow openapi`: the description of the API, from the code.

use crate::http::openapi;

/// Prints `docs/openapi.json`.
///
/// # Errors
/// When nothing can be printed.
pub fn run() -> anyhow::Result<()> {
    let document = openapi::document(crate::http::areas)?;
    super::print(&format!("{}\n", serde_json::to_string_pretty(&openapi::json(&document)?)?))
}

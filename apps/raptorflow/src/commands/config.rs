//! `raptorflow config`: what is set, and what each setting does.

use crate::config::{Config, Values, describe};
use std::fmt::Write;

/// Prints every setting with its value, then the warnings.
///
/// # Errors
/// Every problem of the configuration, after the list was printed.
pub fn show(values: &Values) -> anyhow::Result<()> {
    let mut text = describe::table(values);
    let config = Config::parse(values);
    if let Ok(config) = &config {
        for warning in &config.warnings {
            writeln!(text, "warning: {warning}")?;
        }
    }
    super::print(&text)?;
    config.map(|_| ()).map_err(Into::into)
}

/// Prints `docs/configuration.md`.
///
/// # Errors
/// When nothing can be printed.
pub fn document() -> anyhow::Result<()> {
    super::print(&describe::markdown())
}

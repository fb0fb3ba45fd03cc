//! `raptorflow authorization`: who may call what.

/// Prints `docs/authorization.md`.
///
/// # Errors
/// When nothing can be printed.
pub fn run() -> anyhow::Result<()> {
    let document = crate::http::openapi::document(crate::http::areas)?;
    super::print(&crate::http::authorization::markdown(&document))
}

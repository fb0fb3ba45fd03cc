//! `raptorflow routes`: each operation, who may call it, and what it touches.

/// Prints `docs/routes.md`.
///
/// # Errors
/// When nothing can be printed.
pub fn run() -> anyhow::Result<()> {
    let document = crate::http::openapi::document(crate::http::areas)?;
    super::print(&crate::http::openapi::routes_markdown(&document))
}

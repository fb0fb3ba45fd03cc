use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A key, a base URL or a file that can't be used; the text has no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider can't be called: {0}")]
pub struct Unusable(pub String);

/// A key as a header has it, marked so that it is never printed.
///
/// # Errors
/// [`Unusable`] when it has characters that can't stand in a header.
pub fn key_header(before: &str, key: &SecretString) -> Result<HeaderValue, Unusable> {
    let value = HeaderValue::from_str(&format!("{before}{}", key.expose_secret()));
    let mut value = value.map_err(|_| Unusable("the key has characters that no key has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

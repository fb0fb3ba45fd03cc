//! Reading single headers.

use super::codes;
use super::problem::Problem;
use actix_web::HttpRequest;

/// The value of a header that may come once.
///
/// # Errors
/// `malformed_header` when it is repeated or not visible ASCII.
pub(super) fn single<'r>(request: &'r HttpRequest, name: &str) -> Result<Option<&'r str>, Problem> {
    let mut values = request.headers().get_all(name);
    let (first, second) = (values.next(), values.next());
    let wrong = |what: &str| Problem::new(&codes::MALFORMED_HEADER).detail(format!("{name} {what}."));
    match (first, second) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(wrong("was sent more than once")),
        // No value has control characters, so ASCII is visible. (`to_str` goes by single bytes, and tokens are long.)
        (Some(value), None) => match str::from_utf8(value.as_bytes()) {
            Ok(text) if text.is_ascii() => Ok(Some(text.trim())),
            _ => Err(wrong("is not plain text")),
        },
    }
}

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
        (Some(value), None) => {
            value.to_str().map(|text| Some(text.trim())).map_err(|_| wrong("is not plain text"))
        }
    }
}

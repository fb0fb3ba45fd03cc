//! `If-Match`: a change is made only to the version that the client has seen.

use super::asking::{Reading, reading};
use super::codes;
use super::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use kernel::code;
use utoipa::IntoParams;

/// The version that `If-Match` names; `None` when any will do (no header, or `*`).
///
/// Our tags are the version in quotes. A weak one (`W/"3"`) is taken too: proxies that compress weaken tags, and our
/// versions stay exact through that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

/// Documents the header; name it in the `params` of an operation that takes [`IfMatch`].
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documentation of a header that `IfMatch` reads")]
pub struct IfMatchHeader {
    /// The `ETag` of the version that is to be changed; another version answers 412.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        reading(request, Self::of(request))
    }
}

impl IfMatch {
    /// What the request's header says.
    ///
    /// # Errors
    /// `malformed_header` when it is no entity tag, or repeated; `stale_version` for a tag that we never gave.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        match super::header::single(request, header::IF_MATCH.as_str())? {
            None | Some("*") => Ok(Self(None)),
            Some(tag) => version(tag).map(|version| Self(Some(version))),
        }
    }
}

/// The tag of a version.
#[must_use]
pub fn tag(version: i32) -> String {
    format!("\"{version}\"")
}

fn version(tag: &str) -> Result<i32, Problem> {
    let inner =
        tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner.filter(|inner| !inner.contains('"')) else {
        let detail = "If-Match must be * or one entity tag, such as \"3\".";
        return Err(Problem::new(&codes::MALFORMED_HEADER).detail(detail));
    };
    // A tag that we never gave can match nothing; `"+3"` is another tag than `"3"`.
    let given = inner.parse().ok().filter(|version: &i32| version.to_string() == inner);
    given.ok_or_else(|| Problem::new(&code::STALE_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn read(value: &str) -> Result<Option<i32>, &'static str> {
        let request = TestRequest::put().insert_header((header::IF_MATCH, value)).to_http_request();
        IfMatch::extract(&request).await.map(|m| m.0).map_err(|problem| problem.code().name)
    }

    #[actix_web::test]
    async fn a_tag_names_a_version_and_a_star_any() {
        assert_eq!(read("\"3\"").await, Ok(Some(3)));
        assert_eq!(read("W/\"3\"").await, Ok(Some(3)));
        assert_eq!(read("*").await, Ok(None));
        assert_eq!(IfMatch::extract(&TestRequest::put().to_http_request()).await.unwrap(), IfMatch(None));
        assert_eq!(read(&tag(12)).await, Ok(Some(12)));
    }

    #[actix_web::test]
    async fn a_foreign_tag_matches_nothing_and_a_broken_one_is_malformed() {
        for foreign in ["\"abc\"", "\"+3\"", "\"03\"", "\"99999999999\""] {
            assert_eq!(read(foreign).await, Err("stale_version"), "{foreign}");
        }
        for broken in ["3", "\"3", "\"3\", \"4\"", ""] {
            assert_eq!(read(broken).await, Err("malformed_header"), "{broken}");
        }
    }
}

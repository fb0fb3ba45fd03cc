//! The `Idempotency-Key` header: one effect for a request that comes twice.

use super::codes;
use super::header;
use super::path;
use super::problem::Problem;
use actix_web::HttpRequest;
use kernel::{Actor, CursorSeal, IdempotencyKey};
use utoipa::IntoParams;

/// The header's name.
pub const NAME: &str = "Idempotency-Key";

/// Documents the header; name it in the `params` of an operation whose use case runs once.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documentation of a header that the body extractor reads")]
pub struct IdempotencyKeyHeader {
    /// A token of the client's for this request, 1 to 255 visible characters, quoted or not. The same request with
    /// the same key has one effect and one answer for 24 hours; another body under the key is refused (422).
    #[param(rename = "Idempotency-Key", max_length = 257)]
    idempotency_key: Option<String>,
}

/// The key of this request, bound to the caller, the route and the body.
///
/// # Errors
/// `malformed_header` when it is repeated, empty, too long or not visible ASCII.
pub fn key(
    request: &HttpRequest,
    seal: &CursorSeal,
    (actor, owner): (Actor, &str),
    body: &[u8],
) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = header::single(request, NAME)? else { return Ok(None) };
    let key = unquote(value).ok_or_else(|| {
        let detail =
            "Idempotency-Key must have 1 to 255 visible characters, with or without quotes around them.";
        Problem::new(&codes::MALFORMED_HEADER).detail(detail)
    })?;
    let request_hash = seal.fingerprint("request body", body);
    // Strangers share no name: each body of theirs has keys of its own, so that nobody can take another's key.
    let owner = match actor {
        Actor::Anonymous => format!("{owner} {request_hash}"),
        Actor::User(_) | Actor::ApiKey(_) | Actor::System => owner.to_owned(),
    };
    let caller = called(request, &owner);
    Ok(Some(IdempotencyKey { caller, key, request_hash }))
}

/// The path, not the route's template: the same body sent to two resources is two requests.
fn called(request: &HttpRequest, owner: &str) -> String {
    format!("{owner} {} {}", request.method(), path::of(request))
}

/// Binds the key of somebody who has entered a workspace to that: in another one, the same request is another.
pub(super) fn rebind(request: &HttpRequest, key: &mut IdempotencyKey, owner: &str) {
    key.caller = called(request, owner);
}

/// The draft's structured string (RFC 9651, in quotes) and the bare token that most clients send.
fn unquote(value: &str) -> Option<String> {
    let key = match value.strip_prefix('"') {
        Some(rest) => unescape(rest.strip_suffix('"')?)?,
        None => value.to_owned(),
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=255).contains(&key.len())).then_some(key)
}

fn unescape(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use sha2::Digest;

    #[test]
    fn quoted_and_bare_keys_are_one() {
        assert_eq!(unquote(r#""8f6c-1""#).unwrap(), "8f6c-1");
        assert_eq!(unquote("8f6c-1").unwrap(), "8f6c-1");
        assert_eq!(unquote(r#""a\"b\\c""#).unwrap(), r#"a"b\c"#);
        for bad in ["", "\"\"", "\"open", "a b", "\"a\\x\"", "\"a\"b\"", &"x".repeat(256), "\u{e9}"] {
            assert_eq!(unquote(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_key_is_bound_to_caller_path_and_body() {
        let request = TestRequest::post().uri("/a/1?x=1").insert_header((NAME, "k")).to_http_request();
        let seal = CursorSeal::new(b"secret");
        let bind = |actor, owner, body| key(&request, &seal, (actor, owner), body).unwrap().unwrap();
        let user = Actor::User(uuid::Uuid::nil().into());
        let bound = bind(user, "user", b"{}");
        assert_eq!((bound.caller.as_str(), bound.key.as_str()), ("user POST /a/1", "k"));
        let other = bind(user, "user", b"{ }");
        assert_eq!(other.caller, bound.caller);
        assert_ne!(other.request_hash, bound.request_hash);
        let plain = sha2::Sha256::digest(b"{}").iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_ne!(bound.request_hash, plain, "a plain hash of a password's body could be tried out");
        let strangers = [&b"{}"[..], b"{ }"].map(|body| bind(Actor::Anonymous, "anyone", body).caller);
        assert_ne!(strangers[0], strangers[1], "nobody takes another's key");
    }

    #[test]
    fn a_repeated_key_is_refused() {
        let request =
            TestRequest::post().append_header((NAME, "a")).append_header((NAME, "a")).to_http_request();
        assert_eq!(
            key(&request, &CursorSeal::new(b"secret"), (Actor::System, "u"), b"").unwrap_err().code().name,
            "malformed_header"
        );
    }
}

//! What a request shows of who calls: an access token, or an API key.

use super::codes;
use super::header::single;
use super::problem::Problem;
use actix_web::HttpRequest;
use actix_web::http::header;
use async_trait::async_trait;
use kernel::{StoreResult, TokenKind, WorkspaceScope};
use secrecy::{ExposeSecret, SecretString};
use workspace::services::ApiKeyService;

/// Carries an API key.
pub const KEY_HEADER: &str = "X-API-Key";

/// Finds out what an API key lets into.
#[async_trait]
pub trait Keys: Send + Sync {
    /// What the program behind the key may touch. MUST answer `None` for a key that is unknown, expired or revoked, or
    /// whose maker may not come in any more; an error only when it could not find out.
    async fn authenticate(&self, key: &SecretString) -> StoreResult<Option<WorkspaceScope>>;
}

#[async_trait]
impl Keys for ApiKeyService {
    async fn authenticate(&self, key: &SecretString) -> StoreResult<Option<WorkspaceScope>> {
        let Some(login) = Self::authenticate(self, key.expose_secret()).await? else { return Ok(None) };
        if login.is_news
            && let Err(error) = self.note_use(login.key).await
        {
            tracing::warn!(error = %error, "the use of an API key could not be noted");
        }
        Ok(Some(login.scope))
    }
}

/// What was shown; nobody has looked at it yet.
#[derive(Debug)]
pub enum Credentials {
    /// A person's access token.
    Token(SecretString),
    /// A program's key.
    Key(SecretString),
}

impl Credentials {
    /// The token of `Authorization: Bearer`, or the key there or in `X-API-Key`. A key is known by how it begins.
    ///
    /// # Errors
    /// `unauthenticated` when there are none; `malformed_header` when a header is repeated; `credentials_conflict` when
    /// the two headers show different ones.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let authorization = single(request, header::AUTHORIZATION.as_str())?;
        let bearer = authorization.and_then(token);
        match (single(request, KEY_HEADER)?, authorization) {
            (Some(key), Some(_)) if bearer != Some(key) => Err(Problem::new(&codes::CREDENTIALS_CONFLICT)),
            (Some(key), _) if !key.is_empty() => Ok(Self::Key(key.into())),
            (Some(_), _) => Err(Problem::new(&codes::UNAUTHENTICATED)),
            (None, _) => match bearer {
                Some(key) if key.starts_with(TokenKind::ApiKey.prefix()) => Ok(Self::Key(key.into())),
                Some(token) => Ok(Self::Token(token.into())),
                None => Err(Problem::new(&codes::UNAUTHENTICATED)),
            },
        }
    }
}

/// The token of a bearer's header.
pub(super) fn token(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// RFC 6750, 3.1: the challenge says when it was the token that was bad, and not that there was none.
pub(super) fn bad(problem: Problem) -> Problem {
    problem.header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn shown(headers: &[(&'static str, &str)]) -> Result<(&'static str, String), &'static str> {
        let request =
            headers.iter().fold(TestRequest::get(), |request, header| request.append_header(*header));
        Credentials::of(&request.to_http_request()).map_err(|problem| problem.code().name).map(|shown| {
            match shown {
                Credentials::Token(text) => ("token", text.expose_secret().to_owned()),
                Credentials::Key(text) => ("key", text.expose_secret().to_owned()),
            }
        })
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case_and_the_token_follows() {
        assert_eq!(shown(&[("authorization", "bearer  abc")]), Ok(("token", "abc".to_owned())));
        for bad in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(shown(&[("authorization", bad)]), Err("unauthenticated"), "{bad:?}");
        }
        assert_eq!(shown(&[]), Err("unauthenticated"));
    }

    #[test]
    fn a_key_comes_in_its_own_header_or_as_bearer() {
        let key = Ok(("key", "rf_1".to_owned()));
        assert_eq!(shown(&[("x-api-key", "rf_1")]), key);
        assert_eq!(shown(&[("authorization", "Bearer rf_1")]), key);
        assert_eq!(shown(&[("x-api-key", "rf_1"), ("authorization", "Bearer rf_1")]), key);
        assert_eq!(shown(&[("x-api-key", "")]), Err("unauthenticated"));
        let refresh_token = Ok(("token", "rfr_1".to_owned()));
        assert_eq!(shown(&[("authorization", "Bearer rfr_1")]), refresh_token, "no key");
    }

    #[test]
    fn headers_that_disagree_or_are_repeated_are_refused() {
        for authorization in ["Bearer rf_2", "Bearer abc", "Basic rf_1", ""] {
            let both = [("x-api-key", "rf_1"), ("authorization", authorization)];
            assert_eq!(shown(&both), Err("credentials_conflict"), "{authorization:?}");
        }
        assert_eq!(shown(&[("x-api-key", "rf_1"), ("x-api-key", "rf_1")]), Err("malformed_header"));
        let twice = [("authorization", "Bearer rf_1"), ("authorization", "Bearer rf_1")];
        assert_eq!(shown(&twice), Err("malformed_header"));
    }
}

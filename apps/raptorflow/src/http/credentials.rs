//! What a request shows of who calls: an access token, or an API key.

use super::codes;
use super::header::single;
use super::live::handshake::is_upgrade;
use super::problem::Problem;
use actix_web::HttpRequest;
use actix_web::http::header;
use async_trait::async_trait;
use kernel::{StoreResult, TokenKind, WorkspaceScope};
use secrecy::{ExposeSecret, SecretString};
use workspace::services::ApiKeyService;

/// Carries an API key.
pub const KEY_HEADER: &str = "X-API-Key";

/// The WebSocket protocol whose name is followed by the token, as browsers can't send headers along:
/// `Sec-WebSocket-Protocol: bearer, <token>`.
pub const SUBPROTOCOL: &str = "bearer";

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
    /// The token of `Authorization: Bearer`, or the key there or in `X-API-Key`. A key is known by how it begins. A WebSocket
    /// may show either as the protocol after [`SUBPROTOCOL`].
    ///
    /// # Errors
    /// `unauthenticated` when there are none; `malformed_header` when a header is repeated; `credentials_conflict` when
    /// the headers show different ones.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let authorization = single(request, header::AUTHORIZATION.as_str())?;
        let offered = offered(request)?;
        if offered.is_some() && authorization.is_some() && authorization.and_then(token) != offered {
            return Err(Problem::new(&codes::CREDENTIALS_CONFLICT));
        }
        let (shown, bearer) = (authorization.or(offered), authorization.and_then(token).or(offered));
        match (single(request, KEY_HEADER)?, shown) {
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

/// The token among the protocols that the client of a WebSocket offers.
fn offered(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    if !is_upgrade(request) {
        return Ok(None);
    }
    let protocols = single(request, header::SEC_WEBSOCKET_PROTOCOL.as_str())?.unwrap_or_default();
    let mut protocols = protocols.split(',').map(str::trim).skip_while(|protocol| *protocol != SUBPROTOCOL);
    Ok(protocols.nth(1).filter(|token| !token.is_empty()))
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
    fn a_websocket_may_show_it_among_its_protocols_and_nobody_else() {
        let shown = |upgrade: &str, protocols: &str| {
            shown(&[("upgrade", upgrade), ("sec-websocket-protocol", protocols)])
        };
        let (token, key) = (Ok(("token", "abc".to_owned())), Ok(("key", "rf_1".to_owned())));
        assert_eq!(
            [shown("websocket", "bearer, abc"), shown("h2c, WebSocket", "x,bearer,abc,y")],
            [token.clone(), token]
        );
        assert_eq!(shown("websocket", "bearer, rf_1"), key);
        for (upgrade, protocols) in
            [("h2c", "bearer, abc"), ("websocket", "bearer"), ("websocket", "abc"), ("websocket", "bearer,")]
        {
            assert_eq!(shown(upgrade, protocols), Err("unauthenticated"), "{upgrade} {protocols}");
        }
    }

    #[test]
    fn protocols_and_headers_that_disagree_are_refused() {
        let with = |name, value| {
            shown(&[("upgrade", "websocket"), ("sec-websocket-protocol", "bearer, abc"), (name, value)])
        };
        assert_eq!(with("authorization", "Bearer abc"), Ok(("token", "abc".to_owned())));
        for (name, value) in
            [("authorization", "Bearer other"), ("authorization", "Basic abc"), ("x-api-key", "rf_1")]
        {
            assert_eq!(with(name, value), Err("credentials_conflict"), "{name}: {value}");
        }
        assert_eq!(with("sec-websocket-protocol", "bearer, other"), Err("malformed_header"));
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

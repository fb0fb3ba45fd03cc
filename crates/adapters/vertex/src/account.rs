//! The key file of a service account.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What the token is for: all of Google Cloud, as far as the account may.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// Whom an assertion is made for. Google's own library names this one wherever it is sent.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
/// How long an assertion holds, in seconds: the longest that is taken.
const HOLDS: i64 = 3_600;

/// A service account. Its private key is never printed.
#[derive(Debug, Clone, Deserialize)]
pub struct ServiceAccount {
    /// The project that it belongs to.
    pub project_id: Option<String>,
    /// The project that calls are charged to, where it is another one.
    pub quota_project_id: Option<String>,
    client_email: String,
    private_key_id: String,
    private_key: SecretString,
    #[serde(default = "token_uri")]
    token_uri: String,
}

fn token_uri() -> String {
    AUDIENCE.to_owned()
}

/// The text is no key file of a service account; it is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no key file of a service account: {0}")]
pub struct NotAnAccount(String);

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'static str,
    aud: &'static str,
    iat: i64,
    exp: i64,
}

impl ServiceAccount {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`NotAnAccount`].
    pub fn parse(json: &str) -> Result<Self, NotAnAccount> {
        let wrong = |e: serde_json::Error| NotAnAccount(format!("line {}, column {}", e.line(), e.column()));
        let kind: Kind = serde_json::from_str(json).map_err(wrong)?;
        if kind.kind != "service_account" {
            return Err(NotAnAccount(format!("its type is `{}`", kind.kind)));
        }
        let account: Self = serde_json::from_str(json).map_err(wrong)?;
        account.key()?;
        Ok(account)
    }

    /// Where it gets its tokens.
    #[must_use]
    pub fn token_uri(&self) -> &str {
        &self.token_uri
    }

    fn key(&self) -> Result<EncodingKey, NotAnAccount> {
        EncodingKey::from_rsa_pem(self.private_key.expose_secret().as_bytes())
            .map_err(|_| NotAnAccount("its private key is none".to_owned()))
    }

    /// Says by its key that it is itself.
    ///
    /// # Errors
    /// [`NotAnAccount`], which parsing has ruled out.
    pub(crate) fn assertion(&self, now: Timestamp) -> Result<String, NotAnAccount> {
        let header = Header { kid: Some(self.private_key_id.clone()), ..Header::new(Algorithm::RS256) };
        let iat = now.seconds();
        let claims = Claims { iss: &self.client_email, scope: SCOPE, aud: AUDIENCE, iat, exp: iat + HOLDS };
        jsonwebtoken::encode(&header, &claims, &self.key()?)
            .map_err(|_| NotAnAccount("its private key signs nothing".to_owned()))
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type", default)]
    kind: String,
}

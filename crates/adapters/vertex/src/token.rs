//! The tokens of a service account.

use crate::ServiceAccount;
use agents::dispatch::{FailureKind, ModelFailure};
use kernel::{Backoff, Clock, RetryPolicy, Timestamp};
use models::{Unusable, key_header};
use reqwest::{StatusCode, header::HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;
use web::{BreakerPolicy, Breakers, CallError, Dependency, Failed, Patience, Policy, Traced, read_at_most};

/// A token is taken for stale so long before its end, as Google's own library does: it outlives the call that it is used for.
const STALE_BEFORE: Duration = Duration::from_secs(225);
/// The longest answer of a token endpoint.
const LONGEST: usize = 64 * 1024;
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How the token endpoint is called: three attempts in all, as Google's own library makes them.
const POLICY: Policy = Policy {
    attempt: Patience { connect: Duration::from_secs(5), total: Duration::from_secs(10) },
    retry: RetryPolicy {
        retries: 2,
        backoff: Backoff::Exponential { first: Duration::from_secs(1) },
        cap: Duration::from_secs(5),
        jitter: true,
        honours_retry_after: true,
    },
    breaker: BreakerPolicy::USUAL,
};

/// The tokens of one account: one at a time, and one request for it, however many ask.
pub struct Tokens {
    account: ServiceAccount,
    endpoint: Dependency,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Token>>,
}

struct Token {
    /// `Authorization: Bearer …`.
    header: HeaderValue,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: Seconds,
}

/// A number, at times as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
}

impl Tokens {
    /// No token yet.
    ///
    /// # Errors
    /// [`Unusable`] when no client can be made.
    pub fn new(
        account: ServiceAccount,
        clock: Arc<dyn Clock>,
        breakers: &Breakers,
    ) -> Result<Self, Unusable> {
        let endpoint = breakers.dependency("google_token", POLICY).map_err(|e| Unusable(e.to_string()))?;
        Ok(Self { account, endpoint, clock, current: Mutex::default() })
    }

    /// Whose tokens they are.
    #[must_use]
    pub const fn account(&self) -> &ServiceAccount {
        &self.account
    }

    /// The header of a call, with a token that holds for a while. Whoever asks while one is fetched waits for that one; when
    /// the fetcher goes away, the next one in the row fetches it.
    ///
    /// # Errors
    /// The token endpoint refused, or is away.
    pub async fn header(&self) -> Result<HeaderValue, ModelFailure> {
        let mut current = self.current.lock().await;
        if let Some(token) = &*current
            && self.clock.now().plus(STALE_BEFORE) < token.until
        {
            return Ok(token.header.clone());
        }
        let token = self.endpoint.call(|| self.fetch()).await.map_err(unfetched)?;
        let header = token.header.clone();
        *current = Some(token);
        Ok(header)
    }

    async fn fetch(&self) -> Result<Token, Failed<ModelFailure>> {
        let failed = |kind, cause: String| ModelFailure::new(kind, cause);
        let now = self.clock.now();
        let assertion = self.account.assertion(now);
        let assertion =
            assertion.map_err(|e| Failed::refused(failed(FailureKind::Unauthorised, e.to_string())))?;
        let form = [("grant_type", GRANT), ("assertion", &assertion)];
        let sent = self.endpoint.client().post(self.account.token_uri()).form(&form).traced().send().await;
        let away = |e: reqwest::Error| failed(FailureKind::Unreachable, e.without_url().to_string());
        let answer = sent.map_err(|e| Failed::down(away(e)))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = read_at_most(answer, LONGEST).await.unwrap_or_default();
        if !status.is_success() {
            return Err(Failed::answered(refused(status, &body), status, &headers, now))
                .map_err(patient(&body));
        }
        self.read(&body, now).map_err(|cause| Failed::down(failed(FailureKind::Unavailable, cause)))
    }

    fn read(&self, body: &[u8], now: Timestamp) -> Result<Token, String> {
        // The body is not repeated: it may hold the token.
        let granted: Granted =
            serde_json::from_slice(body).map_err(|_| "the token's answer can't be read".to_owned())?;
        let seconds = match granted.expires_in {
            Seconds::Number(seconds) => seconds,
            Seconds::Text(text) => {
                text.trim().parse().map_err(|_| "the token's end can't be read".to_owned())?
            }
        };
        let header = key_header("Bearer ", &granted.access_token).map_err(|e| e.to_string())?;
        tracing::debug!(token.holds_s = seconds, "a token of the service account was fetched");
        Ok(Token { header, until: now.plus(Duration::from_secs(seconds)) })
    }
}

fn said(body: &[u8]) -> String {
    serde_json::from_slice::<Refusal>(body).unwrap_or_default().error
}

fn refused(status: StatusCode, body: &[u8]) -> ModelFailure {
    let kind = if status.is_server_error() { FailureKind::Unavailable } else { FailureKind::Unauthorised };
    ModelFailure::new(kind, format!("the token endpoint answered {status} {}", said(body)))
}

/// Some refusals are outages, whatever their status (RFC 6749 §5.2 has none for them).
fn patient(body: &[u8]) -> impl FnOnce(Failed<ModelFailure>) -> Failed<ModelFailure> {
    let is_outage =
        matches!(said(body).as_str(), "internal_failure" | "server_error" | "temporarily_unavailable");
    move |failed| match is_outage {
        true => Failed::down(ModelFailure { kind: FailureKind::Unavailable, ..failed.error }),
        false => failed,
    }
}

fn unfetched(error: CallError<ModelFailure>) -> ModelFailure {
    match error {
        CallError::Failed { error, retry_after } => error.after(retry_after),
        CallError::Unavailable(unavailable) => {
            ModelFailure::new(FailureKind::Unavailable, unavailable.to_string())
                .after(Some(unavailable.retry_after))
        }
    }
}

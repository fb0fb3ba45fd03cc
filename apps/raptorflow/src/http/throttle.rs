//! How often somebody may call: which bucket a request takes a token from, and what its answer says about it.
//!
//! | policy | whose bucket | for |
//! | --- | --- | --- |
//! | `auth` | the client's address, and the account that the body names | what can be guessed at: login, sign-up, recovery |
//! | `api` | the caller; without one the client's address | everything else |
//! | `ai` | the caller | what a language model answers |
//!
//! A guess costs a token of its address's bucket and one of its account's. When the account's is empty, an address
//! still has a few tries of its own: so many guess slowly, and nobody can lock the owner out from elsewhere.

use super::arrival::Arrival;
use super::codes;
use super::path;
use super::problem::Problem;
use crate::metrics::Metrics;
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Allowance, CallContext, CursorSeal, Quota, RateLimiter, WorkspaceId};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many calls a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Of policy `auth`.
    pub auth: NonZeroU32,
    /// Of policy `api`.
    pub api: NonZeroU32,
    /// Of policy `ai`.
    pub ai: NonZeroU32,
    /// Of policy `api`, for callers in these workspaces.
    pub workspaces: BTreeMap<WorkspaceId, NonZeroU32>,
}

/// A named limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Auth,
    Api,
    Ai,
}

impl Policy {
    const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Api => "api",
            Self::Ai => "ai",
        }
    }

    /// That of a caller who is known.
    fn of_caller(path: &str) -> Self {
        let asks_a_model = ["/api/v1/ai/", "/v1/"].iter().any(|prefix| path.starts_with(prefix));
        if asks_a_model { Self::Ai } else { Self::Api }
    }

    /// That of a stranger. A refresh token has 256 bits: it is not guessed, and an office behind one address refreshes
    /// more often than it logs in.
    fn of_stranger(path: &str) -> Self {
        let guessable = path.starts_with("/api/v1/auth/") && path != "/api/v1/auth/refresh";
        if guessable { Self::Auth } else { Self::Api }
    }
}

/// The bucket that a request took a token from, for the headers of its answer.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    policy: Policy,
    quota: Quota,
    allowance: Allowance,
}

/// Lets requests pass, or not.
#[derive(Clone)]
pub struct Throttle {
    limiter: Arc<dyn RateLimiter>,
    /// Counts when the limiter is away: less than all instances together, and never nothing.
    local: Arc<dyn RateLimiter>,
    alone: Arc<Alone>,
    limits: Arc<Limits>,
    seal: CursorSeal,
    metrics: Arc<Metrics>,
}

/// Whether this process counts alone at present: said once when that begins and once when it ends, not by every request.
#[derive(Debug, Default)]
struct Alone(AtomicBool);

impl Alone {
    /// Notes how it is now; whether that is news.
    fn is_news(&self, is_alone: bool) -> bool {
        // The first look costs no other core anything, and is all that most requests need.
        self.0.load(Ordering::Relaxed) != is_alone && self.0.swap(is_alone, Ordering::Relaxed) != is_alone
    }
}

/// What an address may still try on an account whose bucket is empty: three times in any ten minutes.
const TRIES_OF_AN_ADDRESS: Quota =
    Quota::within(Duration::from_secs(10 * 60), NonZeroU32::MIN.saturating_add(2));

/// How many mails a caller may wish one address to have, from wherever: nobody's postbox is filled by somebody else. Each caller has
/// their own, so that nobody keeps others' mails from an address either.
const MAILS_TO_AN_ADDRESS: Quota =
    Quota::within(Duration::from_secs(60 * 60), NonZeroU32::MIN.saturating_add(4));

impl Throttle {
    /// Counts with `limiter`, and with `local` while that is away. The seal hides addresses of people in keys.
    #[must_use]
    pub fn new(
        limiter: Arc<dyn RateLimiter>,
        local: Arc<dyn RateLimiter>,
        limits: Limits,
        seal: CursorSeal,
    ) -> Self {
        Self {
            limiter,
            local,
            alone: Arc::default(),
            limits: Arc::new(limits),
            seal,
            metrics: Arc::default(),
        }
    }

    /// Tells when it counts by itself.
    #[must_use]
    pub fn measured(mut self, metrics: Arc<Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// A stranger at a public route.
    pub(super) async fn stranger(&self, request: &HttpRequest, ctx: &CallContext) -> Result<(), Problem> {
        let path = path::of(request);
        let is_of_the_api = path.starts_with("/api/") || path.starts_with("/v1/");
        if !is_of_the_api {
            return Ok(());
        }
        let policy = Policy::of_stranger(path);
        self.take(request, policy, self.quota(policy, None), &address_key(ctx)).await
    }

    /// A stranger who names an account in the body of a route where accounts can be guessed at.
    pub(super) async fn guess(
        &self,
        request: &HttpRequest,
        ctx: &CallContext,
        body: &Value,
    ) -> Result<(), Problem> {
        let account = body.get("email").and_then(Value::as_str);
        let (Policy::Auth, Some(account)) = (Policy::of_stranger(path::of(request)), account) else {
            return Ok(());
        };
        let account = self.seal.fingerprint("account", account.trim().to_ascii_lowercase().as_bytes());
        // Each route has its own: who is kept from guessing the password can still recover the account.
        let key = format!("account {account} {}", path::of(request));
        let quota = self.quota(Policy::Auth, None);
        if self.ask(&format!("auth {key}"), quota).await?.is_allowed {
            return Ok(());
        }
        let key = format!("{key} {}", address_key(ctx));
        self.take(request, Policy::Auth, TRIES_OF_AN_ADDRESS, &key).await
    }

    /// A caller who is known: a person or a key, perhaps in a workspace.
    pub(super) async fn caller(
        &self,
        request: &HttpRequest,
        ctx: &CallContext,
        workspace: Option<WorkspaceId>,
    ) -> Result<(), Problem> {
        let policy = Policy::of_caller(path::of(request));
        // A workspace with a quota of its own has buckets of its own: one bucket can't be of two sizes.
        let own = workspace.filter(|workspace| self.limits.workspaces.contains_key(workspace));
        let place = own.map(|workspace| format!(" in {workspace}")).unwrap_or_default();
        let key = format!("{}{place}", caller_key(ctx));
        self.take(request, policy, self.quota(policy, workspace), &key).await
    }

    /// Somebody who has logged in and shows their password once more: whoever has got hold of their session may not guess it more
    /// often than a stranger.
    pub(super) async fn proof(&self, request: &HttpRequest, ctx: &CallContext) -> Result<(), Problem> {
        let key = format!("proof {}", caller_key(ctx));
        self.take(request, Policy::Auth, self.quota(Policy::Auth, None), &key).await
    }

    /// A caller who has a mail sent to an address that need not be theirs.
    pub(super) async fn mail(
        &self,
        request: &HttpRequest,
        ctx: &CallContext,
        address: &str,
    ) -> Result<(), Problem> {
        let address = self.seal.fingerprint("mail", address.trim().to_ascii_lowercase().as_bytes());
        let key = format!("mail {} {address}", caller_key(ctx));
        self.take(request, Policy::Auth, MAILS_TO_AN_ADDRESS, &key).await
    }

    /// Somebody whose credentials were refused: guessing tokens is no way around the limits.
    pub(super) async fn refused(&self, request: &HttpRequest, ctx: &CallContext) -> Result<(), Problem> {
        let key = format!("refused {}", address_key(ctx));
        self.take(request, Policy::Api, self.quota(Policy::Api, None), &key).await
    }

    fn quota(&self, policy: Policy, workspace: Option<WorkspaceId>) -> Quota {
        let limits = &self.limits;
        let own = workspace.and_then(|workspace| limits.workspaces.get(&workspace));
        Quota::per_minute(match policy {
            Policy::Auth => limits.auth,
            Policy::Api => own.copied().unwrap_or(limits.api),
            Policy::Ai => limits.ai,
        })
    }

    async fn take(
        &self,
        request: &HttpRequest,
        policy: Policy,
        quota: Quota,
        key: &str,
    ) -> Result<(), Problem> {
        let allowance = self.ask(&format!("{} {key}", policy.name()), quota).await?;
        if let Some(arrival) = Arrival::of(request) {
            arrival.taken.set(Some(Taken { policy, quota, allowance }));
        }
        if allowance.is_allowed {
            return Ok(());
        }
        let problem = Problem::new(&codes::RATE_LIMITED).retry_after(allowance.retry_after);
        Err(problem.extension("policy", policy.name().into()))
    }

    async fn ask(&self, key: &str, quota: Quota) -> Result<Allowance, Problem> {
        match self.limiter.take(key, quota).await {
            Ok(allowance) => {
                if self.alone.is_news(false) {
                    tracing::info!("limits are counted over all processes again");
                }
                Ok(allowance)
            }
            Err(error) => {
                self.metrics.limiter_fell_back();
                if self.alone.is_news(true) {
                    tracing::warn!(error = %error, "limits are counted in this process alone");
                }
                // Half: several processes count by themselves now, and none of them knows of the others' calls.
                let strict =
                    Quota { limit: NonZeroU32::new(quota.limit.get() / 2).unwrap_or(quota.limit), ..quota };
                self.local.take(key, strict).await.map_err(|error| Problem::internal(error.to_string()))
            }
        }
    }
}

fn caller_key(ctx: &CallContext) -> String {
    let id = ctx.actor.id().map(|id| id.to_string()).unwrap_or_default();
    format!("{} {id}", ctx.actor.kind())
}

fn address_key(ctx: &CallContext) -> String {
    // Of an IPv6 client the network counts: it has the addresses of 64 bits to choose from.
    match ctx.address {
        Some(std::net::IpAddr::V6(v6)) => format!("address {:x}", v6.to_bits() >> 64),
        Some(address) => format!("address {address}"),
        None => "address unknown".to_owned(),
    }
}

/// Says what is left: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
pub(super) fn tell(taken: Taken, headers: &mut HeaderMap) {
    let Taken { policy, quota, allowance } = taken;
    let name = policy.name();
    let limit = format!("\"{name}\";q={};w={}", quota.limit, quota.window.as_secs());
    let left = format!("\"{name}\";r={};t={}", allowance.remaining, whole_seconds(allowance.full_after));
    for (header, value) in [("ratelimit-policy", limit), ("ratelimit", left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(header), value);
        }
    }
}

/// Rounded up: who waits so long has waited long enough.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_news_when_it_begins_and_when_it_ends() {
        let alone = Alone::default();
        let heard = [false, true, true, true, false, false, true].map(|is_alone| alone.is_news(is_alone));
        assert_eq!(heard, [false, true, false, false, true, false, true]);
    }
}

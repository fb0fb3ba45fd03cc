//! Who calls: [`Anyone`], a [`User`] who has logged in, or a [`Caller`], which may be a [`Program`], too. (One of them in
//! a workspace is a [`Tenant`](super::tenant).)

use super::address::TrustedProxies;
use super::arrival::Arrival;
use super::asking;
use super::codes;
use super::credentials::{self, Credentials, Keys};
use super::operator::OperatorAccess;
use super::problem::Problem;
use super::throttle::Throttle;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use identity::IdentityError;
use identity::services::{Authenticated, SessionService};
use kernel::{
    Actor, CallContext, CorrelationId, CursorSeal, ErrorKind, Memberships, StoreResult, UserScope,
    WorkspaceId, WorkspaceScope,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use workspace::ports::WorkspaceReader;

/// Finds out whose access token it is.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The person behind the token, in the call of somebody unknown. MUST answer [`IdentityError::Unauthenticated`] for
    /// a token that is forged or expired, or whose session or user has ended, and another error only when it could not
    /// find out.
    async fn authenticate(
        &self,
        ctx: &CallContext,
        token: &SecretString,
    ) -> Result<Authenticated, IdentityError>;
}

#[async_trait]
impl Authenticator for SessionService {
    async fn authenticate(
        &self,
        ctx: &CallContext,
        token: &SecretString,
    ) -> Result<Authenticated, IdentityError> {
        self.identify(ctx, token.expose_secret()).await
    }
}

/// Knows where a person works when they don't say.
#[async_trait]
pub trait FirstWorkspace: Send + Sync {
    /// The workspace of the user's oldest membership (then the lowest id) among live ones.
    async fn first_workspace(&self, scope: &UserScope) -> StoreResult<Option<WorkspaceId>>;
}

#[async_trait]
impl FirstWorkspace for Arc<dyn WorkspaceReader> {
    async fn first_workspace(&self, scope: &UserScope) -> StoreResult<Option<WorkspaceId>> {
        Ok(self.first_of(scope).await?.map(|mine| mine.workspace.id))
    }
}

/// What the extractors need of the app.
#[derive(Clone)]
pub struct Gate {
    /// Knows tokens.
    pub authenticator: Arc<dyn Authenticator>,
    /// Knows API keys.
    pub keys: Arc<dyn Keys>,
    /// Knows who is a member where.
    pub memberships: Arc<dyn Memberships>,
    /// Knows a person's first workspace.
    pub first_workspace: Arc<dyn FirstWorkspace>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
    /// Seals the cursors of lists.
    pub seal: CursorSeal,
    /// Knows operators.
    pub operator: OperatorAccess,
    /// Knows who calls too often.
    pub throttle: Throttle,
}

/// An extractor of a caller; [`Sent`](super::body::Sent) and [`Listing`](super::listing::Listing) take any of them.
pub trait Calling: FromRequest<Error = Problem> + 'static {
    /// The call's context, for use cases.
    fn call(&self) -> &CallContext;
    /// The same, to bind an idempotency key.
    fn call_mut(&mut self) -> &mut CallContext;
    /// Whose keys and cursors these are: user and workspace.
    fn owner(&self) -> String;
}

/// Whoever calls a public route. Credentials that came along are not looked at: a stale token must not keep anybody
/// from logging in.
#[derive(Debug)]
pub struct Anyone {
    /// The call.
    pub ctx: CallContext,
}

/// A person who has logged in; else the answer is 401, and 403 to a program: what is a person's own is nothing for keys.
#[derive(Debug)]
pub struct User {
    /// The call.
    pub ctx: CallContext,
    /// Access to what is the person's own.
    pub scope: UserScope,
    /// The login.
    pub login: Authenticated,
}

/// A program whose API key was checked.
#[derive(Debug)]
pub struct Program {
    /// The call.
    pub ctx: CallContext,
    /// The workspace of the key, and what the key may do there.
    pub scope: WorkspaceScope,
}

/// A person who has logged in, or a program; else the answer is 401.
#[derive(Debug)]
pub enum Caller {
    /// A person.
    Person(User),
    /// A program.
    Program(Program),
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let ctx = context(request, Actor::Anonymous)?;
            gate(request)?.throttle.stranger(request, &ctx).await?;
            Ok(Self { ctx })
        })
    }
}

impl FromRequest for User {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let caller = Caller::from_request(request, &mut Payload::None).await?;
            match caller {
                Caller::Person(user) => Ok(user),
                Caller::Program(_) => Err(Problem::new(&codes::API_KEY_NOT_ACCEPTED)),
            }
        })
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let caller = Self::authenticated(request).await?;
            gate(request)?.throttle.caller(request, caller.call(), None).await?;
            Ok(caller)
        })
    }
}

impl Caller {
    /// Whose credentials these are, before it is looked at how often they call.
    ///
    /// # Errors
    /// As the extractor; 429 when too many credentials from this address were bad.
    pub(super) async fn authenticated(request: &HttpRequest) -> Result<Self, Problem> {
        let unknown = context(request, Actor::Anonymous)?;
        let caller = Self::of_credentials(request, &unknown).await;
        let is_bad = |problem: &Problem| problem.code().kind == ErrorKind::Unauthenticated;
        if caller.as_ref().is_err_and(is_bad) {
            gate(request)?.throttle.refused(request, &unknown).await?;
        }
        caller
    }

    async fn of_credentials(request: &HttpRequest, unknown: &CallContext) -> Result<Self, Problem> {
        let gate = gate(request)?;
        match Credentials::of(request)? {
            Credentials::Token(token) => {
                let login = gate.authenticator.authenticate(unknown, &token).await.map_err(refused)?;
                let ctx = context(request, login.actor())?;
                let scope = UserScope::of(&ctx).ok_or_else(|| Problem::internal("a user without a scope"))?;
                Ok(Self::Person(User { ctx, scope, login }))
            }
            Credentials::Key(key) => {
                let bad_key = || credentials::bad(Problem::new(&codes::UNAUTHENTICATED));
                let scope = gate.keys.authenticate(&key).await?.ok_or_else(bad_key)?;
                Ok(Self::Program(Program { ctx: context(request, scope.actor())?, scope }))
            }
        }
    }
}

impl Calling for Anyone {
    fn call(&self) -> &CallContext {
        &self.ctx
    }

    fn call_mut(&mut self) -> &mut CallContext {
        &mut self.ctx
    }

    fn owner(&self) -> String {
        "anyone".to_owned()
    }
}

impl Calling for User {
    fn call(&self) -> &CallContext {
        &self.ctx
    }

    fn call_mut(&mut self) -> &mut CallContext {
        &mut self.ctx
    }

    fn owner(&self) -> String {
        self.scope.user().to_string()
    }
}

impl Calling for Caller {
    fn call(&self) -> &CallContext {
        match self {
            Self::Person(user) => user.call(),
            Self::Program(program) => &program.ctx,
        }
    }

    fn call_mut(&mut self) -> &mut CallContext {
        match self {
            Self::Person(user) => user.call_mut(),
            Self::Program(program) => &mut program.ctx,
        }
    }

    fn owner(&self) -> String {
        match self {
            Self::Person(user) => user.owner(),
            Self::Program(program) => owner_in(&program.scope),
        }
    }
}

/// Whose keys and cursors these are, of a caller in a workspace. A program's are its key's, not its maker's.
pub(super) fn owner_in(scope: &WorkspaceScope) -> String {
    let actor = scope.actor();
    let id = actor.id().map(|id| id.to_string()).unwrap_or_default();
    match actor {
        Actor::ApiKey(_) => format!("{} {id} {}", actor.kind(), scope.workspace()),
        Actor::User(_) | Actor::Anonymous | Actor::System => format!("{id} {}", scope.workspace()),
    }
}

pub(super) fn gate(request: &HttpRequest) -> Result<&web::Data<Gate>, Problem> {
    request.app_data::<web::Data<Gate>>().ok_or_else(|| Problem::internal("the app has no gate"))
}

fn refused(error: IdentityError) -> Problem {
    let bad_token = error == IdentityError::Unauthenticated;
    let problem = Problem::from(error);
    if bad_token { credentials::bad(problem) } else { problem }
}

/// The call of this actor.
pub(super) fn context(request: &HttpRequest, actor: Actor) -> Result<CallContext, Problem> {
    let arrival =
        Arrival::of(request).ok_or_else(|| Problem::internal("no edge stands around the handler"))?;
    match actor {
        Actor::User(user) => arrival.user.set(Some(user)),
        Actor::ApiKey(key) => arrival.api_key.set(Some(key)),
        Actor::Anonymous | Actor::System => {}
    }
    let correlation_id: CorrelationId = arrival.correlation_id.clone();
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .map(|value| tame(&String::from_utf8_lossy(value.as_bytes())));
    Ok(CallContext {
        address: gate(request)?.proxies.client(request.head()),
        user_agent: agent,
        traceparent: trace::traceparent(),
        ..CallContext::new(actor, correlation_id)
    })
}

/// A client's own words, fit for logs and stores: 256 characters, none of them a control character.
fn tame(text: &str) -> String {
    text.chars().take(256).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_and_tamed() {
        assert_eq!(tame("a\u{1b}[31mb\tc"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(tame(&"é".repeat(300)).chars().count(), 256);
    }
}

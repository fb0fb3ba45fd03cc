//! A server on a free port with probe routes, and a client for it.

use crate::fixture::later::Later;
use ::web::Patience;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use async_trait::async_trait;
use identity::IdentityError;
use identity::services::Authenticated;
use kernel::{
    CallContext, CampaignId, CursorSeal, KeyScope, KeyScopes, Memberships, Page, Role, StoreError,
    StoreResult, UserId, UserScope, WorkspaceId, WorkspaceScope,
};
use raptorflow::http::arrival::Arrival;
use raptorflow::http::body::{Change, Nothing, Sent};
use raptorflow::http::caller::{Anyone, Authenticator, Calling, FirstWorkspace, Gate, User};
use raptorflow::http::credentials::Keys;
use raptorflow::http::edge::Policy;
use raptorflow::http::limits::BodyLimits;
use raptorflow::http::listing::{ById, Listing, PageBody};
use raptorflow::http::live::StreamLimits;
use raptorflow::http::load::Load;
use raptorflow::http::operator::OperatorAccess;
use raptorflow::http::ops::{Check, CheckState, Details, HealthChecks};
use raptorflow::http::path::PathId;
use raptorflow::http::precondition::IfMatch;
use raptorflow::http::problem::Problem;
use raptorflow::http::reply::{Answer, NoContent, Reply};
use raptorflow::http::routes::Routes;
use raptorflow::http::throttle::{Limits, Throttle};
use raptorflow::http::{Api, Services, tenant::Tenant};
use raptorflow::metrics::Metrics;
use raptorflow::server::{self, Bounds, Running};
use reqwest::{Client, Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const LIMIT: usize = 8 * 1024;

pub(crate) const fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(n))
}

/// The token `user-N` is user N; `down` finds the database away.
struct Tokens;

#[async_trait]
impl Authenticator for Tokens {
    async fn authenticate(
        &self,
        _: &CallContext,
        token: &SecretString,
    ) -> Result<Authenticated, IdentityError> {
        if token.expose_secret() == "down" {
            return Err(StoreError::Unavailable("postgres://app:hunter2@db".to_owned()).into());
        }
        let number = token.expose_secret().strip_prefix("user-").and_then(|n| n.parse::<u128>().ok());
        let id = number.map(Uuid::from_u128).ok_or(IdentityError::Unauthenticated)?;
        Ok(Authenticated {
            user: id.into(),
            session: Some(id.into()),
            since: kernel::Timestamp::from_micros(0),
        })
    }
}

/// User 1 is in the workspaces 10 and 11, user 2 in none.
struct Members;

#[async_trait]
impl Memberships for Members {
    async fn role_of(&self, user: UserId, at: WorkspaceId) -> StoreResult<Option<Role>> {
        let member = user.uuid().as_u128() == 1 && [workspace(10), workspace(11)].contains(&at);
        Ok(member.then_some(Role::Member))
    }
}

#[async_trait]
impl FirstWorkspace for Members {
    async fn first_workspace(&self, scope: &UserScope) -> StoreResult<Option<WorkspaceId>> {
        Ok((scope.user().uuid().as_u128() == 1).then_some(workspace(10)))
    }
}

/// The key `rf_campaigns` reads campaigns in workspace 11; `rf_down` finds the database away.
struct ProbeKeys;

#[async_trait]
impl Keys for ProbeKeys {
    async fn authenticate(&self, key: &SecretString) -> StoreResult<Option<WorkspaceScope>> {
        if key.expose_secret() == "rf_down" {
            return Err(StoreError::Unavailable("postgres://app:hunter2@db".to_owned()));
        }
        let scopes = KeyScopes::new(KeyScope::parse("campaigns:read")).unwrap();
        let id = Uuid::from_u128(5).into();
        let scope = WorkspaceScope::for_api_key(id, workspace(11), Role::Admin, scopes);
        Ok((key.expose_secret() == "rf_campaigns").then_some(scope))
    }
}

struct Fit(CheckState);

#[async_trait]
impl HealthChecks for Fit {
    async fn checks(&self) -> BTreeMap<&'static str, Check> {
        let check = |state, detail: &str, vital| Check { state, detail: detail.to_owned(), vital };
        BTreeMap::from([
            ("database", check(self.0, "as the test says", true)),
            ("redis", check(CheckState::NotConfigured, "limits are in process", false)),
        ])
    }

    async fn details(&self) -> Details {
        Details::default()
    }

    async fn measure(&self) {}

    async fn schema_versions(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("database", "00000000000007".to_owned())])
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCampaign {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    goal: Goal,
    #[schema(max_items = 3)]
    channels: Vec<String>,
    budget: Option<i64>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    Awareness,
    Leads,
}

/// What a use case would have been given.
#[derive(Debug, Serialize, ToSchema)]
struct Seen {
    name: String,
    goal: Goal,
    channels: usize,
    budget: Option<i64>,
    workspace_id: String,
    address: Option<String>,
    key: Option<String>,
    key_owner: Option<String>,
    request_hash: Option<String>,
}

#[utoipa::path(request_body = NewCampaign, responses((status = 201, body = Seen)),
    extensions(("x-access" = json!("member"))))]
#[post("/api/v1/probe/campaigns")]
async fn create(sent: Sent<Tenant, NewCampaign>) -> Answer<Seen> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let key = ctx.idempotency;
    let seen = Seen {
        name: body.name,
        goal: body.goal,
        channels: body.channels.len(),
        budget: body.budget,
        workspace_id: scope.workspace().to_string(),
        address: ctx.address.map(|address| address.to_string()),
        key: key.as_ref().map(|key| key.key.clone()),
        key_owner: key.as_ref().map(|key| key.caller.clone()),
        request_hash: key.map(|key| key.request_hash),
    };
    Ok(Reply::created(seen).version(1).location("/api/v1/probe/campaigns/1"))
}

#[utoipa::path(responses((status = 200, body = Value)), extensions(("x-access" = json!("member"))))]
#[get("/api/v1/probe/campaigns/{campaign_id}")]
async fn read(tenant: Tenant, id: PathId<CampaignId>) -> Answer<Value> {
    let body = json!({"id": id.0, "workspace_id": tenant.scope.workspace(), "correlation_id": tenant.ctx.correlation_id});
    Ok(Reply::ok(body).version(3))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    #[serde(default)]
    #[schema(value_type = Option<i64>, required = false)]
    budget: Change<i64>,
}

#[utoipa::path(request_body = Edit, responses((status = 200, body = Value)),
    extensions(("x-access" = json!("member"))))]
#[put("/api/v1/probe/campaigns/{campaign_id}")]
async fn update(id: PathId<CampaignId>, expected: IfMatch, sent: Sent<Tenant, Edit>) -> Answer<Value> {
    if expected.0.is_some_and(|version| version != 3) {
        return Err(StoreError::Stale.into());
    }
    Ok(Reply::ok(json!({"id": id.0, "budget": sent.body.budget.into_option()})).version(4))
}

#[utoipa::path(request_body = Nothing, responses((status = 204)), extensions(("x-access" = json!("user"))))]
#[delete("/api/v1/probe/campaigns/{campaign_id}")]
async fn remove(_user: User, _id: PathId<CampaignId>) -> NoContent {
    NoContent
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ByGoal {
    #[param(inline)]
    goal: Option<Goal>,
}

/// Sixty numbers, as ids.
#[utoipa::path(responses((status = 200, body = PageBody<Uuid>)), extensions(("x-access" = json!("member"))))]
#[get("/api/v1/probe/campaigns")]
async fn list(tenant: Tenant, list: Listing<ByGoal>) -> Answer<PageBody<Uuid>> {
    let asked = list.page::<ById>(&tenant)?;
    let first = asked.after.map_or(0, |id| id.as_u128() + 1);
    let last = if list.filter.goal.is_some() { 30 } else { 60 };
    let rows = (first..last).take(asked.limit.get() as usize + 1).map(Uuid::from_u128).collect();
    Ok(list.answer(&tenant, Page::cut(rows, asked.limit, |id| *id)))
}

/// A body of the auth area, for anybody.
#[utoipa::path(request_body = Edit, responses((status = 200, body = Value)), extensions(("x-access" = json!("public"))))]
#[post("/api/v1/auth/probe")]
async fn public(sent: Sent<Anyone, Edit>) -> Answer<Value> {
    Ok(Reply::ok(json!({"actor": sent.caller.call().actor})))
}

#[utoipa::path(responses((status = 200)), extensions(("x-access" = json!("public"))))]
#[patch("/api/v1/probe/fail/{how}")]
async fn fail(how: web::Path<String>, begun: web::Data<Notify>) -> Result<HttpResponse, Problem> {
    match how.as_str() {
        "panic" => panic!("hunter2 in a panic"),
        "store" => Err(StoreError::Internal("SELECT hunter2 FROM users".to_owned()).into()),
        "hang" => {
            begun.notify_one();
            std::future::pending().await
        }
        "bare" => Ok(HttpResponse::Conflict().body("plain text")),
        _ => Ok(HttpResponse::Ok().content_type("text/plain").body("x".repeat(10_000))),
    }
}

#[utoipa::path(responses((status = 200)), extensions(("x-access" = json!("public"))))]
#[get("/api/v1/probe/route")]
async fn route(request: HttpRequest) -> Reply<Value> {
    Reply::ok(json!({"route": Arrival::of(&request).map(|arrival| Arc::clone(&arrival.route.template))}))
}

pub(crate) fn area(routes: &mut Routes<'_, '_>) {
    raptorflow::http::areas(routes);
    routes.add(create).add(read).add(update).add(remove).add(list).add(public).add(fail).add(route);
}

pub(crate) struct Probe {
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) running: Running,
    /// Told when a request has reached the handler that hangs.
    pub(crate) begun: Arc<Notify>,
}

pub(crate) async fn probe() -> Probe {
    probe_with(CheckState::Ok).await
}

/// A client that follows no redirect and waits for a minute.
pub(crate) fn client() -> Client {
    let patience = Patience { connect: Duration::from_secs(10), total: Duration::from_secs(60) };
    ::web::client(patience).unwrap()
}

pub(crate) async fn probe_with(database: CheckState) -> Probe {
    let many = NonZeroU32::MAX;
    probe_of(database, Limits { auth: many, api: many, ai: many, workspaces: BTreeMap::new() }).await
}

/// With these limits, counted by the machine's clock.
pub(crate) async fn probe_limited(limits: Limits) -> Probe {
    probe_of(CheckState::Ok, limits).await
}

/// With these areas switched off.
pub(crate) async fn probe_without(off: &[&'static str]) -> Probe {
    let many = NonZeroU32::MAX;
    let limits = Limits { auth: many, api: many, ai: many, workspaces: BTreeMap::new() };
    probe_made(CheckState::Ok, limits, off, MANY).await
}

/// Which answers so many requests at once.
pub(crate) async fn probe_taking(in_flight: usize) -> Probe {
    let many = NonZeroU32::MAX;
    let limits = Limits { auth: many, api: many, ai: many, workspaces: BTreeMap::new() };
    probe_made(CheckState::Ok, limits, &[], in_flight).await
}

/// More requests than any test has at once.
const MANY: usize = 512;

async fn probe_of(database: CheckState, limits: Limits) -> Probe {
    probe_made(database, limits, &[], MANY).await
}

async fn probe_made(database: CheckState, limits: Limits, off: &[&'static str], in_flight: usize) -> Probe {
    let limiter = Later::counted_by(Arc::new(kernel::SystemClock));
    let throttle = Throttle::new(limiter.clone(), limiter, limits, CursorSeal::new(b"a secret of the test"));
    let members = Arc::new(Members);
    let policy = Policy {
        environment: kernel::Environment::system(),
        timeout: Duration::from_millis(700),
        cors_origins: vec![ORIGIN.to_owned()],
        load: Load::of(in_flight),
        streams: StreamLimits::default(),
        production: true,
        metrics: Arc::new(Metrics::new(Ok).unwrap()),
    };
    let begun = Arc::new(Notify::new());
    let told = web::Data::from(Arc::clone(&begun));
    let services: Services = Arc::new(move |config| {
        config.app_data(told.clone());
    });
    let gate = Gate {
        authenticator: Arc::new(Tokens),
        keys: Arc::new(ProbeKeys),
        memberships: Arc::clone(&members) as Arc<dyn Memberships>,
        first_workspace: members,
        proxies: raptorflow::http::address::TrustedProxies::parse("127.0.0.1").unwrap(),
        operator: OperatorAccess::Everybody,
        throttle,
        seal: CursorSeal::new(b"a secret of the test"),
    };
    let api = Api::new(policy, BodyLimits::new(LIMIT), gate, Arc::new(Fit(database)), area, services)
        .unwrap()
        .without(off);
    let running = server::start(Bounds::default(), TcpListener::bind("127.0.0.1:0").unwrap(), api).unwrap();
    Probe { base: format!("http://{}", running.address), client: client(), running, begun }
}

impl Probe {
    /// A request by user 1.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth("user-1")
    }

    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Posts text as JSON to the route that creates.
    pub(crate) async fn create(&self, body: impl Into<reqwest::Body>) -> Response {
        let request = self.call(Method::POST, "/api/v1/probe/campaigns");
        request.header("content-type", "application/json").body(body).send().await.unwrap()
    }
}

/// Checks the shape of a problem, and answers its body.
#[track_caller]
pub(crate) fn expect_problem(response: Response, status: u16, code: &str) -> impl Future<Output = Value> {
    assert_eq!(response.status().as_u16(), status, "wanted {code}");
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/problem+json"), "{code}");
    assert_eq!(header("content-encoding"), None);
    let correlation_id = header("x-correlation-id").expect("every answer has a correlation id");
    let (code, path) = (code.to_owned(), response.url().path().to_owned());
    async move {
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("https://raptorflow.dev/errors/{code}"));
        assert_eq!(body["correlation_id"], correlation_id);
        // What may be a token is not repeated.
        let shown = path.split('/').map(|part| if part.len() > 36 { "-" } else { part });
        assert_eq!(body["instance"], shown.collect::<Vec<_>>().join("/"));
        assert!(body["title"].is_string() && body["detail"].is_string());
        assert!(!body.to_string().contains("hunter2"), "the inside shows in {body}");
        body
    }
}

/// Pointers and codes of a problem's fields.
pub(crate) fn fields(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problem["errors"].as_array().unwrap().iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect()
}

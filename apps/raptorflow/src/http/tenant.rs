//! A person in a workspace: what almost every route of the product is called by.

use super::arrival::Arrival;
use super::caller::{Calling, User, gate};
use super::codes;
use super::problem::Problem;
use super::refusals;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use kernel::{CallContext, WorkspaceId, WorkspaceScope};

/// Names the workspace of a request.
pub const HEADER: &str = "X-Workspace-Id";

/// A member of the workspace that the request is for; else 401, or 404 as for a workspace that does not exist.
///
/// The workspace is the first of: the header `X-Workspace-Id`, the query parameter `workspace_id`, the path parameter
/// of that name, the user's first workspace. Where several are present they must agree.
#[derive(Debug)]
pub struct Tenant {
    /// The call.
    pub ctx: CallContext,
    /// Proof of membership, with the role.
    pub scope: WorkspaceScope,
}

impl FromRequest for Tenant {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let user = User::authenticated(&request).await?;
            let (ctx, gate) = (user.ctx.clone(), gate(&request)?);
            let entered = Self::entering(&request, user, None).await;
            // The quota of a workspace is told to its members only; who is refused has called all the same.
            let workspace = entered.as_ref().ok().map(|tenant| tenant.scope.workspace());
            gate.throttle.caller(&request, &ctx, workspace).await?;
            entered
        })
    }
}

impl Tenant {
    /// The user in the workspace of the request, for routes whose body may name it, too: `in_body` comes after the
    /// other places and must agree with them.
    ///
    /// # Errors
    /// As the extractor.
    pub async fn entering(
        request: &HttpRequest,
        user: User,
        in_body: Option<WorkspaceId>,
    ) -> Result<Self, Problem> {
        let gate = gate(request)?;
        let workspace = match agreed([named(request)?, in_body])? {
            Some(workspace) => workspace,
            None => {
                let first = gate.first_workspace.first_workspace(&user.scope).await?;
                first.ok_or_else(|| Problem::new(&codes::NO_WORKSPACE))?
            }
        };
        let scope = WorkspaceScope::authorise(gate.memberships.as_ref(), &user.ctx, workspace).await?;
        if let Some(arrival) = Arrival::of(request) {
            arrival.workspace.set(Some(workspace));
        }
        refusals::entered(request, &user.ctx, scope);
        Ok(Self { ctx: user.ctx, scope })
    }
}

impl Calling for Tenant {
    fn call(&self) -> &CallContext {
        &self.ctx
    }

    fn call_mut(&mut self) -> &mut CallContext {
        &mut self.ctx
    }

    fn owner(&self) -> String {
        let user = self.ctx.actor.user().map(|user| user.to_string()).unwrap_or_default();
        format!("{user} {}", self.scope.workspace())
    }
}

/// The workspace that the request names, when it names one.
fn named(request: &HttpRequest) -> Result<Option<WorkspaceId>, Problem> {
    agreed([in_header(request)?, in_query(request)?, in_path(request)?])
}

/// The one workspace that all sources name that name any.
fn agreed<const N: usize>(sources: [Option<WorkspaceId>; N]) -> Result<Option<WorkspaceId>, Problem> {
    let mut found = None;
    for source in sources {
        match (found, source) {
            (Some(earlier), Some(workspace)) if earlier != workspace => {
                return Err(Problem::new(&codes::WORKSPACE_CONFLICT));
            }
            (None, Some(workspace)) => found = Some(workspace),
            _ => {}
        }
    }
    Ok(found)
}

fn in_header(request: &HttpRequest) -> Result<Option<WorkspaceId>, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::new(&codes::INVALID_WORKSPACE_ID));
    }
    value.to_str().map_err(|_| Problem::new(&codes::INVALID_WORKSPACE_ID)).and_then(parse)
}

fn in_query(request: &HttpRequest) -> Result<Option<WorkspaceId>, Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let pairs = pairs.map_err(|_| Problem::new(&codes::INVALID_QUERY))?;
    let mut values = pairs.iter().filter(|(name, _)| name == "workspace_id").map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => parse(value),
        (Some(_), Some(_)) => Err(Problem::new(&codes::INVALID_WORKSPACE_ID)),
    }
}

fn in_path(request: &HttpRequest) -> Result<Option<WorkspaceId>, Problem> {
    request.match_info().get("workspace_id").map_or(Ok(None), parse)
}

fn parse(text: &str) -> Result<Option<WorkspaceId>, Problem> {
    text.trim().parse().map(Some).map_err(|_| Problem::new(&codes::INVALID_WORKSPACE_ID))
}

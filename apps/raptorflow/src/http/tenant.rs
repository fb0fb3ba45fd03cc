//! A person or a program in a workspace: what almost every route of the product is called by.

use super::arrival::Arrival;
use super::asking;
use super::caller::{Caller, Calling, Program, User, gate, owner_in};
use super::codes;
use super::idempotency;
use super::problem::Problem;
use super::refusals;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use kernel::{CallContext, ScopeError, WorkspaceId, WorkspaceScope};

/// Names the workspace of a request.
pub const HEADER: &str = "X-Workspace-Id";

/// A member of the workspace that the request is for; else 401, or 404 as for a workspace that does not exist.
///
/// The workspace is the first of: the header `X-Workspace-Id`, the query parameter `workspace_id`, the path parameter
/// of that name, the user's first workspace. Where several are present they must agree. A program is in the workspace of
/// its key, whatever it names: another one answers as an unknown one does.
#[derive(Debug)]
pub struct Tenant {
    /// The call.
    pub ctx: CallContext,
    /// Proof of membership, with the role, and of a key with its scopes.
    pub scope: WorkspaceScope,
}

impl FromRequest for Tenant {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        asking::caller(request, async |request| {
            let caller = Caller::authenticated(request).await?;
            let (ctx, gate) = (caller.call().clone(), gate(request)?);
            let entered = Self::entering(request, caller, None).await;
            // The quota of a workspace is told to its members only; who is refused has called all the same.
            let workspace = entered.as_ref().ok().map(|tenant| tenant.scope.workspace());
            gate.throttle.caller(request, &ctx, workspace).await?;
            entered
        })
    }
}

impl Tenant {
    /// The caller in the workspace of the request, for routes whose body may name it, too: `in_body` comes after the
    /// other places and must agree with them.
    ///
    /// # Errors
    /// As the extractor.
    pub async fn entering(
        request: &HttpRequest,
        caller: Caller,
        in_body: Option<WorkspaceId>,
    ) -> Result<Self, Problem> {
        let wanted = agreed([named(request)?, in_body])?;
        let mut tenant = match caller {
            Caller::Person(user) => Self::of_person(request, user, wanted).await?,
            Caller::Program(program) => Self::of_program(program, wanted)?,
        };
        if let Some(arrival) = Arrival::of(request) {
            arrival.workspace.set(Some(tenant.scope.workspace()));
        }
        if let Some(key) = &mut tenant.ctx.idempotency {
            idempotency::rebind(request, key, &owner_in(&tenant.scope));
        }
        refusals::entered(request, &tenant.ctx, tenant.scope);
        Ok(tenant)
    }

    async fn of_person(
        request: &HttpRequest,
        user: User,
        wanted: Option<WorkspaceId>,
    ) -> Result<Self, Problem> {
        let gate = gate(request)?;
        let workspace = match wanted {
            Some(workspace) => workspace,
            None => {
                let first = gate.first_workspace.first_workspace(&user.scope).await?;
                first.ok_or_else(|| Problem::new(&codes::NO_WORKSPACE))?
            }
        };
        let scope = WorkspaceScope::authorise(gate.memberships.as_ref(), &user.ctx, workspace).await?;
        Ok(Self { ctx: user.ctx, scope })
    }

    fn of_program(program: Program, wanted: Option<WorkspaceId>) -> Result<Self, Problem> {
        let Program { ctx, scope } = program;
        if wanted.is_some_and(|wanted| wanted != scope.workspace()) {
            return Err(ScopeError::NotAMember.into());
        }
        Ok(Self { ctx, scope })
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
        owner_in(&self.scope)
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

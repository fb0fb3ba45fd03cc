//! What a member or a key was refused in a workspace is written into the workspace's trail, in one place for every
//! route: whoever has proven membership and gets 403 for a role or a scope they lack.

use super::arrival::Arrival;
use super::problem::Problem;
use crate::wiring::Services;
use actix_web::{HttpMessage, HttpRequest, web};
use kernel::{CallContext, WorkspaceScope, code};
use workspace::services::Refusal;

/// The caller and their proof of membership, kept with the request until it is answered.
#[derive(Clone)]
struct Entered {
    ctx: CallContext,
    scope: WorkspaceScope,
}

/// Notes that the request's caller is in the workspace.
pub(super) fn entered(request: &HttpRequest, ctx: &CallContext, scope: WorkspaceScope) {
    request.extensions_mut().insert(Entered { ctx: ctx.clone(), scope });
}

/// Writes the refusal down when the problem is one. The answer waits for it and stays what it is, whatever comes of it.
pub(super) async fn note(request: &HttpRequest, arrival: &Arrival, problem: &Problem) {
    let refusals = [code::FORBIDDEN.name, code::INSUFFICIENT_SCOPE.name];
    if !refusals.contains(&problem.code().name) {
        return;
    }
    let (entered, services) =
        (request.extensions().get::<Entered>().cloned(), request.app_data::<web::Data<Services>>());
    let (Some(Entered { ctx, scope }), Some(services)) = (entered, services) else { return };
    let refusal = Refusal {
        operation: format!("{} {}", arrival.method, arrival.route.template),
        code: problem.code().name,
        reason: problem.reason().to_owned(),
    };
    let audit = services.audit.clone();
    // In a task of its own: a client who hangs up must not get around the trail.
    let noted = actix_web::rt::spawn(async move { audit.note_refusal(&ctx, &scope, &refusal).await }).await;
    let error = match noted {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(stopped) => stopped.to_string(),
    };
    tracing::error!(
        correlation_id = arrival.correlation_id.as_str(),
        error,
        "a refusal could not be written into the trail"
    );
}

//! `GET /api/v1/auth/sessions` and `DELETE /api/v1/auth/sessions/{session_id}`.

use crate::http::{
    caller::User,
    listing::{Listing, PageBody, PageParams},
    path::PathId,
    problem::Problem,
    reply::{Answer, NoContent},
};
use crate::wiring::Services;
use actix_web::{delete, get, web};
use identity::Session;
use kernel::SessionId;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One login on one device.
#[derive(Serialize, ToSchema)]
#[schema(as = LoginSession)]
struct SessionBody {
    id: Uuid,
    /// Whether it makes this call.
    current: bool,
    /// Where the login came from, when that is known.
    address: Option<String>,
    /// What the client called itself.
    user_agent: Option<String>,
    /// The login.
    #[schema(format = DateTime)]
    created_at: String,
    /// The last refresh; after 14 days without one the session is over.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When it is over whatever happens.
    #[schema(format = DateTime)]
    expires_at: String,
}

impl SessionBody {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.uuid(),
            current: Some(session.id) == current,
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent,
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            expires_at: session.expires_at.to_string(),
        }
    }
}

/// Where am I logged in? The latest login first; sessions that are over are left out.
#[utoipa::path(tag = "auth", operation_id = "list_sessions", params(PageParams),
    responses((status = 200, body = PageBody<SessionBody>)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions"]))))]
#[get("/api/v1/auth/sessions")]
pub(super) async fn list_sessions(
    services: web::Data<Services>,
    user: User,
    list: Listing,
) -> Answer<PageBody<SessionBody>> {
    let page = services.sessions.list(&user.scope, &list.page(&user)?).await?;
    let current = user.login.session;
    Ok(list.answer(&user, page.map(|session| SessionBody::of(session, current))))
}

/// End one of my sessions: its tokens fail from the next call on.
///
/// The session that makes the call may end itself. One that is over, or another person's, is like an unknown one.
#[utoipa::path(tag = "auth", operation_id = "end_session", responses((status = 204)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["sessions"])),
        ("x-writes" = json!(["sessions", "events"]))))]
#[delete("/api/v1/auth/sessions/{session_id}")]
pub(super) async fn end_session(
    services: web::Data<Services>,
    user: User,
    session: PathId<SessionId>,
) -> Result<NoContent, Problem> {
    services.sessions.end(&user.ctx, &user.login, session.0).await?;
    Ok(NoContent)
}

//! The audit trail: a workspace's for its admins, everybody's for administrators of the platform.

mod export;
mod filter;
mod list;
mod platform;
mod table;

use super::routes::Routes;
use kernel::AuditEntry;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(list::list_audit_logs).add(export::export_audit_logs).add(platform::list_platform_audit_logs);
}

/// A fact of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEntryBody {
    id: Uuid,
    /// Its place in the trail of its workspace or person, from 1 without gaps.
    number: i64,
    /// Its type, such as `campaign.created`.
    action: String,
    actor: AuditActor,
    subject: AuditSubject,
    /// `null` for a person's own affairs.
    workspace_id: Option<Uuid>,
    /// Whose own trail it belongs to, when it belongs to no workspace.
    user_id: Option<Uuid>,
    /// What else is known of it; its shape follows from the type.
    #[schema(value_type = Object)]
    payload: serde_json::Value,
    /// Where the call came from; `null` for the system's own, and once the person was erased.
    address: Option<String>,
    /// What the client called itself.
    user_agent: Option<String>,
    /// The call; `X-Correlation-Id` of its answer.
    correlation_id: String,
    #[schema(format = DateTime)]
    occurred_at: String,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
struct AuditActor {
    /// `user`, `api_key`, `anonymous` or `system`.
    kind: &'static str,
    id: Option<Uuid>,
}

/// What it is about.
#[derive(Debug, Serialize, ToSchema)]
struct AuditSubject {
    /// Such as `campaign`.
    kind: String,
    id: Uuid,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(AuditEntry { event, address, user_agent }: AuditEntry) -> Self {
        Self {
            id: event.id.uuid(),
            number: event.number,
            action: event.event_type,
            actor: AuditActor { kind: event.actor.kind(), id: event.actor.id() },
            subject: AuditSubject { kind: event.subject_kind, id: event.subject_id },
            workspace_id: event.workspace_id.map(kernel::WorkspaceId::uuid),
            user_id: event.user_id.map(kernel::UserId::uuid),
            payload: event.payload,
            address: address.map(|address| address.to_string()),
            user_agent,
            correlation_id: event.correlation_id.to_string(),
            occurred_at: event.timestamp.to_string(),
        }
    }
}

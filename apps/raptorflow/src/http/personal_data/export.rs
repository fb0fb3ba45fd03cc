//! `GET /api/v1/users/me/export`.

use crate::http::{
    caller::User,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, web};
use identity::services::Export;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use utoipa::ToSchema;

/// A document, or the promise of one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum ExportBody {
    /// One member per part of the product that holds something: `account`, `profile`, `sessions`, `memberships`, …,
    /// `trail`.
    #[schema(value_type = Object)]
    Ready(Value),
    /// It is being put together.
    Preparing(PreparingBody),
}

/// What is answered meanwhile.
#[derive(Debug, Serialize, ToSchema)]
struct PreparingBody {
    /// Always `preparing`.
    status: &'static str,
}

/// Everything that is held of the caller (GDPR, articles 15 and 20).
///
/// Names of secrets, never their values. A long trail takes a while: then the answer is 202, and the same request gets
/// the document when it is there, for a day. Each export is a fact of the person's own trail (`user.exported`).
#[utoipa::path(tag = "users", operation_id = "export_me",
    responses((status = 200, body = ExportBody), (status = 202, body = PreparingBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["users", "profiles", "sessions", "mfa_factors",
        "user_secrets", "memberships", "invitations", "api_keys", "workspaces", "events", "person_exports"])), ("x-writes" = json!(["events", "jobs"]))))]
#[get("/api/v1/users/me/export")]
pub(super) async fn export_me(services: web::Data<Services>, user: User) -> Answer<ExportBody> {
    Ok(match services.personal_data.export(&user.ctx).await? {
        Export::Ready(document) => Reply::ok(ExportBody::Ready(document)),
        Export::Preparing => {
            let preparing = PreparingBody { status: "preparing" };
            Reply::accepted(ExportBody::Preparing(preparing)).retry_after(Duration::from_secs(5))
        }
    })
}

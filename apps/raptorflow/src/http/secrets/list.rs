//! `GET /api/v1/users/me/secrets`.

use crate::http::{
    caller::User,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{get, web};
use identity::SecretEntry;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
struct SecretsBody {
    /// By name; at most 50.
    items: Vec<SecretBody>,
}

/// A secret without its value.
#[derive(Serialize, ToSchema)]
struct SecretBody {
    name: String,
    /// When it was first set.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last set.
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<SecretEntry> for SecretBody {
    fn from(entry: SecretEntry) -> Self {
        Self {
            name: entry.name.to_string(),
            created_at: entry.created_at.to_string(),
            updated_at: entry.updated_at.to_string(),
        }
    }
}

/// List my secrets: their names, never their values.
#[utoipa::path(tag = "users", operation_id = "list_secrets", responses((status = 200, body = SecretsBody)),
    extensions(("x-access" = json!("user")), ("x-reads" = json!(["user_secrets"]))))]
#[get("/api/v1/users/me/secrets")]
pub(super) async fn list_secrets(services: web::Data<Services>, user: User) -> Answer<SecretsBody> {
    let secrets = services.secrets.list(&user.scope).await?;
    Ok(Reply::ok(SecretsBody { items: secrets.into_iter().map(Into::into).collect() }))
}

//! `POST /api/v1/workspaces/{workspace_id}/api-keys`.

use crate::http::{
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
    schema::list_of,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use kernel::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{ToSchema, openapi::schema::ArrayBuilder};
use uuid::Uuid;
use workspace::{IssuedKey, services::CreateApiKey};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    /// What the program is, 1 to 80 characters.
    #[schema(format = "api-key-name")]
    name: String,
    /// What it may do, such as `campaigns:read`; writing does not include reading. `x-scope` of an operation names the one
    /// that it needs.
    #[schema(schema_with = scopes)]
    scopes: Vec<String>,
    /// A year from now at most; 90 days from now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn scopes() -> ArrayBuilder {
    list_of("api-key-scope", 100)
}

#[derive(Serialize, ToSchema)]
struct IssuedApiKey {
    id: Uuid,
    name: String,
    /// How the key begins.
    prefix: String,
    /// The key itself, for `X-API-Key` or `Authorization: Bearer`. Keep it: it is shown here only.
    key: String,
    scopes: Vec<String>,
    #[schema(format = DateTime)]
    expires_at: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<IssuedKey> for IssuedApiKey {
    fn from(issued: IssuedKey) -> Self {
        let IssuedKey { key, text } = issued;
        Self {
            id: key.id.uuid(),
            name: key.name,
            prefix: key.prefix,
            key: text.expose_secret().to_owned(),
            scopes: key.scopes.into(),
            expires_at: key.expires_at.to_string(),
            created_at: key.created_at.to_string(),
        }
    }
}

/// Make an API key for a program.
///
/// It acts in this workspace with your present role, as an admin at most, and ends when you leave. The key is in this
/// answer and in no other one, but for a repetition with the same `Idempotency-Key`. Answers 409 `too_many_api_keys` when
/// 50 are live.
#[utoipa::path(tag = "api_keys", operation_id = "create_api_key", params(IdempotencyKeyHeader), request_body = NewApiKey,
    responses((status = 201, body = IssuedApiKey)),
    extensions(("x-access" = json!("admin")), ("x-reads" = json!(["api_keys"])),
        ("x-writes" = json!(["api_keys", "events", "idempotency_records"]))))]
#[post("/api/v1/workspaces/{workspace_id}/api-keys")]
pub(super) async fn create_api_key(
    services: web::Data<Services>,
    sent: Sent<Tenant, NewApiKey>,
) -> Answer<IssuedApiKey> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let new = CreateApiKey { name: body.name, scopes: body.scopes, expires_at: body.expires_at };
    let issued = services.api_keys.create(&ctx, &scope, new).await?;
    Ok(Reply::created(issued.into()))
}

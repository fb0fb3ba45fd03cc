//! `GET /api/v1/ai/providers`, and `PUT` and `DELETE /api/v1/ai/providers/{provider}/key`.

use crate::http::{
    body::Sent,
    problem::Problem,
    reply::{Answer, NoContent, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{delete, get, put, web};
use agents::services::{KeyView, ProviderView};
use kernel::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Providers)]
struct ProvidersBody {
    items: Vec<ProviderBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Provider)]
struct ProviderBody {
    name: &'static str,
    /// Whether this workspace can ask it: with the key that it was lent, else with the installation's key or account.
    configured: bool,
    /// The key that the workspace was lent; `null` while the installation's counts. One that can't be used (its secret is
    /// removed, or its lender gone from the workspace) leaves the provider not configured.
    #[schema(required)]
    key: Option<KeyBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ProviderKey)]
struct KeyBody {
    /// Whose secret it is.
    #[schema(value_type = String, format = Uuid)]
    lent_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    lent_at: Timestamp,
}

impl From<KeyView> for KeyBody {
    fn from(KeyView { lent_by, lent_at }: KeyView) -> Self {
        Self { lent_by, lent_at }
    }
}

impl From<ProviderView> for ProviderBody {
    fn from(view: ProviderView) -> Self {
        let name = view.provider.name();
        Self { name, configured: view.is_configured, key: view.key.map(Into::into) }
    }
}

/// List the providers
#[utoipa::path(tag = "ai", operation_id = "list_providers", responses((status = 200, body = ProvidersBody)),
    extensions(("x-access" = json!("member")),
        ("x-reads" = json!(["provider_keys", "memberships", "user_secrets"]))))]
#[get("/api/v1/ai/providers")]
pub(super) async fn list_providers(services: web::Data<Services>, tenant: Tenant) -> Answer<ProvidersBody> {
    let items = services.ai.provider_keys.list(&tenant.scope).await?;
    Ok(Reply::ok(ProvidersBody { items: items.into_iter().map(Into::into).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProviderKeyRequest {
    /// The name of one of your own secrets, as `PUT /api/v1/users/me/secrets/{name}` has set it.
    #[schema(min_length = 1, max_length = 64, example = "openai")]
    secret: String,
}

/// Lend the workspace a key of yours
///
/// From now on the provider is asked with it instead of with the installation's key, by everybody in the workspace; its costs
/// count in the budget as before. The key stays your secret: nobody is shown it, and it works for the workspace as long as you
/// keep it and are a member. Vertex AI takes express keys.
#[utoipa::path(tag = "ai", operation_id = "lend_provider_key", request_body = ProviderKeyRequest,
    params(("provider" = String, Path, description = "`vertex`, `gemini`, `openai`, `anthropic` or `mistral`.")),
    responses((status = 204, description = "It is lent.")),
    extensions(("x-access" = json!("owner")), ("x-reads" = json!(["user_secrets"])),
        ("x-writes" = json!(["provider_keys", "events"]))))]
#[put("/api/v1/ai/providers/{provider}/key")]
pub(super) async fn lend_provider_key(
    services: web::Data<Services>,
    provider: web::Path<String>,
    sent: Sent<Tenant, ProviderKeyRequest>,
) -> Result<NoContent, Problem> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    services.ai.provider_keys.lend(&ctx, &scope, &provider, &body.secret).await?;
    Ok(NoContent)
}

/// Ask a provider with the installation's key again
#[utoipa::path(tag = "ai", operation_id = "withdraw_provider_key",
    params(("provider" = String, Path, description = "The provider's name.")),
    responses((status = 204, description = "The workspace has the key no longer.")),
    extensions(("x-access" = json!("owner")), ("x-reads" = json!(["provider_keys"])),
        ("x-writes" = json!(["provider_keys", "events"]))))]
#[delete("/api/v1/ai/providers/{provider}/key")]
pub(super) async fn withdraw_provider_key(
    services: web::Data<Services>,
    provider: web::Path<String>,
    tenant: Tenant,
) -> Result<NoContent, Problem> {
    services.ai.provider_keys.withdraw(&tenant.ctx, &tenant.scope, &provider).await?;
    Ok(NoContent)
}

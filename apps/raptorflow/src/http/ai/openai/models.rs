use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use agents::services::{AliasView, ModelView};
use kernel::{Date, TimeZone};
use serde::Serialize;
use utoipa::ToSchema;

/// The models that can be asked now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiModels)]
struct ModelsBody {
    object: &'static str,
    data: Vec<ModelBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiModel)]
struct ModelBody {
    /// An alias, or the id of a model.
    id: String,
    object: &'static str,
    /// Since when it is served, in seconds since 1970; 0 where the catalogue does not say.
    created: i64,
    /// The publisher; `raptorflow` of an alias.
    owned_by: &'static str,
}

impl ModelBody {
    fn new(id: &str, owned_by: &'static str, since: Option<Date>) -> Self {
        let created = since.map_or(0, |day| TimeZone::utc().start_of(day).seconds());
        Self { id: id.to_owned(), object: "model", created, owned_by }
    }

    fn of_alias(view: &AliasView) -> Option<Self> {
        view.answers.as_ref().map(|_| Self::new(view.alias.name(), "raptorflow", None))
    }

    fn of_model(view: &ModelView) -> Option<Self> {
        let model = &view.model;
        view.is_available.then(|| Self::new(&model.id, model.publisher.name(), model.valid_from))
    }
}

/// List the models, as `OpenAI`'s clients ask for them
///
/// Aliases and models that can be asked now: their provider is configured, and their price known.
#[utoipa::path(tag = "ai", operation_id = "list_openai_models", responses((status = 200, body = ModelsBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["provider_keys", "memberships", "user_secrets"]))))]
#[get("/v1/models")]
pub(super) async fn list_openai_models(services: web::Data<Services>, tenant: Tenant) -> Answer<ModelsBody> {
    let aliases = services.ai.dispatcher.aliases(&tenant.scope).await?;
    let models = services.ai.dispatcher.models(&tenant.scope).await?;
    let aliases = aliases.iter().filter_map(ModelBody::of_alias);
    let data = aliases.chain(models.iter().filter_map(ModelBody::of_model)).collect();
    Ok(Reply::ok(ModelsBody { object: "list", data }))
}

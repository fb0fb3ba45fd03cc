use crate::http::{
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{get, web};
use agents::{
    dispatch::{ModelKind, Price, Target},
    services::{AliasView, ModelView},
};
use kernel::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What may be asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Models)]
struct ModelsBody {
    /// What each alias stands for, in the order in which they are asked.
    aliases: BTreeMap<&'static str, Vec<String>>,
    items: Vec<ModelBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Model)]
struct ModelBody {
    id: String,
    /// `chat` or `embedding`.
    kind: ModelKindBody,
    /// Who serves it, whether they are configured or not.
    providers: Vec<&'static str>,
    /// Whether it can be asked now: one of them is configured, and its price is known.
    available: bool,
    /// The longest input, in tokens.
    input_tokens: u32,
    /// The longest output, in tokens.
    output_tokens: u32,
    /// The last day on which it is served is the one before.
    #[schema(value_type = Option<String>, format = Date, required)]
    retires_on: Option<Date>,
    /// US dollars per million tokens; `null` when nobody knows, and nobody may call it.
    #[schema(required)]
    price: Option<PriceBody>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelKind)]
enum ModelKindBody {
    Chat,
    Embedding,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ModelPrice)]
struct PriceBody {
    input: String,
    #[schema(required)]
    cache_read: Option<String>,
    #[schema(required)]
    output: Option<String>,
    /// The price list's row, as the ledger names it.
    row: String,
    /// Until this day.
    #[schema(value_type = Option<String>, format = Date, required)]
    valid_to: Option<Date>,
}

impl From<&Price> for PriceBody {
    fn from(price: &Price) -> Self {
        Self {
            input: price.rates.fresh.to_string(),
            cache_read: price.rates.cache_read.map(|rate| rate.to_string()),
            output: price.rates.output.map(|rate| rate.to_string()),
            row: price.name(),
            valid_to: price.valid_to,
        }
    }
}

impl From<ModelView> for ModelBody {
    fn from(view: ModelView) -> Self {
        let ModelView { model, price, is_available } = view;
        Self {
            kind: match model.kind {
                ModelKind::Chat => ModelKindBody::Chat,
                ModelKind::Embedding => ModelKindBody::Embedding,
            },
            providers: model.served_as.keys().map(|provider| provider.name()).collect(),
            available: is_available,
            input_tokens: model.input_tokens,
            output_tokens: model.output_tokens,
            retires_on: model.valid_to,
            price: price.as_ref().map(PriceBody::from),
            id: model.id,
        }
    }
}

/// List the models
///
/// Those that are served today, with what they cost. Models, aliases and prices are dated data of this installation.
#[utoipa::path(tag = "ai", operation_id = "list_models", responses((status = 200, body = ModelsBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["provider_keys", "memberships", "user_secrets"]))))]
#[get("/api/v1/ai/models")]
pub(super) async fn list_models(services: web::Data<Services>, tenant: Tenant) -> Answer<ModelsBody> {
    let targets = |view: &AliasView| view.targets.iter().map(Target::to_string).collect();
    let aliases = services.ai.dispatcher.aliases(&tenant.scope).await?;
    let aliases = aliases.iter().map(|view| (view.alias.name(), targets(view)));
    let items = services.ai.dispatcher.models(&tenant.scope).await?.into_iter().map(ModelBody::from);
    Ok(Reply::ok(ModelsBody { aliases: aliases.collect(), items: items.collect() }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = AiStatus)]
struct StatusBody {
    /// Whether models are asked; else agents answer from their rules, and raw inference with `provider_not_configured`.
    configured: bool,
    /// What answers for each alias today; `null` when nothing does.
    #[schema(value_type = Object)]
    aliases: BTreeMap<&'static str, Option<String>>,
}

/// Say whether models can be asked
#[utoipa::path(tag = "ai", operation_id = "ai_status", responses((status = 200, body = StatusBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["provider_keys", "memberships", "user_secrets"]))))]
#[get("/api/v1/ai/status")]
pub(super) async fn ai_status(services: web::Data<Services>, tenant: Tenant) -> Answer<StatusBody> {
    let aliases = services.ai.dispatcher.aliases(&tenant.scope).await?;
    let first = |view: &AliasView| (view.alias.name(), view.answers.as_ref().map(Target::to_string));
    Ok(Reply::ok(StatusBody {
        configured: aliases.iter().any(|view| view.answers.is_some()),
        aliases: aliases.iter().map(first).collect(),
    }))
}

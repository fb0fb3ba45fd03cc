use crate::http::{
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    problem::{Problem, one_field},
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use agents::dispatch::{Vectors, Wanted};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{PicoUsd, code};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Texts whose vectors are wanted, as `OpenAI`'s clients ask for them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmbeddingRequest)]
#[expect(dead_code, reason = "the ledger knows who asked")]
struct EmbeddingRequest {
    /// The id of an embedding model.
    #[schema(min_length = 1, max_length = 120)]
    model: String,
    input: Texts,
    /// Numbers, or the bytes of little-endian floats of 32 bits in base64.
    encoding_format: Option<Encoding>,
    /// Vectors have the length that their model gives them: anything is refused.
    dimensions: Option<u32>,
    /// Left aside.
    user: Option<String>,
}

/// One text, or many.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EmbeddingInput)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmbeddingEncoding)]
enum Encoding {
    #[default]
    Float,
    Base64,
}

/// Vectors, in the order of the texts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmbeddingList)]
struct EmbeddingsBody {
    object: &'static str,
    data: Vec<EmbeddingBody>,
    model: String,
    usage: UsageBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Embedding)]
struct EmbeddingBody {
    object: &'static str,
    index: usize,
    embedding: VectorBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EmbeddingVector)]
enum VectorBody {
    Floats(Vec<f32>),
    Base64(String),
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmbeddingUsage)]
struct UsageBody {
    prompt_tokens: u64,
    total_tokens: u64,
    /// Not `OpenAI`'s: a decimal number of US dollars, as the ledger has it.
    #[schema(value_type = String, example = "0.000125")]
    cost_usd: PicoUsd,
    /// Not `OpenAI`'s: whether usage and cost are our own count.
    estimated: bool,
}

impl VectorBody {
    fn of(vector: Vec<f32>, encoding: Encoding) -> Self {
        match encoding {
            Encoding::Float => Self::Floats(vector),
            Encoding::Base64 => {
                let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
                Self::Base64(STANDARD.encode(bytes))
            }
        }
    }
}

impl EmbeddingsBody {
    fn of(vectors: Vectors, encoding: Encoding) -> Self {
        let input = vectors.usage.input();
        let body = |(index, vector)| EmbeddingBody {
            object: "embedding",
            index,
            embedding: VectorBody::of(vector, encoding),
        };
        Self {
            object: "list",
            data: vectors.vectors.into_iter().enumerate().map(body).collect(),
            model: vectors.source.model,
            usage: UsageBody {
                prompt_tokens: input,
                total_tokens: input,
                cost_usd: vectors.cost,
                estimated: vectors.is_estimated,
            },
        }
    }
}

/// Make vectors of texts, as `OpenAI`'s clients ask for them
///
/// 250 texts at most, none empty. Within the workspace's AI budget, as every call of a model.
#[utoipa::path(tag = "ai", operation_id = "create_embeddings", request_body = EmbeddingRequest,
    params(IdempotencyKeyHeader),
    responses((status = 200, body = EmbeddingsBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets", "budget_months", "provider_keys", "memberships", "user_secrets"])),
        ("x-writes" = json!(["model_calls", "model_holds", "budget_months"])), ("x-calls" = json!(["models"]))))]
#[post("/v1/embeddings")]
pub(super) async fn create_embeddings(
    services: web::Data<Services>,
    sent: Sent<Tenant, EmbeddingRequest>,
) -> Answer<EmbeddingsBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    if body.dimensions.is_some() {
        let why = "can't be chosen: a vector has the length that its model gives it";
        return Err(Problem::fields(&code::INVALID, one_field("/dimensions", "unsupported", why)));
    }
    let (texts, is_one) = match body.input {
        Texts::One(text) => (vec![text], true),
        Texts::Many(texts) => (texts, false),
    };
    let wanted = Wanted::of(&body.model);
    let vectors = services.ai.dispatcher.embed(&ctx, &scope, &wanted, &texts).await;
    let vectors = vectors.map_err(|refusal| {
        let problem = Problem::from(refusal);
        if is_one { problem.pointing(|pointer| pointer.replace("/input/0", "/input")) } else { problem }
    })?;
    Ok(Reply::ok(EmbeddingsBody::of(vectors, body.encoding_format.unwrap_or_default())))
}

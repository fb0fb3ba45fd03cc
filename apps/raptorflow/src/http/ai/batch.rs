use super::{answer::AnswerBody, ask::Question};
use crate::http::{
    arrival::Arrival,
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    problem::{Problem, status_of},
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, post, web};
use agents::dispatch::Ask;
use kernel::CallContext;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BatchInference {
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<Question>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BatchAnswers)]
struct BatchBody {
    /// In the order of the questions.
    items: Vec<ItemBody>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BatchAnswer)]
struct ItemBody {
    /// Which question, from 0 on.
    index: usize,
    /// As the question alone would be answered with.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<AnswerBody>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    problem: Option<Value>,
}

/// Ask models many questions
///
/// Eight at once; each has its own answer or problem, in the order of the questions. Whoever closes the connection ends those
/// that are under way, and no more are asked. Repeated under an `Idempotency-Key`, those are asked again that had no answer.
#[utoipa::path(tag = "ai", operation_id = "batch_inference", request_body = BatchInference,
    params(IdempotencyKeyHeader),
    responses((status = 200, body = BatchBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets", "budget_months", "provider_keys", "memberships", "user_secrets"])),
        ("x-writes" = json!(["model_calls", "model_holds", "budget_months"])), ("x-calls" = json!(["models"]))))]
#[post("/api/v1/ai/batch-inference")]
pub(super) async fn batch_inference(
    services: web::Data<Services>,
    request: HttpRequest,
    sent: Sent<Tenant, BatchInference>,
) -> Answer<BatchBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let path = Arrival::of(&request).map(|arrival| arrival.path.clone()).unwrap_or_default();
    let asks: Vec<Result<Ask, Problem>> = body.items.into_iter().map(Question::ask_whole).collect();
    let right: Vec<Ask> = asks.iter().flatten().cloned().collect();
    let mut answers = services.ai.dispatcher.batch(&ctx, &scope, &right).await?.into_iter();
    let items = asks.into_iter().enumerate().map(|(index, ask)| {
        let asked = ask.and_then(|ask| {
            let typed = ask.request.schema.is_some();
            let answer = answers.next().ok_or_else(|| Problem::internal("an answer is missing"))?;
            Ok(AnswerBody::of(answer.map_err(Problem::from)?, typed))
        });
        item(index, asked, &ctx, &path)
    });
    Ok(Reply::ok(BatchBody { items: items.collect() }))
}

fn item(index: usize, asked: Result<AnswerBody, Problem>, ctx: &CallContext, path: &str) -> ItemBody {
    match asked {
        Ok(answer) => ItemBody { index, status: 200, result: Some(answer), problem: None },
        Err(problem) => {
            let status = status_of(problem.code()).as_u16();
            let said = serde_json::to_value(problem.body(ctx.correlation_id.as_str(), path)).ok();
            ItemBody { index, status, result: None, problem: said }
        }
    }
}

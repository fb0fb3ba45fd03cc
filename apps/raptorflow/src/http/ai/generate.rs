use super::{answer::AnswerBody, ask::Question, stream};
use crate::http::{
    arrival::Arrival,
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    live::{Places, Protocol},
    problem::Problem,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, Responder, post, web};

/// Ask a model, for an answer in one piece
///
/// Within the workspace's AI budget: the dearest answer is held back before the model is asked, and its true cost counts after.
/// An alias is answered by the first of its models that answers.
#[utoipa::path(tag = "ai", operation_id = "inference", request_body = Question,
    params(IdempotencyKeyHeader),
    responses((status = 200, body = AnswerBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets", "budget_months", "provider_keys", "memberships", "user_secrets"])),
        ("x-writes" = json!(["model_calls", "model_holds", "budget_months"])), ("x-calls" = json!(["models"]))))]
#[post("/api/v1/ai/inference")]
pub(super) async fn inference(
    services: web::Data<Services>,
    sent: Sent<Tenant, Question>,
) -> Answer<AnswerBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let ask = body.ask_whole()?;
    let answer = services.ai.dispatcher.generate(&ctx, &scope, &ask).await?;
    Ok(Reply::ok(AnswerBody::of(answer, ask.request.schema.is_some())))
}

/// Ask a model
///
/// As `POST /api/v1/ai/inference`; with `"stream": true` as server-sent events: `delta` for each piece of `text`, and at the end
/// `answer` with the whole. What fails before the first piece is answered with its status; what fails later is an event
/// `error` with the problem, the last one. Streams are counted with those of facts: `too_many_streams`. Who closes the connection
/// ends the model's work, and pays for what it had said. A stream takes no `Idempotency-Key`.
#[utoipa::path(tag = "ai", operation_id = "generate", request_body = Question,
    params(IdempotencyKeyHeader),
    responses((status = 200, body = AnswerBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets", "budget_months", "provider_keys", "memberships", "user_secrets"])),
        ("x-writes" = json!(["model_calls", "model_holds", "budget_months"])), ("x-calls" = json!(["models"]))))]
#[post("/api/v1/ai/generate")]
pub(super) async fn generate(
    services: web::Data<Services>,
    (request, places): (HttpRequest, web::Data<Places>),
    sent: Sent<Tenant, Question>,
) -> Result<HttpResponse, Problem> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let streams = body.streams();
    let ask = body.ask()?;
    let typed = ask.request.schema.is_some();
    if streams {
        // Before the model is asked: who may open no more streams pays for none.
        let place = places.into_inner().take(ctx.actor, scope.workspace(), Protocol::Sse)?;
        let pieces = services.ai.dispatcher.stream(&ctx, &scope, &ask).await?.pieces;
        let path = Arrival::of(&request).map(|arrival| arrival.path.clone()).unwrap_or_default();
        return Ok(stream::answer(place, pieces, typed, ctx.correlation_id, path));
    }
    let answer = services.ai.dispatcher.generate(&ctx, &scope, &ask).await?;
    Ok(Reply::ok(AnswerBody::of(answer, typed)).respond_to(&request))
}

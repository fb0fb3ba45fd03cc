use super::{chunks::Chunks, completion::Completion, request::ChatRequest};
use crate::http::{
    arrival::Arrival,
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    live::{Places, Protocol},
    problem::Problem,
    reply::Reply,
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{HttpRequest, HttpResponse, Responder, post, web};

/// Ask a model, as `OpenAI`'s clients do
///
/// As `POST /api/v1/ai/generate`, in the words of those clients: base URL `/v1`, and an API key or an access token as the key.
/// `max_tokens`, `stop`, `seed`, `tools`, `tool_choice` and `response_format` reach whichever model answers, as far as it knows
/// them; what only tunes is taken and left aside. Errors are problems with the member `error`. With `"stream": true` as chunks,
/// the last one `[DONE]`; what fails after the first chunk is a chunk with `error`, and no `[DONE]` follows. A stream takes no
/// `Idempotency-Key`.
#[utoipa::path(tag = "ai", operation_id = "create_chat_completion", request_body = ChatRequest,
    params(IdempotencyKeyHeader),
    responses((status = 200, body = Completion)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["budgets", "budget_months", "provider_keys", "memberships", "user_secrets"])),
        ("x-writes" = json!(["model_calls", "model_holds", "budget_months"])), ("x-calls" = json!(["models"]))))]
#[post("/v1/chat/completions")]
pub(super) async fn create_chat_completion(
    services: web::Data<Services>,
    (request, places): (HttpRequest, web::Data<Places>),
    sent: Sent<Tenant, ChatRequest>,
) -> Result<HttpResponse, Problem> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let arrival = Arrival::of(&request).ok_or_else(|| Problem::internal("a request without an arrival"))?;
    let (streams, written) = (body.streams(), body.written());
    let ask = body.ask()?;
    let dispatcher = &services.ai.dispatcher;
    let in_their_words = |refusal| written.of(Problem::from(refusal));
    let Some(tells_usage) = streams else {
        let answer = dispatcher.generate(&ctx, &scope, &ask).await.map_err(in_their_words)?;
        return Ok(Reply::ok(Completion::of(answer)).respond_to(&request));
    };
    // Before the model is asked: who may open no more streams pays for none.
    let place = places.into_inner().take(ctx.actor, scope.workspace(), Protocol::Sse)?;
    let answer = dispatcher.stream(&ctx, &scope, &ask).await.map_err(in_their_words)?;
    Ok(Chunks::new(&answer, &arrival, tells_usage).answer(place, answer.pieces))
}

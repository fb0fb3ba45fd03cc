use super::MoveBody;
use crate::http::body::{Nothing, Sent};
use crate::http::path::PathId;
use crate::http::precondition::{IfMatch, IfMatchHeader};
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{post, web};
use campaign::{Error, Move, MoveResult};
use kernel::MoveId;
use serde::Deserialize;
use utoipa::ToSchema;

/// What came of a move; both may be left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompleteMove {
    /// What happened.
    #[schema(min_length = 1, max_length = 2000)]
    summary: Option<String>,
    /// The reading of the move's measure, in whole units: visits, sign-ups, cents.
    #[schema(minimum = 0)]
    value: Option<i64>,
}

/// Why a move is not going to happen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SkipMove {
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

fn reply(m: Move) -> Reply<MoveBody> {
    let version = m.version;
    Reply::ok(m.into()).version(version)
}

/// Start a move
///
/// From `planned`. The first started move of a campaign that is `planned` makes the campaign `active`.
#[utoipa::path(tag = "moves", operation_id = "start_move", params(IfMatchHeader), request_body = Nothing,
    responses((status = 200, body = MoveBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["moves", "campaigns", "events"]))))]
#[post("/api/v1/moves/{move_id}/start")]
pub(super) async fn start_move(
    services: web::Data<Services>,
    id: PathId<MoveId>,
    expected: IfMatch,
    sent: Sent<Tenant, Nothing>,
) -> Answer<MoveBody> {
    let Tenant { ctx, scope } = sent.caller;
    Ok(reply(services.moves.start(&ctx, &scope, id.0, expected.0).await?))
}

/// Complete a move
///
/// From `planned` or `in_progress`; ticks its tasks off. A campaign that is `planned` becomes `active` by it.
#[utoipa::path(tag = "moves", operation_id = "complete_move", params(IfMatchHeader),
    request_body = CompleteMove, responses((status = 200, body = MoveBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["moves", "campaigns", "events", "daily_wins"]))))]
#[post("/api/v1/moves/{move_id}/complete")]
pub(super) async fn complete_move(
    services: web::Data<Services>,
    id: PathId<MoveId>,
    expected: IfMatch,
    sent: Sent<Tenant, CompleteMove>,
) -> Answer<MoveBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let result = MoveResult::try_new(body.summary.as_deref(), body.value).map_err(Error::from)?;
    Ok(reply(services.moves.complete(&ctx, &scope, id.0, expected.0, result).await?))
}

/// Skip a move
///
/// From `planned` or `in_progress`.
#[utoipa::path(tag = "moves", operation_id = "skip_move", params(IfMatchHeader), request_body = SkipMove,
    responses((status = 200, body = MoveBody)),
    extensions(("x-access" = json!("member")), ("x-writes" = json!(["moves", "events"]))))]
#[post("/api/v1/moves/{move_id}/skip")]
pub(super) async fn skip_move(
    services: web::Data<Services>,
    id: PathId<MoveId>,
    expected: IfMatch,
    sent: Sent<Tenant, SkipMove>,
) -> Answer<MoveBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    let reason = MoveResult::reason(&body.reason).map_err(Error::from)?;
    Ok(reply(services.moves.skip(&ctx, &scope, id.0, expected.0, reason).await?))
}

use super::MoveBody;
use crate::http::path::PathId;
use crate::http::reply::{Answer, Reply};
use crate::http::tenant::Tenant;
use crate::wiring::Services;
use actix_web::{get, web};
use kernel::MoveId;

/// Read a move
#[utoipa::path(tag = "moves", operation_id = "read_move", responses((status = 200, body = MoveBody)),
    extensions(("x-access" = json!("member")), ("x-reads" = json!(["moves"]))))]
#[get("/api/v1/moves/{move_id}")]
pub(super) async fn read_move(
    services: web::Data<Services>,
    tenant: Tenant,
    id: PathId<MoveId>,
) -> Answer<MoveBody> {
    let found = services.moves.get(&tenant.scope, id.0).await?;
    let version = found.version;
    Ok(Reply::ok(found.into()).version(version))
}

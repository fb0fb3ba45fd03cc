//! `POST /api/v1/auth/verify-email/resend`.

use super::{AcceptedBody, AddressRequest};
use crate::http::{
    body::Sent,
    caller::Anyone,
    reply::{Answer, Reply},
};
use crate::wiring::Services;
use actix_web::{post, web};

/// Ask for the verification mail again.
///
/// The answer is the same for an address that is unknown or verified already. At most one such mail goes out in two
/// minutes; the older link stops working.
#[utoipa::path(tag = "auth", operation_id = "resend_verification", request_body = AddressRequest,
    responses((status = 202, body = AcceptedBody)),
    extensions(("x-access" = json!("public")), ("x-reads" = json!(["users"])), ("x-writes" = json!(["jobs"]))))]
#[post("/api/v1/auth/verify-email/resend")]
pub(super) async fn resend_verification(
    services: web::Data<Services>,
    sent: Sent<Anyone, AddressRequest>,
) -> Answer<AcceptedBody> {
    services.accounts.resend_verification(&sent.caller.ctx, &sent.body.email).await?;
    Ok(Reply::accepted(AcceptedBody {}))
}

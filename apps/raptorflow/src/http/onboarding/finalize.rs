//! `POST /api/v1/onboarding/finalize`.

use super::WorkspaceHeader;
use crate::http::{
    bcm::content::{FoundationBody, IcpBody},
    body::Sent,
    idempotency::IdempotencyKeyHeader,
    reply::{Answer, Reply},
    tenant::Tenant,
};
use crate::wiring::Services;
use actix_web::{post, web};
use bcm::{ContextVersion, Foundation, Icp, services::Finalised};
use kernel::OnboardingId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FinalizeOnboarding {
    #[schema(value_type = Uuid)]
    session_id: OnboardingId,
}

/// What was built of the answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FinalizedOnboarding)]
struct FinalizedBody {
    #[schema(value_type = FoundationBody)]
    foundation: Foundation,
    /// The most important first.
    #[schema(value_type = Vec<IcpBody>)]
    icps: Vec<Icp>,
    business_context: BusinessContextRef,
}

/// The version of the business context that finalising made.
#[derive(Debug, Serialize, ToSchema)]
struct BusinessContextRef {
    version: i32,
    hash: String,
    /// How much of what agents use is known.
    #[schema(maximum = 100)]
    completeness: u8,
}

impl From<ContextVersion> for BusinessContextRef {
    fn from(version: ContextVersion) -> Self {
        Self { version: version.number, hash: version.hash, completeness: version.completeness }
    }
}

impl From<Finalised> for FinalizedBody {
    fn from(built: Finalised) -> Self {
        Self { foundation: built.foundation, icps: built.icps, business_context: built.version.into() }
    }
}

/// Build foundation, ICPs and a version of the business context.
///
/// All of it or nothing. A session that was finalised before answers the version of that time and changes nothing.
/// Answers 409 `onboarding_incomplete`, naming the steps, while company, offer and audience are not completed.
#[utoipa::path(tag = "onboarding", operation_id = "finalize_onboarding", params(WorkspaceHeader, IdempotencyKeyHeader),
    request_body = FinalizeOnboarding, responses((status = 200, body = FinalizedBody)),
    extensions(("x-access" = json!("user")),
        ("x-reads" = json!(["onboarding_sessions", "foundations", "icps", "business_contexts", "context_versions"])),
        ("x-writes" = json!(["onboarding_sessions", "foundations", "icps", "business_contexts", "context_versions",
            "events", "idempotency_records"]))))]
#[post("/api/v1/onboarding/finalize")]
pub(super) async fn finalize_onboarding(
    services: web::Data<Services>,
    sent: Sent<Tenant, FinalizeOnboarding>,
) -> Answer<FinalizedBody> {
    let Sent { caller: Tenant { ctx, scope }, body } = sent;
    Ok(Reply::ok(services.finalise.finalise(&ctx, &scope, body.session_id).await?.into()))
}

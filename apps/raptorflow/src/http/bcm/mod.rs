//! The business context, and what it is compiled of: the foundation and the ICPs.

pub(super) mod content;
mod current;
mod foundation;
mod icps;
mod info;
mod integrity;
mod versions;

use super::routes::Routes;
use super::schema::names;
use bcm::{ContextSource, ContextSummary};
use kernel::Actor;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(current::get_business_context)
        .add(info::get_business_context_info)
        .add(versions::list_business_context_versions)
        .add(versions::get_business_context_version)
        .add(integrity::check_business_context_integrity)
        .add(foundation::get_foundation)
        .add(icps::list_icps)
        .add(icps::get_icp);
}

/// A version of the business context without its document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BusinessContextSummary)]
struct SummaryBody {
    /// 1, 2, 3, ...
    version: i32,
    /// SHA-256, hexadecimal, of the canonical JSON of `{document, number, previous_hash}`.
    hash: String,
    /// The hash of the version before; `null` for the first.
    previous_hash: Option<String>,
    #[schema(schema_with = sources)]
    source: ContextSource,
    /// Why it was made, in words.
    reason: String,
    #[schema(inline, value_type = AuthorBody)]
    author: Actor,
    /// How much of what agents use is known, in percent.
    #[schema(maximum = 100)]
    completeness: u8,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<ContextSummary> for SummaryBody {
    fn from(summary: ContextSummary) -> Self {
        Self {
            version: summary.number,
            hash: summary.hash,
            previous_hash: summary.previous_hash,
            source: summary.source,
            reason: summary.reason,
            author: summary.author,
            completeness: summary.completeness,
            created_at: summary.created_at.to_string(),
        }
    }
}

/// What made a version.
fn sources() -> Object {
    names(ContextSource::ALL.map(ContextSource::name))
}

/// Who made a version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the kernel's `Actor`, which knows nothing of OpenAPI")]
struct AuthorBody {
    #[schema(schema_with = author_kinds)]
    kind: String,
    /// The user; absent when it was not a person.
    #[schema(required = false)]
    id: Option<Uuid>,
}

fn author_kinds() -> Object {
    names(["user", "anonymous", "system"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::contract::Contract;
    use kernel::Timestamp;

    #[test]
    fn a_summary_of_any_source_and_author_is_what_the_document_says() {
        let authors = [Actor::User(Uuid::nil().into()), Actor::Anonymous, Actor::System];
        for (source, author) in ContextSource::ALL.into_iter().zip(authors.into_iter().cycle()) {
            let summary = ContextSummary {
                id: Uuid::nil().into(),
                number: 2,
                hash: "b".repeat(64),
                previous_hash: Some("a".repeat(64)),
                source,
                reason: "Prices went up".to_owned(),
                author,
                completeness: 100,
                created_at: Timestamp::from_micros(0),
            };
            let body = serde_json::to_value(SummaryBody::from(summary)).unwrap();
            assert_eq!(Contract::of::<SummaryBody>().broken_by(&body, ""), []);
        }
    }
}

//! What only the domains can judge of a field, so that it is told together with what the schema says: a field names its
//! rule as its `format` (`#[schema(format = "email")]`), and here stands the parser that holds it.

use bcm::{Demand, StepKey, check_answers};
use identity::{Password, PasswordAttempt, Profile};
use kernel::{EmailAddress, FieldErrors, KeyScope, TimeZone, Violation, channels::Vocabulary};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
use workspace::Slug;

/// Answers that onboarding asks for in the step that the member `step` beside them names.
pub(super) const ONBOARDING_ANSWERS: &str = "onboarding-answers";

/// Whether a text is what its format says; `true` for formats that have no rule here.
///
/// # Errors
/// The domain's words.
pub(super) fn text(format: &SchemaFormat, text: &str) -> Result<(), Violation> {
    let name = match format {
        SchemaFormat::KnownFormat(KnownFormat::Password) => "password",
        SchemaFormat::Custom(name) => name.as_str(),
        SchemaFormat::KnownFormat(_) => return Ok(()),
    };
    match name {
        "email" => EmailAddress::parse(text).map(drop),
        "password" => PasswordAttempt::parse(&text.into()).map(drop),
        "new-password" => Password::parse(&text.into()).map(drop),
        "display-name" => Profile::parse_name(Some(text)).map(drop),
        "job-title" => Profile::parse_job_title(Some(text)).map(drop),
        "language" => Profile::parse_locale(Some(text)).map(drop),
        "picture" => Profile::parse_avatar_url(Some(text)).map(drop),
        "time-zone" => TimeZone::parse(text)
            .map(drop)
            .map_err(|error| Violation::new("unknown_time_zone", error.to_string())),
        "api-key-name" => kernel::field::text(text, 1, 80).map(drop),
        "slug" => Slug::parse(text).map(drop),
        "api-key-scope" => KeyScope::parse(text).map(drop).ok_or_else(|| {
            Violation::new("unknown_value", "must be a scope that keys can have, such as campaigns:read")
        }),
        "channel" => Vocabulary::standard()
            .resolve(text)
            .map(drop)
            .ok_or_else(|| Violation::new("unknown_channel", "is not in the channel vocabulary")),
        _ => Ok(()),
    }
}

/// Whether a value is what its format says, where the members beside it decide; pointers begin at the object of both.
///
/// # Errors
/// The domain's words.
pub(super) fn beside(
    format: &SchemaFormat,
    value: &Value,
    members: &Map<String, Value>,
) -> Result<(), FieldErrors> {
    let SchemaFormat::Custom(name) = format else { return Ok(()) };
    let step = members.get("step").and_then(Value::as_str).and_then(StepKey::from_name);
    match (name.as_str(), step) {
        (ONBOARDING_ANSWERS, Some(step)) => check_answers(step, value, Demand::Draft).map(drop),
        // A step that nobody knows is told by itself.
        _ => Ok(()),
    }
}

/// Whether the space around a text belongs to it; of everything else the domains take it away.
pub(super) fn keeps_space(format: Option<&SchemaFormat>) -> bool {
    match format {
        Some(SchemaFormat::KnownFormat(KnownFormat::Password)) => true,
        Some(SchemaFormat::Custom(name)) => matches!(name.as_str(), "new-password" | "slug"),
        _ => false,
    }
}

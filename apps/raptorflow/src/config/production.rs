//! What production refuses, all at once.

use super::database::{DatabaseUrl, is_this_machine};
use super::reader::Reader;
use super::settings::{LATER, SETTINGS};
use super::{Config, Delivery, Environment};
use reqwest::Url;

/// Notes everything that a production process must not start with.
pub(super) fn refuse(reader: &mut Reader<'_>) {
    let single = reader.flag("ALLOW_SINGLE_NODE").unwrap_or(false);
    missing(reader, single);
    if reader.flag("DEBUG") == Some(true) {
        reader.problem("DEBUG", "must be off in production");
    }
    if reader.given("CORS_ORIGINS").is_some_and(|origins| origins.split(',').any(|o| o.trim() == "*")) {
        reader.problem("CORS_ORIGINS", "must name origins in production, not *");
    }
    let on_sqlite = reader.given("DATABASE_URL").is_some_and(|url| url.starts_with("sqlite:"));
    if on_sqlite && !single {
        reader.problem(
            "DATABASE_URL",
            "SQLite serves one process only; production needs ALLOW_SINGLE_NODE=true for it",
        );
    }
    if !reader.flag("ALLOW_PLAINTEXT_NETWORK").unwrap_or(false) {
        plaintext(reader);
    }
}

fn missing(reader: &mut Reader<'_>, single: bool) {
    for setting in SETTINGS.iter().filter(|setting| setting.required_in_production) {
        let excused = single && setting.name == "DATABASE_URL";
        if reader.given(setting.name).is_none() && !excused {
            reader.problem(setting.name, "must be set in production");
        }
    }
    if reader.given("REDIS_URL").is_none() && !single {
        reader.problem("REDIS_URL", "must be set in production, or ALLOW_SINGLE_NODE=true");
    }
    if !single && reader.given("RESEND_API_KEY").or_else(|| reader.given("SMTP_URL")).is_none() {
        reader.problem("RESEND_API_KEY", "must be set in production, or SMTP_URL, or ALLOW_SINGLE_NODE=true");
    }
}

/// Connections that would leave the host unencrypted. (`SMTP_URL` is not among them: where plain words are not allowed,
/// the mailer says nothing to a server that has no `STARTTLS`.)
fn plaintext(reader: &mut Reader<'_>) {
    const REASON: &str =
        "would be unencrypted; use TLS, or ALLOW_PLAINTEXT_NETWORK=true on a private network";
    for name in ["DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_MIGRATION_URL"] {
        let url = reader.given(name).and_then(|text| DatabaseUrl::parse(text).ok());
        if url.is_some_and(|url| url.is_plaintext()) {
            reader.problem(
                name,
                "would be unencrypted; add ?sslmode=verify-full, or ALLOW_PLAINTEXT_NETWORK=true",
            );
        }
    }
    let urls = [
        ("REDIS_URL", "redis"),
        ("PUBLIC_URL", "http"),
        ("APP_URL", "http"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http"),
        ("GOOGLE_VERTEX_BASE_URL", "http"),
        ("GOOGLE_GEMINI_BASE_URL", "http"),
        ("ANTHROPIC_BASE_URL", "http"),
        ("OPENAI_BASE_URL", "http"),
        ("MISTRAL_BASE_URL", "http"),
        ("AI_COMPATIBLE_URL", "http"),
    ];
    for (name, scheme) in urls {
        let url = reader.given(name).and_then(|text| Url::parse(text).ok());
        if url.is_some_and(|url| url.scheme() == scheme && !is_this_machine(&url)) {
            reader.problem(name, REASON);
        }
    }
}

/// What is worth saying about a configuration that starts.
pub(super) fn warnings(reader: &Reader<'_>, config: &Config) -> Vec<String> {
    let unused = LATER.iter().filter(|later| reader.given(later.name).is_some());
    let mut warnings: Vec<String> = unused
        .map(|later| format!("{} has no effect in this build: {}", later.name, later.instead))
        .collect();
    let one_role =
        config.database.system.is_none() && matches!(config.database.app, DatabaseUrl::Postgres(_));
    if one_role {
        warnings.push("DATABASE_SYSTEM_URL is not set: one database role does the work of three".to_owned());
    }
    if !matches!(config.mail.delivery, Delivery::Files) && reader.given("MAIL_FROM").is_none() {
        warnings.push("MAIL_FROM is not set: mail services refuse a sender at localhost".to_owned());
    }
    let account = "GOOGLE_APPLICATION_CREDENTIALS";
    if reader.given("GOOGLE_CLOUD_PROJECT").is_some() && reader.given(account).is_none() {
        warnings.push(format!("GOOGLE_CLOUD_PROJECT has no effect without {account}"));
    }
    if config.environment == Environment::Development && config.http.cors_origins.iter().any(|o| o == "*") {
        warnings.push("CORS_ORIGINS lets every web page call the API".to_owned());
    }
    warnings
}

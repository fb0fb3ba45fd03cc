//! The one place that reads the environment.
//!
//! [`settings::SETTINGS`] is the table of what can be set; [`Config::parse`] makes typed values of it, [`describe`]
//! prints and documents it. Every problem is reported at once, by the variable's name and without secret values.

mod ai;
mod database;
pub mod describe;
mod keys;
mod limits;
mod mail;
mod production;
mod reader;
mod redis;
pub mod settings;
mod supabase;

pub use ai::{AiSettings, Api, VertexSettings};
pub use database::DatabaseUrl;
pub use keys::{EncryptionKey, Secrets};
pub use mail::{Delivery, MailSettings};
pub use reader::{ConfigProblems, Values};
pub use supabase::SupabaseSettings;

use crate::http::{self, address::TrustedProxies, live::StreamLimits, throttle::Limits};
use crypto::SigningKeys;
use kernel::PicoUsd;
use reader::Reader;
use reqwest::Url;
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// Where the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Somebody's machine: convenient defaults.
    Development,
    /// The real thing: unsafe settings are refused.
    Production,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For reading.
    Text,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Levels per module, as `tracing_subscriber::EnvFilter` reads them.
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// How the server meets its clients.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where it listens.
    pub host: String,
    /// On which port; 0 lets the system choose.
    pub port: u16,
    /// Where a worker tells how it does; nowhere when there is none.
    pub worker_port: Option<u16>,
    /// How clients reach it, without a slash at the end.
    pub public_url: String,
    /// Where the client's pages are, without a slash at the end.
    pub app_url: String,
    /// Whose web pages may call; `*` for everybody's.
    pub cors_origins: Vec<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The largest request body in bytes.
    pub body_limit: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How often somebody may call.
    pub limits: Limits,
    /// How many requests are answered at once.
    pub requests_in_flight: usize,
    /// How many streams may be open.
    pub streams: StreamLimits,
}

/// Where the data is.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// The app's access.
    pub app: DatabaseUrl,
    /// The system role's, when it is another.
    pub system: Option<DatabaseUrl>,
    /// The owner role's, when it is another.
    pub migration: Option<DatabaseUrl>,
    /// Most connections of the app's role.
    pub pool_size: u32,
}

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Development or production.
    pub environment: Environment,
    /// Logs.
    pub log: LogSettings,
    /// The server.
    pub http: HttpSettings,
    /// Holds what embedded mode stores.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseSettings,
    /// Redis, when there is one.
    pub redis: Option<redis_adapter::Options>,
    /// Signs tokens and cursors; `None` when embedded mode is to make one ([`Secrets::open`]).
    pub secret_key: Option<SecretString>,
    /// Seals stored secrets; `None` as above.
    pub encryption_keys: Option<Vec<EncryptionKey>>,
    /// Key pairs that sign access tokens; without them the secret key does.
    pub signing_keys: Option<SigningKeys>,
    /// How long an access token is valid.
    pub access_token_lifetime: Duration,
    /// A Supabase project whose access tokens are accepted beside our own.
    pub supabase: Option<SupabaseSettings>,
    /// Mails.
    pub mail: MailSettings,
    /// What operators show in production; without one they are not let in.
    pub operator_token: Option<SecretString>,
    /// The collector of traces and metrics, without a slash at the end.
    pub collector: Option<String>,
    /// The areas that are switched off.
    pub features_off: Vec<&'static str>,
    /// Language models.
    pub ai: AiSettings,
    /// What a workspace may spend on AI in a month, unless less is said elsewhere.
    pub monthly_budget: Option<PicoUsd>,
    /// What is worth saying at the start.
    pub warnings: Vec<String>,
}

impl Config {
    /// Makes typed values of the environment's.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn parse(values: &Values) -> Result<Self, ConfigProblems> {
        let mut reader = Reader::new(values);
        let environments =
            [("development", Environment::Development), ("production", Environment::Production)];
        let environment = reader.choice("ENVIRONMENT", &environments);
        let config = read(&mut reader, environment.unwrap_or(Environment::Development));
        if environment == Some(Environment::Production) {
            production::refuse(&mut reader);
        }
        let warnings = config.as_ref().map(|config| production::warnings(&reader, config));
        let mut config = reader.finish(config)?;
        config.warnings = warnings.unwrap_or_default();
        config.warnings.extend(reader::slips(values));
        Ok(config)
    }

    /// Whether unsafe settings were refused.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }
}

/// Reads every field before it gives up, so that each problem is noted.
fn read(reader: &mut Reader<'_>, environment: Environment) -> Option<Config> {
    let log = log(reader, environment);
    let http = http(reader);
    let data_dir = reader.text("DATA_DIR").map(PathBuf::from);
    let database = database(reader, data_dir.as_ref());
    let redis = redis::read(reader);
    let secret_key = reader.parse("SECRET_KEY", |text| match keys::weakness(text) {
        Some(weakness) => Err(weakness.to_owned()),
        None => Ok(SecretString::from(text)),
    });
    let encryption_keys = reader.parse("ENCRYPTION_KEYS", keys::encryption_keys);
    let signing_keys = reader.parse("JWT_SIGNING_KEYS", SigningKeys::parse);
    let minutes = reader.number("JWT_EXPIRE_MINUTES", 1..=1440_u64);
    let supabase = supabase::read(reader);
    let mail = mail::read(reader);
    let ai = ai::read(reader);
    let monthly_budget = reader.parse("MONTHLY_WORKSPACE_BUDGET_USD", |text| {
        text.parse().map_err(|error: kernel::NotUsd| error.to_string())
    });
    let collector = reader.parse("OTEL_EXPORTER_OTLP_ENDPOINT", base_url);
    let features_off = reader.parse("FEATURES", http::features::parse);
    let operator_token = reader.parse("OPERATOR_TOKEN", keys::operator_token);
    reader.flag("ALLOW_SINGLE_NODE");
    Some(Config {
        environment,
        log: log?,
        http: http?,
        data_dir: data_dir?,
        database: database?,
        redis,
        secret_key,
        encryption_keys,
        signing_keys,
        access_token_lifetime: Duration::from_secs(minutes? * 60),
        supabase,
        mail: mail?,
        operator_token,
        collector,
        features_off: features_off.unwrap_or_default(),
        ai: ai?,
        monthly_budget,
        warnings: Vec::new(),
    })
}

fn log(reader: &mut Reader<'_>, environment: Environment) -> Option<LogSettings> {
    let debug = reader.flag("DEBUG");
    let levels = ["error", "warn", "info", "debug", "trace"].map(|level| (level, level));
    let level = reader.choice("LOG_LEVEL", &levels);
    let formats = [("auto", None), ("json", Some(LogFormat::Json)), ("text", Some(LogFormat::Text))];
    let format = reader.choice("LOG_FORMAT", &formats)?;
    let usual = if environment == Environment::Production { LogFormat::Json } else { LogFormat::Text };
    let level = match (debug?, level?) {
        (true, level) if level != "trace" => "debug",
        (_, level) => level,
    };
    // Below debug the server's own machinery drowns what the product says.
    let filter = format!("{level},actix_server=warn,actix_http=warn,h2=warn,hyper=warn");
    Some(LogSettings { filter, format: format.unwrap_or(usual) })
}

fn http(reader: &mut Reader<'_>) -> Option<HttpSettings> {
    let host = reader.text("HOST").map(ToOwned::to_owned);
    let port = reader.number("PORT", 0..=65535_u16);
    let worker_port = reader.number("WORKER_PORT", 0..=65535_u16);
    let public_url = reader.parse("PUBLIC_URL", base_url);
    let app_url = reader.parse("APP_URL", base_url);
    let here =
        port.filter(|_| reader.given("PUBLIC_URL").is_none()).map(|port| format!("http://localhost:{port}"));
    let cors_origins = reader.parse("CORS_ORIGINS", origins);
    let proxies = reader.parse("TRUSTED_PROXIES", TrustedProxies::parse);
    let body_limit = reader.number("BODY_LIMIT", 1024..=16_777_216_usize);
    let timeout = reader.number("REQUEST_TIMEOUT_SECONDS", 1..=600_u64);
    let limits = limits::read(reader);
    let requests_in_flight = reader.number("REQUESTS_IN_FLIGHT", 1..=100_000_usize);
    let streams = limits::streams(reader);
    let public_url = public_url.or(here)?;
    Some(HttpSettings {
        host: host?,
        port: port?,
        worker_port,
        app_url: app_url.unwrap_or_else(|| public_url.clone()),
        public_url,
        cors_origins: cors_origins?,
        trusted_proxies: proxies.unwrap_or_default(),
        body_limit: body_limit?,
        request_timeout: Duration::from_secs(timeout?),
        limits: limits?,
        requests_in_flight: requests_in_flight?,
        streams: streams?,
    })
}

/// What links start with: no query, no fragment, no slash at the end.
fn base_url(text: &str) -> Result<String, String> {
    let web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let plain = web && !text.contains(['?', '#']);
    plain.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(|| "must be an http(s) URL".to_owned())
}

/// Origins are scheme, host and port, nothing behind: `https://app.example`.
fn origins(text: &str) -> Result<Vec<String>, String> {
    let list = text.split(',').map(|origin| origin.trim().trim_end_matches('/')).filter(|o| !o.is_empty());
    list.map(|origin| match Url::parse(origin) {
        _ if origin == "*" => Ok(origin.to_owned()),
        Ok(url) if url.origin().ascii_serialization() == origin.to_ascii_lowercase() => {
            Ok(origin.to_ascii_lowercase())
        }
        _ => Err("must list origins such as https://app.example, separated by commas".to_owned()),
    })
    .collect()
}

fn database(reader: &mut Reader<'_>, data_dir: Option<&PathBuf>) -> Option<DatabaseSettings> {
    let given = reader.given("DATABASE_URL").is_some();
    let app = reader.parse("DATABASE_URL", DatabaseUrl::parse);
    let postgres = |text: &str| match DatabaseUrl::parse(text)? {
        DatabaseUrl::Sqlite(_) => Err("must be a postgres URL; SQLite has no roles".to_owned()),
        url @ DatabaseUrl::Postgres(_) => Ok(url),
    };
    let system = reader.parse("DATABASE_SYSTEM_URL", postgres);
    let migration = reader.parse("DATABASE_MIGRATION_URL", postgres);
    let pool_size = reader.number("DATABASE_POOL_SIZE", 1..=1000_u32);
    let app = if given { app? } else { DatabaseUrl::embedded(data_dir?) };
    Some(DatabaseSettings { app, system, migration, pool_size: pool_size? })
}

/// The process's environment. A value that is not Unicode is read with replacement characters.
#[must_use]
pub fn environment() -> Values {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect()
}

#[cfg(test)]
mod tests;

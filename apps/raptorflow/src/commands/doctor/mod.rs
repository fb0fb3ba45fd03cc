//! `raptorflow doctor`: looks at everything the service depends on and explains what is wrong.

mod clock;
mod smoke;

use crate::{
    application::{Database, check_mail},
    config::{Config, Secrets, Values},
};
use agents::dispatch::Provider;
use anyhow::bail;
use kernel::{SystemClock, SystemRandomness};
use redis_adapter::Redis;
use std::sync::Arc;

/// Prints a line per check.
///
/// # Errors
/// When a check has failed.
pub async fn run(values: &Values) -> anyhow::Result<()> {
    let config = match Config::parse(values) {
        Ok(config) => config,
        Err(problems) => {
            super::print(&line("configuration", &Err(problems.to_string())))?;
            bail!("1 of 1 checks failed");
        }
    };
    let database = Database::of(&config);
    let checks = [
        ("configuration", Ok(warnings(&config))),
        ("secrets", secrets(&config)),
        ("database", migrations(&database).await),
        ("row-level security", row_level_security(&database, &config).await),
        ("clock", clock::run(&config).await),
        ("mail", check_mail(&config, Arc::new(SystemClock)).await),
        ("redis", redis(&config).await),
        ("test event", smoke::run(&config).await),
        ("ai", Ok(ai(&config))),
    ];
    for (name, outcome) in &checks {
        super::print(&line(name, outcome))?;
    }
    let failed = checks.iter().filter(|(_, outcome)| outcome.is_err()).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", checks.len());
    }
    Ok(())
}

fn line(name: &str, outcome: &Result<String, String>) -> String {
    match outcome {
        Ok(found) => format!("ok      {name}: {found}\n"),
        Err(why) => format!("FAILED  {name}: {why}\n"),
    }
}

fn warnings(config: &Config) -> String {
    match config.warnings.as_slice() {
        [] => "every setting is valid".to_owned(),
        warnings => warnings.join("; "),
    }
}

fn secrets(config: &Config) -> Result<String, String> {
    match Secrets::open(config, &SystemRandomness) {
        Ok(_) => Ok("there are keys to sign and to seal with".to_owned()),
        Err(error) => {
            Err(format!("{error:#}. Set SECRET_KEY and ENCRYPTION_KEYS, or make DATA_DIR writable"))
        }
    }
}

/// Providers are not asked, as each question costs money.
fn ai(config: &Config) -> String {
    let configured: Vec<&str> = config.ai.providers().into_iter().map(Provider::name).collect();
    if configured.is_empty() {
        return "no provider is configured; agents answer with their rule-based baseline".to_owned();
    }
    format!("configured, and not asked: {}", configured.join(", "))
}

async fn redis(config: &Config) -> Result<String, String> {
    let Some(options) = &config.redis else {
        return Ok("none is configured; each process limits rates and carries facts by itself".to_owned());
    };
    let redis = Redis::new(options).map_err(|error| error.to_string())?;
    match redis.ping().await {
        Ok(()) => Ok("answers".to_owned()),
        Err(error) => Err(format!("{error}. Is it running, and is REDIS_URL right?")),
    }
}

async fn migrations(database: &Database) -> Result<String, String> {
    if let Database::Sqlite { path, is_default: true } = database
        && !path.exists()
    {
        return Ok(format!("{} will be made at the first start", path.display()));
    }
    match database.pending().await {
        Ok(pending) if pending.is_empty() => {
            Ok(format!("{} answers, its schema is up to date", database.name()))
        }
        Ok(pending) if database.is_embedded() => {
            Ok(format!("{} will be added at the next start", pending.join(", ")))
        }
        Ok(pending) => Err(format!("the schema lacks {}; run `raptorflow migrate`", pending.join(", "))),
        Err(error) => Err(format!("{error}. Is it running, and is DATABASE_URL right?")),
    }
}

async fn row_level_security(database: &Database, config: &Config) -> Result<String, String> {
    use secrecy::ExposeSecret;
    let Database::Postgres { app, shared, .. } = database else {
        return Ok("SQLite has none; every query names its workspace".to_owned());
    };
    if *shared && !config.is_production() {
        return Ok("one URL serves all three roles; each connection takes on the role it needs".to_owned());
    }
    match postgres::role_faults(app.expose_secret()).await {
        Ok(faults) if faults.is_empty() => Ok("binds the app's role on every table".to_owned()),
        Ok(faults) => Err(faults.join("; ")),
        Err(error) => Err(error.to_string()),
    }
}

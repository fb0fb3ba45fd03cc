//! Whether this machine's clock agrees with the database's.

use crate::{
    application::{Application, Database},
    config::Config,
};

/// Asks a database that may be elsewhere.
pub(super) async fn run(config: &Config) -> Result<String, String> {
    let database = Database::of(config);
    if database.is_embedded() {
        return Ok("SQLite has no other than this machine's".to_owned());
    }
    match database.pending().await {
        Ok(pending) if pending.is_empty() => {}
        _ => return Ok("not compared, as the schema is not there".to_owned()),
    }
    let Application { worker, .. } = Application::open(config).await.map_err(|error| format!("{error:#}"))?;
    match worker.clock_skew().await {
        Ok(skew) if skew.is_harmless() => Ok("agrees with the database's".to_owned()),
        Ok(skew) => Err(format!("it is {skew}; let NTP set it, here and there")),
        Err(error) => Err(error.to_string()),
    }
}

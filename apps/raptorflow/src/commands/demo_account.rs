//! An account to log in with at once, for the first look at a server on somebody's own machine.

use super::demo::client::Client;
use crate::{
    application::{outbox, taker_of_mails},
    config::{Config, Delivery, Environment},
};
use anyhow::{Context, ensure};
use kernel::{Randomness, SystemRandomness};
use serde::{Deserialize, Serialize};
use std::{fs, io::Write, path::Path};

/// What is kept in `DATA_DIR/demo-account.json`, which only its owner can read.
#[derive(Serialize, Deserialize)]
struct Account {
    email: String,
    password: String,
}

/// Makes the account the first time and prints how to log in, each time. It is a plain account, made through the API
/// like any other.
///
/// # Errors
/// In production; when the API refuses, or the file can't be written.
pub(super) async fn offer(config: &Config, base: &str) -> anyhow::Result<()> {
    ensure!(config.environment == Environment::Development, "--demo-account is for development only");
    let path = config.data_dir.join("demo-account.json");
    let account = match fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?
        }
        // Whoever makes the account reads its mail in the outbox.
        Err(_) if !matches!(config.mail.delivery, Delivery::Files) => {
            tracing::info!("no demo account is made, as mails go to {}", taker_of_mails(config));
            return Ok(());
        }
        Err(_) => make(config, base, &path).await?,
    };
    super::print(&format!(
        "\nRaptorFlow answers at {base}\n\
         API reference: {base}/docs\n\n\
         Demo account: {email}  {password}\n\
         Log in: curl -s {base}/api/v1/auth/login -H 'content-type: application/json' \
         -d '{{\"email\":\"{email}\",\"password\":\"{password}\"}}'\n\n",
        email = account.email,
        password = account.password,
    ))
}

async fn make(config: &Config, base: &str, path: &Path) -> anyhow::Result<Account> {
    let mut random = [0_u8; 12];
    SystemRandomness.fill(&mut random)?;
    let password = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let account = Account { email: "demo@raptorflow.example".to_owned(), password };
    let mut client = Client::new(base, outbox(config))?;
    client.join(&account.email, &account.password).await.context("the demo account can't be made")?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(&serde_json::to_vec_pretty(&account)?)?;
    Ok(account)
}

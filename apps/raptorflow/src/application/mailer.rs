//! The mailer that the configuration chooses.

use crate::config::{Config, Delivery};
use ::mail::{FileMailer, ResendMailer, SmtpMailer};
use kernel::{Clock, Mailer, SystemRandomness};
use std::{path::PathBuf, sync::Arc};
use web::Breakers;

/// Where mails are written while no mail service is configured.
#[must_use]
pub fn outbox(config: &Config) -> PathBuf {
    config.data_dir.join("outbox")
}

/// Who takes the mails, for people.
#[must_use]
pub fn taker_of_mails(config: &Config) -> String {
    match &config.mail.delivery {
        Delivery::Files => format!("files in {}", outbox(config).display()),
        Delivery::Resend(_) => "Resend".to_owned(),
        Delivery::Smtp(server) => format!("SMTP at {}", server.shown()),
    }
}

pub(super) fn mailer(
    config: &Config,
    clock: Arc<dyn Clock>,
    breakers: &Breakers,
) -> anyhow::Result<Arc<dyn Mailer>> {
    let from = config.mail.from.clone();
    tracing::info!(mail.taker = taker_of_mails(config), "mails are handed over");
    Ok(match &config.mail.delivery {
        Delivery::Files => Arc::new(FileMailer::new(outbox(config), from, clock)),
        Delivery::Resend(key) => Arc::new(ResendMailer::new(ResendMailer::BASE, key, from, clock, breakers)?),
        Delivery::Smtp(server) => Arc::new(SmtpMailer::new(server.clone(), from, clock, breakers)?),
    })
}

/// Whether mails would be taken: asks an SMTP server, and believes in Resend's key, as asking costs a mail.
///
/// # Errors
/// Why not, for people.
pub async fn check_mail(config: &Config, clock: Arc<dyn Clock>) -> Result<String, String> {
    let taker = taker_of_mails(config);
    match &config.mail.delivery {
        Delivery::Files => Ok(taker),
        Delivery::Resend(_) => Ok(format!("{taker} is configured; its key was not tried")),
        Delivery::Smtp(server) => {
            let breakers = Breakers::new(clock.clone(), Arc::new(SystemRandomness));
            let mailer = SmtpMailer::new(server.clone(), config.mail.from.clone(), clock, &breakers);
            let mailer = mailer.map_err(|e| e.to_string())?;
            match mailer.check().await {
                Ok(()) => Ok(format!("{taker} answers and takes the login")),
                Err(error) => Err(format!("{taker}: {error}. Is SMTP_URL right?")),
            }
        }
    }
}

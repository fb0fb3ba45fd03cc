//! Mail to an SMTP server (RFC 5321), which delivers it.

mod fault;
mod line;
mod server;
#[cfg(test)]
mod tests;

pub use server::SmtpServer;

use crate::message::{self, Sender, Way};
use async_trait::async_trait;
use deadpool::{
    Runtime,
    managed::{Object, Pool, PoolError},
};
use fault::Fault;
use kernel::{Clock, Mail, MailError, Mailer, Timestamp};
use lettre::{
    Address,
    transport::smtp::client::{Certificate, TlsParameters},
};
use line::Dialer;
use server::Protection;
use std::{sync::Arc, time::Duration};
use web::{Breaker, Breakers, Failed, Policy};

/// How long the server may take.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Until somebody can be mailed to: connection, encryption, login.
    connect: Duration,
    /// To answer a command.
    command: Duration,
    /// To answer the message itself: servers look for spam then. Whoever hangs up too early may send it twice.
    accept: Duration,
}

impl Patience {
    const USUAL: Self = Self {
        connect: Duration::from_secs(15),
        command: Duration::from_secs(30),
        accept: Duration::from_secs(120),
    };
}

/// Connections at most; mails beyond them wait.
const CONNECTIONS: usize = 4;

/// The server can't be used as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusableSmtp(String);

impl std::fmt::Display for UnusableSmtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the SMTP server can't be used: {}", self.0)
    }
}

impl std::error::Error for UnusableSmtp {}

/// Hands mails to an SMTP server, over a few connections that are kept.
///
/// A mail is *refused* when the server says so for good (5xx) to its recipient or to its text. A connection that breaks
/// after the text was sent leaves open whether it was taken: the mail is sent again then, with the same message id.
#[derive(Clone)]
pub struct SmtpMailer {
    lines: Pool<Dialer>,
    breaker: Breaker,
    from: Sender,
    clock: Arc<dyn Clock>,
}

impl SmtpMailer {
    /// A mailer to this server, whose certificate must be trusted by the operating system. Connects with the first mail.
    ///
    /// # Errors
    /// [`UnusableSmtp`] when no encryption can be set up.
    pub fn new(
        server: SmtpServer,
        from: Sender,
        clock: Arc<dyn Clock>,
        breakers: &Breakers,
    ) -> Result<Self, UnusableSmtp> {
        Self::trusting(None, Patience::USUAL, server, from, clock, breakers)
    }

    /// The same, with one more root certificate to trust.
    fn trusting(
        root: Option<Certificate>,
        patience: Patience,
        server: SmtpServer,
        from: Sender,
        clock: Arc<dyn Clock>,
        breakers: &Breakers,
    ) -> Result<Self, UnusableSmtp> {
        let tls = match server.protection {
            Protection::Local => None,
            Protection::Implicit | Protection::Required | Protection::IfOffered => {
                let builder = TlsParameters::builder(server.host.clone());
                let builder =
                    root.into_iter().fold(builder, |builder, root| builder.add_root_certificate(root));
                Some(builder.build().map_err(|e| UnusableSmtp(e.to_string()))?)
            }
        };
        let lines = Pool::builder(Dialer { server, tls, patience })
            .max_size(CONNECTIONS)
            // Whoever waits waits for somebody else's mail to be taken. deadpool waits for ever by default.
            .wait_timeout(Some(patience.accept))
            .create_timeout(Some(patience.connect))
            .recycle_timeout(Some(patience.connect))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| UnusableSmtp(e.to_string()))?;
        Ok(Self { lines, breaker: breakers.breaker("smtp", Policy::MAIL.breaker), from, clock })
    }

    /// Connects, encrypts and logs in, without sending anything, also while the server is left alone.
    ///
    /// # Errors
    /// [`MailError::Unavailable`].
    pub async fn check(&self) -> Result<(), MailError> {
        self.line().await.map(drop).map_err(|failed| failed.error)
    }

    async fn line(&self) -> Result<Object<Dialer>, Failed<MailError>> {
        self.lines.get().await.map_err(|error| match error {
            PoolError::Backend(fault) => fault.about_us(),
            PoolError::Timeout(_) => Fault::slow("connecting").about_us(),
            other => Failed::refused(MailError::Unavailable(other.to_string())),
        })
    }

    async fn hand_over(&self, mail: &Mail, to: Address, now: Timestamp) -> Result<(), Failed<MailError>> {
        let mut line = self.line().await?;
        let delivered = line.deliver(mail, (&self.from, to), now).await;
        if delivered.is_err() {
            // Out of the pool, which closes it.
            drop(Object::take(line));
        }
        delivered
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let now = self.clock.now();
        message::build(mail, &self.from, now, Way::EightBit)?;
        let to: Address = mail.to.parse().map_err(|_| message::refused("the address is not one"))?;
        if !mail.to.is_ascii() {
            return Err(message::refused("the address is not ASCII"));
        }
        self.breaker.call(self.hand_over(mail, to, now)).await.map_err(crate::unsent)?;
        tracing::info!(mail.key = mail.key, "the SMTP server took a mail");
        Ok(())
    }
}

//! One connection to the server, and how a mail goes over it.

use super::{
    Patience,
    fault::Fault,
    server::{Protection, SmtpServer},
};
use crate::message::{self, Sender, Way};
use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use kernel::{Mail, MailError, Timestamp};
use lettre::{
    Address,
    transport::smtp::{
        self,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands,
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use secrecy::ExposeSecret;
use std::{fmt::Display, time::Duration};
use tokio::time::timeout;
use web::Failed;

/// Connects and logs in.
pub(super) struct Dialer {
    pub(super) server: SmtpServer,
    /// `None` for a server on this machine.
    pub(super) tls: Option<TlsParameters>,
    pub(super) patience: Patience,
}

/// A connection that is logged in.
pub(super) struct Line {
    connection: AsyncSmtpConnection,
    patience: Patience,
    /// Nothing was broken off in the middle, so the next mail can go over it.
    whole: bool,
}

/// A connection that lay idle for longer is made anew: servers hang up after some minutes (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(60);

impl Manager for Dialer {
    type Type = Line;
    type Error = Fault;

    async fn create(&self) -> Result<Line, Fault> {
        match timeout(self.patience.connect, self.dial()).await {
            Ok(line) => line,
            Err(_) => Err(Fault::slow("connecting")),
        }
    }

    async fn recycle(&self, line: &mut Line, metrics: &Metrics) -> RecycleResult<Fault> {
        if !line.whole || metrics.last_used() > IDLE {
            return Err(RecycleError::message("not to be used again"));
        }
        match timeout(self.patience.connect, line.connection.test_connected()).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(RecycleError::message("the server has hung up")),
        }
    }
}

impl Dialer {
    async fn dial(&self) -> Result<Line, Fault> {
        let (server, hello) = (&self.server, ClientId::default());
        let at_once = self.tls.clone().filter(|_| server.protection == Protection::Implicit);
        let place = (server.host.as_str(), server.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(place, Some(self.patience.connect), &hello, at_once, None);
        let mut connection = connecting.await.map_err(|e| Fault::of("connecting", &e))?;
        let starttls = match server.protection {
            Protection::Required => true,
            Protection::IfOffered => connection.can_starttls(),
            Protection::Implicit | Protection::Local => false,
        };
        if let Some(tls) = self.tls.clone().filter(|_| starttls) {
            // Without the extension this fails before anything of ours was said.
            connection.starttls(tls, &hello).await.map_err(|e| Fault::of("STARTTLS", &e))?;
        }
        if let Some((user, password)) = &server.login {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, &login).await.map_err(|e| Fault::of("AUTH", &e))?;
        }
        Ok(Line { connection, patience: self.patience, whole: true })
    }
}

impl Line {
    /// Hands a mail over. After an error, or when it is dropped half way, the line is not to be used again.
    pub(super) async fn deliver(
        &mut self,
        mail: &Mail,
        (from, to): (&Sender, Address),
        at: Timestamp,
    ) -> Result<(), Failed<MailError>> {
        self.whole = false;
        let carries_all = self.connection.server_info().supports_feature(Extension::EightBitMime);
        let way = if carries_all { Way::EightBit } else { Way::SevenBit };
        let bytes = message::build(mail, from, at, way).map_err(Failed::refused)?.formatted();
        let eight_bit = MailParameter::Body(MailBodyParameter::EightBitMime);
        let options = if bytes.is_ascii() { Vec::new() } else { vec![eight_bit] };
        let envelope = commands::Mail::new(Some(from.address().clone()), options);
        self.say("MAIL", envelope).await.map_err(Fault::about_us)?;
        self.say("RCPT", commands::Rcpt::new(to, Vec::new())).await.map_err(Fault::about_the_mail)?;
        self.say("DATA", commands::Data).await.map_err(Fault::about_us)?;
        let accepted = timeout(self.patience.accept, self.connection.message(&bytes)).await;
        judge("the message", accepted).map_err(Fault::about_the_mail)?;
        self.whole = true;
        Ok(())
    }

    async fn say(&mut self, step: &str, command: impl Display) -> Result<(), Fault> {
        judge(step, timeout(self.patience.command, self.connection.command(command)).await)
    }
}

fn judge<T, E>(step: &str, answer: Result<Result<T, smtp::Error>, E>) -> Result<(), Fault> {
    match answer {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Fault::of(step, &error)),
        Err(_) => Err(Fault::slow(step)),
    }
}

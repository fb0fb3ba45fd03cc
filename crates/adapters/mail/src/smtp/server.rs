//! Which server, and how it is reached.

use percent_encoding::percent_decode_str;
use reqwest::Url;
use secrecy::SecretString;
use std::net::IpAddr;

/// How what is said to the server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// `STARTTLS` (RFC 3207), and not a word without it.
    Required,
    /// `STARTTLS` if the server has it.
    IfOffered,
    /// None: nothing leaves this machine.
    Local,
}

/// An SMTP server and the login for it, read from a URL.
#[derive(Clone)]
pub struct SmtpServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    pub(super) login: Option<(String, SecretString)>,
}

impl SmtpServer {
    /// Reads `smtps://user:password@host:port` (TLS from the start, port 465) or `smtp://…` (port 587).
    ///
    /// `smtp` begins in plain words and then MUST be encrypted by `STARTTLS`; only a server on this machine is spoken to
    /// in plain words, and, when `plaintext_allowed`, a server that has no `STARTTLS`.
    ///
    /// # Errors
    /// A reason without the value.
    pub fn parse(url: &str, plaintext_allowed: bool) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|_| "is not a readable URL".to_owned())?;
        let (implicit, usual_port) = match url.scheme() {
            "smtps" => (true, 465),
            "smtp" => (false, 587),
            _ => return Err("must start with smtps:// or smtp://".to_owned()),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("must end with the host and the port; it has no options".to_owned());
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let host = decoded(host.trim_matches(['[', ']']))?;
        let protection = match (implicit, is_this_machine(&host)) {
            (true, _) => Protection::Implicit,
            (false, true) => Protection::Local,
            (false, false) if plaintext_allowed => Protection::IfOffered,
            (false, false) => Protection::Required,
        };
        let login = login(&url)?;
        Ok(Self { host, port: url.port().unwrap_or(usual_port), protection, login })
    }

    /// The server without the login, for logs and people.
    #[must_use]
    pub fn shown(&self) -> String {
        let how = match self.protection {
            Protection::Implicit => "TLS",
            Protection::Required => "STARTTLS",
            Protection::IfOffered => "STARTTLS if it is offered",
            Protection::Local => "plain, on this machine",
        };
        format!("{}:{} ({how})", self.host, self.port)
    }
}

impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpServer({})", self.shown())
    }
}

fn login(url: &Url) -> Result<Option<(String, SecretString)>, String> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err("has a password but no user".to_owned()),
        (_, None | Some("")) => Err("has a user but no password".to_owned()),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?.into()))),
    }
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "has a part that is not UTF-8")?;
    if decoded.contains(char::is_control) {
        return Err("has a part with control characters".to_owned());
    }
    Ok(decoded.into_owned())
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn shown(url: &str) -> String {
        SmtpServer::parse(url, false).unwrap().shown()
    }

    #[test]
    fn the_scheme_and_the_host_say_how_the_connection_is_protected() {
        assert_eq!(shown("smtps://mail.example"), "mail.example:465 (TLS)");
        assert_eq!(shown("smtps://localhost:4650/"), "localhost:4650 (TLS)");
        assert_eq!(shown("smtp://mail.example"), "mail.example:587 (STARTTLS)");
        assert_eq!(shown("smtp://127.0.0.1.evil.example"), "127.0.0.1.evil.example:587 (STARTTLS)");
        for here in ["localhost", "127.0.0.1", "[::1]"] {
            assert!(shown(&format!("smtp://{here}:25")).ends_with(":25 (plain, on this machine)"), "{here}");
        }
        let private = SmtpServer::parse("smtp://mailpit:1025", true).unwrap();
        assert_eq!(private.protection, Protection::IfOffered);
    }

    #[test]
    fn the_login_is_decoded_and_never_shown() {
        let server = SmtpServer::parse("smtps://ada%40mail.example:hun%2Fter2@mail.example", false).unwrap();
        let (user, password) = server.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ada@mail.example", "hun/ter2"));
        assert!(!format!("{server:?} {}", server.shown()).contains("ter2"));
        assert!(SmtpServer::parse("smtps://mail.example", false).unwrap().login.is_none());
    }

    #[test]
    fn what_is_in_doubt_is_refused_without_telling_the_password() {
        for url in [
            "mail.example:587",
            "https://u:hunter2@mail.example",
            "smtp://u:hunter2@",
            "smtp://",
            "smtp://u@mail.example",
            "smtp://u:@mail.example",
            "smtp://:hunter2@mail.example",
            "smtp://u:hunter2@mail.example:port",
            "smtp://u:hunter2@mail.example?tls=none",
            "smtp://u:hunter2@mail.example/path",
            "smtp://u:hunter2%0d%0aQUIT@mail.example",
            "smtp://u:hunter2%ff@mail.example",
        ] {
            let reason = SmtpServer::parse(url, true).expect_err(url);
            assert!(!reason.contains("hunter2"), "{reason}");
        }
    }
}

//! How every connection is opened, encrypted or not.
//!
//! The URL's `sslmode` and `sslrootcert` are read here, the rest is tokio-postgres's:
//!
//! | `sslmode` | connection |
//! | --- | --- |
//! | `require`, `verify-ca`, `verify-full` | TLS; the server's certificate and host name are verified |
//! | absent, `disable`, `allow`, `prefer` | plain |
//!
//! Both rows differ from libpq on purpose. Its `require` accepts any certificate, so that whoever stands between reads
//! along; ours verifies like `verify-full`. Its `prefer` encrypts without verifying where the server can; ours is plain,
//! as verifying would shut out local servers with a self-made certificate, and not verifying protects from nobody.
//!
//! A certificate is trusted when the operating system trusts who issued it (`SSL_CERT_FILE` and `SSL_CERT_DIR` name
//! others), or the PEM file that `sslrootcert` names does. Both are read for each connection, so that a new root needs
//! no restart.

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_native_certs::{CertificateResult, load_native_certs};
use std::{
    borrow::Cow,
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_postgres::{
    Config, NoTls,
    config::{SslMode, SslNegotiation},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Opens a connection.
///
/// # Errors
/// [`ConnectionError::InvalidConnectionUrl`] when the URL says nothing usable, [`ConnectionError::BadConnection`] when
/// the server can't be reached, has no TLS although the URL asks for it, or is not who it should be. The texts hold no
/// password.
pub(crate) async fn connect(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let Target { mut config, tls } = Target::parse(url).map_err(ConnectionError::InvalidConnectionUrl)?;
    let Some(roots) = tls else {
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await.map_err(|e| bad(&e))?;
        return AsyncPgConnection::try_from_client_and_connection(client, connection).await;
    };
    config.ssl_mode(SslMode::Require);
    let direct = config.get_ssl_negotiation() == SslNegotiation::Direct;
    // Files are read, and a hundred certificates.
    let built = tokio::task::spawn_blocking(move || client_config(roots.as_deref(), direct)).await;
    let client_config = built.map_err(|e| bad(&e))?.map_err(ConnectionError::BadConnection)?;
    let (client, connection) =
        config.connect(MakeRustlsConnect::new(client_config)).await.map_err(|e| bad(&e))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// The reasons too: tokio-postgres's own text is "db error" at best.
fn bad(error: &dyn Error) -> ConnectionError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(reason) = source {
        text = format!("{text}: {reason}");
        source = reason.source();
    }
    ConnectionError::BadConnection(text)
}

/// A URL, read.
struct Target {
    config: Config,
    /// Encrypted when there is one: further roots to trust besides the operating system's.
    tls: Option<Option<PathBuf>>,
}

impl Target {
    /// Fails with a reason that holds nothing of the URL but the name of a parameter.
    fn parse(url: &str) -> Result<Self, String> {
        let (mut encrypted, mut roots) = (None, None);
        let (base, query) = split(url)?;
        let mut rest = String::from(base);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) =
                pair.split_once('=').ok_or("the database URL has a parameter without a value")?;
            match &*decoded(key)? {
                "sslmode" => once("sslmode", &mut encrypted, is_encrypted(&decoded(value)?)?)?,
                "sslrootcert" => once("sslrootcert", &mut roots, root_file(&decoded(value)?)?)?,
                _ => {
                    rest.push(if rest.len() == base.len() { '?' } else { '&' });
                    rest.push_str(pair);
                }
            }
        }
        let mut config: Config = rest.parse().map_err(|e| match bad(&e) {
            ConnectionError::BadConnection(text) => text,
            other => other.to_string(),
        })?;
        notice_silence(&mut config);
        Ok(Self { config, tls: encrypted.unwrap_or(false).then_some(roots.flatten()) })
    }
}

/// How long what was sent may stay unacknowledged, and how long nothing may be said before it is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(30);

/// A server that is gone without a word, as a machine that is switched off in a fail-over, would else keep connections
/// for a quarter of an hour, and idle ones for two. What the URL says of it counts.
fn notice_silence(config: &mut Config) {
    let unsaid = Config::new();
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    if config.get_keepalives_idle() == unsaid.get_keepalives_idle() {
        config.keepalives_idle(IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(SILENCE);
    }
}

/// The URL up to its parameters, and these. Where they start must be beyond doubt: tokio-postgres takes all before the
/// first `@` for credentials, others end them at the first `/` or `?`, and would see an `sslmode` that it doesn't.
fn split(url: &str) -> Result<(&str, &str), String> {
    let after_scheme = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let after_scheme = after_scheme.ok_or("the database URL must start with postgres:// or postgresql://")?;
    let credentials = after_scheme.split_once('@').map_or("", |(credentials, _)| credentials);
    if credentials.contains(['/', '?', '#']) {
        return Err("the database URL has a bare / ? # or @ where it must be percent-encoded".to_owned());
    }
    Ok(url.split_once('?').unwrap_or((url, "")))
}

fn is_encrypted(mode: &str) -> Result<bool, String> {
    match mode {
        "require" | "verify-ca" | "verify-full" => Ok(true),
        "disable" | "allow" | "prefer" => Ok(false),
        _ => Err("the database URL's sslmode is unknown; use verify-full, or disable for none".to_owned()),
    }
}

/// As in libpq, `system` is the operating system's, which is trusted anyway.
fn root_file(value: &str) -> Result<Option<PathBuf>, String> {
    match value {
        "" => Err("the database URL's sslrootcert names no file".to_owned()),
        "system" => Ok(None),
        path => Ok(Some(PathBuf::from(path))),
    }
}

/// The first or the last of two would be a guess, and others may guess differently.
fn once<T>(name: &str, slot: &mut Option<T>, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("the database URL has {name} twice")),
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| "a parameter of the database URL is not UTF-8".to_owned())
}

fn client_config(roots: Option<&Path>, direct: bool) -> Result<ClientConfig, String> {
    // The provider is named, as a process-wide default might be set twice.
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(trusted(&load_native_certs(), roots)?)
        .with_no_client_auth();
    if direct {
        // PostgreSQL asks for it where no plain words come first.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

fn trusted(system: &CertificateResult, file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    // One unreadable certificate among the system's only makes its own servers untrusted.
    store.add_parsable_certificates(system.certs.iter().cloned());
    if let Some(file) = file {
        add_file(&mut store, file).map_err(|why| format!("sslrootcert {}: {why}", file.display()))?;
    }
    if store.is_empty() {
        let why: Vec<String> = system.errors.iter().map(ToString::to_string).collect();
        return Err(format!(
            "no root certificate to trust: the operating system has none ({}) and the URL has no sslrootcert",
            why.join("; ")
        ));
    }
    Ok(store)
}

fn add_file(store: &mut RootCertStore, file: &Path) -> Result<(), String> {
    let mut found = false;
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| e.to_string())? {
        store.add(certificate.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        found = true;
    }
    found.then_some(()).ok_or_else(|| "holds no certificate in PEM".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(url: &str) -> Option<Option<PathBuf>> {
        Target::parse(url).unwrap().tls
    }

    #[test]
    fn tls_is_used_when_asked_for_and_else_the_connection_is_plain() {
        for mode in ["require", "verify-ca", "verify-full", "verify%2Dfull"] {
            assert_eq!(tls(&format!("postgres://u:p@h/d?sslmode={mode}")), Some(None), "{mode}");
        }
        for mode in ["disable", "allow", "prefer"] {
            assert_eq!(tls(&format!("postgresql://u:p@h/d?sslmode={mode}&sslrootcert=/ca")), None, "{mode}");
        }
        assert_eq!(tls("postgres://u:p@h/d"), None);
    }

    #[test]
    fn a_root_certificate_is_named_by_its_file_or_left_to_the_system() {
        let named = tls("postgres://h/d?sslrootcert=%2Fetc/my%20ca.pem&sslmode=require");
        assert_eq!(named, Some(Some(PathBuf::from("/etc/my ca.pem"))));
        assert_eq!(tls("postgres://h/d?sslrootcert=system&sslmode=require"), Some(None));
    }

    #[test]
    fn the_other_parameters_reach_the_driver() {
        let url = "postgres://u:p%40ss@h:6000/d?application_name=a%26b&sslmode=verify-full&connect_timeout=7";
        let config = Target::parse(url).unwrap().config;
        assert_eq!(config.get_user(), Some("u"));
        assert_eq!(config.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(config.get_ports(), [6000]);
        assert_eq!(config.get_dbname(), Some("d"));
        assert_eq!(config.get_application_name(), Some("a&b"));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(7)));
    }

    #[test]
    fn a_server_that_is_gone_without_a_word_is_noticed_unless_the_url_says_otherwise() {
        let timings = |url| {
            let config = Target::parse(url).unwrap().config;
            let seconds = |time: Duration| time.as_secs();
            let (silence, interval) = (config.get_tcp_user_timeout(), config.get_keepalives_interval());
            [silence.copied(), Some(config.get_keepalives_idle()), interval].map(|it| it.map(seconds))
        };
        assert_eq!(timings("postgres://h/d"), [Some(5), Some(30), Some(5)]);
        let said = "postgres://h/d?tcp_user_timeout=9&keepalives_idle=8&keepalives_interval=7";
        assert_eq!(timings(said), [Some(9), Some(8), Some(7)]);
    }

    #[test]
    fn what_is_in_doubt_is_refused_without_telling_the_password() {
        for url in [
            "postgres://u:hunter2@h/d?sslmode=verify_full",
            "postgres://u:hunter2@h/d?sslmode=",
            "postgres://u:hunter2@h/d?sslmode=REQUIRE",
            "postgres://u:hunter2@h/d?sslmode=require&sslmode=disable",
            "postgres://u:hunter2@h/d?sslmode=require&ssl%6dode=disable",
            "postgres://u:hunter2@h/d?sslrootcert=&sslmode=require",
            "postgres://u:hunter2@h/d?sslmode=disable#&sslmode=require",
            "postgres://u:hunter2@h/d?sslmode",
            "postgres://u:hunter2@h/d?nonsense=hunter2",
            "postgres://u:hunter2@h:port/d?sslmode=require",
            "postgres://h/d?sslmode=require&password=hunter2&user=a@b",
            "postgres://u:hunter2/x@h/d?sslmode=require",
            "host=h user=u password=hunter2 sslmode=require",
        ] {
            let reason = Target::parse(url).map(|_| ()).expect_err(url);
            assert!(!reason.contains("hunter2"), "{reason}");
        }
    }

    #[test]
    fn without_any_root_the_reason_says_how_to_name_one() {
        assert!(trusted(&CertificateResult::default(), None).unwrap_err().contains("sslrootcert"));
    }

    #[test]
    fn a_file_without_a_certificate_is_no_root() {
        let read = |file: &Path| trusted(&CertificateResult::default(), Some(file));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        assert!(read(&file).unwrap_err().contains("ca.pem"), "there is no such file");
        std::fs::write(&file, "no certificate").unwrap();
        assert!(read(&file).unwrap_err().contains("no certificate in PEM"));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(read(&file).unwrap_err().contains("ca.pem"), "it is broken");
    }
}

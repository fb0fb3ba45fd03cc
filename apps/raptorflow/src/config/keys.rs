//! Secrets: what the operator set, or what embedded mode makes once and keeps in a file only its owner reads.

use super::{Config, Environment};
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Randomness;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// A key that seals stored secrets.
#[derive(Debug, Clone)]
pub struct EncryptionKey {
    /// Names the key in what it sealed.
    pub id: String,
    /// 32 bytes.
    pub key: SecretSlice<u8>,
}

/// The process's secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Signs access tokens and cursors.
    pub secret_key: SecretString,
    /// The first is active, the others still open what they sealed.
    pub encryption_keys: Vec<EncryptionKey>,
}

/// Reads `id:base64,id:base64`.
///
/// # Errors
/// A reason without the value.
pub(super) fn encryption_keys(text: &str) -> Result<Vec<EncryptionKey>, String> {
    let keys: Vec<_> = text.split(',').map(|entry| encryption_key(entry.trim())).collect::<Result<_, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        if keys[..index].iter().any(|earlier| earlier.id == key.id) {
            return Err("names one id twice".to_owned());
        }
    }
    Ok(keys)
}

fn encryption_key(entry: &str) -> Result<EncryptionKey, String> {
    let (id, encoded) = entry.split_once(':').ok_or("each key must be id:base64")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 32 || !id.chars().all(plain) {
        return Err("an id must be 1 to 32 letters, digits, - or _".to_owned());
    }
    let key = STANDARD.decode(encoded).map_err(|_| "a key is not base64")?;
    if key.len() != 32 {
        return Err("a key must be 32 bytes before base64".to_owned());
    }
    Ok(EncryptionKey { id: id.to_owned(), key: key.into() })
}

/// Reads a token that is sent in a header, and must not be guessed.
pub(super) fn operator_token(text: &str) -> Result<SecretString, String> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must be letters, digits and signs without spaces: it is sent in a header".to_owned());
    }
    weakness(text).map_or_else(|| Ok(SecretString::from(text)), |weakness| Err(weakness.to_owned()))
}

/// Why a secret key is no good; `None` for a good one.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    const KNOWN: [&str; 6] = ["changeme", "change-me", "change_me", "your-secret", "secret-key", "secretkey"];
    let lower = secret.to_ascii_lowercase();
    if KNOWN.iter().any(|known| lower.contains(known)) {
        return Some("is a known default; make a random one, such as `openssl rand -base64 48`");
    }
    if secret.len() < 32 {
        return Some("is shorter than 32 bytes");
    }
    let distinct: std::collections::BTreeSet<u8> = secret.bytes().collect();
    (distinct.len() < 8).then_some("repeats too few characters to be random")
}

impl Secrets {
    /// The configured secrets; outside production, those not configured are read from `DATA_DIR/secrets`, which is
    /// made on the first start.
    ///
    /// # Errors
    /// When the file can't be made or read, or holds no secrets.
    pub fn open(config: &Config, randomness: &dyn Randomness) -> anyhow::Result<Self> {
        if let (Some(secret_key), Some(keys)) = (&config.secret_key, &config.encryption_keys) {
            return Ok(Self { secret_key: secret_key.clone(), encryption_keys: keys.clone() });
        }
        ensure!(config.environment == Environment::Development, "production makes no secrets of its own");
        let kept = kept(&config.data_dir, randomness)?;
        Ok(Self {
            secret_key: config.secret_key.clone().unwrap_or(kept.secret_key),
            encryption_keys: config.encryption_keys.clone().unwrap_or(kept.encryption_keys),
        })
    }
}

fn kept(data_dir: &Path, randomness: &dyn Randomness) -> anyhow::Result<Secrets> {
    let path = data_dir.join("secrets");
    match fs::read_to_string(&path) {
        Ok(text) => read(&text.into()).with_context(|| format!("{} is damaged", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(data_dir, &path, randomness)?;
            let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
            read(&text.into())
        }
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

fn read(text: &SecretString) -> anyhow::Result<Secrets> {
    let value = |name: &str| {
        let lines = text.expose_secret().lines();
        lines.filter_map(|line| line.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let (Some(secret_key), Some(keys)) = (value("SECRET_KEY"), value("ENCRYPTION_KEYS")) else {
        bail!("it lacks SECRET_KEY or ENCRYPTION_KEYS");
    };
    ensure!(weakness(secret_key).is_none(), "its SECRET_KEY is weak");
    let encryption_keys = encryption_keys(keys).map_err(anyhow::Error::msg)?;
    Ok(Secrets { secret_key: secret_key.to_owned().into(), encryption_keys })
}

/// Writes the file beside its place and links it there: it appears whole, and of two processes that start at once
/// the first one's stays.
fn make(data_dir: &Path, path: &Path, randomness: &dyn Randomness) -> anyhow::Result<()> {
    fs::create_dir_all(data_dir).with_context(|| format!("can't make {}", data_dir.display()))?;
    let mut random = [0_u8; 72];
    randomness.fill(&mut random)?;
    let (secret, rest) = random.split_at(32);
    let (key, suffix) = rest.split_at(32);
    let text: SecretString =
        format!("SECRET_KEY={}\nENCRYPTION_KEYS=k1:{}\n", STANDARD.encode(secret), STANDARD.encode(key))
            .into();
    let suffix: String = suffix.iter().map(|byte| format!("{byte:02x}")).collect();
    let draft = data_dir.join(format!("secrets.{suffix}"));
    let written = write_private(&draft, &text).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    let removed = fs::remove_file(&draft);
    written.and(removed).with_context(|| format!("can't write {}", path.display()))
}

fn write_private(path: &Path, text: &SecretString) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_all()
}
/// Somebody else's API key.
pub(super) fn api_key(text: &str) -> Result<SecretString, String> {
    let plain = text.bytes().all(|c| c.is_ascii_graphic());
    plain.then(|| SecretString::from(text)).ok_or_else(|| "has characters that no key has".to_owned())
}

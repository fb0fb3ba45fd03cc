//! Sealing what is secret and must be readable again: second factors, people's own provider keys.

use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};

/// A sealed secret as stores keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Which key opens it.
    pub key_id: String,
    /// Never used twice under one key.
    pub nonce: Vec<u8>,
    /// The secret and its authentication tag.
    pub ciphertext: Vec<u8>,
}

/// Why a secret was neither sealed nor opened. Says nothing of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// No key of this id is configured any more.
    #[error("no encryption key has the id `{0}`")]
    UnknownKey(String),
    /// It was sealed for another place, or changed since.
    #[error("the sealed secret does not open here")]
    Broken,
    /// The machine could not.
    #[error("sealing failed: {0}")]
    Failed(String),
}

/// Seals and opens secrets. Cheap and without I/O, hence not async.
pub trait Cipher: Send + Sync {
    /// Seals under the active key. `place` (owner, table, row and field, as [`place`] writes them) is authenticated, so
    /// that a sealed secret that is copied elsewhere does not open there. MUST use a fresh nonce each time.
    ///
    /// # Errors
    /// [`CipherError::Failed`].
    fn seal(&self, secret: &SecretSlice<u8>, place: &str) -> Result<Sealed, CipherError>;
    /// Opens what was sealed for the same place, under the active key or an older one that is still configured.
    ///
    /// # Errors
    /// [`CipherError`].
    fn open(&self, sealed: &Sealed, place: &str) -> Result<SecretSlice<u8>, CipherError>;
    /// The key that [`Self::seal`] uses: what is sealed under another one is due for rotation.
    fn active_key(&self) -> &str;
}

/// The place of a sealed secret: who owns it, and where it is kept.
#[must_use]
pub fn place(owner: uuid::Uuid, table: &str, row: &str, field: &str) -> String {
    format!("{owner}/{table}/{row}/{field}")
}

//! Access tokens as JWTs under key pairs, which others can check without a secret.

use crate::{
    signing_keys::SigningKeys,
    token_form::{AccessTokenSettings, OwnHeader, TokenForm, UnusableSecret, check_length, invalid},
};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use identity::ports::{AccessClaims, AccessToken, AccessTokenError, AccessTokens, PublishedKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, decode_header};
use kernel::{Environment, SessionId, UserId};
use std::collections::BTreeMap;

/// Signs access tokens with one key pair of Ed25519 and accepts those of several, by their names. One algorithm, EdDSA:
/// tokens under the server's secret are not accepted beside them.
#[derive(Clone)]
pub struct EdAccessTokens {
    form: TokenForm,
    header: OwnHeader,
    signing: EncodingKey,
    accepted: BTreeMap<String, Accepted>,
}

#[derive(Clone)]
struct Accepted {
    header: OwnHeader,
    verifying: DecodingKey,
    public: [u8; 32],
}

impl EdAccessTokens {
    /// Tokens under these keys. Signs and verifies one at once.
    ///
    /// # Errors
    /// [`UnusableSecret`].
    pub fn new(
        keys: &SigningKeys,
        settings: AccessTokenSettings,
        env: Environment,
    ) -> Result<Self, UnusableSecret> {
        let form = TokenForm::new(Algorithm::EdDSA, settings, env);
        let (id, pair) = &keys.active;
        let pair = pair.to_pkcs8_der().map_err(|e| {
            UnusableSecret::SelfTest(AccessTokenError::Failed(format!("the key can't be encoded: {e}")))
        })?;
        let accepted = keys.accepted.iter().map(|(id, public)| {
            let public = public.to_bytes();
            let verifying = DecodingKey::from_ed_der(&public);
            (id.clone(), Accepted { header: form.header(Some(id)), verifying, public })
        });
        let accepted = accepted.collect();
        let (header, signing) = (form.header(Some(id)), EncodingKey::from_ed_der(pair.as_bytes()));
        let tokens = Self { form, header, signing, accepted };
        tokens.form.self_test(&tokens)?;
        Ok(tokens)
    }
}

impl AccessTokens for EdAccessTokens {
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError> {
        self.form.issue((&self.header, &self.signing), user, session)
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError> {
        check_length(token)?;
        // Believed for one thing: under which of our own keys the signature is to be checked.
        let header = decode_header(token).map_err(|e| invalid(&e.to_string()))?;
        let known = header.kid.as_ref().and_then(|id| self.accepted.get(id));
        let key = known.ok_or_else(|| invalid("no key of this name"))?;
        self.form.read(token, (&key.header, &key.verifying))
    }

    fn published_keys(&self) -> Vec<PublishedKey> {
        let keys = self.accepted.iter();
        keys.map(|(id, key)| PublishedKey { id: id.clone(), ed25519: key.public }).collect()
    }
}

#[cfg(test)]
mod tests;

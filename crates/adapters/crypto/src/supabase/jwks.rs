//! A set of public keys (RFC 7517), as far as Supabase uses it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A public key and the one algorithm that it is for.
#[derive(Clone)]
pub(super) struct PublicKey {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
pub(super) struct Jwk {
    kid: Option<String>,
    kty: String,
    crv: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// A set that is larger is not a project's.
const MOST_KEYS: usize = 32;
/// Moduli of 2,048 to 4,096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;

impl Jwk {
    /// What a public key of a set may be for.
    pub(super) const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

    /// The key; `None` when it is none that we know, or not for signatures. Lengths are checked here, as the library
    /// takes keys as they come.
    fn key(&self) -> Option<PublicKey> {
        let (algorithm, name, decoding) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => {
                let x = bytes(self.x.as_deref(), 32..=32)?;
                (Algorithm::EdDSA, "EdDSA", DecodingKey::from_ed_der(&x))
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(self.x.as_deref(), 32..=32)?, bytes(self.y.as_deref(), 32..=32)?);
                // Uncompressed point (SEC 1, 2.3.3).
                (Algorithm::ES256, "ES256", DecodingKey::from_ec_der(&[&[4], &x[..], &y[..]].concat()))
            }
            ("RSA", _) => {
                let (n, e) = (bytes(self.n.as_deref(), MODULUS)?, bytes(self.e.as_deref(), 1..=4)?);
                (Algorithm::RS256, "RS256", DecodingKey::from_rsa_raw_components(&n, &e))
            }
            _ => return None,
        };
        let for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let meant = self.alg.as_deref().is_none_or(|alg| alg == name);
        (for_signatures && meant).then_some(PublicKey { algorithm, decoding })
    }
}

fn bytes(text: Option<&str>, length: std::ops::RangeInclusive<usize>) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text?).ok()?;
    length.contains(&bytes.len()).then_some(bytes)
}

/// The keys by their names; those without a name, and those that we don't know, are left out. `None` for what is no set.
pub(super) fn parse(body: &[u8]) -> Option<BTreeMap<String, PublicKey>> {
    let set: Set = serde_json::from_slice(body).ok()?;
    if set.keys.len() > MOST_KEYS {
        return None;
    }
    let keys = set.keys.iter().filter_map(|jwk| Some((jwk.kid.clone()?, jwk.key()?)));
    Some(keys.collect())
}

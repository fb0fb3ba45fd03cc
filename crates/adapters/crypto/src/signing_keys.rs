//! The key pairs of Ed25519 that sign access tokens.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use std::collections::BTreeMap;

/// One key that signs, and all whose tokens are accepted.
///
/// Written as a list `id:base64,id:base64`. What is behind an id is a seed of 32 bytes, or a public key if it is
/// `id:pub:base64`. The first entry signs. Tokens of the others are accepted until their entries are removed, so a new
/// key is first added at the end on every server, then moved to the front, and the old one goes when its last token has
/// expired.
#[derive(Clone)]
pub struct SigningKeys {
    pub(crate) active: (String, SigningKey),
    /// By id; the active one too.
    pub(crate) accepted: BTreeMap<String, VerifyingKey>,
}

enum Entry {
    Pair(SigningKey),
    Public(VerifyingKey),
}

impl SigningKeys {
    /// Reads the list.
    ///
    /// # Errors
    /// A reason without the value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut active, mut accepted) = (None, BTreeMap::new());
        for entry in text.split(',') {
            let (id, entry) = parse_entry(entry.trim())?;
            let public = match &entry {
                Entry::Pair(pair) => pair.verifying_key(),
                Entry::Public(public) => *public,
            };
            if accepted.insert(id.to_owned(), public).is_some() {
                return Err("names one id twice".to_owned());
            }
            match entry {
                Entry::Pair(pair) if active.is_none() => active = Some((id.to_owned(), pair)),
                Entry::Public(_) if active.is_none() => {
                    return Err("must begin with a seed: the first key signs".to_owned());
                }
                Entry::Pair(_) | Entry::Public(_) => {}
            }
        }
        Ok(Self { active: active.ok_or("holds no key")?, accepted })
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&String> = self.accepted.keys().collect();
        f.debug_struct("SigningKeys").field("active", &self.active.0).field("accepted", &ids).finish()
    }
}

fn parse_entry(entry: &str) -> Result<(&str, Entry), String> {
    let (id, rest) = entry.split_once(':').ok_or("each key must be id:base64")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 32 || !id.chars().all(plain) {
        return Err("an id must be 1 to 32 letters, digits, - or _".to_owned());
    }
    let (is_public, encoded) = match rest.strip_prefix("pub:") {
        Some(encoded) => (true, encoded),
        None => (false, rest),
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| "a key is not base64")?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| "a key must be 32 bytes before base64")?;
    if !is_public {
        return Ok((id, Entry::Pair(SigningKey::from_bytes(&bytes))));
    }
    let public = VerifyingKey::from_bytes(&bytes).map_err(|_| "a public key is none of Ed25519")?;
    // Under such a key anybody can make signatures.
    if public.is_weak() { Err("a public key is weak".to_owned()) } else { Ok((id, Entry::Public(public))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    #[test]
    fn the_first_key_signs_and_all_are_accepted() {
        let old = SigningKey::from_bytes(&[3; 32]).verifying_key();
        let text = format!("k2:{}, k1:{},k0:pub:{}", seed(1), seed(2), STANDARD.encode(old.as_bytes()));
        let keys = SigningKeys::parse(&text).unwrap();
        assert_eq!(keys.active.0, "k2");
        assert_eq!(keys.accepted.keys().collect::<Vec<_>>(), ["k0", "k1", "k2"]);
        assert_eq!(keys.accepted["k0"], old);
        let shown = format!("{keys:?}");
        assert!(shown.contains("k2") && !shown.contains(&seed(1)) && !shown.contains("[1, 1"), "{shown}");
    }

    #[test]
    fn what_is_no_list_of_keys_is_refused_without_being_repeated() {
        let (good, short) = (seed(7), STANDARD.encode([7; 31]));
        // The neutral element, and no point of the curve.
        let (weak, none) = (STANDARD.encode([1].iter().chain(&[0; 31]).copied().collect::<Vec<u8>>()), {
            let mut bytes = [0_u8; 32];
            bytes[0] = 2;
            STANDARD.encode(bytes)
        });
        for text in [
            String::new(),
            good.clone(),
            format!("k1:{good},"),
            format!("k1:{good},k1:{good}"),
            format!("k 1:{good}"),
            format!(":{good}"),
            format!("{}:{good}", "k".repeat(33)),
            format!("k1:{short}"),
            format!("k1:pub:{good}"),
            format!("k1:{good},k2:pub:{weak}"),
            format!("k1:{good},k2:pub:{none}"),
            format!("k1:prv:{good}"),
            format!("k1:{}", good.replace('B', "?")),
        ] {
            let reason = SigningKeys::parse(&text).map(|_| ()).expect_err(&text);
            assert!(!reason.contains(&good[..8]), "{reason}");
        }
    }
}

//! Stored secrets, sealed by AES-256-GCM (NIST SP 800-38D).

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use kernel::{Cipher, CipherError, Randomness, Sealed};
use secrecy::{ExposeSecret, SecretSlice};
use std::{collections::BTreeMap, sync::Arc};

/// A key that seals, with the name by which sealed secrets refer to it.
#[derive(Debug, Clone)]
pub struct SealingKey {
    /// Unique among the keys; stored beside what it sealed.
    pub id: String,
    /// 32 bytes.
    pub key: SecretSlice<u8>,
}

/// The keys can't seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKeys {
    /// There is none that could be the active one.
    #[error("there is no key to seal with")]
    None,
    /// Two keys have one id.
    #[error("two keys have the id `{0}`")]
    Twice(String),
    /// AES-256 takes 256 bits, neither more nor fewer.
    #[error("the key `{0}` has not 32 bytes")]
    Length(String),
}

/// Seals under the first of its keys and opens under all of them.
///
/// Nonces are random. The chance that one comes twice stays below 2⁻³² for the first 2³² secrets under one key, which
/// is more than a key of ours ever seals.
#[derive(Clone)]
pub struct AesGcmCipher {
    active: String,
    keys: BTreeMap<String, Aes256Gcm>,
    randomness: Arc<dyn Randomness>,
}

/// Names the keys only.
impl std::fmt::Debug for AesGcmCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AesGcmCipher").field("active", &self.active).finish_non_exhaustive()
    }
}

impl AesGcmCipher {
    /// Bytes of a nonce, as GCM wants them.
    const NONCE: usize = 12;

    /// A cipher under these keys; the first is the active one.
    ///
    /// # Errors
    /// [`UnusableKeys`].
    pub fn new(keys: &[SealingKey], randomness: Arc<dyn Randomness>) -> Result<Self, UnusableKeys> {
        let active = keys.first().ok_or(UnusableKeys::None)?.id.clone();
        let mut known = BTreeMap::new();
        for SealingKey { id, key } in keys {
            let cipher = Aes256Gcm::new_from_slice(key.expose_secret());
            let cipher = cipher.map_err(|_| UnusableKeys::Length(id.clone()))?;
            if known.insert(id.clone(), cipher).is_some() {
                return Err(UnusableKeys::Twice(id.clone()));
            }
        }
        Ok(Self { active, keys: known, randomness })
    }

    fn key(&self, id: &str) -> Result<&Aes256Gcm, CipherError> {
        self.keys.get(id).ok_or_else(|| CipherError::UnknownKey(id.to_owned()))
    }
}

/// What is authenticated beside the secret. The id ends at the NUL, which no id contains.
fn bound_to(key_id: &str, place: &str) -> Vec<u8> {
    [key_id.as_bytes(), &[0], place.as_bytes()].concat()
}

impl Cipher for AesGcmCipher {
    fn seal(&self, secret: &SecretSlice<u8>, place: &str) -> Result<Sealed, CipherError> {
        let mut nonce = [0; Self::NONCE];
        self.randomness.fill(&mut nonce).map_err(|error| CipherError::Failed(error.to_string()))?;
        let bound = bound_to(&self.active, place);
        let payload = Payload { msg: secret.expose_secret(), aad: &bound };
        let ciphertext = self.key(&self.active)?.encrypt(&Nonce::from(nonce), payload);
        let ciphertext = ciphertext.map_err(|_| CipherError::Failed("the secret is too long".to_owned()))?;
        Ok(Sealed { key_id: self.active.clone(), nonce: nonce.to_vec(), ciphertext })
    }

    fn open(&self, sealed: &Sealed, place: &str) -> Result<SecretSlice<u8>, CipherError> {
        let key = self.key(&sealed.key_id)?;
        let nonce: [u8; Self::NONCE] = sealed.nonce.as_slice().try_into().map_err(|_| CipherError::Broken)?;
        let bound = bound_to(&sealed.key_id, place);
        let payload = Payload { msg: &sealed.ciphertext, aad: &bound };
        let opened = key.decrypt(&Nonce::from(nonce), payload).map_err(|_| CipherError::Broken)?;
        Ok(opened.into())
    }

    fn active_key(&self) -> &str {
        &self.active
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{NoRandomness, SystemRandomness};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const PLACE: &str = "ada/mfa_factors/1/secret";

    fn key(id: &str, byte: u8) -> SealingKey {
        SealingKey { id: id.to_owned(), key: vec![byte; 32].into() }
    }

    fn cipher(keys: &[SealingKey]) -> AesGcmCipher {
        AesGcmCipher::new(keys, Arc::new(SystemRandomness)).unwrap()
    }

    fn secret(text: &str) -> SecretSlice<u8> {
        text.as_bytes().to_vec().into()
    }

    fn opened(cipher: &AesGcmCipher, sealed: &Sealed, place: &str) -> Result<Vec<u8>, CipherError> {
        cipher.open(sealed, place).map(|secret| secret.expose_secret().to_vec())
    }

    /// Test case 16 of the GCM specification, as it would be stored.
    #[test]
    fn it_is_the_aes_gcm_of_the_specification() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let key = Aes256Gcm::new_from_slice(&bytes(
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        ));
        let nonce: [u8; 12] = bytes("cafebabefacedbaddecaf888").try_into().unwrap();
        let message = bytes(concat!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        ));
        let bound = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let sealed =
            key.unwrap().encrypt(&Nonce::from(nonce), Payload { msg: &message, aad: &bound }).unwrap();
        let expected = bytes(concat!(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ));
        assert_eq!(sealed, expected);
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let cipher = cipher(&[key("k1", 1)]);
        let sealed = cipher.seal(&secret("sk-live"), PLACE).unwrap();
        assert_eq!((sealed.key_id.as_str(), sealed.nonce.len()), ("k1", 12));
        assert_eq!(opened(&cipher, &sealed, PLACE), Ok(b"sk-live".to_vec()));
        for elsewhere in ["bob/mfa_factors/1/secret", "ada/mfa_factors/2/secret", ""] {
            assert_eq!(opened(&cipher, &sealed, elsewhere), Err(CipherError::Broken), "{elsewhere}");
        }
    }

    #[test]
    fn another_key_id_does_not_open_it_even_when_the_key_is_the_same() {
        let cipher = cipher(&[key("k2", 1), key("k1", 1)]);
        let sealed = cipher.seal(&secret("sk-live"), PLACE).unwrap();
        let renamed = Sealed { key_id: "k1".to_owned(), ..sealed.clone() };
        assert_eq!(opened(&cipher, &renamed, PLACE), Err(CipherError::Broken));
        let unknown = Sealed { key_id: "k0".to_owned(), ..sealed };
        assert_eq!(opened(&cipher, &unknown, PLACE), Err(CipherError::UnknownKey("k0".to_owned())));
    }

    #[test]
    fn the_first_key_seals_and_older_ones_still_open() {
        let old = cipher(&[key("k1", 1)]).seal(&secret("sk-live"), PLACE).unwrap();
        let rotated = cipher(&[key("k2", 2), key("k1", 1)]);
        assert_eq!(opened(&rotated, &old, PLACE), Ok(b"sk-live".to_vec()));
        assert_eq!(rotated.active_key(), "k2");
        let fresh = rotated.seal(&secret("sk-live"), PLACE).unwrap();
        assert_eq!(fresh.key_id, "k2");
        let without = cipher(&[key("k2", 2)]);
        assert_eq!(opened(&without, &old, PLACE), Err(CipherError::UnknownKey("k1".to_owned())));
        assert_eq!(opened(&without, &fresh, PLACE), Ok(b"sk-live".to_vec()));
    }

    #[test]
    fn one_secret_is_sealed_differently_each_time() {
        let cipher = cipher(&[key("k1", 1)]);
        let sealed: Vec<Sealed> =
            (0..1_000).map(|_| cipher.seal(&secret("sk-live"), PLACE).unwrap()).collect();
        let nonces: BTreeSet<&[u8]> = sealed.iter().map(|sealed| sealed.nonce.as_slice()).collect();
        let texts: BTreeSet<&[u8]> = sealed.iter().map(|sealed| sealed.ciphertext.as_slice()).collect();
        assert_eq!((nonces.len(), texts.len()), (1_000, 1_000));
    }

    #[test]
    fn keys_that_can_not_seal_are_refused() {
        let refused = |keys: &[SealingKey]| AesGcmCipher::new(keys, Arc::new(SystemRandomness)).err();
        assert_eq!(refused(&[]), Some(UnusableKeys::None));
        assert_eq!(refused(&[key("k1", 1), key("k1", 2)]), Some(UnusableKeys::Twice("k1".to_owned())));
        let short = SealingKey { id: "k2".to_owned(), key: vec![1; 31].into() };
        assert_eq!(refused(&[key("k1", 1), short]), Some(UnusableKeys::Length("k2".to_owned())));
    }

    #[test]
    fn nothing_is_sealed_without_randomness() {
        struct Exhausted;

        impl Randomness for Exhausted {
            fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
                Err(NoRandomness)
            }
        }

        let cipher = AesGcmCipher::new(&[key("k1", 1)], Arc::new(Exhausted)).unwrap();
        assert!(matches!(cipher.seal(&secret("sk-live"), PLACE), Err(CipherError::Failed(_))));
    }

    #[test]
    fn nothing_of_key_and_secret_is_printed() {
        let named =
            SealingKey { id: "k1".to_owned(), key: b"a key of the tests, of 32 bytes.".to_vec().into() };
        let cipher = cipher(std::slice::from_ref(&named));
        let sealed = cipher.seal(&secret("sk-live"), PLACE).unwrap();
        let opened = cipher.open(&sealed, PLACE).unwrap();
        let printed = format!("{named:?} {cipher:?} {sealed:?} {opened:?}");
        for bytes in ["a key of the tests", "sk-live"] {
            assert!(!printed.contains(bytes), "{printed}");
            assert!(!printed.contains(&format!("{:?}", bytes.as_bytes()).replace(']', "")), "{printed}");
        }
        assert_eq!(format!("{cipher:?}"), "AesGcmCipher { active: \"k1\", .. }");
    }

    proptest! {
        #[test]
        fn a_flipped_bit_and_a_missing_byte_do_not_open(
            text in prop::collection::vec(any::<u8>(), 0..64),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let cipher = cipher(&[key("k1", 1)]);
            let sealed = cipher.seal(&text.clone().into(), PLACE).unwrap();
            prop_assert_eq!(opened(&cipher, &sealed, PLACE), Ok(text));
            let mut flipped = sealed.clone();
            flipped.ciphertext[at.index(sealed.ciphertext.len())] ^= 1 << bit;
            let mut moved = sealed.clone();
            moved.nonce[at.index(12)] ^= 1 << bit;
            let mut truncated = sealed.clone();
            truncated.ciphertext.truncate(at.index(sealed.ciphertext.len()));
            let mut short = sealed.clone();
            short.nonce.pop();
            for changed in [flipped, moved, truncated, short] {
                prop_assert_eq!(opened(&cipher, &changed, PLACE), Err(CipherError::Broken));
            }
        }
    }
}

//! Recovery codes: for who has lost their authenticator.

use super::totp::base32;
use kernel::{NoRandomness, Randomness, TokenHash};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A code that stands in for the authenticator, once: 80 random bits, as `abcd-efgh-ijkl-mnop`. Not printable.
#[derive(Debug, Clone)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// How many somebody has at a time.
    pub const COUNT: usize = 10;
    /// 80 bits, which nobody guesses: wrong ones need not be counted per account, and plain hashing is enough.
    const BYTES: usize = 10;
    /// The same as text, without dashes.
    const CHARS: usize = 16;

    /// A fresh one.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none to give.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
        let mut bytes = [0; Self::BYTES];
        randomness.fill(&mut bytes)?;
        Ok(Self(dashed(&base32(&bytes).to_ascii_lowercase()).into()))
    }

    /// Takes a text that can be one, whatever its case, dashes and spaces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let plain = plain.to_ascii_lowercase();
        let fits =
            plain.len() == Self::CHARS && plain.bytes().all(|c| matches!(c, b'a'..=b'z' | b'2'..=b'7'));
        fits.then(|| Self(dashed(&plain).into()))
    }

    /// The text, for its owner alone.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        let hash = Sha256::new().chain_update(b"raptorflow recovery code v1\0");
        TokenHash::from_bytes(hash.chain_update(self.0.expose_secret()).finalize().into())
    }
}

/// In groups of four, which can be read aloud.
fn dashed(text: &str) -> String {
    let mut dashed = String::new();
    for (index, c) in text.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            dashed.push('-');
        }
        dashed.push(c);
    }
    dashed
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRandomness;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let code = RecoveryCode::generate(&SystemRandomness).unwrap();
        let text = code.secret().expose_secret();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3), "{text}");
        for typed in [text.to_owned(), text.replace('-', ""), text.to_uppercase(), text.replace('-', " ")] {
            assert_eq!(RecoveryCode::parse(&typed).unwrap().hash(), code.hash(), "{typed}");
        }
        assert!(!format!("{code:?}").contains(text));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in
            ["", "abcd-efgh-ijkl", "abcd-efgh-ijkl-mnopq", "abcd-efgh-ijkl-mno1", "äbcd-efgh-ijkl-mnop"]
        {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn no_two_codes_are_the_same() {
        let codes: BTreeSet<TokenHash> =
            (0..1_000).map(|_| RecoveryCode::generate(&SystemRandomness).unwrap().hash()).collect();
        assert_eq!(codes.len(), 1_000);
    }
}

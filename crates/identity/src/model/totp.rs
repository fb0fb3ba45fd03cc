//! Time-based one-time codes (RFC 6238), as every authenticator app makes them: SHA-1, six digits, thirty seconds.

use crate::EmailAddress;
use kernel::{NoRandomness, Randomness, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// What an authenticator and this service share. Not printable.
#[derive(Debug, Clone)]
pub struct TotpSecret(SecretSlice<u8>);

impl TotpSecret {
    /// 160 bits, as RFC 4226 §4 recommends.
    pub const BYTES: usize = 20;
    /// How long one code is shown, in seconds.
    pub const STEP: u32 = 30;
    /// Digits of a code.
    pub const DIGITS: u8 = 6;
    /// How many steps an authenticator's clock may be off, either way.
    pub const SKEW: u16 = 1;
    /// Under which name the account stands in the authenticator.
    pub const ISSUER: &'static str = "RaptorFlow";

    /// A fresh one.
    ///
    /// # Errors
    /// [`NoRandomness`] when the operating system has none to give.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, NoRandomness> {
        let mut bytes = vec![0; Self::BYTES];
        randomness.fill(&mut bytes)?;
        Ok(Self(bytes.into()))
    }

    /// From what was sealed; `None` when it has another length.
    #[must_use]
    pub fn from_bytes(bytes: SecretSlice<u8>) -> Option<Self> {
        (bytes.expose_secret().len() == Self::BYTES).then_some(Self(bytes))
    }

    /// As an authenticator reads what was typed into it; `None` when it is no such secret.
    #[must_use]
    pub fn from_base32(text: &SecretString) -> Option<Self> {
        let secret = Secret::try_from_base32(text.expose_secret()).ok()?;
        Self::from_bytes(secret.as_bytes().to_vec().into())
    }

    /// What is sealed.
    #[must_use]
    pub const fn as_bytes(&self) -> &SecretSlice<u8> {
        &self.0
    }

    /// For typing into an authenticator (RFC 4648 base32).
    #[must_use]
    pub fn base32(&self) -> SecretString {
        base32(self.0.expose_secret()).into()
    }

    /// For the picture that an authenticator reads: the `otpauth` URL of this secret for this account.
    #[must_use]
    pub fn url(&self, account: &EmailAddress) -> SecretString {
        let issuer = Self::ISSUER;
        let account = percent_encoded(account.as_str());
        let secret = base32(self.0.expose_secret());
        let (digits, period) = (Self::DIGITS, Self::STEP);
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={digits}&period={period}"
        )
        .into()
    }

    /// The step whose code this is, when that is the present one or a neighbour. Spaces, as authenticators show them in
    /// the middle, don't count.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let digits: String = code.chars().filter(|c| *c != ' ').collect();
        let step = self.totp().check(&digits, seconds(now))?;
        i64::try_from(step).ok()
    }

    /// What an authenticator shows at this instant.
    #[must_use]
    pub fn code_at(&self, at: Timestamp) -> SecretString {
        self.totp().generate(seconds(at)).to_string().into()
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(Self::DIGITS)
            .with_step_duration(u64::from(Self::STEP))
            .with_skew(Self::SKEW)
            .with_secret(self.0.expose_secret())
            .build_noncompliant()
    }
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.seconds()).unwrap_or(0)
}

/// RFC 4648 base32, without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    Secret::from(bytes).to_base32()
}

/// RFC 3986 §2.1, all but the unreserved characters.
fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890".to_vec().into()).unwrap()
    }

    fn at(seconds: u32) -> Timestamp {
        Timestamp::from_micros(i64::from(seconds) * 1_000_000)
    }

    fn code(at: Timestamp) -> String {
        secret().code_at(at).expose_secret().to_owned()
    }

    /// RFC 6238, appendix B: the last six of the eight digits there.
    #[test]
    fn codes_are_those_of_the_standard() {
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ];
        for (seconds, expected) in vectors {
            assert_eq!(code(at(seconds)), expected);
            assert_eq!(secret().step_of(expected, at(seconds)), Some(i64::from(seconds) / 30));
        }
        let far = Timestamp::from_micros(20_000_000_000 * 1_000_000);
        assert_eq!(code(far), "353130");
    }

    #[test]
    fn one_step_either_way_is_forgiven_and_no_more() {
        let now = at(1_234_567_890);
        let step = 1_234_567_890 / 30;
        for (off, expected) in [(0, Some(step)), (1, Some(step + 1)), (2, None)] {
            let by = Duration::from_secs(30 * off);
            assert_eq!(secret().step_of(&code(now.plus(by)), now), expected, "{off} steps ahead");
        }
        for (off, expected) in [(1, Some(step - 1)), (2, None)] {
            let by = Duration::from_secs(30 * off);
            assert_eq!(secret().step_of(&code(now.minus(by)), now), expected, "{off} steps behind");
        }
    }

    #[test]
    fn a_code_is_six_digits_and_may_have_a_space() {
        let now = at(59);
        assert_eq!(secret().step_of("287 082", now), Some(1));
        for bad in ["", "28708", "2870820", "28708x", "+87082", "２８７０８２", "287\n082"] {
            assert_eq!(secret().step_of(bad, now), None, "{bad:?}");
        }
    }

    #[test]
    fn an_authenticator_gets_it_as_text_and_as_url() {
        assert_eq!(secret().base32().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let typed = TotpSecret::from_base32(&secret().base32()).unwrap();
        assert_eq!(typed.as_bytes().expose_secret(), secret().as_bytes().expose_secret());
        assert!(TotpSecret::from_base32(&"GEZDGNBV".into()).is_none());
        let account = EmailAddress::parse("ada+x@example.com").unwrap();
        assert_eq!(
            secret().url(&account).expose_secret(),
            "otpauth://totp/RaptorFlow:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=RaptorFlow&algorithm=SHA1&digits=6&period=30"
        );
        assert!(!format!("{:?}", secret()).contains("GEZD") && !format!("{:?}", secret()).contains("49, 50"));
    }

    #[test]
    fn another_length_is_no_secret() {
        assert!(TotpSecret::from_bytes(vec![1; 19].into()).is_none());
    }

    proptest! {
        /// The step that a code belongs to is told exactly when it is in the window, wherever in its step the clock is.
        #[test]
        fn the_window_is_three_steps_wide(now in 0_u32..2_000_000_000, off in -6_i64..=6) {
            let now_step = i64::from(now) / 30;
            let step = now_step + off;
            prop_assume!(step >= 0);
            let shown = code(Timestamp::from_micros(step * 30_000_000));
            // Two steps may have one code by chance; then the earlier one in the window is meant.
            let same = |n: &i64| code(Timestamp::from_micros(n * 30_000_000)) == shown;
            let expected = (now_step - 1..=now_step + 1).filter(|n| *n >= 0).find(same);
            prop_assert_eq!(secret().step_of(&shown, at(now)), expected);
            prop_assert!(off.abs() > 1 || expected.is_some());
        }
    }
}

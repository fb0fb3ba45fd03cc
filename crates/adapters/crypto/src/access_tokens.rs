//! Access tokens as JWTs under the server's secret.

use crate::token_form::{AccessTokenSettings, OwnHeader, TokenForm, UnusableSecret};
use identity::ports::{AccessClaims, AccessToken, AccessTokenError, AccessTokens};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use kernel::{Environment, SessionId, UserId};

/// Signs and checks access tokens with one secret and one algorithm, HS256.
#[derive(Clone)]
pub struct HmacAccessTokens {
    form: TokenForm,
    header: OwnHeader,
    signing: EncodingKey,
    verifying: DecodingKey,
}

impl HmacAccessTokens {
    /// Tokens under this secret. Signs and verifies one at once.
    ///
    /// # Errors
    /// [`UnusableSecret`].
    pub fn new(
        secret: &[u8],
        settings: AccessTokenSettings,
        env: Environment,
    ) -> Result<Self, UnusableSecret> {
        if secret.len() < 32 {
            return Err(UnusableSecret::TooShort);
        }
        let form = TokenForm::new(Algorithm::HS256, settings, env);
        let header = form.header(None);
        let (signing, verifying) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        let tokens = Self { form, header, signing, verifying };
        tokens.form.self_test(&tokens)?;
        Ok(tokens)
    }
}

impl AccessTokens for HmacAccessTokens {
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError> {
        self.form.issue((&self.header, &self.signing), user, session)
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError> {
        self.form.read(token, (&self.header, &self.verifying))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token_form::invalid;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::Algorithm;
    use kernel::testing::{self, ManualClock};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};
    use std::{sync::Arc, time::Duration};

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn settings() -> AccessTokenSettings {
        AccessTokenSettings {
            issuer: "https://api.example.com".to_owned(),
            audience: "raptorflow".to_owned(),
            lifetime: Duration::from_secs(1_800),
        }
    }

    fn tokens() -> (HmacAccessTokens, Arc<ManualClock>) {
        let (env, clock) = testing::environment();
        (HmacAccessTokens::new(SECRET, settings(), env).unwrap(), clock)
    }

    /// A token of these parts, rightly signed with the server's own secret.
    fn forge(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let key = EncodingKey::from_secret(SECRET);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }

    fn good_header() -> Value {
        json!({"typ": "at+jwt", "alg": "HS256"})
    }

    fn good_claims(tokens: &HmacAccessTokens) -> Value {
        serde_json::to_value(tokens.form.claims(tokens.form.env.id(), tokens.form.env.id())).unwrap()
    }

    fn with(object: &Value, key: &str, value: Value) -> Value {
        let mut changed = object.clone();
        match value {
            Value::Null => drop(changed.as_object_mut().unwrap().remove(key)),
            value => changed[key] = value,
        }
        changed
    }

    #[test]
    fn a_token_says_whose_session_it_is_until_it_expires() {
        let (tokens, clock) = tokens();
        let (user, session) = (tokens.form.env.id(), tokens.form.env.id());
        let issued = tokens.issue(user, session).unwrap();
        assert_eq!(issued.expires_in, Duration::from_secs(1_800));
        let text = issued.token.expose_secret();
        let claims = tokens.verify(text).unwrap();
        assert_eq!((claims.user, claims.session), (user, session));
        assert_eq!(claims.expires_at, tokens.form.env.now().plus(issued.expires_in));

        clock.advance(Duration::from_secs(1_809));
        assert!(tokens.verify(text).is_ok(), "ten seconds are forgiven");
        clock.advance(Duration::from_secs(1));
        assert_eq!(tokens.verify(text), Err(invalid("expired")));
    }

    #[test]
    fn a_clock_may_run_ten_seconds_behind_and_no_more() {
        let (tokens, _) = tokens();
        let now = tokens.form.env.now().seconds();
        let not_before =
            |at: i64| tokens.verify(&forge(&good_header(), &with(&good_claims(&tokens), "nbf", json!(at))));
        assert!(not_before(now + 10).is_ok());
        assert_eq!(not_before(now + 11), Err(invalid("not valid yet")));
    }

    #[test]
    fn the_forge_of_these_tests_makes_acceptable_tokens() {
        let (tokens, _) = tokens();
        assert!(tokens.verify(&forge(&good_header(), &good_claims(&tokens))).is_ok());
    }

    #[test]
    fn every_claim_is_required_and_has_its_type() {
        let (tokens, _) = tokens();
        let good = good_claims(&tokens);
        for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
            for wrong in [Value::Null, json!([1]), json!("x"), json!({})] {
                let token = forge(&good_header(), &with(&good, claim, wrong.clone()));
                assert!(tokens.verify(&token).is_err(), "{claim} = {wrong}");
            }
        }
        let soon = tokens.form.env.now().seconds() + 60;
        for (claim, wrong) in [
            ("exp", json!(soon.to_string())),
            ("exp", json!(1e300)),
            ("iss", json!("https://evil.example")),
            ("aud", json!(["raptorflow"])),
            ("aud", json!("somebody else")),
        ] {
            let token = forge(&good_header(), &with(&good, claim, wrong.clone()));
            assert!(tokens.verify(&token).is_err(), "{claim} = {wrong}");
        }
    }

    #[test]
    fn only_our_own_header_is_accepted() {
        let (tokens, _) = tokens();
        let claims = good_claims(&tokens);
        let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(SECRET)});
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("nOnE")),
            ("alg", json!("HS384")),
            ("alg", json!("RS256")),
            ("alg", json!("EdDSA")),
            ("alg", Value::Null),
            ("typ", json!("JWT")),
            ("typ", Value::Null),
            ("kid", json!("unknown")),
            ("jwk", jwk),
            ("jku", json!("https://evil.example/keys")),
            ("x5u", json!("https://evil.example/cert")),
            ("crit", json!(["exp"])),
        ] {
            let token = forge(&with(&good_header(), name, value.clone()), &claims);
            assert!(tokens.verify(&token).is_err(), "{name} = {value}");
        }
    }

    #[test]
    fn another_secret_a_missing_signature_and_a_long_text_are_refused() {
        let (tokens, _) = tokens();
        let (env, _) = testing::environment();
        let other = HmacAccessTokens::new(&[7; 32], settings(), env).unwrap();
        let foreign = other.issue(other.form.env.id(), other.form.env.id()).unwrap();
        assert!(tokens.verify(foreign.token.expose_secret()).is_err());
        let good = forge(&good_header(), &good_claims(&tokens));
        let unsigned = good.rsplit_once('.').unwrap().0;
        assert!(tokens.verify(&format!("{unsigned}.")).is_err());
        assert!(tokens.verify(unsigned).is_err());
        let padded = forge(&good_header(), &with(&good_claims(&tokens), "pad", json!("x".repeat(4_000))));
        assert_eq!(tokens.verify(&padded), Err(invalid("too long")));
    }

    #[test]
    fn a_short_secret_is_refused() {
        let (env, _) = testing::environment();
        let refused = HmacAccessTokens::new(&SECRET[1..], settings(), env).err();
        assert_eq!(refused, Some(UnusableSecret::TooShort));
    }

    proptest! {
        #[test]
        fn no_text_is_accepted_by_chance(text in "[A-Za-z0-9_.=-]{0,300}|\\PC{0,60}") {
            prop_assert!(tokens().0.verify(&text).is_err());
        }

        #[test]
        fn a_token_with_one_byte_changed_is_refused(at in 0_usize..400, to in "[A-Za-z0-9_.-]") {
            let (tokens, _) = tokens();
            let good = forge(&good_header(), &good_claims(&tokens));
            let at = at % good.len();
            let changed = format!("{}{to}{}", &good[..at], &good[at + 1..]);
            prop_assume!(changed != good);
            prop_assert!(tokens.verify(&changed).is_err());
        }
    }
}

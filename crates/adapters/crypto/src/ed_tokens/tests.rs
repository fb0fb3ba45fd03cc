use super::*;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use kernel::testing::{self, ManualClock};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

fn keys(text: &[(&str, u8)]) -> SigningKeys {
    let entries: Vec<_> =
        text.iter().map(|(id, seed)| format!("{id}:{}", STANDARD.encode([*seed; 32]))).collect();
    SigningKeys::parse(&entries.join(",")).unwrap()
}

fn settings() -> AccessTokenSettings {
    AccessTokenSettings {
        issuer: "https://api.example.com".to_owned(),
        audience: "raptorflow".to_owned(),
        lifetime: Duration::from_secs(1_800),
    }
}

fn tokens(text: &[(&str, u8)]) -> (EdAccessTokens, Arc<ManualClock>) {
    let (env, clock) = testing::environment();
    (EdAccessTokens::new(&keys(text), settings(), env).unwrap(), clock)
}

fn issue(tokens: &EdAccessTokens) -> String {
    let issued = tokens.issue(tokens.form.env.id(), tokens.form.env.id()).unwrap();
    issued.token.expose_secret().to_owned()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token of these parts, rightly signed with the active key.
fn forge(tokens: &EdAccessTokens, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &tokens.signing, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn good_header() -> Value {
    json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "k1"})
}

fn good_claims(tokens: &EdAccessTokens) -> Value {
    let env = &tokens.form.env;
    serde_json::to_value(tokens.form.claims(env.id(), env.id())).unwrap()
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
fn a_token_names_its_key_and_says_whose_session_it_is_until_it_expires() {
    let (tokens, clock) = tokens(&[("k1", 1)]);
    let (user, session) = (tokens.form.env.id(), tokens.form.env.id());
    let issued = tokens.issue(user, session).unwrap();
    let text = issued.token.expose_secret();
    let header = text.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header, good_header());
    let claims = tokens.verify(text).unwrap();
    assert_eq!((claims.user, claims.session), (user, session));
    clock.advance(Duration::from_secs(1_809));
    assert!(tokens.verify(text).is_ok(), "ten seconds are forgiven");
    clock.advance(Duration::from_secs(1));
    assert_eq!(tokens.verify(text), Err(invalid("expired")));
}

#[test]
fn tokens_of_the_old_key_work_until_it_is_removed_and_new_ones_carry_the_new_key() {
    let (before, _) = tokens(&[("k1", 1)]);
    let (during, _) = tokens(&[("k2", 2), ("k1", 1)]);
    let (after, _) = tokens(&[("k2", 2)]);
    let (old, new) = (issue(&before), issue(&during));
    assert!(during.verify(&old).is_ok());
    assert!(during.verify(&new).is_ok() && after.verify(&new).is_ok());
    assert_eq!(after.verify(&old), Err(invalid("no key of this name")));
    assert_eq!(before.verify(&new), Err(invalid("no key of this name")));
    let (reused, _) = tokens(&[("k1", 9)]);
    assert!(reused.verify(&old).is_err(), "the name alone opens nothing");
}

#[test]
fn a_public_key_accepts_what_its_seed_signed() {
    let (seeded, _) = tokens(&[("k1", 1)]);
    let public = STANDARD.encode(seeded.accepted["k1"].public);
    let text = format!("k2:{},k1:pub:{public}", STANDARD.encode([2; 32]));
    let (env, _) = testing::environment();
    let tokens = EdAccessTokens::new(&SigningKeys::parse(&text).unwrap(), settings(), env).unwrap();
    assert!(tokens.verify(&issue(&seeded)).is_ok());
}

#[test]
fn the_published_keys_are_exactly_the_accepted_ones() {
    let (tokens, _) = tokens(&[("k2", 2), ("k1", 1)]);
    let published = tokens.published_keys();
    assert_eq!(published.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["k1", "k2"]);
    // RFC 8037, A.1 and A.2: the public key of the seed in the example.
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let keys = SigningKeys::parse(&format!("rfc:{}", STANDARD.encode(seed))).unwrap();
    let (env, _) = testing::environment();
    let [key] = &EdAccessTokens::new(&keys, settings(), env).unwrap().published_keys()[..] else {
        panic!("not one key")
    };
    assert_eq!(URL_SAFE_NO_PAD.encode(key.ed25519), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
}

#[test]
fn the_forge_of_these_tests_makes_acceptable_tokens() {
    let (tokens, _) = tokens(&[("k1", 1)]);
    assert!(tokens.verify(&forge(&tokens, &good_header(), &good_claims(&tokens))).is_ok());
}

#[test]
fn only_our_own_header_is_accepted() {
    let (tokens, _) = tokens(&[("k1", 1), ("k2", 2)]);
    let claims = good_claims(&tokens);
    let x = URL_SAFE_NO_PAD.encode(tokens.accepted["k1"].public);
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("nOnE")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("alg", json!("RS256")),
        ("alg", json!("Ed25519")),
        ("alg", Value::Null),
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("kid", json!("k2")),
        ("kid", json!("unknown")),
        ("kid", json!("../k1")),
        ("kid", json!(["k1"])),
        ("kid", Value::Null),
        ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": x})),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
    ] {
        let token = forge(&tokens, &with(&good_header(), name, value.clone()), &claims);
        assert!(tokens.verify(&token).is_err(), "{name} = {value}");
    }
}

#[test]
fn every_claim_is_required_and_has_its_type() {
    let (tokens, _) = tokens(&[("k1", 1)]);
    let good = good_claims(&tokens);
    for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
        for wrong in [Value::Null, json!([1]), json!("x"), json!({})] {
            let token = forge(&tokens, &good_header(), &with(&good, claim, wrong.clone()));
            assert!(tokens.verify(&token).is_err(), "{claim} = {wrong}");
        }
    }
    let soon = tokens.form.env.now().seconds() + 60;
    for (claim, wrong) in [("exp", json!(soon.to_string())), ("aud", json!(["raptorflow"]))] {
        let token = forge(&tokens, &good_header(), &with(&good, claim, wrong.clone()));
        assert!(tokens.verify(&token).is_err(), "{claim} = {wrong}");
    }
}

#[test]
fn the_public_key_is_no_secret_to_sign_with() {
    let (tokens, _) = tokens(&[("k1", 1)]);
    let public = tokens.accepted["k1"].public;
    let texts =
        [public.to_vec(), STANDARD.encode(public).into_bytes(), URL_SAFE_NO_PAD.encode(public).into_bytes()];
    for text in texts {
        let key = EncodingKey::from_secret(&text);
        for alg in ["HS256", "EdDSA"] {
            let header = with(&good_header(), "alg", json!(alg));
            let message = format!("{}.{}", part(&header), part(&good_claims(&tokens)));
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
            assert!(tokens.verify(&format!("{message}.{signature}")).is_err(), "{alg}");
        }
    }
}

#[test]
fn tokens_under_the_servers_secret_are_not_accepted_beside() {
    let (tokens, _) = tokens(&[("k1", 1)]);
    let (env, _) = testing::environment();
    let secret = crate::HmacAccessTokens::new(&[7; 32], settings(), env).unwrap();
    let issued = secret.issue(tokens.form.env.id(), tokens.form.env.id()).unwrap();
    assert!(tokens.verify(issued.token.expose_secret()).is_err());
    assert!(secret.verify(&issue(&tokens)).is_err());
    assert!(secret.published_keys().is_empty(), "a secret is not published");
}

#[test]
fn a_missing_a_short_and_a_foreign_signature_and_a_long_text_are_refused() {
    let (tokens, _) = tokens(&[("k1", 1)]);
    let good = issue(&tokens);
    let unsigned = good.rsplit_once('.').unwrap().0;
    assert!(tokens.verify(&format!("{unsigned}.")).is_err());
    assert!(tokens.verify(&format!("{unsigned}.AAAA")).is_err());
    assert!(tokens.verify(unsigned).is_err());
    let padded = with(&good_claims(&tokens), "pad", json!("x".repeat(4_000)));
    assert_eq!(tokens.verify(&forge(&tokens, &good_header(), &padded)), Err(invalid("too long")));
}

proptest::proptest! {
    // Unoptimised curves are slow.
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn a_token_with_one_byte_changed_is_refused(at in 0_usize..500, to in "[A-Za-z0-9_.-]") {
        let (tokens, _) = tokens(&[("k1", 1)]);
        let good = issue(&tokens);
        let at = at % good.len();
        let changed = format!("{}{to}{}", &good[..at], &good[at + 1..]);
        proptest::prop_assume!(changed != good);
        proptest::prop_assert!(tokens.verify(&changed).is_err());
    }
}

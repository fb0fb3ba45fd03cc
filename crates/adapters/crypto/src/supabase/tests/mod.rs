mod project;
mod rsa;

use super::*;
use crate::{AccessTokenSettings, HmacAccessTokens};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use identity::ports::AccessTokens;
use jsonwebtoken::EncodingKey;
use kernel::testing::{self, ManualClock};
use project::{Answer, Key, Project, SECRET, by_secret, ec, ed, sign};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use web::{
    BreakerState,
    testing::{NotedPauses, breakers},
};

struct Scene {
    project: Project,
    tokens: SupabaseTokens,
    env: Environment,
    clock: Arc<ManualClock>,
    breakers: Breakers,
    pauses: Arc<NotedPauses>,
}

impl Scene {
    async fn new(answer: Answer) -> Self {
        let (project, (env, clock)) = (Project::start(answer).await, testing::environment());
        let secret = SECRET.to_owned().into();
        let (breakers, pauses) = breakers(&clock);
        let tokens = SupabaseTokens::new(&project.url, Some(&secret), env.clone(), &breakers).unwrap();
        Self { project, tokens, env, clock, breakers, pauses }
    }

    async fn publishing(keys: &[&Key]) -> Self {
        Self::new(Answer::Keys(keys.iter().map(|key| key.public.clone()).collect())).await
    }

    /// As the project writes them.
    fn claims(&self) -> Value {
        let now = self.env.now().seconds();
        json!({
            "iss": format!("{}/auth/v1", self.project.url), "aud": "authenticated", "role": "authenticated",
            "sub": "0b9c7d1e-5f0f-4a52-9f2c-6f1f2d8b8a11", "session_id": "e7d3", "aal": "aal1",
            "iat": now, "exp": now + 3_600, "email": "Ada@example.com", "phone": "", "is_anonymous": false,
            "app_metadata": {"provider": "email"},
            "user_metadata": {"email_verified": true, "full_name": "Ada Lovelace"},
            "amr": [{"method": "password", "timestamp": now - 60}],
        })
    }

    /// The claims with one of them replaced, or left out.
    fn with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        claims
    }

    async fn verify(&self, token: &str) -> Result<ExternalClaims, ExternalTokenError> {
        self.tokens.verify(token).await
    }

    async fn refuses(&self, token: &str) -> bool {
        matches!(self.verify(token).await, Err(ExternalTokenError::Invalid(_)))
    }
}

#[tokio::test]
async fn tokens_by_the_secret_and_by_each_kind_of_key_are_accepted() {
    let keys = [ed("k1", 1), ec("k2"), project::rsa("k3")];
    let scene = Scene::publishing(&keys.iter().collect::<Vec<_>>()).await;
    let claims = scene.claims();
    let told = scene.verify(&by_secret(&claims)).await.unwrap();
    let issuer = format!("{}/auth/v1", scene.project.url);
    assert_eq!(
        told,
        ExternalClaims {
            subject: ExternalSubject::new(&issuer, "0b9c7d1e-5f0f-4a52-9f2c-6f1f2d8b8a11").unwrap(),
            email: EmailAddress::parse("Ada@example.com").unwrap(),
            display_name: Some("Ada Lovelace".to_owned()),
            authenticated_at: Some(at_seconds(scene.env.now().seconds() - 60)),
            expires_at: at_seconds(scene.env.now().seconds() + 3_600),
        }
    );
    assert!(scene.project.asked().is_empty(), "a secret is not asked for");
    for key in &keys {
        assert_eq!(scene.verify(&key.sign(&claims)).await.as_ref(), Ok(&told), "{}", key.name);
    }
    assert_eq!(scene.project.asked(), ["GET /auth/v1/.well-known/jwks.json HTTP/1.1"]);
}

#[tokio::test]
async fn a_token_expires_with_ten_seconds_forgiven() {
    let scene = Scene::publishing(&[]).await;
    let token = by_secret(&scene.claims());
    scene.clock.advance(Duration::from_secs(3_609));
    assert!(scene.verify(&token).await.is_ok());
    scene.clock.advance(Duration::from_secs(1));
    assert!(scene.refuses(&token).await);
}

#[tokio::test]
async fn claims_that_are_missing_wrong_or_of_another_type_are_refused() {
    let scene = Scene::publishing(&[]).await;
    for claim in ["iss", "aud", "sub", "exp", "role", "email", "user_metadata"] {
        for wrong in [Value::Null, json!([1]), json!(""), json!({})] {
            assert!(scene.refuses(&by_secret(&scene.with(claim, wrong.clone()))).await, "{claim} = {wrong}");
        }
    }
    let now = scene.env.now().seconds();
    for (claim, wrong) in [
        ("exp", json!((now + 60).to_string())),
        ("exp", json!(1e300)),
        ("nbf", json!(now + 11)),
        ("iss", json!("https://evil.example/auth/v1")),
        ("iss", json!(scene.project.url)),
        ("aud", json!("anon")),
        ("role", json!("anon")),
        ("role", json!("service_role")),
        ("is_anonymous", json!(true)),
        ("is_anonymous", json!("true")),
        ("email", json!("nobody")),
        ("email_verified", json!(false)),
        ("user_metadata", json!({"email_verified": false})),
        ("user_metadata", json!({"email_verified": "true"})),
        ("sub", json!("a\u{0}b")),
        ("sub", json!("x".repeat(256))),
    ] {
        assert!(scene.refuses(&by_secret(&scene.with(claim, wrong.clone()))).await, "{claim} = {wrong}");
    }
    let mut by_hook = scene.with("email_verified", json!(true));
    by_hook["user_metadata"] = json!({"full_name": ["no name"]});
    assert!(scene.verify(&by_secret(&by_hook)).await.is_ok());
}

#[tokio::test]
async fn only_headers_that_the_project_makes_are_accepted_and_lead_nowhere() {
    let key = ed("k1", 1);
    let scene = Scene::publishing(&[&key]).await;
    let elsewhere = Project::start(Answer::Keys(vec![ed("k1", 9).public])).await;
    let trap = format!("{}/auth/v1/.well-known/jwks.json", elsewhere.url);
    for (name, value) in [
        ("alg", json!("none")),
        ("alg", json!("nOnE")),
        ("alg", json!("ES256")),
        ("alg", json!("RS256")),
        ("alg", json!("PS256")),
        ("alg", json!("HS256")),
        ("alg", json!("HS512")),
        ("typ", json!("at+jwt")),
        ("kid", json!("k2")),
        ("kid", Value::Null),
        ("jwk", ed("k1", 9).public),
        ("jku", json!(trap)),
        ("x5u", json!(trap)),
        ("crit", json!(["exp"])),
    ] {
        let mut header = key.header();
        match value.clone() {
            Value::Null => drop(header.as_object_mut().unwrap().remove(name)),
            value => header[name] = value,
        }
        for signer in [&key, &ed("k1", 9)] {
            assert!(scene.refuses(&signer.sign_under(&header, &scene.claims())).await, "{name} = {value}");
        }
    }
    assert!(elsewhere.asked().is_empty(), "nobody asks where a token leads");
    assert!(scene.verify(&key.sign(&scene.claims())).await.is_ok(), "the right header passes");
}

#[tokio::test]
async fn a_public_key_is_no_secret_and_without_a_secret_none_is_accepted() {
    let key = ed("k1", 1);
    let scene = Scene::publishing(&[&key]).await;
    let secretless =
        SupabaseTokens::new(&scene.project.url, None, scene.env.clone(), &scene.breakers).unwrap();
    let x = key.public["x"].as_str().unwrap();
    let raw = URL_SAFE_NO_PAD.decode(x).unwrap();
    let texts = [
        raw.clone(),
        x.as_bytes().to_vec(),
        STANDARD.encode(&raw).into_bytes(),
        key.public.to_string().into(),
        Vec::new(),
    ];
    for text in texts {
        let forged = EncodingKey::from_secret(&text);
        for alg in ["HS256", "EdDSA"] {
            let header = json!({"typ": "JWT", "alg": alg, "kid": "k1"});
            let token = sign(&header, &scene.claims(), &forged, Algorithm::HS256);
            assert!(scene.refuses(&token).await && secretless.verify(&token).await.is_err(), "{alg}");
        }
    }
    assert!(secretless.verify(&by_secret(&scene.claims())).await.is_err());
    assert!(secretless.verify(&key.sign(&scene.claims())).await.is_ok());
}

#[tokio::test]
async fn our_own_token_under_the_same_secret_is_none_of_the_project() {
    let scene = Scene::publishing(&[]).await;
    let settings = AccessTokenSettings {
        issuer: format!("{}/auth/v1", scene.project.url),
        audience: "authenticated".to_owned(),
        lifetime: Duration::from_secs(60),
    };
    let own = HmacAccessTokens::new(SECRET.as_bytes(), settings, scene.env.clone()).unwrap();
    let issued = own.issue(scene.env.id(), scene.env.id()).unwrap();
    assert!(scene.refuses(issued.token.expose_secret()).await);
    assert!(own.verify(&by_secret(&scene.claims())).is_err());
}

#[tokio::test]
async fn an_unknown_name_makes_one_question_a_minute_and_a_new_key_is_found() {
    let (old, new) = (ed("old", 1), ed("new", 2));
    let scene = Scene::publishing(&[&old]).await;
    let token = new.sign(&scene.claims());
    for _ in 0..5 {
        assert!(scene.refuses(&token).await);
    }
    assert_eq!(scene.project.asked().len(), 1);
    scene.project.now_answers(Answer::Keys(vec![new.public.clone(), old.public.clone()]));
    assert!(scene.refuses(&token).await, "not asked again yet");
    scene.clock.advance(Duration::from_secs(60));
    let (a, b) = tokio::join!(scene.verify(&token), scene.verify(&token));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(scene.project.asked().len(), 2, "two that wait ask once");
}

#[tokio::test]
async fn a_key_that_the_project_removes_stops_within_ten_minutes() {
    let (old, new) = (ed("old", 1), ed("new", 2));
    let scene = Scene::publishing(&[&old]).await;
    assert!(scene.verify(&old.sign(&scene.claims())).await.is_ok());
    scene.project.now_answers(Answer::Keys(vec![new.public.clone()]));
    scene.clock.advance(Duration::from_secs(10 * 60));
    assert!(scene.verify(&old.sign(&scene.claims())).await.is_ok());
    scene.clock.advance(Duration::from_secs(1));
    assert!(scene.refuses(&old.sign(&scene.claims())).await);
}

#[tokio::test]
async fn while_the_project_is_away_its_last_keys_are_good_for_an_hour() {
    let key = ed("k1", 1);
    let scene = Scene::publishing(&[&key]).await;
    assert!(scene.verify(&key.sign(&scene.claims())).await.is_ok());
    scene.project.now_answers(Answer::HangsUp);
    // The waits of the retries are 600 ms.
    scene.clock.advance(Duration::from_secs(60 * 60 - 1));
    assert!(scene.verify(&key.sign(&scene.claims())).await.is_ok());
    let unknown = ed("k2", 2).sign(&scene.claims());
    assert_eq!(scene.verify(&unknown).await, Err(ExternalTokenError::Unavailable));
    scene.clock.advance(Duration::from_secs(1));
    let late = key.sign(&scene.claims());
    assert_eq!(scene.verify(&late).await, Err(ExternalTokenError::Unavailable));
    scene.project.now_answers(Answer::Keys(vec![key.public.clone()]));
    scene.clock.advance(Duration::from_secs(60));
    assert!(scene.verify(&late).await.is_ok(), "it comes back by itself");
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_at_once() {
    let key = ed("k1", 1);
    let keys = Answer::Keys(vec![key.public.clone()]);
    let scene = Scene::new(Answer::FaltersBefore(2, Box::new(keys))).await;
    assert!(scene.verify(&key.sign(&scene.claims())).await.is_ok());
    assert_eq!(scene.project.asked().len(), 3);
    assert_eq!(scene.pauses.noted(), [200, 400].map(Duration::from_millis));
}

#[tokio::test]
async fn a_project_that_is_away_is_asked_three_times_a_minute_and_shown_as_down() {
    let key = ed("k1", 1);
    let scene = Scene::new(Answer::HangsUp).await;
    for _ in 0..5 {
        let answer = scene.verify(&key.sign(&scene.claims())).await;
        assert_eq!(answer, Err(ExternalTokenError::Unavailable));
    }
    assert_eq!(scene.project.asked().len(), 3);
    let report = scene.breakers.list().remove(0);
    assert_eq!((&*report.name, report.state, report.failures), ("supabase_keys", BreakerState::Open, 3));
}

#[tokio::test]
async fn an_answer_that_is_no_set_of_keys_is_none() {
    let key = ed("k1", 1);
    let elsewhere = Project::start(Answer::Keys(vec![key.public.clone()])).await;
    let many: Vec<Value> = (0..33).map(|_| key.public.clone()).collect();
    let good = json!({ "keys": [key.public] }).to_string();
    let moved = format!("302 Found\r\nlocation: {}/auth/v1/.well-known/jwks.json", elsewhere.url);
    let text = |status: &str, body: &str| Answer::Text(status.to_owned(), body.to_owned());
    for answer in [
        text("500 Internal Server Error", &good),
        text("404 Not Found", &good),
        text(&moved, &good),
        text("200 OK", "no JSON"),
        text("200 OK", &format!("{good}{}", " ".repeat(64 * 1024))),
        Answer::Keys(many),
        Answer::HangsUp,
    ] {
        let scene = Scene::new(answer).await;
        let answer = scene.verify(&key.sign(&scene.claims())).await;
        assert_eq!(answer, Err(ExternalTokenError::Unavailable));
    }
    assert!(elsewhere.asked().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn odd_keys_are_left_out_and_harm_nobody() {
    let good = ed("good", 1);
    let short = URL_SAFE_NO_PAD.encode([1; 31]);
    let odd = [
        json!({"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": short}),
        json!({"kid": "k", "kty": "OKP", "crv": "X25519", "x": good.public["x"]}),
        json!({"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": good.public["x"], "use": "enc"}),
        json!({"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": good.public["x"], "alg": "HS256"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": good.public["x"]}),
        json!({"kid": "k", "kty": "oct", "k": STANDARD.encode(SECRET), "alg": "HS256"}),
        json!({"kid": "k", "kty": "EC", "crv": "P-256", "x": short, "y": short}),
        json!({"kid": "k", "kty": "RSA", "n": short, "e": "AQAB"}),
    ];
    for key in odd {
        let scene = Scene::new(Answer::Keys(vec![key.clone(), good.public.clone()])).await;
        assert!(scene.verify(&good.sign(&scene.claims())).await.is_ok(), "{key}");
        for alg in ["EdDSA", "ES256", "RS256"] {
            let header = json!({"typ": "JWT", "alg": alg, "kid": "k"});
            assert!(scene.refuses(&good.sign_under(&header, &scene.claims())).await, "{alg} {key}");
        }
    }
}

#[tokio::test]
async fn a_question_is_finished_though_its_asker_hangs_up() {
    let key = ed("k1", 1);
    let scene = Scene::publishing(&[&key]).await;
    let token = key.sign(&scene.claims());
    let hangs_up = tokio::time::timeout(Duration::ZERO, scene.verify(&token)).await;
    assert!(hangs_up.is_err());
    assert!(scene.verify(&token).await.is_ok());
    assert_eq!(scene.project.asked().len(), 1);
}

#[tokio::test]
async fn a_text_that_is_too_long_or_no_token_is_refused() {
    let scene = Scene::publishing(&[]).await;
    assert!(scene.refuses(&by_secret(&scene.with("pad", json!("x".repeat(4_000))))).await);
    for text in ["", ".", "..", "a.b.c", "e30.e30."] {
        assert!(scene.refuses(text).await, "{text}");
    }
}

use crate::client::{Ask, Got};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fakes::{Fake, TokenTurn};
use serde_json::{Value, json};
use std::time::Duration;

const GRANT_TYPE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

fn header() -> Value {
    json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
}

fn claims() -> Value {
    json!({
        "iss": "a@p1.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": 1_000,
        "exp": 4_600,
    })
}

fn assertion(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode("signed"))
}

async fn granted(fake: &Fake, grant_type: &str, assertion: &str) -> Got {
    let mut ask = Ask::post("/token", &Value::Null).with("Content-Type", "application/x-www-form-urlencoded");
    ask.body = format!("grant_type={grant_type}&assertion={assertion}");
    ask.of(fake).await
}

async fn refused(fake: &Fake, assertion: &str) {
    let got = granted(fake, GRANT_TYPE, assertion).await;
    let body = got.json();
    assert_eq!((got.status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    assert!(body["error_description"].is_string());
}

#[tokio::test]
async fn tokens_are_numbered_and_last_as_long_as_is_said() {
    let fake = Fake::start().await;
    let good = assertion(&header(), &claims());
    let grant = json!({"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"});
    assert_eq!(granted(&fake, GRANT_TYPE, &good).await.json(), grant);
    fake.play_token(TokenTurn::Grants { expires_in: Duration::from_secs(300), as_text: true });
    let grant = json!({"access_token": "token-2", "expires_in": "300", "token_type": "Bearer"});
    assert_eq!(granted(&fake, GRANT_TYPE, &good).await.json(), grant);
    let seen = &fake.seen()[0];
    assert_eq!(seen.body["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(seen.body["assertion"], good);
}

#[tokio::test]
async fn its_own_url_is_an_audience_too() {
    let fake = Fake::start().await;
    let mut claims = claims();
    claims["aud"] = json!(format!("{}/token", fake.url()));
    assert_eq!(granted(&fake, GRANT_TYPE, &assertion(&header(), &claims)).await.status, 200);
    claims["aud"] = json!("https://example.org/token");
    refused(&fake, &assertion(&header(), &claims)).await;
}

#[tokio::test]
async fn an_assertion_has_its_parts_and_what_belongs_into_them() {
    let fake = Fake::start().await;
    for (name, value) in [("alg", json!("HS256")), ("typ", json!("X")), ("kid", Value::Null)] {
        let mut header = header();
        header[name] = value;
        refused(&fake, &assertion(&header, &claims())).await;
    }
    for (name, value) in [
        ("iss", Value::Null),
        ("scope", json!("")),
        ("iat", json!("1000")),
        ("exp", json!(4_601)),
        ("exp", json!(1_000)),
    ] {
        let mut claims = claims();
        claims[name] = value;
        refused(&fake, &assertion(&header(), &claims)).await;
    }
    let good = assertion(&header(), &claims());
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    for torn in [unsigned, &format!("{unsigned}."), &format!("{unsigned}.%2B"), "a.b.c", ""] {
        refused(&fake, torn).await;
    }
    let got = granted(&fake, "password", &good).await;
    assert_eq!(got.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn it_refuses_when_told_and_takes_no_turn_for_a_bad_assertion() {
    let fake = Fake::start().await;
    fake.play_token(TokenTurn::Refuses { status: 503, error: "temporarily_unavailable" });
    refused(&fake, "").await;
    let got = granted(&fake, GRANT_TYPE, &assertion(&header(), &claims())).await;
    assert_eq!((got.status, &got.json()["error"]), (503, &json!("temporarily_unavailable")));
}

#[tokio::test]
async fn it_is_silent_until_the_caller_goes() {
    let fake = Fake::start().await;
    fake.play_token(TokenTurn::Silent);
    let good = assertion(&header(), &claims());
    let asking = tokio::time::timeout(Duration::from_millis(50), granted(&fake, GRANT_TYPE, &good)).await;
    assert!(asking.is_err());
    fake.until_hang_ups(1).await;
}

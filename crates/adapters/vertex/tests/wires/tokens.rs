use super::{Cloud, PATIENT, account, header, model, request};
use agents::{
    dispatch::{FailureKind, ModelFailure},
    ports::models::LanguageModel,
};
use fakes::TokenTurn;
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

/// How long before its end a token is stale.
const STALE: Duration = Duration::from_secs(225);
const HOUR: Duration = Duration::from_secs(3_600);
const SECOND: Duration = Duration::from_secs(1);

async fn token(cloud: &Cloud) -> Result<String, ModelFailure> {
    cloud.tokens.header().await.map(|header| header.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn fifty_calls_at_once_share_one_token() {
    let cloud = Cloud::start().await;
    let (flash, request) = (model("gemini-3.8-flash"), request());
    let calls = (0..50).map(|_| cloud.vertex.generate(&flash, &request, PATIENT));
    for reply in join_all(calls).await {
        assert_eq!(reply.unwrap().text(), "The answer.");
    }
    let asked = cloud.asked();
    assert_eq!((cloud.fetches(), asked.len()), (1, 50));
    assert!(asked.iter().all(|seen| header(seen, "authorization") == Some("Bearer token-1")));
}

#[tokio::test]
async fn an_account_says_by_a_signed_assertion_who_it_is() {
    let cloud = Cloud::start().await;
    token(&cloud).await.unwrap();
    let asked = &cloud.fake.seen()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/token"));
    assert_eq!(header(asked, "content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(asked.body["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(asked.body["assertion"].as_str().map(|text| text.split('.').count()), Some(3));
}

#[tokio::test]
async fn a_token_that_soon_ends_is_fetched_anew() {
    let cloud = Cloud::start().await;
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1");
    cloud.clock.advance(HOUR - STALE - SECOND);
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1", "it holds for a second more than it must");
    cloud.clock.advance(SECOND);
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-2");
    assert_eq!(cloud.fetches(), 2);
}

#[tokio::test]
async fn a_tokens_end_may_be_a_text() {
    let cloud = Cloud::start().await;
    cloud.fake.play_token(TokenTurn::Grants { expires_in: HOUR, as_text: true });
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1");
    cloud.clock.advance(HOUR - STALE - SECOND);
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1");
    cloud.clock.advance(SECOND);
    assert_eq!(token(&cloud).await.unwrap(), "Bearer token-2");
}

#[tokio::test]
async fn a_refused_account_is_not_asked_again_by_the_same_call() {
    for (status, error) in [(401, "invalid_client"), (400, "invalid_grant"), (403, "access_denied")] {
        let cloud = Cloud::start().await;
        cloud.fake.play_token(TokenTurn::Refuses { status, error });
        let flash = model("gemini-3.8-flash");
        let failure = cloud.vertex.generate(&flash, &request(), PATIENT).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorised, "{failure}");
        assert!(failure.cause.contains(error), "{failure}");
        assert_eq!((cloud.fetches(), cloud.asked().len()), (1, 0));
        assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1", "the next call asks anew");
    }
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_is_waited_out_for_three_attempts() {
    for (status, error) in [(400, "server_error"), (400, "temporarily_unavailable"), (503, "unavailable")] {
        let refuses = || TokenTurn::Refuses { status, error };
        let cloud = Cloud::start().await;
        cloud.fake.play_token(refuses());
        cloud.fake.play_token(refuses());
        assert_eq!(token(&cloud).await.unwrap(), "Bearer token-1", "{status} {error}");
        assert_eq!((cloud.fetches(), cloud.pauses.noted().len()), (3, 2), "{status} {error}");
        let cloud = Cloud::start().await;
        for _ in 0..3 {
            cloud.fake.play_token(refuses());
        }
        let failure = token(&cloud).await.unwrap_err();
        assert_eq!((failure.kind, cloud.fetches()), (FailureKind::Unavailable, 3), "{status} {error}");
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_while_it_waits_for_a_token_holds_nobody_up() {
    let cloud = Cloud::start().await;
    cloud.fake.play_token(TokenTurn::Silent);
    let (first, second) = (cloud.tokens.clone(), cloud.tokens.clone());
    let first = tokio::spawn(async move { first.header().await });
    cloud.fake.until_seen(1).await;
    let second = tokio::spawn(async move { second.header().await });
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(second.await.unwrap().unwrap(), "Bearer token-1");
    cloud.fake.until_hang_ups(1).await;
    assert_eq!(cloud.fetches(), 2);
}

#[tokio::test]
async fn neither_the_private_key_nor_a_token_is_ever_printed() {
    let cloud = Cloud::start().await;
    let header = cloud.tokens.header().await.unwrap();
    let printed = format!("{header:?} {:?}", account(cloud.fake.url(), &json!({})));
    for secret in ["token-1", "PRIVATE KEY", "MIIE"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("p1"), "{printed}");
}

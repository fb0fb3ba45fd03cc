use super::{NOW, PATIENT, api, drained, model, request};
use agents::{
    dispatch::{FailureKind, Model, ModelFailure, Provider, Reply},
    ports::models::LanguageModel,
};
use fakes::{Answer, Fake, Turn};
use kernel::testing::ManualClock;
use models::{Caller, Guarded, providers::GeminiApi};
use std::{sync::Arc, time::Duration};
use web::testing::breakers;

/// How many failures in a row open a breaker.
const FAILURES: usize = 5;

struct Guard {
    fake: Fake,
    clock: Arc<ManualClock>,
    api: Guarded<GeminiApi>,
    flash: Model,
    lite: Model,
}

impl Guard {
    async fn start() -> Self {
        let fake = Fake::start().await;
        let clock = Arc::new(ManualClock::at(NOW));
        let gemini = GeminiApi::new(Caller::new(clock.clone()).unwrap(), fake.url(), &"secret".into());
        let api = Guarded::new(gemini.unwrap(), breakers(&clock).0);
        let model = |id| model(Provider::Gemini, id);
        let (flash, lite) = (model("gemini-3.8-flash"), model("gemini-3.5-flash-lite"));
        Self { fake, clock, api, flash, lite }
    }

    async fn ask(&self, model: &Model) -> Result<Reply, ModelFailure> {
        self.api.generate(model, &request(), PATIENT).await
    }

    async fn stream(&self, model: &Model) -> Result<Reply, ModelFailure> {
        drained(self.api.stream(model, &request(), PATIENT).await?).await.1
    }

    /// Fails so often by this turn.
    async fn fail(&self, turn: Turn, times: usize) {
        for _ in 0..times {
            self.fake.play(turn.clone());
            self.ask(&self.flash).await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn a_model_that_is_down_rests_and_the_others_of_its_provider_do_not() {
    let guard = Guard::start().await;
    guard.fail(Turn::refuses(503), FAILURES).await;
    let resting = guard.ask(&guard.flash).await.unwrap_err();
    assert_eq!(resting.kind, FailureKind::Resting, "{resting}");
    assert!(resting.retry_after.is_some_and(|wait| !wait.is_zero()));
    assert_eq!(guard.stream(&guard.flash).await.unwrap_err().kind, FailureKind::Resting);
    let embedded = guard.api.embed(&guard.flash, &["a".to_owned()], PATIENT).await;
    assert_eq!(embedded.unwrap_err().kind, FailureKind::Resting);
    assert_eq!(guard.fake.seen().len(), FAILURES, "it is not asked while it rests");
    assert!(guard.ask(&guard.lite).await.is_ok());
    assert_eq!(guard.fake.seen().len(), FAILURES + 1);
    let counted = guard.api.count(&guard.flash, &request(), PATIENT).await;
    assert_eq!(counted, Ok(1_000), "a count is none of its calls");
}

#[tokio::test]
async fn a_model_that_has_rested_is_asked_again() {
    let guard = Guard::start().await;
    guard.fail(Turn::refuses(503), FAILURES).await;
    let rest = guard.ask(&guard.flash).await.unwrap_err().retry_after.unwrap();
    guard.clock.advance(rest + Duration::from_millis(1));
    assert!(guard.ask(&guard.flash).await.is_ok());
    assert!(guard.ask(&guard.flash).await.is_ok());
}

#[tokio::test]
async fn whoever_refuses_is_there() {
    let guard = Guard::start().await;
    for status in [400, 401, 404, 429] {
        guard.fail(Turn::refuses(status), FAILURES).await;
    }
    guard.fail(Turn::blocks(), FAILURES).await;
    assert!(guard.ask(&guard.flash).await.is_ok());
}

#[tokio::test]
async fn an_answer_between_failures_forgives_them() {
    let guard = Guard::start().await;
    for _ in 0..3 {
        guard.fail(Turn::resets(), FAILURES - 1).await;
        assert!(guard.ask(&guard.flash).await.is_ok());
    }
}

#[tokio::test]
async fn streams_that_break_before_their_first_piece_open_the_breaker() {
    let guard = Guard::start().await;
    for _ in 0..FAILURES {
        guard.fake.play(Turn::breaks_after(Answer::default(), 0));
        assert_eq!(guard.stream(&guard.flash).await.unwrap_err().kind, FailureKind::Unavailable);
    }
    assert_eq!(guard.ask(&guard.flash).await.unwrap_err().kind, FailureKind::Resting);
}

#[tokio::test]
async fn streams_that_break_after_a_piece_or_are_dropped_leave_it_closed() {
    let guard = Guard::start().await;
    for _ in 0..FAILURES {
        guard.fake.play(Turn::breaks_after(Answer::default(), 1));
        assert_eq!(guard.stream(&guard.flash).await.unwrap_err().kind, FailureKind::Unavailable);
        drop(guard.api.stream(&guard.flash, &request(), PATIENT).await.unwrap());
    }
    assert!(guard.ask(&guard.flash).await.is_ok());
}

#[tokio::test]
async fn a_guarded_provider_is_the_one_that_it_guards() {
    let guard = Guard::start().await;
    let bare = api(Provider::Gemini, guard.fake.url());
    assert_eq!(guard.api.provider(), bare.provider());
    assert_eq!(guard.api.is_regional(&guard.flash), bare.is_regional(&guard.flash));
}

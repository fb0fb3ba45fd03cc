use super::{
    server::{Service, Turn},
    *,
};
use crate::{
    BreakerPolicy, BreakerState, Breakers, Patience, Policy,
    testing::{NotedPauses, breakers},
};
use kernel::{Backoff, testing::ManualClock};
use reqwest::StatusCode;
use std::sync::Arc;

const SECOND: Duration = Duration::from_secs(1);
/// The models' ladder, with less patience for one attempt than a test has.
const POLICY: Policy = Policy {
    attempt: Patience { connect: SECOND.saturating_mul(10), total: SECOND.saturating_mul(10) },
    retry: RetryPolicy {
        retries: 3,
        backoff: Backoff::Exponential { first: Duration::from_secs(1) },
        cap: Duration::from_secs(10),
        jitter: true,
        honours_retry_after: true,
    },
    breaker: BreakerPolicy::USUAL,
};

struct Scene {
    service: Service,
    breakers: Breakers,
    dependency: Dependency,
    pauses: Arc<NotedPauses>,
    clock: Arc<ManualClock>,
}

impl Scene {
    async fn new(policy: Policy, play: &[Turn]) -> Self {
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let (breakers, pauses) = breakers(&clock);
        let dependency = breakers.dependency("thing", policy).unwrap();
        Self { service: Service::start(play).await, breakers, dependency, pauses, clock }
    }

    async fn attempt(&self) -> Result<u16, Failed<String>> {
        let sent = self.dependency.client().get(&self.service.url).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => return Err(Failed::lost("too late".to_owned())),
            Err(error) => return Err(Failed::down(error.without_url().to_string())),
        };
        match answer.status() {
            StatusCode::OK => Ok(200),
            status => {
                let text = status.as_u16().to_string();
                Err(Failed::answered(text, status, answer.headers(), self.breakers.now()))
            }
        }
    }

    async fn call(&self) -> Result<u16, CallError<String>> {
        self.dependency.call(|| self.attempt()).await
    }

    fn waits(&self) -> Vec<u64> {
        self.pauses.noted().iter().map(Duration::as_secs).collect()
    }

    fn state(&self) -> BreakerState {
        self.breakers.list()[0].state
    }
}

fn failed(error: &str, retry_after: Option<u64>) -> Result<u16, CallError<String>> {
    Err(CallError::Failed { error: error.to_owned(), retry_after: retry_after.map(Duration::from_secs) })
}

const OK: Turn = Turn::Answers("200 OK");
const AWAY: Turn = Turn::Answers("503 Service Unavailable");

#[tokio::test]
async fn what_fails_for_a_while_is_repeated_by_the_ladder_until_it_succeeds() {
    let scene = Scene::new(POLICY, &[AWAY, Turn::Resets, AWAY, OK]).await;
    assert_eq!(scene.call().await, Ok(200));
    assert_eq!((scene.service.asked(), scene.waits()), (4, vec![1, 2, 4]));
    assert_eq!(scene.state(), BreakerState::Closed);
}

#[tokio::test]
async fn after_the_last_retry_the_last_error_is_the_answer() {
    let scene = Scene::new(POLICY, &[Turn::Resets, AWAY]).await;
    assert_eq!(scene.call().await, failed("503", None));
    assert_eq!((scene.service.asked(), scene.waits()), (4, vec![1, 2, 4]));
}

#[tokio::test]
async fn a_service_that_says_when_is_asked_then() {
    let seconds = Turn::Answers("429 Too Many Requests\r\nretry-after: 7");
    let date = Turn::Answers("503 Service Unavailable\r\nretry-after: Mon, 02 Mar 2026 09:00:12 GMT");
    let scene = Scene::new(POLICY, &[seconds, date, OK]).await;
    assert_eq!(scene.call().await, Ok(200));
    assert_eq!(scene.waits(), [7, 5], "the date is five seconds away by then");
}

#[tokio::test]
async fn a_service_that_asks_for_more_than_the_cap_is_left_and_the_caller_told() {
    let scene = Scene::new(POLICY, &[Turn::Answers("429 Too Many Requests\r\nretry-after: 120")]).await;
    assert_eq!(scene.call().await, failed("429", Some(120)));
    assert_eq!((scene.service.asked(), scene.waits()), (1, vec![]));
}

#[tokio::test]
async fn what_is_refused_or_may_have_been_done_is_not_repeated() {
    let refused = Scene::new(POLICY, &[Turn::Answers("400 Bad Request")]).await;
    for _ in 0..9 {
        assert_eq!(refused.call().await, failed("400", None));
    }
    assert_eq!((refused.service.asked(), refused.state()), (9, BreakerState::Closed), "it is there");

    let total = Duration::from_millis(300);
    let hasty = Policy { attempt: Patience { total, ..POLICY.attempt }, ..POLICY };
    let silent = Scene::new(hasty, &[Turn::IsSilent]).await;
    assert_eq!(silent.call().await, failed("too late", None));
    assert_eq!(silent.service.asked(), 1);
    assert_eq!(silent.breakers.list()[0].failures, 1, "it counts as a failure");
}

#[tokio::test]
async fn an_open_breaker_keeps_the_calls_from_a_service_that_is_down() {
    let scene = Scene::new(POLICY, &[AWAY]).await;
    assert_eq!(scene.call().await, failed("503", None));
    // The fifth failure opens it: nobody waits for a retry that would be refused.
    assert_eq!(scene.call().await, failed("503", Some(30)));
    for _ in 0..20 {
        let Err(CallError::Unavailable(refused)) = scene.call().await else { panic!("it was called") };
        assert_eq!((&*refused.dependency, refused.retry_after), ("thing", SECOND * 30));
    }
    assert_eq!(scene.service.asked(), 5);
}

#[tokio::test]
async fn without_a_breaker_the_service_is_hammered() {
    let scene = Scene::new(Policy { breaker: BreakerPolicy::NEVER, ..POLICY }, &[AWAY]).await;
    for _ in 0..22 {
        assert_eq!(scene.call().await, failed("503", None));
    }
    assert_eq!(scene.service.asked(), 22 * 4);
}

#[tokio::test]
async fn one_probe_finds_that_the_service_is_back() {
    let scene = Scene::new(POLICY, &[AWAY]).await;
    for _ in 0..2 {
        assert!(scene.call().await.is_err());
    }
    scene.clock.advance(SECOND * 30);
    assert_eq!(scene.call().await, failed("503", Some(30)), "a probe that fails is no ladder");
    assert_eq!(scene.service.asked(), 6);

    scene.clock.advance(SECOND * 30);
    scene.service.now_answers(OK);
    let (first, second) = tokio::join!(scene.call(), scene.call());
    assert_eq!(first, Ok(200));
    assert!(matches!(second, Err(CallError::Unavailable(_))), "{second:?}");
    assert_eq!((scene.service.asked(), scene.state()), (7, BreakerState::Closed));
    assert_eq!(scene.call().await, Ok(200));
}

#[tokio::test]
async fn a_service_that_has_no_time_is_not_down() {
    let scene = Scene::new(POLICY, &[Turn::Answers("429 Too Many Requests")]).await;
    for _ in 0..5 {
        assert_eq!(scene.call().await, failed("429", None));
    }
    assert_eq!((scene.service.asked(), scene.state()), (20, BreakerState::Closed));
}

#[tokio::test]
async fn whoever_waits_for_a_retry_while_others_open_the_breaker_is_refused_after_it() {
    let scene = Scene::new(POLICY, &[AWAY]).await;
    let breaker = scene.breakers.breaker("thing", BreakerPolicy::USUAL);
    let mut attempts = 0;
    let told = scene
        .dependency
        .call(|| {
            attempts += 1;
            // Four others fail beside the first attempt; its own failure is then the fifth.
            (attempts == 1).then(|| (0..4).for_each(|_| breaker.admit().unwrap().failed()));
            scene.attempt()
        })
        .await;
    assert_eq!(told, failed("503", Some(30)));
    assert_eq!((attempts, scene.waits()), (1, vec![]));
}

#[tokio::test(start_paused = true)]
async fn outside_tests_the_waits_take_their_time() {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let breakers = Breakers::new(clock, Arc::new(kernel::SystemRandomness));
    let dependency = breakers.dependency("thing", Policy::PHONEPE).unwrap();
    let began = tokio::time::Instant::now();
    let mut left = 2;
    let told = dependency
        .call(|| {
            let is_there = left == 0;
            left -= i32::from(!is_there);
            async move { if is_there { Ok(7) } else { Err(Failed::down(())) } }
        })
        .await;
    assert_eq!((told, began.elapsed()), (Ok(7), SECOND * 3));
}

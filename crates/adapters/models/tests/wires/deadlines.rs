use super::{ALL, PATIENT, Wire, drained, text_of};
use agents::{
    dispatch::{Delta, FailureKind, Provider},
    ports::models::Deadlines,
};
use fakes::{Answer, Turn};
use futures_util::{FutureExt, StreamExt, future::join_all};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(100);

/// A piece at once, and the next one after a minute.
fn slow() -> Answer {
    Answer { pace: Duration::from_secs(60), ..Answer::default() }
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up_and_notices_it() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        wire.fake.play_always(Turn::silent());
        let first = Deadlines { first_token: SHORT, ..PATIENT };
        let streamed = wire.api.stream(&wire.model, &wire.request(), first).await;
        assert_eq!(streamed.err().map(|failure| failure.kind), Some(FailureKind::TimedOut), "{provider:?}");
        wire.fake.until_hang_ups(1).await;
        let total = Deadlines { total: SHORT, ..PATIENT };
        let whole = wire.api.generate(&wire.model, &wire.request(), total).await.unwrap_err();
        assert_eq!(whole.kind, FailureKind::TimedOut, "{provider:?}: {whole}");
        wire.fake.until_hang_ups(2).await;
        let streamed = wire.api.stream(&wire.model, &wire.request(), total).await;
        assert_eq!(streamed.err().map(|failure| failure.kind), Some(FailureKind::TimedOut), "{provider:?}");
        wire.fake.until_hang_ups(3).await;
    }
}

#[tokio::test]
async fn a_count_and_vectors_have_their_deadline_too() {
    let wire = Wire::start(Provider::Gemini).await;
    wire.fake.play_always(Turn::silent());
    let total = Deadlines { total: SHORT, ..PATIENT };
    let counted = wire.api.count(&wire.model, &wire.request(), total).await.unwrap_err();
    let embedded = wire.api.embed(&wire.model, &["a".to_owned()], total).await.unwrap_err();
    assert_eq!((counted.kind, embedded.kind), (FailureKind::TimedOut, FailureKind::TimedOut));
    wire.fake.until_hang_ups(2).await;
}

#[tokio::test]
async fn a_stream_that_takes_too_long_ends_after_its_pieces() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        wire.fake.play(Turn::says(slow()));
        let total = Deadlines { total: Duration::from_millis(400), ..PATIENT };
        let pieces = wire.api.stream(&wire.model, &wire.request(), total).await.unwrap();
        let (before, end) = drained(pieces).await;
        let failure = end.unwrap_err();
        assert_eq!((text_of(&before).as_str(), failure.kind), ("The", FailureKind::TimedOut), "{provider:?}");
        wire.fake.until_hang_ups(1).await;
    }
}

#[tokio::test]
async fn once_a_piece_has_come_the_deadline_of_the_first_holds_no_more() {
    let asked = ALL.map(|provider| async move {
        let wire = Wire::start(provider).await;
        let paced = Answer { pieces: 10, pace: Duration::from_millis(100), ..Answer::text("0123456789") };
        wire.fake.play(Turn::says(paced));
        let first = Deadlines { first_token: Duration::from_millis(500), ..PATIENT };
        let pieces = wire.api.stream(&wire.model, &wire.request(), first).await.unwrap();
        let (before, end) = drained(pieces).await;
        assert_eq!((text_of(&before).as_str(), end.is_ok()), ("0123456789", true), "{provider:?}");
    });
    join_all(asked).await;
}

#[tokio::test]
async fn whoever_drops_a_stream_hangs_up() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        wire.fake.play(Turn::says(slow()));
        let mut pieces = wire.api.stream(&wire.model, &wire.request(), PATIENT).await.unwrap();
        while !matches!(pieces.next().await, Some(Ok(Delta::Text(_)))) {}
        assert_eq!((wire.fake.hang_ups(), wire.fake.open()), (0, 1), "{provider:?}");
        drop(pieces);
        wire.fake.until_hang_ups(1).await;
    }
}

#[tokio::test]
async fn whoever_drops_a_call_hangs_up() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        wire.fake.play_always(Turn::silent());
        let request = wire.request();
        for (count, call) in [
            wire.api.generate(&wire.model, &request, PATIENT).map(|_| ()).boxed(),
            wire.api.stream(&wire.model, &request, PATIENT).map(|_| ()).boxed(),
        ]
        .into_iter()
        .enumerate()
        {
            tokio::select! {
                () = call => panic!("{provider:?}: the fake says nothing"),
                () = wire.fake.until_seen(count + 1) => {}
            }
            wire.fake.until_hang_ups(count + 1).await;
        }
    }
}

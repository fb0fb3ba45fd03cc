use super::{ALL, PATIENT, Wire, api, model, request, text_of};
use agents::dispatch::{Delta, FailureKind, ModelFailure, Provider};
use fakes::{Answer, Hint, Turn};
use futures_util::StreamExt;
use serde_json::json;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    thread::JoinHandle,
    time::Duration,
};

#[tokio::test]
async fn every_hint_when_to_come_again_is_read() {
    let date = "Thu, 26 Nov 2026 12:00:07 GMT".to_owned();
    let (seconds, millis) = (Duration::from_secs(7), Duration::from_millis(1_500));
    for provider in ALL {
        let mut hints = vec![
            (Hint::None, None),
            (Hint::Seconds(7), Some(seconds)),
            (Hint::Millis(1_500), Some(millis)),
            (Hint::Date(date.clone()), Some(seconds)),
        ];
        if provider == Provider::Gemini {
            hints.push((Hint::Body(millis), Some(millis)));
        }
        let wire = Wire::start(provider).await;
        for (hint, wait) in hints {
            let turn = Turn::refuses(429).hint(hint.clone());
            let whole = wire.whole(turn.clone()).await.unwrap_err();
            assert_eq!(
                (whole.kind, whole.retry_after),
                (FailureKind::RateLimited, wait),
                "{provider:?} {hint:?}"
            );
            let (pieces, streamed) = wire.stream(turn).await;
            assert_eq!((pieces.len(), streamed.unwrap_err()), (0, whole), "{provider:?} {hint:?}");
        }
    }
}

#[tokio::test]
async fn each_status_is_a_kind_of_failure() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        for (status, kind) in [
            (400, FailureKind::Invalid),
            (401, FailureKind::Unauthorised),
            (402, FailureKind::Billing),
            (403, FailureKind::Unauthorised),
            (404, FailureKind::UnknownModel),
            (500, FailureKind::Unavailable),
            (503, FailureKind::Unavailable),
            (529, FailureKind::Unavailable),
        ] {
            let failure = wire.whole(Turn::refuses(status)).await.unwrap_err();
            assert_eq!((failure.kind, failure.usage), (kind, None), "{provider:?} {status}: {failure}");
            assert_eq!(wire.stream(Turn::refuses(status)).await.1.unwrap_err(), failure);
            if matches!(provider, Provider::Gemini | Provider::Anthropic) {
                wire.fake.play(Turn::refuses(status));
                let counted = wire.api.count(&wire.model, &wire.request(), PATIENT).await;
                assert_eq!(counted.unwrap_err().kind, kind, "{provider:?} {status}");
            }
        }
    }
}

#[tokio::test]
async fn a_code_says_more_than_a_status() {
    for (provider, status, code, kind) in [
        (Provider::OpenAi, 429, "insufficient_quota", FailureKind::Billing),
        (Provider::OpenAi, 400, "unsupported_parameter", FailureKind::UnsupportedParameter),
        (Provider::OpenAi, 400, "content_filter", FailureKind::Blocked),
        (Provider::Anthropic, 400, "billing_error", FailureKind::Billing),
        (Provider::Anthropic, 400, "unsupported_parameter", FailureKind::UnsupportedParameter),
        (Provider::Gemini, 400, "FAILED_PRECONDITION", FailureKind::Invalid),
    ] {
        let wire = Wire::start(provider).await;
        let failure = wire.whole(Turn::refuses(status).code(code)).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{provider:?} {code}: {failure}");
    }
}

#[tokio::test]
async fn a_blocked_answer_is_a_failure_that_is_charged() {
    for provider in [Provider::Gemini, Provider::Anthropic, Provider::OpenAi, Provider::Compatible] {
        let wire = Wire::start(provider).await;
        let whole = wire.whole(Turn::blocks()).await.unwrap_err();
        let streamed = wire.stream(Turn::blocks()).await.1.unwrap_err();
        for failure in [whole, streamed] {
            let usage = failure.usage.unwrap();
            let sums = (usage.fresh, usage.cache_read, usage.output);
            assert_eq!((failure.kind, sums), (FailureKind::Blocked, (600, 400, 0)), "{provider:?}");
        }
    }
}

fn ten() -> Answer {
    Answer { pieces: 10, ..Answer::text("0123456789") }
}

/// What came before a stream failed, the failure.
async fn failed(provider: Provider, turn: Turn) -> (String, ModelFailure) {
    let (pieces, end) = Wire::start(provider).await.stream(turn).await;
    (text_of(&pieces), end.unwrap_err())
}

#[tokio::test]
async fn an_error_in_the_midst_of_a_stream_is_read_after_what_came_before() {
    for (provider, said) in [
        (Provider::Gemini, "503 UNAVAILABLE: The service is currently unavailable."),
        (Provider::Anthropic, "overloaded_error : Overloaded"),
        (Provider::OpenAi, "The server had an error while processing your request."),
        (Provider::Compatible, "The server had an error while processing your request."),
        (Provider::Mistral, "Internal server error"),
    ] {
        for (after, before) in [(0, ""), (4, "0123")] {
            for split_bytes in [None, Some(1), Some(7)] {
                let turn = Turn::breaks_after(Answer { split_bytes, ..ten() }, after);
                let (text, failure) = failed(provider, turn).await;
                assert_eq!((text.as_str(), failure.kind), (before, FailureKind::Unavailable), "{provider:?}");
                assert!(failure.cause.contains(said), "{provider:?}: {failure}");
                let is_charged = provider == Provider::Anthropic;
                assert_eq!(failure.usage.is_some(), is_charged, "{provider:?} tells it before the end");
            }
        }
        let whole = Wire::start(provider).await.whole(Turn::breaks_after(ten(), 4)).await.unwrap_err();
        assert_eq!(whole.kind, FailureKind::Unavailable, "{provider:?}");
        assert!(whole.cause.contains(said), "{provider:?}: {whole}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_or_garbled_is_an_outage_after_what_came_before() {
    for provider in ALL {
        for (after, before) in [(0, ""), (4, "0123")] {
            for turn in [Turn::cuts_after(ten(), after), Turn::garbles_after(ten(), after)] {
                let (text, failure) = failed(provider, turn.clone()).await;
                assert_eq!(text, before, "{provider:?} {turn:?}");
                assert_eq!(failure.kind, FailureKind::Unavailable, "{provider:?} {turn:?}: {failure}");
            }
        }
    }
}

#[tokio::test]
async fn a_whole_answer_that_is_cut_or_garbled_is_an_outage() {
    for provider in ALL {
        for turn in [Turn::cuts_after(ten(), 0), Turn::garbles_after(ten(), 0)] {
            let failure = Wire::start(provider).await.whole(turn).await.unwrap_err();
            assert_eq!(
                (failure.kind, failure.usage),
                (FailureKind::Unavailable, None),
                "{provider:?}: {failure}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_resets_the_connection_or_is_not_there_is_unreachable() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let whole = wire.whole(Turn::resets()).await.unwrap_err();
        assert_eq!(whole.kind, FailureKind::Unreachable, "{provider:?}: {whole}");
        let (_, streamed) = wire.stream(Turn::resets()).await;
        assert_eq!(streamed.unwrap_err().kind, FailureKind::Unreachable, "{provider:?}");
        let (model, request) = (&wire.model, wire.request());
        let gone = api(provider, "http://127.0.0.1:1");
        let failure = gone.generate(model, &request, PATIENT).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unreachable, "{provider:?}: {failure}");
        assert!(!failure.cause.contains("127.0.0.1"), "{failure}");
    }
}

#[tokio::test]
async fn a_failed_stream_is_over() {
    let wire = Wire::start(Provider::Gemini).await;
    wire.fake.play(Turn::garbles_after(ten(), 2));
    let pieces = wire.api.stream(&wire.model, &wire.request(), PATIENT).await.unwrap();
    let all: Vec<_> = pieces.collect().await;
    let texts = all.iter().filter(|piece| matches!(piece, Ok(Delta::Text(_)))).count();
    assert_eq!((texts, all.len()), (2, 3), "{all:?}");
    assert!(all[2].is_err());
}

/// Answers one request so, and reads until its caller is gone. The fake gives one hint at a time.
fn answers_once(answer: String) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        caller.read_exact(&mut [0; 16]).unwrap();
        caller.write_all(answer.as_bytes()).unwrap();
        caller.shutdown(Shutdown::Write).unwrap();
        // The caller may reset instead of close.
        let _ = caller.read_to_end(&mut Vec::new());
    });
    (url, serving)
}

#[tokio::test]
async fn of_two_hints_the_longer_one_holds() {
    for (header, delay, wait) in [
        ("retry-after: 2", "7s", 7_000),
        ("retry-after: 9", "7s", 9_000),
        ("retry-after: 2\r\nretry-after-ms: 2500", "1s", 2_500),
        ("retry-after: 3\r\nretry-after-ms: 2500", "1s", 3_000),
    ] {
        let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
        let body =
            json!({"error": {"code": 429, "message": "", "status": "RESOURCE_EXHAUSTED", "details": [info]}});
        let (body, close) = (body.to_string(), "connection: close");
        let length = body.len();
        let head =
            format!("HTTP/1.1 429 Too Many Requests\r\n{header}\r\n{close}\r\ncontent-length: {length}");
        let (url, serving) = answers_once(format!("{head}\r\n\r\n{body}"));
        let model = model(Provider::Gemini, "gemini-3.8-flash");
        let asked = api(Provider::Gemini, &url);
        let failure = asked.generate(&model, &request(), PATIENT).await.unwrap_err();
        assert_eq!(failure.retry_after, Some(Duration::from_millis(wait)), "{header}, {delay}: {failure}");
        drop(asked);
        serving.join().unwrap();
    }
}

//! Every turn on every wire.

use crate::client::{Ask, Client, wires};
use fakes::{Answer, Fake, Hint, Tokens, Turn};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const SOON: Duration = Duration::from_millis(50);

/// Of a stream: the answer's text as far as it came, whatever the wire.
fn said(body: &str) -> String {
    let mut said = String::new();
    for event in body.replace("\r\n", "\n").split("\n\n") {
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
        let Ok(data) = serde_json::from_str::<serde_json::Value>(data) else { continue };
        let texts = [
            &data["candidates"][0]["content"]["parts"][0]["text"],
            &data["delta"]["text"],
            &data["choices"][0]["delta"]["content"],
        ];
        said.extend(texts.into_iter().filter_map(|text| text.as_str()));
    }
    said
}

#[tokio::test]
async fn turns_are_played_in_order_and_then_the_default() {
    let fake = Fake::start().await;
    for wire in wires() {
        fake.play(Turn::says(Answer::text("One.")));
        fake.play(Turn::says(Answer::text("Two.")));
        fake.play_always(Turn::says(Answer::text("Always.")));
        for expected in ["One.", "Two.", "Always.", "Always."] {
            let got = wire.whole.of(&fake).await;
            assert!(got.body.contains(expected), "{}: {}", wire.name, got.body);
        }
        assert_eq!(said(&wire.stream.of(&fake).await.body), "Always.", "{}", wire.name);
    }
    assert_eq!(fake.open(), 0);
    assert_eq!(fake.hang_ups(), 0);
}

#[tokio::test]
async fn a_refusal_has_its_status_and_its_hint_on_whole_answers_and_on_streams() {
    let fake = Fake::start().await;
    let date = "Sat, 21 Nov 2026 09:00:00 GMT".to_owned();
    for wire in wires() {
        for ask in [&wire.whole, &wire.stream] {
            for (status, hint, header) in [
                (429, Hint::Seconds(7), Some(("retry-after", "7"))),
                (503, Hint::Millis(5), Some(("retry-after-ms", "5"))),
                (529, Hint::Date(date.clone()), Some(("retry-after", date.as_str()))),
                (500, Hint::None, None),
            ] {
                fake.play(Turn::refuses(status).hint(hint));
                let got = ask.of(&fake).await;
                assert_eq!(got.status, status, "{}", wire.name);
                let hints: Vec<_> =
                    got.headers.iter().filter(|(name, _)| name.starts_with("retry")).collect();
                let hints: Vec<_> =
                    hints.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                assert_eq!(hints, header.into_iter().collect::<Vec<_>>(), "{}", wire.name);
            }
        }
    }
}

#[tokio::test]
async fn a_broken_stream_has_so_many_pieces_and_a_whole_answer_none() {
    let fake = Fake::start().await;
    for wire in wires() {
        for (pieces, expected) in [(0, ""), (2, "The ans"), (9, "The answer.")] {
            fake.play(Turn::breaks_after(Answer::default(), pieces));
            let got = wire.stream.of(&fake).await;
            assert_eq!((got.status, got.is_whole), (200, true), "{}", wire.name);
            assert_eq!(said(&got.body), expected, "{}", wire.name);
            assert!(!got.body.contains("[DONE]") && !got.body.contains("message_stop"), "{}", wire.name);
            let last = got.chunks.last().unwrap();
            assert!(last.contains("error"), "{}: {last}", wire.name);
        }
        fake.play(Turn::breaks_after(Answer::default(), 2));
        assert!(wire.whole.of(&fake).await.status >= 500, "{}", wire.name);
    }
}

#[tokio::test]
async fn a_cut_stream_has_so_many_pieces_and_no_end() {
    let fake = Fake::start().await;
    for wire in wires() {
        for (pieces, expected) in [(0, ""), (2, "The ans"), (9, "The answer.")] {
            fake.play(Turn::cuts_after(Answer::default(), pieces));
            let got = wire.stream.of(&fake).await;
            assert_eq!((got.status, got.is_whole), (200, false), "{}", wire.name);
            assert_eq!(said(&got.body), expected, "{}", wire.name);
        }
        fake.play(Turn::cuts_after(Answer::default(), 2));
        let got = wire.whole.of(&fake).await;
        assert_eq!((got.status, got.is_whole), (200, false), "{}", wire.name);
        assert!(!got.body.is_empty(), "{}", wire.name);
    }
    assert_eq!(fake.hang_ups(), 0, "it is the fake that closed");
}

#[tokio::test]
async fn a_garbled_stream_lacks_one_piece_and_comes_to_its_end() {
    let fake = Fake::start().await;
    for wire in wires() {
        fake.play(Turn::garbles_after(Answer::default(), 1));
        let got = wire.stream.of(&fake).await;
        assert_eq!((got.status, got.is_whole), (200, true), "{}", wire.name);
        assert_eq!(said(&got.body), "Thewer.", "{}", wire.name);
        fake.play(Turn::garbles_after(Answer::default(), 1));
        let got = wire.whole.of(&fake).await;
        assert_eq!((got.status, got.is_whole), (200, true), "{}", wire.name);
        assert!(serde_json::from_str::<serde_json::Value>(&got.body).is_err(), "{}", wire.name);
    }
}

#[tokio::test]
async fn a_reset_ends_the_connection_with_an_error_before_the_first_byte() {
    use tokio::io::AsyncReadExt;
    let fake = Fake::start().await;
    for wire in wires() {
        fake.play(Turn::resets());
        let mut client = Client::of(&fake).await;
        client.send(&wire.whole).await;
        let error = client.stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{}", wire.name);
    }
    assert_eq!(fake.hang_ups(), 0);
}

#[tokio::test]
async fn silence_lasts_until_the_caller_goes_and_that_is_noticed() {
    let fake = Fake::start().await;
    for (before, wire) in wires().iter().enumerate() {
        fake.play(Turn::silent());
        let mut client = Client::of(&fake).await;
        client.send(&wire.stream).await;
        fake.until_seen(before + 1).await;
        assert!(timeout(SOON, client.answer()).await.is_err(), "{}", wire.name);
        assert_eq!((fake.open(), fake.hang_ups()), (1, before));
        drop(client);
        fake.until_hang_ups(before + 1).await;
        assert_eq!(fake.open(), 0);
    }
}

#[tokio::test]
async fn who_goes_in_the_midst_of_a_stream_is_noticed() {
    let fake = Fake::start().await;
    fake.play_always(Turn::says(Answer { pace: Duration::from_secs(3_600), ..Answer::default() }));
    for (before, wire) in wires().iter().enumerate() {
        let mut client = Client::of(&fake).await;
        client.send(&wire.stream).await;
        client.head().await.unwrap();
        let first = client.chunk().await.unwrap();
        assert!(!first.is_empty());
        assert_eq!(fake.open(), 1);
        drop(client);
        fake.until_hang_ups(before + 1).await;
        assert_eq!(fake.open(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn every_turn_can_wait_before_its_first_byte() {
    let fake = Fake::start().await;
    let (wait, began) = (Duration::from_secs(60), Instant::now());
    let ask = wires().swap_remove(0).stream;
    for (turns, turn) in [
        Turn::says(Answer::default()),
        Turn::refuses(429),
        Turn::blocks(),
        Turn::breaks_after(Answer::default(), 1),
        Turn::cuts_after(Answer::default(), 1),
        Turn::garbles_after(Answer::default(), 1),
        Turn::resets(),
    ]
    .into_iter()
    .enumerate()
    {
        fake.play(turn.after(wait));
        ask.answer(&fake).await;
        assert!(began.elapsed() >= wait * u32::try_from(turns + 1).unwrap());
    }
    fake.play(Turn::says(Answer::default()).after(wait));
    assert!(timeout(wait / 2, ask.answer(&fake)).await.is_err());
    fake.until_hang_ups(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_paced_between_its_pieces_only() {
    let fake = Fake::start().await;
    let pace = Duration::from_secs(60);
    fake.play_always(Turn::says(Answer { pieces: 4, pace, ..Answer::default() }));
    for wire in wires() {
        let began = Instant::now();
        wire.stream.of(&fake).await;
        let took = began.elapsed();
        assert!((pace * 3..pace * 4).contains(&took), "{}: {took:?}", wire.name);
        let began = Instant::now();
        wire.whole.of(&fake).await;
        assert!(began.elapsed() < pace, "{}", wire.name);
    }
}

#[tokio::test]
async fn a_split_stream_is_the_same_in_chunks_of_so_many_bytes() {
    let fake = Fake::start().await;
    let text = "Über den Dächern \u{2028} 🦀";
    for wire in wires() {
        let answer = Answer::text(text);
        fake.play(Turn::says(Answer { split_bytes: Some(5), ..answer }));
        let got = wire.stream.of(&fake).await;
        assert_eq!(said(&got.body), text, "{}", wire.name);
        let (last, others) = got.chunks.split_last().unwrap();
        assert!(last.len() <= 15 && others.len() > 50, "{}", wire.name);
        assert!(got.is_whole);
    }
}

#[tokio::test]
async fn comments_come_when_asked_but_never_on_googles_wire() {
    let fake = Fake::start().await;
    fake.play_always(Turn::says(Answer { comments: true, ..Answer::default() }));
    for wire in wires() {
        let got = wire.stream.of(&fake).await;
        let has_comments = got.body.lines().any(|line| line.starts_with(':'));
        let is_google = ["vertex", "developer"].contains(&wire.name);
        assert_eq!(has_comments, !is_google, "{}", wire.name);
        assert_eq!(said(&got.body), "The answer.", "{}", wire.name);
    }
}

#[tokio::test]
async fn usage_is_as_it_was_told_or_not_there() {
    let fake = Fake::start().await;
    let tokens = Tokens { fresh: 71, read: 0, output: 13, reasoning: 0 };
    for wire in wires() {
        fake.play(Turn::says(Answer { tokens, ..Answer::default() }));
        assert!(wire.whole.of(&fake).await.body.contains("71"), "{}", wire.name);
        for ask in [&wire.whole, &wire.stream] {
            fake.play(Turn::says(Answer { says_usage: false, ..Answer::default() }));
            let body = ask.of(&fake).await.body;
            assert!(!body.contains("usage"), "{}: {body}", wire.name);
        }
    }
}

#[tokio::test]
async fn counts_and_embeddings_take_turns_too() {
    let fake = Fake::start().await;
    let body = serde_json::json!({"model": "text-embedding-3-small", "input": "one"});
    let embed = Ask::post("/v1/embeddings", &body);
    fake.play(Turn::refuses(429));
    assert_eq!(embed.of(&fake).await.status, 429);
    fake.play(Turn::says(Answer::default()));
    assert!(embed.of(&fake).await.json()["data"][0]["embedding"].is_array());
    fake.play(Turn::breaks_after(Answer::default(), 1));
    assert_eq!(embed.of(&fake).await.status, 500);
}

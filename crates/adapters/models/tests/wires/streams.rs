use super::{ALL, Wire, calling, text_of, usual_usage};
use agents::dispatch::{Delta, Finish, Provider};
use fakes::{Answer, Turn};

/// Google sends none, as its own client fails on them.
fn with_comments(provider: Provider) -> bool {
    provider != Provider::Gemini
}

#[tokio::test]
async fn a_streamed_answer_ends_as_the_same_one_that_came_whole() {
    let thinking = Answer { thought: Some("Hm.".to_owned()), ..calling() };
    let long =
        Answer { length: true, pieces: 7, ..Answer::text("Viele Grüße 🙂, \u{2028} und so fort.") };
    let quiet = Answer { says_usage: false, ..Answer::default() };
    for provider in ALL {
        for answer in [Answer::default(), calling(), thinking.clone(), long.clone(), quiet.clone()] {
            // Its ids tell the number of the answer, so each has a fake of its own.
            let whole = Wire::start(provider).await.whole(Turn::says(answer.clone())).await.unwrap();
            for split_bytes in [None, Some(1), Some(7)] {
                let comments = with_comments(provider) && split_bytes.is_some();
                let cut = Answer { split_bytes, comments, ..answer.clone() };
                let (deltas, reply) = Wire::start(provider).await.stream(Turn::says(cut)).await;
                assert_eq!(reply.unwrap(), whole, "{provider:?}, in pieces of {split_bytes:?}");
                assert_eq!(text_of(&deltas), whole.text(), "{provider:?}");
            }
        }
    }
}

#[tokio::test]
async fn text_comes_in_the_pieces_that_were_sent_and_usage_before_the_end() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let (deltas, reply) = wire.stream(Turn::default()).await;
        let texts = deltas.iter().filter(|delta| matches!(delta, Delta::Text(_))).count();
        assert_eq!((texts, reply.unwrap().finish), (3, Finish::Stop), "{provider:?}");
        let last = deltas.iter().rev().find_map(|delta| match delta {
            Delta::Usage(usage) => Some(*usage),
            _ => None,
        });
        assert_eq!(last, Some(usual_usage(provider)), "{provider:?}");
    }
}

#[tokio::test]
async fn a_call_is_announced_before_its_arguments_which_are_whole_together() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        let (deltas, _) = wire.stream(Turn::says(calling())).await;
        let mut calls: Vec<String> = Vec::new();
        for delta in deltas {
            match delta {
                Delta::ToolCall { index, name, .. } => {
                    assert_eq!((index, name.as_str()), (calls.len(), "look"), "{provider:?}");
                    calls.push(String::new());
                }
                Delta::Arguments { index, json } => calls[index].push_str(&json),
                _ => {}
            }
        }
        assert_eq!(calls, ["{\"at\":\"the door\"}", "{\"at\":\"äöü 🙂\"}"], "{provider:?}");
    }
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_stream() {
    for provider in ALL {
        let wire = Wire::start(provider).await;
        for _ in 0..3 {
            wire.stream(Turn::default()).await.1.unwrap();
        }
        assert_eq!((wire.fake.seen().len(), wire.fake.hang_ups()), (3, 0), "{provider:?}");
    }
}

//! The same call, told by each wire in its provider's own way, is the same usage.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use agents::dispatch::Usage;
use models::{anthropic, google, openai};
use proptest::prelude::*;
use serde_json::json;

/// What each wire makes of so many tokens, however its provider adds them up.
fn told(fresh: u64, cached: u64, spoken: u64, thought: u64) -> [Usage; 3] {
    let (prompt, output) = (fresh + cached, spoken + thought);
    let google = json!({
        "candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": prompt, "cachedContentTokenCount": cached, "candidatesTokenCount": spoken,
            "thoughtsTokenCount": thought, "totalTokenCount": prompt + output},
    });
    let anthropic = json!({
        "content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": fresh, "cache_read_input_tokens": cached, "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": thought}},
    });
    let openai = json!({
        "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": thought}},
    });
    let usage = |reply: Result<agents::dispatch::Reply, _>| reply.unwrap().usage.unwrap();
    [
        usage(google::reply(google.to_string().as_bytes())),
        usage(anthropic::reply(anthropic.to_string().as_bytes())),
        usage(openai::reply(openai.to_string().as_bytes())),
    ]
}

#[test]
fn the_known_call_is_the_same_in_every_word() {
    let usage = Usage { fresh: 600, cache_read: 400, output: 150, reasoning: 50, ..Usage::NONE };
    assert_eq!(told(600, 400, 100, 50), [usage; 3]);
}

proptest! {
    #[test]
    fn every_call_is(
        fresh in 0_u64..2_000_000, cached in 0_u64..2_000_000, spoken in 0_u64..200_000, thought in 0_u64..200_000,
    ) {
        let usage = Usage { fresh, cache_read: cached, output: spoken + thought, reasoning: thought, ..Usage::NONE };
        prop_assert_eq!(told(fresh, cached, spoken, thought), [usage; 3]);
    }
}

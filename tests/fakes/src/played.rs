//! Turns for callers in other languages: `POST /_fake/play` with a turn as JSON.
//!
//! ```json
//! {"turn": "refuses", "status": 429, "code": "insufficient_quota", "hint": {"seconds": 1}, "after_ms": 0, "always": false}
//! {"turn": "breaks_after", "n": 2, "answer": {"text": "Good morning.", "pieces": 4, "pace_ms": 20}}
//! ```
//! - `turn`: `says`, `refuses`, `blocks`, `breaks_after`, `cuts_after`, `garbles_after`, `resets` or `silent`.
//! - `answer`: the fields of [`Answer`], all optional, with `pace_ms` in place of `pace`; a call is a list of name and arguments.
//! - `n`: how many pieces come before it breaks, is cut or garbled.
//! - `hint`: one of `{"seconds": 1}`, `{"millis": 5}`, `{"date": ".."}`, `{"body_ms": 52000}`.
//! - `always`: it replaces the default answer.
//!
//! The answer is 200, or 400 with what is wrong.

use crate::{Answer, Hint, Tokens, Turn, reply::Whole, state::State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Played {
    turn: Name,
    #[serde(default)]
    answer: Said,
    #[serde(default)]
    n: usize,
    status: Option<u16>,
    code: Option<String>,
    hint: Option<PlayedHint>,
    #[serde(default)]
    after_ms: u64,
    #[serde(default)]
    always: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Says,
    Refuses,
    Blocks,
    BreaksAfter,
    CutsAfter,
    GarblesAfter,
    Resets,
    Silent,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlayedHint {
    Seconds(u64),
    Millis(u64),
    Date(String),
    BodyMs(u64),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: Option<String>,
    pieces: Option<usize>,
    #[serde(default)]
    pace_ms: u64,
    thought: Option<String>,
    #[serde(default)]
    calls: Vec<(String, Value)>,
    #[serde(default)]
    length: bool,
    #[serde(default)]
    tokens: Tokens,
    says_usage: Option<bool>,
    split_bytes: Option<usize>,
    #[serde(default)]
    comments: bool,
}

pub(crate) fn reply(state: &State, body: &[u8]) -> Whole {
    let played = match serde_json::from_slice::<Played>(body) {
        Ok(played) => played,
        Err(error) => return Whole::json(400, &json!({"error": error.to_string()})),
    };
    let always = played.always;
    let turn = played.into_turn();
    if always {
        state.play_always(turn);
    } else {
        state.play(turn);
    }
    Whole::json(200, &json!({}))
}

impl Played {
    fn into_turn(self) -> Turn {
        let answer = self.answer.into_answer();
        let turn = match self.turn {
            Name::Says => Turn::says(answer),
            Name::Refuses => Turn::refuses(self.status.unwrap_or(500)),
            Name::Blocks => Turn::blocks(),
            Name::BreaksAfter => Turn::breaks_after(answer, self.n),
            Name::CutsAfter => Turn::cuts_after(answer, self.n),
            Name::GarblesAfter => Turn::garbles_after(answer, self.n),
            Name::Resets => Turn::resets(),
            Name::Silent => Turn::silent(),
        };
        let turn = match self.hint {
            None => turn,
            Some(PlayedHint::Seconds(seconds)) => turn.hint(Hint::Seconds(seconds)),
            Some(PlayedHint::Millis(millis)) => turn.hint(Hint::Millis(millis)),
            Some(PlayedHint::Date(date)) => turn.hint(Hint::Date(date)),
            Some(PlayedHint::BodyMs(millis)) => turn.hint(Hint::Body(Duration::from_millis(millis))),
        };
        let turn = match self.code {
            None => turn,
            Some(code) => turn.code(&code),
        };
        turn.after(Duration::from_millis(self.after_ms))
    }
}

impl Said {
    fn into_answer(self) -> Answer {
        let usual = Answer::default();
        Answer {
            text: self.text.unwrap_or(usual.text),
            pieces: self.pieces.unwrap_or(usual.pieces),
            pace: Duration::from_millis(self.pace_ms),
            thought: self.thought,
            calls: self.calls,
            length: self.length,
            tokens: self.tokens,
            says_usage: self.says_usage.unwrap_or(usual.says_usage),
            split_bytes: self.split_bytes,
            comments: self.comments,
        }
    }
}

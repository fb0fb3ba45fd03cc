//! What a model says.

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// What a model says, on whatever wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its text.
    pub text: String,
    /// Into how many pieces a stream cuts the text; none is empty, so a short text has fewer.
    pub pieces: usize,
    /// The time between two pieces of a stream. A thought and a call are pieces, too.
    pub pace: Duration,
    /// What it thinks before. OpenAI and Mistral show none.
    pub thought: Option<String>,
    /// The tools that it calls: their names and arguments.
    pub calls: Vec<(String, Value)>,
    /// It ends because it is as long as it may be.
    pub length: bool,
    /// What it costs.
    pub tokens: Tokens,
    /// It tells its tokens, where the wire does.
    pub says_usage: bool,
    /// Writes a stream in chunks of so many bytes, so that they end anywhere in an event.
    pub split_bytes: Option<usize>,
    /// Comments, and Anthropic's pings, between the events. Never on Google's wire, whose client fails on them.
    pub comments: bool,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            text: "The answer.".to_owned(),
            pieces: 3,
            pace: Duration::ZERO,
            thought: None,
            calls: Vec::new(),
            length: false,
            tokens: Tokens::default(),
            says_usage: true,
            split_bytes: None,
            comments: false,
        }
    }
}

impl Answer {
    /// This text; all else as always.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// The text as a stream cuts it.
    pub(crate) fn cut(&self) -> Vec<&str> {
        let starts: Vec<usize> = self.text.char_indices().map(|(at, _)| at).collect();
        let pieces = self.pieces.clamp(1, starts.len().max(1));
        let bound =
            |piece: usize| starts.get(starts.len() * piece / pieces).copied().unwrap_or(self.text.len());
        (0..pieces)
            .map(|piece| &self.text[bound(piece)..bound(piece + 1)])
            .filter(|piece| !piece.is_empty())
            .collect()
    }
}

/// What an answer costs, in tokens; every wire has its own words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// Of the prompt, without what was read from a cache.
    pub fresh: u64,
    /// Of the prompt, read from a cache.
    pub read: u64,
    /// All that the model made.
    pub output: u64,
    /// The part of `output` that nobody sees.
    pub reasoning: u64,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { fresh: 600, read: 400, output: 150, reasoning: 50 }
    }
}

impl Tokens {
    /// The whole prompt.
    pub(crate) fn prompt(self) -> u64 {
        self.fresh + self.read
    }

    /// About so many are in a text.
    pub(crate) fn of_text(text: &str) -> usize {
        text.chars().count().div_ceil(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_pieces_that_are_whole_and_not_empty() {
        let cut = |text: &str, pieces| {
            let answer = Answer { pieces, ..Answer::text(text) };
            answer.cut().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(cut("The answer.", 3), ["The", " ans", "wer."]);
        assert_eq!(cut("äöü", 2), ["ä", "öü"]);
        assert_eq!(cut("ab", 5), ["a", "b"]);
        assert_eq!(cut("ab", 0), ["ab"]);
        assert!(cut("", 3).is_empty());
    }
}

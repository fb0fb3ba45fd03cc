use serde::{Deserialize, Serialize};

/// Tokens of one call, in the classes that have prices of their own. Every adapter MUST say its provider's figures in these
/// classes, whatever the provider adds up:
///
/// | ours | Google | Anthropic | `OpenAI` |
/// | --- | --- | --- | --- |
/// | `fresh` | prompt - cached + tool-use prompt | `input_tokens` | prompt - cached |
/// | `cache_read` | `cachedContentTokenCount` | `cache_read_input_tokens` | `cached_tokens` |
/// | `cache_write_*` | none | `cache_creation`; without its split, 5 minutes | none; left in `fresh` |
/// | `output` | candidates + thoughts | `output_tokens` | `completion_tokens` |
/// | `reasoning` | thoughts | `thinking_tokens` | `reasoning_tokens` |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Input that no cache had.
    pub fresh: u64,
    /// Input that the provider's cache had.
    pub cache_read: u64,
    /// Input that was put into the provider's cache for five minutes.
    pub cache_write_5m: u64,
    /// Input that was put there for an hour.
    pub cache_write_1h: u64,
    /// Output, reasoning included.
    pub output: u64,
    /// The part of the output that was thinking; never added again.
    pub reasoning: u64,
}

impl Usage {
    /// Nothing, as a reply from our own cache costs.
    pub const NONE: Self =
        Self { fresh: 0, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, output: 0, reasoning: 0 };

    /// All that was sent, whatever it costs: what a price's threshold is compared with.
    #[must_use]
    pub const fn input(&self) -> u64 {
        self.fresh
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(&self, more: &Self) -> Self {
        Self {
            fresh: self.fresh.saturating_add(more.fresh),
            cache_read: self.cache_read.saturating_add(more.cache_read),
            cache_write_5m: self.cache_write_5m.saturating_add(more.cache_write_5m),
            cache_write_1h: self.cache_write_1h.saturating_add(more.cache_write_1h),
            output: self.output.saturating_add(more.output),
            reasoning: self.reasoning.saturating_add(more.reasoning),
        }
    }
}

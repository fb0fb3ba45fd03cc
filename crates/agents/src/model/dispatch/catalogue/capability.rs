use serde::Deserialize;

/// How a model is told to think.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// It is not: it doesn't, or decides by itself.
    #[default]
    Untold,
    /// By a number of tokens.
    Budget,
    /// By a level: low, medium or high.
    Level,
}

/// What a model takes and can do. What it does not take is left out of a call before it is made: else a fallback would turn a
/// provider's outage into a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// The highest temperature; none where it takes none.
    pub temperature_up_to: Option<f64>,
    /// Takes `top_p`.
    pub top_p: bool,
    /// Takes a seed.
    pub seed: bool,
    /// Takes words at which to stop.
    pub stop: bool,
    /// Calls tools.
    pub tools: bool,
    /// Can be made to call one.
    pub forced_tools: bool,
    /// Answers by a JSON schema.
    pub schema: bool,
    /// How it is told to think.
    pub thinking: Thinking,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            temperature_up_to: None,
            top_p: false,
            seed: false,
            stop: true,
            tools: false,
            forced_tools: false,
            schema: false,
            thinking: Thinking::Untold,
        }
    }
}

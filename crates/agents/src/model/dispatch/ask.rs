use super::{ModelRequest, Provider, Reply, Usage, Wanted};
use kernel::{ModelCallId, PicoUsd, RunId};
use serde::{Deserialize, Serialize};

/// A question to whichever model answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Which model is wanted.
    pub wanted: Wanted,
    /// What it is asked.
    pub request: ModelRequest,
    /// The agent run that it belongs to.
    pub run: Option<RunId>,
    /// The version of the prompt that it was made by: another one is another question.
    pub prompt_version: Option<String>,
    /// Whether an answer that was given before will do.
    pub may_be_cached: bool,
}

/// An answer, and what came of it in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The call's row.
    pub call: ModelCallId,
    /// What the model said.
    pub reply: Reply,
    /// Who answered.
    pub source: Source,
    /// What it took; nothing when it was cached.
    pub usage: Usage,
    /// What it cost.
    #[serde(with = "pico")]
    pub cost: PicoUsd,
    /// Whether our own cache had it.
    pub is_cached: bool,
    /// Whether usage and cost are our own estimate.
    pub is_estimated: bool,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which model, by the catalogue's id.
    pub model: String,
    /// Who served it.
    pub provider: Provider,
}

/// Vectors, and what they cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vectors {
    /// The call's row.
    pub call: ModelCallId,
    /// One for each text.
    pub vectors: Vec<Vec<f32>>,
    /// Who made them.
    pub source: Source,
    /// What they took.
    pub usage: Usage,
    /// What they cost.
    #[serde(with = "pico")]
    pub cost: PicoUsd,
    /// Whether usage and cost are our own estimate.
    pub is_estimated: bool,
}

/// Money as it is stored, in whole pico-dollars.
mod pico {
    use kernel::PicoUsd;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn serialize<S: Serializer>(money: &PicoUsd, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(money.pico())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PicoUsd, D::Error> {
        i64::deserialize(from).map(PicoUsd::new)
    }
}

//! The foundation: what the business says of itself. Texts that were not answered are empty.

use super::StepKey;
use crate::Result;
use kernel::{Currency, FoundationId, Money, StoreError, Timestamp, WorkspaceId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who the business is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// `http` or `https` address.
    pub website: String,
    /// In the business's own words.
    pub industry: String,
    /// In the business's own words, such as `growth`.
    pub stage: String,
    /// What it is there for.
    pub mission: String,
    /// IANA name, or empty.
    pub time_zone: String,
}

/// What it sells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// In a few sentences.
    pub summary: String,
    /// Why it is worth its price.
    pub value_proposition: String,
    /// How it is paid for.
    pub pricing_model: String,
    /// What can be verified.
    pub proof_points: Vec<String>,
}

/// How it differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Positioning {
    /// In one sentence, by its parts.
    pub statement: Statement,
    /// From whom.
    pub competitors: Competitors,
    /// The few messages that everything said rests on.
    pub pillars: Vec<Pillar>,
}

/// For *whom* a *category* that gives *benefit*, unlike *these*, because of *differentiator*.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statement {
    /// For whom.
    #[serde(rename = "for")]
    pub for_whom: String,
    /// What it is.
    pub category: String,
    /// What it gives.
    pub benefit: String,
    /// What else there is.
    pub unlike: String,
    /// What makes the difference.
    pub differentiator: String,
}

/// Who else asks for the same customers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Competitors {
    /// Often chosen instead.
    pub strong: Vec<String>,
    /// Sometimes chosen instead.
    pub weak: Vec<String>,
}

/// A message that much of what is said rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pillar {
    /// In a word or two.
    pub name: String,
    /// In a sentence.
    pub message: String,
    /// What bears it.
    pub support: Vec<String>,
}

/// A channel that the business uses or wants to use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelUse {
    /// A slug of the channel vocabulary, or words that mean one.
    pub channel: String,
    /// How it is used.
    pub note: String,
    /// What one experiment there may cost, in whole US dollars.
    pub budget_usd_per_experiment: Option<i64>,
}

/// What marketing shall achieve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Goals {
    /// In a sentence.
    pub objective: String,
    /// How it will be seen.
    pub measures: Vec<String>,
    /// By when, in days from the start.
    pub horizon_days: Option<i32>,
}

/// How the brand sounds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Voice {
    /// Adjectives.
    pub traits: Vec<String>,
    /// What to do.
    #[serde(rename = "do")]
    pub dos: Vec<String>,
    /// What not to do.
    #[serde(rename = "dont")]
    pub donts: Vec<String>,
}

/// What must never happen, and what may be spent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Constraints {
    /// Tactics that no plan may contain.
    pub forbidden: Vec<String>,
    /// What marketing may cost in a month.
    pub monthly_budget: Option<Money>,
}

/// The answers of the last step, in which the budget is whole dollars.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ConstraintAnswers {
    forbidden: Vec<String>,
    monthly_budget_usd: Option<i64>,
}

impl From<ConstraintAnswers> for Constraints {
    fn from(answers: ConstraintAnswers) -> Self {
        let dollars = |usd: i64| Money { amount: usd.saturating_mul(100), currency: Currency::Usd };
        Self { forbidden: answers.forbidden, monthly_budget: answers.monthly_budget_usd.map(dollars) }
    }
}

/// What a foundation says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundationContent {
    /// Who the business is.
    pub company: Company,
    /// What it sells.
    pub offer: Offer,
    /// How it differs.
    pub positioning: Positioning,
    /// Where it is present.
    pub channels: Vec<ChannelUse>,
    /// What marketing shall achieve.
    pub goals: Goals,
    /// How the brand sounds.
    pub voice: Voice,
    /// What must never happen, and what may be spent.
    pub constraints: Constraints,
}

impl FoundationContent {
    /// Builds it of checked answers; a step without any stays empty.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for answers that do not fit their definition, which checked ones do.
    pub fn from_answers(answers: impl Fn(StepKey) -> Option<Value>) -> Result<Self> {
        let constraints: ConstraintAnswers = read(answers(StepKey::Constraints))?;
        Ok(Self {
            company: read(answers(StepKey::Company))?,
            offer: read(answers(StepKey::Offer))?,
            positioning: read(answers(StepKey::Positioning))?,
            channels: read(answers(StepKey::Channels))?,
            goals: read(answers(StepKey::Goals))?,
            voice: read(answers(StepKey::Voice))?,
            constraints: constraints.into(),
        })
    }
}

fn read<T: Default + DeserializeOwned>(answers: Option<Value>) -> Result<T> {
    let Some(answers) = answers else { return Ok(T::default()) };
    serde_json::from_value(answers).map_err(|error| StoreError::Corrupt(error.to_string()).into())
}

/// The foundation of a workspace; there is at most one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foundation {
    /// Its id.
    pub id: FoundationId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// What it says.
    #[serde(flatten)]
    pub content: FoundationContent,
    /// 1, and one more with every change.
    pub version: i32,
    /// When it was first built.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Foundation {
    /// The first foundation of a workspace.
    #[must_use]
    pub const fn new(
        id: FoundationId,
        workspace_id: WorkspaceId,
        content: FoundationContent,
        now: Timestamp,
    ) -> Self {
        Self { id, workspace_id, content, version: 1, created_at: now, updated_at: now }
    }

    /// Says something else from now on.
    pub fn replace(&mut self, content: FoundationContent, now: Timestamp) {
        self.content = content;
        self.version += 1;
        self.updated_at = now;
    }
}

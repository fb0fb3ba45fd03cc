//! The steps of onboarding as data: what is asked, and what an answer must look like.

use kernel::field::Violation;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A step of onboarding; ordered as people walk through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKey {
    /// Who the business is.
    Company,
    /// What it sells.
    Offer,
    /// To whom.
    Audience,
    /// Unlike whom, because of what.
    Positioning,
    /// Where it is present.
    Channels,
    /// What marketing shall achieve.
    Goals,
    /// How the brand sounds.
    Voice,
    /// What must never happen, and what may be spent.
    Constraints,
}

impl StepKey {
    /// Every step in order.
    pub const ALL: [Self; 8] = [
        Self::Company,
        Self::Offer,
        Self::Audience,
        Self::Positioning,
        Self::Channels,
        Self::Goals,
        Self::Voice,
        Self::Constraints,
    ];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Offer => "offer",
            Self::Audience => "audience",
            Self::Positioning => "positioning",
            Self::Channels => "channels",
            Self::Goals => "goals",
            Self::Voice => "voice",
            Self::Constraints => "constraints",
        }
    }

    /// The step of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The step that a request names.
    ///
    /// # Errors
    /// `unknown_step`, with the names of those that exist.
    pub fn parse(name: &str) -> Result<Self, Violation> {
        Self::from_name(name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Violation::new("unknown_step", format!("must be one of {known}"))
        })
    }

    /// What the step asks.
    #[must_use]
    pub fn definition(self) -> &'static StepDefinition {
        &STEPS.step[self as usize]
    }
}

/// What a step asks and what its answers must look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDefinition {
    /// Which step.
    pub key: StepKey,
    /// For the heading of a form.
    pub title: String,
    /// One or two sentences under it.
    pub help: String,
    /// Whether the answers are one object or a list of them.
    #[serde(flatten)]
    pub shape: Shape,
    /// Whether the foundation can't be built without it.
    #[serde(default)]
    pub needed: bool,
    /// The members of the object, or of each object.
    pub fields: Vec<Field>,
}

/// The outermost JSON type of a step's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Shape {
    /// One object.
    Record,
    /// An array of objects.
    Records {
        /// At most so many.
        max_items: usize,
    },
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The member's name in the JSON object.
    pub key: String,
    /// The label of a form.
    pub title: String,
    /// Whether the step can't be completed without it.
    #[serde(default)]
    pub required: bool,
    /// What an answer must look like.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What an answer must look like. Lengths are in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// A text.
    Text {
        /// At most so long.
        max_length: usize,
        /// What the text must be, if not just any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<Format>,
    },
    /// A list of texts, none blank.
    TextList {
        /// At most so many.
        max_items: usize,
        /// Each at most so long.
        max_length: usize,
    },
    /// A whole number.
    Integer {
        /// The lowest.
        min: i64,
        /// The highest.
        max: i64,
    },
    /// An object.
    Record {
        /// Its members.
        fields: Vec<Field>,
    },
    /// A list of objects.
    RecordList {
        /// At most so many.
        max_items: usize,
        /// The members of each.
        fields: Vec<Field>,
    },
    /// An object of texts whose names the person chooses.
    Open {
        /// At most so many.
        max_items: usize,
        /// Each at most so long.
        max_length: usize,
    },
}

/// What a text must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An `http` or `https` address.
    Url,
    /// An IANA time zone.
    TimeZone,
}

#[derive(Deserialize)]
struct DataFile {
    step: Vec<StepDefinition>,
}

static STEPS: LazyLock<DataFile> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    toml::from_str(include_str!("../../data/steps.toml")).expect("steps.toml is valid")
});

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_data_file_defines_every_step_in_order() {
        let keys: Vec<StepKey> = STEPS.step.iter().map(|step| step.key).collect();
        assert_eq!(keys, StepKey::ALL);
        for step in StepKey::ALL {
            assert_eq!(step.definition().key, step);
            assert_eq!(StepKey::parse(step.name()), Ok(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
        }
        assert_eq!(StepKey::parse("pricing").unwrap_err().code, "unknown_step");
    }

    #[test]
    fn a_definition_on_the_wire_tells_a_form_what_to_draw() {
        let company = serde_json::to_value(StepKey::Company.definition()).unwrap();
        assert_eq!(company["shape"], "record");
        assert_eq!(
            company["fields"][5],
            json!({"key": "time_zone", "title": "Time zone (IANA name)", "required": false,
                   "kind": "text", "max_length": 64, "format": "time_zone"})
        );
        let audience = serde_json::to_value(StepKey::Audience.definition()).unwrap();
        assert_eq!((&audience["shape"], &audience["max_items"]), (&json!("records"), &json!(12)));
    }

    #[test]
    fn the_foundation_needs_company_offer_and_audience() {
        let needed: Vec<_> = StepKey::ALL.into_iter().filter(|step| step.definition().needed).collect();
        assert_eq!(needed, [StepKey::Company, StepKey::Offer, StepKey::Audience]);
    }
}

//! The document that every agent receives.

use super::foundation::{
    ChannelUse, Company, Constraints, FoundationContent, Goals, Offer, Positioning, Voice,
};
use super::{Icp, IcpProfile, NotCanonical, canonical_json, completeness};
use kernel::IcpId;
use serde::{Deserialize, Serialize};

/// The business context: foundation and ideal customers in one document, with what is not known yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextDocument {
    /// Version of this shape; 1.
    pub schema: u32,
    /// Who the business is.
    pub company: Company,
    /// What it sells.
    pub offer: Offer,
    /// How it differs.
    pub positioning: Positioning,
    /// To whom, the most important first.
    pub icps: Vec<ContextIcp>,
    /// Where it is present.
    pub channels: Vec<ChannelUse>,
    /// What marketing shall achieve.
    pub goals: Goals,
    /// How the brand sounds.
    pub voice: Voice,
    /// What must never happen, and what may be spent.
    pub constraints: Constraints,
    /// Paths of what nobody has told yet, such as `positioning.competitors`.
    pub gaps: Vec<String>,
}

/// An ideal customer in the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextIcp {
    /// The profile's id.
    pub id: IcpId,
    /// Who it is.
    #[serde(flatten)]
    pub profile: IcpProfile,
}

impl ContextDocument {
    /// The shape that this program writes.
    pub const SCHEMA: u32 = 1;

    /// Compiles the document. The same foundation and profiles make the same document, in whatever order the
    /// profiles come.
    #[must_use]
    pub fn compile(foundation: &FoundationContent, icps: &[Icp]) -> Self {
        let mut icps: Vec<ContextIcp> =
            icps.iter().map(|icp| ContextIcp { id: icp.id, profile: icp.profile.clone() }).collect();
        icps.sort_by_key(|icp| (icp.profile.priority, icp.id));
        let told = foundation.clone();
        let mut document = Self {
            schema: Self::SCHEMA,
            company: told.company,
            offer: told.offer,
            positioning: told.positioning,
            icps,
            channels: told.channels,
            goals: told.goals,
            voice: told.voice,
            constraints: told.constraints,
            gaps: Vec::new(),
        };
        document.gaps = completeness::gaps(&document);
        document
    }

    /// How much of what agents use is known, from 0 to 100.
    #[must_use]
    pub fn completeness(&self) -> u8 {
        completeness::percent(self)
    }

    /// The text that is stored and hashed.
    ///
    /// # Errors
    /// Never for this type, which has no fractions.
    pub fn canonical(&self) -> Result<String, NotCanonical> {
        let value = serde_json::to_value(self).map_err(|_| NotCanonical::NoJson)?;
        canonical_json(&value)
    }
}

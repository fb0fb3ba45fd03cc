//! Ideal customer profiles.

use crate::Result;
use kernel::{IcpId, StoreError, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Who the ideal customer is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IcpProfile {
    /// What the business calls them.
    pub name: String,
    /// Job titles.
    pub titles: Vec<String>,
    /// What they do in a purchase, such as `decision maker`.
    pub role_in_purchase: Vec<String>,
    /// What kind of company or person, under names of the business's choice.
    pub firmographics: BTreeMap<String, String>,
    /// What hurts.
    pub pains: Vec<String>,
    /// What they want.
    pub goals: Vec<String>,
    /// What keeps them from buying.
    pub objections: Vec<String>,
    /// What makes them look for an offer.
    pub triggers: Vec<String>,
    /// Where they are, in the business's words.
    pub channels: Vec<String>,
    /// 1 is the most important.
    pub priority: i32,
}

impl IcpProfile {
    /// Builds the profiles of the checked answers of the audience step. One without a priority gets its place in
    /// the list.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for answers that do not fit their definition, which checked ones do.
    pub fn from_answers(answers: &Value) -> Result<Vec<Self>> {
        let mut profiles: Vec<Self> =
            Vec::<Self>::deserialize(answers).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        for (place, profile) in (1..).zip(&mut profiles) {
            if profile.priority == 0 {
                profile.priority = place;
            }
        }
        Ok(profiles)
    }
}

/// An ideal customer profile of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Icp {
    /// Its id.
    pub id: IcpId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Who it is.
    #[serde(flatten)]
    pub profile: IcpProfile,
    /// 1, and one more with every change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Icp {
    /// A new profile.
    #[must_use]
    pub const fn new(id: IcpId, workspace_id: WorkspaceId, profile: IcpProfile, now: Timestamp) -> Self {
        Self { id, workspace_id, profile, version: 1, created_at: now, updated_at: now }
    }

    /// Is somebody else from now on.
    pub fn replace(&mut self, profile: IcpProfile, now: Timestamp) {
        self.profile = profile;
        self.version += 1;
        self.updated_at = now;
    }
}

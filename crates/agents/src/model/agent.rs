//! A workspace's copy of a lord.

use super::{Lord, ModelAlias};
use kernel::{AgentId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// One of the seven agents of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// Whose council.
    pub workspace_id: WorkspaceId,
    /// Which seat; a workspace has each once.
    pub lord: Lord,
    /// What it is called.
    pub name: String,
    /// What it is lord of.
    pub title: String,
    /// Its mandate.
    pub instructions: String,
    /// The class of models it uses.
    pub model_alias: ModelAlias,
    /// The tools it may call.
    pub tools: Vec<String>,
    /// Whether it may be given work.
    pub enabled: bool,
    /// Counts the changes, from 1.
    pub version: i32,
    /// When it was seated.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl Agent {
    /// Seats a lord as the data file describes it.
    #[must_use]
    pub fn seated(lord: Lord, id: AgentId, workspace_id: WorkspaceId, now: Timestamp) -> Self {
        let charter = lord.charter().clone();
        Self {
            id,
            workspace_id,
            lord,
            name: charter.name,
            title: charter.title,
            instructions: charter.instructions,
            model_alias: charter.alias,
            tools: charter.tools,
            enabled: true,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

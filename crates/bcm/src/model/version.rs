//! Versions of a business context, each bound to the one before by its hash.

use super::{ContextDocument, NotCanonical, canonical_json, sha256_hex};
use kernel::{Actor, ContextVersionId, StoreError, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextSource {
    /// Finalising an onboarding session.
    Onboarding,
    /// A person's direct edit.
    Edit,
    /// An older version made current again.
    Restore,
    /// A document from outside.
    Import,
    /// A recorded lesson.
    Evolution,
}

impl ContextSource {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::Onboarding, Self::Edit, Self::Restore, Self::Import, Self::Evolution];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Onboarding => "onboarding",
            Self::Edit => "edit",
            Self::Restore => "restore",
            Self::Import => "import",
            Self::Evolution => "evolution",
        }
    }

    /// The source of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// Why and by whom a version is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNote {
    /// What made it.
    pub source: ContextSource,
    /// In words.
    pub reason: String,
    /// Who.
    pub author: Actor,
    /// When.
    pub at: Timestamp,
}

/// A version of the business context. Never changed once it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextVersion {
    /// Its id.
    pub id: ContextVersionId,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// 1, 2, 3, ...
    pub number: i32,
    /// The document as canonical JSON: the very text that was hashed.
    pub document: String,
    /// SHA-256 of [`hashed_text`](Self::hashed_text), hexadecimal.
    pub hash: String,
    /// The hash of the version before; `None` for the first.
    pub previous_hash: Option<String>,
    /// What made it.
    pub source: ContextSource,
    /// Why, in words.
    pub reason: String,
    /// Who made it.
    pub author: Actor,
    /// How much of what agents use is known, from 0 to 100.
    pub completeness: u8,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ContextVersion {
    /// The version that follows `previous`, or the first.
    ///
    /// # Errors
    /// [`NotCanonical`], never for a document that was compiled here.
    pub fn following(
        previous: Option<&Self>,
        id: ContextVersionId,
        workspace_id: WorkspaceId,
        document: &ContextDocument,
        note: VersionNote,
    ) -> Result<Self, NotCanonical> {
        let number = previous.map_or(1, |version| version.number + 1);
        let previous_hash = previous.map(|version| version.hash.clone());
        let text = document.canonical()?;
        Ok(Self {
            id,
            workspace_id,
            number,
            hash: sha256_hex(&Self::hashed_text(number, previous_hash.as_deref(), &text)),
            previous_hash,
            document: text,
            source: note.source,
            reason: note.reason,
            author: note.author,
            completeness: document.completeness(),
            created_at: note.at,
        })
    }

    /// Canonical JSON of `{"document", "number", "previous_hash"}`: what a version's hash covers. So neither the
    /// document nor its place in the chain can be changed unseen.
    #[must_use]
    pub fn hashed_text(number: i32, previous_hash: Option<&str>, document: &str) -> String {
        let previous_hash = Value::from(previous_hash);
        format!(r#"{{"document":{document},"number":{number},"previous_hash":{previous_hash}}}"#)
    }

    /// Whether the document is canonical JSON and the hash is the one of document, number and previous hash.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let parsed = serde_json::from_str::<Value>(&self.document).ok();
        let canonical = parsed.and_then(|value| canonical_json(&value).ok());
        let hashed = Self::hashed_text(self.number, self.previous_hash.as_deref(), &self.document);
        canonical.as_ref() == Some(&self.document) && self.hash == sha256_hex(&hashed)
    }

    /// The document, read.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored text is no context document.
    pub fn read_document(&self) -> Result<ContextDocument, StoreError> {
        serde_json::from_str(&self.document).map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

/// A version without its document, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextSummary {
    /// Its id.
    pub id: ContextVersionId,
    /// 1, 2, 3, ...
    pub number: i32,
    /// Covers document, number and previous hash.
    pub hash: String,
    /// The hash of the version before.
    pub previous_hash: Option<String>,
    /// What made it.
    pub source: ContextSource,
    /// Why, in words.
    pub reason: String,
    /// Who made it.
    pub author: Actor,
    /// From 0 to 100.
    pub completeness: u8,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<ContextVersion> for ContextSummary {
    fn from(version: ContextVersion) -> Self {
        Self {
            id: version.id,
            number: version.number,
            hash: version.hash,
            previous_hash: version.previous_hash,
            source: version.source,
            reason: version.reason,
            author: version.author,
            completeness: version.completeness,
            created_at: version.created_at,
        }
    }
}

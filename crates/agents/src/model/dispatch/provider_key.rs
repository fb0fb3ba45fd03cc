use super::Provider;
use kernel::{Timestamp, UserId, WorkspaceId};

/// A key of somebody's own, by which a workspace asks a provider instead of by the installation's.
///
/// The key stays a secret of the lender's, who may change or remove it at any time; what is kept here is where to find it. While
/// it is lent and can't be used (removed, or its lender gone from the workspace), the provider can't be asked at all: who lends a
/// key may do so because nothing is to go by another account.
///
/// ```text
/// installation's key ── lend ──▶ lender's key ── withdraw ──▶ installation's key
///                                 │      ▲
///                         removed │      │ set again
///                                 ▼      │
///                              not configured
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// Whose provider it enters.
    pub workspace_id: WorkspaceId,
    /// Which provider; a workspace has one key of each.
    pub provider: Provider,
    /// Whose secret it is.
    pub lent_by: UserId,
    /// What they call it.
    pub secret: String,
    /// Since when.
    pub lent_at: Timestamp,
}

//! Refusals of note: what a member, or a program with a key, tried and may not do.

use super::AuditService;
use crate::{Result, events};
use kernel::{CallContext, WorkspaceScope};

/// What was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The operation: method and template of the route, which hold nothing that the caller wrote.
    pub operation: String,
    /// The code of the answer.
    pub code: &'static str,
    /// What it would have needed.
    pub reason: String,
}

impl AuditService {
    /// Writes the refusal into the workspace's trail. The caller is a member, as a scope was given; strangers learn and
    /// leave nothing.
    ///
    /// # Errors
    /// The store's.
    pub async fn note_refusal(
        &self,
        ctx: &CallContext,
        scope: &WorkspaceScope,
        refusal: &Refusal,
    ) -> Result<()> {
        let told = events::access_denied(&self.env, ctx, scope.workspace(), refusal);
        self.uow.run(scope, async |tx| Ok(tx.events().append(told).await?)).await
    }
}

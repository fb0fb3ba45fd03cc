//! Asking for all that is held of oneself.

use super::{PersonalDataService, exporting};
use crate::{IdentityError, error::IdentityResult, events};
use kernel::{CallContext, SystemScope, UserScope};
use serde_json::Value;

/// What somebody who asks gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Export {
    /// The document.
    Ready(Value),
    /// It is being put together; ask again.
    Preparing,
}

impl PersonalDataService {
    /// So many facts at most are put together while the caller waits; for more a job does it.
    pub const AT_ONCE: i64 = 1_000;

    /// All that is held of the caller. A document that a job has put together waits for a day and is given again until
    /// then.
    ///
    /// # Errors
    /// [`IdentityError::Unauthenticated`], or the stores'.
    pub async fn export(&self, ctx: &CallContext) -> IdentityResult<Export> {
        let scope = UserScope::of(ctx).ok_or(IdentityError::Unauthenticated)?;
        let (system, now) = (SystemScope::for_personal_data(), self.env.now());
        if let Some(done) = self.data.find_export(&scope).await?.filter(|export| export.expires_at > now) {
            return Ok(Export::Ready(done.document));
        }
        if self.data.count_trail(&system, scope.user()).await? > Self::AT_ONCE {
            let job = exporting::job(&self.env, ctx, scope.user());
            self.uow
                .run::<_, IdentityError, _>(&system, async |tx| Ok(tx.jobs().enqueue(job).await?))
                .await?;
            return Ok(Export::Preparing);
        }
        let document = self.document(&scope).await?;
        let told = events::user_exported(&self.env, ctx, scope.user());
        self.uow.run::<_, IdentityError, _>(&system, async |tx| Ok(tx.events().append(told).await?)).await?;
        Ok(Export::Ready(document))
    }
}

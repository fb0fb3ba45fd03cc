//! Sealing anew what is sealed under an older key.

use super::{OperatorService, SCOPE};
use crate::{SealedAt, SealedEntry, error::IdentityResult, events};
use kernel::{CallContext, CipherError, Sealed};

/// What came of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where the next one goes on.
    pub last: SealedAt,
    /// Sealed under the active key now.
    pub resealed: u64,
    /// Changed or removed by somebody else meanwhile: sealed under the active key by them, or gone.
    pub overtaken: u64,
    /// Left as they are, as they don't open.
    pub unreadable: Vec<Unreadable>,
}

/// Something sealed that does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub at: SealedAt,
    /// Why not; tells nothing of the secret.
    pub why: CipherError,
}

impl OperatorService {
    /// How much is sealed under other keys than the active one.
    ///
    /// # Errors
    /// The store's.
    pub async fn count_stale(&self) -> IdentityResult<u64> {
        Ok(self.stale.count(&SCOPE, self.cipher.active_key()).await?)
    }

    /// Seals the next rows behind `after` under the active key; `None` when there are none. May be repeated and may be
    /// cut off: what is done is done, and what somebody else changes meanwhile is left to them.
    ///
    /// # Errors
    /// [`IdentityError::Crypto`](crate::IdentityError::Crypto) when sealing fails, or the store's.
    pub async fn reseal(
        &self,
        ctx: &CallContext,
        after: Option<&SealedAt>,
        limit: u32,
    ) -> IdentityResult<Option<Batch>> {
        let found = self.stale.list(&SCOPE, self.cipher.active_key(), after, limit).await?;
        let Some(last) = found.last().map(|entry| entry.at.clone()) else { return Ok(None) };
        let mut fresh: Vec<(SealedEntry, Sealed)> = Vec::new();
        let mut unreadable = Vec::new();
        for entry in found {
            let place = entry.at.place();
            match self.cipher.open(&entry.sealed, &place) {
                Ok(secret) => {
                    let sealed = self.cipher.seal(&secret, &place)?;
                    fresh.push((entry, sealed));
                }
                Err(why) => unreadable.push(Unreadable { at: entry.at, why }),
            }
        }
        let resealed = self.store(ctx, &fresh).await?;
        let overtaken = u64::try_from(fresh.len()).unwrap_or(u64::MAX).saturating_sub(resealed);
        Ok(Some(Batch { last, resealed, overtaken, unreadable }))
    }

    async fn store(&self, ctx: &CallContext, fresh: &[(SealedEntry, Sealed)]) -> IdentityResult<u64> {
        let key = self.cipher.active_key();
        let work = self.uow.run(&SCOPE, async |tx| {
            let mut resealed = 0;
            for (entry, sealed) in fresh {
                resealed += u64::from(tx.seals().reseal(entry, sealed).await?);
            }
            if resealed > 0 {
                tx.events().append(events::secrets_resealed(&self.env, ctx, key, resealed)).await?;
            }
            Ok(resealed)
        });
        work.await
    }
}

//! How long what has done its service is kept.

use crate::{StoreResult, SystemScope, Timestamp};
use async_trait::async_trait;
use std::time::Duration;

/// Until when something must have ended to be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Jobs that succeeded or were called off.
    pub jobs: Timestamp,
    /// Dead letters.
    pub dead_letters: Timestamp,
    /// Sessions, with their refresh tokens: when they expired.
    pub sessions: Timestamp,
    /// Invitations that nobody accepted: when they expired.
    pub invitations: Timestamp,
    /// Answers of requests, tokens of mails, logins that waited for their second factor: when they expired.
    pub expired: Timestamp,
}

impl Ended {
    /// Long enough to find out what a job of last week did.
    pub const JOBS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// Long enough to come back from holidays and replay them.
    pub const DEAD_LETTERS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
    /// Long enough to see from where somebody came in.
    pub const SESSIONS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
    /// Long enough to see who never came; then the address of somebody who has no business here goes.
    pub const INVITATIONS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    /// Nobody can use them any more; a day for whoever asks why.
    pub const EXPIRED: Duration = Duration::from_secs(24 * 60 * 60);

    /// What may go at `now`.
    #[must_use]
    pub fn by(now: Timestamp) -> Self {
        Self {
            jobs: now.minus(Self::JOBS),
            dead_letters: now.minus(Self::DEAD_LETTERS),
            sessions: now.minus(Self::SESSIONS),
            invitations: now.minus(Self::INVITATIONS),
            expired: now.minus(Self::EXPIRED),
        }
    }
}

/// Takes away what has done its service.
#[async_trait]
pub trait Retention: Send + Sync {
    /// Deletes at most `most` rows of each kind that ended before, in a transaction of its own for each kind, so that
    /// nobody waits long for a lock. Answers how many of the kind that had the most; less than `most` when nothing is left.
    async fn sweep(&self, scope: &SystemScope, ended: Ended, most: i64) -> StoreResult<u64>;
}

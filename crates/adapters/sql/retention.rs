//! Taking away what has done its service.

use super::{
    Store, SystemUnit, Time, Uid,
    schema::{
        email_tokens, idempotency_records as records, invitations, jobs, mfa_challenges, refresh_tokens,
        sessions,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{Ended, JobState, Retention, StoreResult, SystemScope, UnitOfWork};

/// Deletes at most so many rows that the filter finds.
macro_rules! delete_some {
    ($unit:ident, $table:ident, $key:expr, $old:expr, $most:expr) => {{
        let old = $table::table.filter($old).select($key).limit($most).load::<Uid>($unit.conn()?).await;
        let old = $unit.note(old)?;
        let deleted = diesel::delete($table::table.filter($key.eq_any(old))).execute($unit.conn()?).await;
        Ok($unit.note(deleted)? as u64)
    }};
}

impl SystemUnit {
    async fn drop_jobs(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        let done = jobs::state.ne(JobState::Failed.name()).and(jobs::finished_at.lt(Time(ended.jobs)));
        let dead = jobs::finished_at.lt(Time(ended.dead_letters));
        delete_some!(self, jobs, jobs::id, done.or(dead), most)
    }

    async fn drop_sessions(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        let old = sessions::table
            .filter(sessions::expires_at.lt(Time(ended.sessions)))
            .select(sessions::id)
            .limit(most)
            .load::<Uid>(self.conn()?)
            .await;
        let old = self.note(old)?;
        let tokens = refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(old.clone()));
        let deleted = diesel::delete(tokens).execute(self.conn()?).await;
        self.note(deleted)?;
        let deleted =
            diesel::delete(sessions::table.filter(sessions::id.eq_any(old))).execute(self.conn()?).await;
        Ok(self.note(deleted)? as u64)
    }

    async fn drop_answers(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        // A composite key: those of the last instant go together.
        let oldest = records::table
            .filter(records::expires_at.lt(Time(ended.expired)))
            .order(records::expires_at)
            .limit(most)
            .select(records::expires_at)
            .load::<Time>(self.conn()?)
            .await;
        let Some(last) = self.note(oldest)?.pop() else { return Ok(0) };
        let gone = records::table.filter(records::expires_at.le(last));
        let gone = diesel::delete(gone).execute(self.conn()?).await;
        Ok(self.note(gone)? as u64)
    }

    async fn drop_mail_tokens(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        let old = email_tokens::expires_at.lt(Time(ended.expired));
        delete_some!(self, email_tokens, email_tokens::id, old, most)
    }

    async fn drop_invitations(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        let old = invitations::accepted_at.is_null().and(invitations::expires_at.lt(Time(ended.invitations)));
        delete_some!(self, invitations, invitations::id, old, most)
    }

    async fn drop_challenges(&mut self, ended: Ended, most: i64) -> StoreResult<u64> {
        let old = mfa_challenges::expires_at.lt(Time(ended.expired));
        delete_some!(self, mfa_challenges, mfa_challenges::id, old, most)
    }
}

#[async_trait]
impl Retention for Store {
    async fn sweep(&self, scope: &SystemScope, ended: Ended, most: i64) -> StoreResult<u64> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        let jobs = units.run(scope, async |unit| unit.drop_jobs(ended, most).await).await?;
        let sessions = units.run(scope, async |unit| unit.drop_sessions(ended, most).await).await?;
        let answers = units.run(scope, async |unit| unit.drop_answers(ended, most).await).await?;
        let tokens = units.run(scope, async |unit| unit.drop_mail_tokens(ended, most).await).await?;
        let challenges = units.run(scope, async |unit| unit.drop_challenges(ended, most).await).await?;
        let invitations = units.run(scope, async |unit| unit.drop_invitations(ended, most).await).await?;
        Ok(jobs.max(sessions).max(invitations).max(answers).max(tokens).max(challenges))
    }
}

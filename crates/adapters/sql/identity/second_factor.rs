use super::{sealed::SealedRow, token_hash};
use crate::{
    dialect::{self, Backend},
    sql::{
        Store, SystemUnit, Time, Uid,
        schema::{mfa_challenges as challenges, mfa_factors as factors, recovery_codes as codes},
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    MfaChallenge, MfaFactor,
    ports::{FactorReader, FactorRepository, MfaChallenges, RecoveryCodes},
};
use kernel::{ChallengeId, FactorId, StoreError, StoreResult, SystemScope, Timestamp, TokenHash, UserId};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = factors, check_for_backend(Backend))]
struct FactorRow {
    id: Uid,
    user_id: Uid,
    #[diesel(embed)]
    secret: SealedRow,
    created_at: Time,
    confirmed_at: Option<Time>,
    last_used_step: i64,
    failures: i32,
    failing_since: Option<Time>,
}

impl From<&MfaFactor> for FactorRow {
    fn from(factor: &MfaFactor) -> Self {
        Self {
            id: factor.id.into(),
            user_id: factor.user_id.into(),
            secret: SealedRow::from(&factor.secret),
            created_at: factor.created_at.into(),
            confirmed_at: factor.confirmed_at.map(Into::into),
            last_used_step: factor.last_used_step,
            failures: factor.failures,
            failing_since: factor.failing_since.map(Into::into),
        }
    }
}

impl From<FactorRow> for MfaFactor {
    fn from(row: FactorRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            secret: row.secret.into(),
            created_at: row.created_at.0,
            confirmed_at: row.confirmed_at.map(|at| at.0),
            last_used_step: row.last_used_step,
            failures: row.failures,
            failing_since: row.failing_since.map(|at| at.0),
        }
    }
}

#[async_trait]
impl FactorRepository for SystemUnit {
    async fn insert(&mut self, factor: &MfaFactor) -> StoreResult<()> {
        let row = FactorRow::from(factor);
        let inserted = diesel::insert_into(factors::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, user: UserId) -> StoreResult<Option<MfaFactor>> {
        let theirs = factors::table.filter(factors::user_id.eq(Uid::from(user)));
        let theirs = theirs.select(FactorRow::as_select());
        let found = dialect::held!(theirs).first::<FactorRow>(self.conn()?).await.optional();
        Ok(self.note(found)?.map(MfaFactor::from))
    }

    async fn save(&mut self, factor: &MfaFactor) -> StoreResult<()> {
        let FactorRow { id, user_id, confirmed_at, last_used_step, failures, failing_since, .. } =
            FactorRow::from(factor);
        let stored = factors::table.filter(factors::id.eq(id)).filter(factors::user_id.eq(user_id));
        let saved = diesel::update(stored)
            .set((
                factors::confirmed_at.eq(confirmed_at),
                factors::last_used_step.eq(last_used_step),
                factors::failures.eq(failures),
                factors::failing_since.eq(failing_since),
            ))
            .execute(self.conn()?)
            .await;
        self.note(saved).map(drop)
    }

    async fn use_step(&mut self, id: FactorId, step: i64) -> StoreResult<bool> {
        let unused =
            factors::table.filter(factors::id.eq(Uid::from(id))).filter(factors::last_used_step.lt(step));
        let used = diesel::update(unused).set(factors::last_used_step.eq(step)).execute(self.conn()?).await;
        Ok(self.note(used)? == 1)
    }

    async fn remove(&mut self, user: UserId) -> StoreResult<()> {
        let theirs = factors::table.filter(factors::user_id.eq(Uid::from(user)));
        let removed = diesel::delete(theirs).execute(self.conn()?).await;
        self.note(removed).map(drop)
    }
}

#[async_trait]
impl RecoveryCodes for SystemUnit {
    async fn replace(&mut self, user: UserId, hashes: &[TokenHash], now: Timestamp) -> StoreResult<()> {
        let theirs = codes::table.filter(codes::user_id.eq(Uid::from(user)));
        let removed = diesel::delete(theirs).execute(self.conn()?).await;
        self.note(removed)?;
        for hash in hashes {
            let row = (
                codes::user_id.eq(Uid::from(user)),
                codes::code_hash.eq(hash.as_bytes().as_slice()),
                codes::created_at.eq(Time(now)),
            );
            let inserted = diesel::insert_into(codes::table).values(row).execute(self.conn()?).await;
            self.note(inserted)?;
        }
        Ok(())
    }

    async fn consume(&mut self, user: UserId, hash: &TokenHash, now: Timestamp) -> StoreResult<bool> {
        let open = codes::table
            .filter(codes::user_id.eq(Uid::from(user)))
            .filter(codes::code_hash.eq(hash.as_bytes().as_slice()))
            .filter(codes::used_at.is_null());
        let used = diesel::update(open).set(codes::used_at.eq(Time(now))).execute(self.conn()?).await;
        Ok(self.note(used)? == 1)
    }

    async fn count_open(&mut self, user: UserId) -> StoreResult<u32> {
        let open = codes::table.filter(codes::user_id.eq(Uid::from(user))).filter(codes::used_at.is_null());
        let counted = open.count().get_result::<i64>(self.conn()?).await;
        Ok(u32::try_from(self.note(counted)?).unwrap_or(u32::MAX))
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges, check_for_backend(Backend))]
struct ChallengeRow {
    id: Uid,
    user_id: Uid,
    token_hash: Vec<u8>,
    user_version: i32,
    attempts: i32,
    expires_at: Time,
    used_at: Option<Time>,
}

impl From<&MfaChallenge> for ChallengeRow {
    fn from(challenge: &MfaChallenge) -> Self {
        Self {
            id: challenge.id.into(),
            user_id: challenge.user_id.into(),
            token_hash: challenge.token_hash.as_bytes().to_vec(),
            user_version: challenge.user_version,
            attempts: challenge.attempts,
            expires_at: challenge.expires_at.into(),
            used_at: challenge.used_at.map(Into::into),
        }
    }
}

impl TryFrom<ChallengeRow> for MfaChallenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            token_hash: token_hash("mfa_challenges.token_hash", row.token_hash)?,
            user_version: row.user_version,
            attempts: row.attempts,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl MfaChallenges for SystemUnit {
    async fn insert(&mut self, challenge: &MfaChallenge, now: Timestamp) -> StoreResult<()> {
        let over = challenges::table
            .filter(challenges::user_id.eq(Uid::from(challenge.user_id)))
            .filter(challenges::expires_at.le(Time(now)));
        let removed = diesel::delete(over).execute(self.conn()?).await;
        self.note(removed)?;
        let row = ChallengeRow::from(challenge);
        let inserted = diesel::insert_into(challenges::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<MfaChallenge>> {
        let found = challenges::table
            .filter(challenges::token_hash.eq(hash.as_bytes().as_slice()))
            .select(ChallengeRow::as_select())
            .first::<ChallengeRow>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(MfaChallenge::try_from).transpose()
    }

    async fn answer(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<MfaChallenge>> {
        let open = challenges::table
            .filter(challenges::token_hash.eq(hash.as_bytes().as_slice()))
            .filter(challenges::used_at.is_null())
            .filter(challenges::expires_at.gt(Time(now)))
            .filter(challenges::attempts.lt(MfaChallenge::MAX_ATTEMPTS));
        let answered = diesel::update(open)
            .set(challenges::attempts.eq(challenges::attempts + 1))
            .returning(ChallengeRow::as_returning())
            .get_result::<ChallengeRow>(self.conn()?)
            .await
            .optional();
        self.note(answered)?.map(MfaChallenge::try_from).transpose()
    }

    async fn consume(&mut self, id: ChallengeId, now: Timestamp) -> StoreResult<bool> {
        let open =
            challenges::table.filter(challenges::id.eq(Uid::from(id))).filter(challenges::used_at.is_null());
        let used = diesel::update(open).set(challenges::used_at.eq(Time(now))).execute(self.conn()?).await;
        Ok(self.note(used)? == 1)
    }
}

#[async_trait]
impl FactorReader for Store {
    async fn is_enrolled(&self, scope: &SystemScope, user: UserId) -> StoreResult<bool> {
        let query = factors::table
            .filter(factors::user_id.eq(Uid::from(user)))
            .filter(factors::confirmed_at.is_not_null())
            .select(factors::id);
        let rows: Vec<Uid> = self.read(scope, query).await?;
        Ok(!rows.is_empty())
    }
}

use super::{
    Time, Uid,
    schema::idempotency_records as records,
    unit::{Scope, Unit},
};
use crate::dialect;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{IdempotencyKey, IdempotencyRecords, StoreError, StoreResult, Timestamp};
use serde_json::Value;

#[async_trait]
impl<S: Scope> IdempotencyRecords for Unit<S> {
    async fn claim(&mut self, key: &IdempotencyKey, now: Timestamp) -> StoreResult<Option<Value>> {
        let claimed = dialect::try_claim(self.conn()?, &format!("{}\n{}", key.caller, key.key)).await;
        if !self.note(claimed)? {
            return Err(StoreError::InFlight);
        }
        let stored = records::table
            .find((&key.caller, &key.key))
            .filter(records::expires_at.gt(Time(now)))
            .select((records::request_hash, records::answer))
            .first::<(String, Value)>(self.conn()?)
            .await
            .optional();
        match self.note(stored)? {
            Some((hash, _)) if hash != key.request_hash => Err(StoreError::KeyReused),
            stored => Ok(stored.map(|(_, answer)| answer)),
        }
    }

    async fn store(
        &mut self,
        key: &IdempotencyKey,
        answer: &Value,
        expires_at: Timestamp,
    ) -> StoreResult<()> {
        let user = self.scope.settings().user.map(Uid);
        let values = (
            records::user_id.eq(user),
            records::request_hash.eq(&key.request_hash),
            records::answer.eq(answer),
            records::expires_at.eq(Time(expires_at)),
        );
        let stored = diesel::insert_into(records::table)
            .values((records::caller.eq(&key.caller), records::key.eq(&key.key), values))
            .on_conflict((records::caller, records::key))
            .do_update()
            .set(values)
            .execute(self.conn()?)
            .await;
        self.note(stored).map(drop)
    }
}

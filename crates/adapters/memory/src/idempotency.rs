use crate::unit::{Scope, Unit};
use async_trait::async_trait;
use kernel::{IdempotencyKey, IdempotencyRecords, StoreError, StoreResult, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<(String, String), Record>);

#[derive(Clone)]
struct Record {
    request_hash: String,
    answer: Value,
    expires_at: Timestamp,
}

#[async_trait]
impl<S: Scope> IdempotencyRecords for Unit<S> {
    async fn claim(&mut self, key: &IdempotencyKey, now: Timestamp) -> StoreResult<Option<Value>> {
        self.statement(|unit| {
            let slot = (key.caller.clone(), key.key.clone());
            let live = unit.state.idempotency.0.get(&slot).filter(|record| record.expires_at > now);
            match live {
                Some(record) if record.request_hash != key.request_hash => Err(StoreError::KeyReused),
                record => Ok(record.map(|record| record.answer.clone())),
            }
        })
    }

    async fn store(
        &mut self,
        key: &IdempotencyKey,
        answer: &Value,
        expires_at: Timestamp,
    ) -> StoreResult<()> {
        self.statement(|unit| {
            let record =
                Record { request_hash: key.request_hash.clone(), answer: answer.clone(), expires_at };
            unit.state.idempotency.0.insert((key.caller.clone(), key.key.clone()), record);
            Ok(())
        })
    }
}

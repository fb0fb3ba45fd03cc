use crate::unit::{Scope, Unit};
use async_trait::async_trait;
use kernel::{IdempotencyKey, IdempotencyRecords, StoreError, StoreResult, Timestamp, UserId, WorkspaceId};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<(String, String), Record>);

impl State {
    /// Removes the person's records, and others' whose answer names them.
    pub(crate) fn forget(&mut self, user: UserId, address: &str) {
        let id = user.to_string();
        self.0.retain(|(caller, _), record| {
            let answer = record.answer.to_string();
            let names = answer.contains(&id) || answer.to_ascii_lowercase().contains(address);
            !caller.contains(&id) && !names
        });
    }

    /// Takes away answers that expired before; answers how many.
    pub(crate) fn sweep(&mut self, expired: Timestamp, most: usize) -> usize {
        let old = self.0.iter().filter(|(_, record)| record.expires_at < expired);
        let gone: Vec<_> = old.map(|(slot, _)| slot.clone()).take(most).collect();
        gone.iter().for_each(|slot| drop(self.0.remove(slot)));
        gone.len()
    }

    /// Forgets answers of requests in the workspace, of which only the caller's name tells that they were.
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        let named = format!(" {workspace} ");
        self.0.retain(|(caller, _), _| !caller.contains(&named));
    }
}

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

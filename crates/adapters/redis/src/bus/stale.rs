use super::{Entry, RedisBus};
use crate::connection::millis;
use deadpool_redis::{
    Connection,
    redis::{RedisResult, cmd},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// After how long another worker gets what one has not settled.
const STALE: Duration = Duration::from_secs(60);
/// How often it is looked for.
const LOOK: Duration = Duration::from_secs(15);
/// How often an entry is delivered at most.
const DELIVERIES: u64 = 5;
/// After how long without a word a worker that has nothing is forgotten. One that is only at leisure is known again with what
/// it gets next.
pub(super) const GONE: Duration = Duration::from_secs(60 * 60);

/// When each consumer's stale entries are looked for next.
#[derive(Debug, Clone, Default)]
pub(super) struct Stale(Arc<Mutex<HashMap<String, Instant>>>);

impl Stale {
    fn is_time(&self, consumer: &str) -> bool {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if next.get(consumer).is_some_and(|next| now < *next) {
            return false;
        }
        next.insert(consumer.to_owned(), now + LOOK);
        true
    }
}

/// Entry, worker, idle milliseconds, deliveries.
type Pending = (String, String, u64, u64);

impl RedisBus {
    /// What workers of the consumer have had for too long; this one has it from now on.
    pub(super) async fn take_over(
        &self,
        connection: &mut Connection,
        (consumer, worker): (&str, &str),
        most: usize,
    ) -> RedisResult<Vec<Entry>> {
        if !self.stale.is_time(consumer) {
            return Ok(Vec::new());
        }
        self.forget_workers(connection, consumer).await;
        let idle = millis(STALE);
        let mut ask = cmd("XPENDING");
        ask.arg(self.facts()).arg(consumer).arg("IDLE").arg(idle).arg("-").arg("+").arg(most);
        let pending = match ask.query_async::<Vec<Pending>>(connection).await {
            // There is no stream or no group yet: nobody has anything.
            Err(error) if error.code() == Some("NOGROUP") => return Ok(Vec::new()),
            pending => pending?,
        };
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        let mut claim = cmd("XCLAIM");
        claim.arg(self.facts()).arg(consumer).arg(worker).arg(idle);
        for (entry, ..) in &pending {
            claim.arg(entry);
        }
        // What another worker has just claimed is not among the answers, nor what was trimmed.
        let claimed: Vec<Option<Entry>> = claim.query_async(connection).await?;
        let mut taken = Vec::new();
        for entry in claimed.into_iter().flatten() {
            let found = pending.iter().find(|(id, ..)| *id == entry.0);
            if found.is_some_and(|(.., deliveries)| *deliveries >= DELIVERIES) {
                let reason = format!("it was delivered {DELIVERIES} times in vain");
                self.put_aside(connection, consumer, &entry, &reason).await?;
            } else {
                taken.push(entry);
            }
        }
        Ok(taken)
    }

    /// Each start of a worker has a name of its own, and Redis keeps them all. One that still has entries is kept: they would
    /// go with it.
    async fn forget_workers(&self, connection: &mut Connection, consumer: &str) {
        let mut call = self.forget.prepare_invoke();
        call.key(self.facts()).arg(consumer).arg(u64::try_from(self.gone.as_millis()).unwrap_or(u64::MAX));
        if let Err(error) = call.invoke_async::<()>(connection).await {
            tracing::debug!(%error, consumer, "workers that are gone were not forgotten");
        }
    }
}

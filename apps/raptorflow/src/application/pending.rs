//! Which versions of the schema are missing, asked every few seconds at most: PostgreSQL is asked over a connection of
//! its own each time, and probes come from every load balancer.

use super::{Database, health::within};
use kernel::{Environment, StoreResult, Timestamp};
use std::time::Duration;
use tokio::sync::Mutex;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(5);

/// The last answer. Whoever asks while it is being found out waits for it.
#[derive(Default)]
pub(super) struct Pending(Mutex<Option<(Timestamp, StoreResult<Vec<String>>)>>);

impl Pending {
    /// The versions that the database lacks.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn missing(&self, database: &Database, env: &Environment) -> StoreResult<Vec<String>> {
        self.remembered(env, || within(database.pending())).await
    }

    async fn remembered<F: Future<Output = StoreResult<Vec<String>>>>(
        &self,
        env: &Environment,
        ask: impl FnOnce() -> F,
    ) -> StoreResult<Vec<String>> {
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = last.as_ref()
            && env.now().since(*at) < FRESH
        {
            return answer.clone();
        }
        let answer = ask().await;
        *last = Some((env.now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::StoreError;
    use kernel::testing::environment;
    use std::cell::Cell;

    #[tokio::test]
    async fn an_answer_holds_for_some_seconds_and_no_longer() {
        let ((env, clock), pending, asked) = (environment(), Pending::default(), Cell::new(0));
        let ask = async |answer: StoreResult<Vec<String>>| {
            let counted = || {
                asked.set(asked.get() + 1);
                async { answer }
            };
            pending.remembered(&env, counted).await
        };
        let away = Err(StoreError::Unavailable("away".to_owned()));
        assert_eq!(ask(away.clone()).await, away);
        assert_eq!((ask(Ok(Vec::new())).await, asked.get()), (away, 1));
        clock.advance(FRESH);
        assert_eq!((ask(Ok(Vec::new())).await, asked.get()), (Ok(Vec::new()), 2));
    }
}

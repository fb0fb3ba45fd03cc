use super::*;
use async_trait::async_trait;
use kernel::testing::environment;
use kernel::{StoreError, Timestamp};

/// Where it is this time; `None` for one that is away.
struct Elsewhere(Option<Timestamp>);

#[async_trait]
impl WorkerRegistry for Elsewhere {
    async fn announce(&self, _: &SystemScope, _: &WorkerNote) -> StoreResult<()> {
        Ok(())
    }

    async fn leave(&self, _: &SystemScope, _: &str) -> StoreResult<()> {
        Ok(())
    }

    async fn list_workers(&self, _: &SystemScope, _: Timestamp) -> StoreResult<Vec<WorkerNote>> {
        Ok(Vec::new())
    }

    async fn time(&self, _: &SystemScope) -> StoreResult<Option<Timestamp>> {
        self.0.map(Some).ok_or_else(|| StoreError::Unavailable("test".to_owned()))
    }
}

#[tokio::test]
async fn a_clock_is_off_until_it_agrees_again() {
    let (env, _) = environment();
    let (now, most) = (env.now(), ClockSkew::MOST);
    for (there, was_off, is_off) in [
        (Some(now.plus(most)), false, false),
        (Some(now.plus(2 * most)), false, true),
        (Some(now.minus(2 * most)), true, true),
        (None, true, true),
        (None, false, false),
        (Some(now.minus(most)), true, false),
    ] {
        let (name, tracker) = ("w".to_owned(), TaskTracker::new());
        let presence = Presence { registry: Arc::new(Elsewhere(there)), name, tracker, env: env.clone() };
        assert_eq!(presence.look_at_the_clock(was_off).await, is_off, "{there:?}");
    }
}

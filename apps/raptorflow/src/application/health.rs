use super::{Database, remembered::Remembered, watch::Watch};
use crate::http::ops::{Check, CheckState, Details, HealthChecks};
use crate::metrics::Metrics;
use async_trait::async_trait;
use kernel::{ClockSkew, JobState, StoreError, StoreResult, SystemScope, WorkerNote};
use redis_adapter::Redis;
use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

/// What the process depends on.
pub(super) struct Checks {
    pub(super) database: Database,
    /// What was found out last.
    pub(super) last: Remembered<BTreeMap<&'static str, Check>>,
    /// Which versions the database lacks.
    pub(super) missing: Remembered<StoreResult<Vec<String>>>,
    pub(super) watch: Watch,
    pub(super) metrics: Arc<Metrics>,
    pub(super) redis: Option<Redis>,
    pub(super) warnings: usize,
    /// Who is asked for models.
    pub(super) providers: Vec<&'static str>,
    /// The areas that are switched off.
    pub(super) features_off: Vec<&'static str>,
}

/// How long one check may take; together they stay below five seconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// How long what was found out holds.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// How long it holds which versions are missing: PostgreSQL is asked over a connection of its own each time.
pub(super) const SCHEMA_FRESH: Duration = Duration::from_secs(5);

/// How long a job may wait before that is news: a worker looks twice a second.
const LAG: Duration = Duration::from_secs(60);

#[async_trait]
impl HealthChecks for Checks {
    async fn checks(&self) -> BTreeMap<&'static str, Check> {
        self.last.or(|| self.check()).await
    }

    async fn details(&self) -> Details {
        self.look_inside().await
    }

    async fn measure(&self) {
        self.metrics.look(&self.watch).await;
    }

    async fn schema_versions(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("database", self.database.newest_version())])
    }
}

impl Checks {
    async fn check(&self) -> BTreeMap<&'static str, Check> {
        let (database, migrations, worker, clock, redis) =
            tokio::join!(self.database(), self.migrations(), self.worker(), self.clock(), self.redis());
        let asked = [
            ("database", database),
            ("migrations", migrations),
            ("worker", worker),
            ("clock", clock),
            ("redis", redis),
        ];
        asked.into_iter().chain(self.unasked()).collect()
    }

    /// The versions that the database lacks.
    pub(super) async fn missing(&self) -> StoreResult<Vec<String>> {
        self.missing.or(|| within(self.database.pending())).await
    }

    /// What is known without asking anybody.
    pub(super) fn unasked(&self) -> [(&'static str, Check); 2] {
        [("ai", self.ai()), ("environment", self.environment())]
    }

    pub(super) async fn database(&self) -> Check {
        let scope = SystemScope::for_worker();
        let asked = self.watch.queue.count(&scope, JobState::Running);
        let name = self.database.name();
        match within(asked).await {
            Ok(_) => vital(CheckState::Ok, format!("{name} answers")),
            Err(_) => vital(CheckState::Down, format!("{name} does not answer")),
        }
    }

    pub(super) async fn migrations(&self) -> Check {
        match self.missing().await {
            Ok(pending) if pending.is_empty() => vital(CheckState::Ok, "up to date".to_owned()),
            Ok(pending) => vital(CheckState::Down, format!("missing: {}", pending.join(", "))),
            Err(_) => vital(CheckState::Down, "can't be read".to_owned()),
        }
    }

    /// Nothing is lost without it; see `docs/ARCHITECTURE.md`.
    pub(super) async fn redis(&self) -> Check {
        let Some(redis) = &self.redis else {
            return absent("none is configured; each process limits rates and carries facts by itself");
        };
        let away = |why: String| {
            tracing::warn!(error = why, "Redis can't be used");
            "does not answer or is full; each process limits rates by itself, and facts wait in the outbox"
        };
        let detail = match tokio::time::timeout(PATIENCE, redis.ping()).await {
            Ok(Ok(())) => {
                return Check { state: CheckState::Ok, detail: "answers".to_owned(), vital: false };
            }
            Ok(Err(error)) => away(error.to_string()),
            Err(_) => away("no answer in time".to_owned()),
        };
        Check { state: CheckState::Degraded, detail: detail.to_owned(), vital: false }
    }

    /// Requests are answered without a worker; what they leave for later waits.
    pub(super) async fn worker(&self) -> Check {
        let (scope, now) = (SystemScope::for_worker(), self.watch.env.now());
        let asked = tokio::join!(
            within(self.watch.workers.list_workers(&scope, now.minus(WorkerNote::SILENCE))),
            within(self.watch.queue.waiting_since(&scope, now)),
        );
        let (Ok(workers), Ok(waiting)) = asked else {
            return Check {
                state: CheckState::Down,
                detail: "can't be asked about".to_owned(),
                vital: false,
            };
        };
        let lag = waiting.map_or(Duration::ZERO, |since| now.since(since));
        let running: i32 = workers.iter().map(|worker| worker.running).sum();
        let fine = !workers.is_empty() && lag <= LAG;
        Check {
            state: if fine { CheckState::Ok } else { CheckState::Degraded },
            detail: format!(
                "{} worker(s) at {running} job(s); the longest waiting one has waited {} s",
                workers.len(),
                lag.as_secs()
            ),
            vital: false,
        }
    }

    /// Work goes on by a clock that is off, and may be done twice.
    pub(super) async fn clock(&self) -> Check {
        let scope = SystemScope::for_worker();
        clock(within(ClockSkew::ask(self.watch.workers.as_ref(), &scope, &self.watch.env)).await)
    }

    /// Providers are not asked, as each question costs money; their breakers say how they are.
    fn ai(&self) -> Check {
        if self.providers.is_empty() {
            return absent("no provider is configured; agents answer with their rule-based baseline");
        }
        let detail = format!("configured: {}", self.providers.join(", "));
        Check { state: CheckState::Ok, detail, vital: false }
    }

    fn environment(&self) -> Check {
        match self.warnings {
            0 => Check { state: CheckState::Ok, detail: "every setting is valid".to_owned(), vital: false },
            count => Check {
                state: CheckState::Degraded,
                detail: format!("{count} warning(s); `raptorflow config` prints them"),
                vital: false,
            },
        }
    }
}

pub(super) async fn within<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let answer = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    answer.inspect_err(|error| tracing::warn!(error = %error, "a health check failed"))
}

fn clock(skew: StoreResult<ClockSkew>) -> Check {
    let (state, detail) = match skew {
        Ok(skew) if skew.is_harmless() => (CheckState::Ok, "agrees with the database's".to_owned()),
        Ok(skew) => (CheckState::Degraded, skew.to_string()),
        Err(_) => (CheckState::Down, "can't be compared".to_owned()),
    };
    Check { state, detail, vital: false }
}

const fn vital(state: CheckState, detail: String) -> Check {
    Check { state, detail, vital: true }
}

fn absent(detail: &str) -> Check {
    Check { state: CheckState::NotConfigured, detail: detail.to_owned(), vital: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::testing::environment;

    #[test]
    fn a_clock_that_is_off_degrades_and_says_by_how_much() {
        let (env, _) = environment();
        let (now, most) = (env.now(), ClockSkew::MOST);
        let off = |there| clock(Ok(ClockSkew::between(now, there, now)));
        assert_eq!(off(now.plus(most)).state, CheckState::Ok);
        let ahead = off(now.minus(31 * most));
        assert_eq!(ahead.state, CheckState::Degraded);
        assert_eq!(ahead.detail, "31.0 s ahead of the database's");
        let away = clock(Err(StoreError::Unavailable("test".to_owned())));
        assert!(away.state == CheckState::Down && !away.vital);
    }
}

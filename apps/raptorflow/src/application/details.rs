//! What operators see of the process.

use super::{health::Checks, watch::Seen};
use crate::http::ops::{
    AiBody, BreakerBody, Check, Details, OutboxBody, PoolBody, QueueBody, SchemaBody, TimedCheck, WorkerBody,
};
use kernel::{PoolGauge, WorkerNote};
use std::time::Duration;
use web::BreakerReport;

impl Checks {
    pub(super) async fn look_inside(&self) -> Details {
        // First: the questions below lend connections themselves.
        let pools = self.watch.gauges.pools().iter().map(pool).collect();
        let asked = async {
            tokio::join!(
                self.timed(self.database()),
                self.timed(self.migrations()),
                self.timed(self.worker()),
                self.timed(self.clock()),
                self.timed(self.redis()),
                self.watch.look(),
                self.missing(),
            )
        };
        let (database, migrations, worker, clock, redis, seen, missing) = asked.await;
        let unasked = self.unasked().into_iter().map(|(name, check)| (name, check, None));
        let timed = [
            ("database", database),
            ("migrations", migrations),
            ("worker", worker),
            ("clock", clock),
            ("redis", redis),
        ]
        .map(|(name, (check, took))| (name, check, Some(millis(took))));
        let checks = timed
            .into_iter()
            .chain(unasked)
            .map(|(name, check, latency_ms)| (name.to_owned(), TimedCheck { check, latency_ms }));
        let schema = SchemaBody { newest: self.database.newest_version(), missing: missing.ok() };
        let uptime_seconds = self.watch.env.now().since(self.watch.started_at).as_secs_f64();
        let features_off = self.features_off.iter().map(|&name| name.to_owned()).collect();
        let breakers = self.watch.breakers.list().into_iter().map(breaker).collect();
        Details {
            checks: checks.collect(),
            uptime_seconds,
            pools,
            schema,
            breakers,
            features_off,
            ai: AiBody {
                providers: self.providers.iter().map(|&name| name.to_owned()).collect(),
                ..AiBody::default()
            },
            ..told(seen)
        }
    }

    async fn timed(&self, check: impl Future<Output = Check>) -> (Check, Duration) {
        let begun = self.watch.env.now();
        let check = check.await;
        (check, self.watch.env.now().since(begun))
    }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}

fn told(seen: Seen) -> Details {
    Details {
        workers: seen.workers.map(|workers| workers.into_iter().map(worker).collect()),
        queue: QueueBody {
            queued: seen.depth.map(|depth| depth.queued),
            running: seen.depth.map(|depth| depth.running),
            dead_letters: seen.depth.map(|depth| depth.failed),
            lag_seconds: seen.lag.map(|lag| lag.as_secs_f64()),
        },
        outbox: OutboxBody { lag_seconds: seen.outbox_lag.map(|lag| lag.as_secs_f64()) },
        ..Details::default()
    }
}

fn pool(pool: &PoolGauge) -> PoolBody {
    PoolBody {
        name: pool.name.to_owned(),
        max: pool.most,
        size: pool.open,
        in_use: pool.in_use(),
        idle: pool.idle,
        waiting: pool.waiting,
    }
}

fn breaker(report: BreakerReport) -> BreakerBody {
    let BreakerReport { name, state, since, failures, open_until } = report;
    BreakerBody { name: name.to_string(), state: state.name(), since, failures, open_until }
}

fn worker(note: WorkerNote) -> WorkerBody {
    let WorkerNote { name, started_at, seen_at, running } = note;
    WorkerBody { name, started_at, seen_at, running }
}

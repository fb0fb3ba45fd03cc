//! What is not counted as it happens: pools, the queue, the outbox, the process.

use super::{counter, gauge, label, table};
use crate::application::{Seen, Watch};
use kernel::Timestamp;
use opentelemetry::metrics::{Counter, Gauge, Meter};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Mutex;
use web::BreakerState;

/// How long a look holds: a scrape more often than that asks the database nothing.
const FRESH: Duration = Duration::from_secs(2);

pub(super) struct Looked {
    pool_max: Gauge<f64>,
    pool_connections: Gauge<f64>,
    pool_waiting: Gauge<f64>,
    database_errors: Counter<u64>,
    queue_jobs: Gauge<f64>,
    queue_lag: Gauge<f64>,
    workers: Gauge<f64>,
    clock_skew: Gauge<f64>,
    outbox_lag: Gauge<f64>,
    bus_waiting: Gauge<f64>,
    bus_dead: Gauge<f64>,
    breaker_state: Gauge<f64>,
    look_failures: Counter<u64>,
    memory: Gauge<f64>,
    uptime: Gauge<f64>,
    last: Mutex<Last>,
}

/// What was seen last.
#[derive(Default)]
struct Last {
    at: Option<Timestamp>,
    failures: BTreeMap<&'static str, u64>,
}

impl Looked {
    pub(super) fn new(meter: &Meter) -> Self {
        let build = gauge(meter, table::BUILD);
        let commit = option_env!("RAPTORFLOW_COMMIT").unwrap_or("unknown");
        build.record(1.0, &[label("version", env!("CARGO_PKG_VERSION")), label("commit", commit)]);
        let look_failures = counter(meter, table::LOOK_FAILURES);
        for what in ["queue", "lag", "outbox", "workers", "clock", "bus"] {
            look_failures.add(0, &[label("what", what)]);
        }
        Self {
            pool_max: gauge(meter, table::POOL_MAX),
            pool_connections: gauge(meter, table::POOL_CONNECTIONS),
            pool_waiting: gauge(meter, table::POOL_WAITING),
            database_errors: counter(meter, table::DATABASE_ERRORS),
            queue_jobs: gauge(meter, table::QUEUE_JOBS),
            queue_lag: gauge(meter, table::QUEUE_LAG),
            workers: gauge(meter, table::WORKERS),
            clock_skew: gauge(meter, table::CLOCK_SKEW),
            outbox_lag: gauge(meter, table::OUTBOX_LAG),
            bus_waiting: gauge(meter, table::BUS_WAITING),
            bus_dead: gauge(meter, table::BUS_DEAD),
            breaker_state: gauge(meter, table::BREAKER_STATE),
            look_failures,
            memory: gauge(meter, table::MEMORY),
            uptime: gauge(meter, table::UPTIME),
            last: Mutex::default(),
        }
    }

    /// Looks, unless somebody has a moment ago.
    pub(super) async fn look(&self, watch: &Watch) {
        let mut last = self.last.lock().await;
        let now = watch.env.now();
        if last.at.is_some_and(|at| now.since(at) < FRESH) {
            return;
        }
        self.note_process(now.since(watch.started_at));
        let seen = watch.look().await;
        for (reason, count) in &seen.failures {
            let before = last.failures.insert(reason, *count).unwrap_or(0);
            self.database_errors.add(count.saturating_sub(before), &[label("reason", *reason)]);
        }
        self.note(&seen);
        last.at = Some(now);
    }

    fn note(&self, seen: &Seen) {
        for pool in &seen.pools {
            let name = label("pool", pool.name);
            self.pool_max.record(as_f64(pool.most), std::slice::from_ref(&name));
            self.pool_waiting.record(as_f64(pool.waiting), std::slice::from_ref(&name));
            for (state, count) in [("in_use", pool.in_use()), ("idle", pool.idle)] {
                self.pool_connections.record(as_f64(count), &[name.clone(), label("state", state)]);
            }
        }
        if let Some(depth) = self.had("queue", seen.depth) {
            for (state, count) in
                [("queued", depth.queued), ("running", depth.running), ("failed", depth.failed)]
            {
                self.queue_jobs.record(as_f64(self::count(count)), &[label("state", state)]);
            }
        }
        if let Some(lag) = self.had("lag", seen.lag) {
            self.queue_lag.record(lag.as_secs_f64(), &[]);
        }
        if let Some(lag) = self.had("outbox", seen.outbox_lag) {
            self.outbox_lag.record(lag.as_secs_f64(), &[]);
        }
        if let Some(workers) = self.had("workers", seen.workers.as_ref()) {
            self.workers.record(as_f64(workers.len()), &[]);
        }
        if let Some(skew) = self.had("clock", seen.skew) {
            self.clock_skew.record(skew.seconds(), &[]);
        }
        for (consumer, waiting) in &seen.bus_waiting {
            if let Some(waiting) = self.had("bus", *waiting) {
                self.bus_waiting.record(as_f64(count(waiting)), &[label("consumer", *consumer)]);
            }
        }
        if let Some(dead) = self.had("bus", seen.bus_dead) {
            self.bus_dead.record(as_f64(count(dead)), &[]);
        }
        for report in &seen.breakers {
            for state in BreakerState::ALL {
                let labels = [label("dependency", report.name.to_string()), label("state", state.name())];
                self.breaker_state.record(f64::from(u8::from(state == report.state)), &labels);
            }
        }
    }

    /// Counts what could not be had.
    fn had<T>(&self, what: &'static str, seen: Option<T>) -> Option<T> {
        if seen.is_none() {
            self.look_failures.add(1, &[label("what", what)]);
        }
        seen
    }

    fn note_process(&self, uptime: Duration) {
        self.uptime.record(uptime.as_secs_f64(), &[]);
        // Not every operating system tells.
        if let Some(memory) = memory_stats::memory_stats() {
            self.memory.record(as_f64(memory.physical_mem), &[]);
        }
    }
}

fn count(count: impl TryInto<usize>) -> usize {
    count.try_into().unwrap_or(0)
}

pub(super) fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or_else(|_| large(count), f64::from)
}

/// Beyond 32 bits in two halves: no count of ours is beyond 52.
fn large(count: usize) -> f64 {
    let (high, low) = (count >> 32, count & 0xffff_ffff);
    f64::from(u32::try_from(high).unwrap_or(u32::MAX)) * 4_294_967_296.0
        + f64::from(u32::try_from(low).unwrap_or(u32::MAX))
}

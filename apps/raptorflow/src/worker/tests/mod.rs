mod ending;
mod parallel;

use kernel::{Clock, Environment, Timestamp, testing::environment};
use std::sync::Arc;
use tokio::time::Instant;

/// Goes with the runtime's time: when that is paused it stands while anybody works, and jumps when all wait.
struct RuntimeClock(Timestamp, Instant);

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        self.0.plus(self.1.elapsed())
    }
}

/// An environment whose clock goes with the runtime's time.
pub(super) fn environment_in_runtime() -> Environment {
    let (env, _) = environment();
    let clock = Arc::new(RuntimeClock(env.now(), Instant::now()));
    Environment { clock, ..env }
}

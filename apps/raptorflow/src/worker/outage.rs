use kernel::rest_after;
use std::{fmt::Display, time::Duration};

/// How long to leave something alone that does not answer, and when to say so: once when it begins and once when it ends.
pub(super) struct Outage {
    meanwhile: &'static str,
    failures: u32,
}

impl Outage {
    /// Nothing is away. `meanwhile` says what becomes of the work when something is.
    pub(super) const fn of(meanwhile: &'static str) -> Self {
        Self { meanwhile, failures: 0 }
    }

    /// Whether the last try failed.
    pub(super) const fn is_on(&self) -> bool {
        self.failures > 0
    }

    /// Notes how a try ended; after a failure, answers how long to wait.
    pub(super) fn after<T>(&mut self, tried: Result<T, impl Display>) -> Option<Duration> {
        match tried {
            Ok(_) => {
                if self.is_on() {
                    tracing::info!(failures = self.failures, "it goes on");
                }
                self.failures = 0;
                None
            }
            Err(error) => {
                if !self.is_on() {
                    tracing::warn!(%error, "{}", self.meanwhile);
                }
                self.failures = self.failures.saturating_add(1);
                Some(rest_after(self.failures))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_two_seconds_and_an_answer_ends_them() {
        let mut outage = Outage::of("it waits");
        let pauses: Vec<_> = (0..5).map(|_| outage.after(Err::<(), _>("no")).unwrap().as_millis()).collect();
        assert_eq!((pauses, outage.is_on()), (vec![500, 1_000, 2_000, 2_000, 2_000], true));
        assert_eq!((outage.after(Ok::<_, &str>(())), outage.is_on()), (None, false));
        assert_eq!(outage.after(Err::<(), _>("no")), Some(Duration::from_millis(500)));
    }
}

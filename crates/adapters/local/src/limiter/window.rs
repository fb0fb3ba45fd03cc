use kernel::{Allowance, Quota, Timestamp};
use std::{collections::VecDeque, time::Duration};

/// The calls of a window that were let pass, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Calls {
    passed: VecDeque<Timestamp>,
    /// When none of them counts any more.
    pub(super) full_at: Option<Timestamp>,
}

impl Calls {
    pub(super) fn take(&mut self, now: Timestamp, quota: Quota) -> Allowance {
        // A clock that was put back sets nothing free.
        let now = self.passed.back().map_or(now, |last| now.max(*last));
        while self.passed.front().is_some_and(|first| now.since(*first) >= quota.window) {
            self.passed.pop_front();
        }
        let limit = quota.limit.get() as usize;
        let is_allowed = self.passed.len() < limit;
        // The call that has to leave the window before one may come; there are more than the limit when that was lowered.
        let blocking = (!is_allowed).then(|| self.passed.get(self.passed.len() - limit)).flatten();
        let free_after = |call: &Timestamp| call.plus(quota.window).since(now);
        let retry_after = blocking.map_or(Duration::ZERO, free_after);
        if is_allowed {
            self.passed.push_back(now);
        }
        let remaining = u32::try_from(limit.saturating_sub(self.passed.len())).unwrap_or(u32::MAX);
        let full_after = self.passed.back().map_or(Duration::ZERO, free_after);
        self.full_at = Some(now.plus(full_after));
        Allowance { is_allowed, remaining, full_after, retry_after }
    }
}

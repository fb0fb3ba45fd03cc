use crate::Result;
use kernel::StoreError;

/// Tells whether a use case lost against another unit of work and may start anew from what that one left.
///
/// For callers who named no version: nobody is surprised by their own change then, and the second attempt decides on
/// fresh rows.
#[derive(Default)]
pub(super) struct Race {
    attempts: u8,
}

impl Race {
    /// Losing so often in a row means that something else is wrong.
    const ATTEMPTS: u8 = 4;

    pub(super) fn lost<T>(&mut self, outcome: &Result<T>) -> bool {
        self.attempts += 1;
        let beaten = matches!(outcome, Err(crate::Error::Store(StoreError::Stale | StoreError::Conflict(_))));
        beaten && self.attempts < Self::ATTEMPTS
    }
}

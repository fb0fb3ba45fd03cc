//! The states of a breaker.

/// How a breaker is. The names are those of Nygard's "Release It!".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// Nobody is called.
    Open,
    /// One call, the probe, finds out.
    HalfOpen,
}

/// What happens to a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerInput {
    /// There were too many failures, here or in another process.
    Trip,
    /// The wait is over and somebody calls.
    Probe,
    /// The probe was answered.
    Recover,
    /// The probe failed.
    Relapse,
    /// The probe ended without a result: its caller went away.
    Abandon,
}

impl BreakerState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Closed, Self::Open, Self::HalfOpen];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }

    /// The next state; `None` when the input has no business in this state.
    #[must_use]
    pub const fn transition(self, input: BreakerInput) -> Option<Self> {
        use BreakerInput as I;
        match (self, input) {
            // What another process tells of an open one makes it wait longer.
            (Self::Closed | Self::Open, I::Trip) => Some(Self::Open),
            (Self::Open, I::Probe) => Some(Self::HalfOpen),
            (Self::HalfOpen, I::Recover) => Some(Self::Closed),
            (Self::HalfOpen, I::Relapse | I::Abandon) => Some(Self::Open),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_input_is_decided() {
        use BreakerInput as I;
        use BreakerState as S;
        let allowed = [
            (S::Closed, I::Trip, S::Open),
            (S::Open, I::Trip, S::Open),
            (S::Open, I::Probe, S::HalfOpen),
            (S::HalfOpen, I::Recover, S::Closed),
            (S::HalfOpen, I::Relapse, S::Open),
            (S::HalfOpen, I::Abandon, S::Open),
        ];
        for state in S::ALL {
            for input in [I::Trip, I::Probe, I::Recover, I::Relapse, I::Abandon] {
                let expected = allowed.iter().find(|(s, i, _)| (*s, *i) == (state, input)).map(|row| row.2);
                assert_eq!(state.transition(input), expected, "{state:?} {input:?}");
            }
        }
    }
}

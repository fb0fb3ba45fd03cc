//! Schedules as they are kept, and what is due of them.

use super::Timing;
use crate::{
    Actor, CallContext, CorrelationId, Environment, NewJob, Priority, ScheduleId, Timestamp, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What becomes of instants at which no worker ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfire {
    /// They are left out, but for the last one when it is only just over ([`Schedule::GRACE`]).
    Skip,
    /// One run stands for all of them.
    Coalesce,
    /// Each runs, in order.
    CatchUp,
}

impl Misfire {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Skip, Self::Coalesce, Self::CatchUp];

    /// The stable name, as stored and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Coalesce => "coalesce",
            Self::CatchUp => "catch_up",
        }
    }

    /// The policy of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// Work that comes again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// Which one of its workspace it is, such as `daily_wins`.
    pub name: String,
    /// The kind of job that it makes.
    pub kind: String,
    /// What the jobs are given, beside the instant.
    pub payload: serde_json::Value,
    /// When.
    pub timing: Timing,
    /// What becomes of missed instants.
    pub misfire: Misfire,
    /// How important its jobs are.
    pub priority: Priority,
    /// The tenant that it works for.
    pub workspace_id: Option<WorkspaceId>,
    /// Its next instant.
    pub next_run: Timestamp,
}

/// What is due of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Instants to make jobs of, in order.
    pub runs: Vec<Timestamp>,
    /// When to look again.
    pub next_run: Timestamp,
}

impl Schedule {
    /// An instant that is over for no longer than this is not missed: workers look twice a second, and a deployment takes
    /// a few minutes.
    pub const GRACE: Duration = Duration::from_secs(300);
    /// So many missed instants are caught up with at once; the others follow.
    const AT_ONCE: usize = 100;

    /// One that begins now, and makes jobs of this kind. An interval begins with its first end.
    #[must_use]
    pub fn new(env: &Environment, name: &str, kind: &'static str, timing: Timing, misfire: Misfire) -> Self {
        let next_run = timing.next_after(env.now()).unwrap_or(Timestamp::NEVER);
        Self {
            id: env.id(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            payload: serde_json::json!({}),
            timing,
            misfire,
            priority: Priority::Low,
            workspace_id: None,
            next_run,
        }
    }

    /// Whether the other one would do the same, whenever it was made.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.name.clone(), it.kind.clone(), it.misfire, it.priority);
        said(self) == said(other) && self.timing == other.timing && self.payload == other.payload
    }

    /// What is due at `now`.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let Some(last) = self.timing.last_until(now, self.next_run) else {
            return Due { runs: Vec::new(), next_run: self.next_run };
        };
        let (runs, done) = match self.misfire {
            Misfire::Coalesce => (vec![last], last),
            Misfire::Skip if now.since(last) <= Self::GRACE => (vec![last], last),
            Misfire::Skip => (Vec::new(), last),
            Misfire::CatchUp => {
                let all = std::iter::successors(Some(self.next_run), |at| self.timing.next_after(*at));
                let runs: Vec<Timestamp> = all.take_while(|at| *at <= now).take(Self::AT_ONCE).collect();
                let done = runs.last().copied().unwrap_or(last);
                (runs, done)
            }
        };
        Due { runs, next_run: self.timing.next_after(done).unwrap_or(Timestamp::NEVER) }
    }

    /// The job of one instant; `kind` is this schedule's, as the build that runs it knows it.
    #[must_use]
    pub fn job(&self, env: &Environment, kind: &'static str, at: Timestamp) -> NewJob {
        let ctx = CallContext::new(Actor::System, CorrelationId::mint(env.ids.uuid()));
        let payload = serde_json::json!({ "schedule": self.name, "at": at, "with": self.payload });
        let job = NewJob::new(env, &ctx, kind, payload).with_priority(self.priority);
        NewJob { workspace_id: self.workspace_id, ..job }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::environment;
    use proptest::prelude::*;

    fn hourly(misfire: Misfire) -> Schedule {
        let timing = Timing::every(Duration::from_secs(3_600)).unwrap();
        Schedule::new(&environment().0, "hourly", "test.job", timing, misfire)
    }

    fn at(schedule: &Schedule, minutes: u64) -> Timestamp {
        schedule.next_run.plus(Duration::from_secs(60 * minutes))
    }

    #[test]
    fn nothing_is_due_before_its_time_and_one_run_at_it() {
        for misfire in Misfire::ALL {
            let schedule = hourly(misfire);
            let early = schedule.due(schedule.next_run.minus(Duration::from_micros(1)));
            assert_eq!(early, Due { runs: vec![], next_run: schedule.next_run });
            let due = schedule.due(schedule.next_run);
            assert_eq!(due, Due { runs: vec![schedule.next_run], next_run: at(&schedule, 60) });
        }
    }

    #[test]
    fn what_was_missed_is_left_out_or_stands_for_all_or_is_caught_up_with() {
        let due = |misfire, minutes| {
            let schedule = hourly(misfire);
            let due = schedule.due(at(&schedule, minutes));
            let minute = |run: &Timestamp| run.since(schedule.next_run).as_secs() / 60;
            (due.runs.iter().map(minute).collect::<Vec<_>>(), minute(&due.next_run))
        };
        assert_eq!(due(Misfire::Skip, 130), (vec![], 180));
        assert_eq!(due(Misfire::Skip, 124), (vec![120], 180));
        assert_eq!(due(Misfire::Coalesce, 130), (vec![120], 180));
        assert_eq!(due(Misfire::CatchUp, 130), (vec![0, 60, 120], 180));
        let (runs, next) = due(Misfire::CatchUp, 60 * 150);
        assert_eq!((runs.len(), next), (100, 6_000), "the others follow");
    }

    #[test]
    fn an_edit_is_one_that_changes_what_is_done_or_when() {
        let schedule = hourly(Misfire::Skip);
        assert!(schedule.says_the_same(&hourly(Misfire::Skip)));
        assert!(!schedule.says_the_same(&hourly(Misfire::Coalesce)));
        let zone = crate::TimeZone::utc();
        let daily = Schedule { timing: Timing::cron("0 6 * * *", zone).unwrap(), ..schedule.clone() };
        assert!(!schedule.says_the_same(&daily));
    }

    proptest! {
        #[test]
        fn however_often_one_looks_each_instant_is_caught_up_with_once_and_in_order(
            looks in prop::collection::vec(1_u64..400, 1..20),
            pattern in prop::sample::select(vec!["*/7 * * * *", "0 * * * *", "30 1 * * *", "15,45 2-4 * * *"]),
            zone in prop::sample::select(vec!["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"]),
        ) {
            let timing = Timing::cron(pattern, crate::TimeZone::parse(zone).unwrap()).unwrap();
            let start: Timestamp = "2026-03-28T20:00:00Z".parse().unwrap();
            let first = timing.next_after(start).unwrap();
            let mut schedule = Schedule { timing: timing.clone(), next_run: first, ..hourly(Misfire::CatchUp) };
            let (mut now, mut seen) = (start, Vec::new());
            for minutes in looks {
                now = now.plus(Duration::from_secs(60 * minutes));
                loop {
                    let due = schedule.due(now);
                    if due.runs.is_empty() { break }
                    seen.extend(due.runs);
                    schedule.next_run = due.next_run;
                }
            }
            let all = std::iter::successors(Some(first), |at| timing.next_after(*at));
            let expected: Vec<Timestamp> = all.take_while(|at| *at <= now).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}

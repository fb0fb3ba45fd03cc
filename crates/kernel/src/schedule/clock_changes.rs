//! Schedules of London over the days on which its clocks change: from 01:00 to 02:00 on 2026-03-29, and from 02:00 back to
//! 01:00 on 2026-10-25. A pattern of one minute and one hour is a fixed time; any other one is a rhythm.

use super::{Due, Misfire, Schedule, Timing};
use crate::{TimeZone, Timestamp, testing::environment};

const BEFORE_SPRING: &str = "2026-03-28T22:30:00Z";
const BEFORE_AUTUMN: &str = "2026-10-24T22:30:00Z";

fn instants(texts: &[&str]) -> Vec<Timestamp> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn london(pattern: &str) -> Timing {
    Timing::cron(pattern, TimeZone::parse("Europe/London").unwrap()).unwrap()
}

/// The instants after `at` are these, and more.
fn come(pattern: &str, at: &str, expected: &[&str]) {
    let timing = london(pattern);
    let after = std::iter::successors(timing.next_after(at.parse().unwrap()), |at| timing.next_after(*at));
    let found: Vec<Timestamp> = after.take(expected.len()).collect();
    assert_eq!(found, instants(expected), "{pattern} after {at}");
}

#[test]
fn a_fixed_time_comes_once_a_day_after_the_gap_and_at_the_earlier_of_two() {
    come("0 1 * * *", BEFORE_SPRING, &["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]);
    come("30 1 * * *", BEFORE_SPRING, &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    come("0 2 * * *", BEFORE_SPRING, &["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]);
    come("0 1 * * *", BEFORE_AUTUMN, &["2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"]);
    come("30 1 * * *", BEFORE_AUTUMN, &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    come("0 2 * * *", BEFORE_AUTUMN, &["2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"]);
}

#[test]
fn a_rhythm_leaves_out_the_gap_and_comes_in_both_repeated_hours() {
    let hours =
        ["2026-03-28T23:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"];
    come("0 * * * *", BEFORE_SPRING, &hours);
    come("*/30 1 * * *", BEFORE_SPRING, &["2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"]);
    come("0 1,3 * * *", BEFORE_SPRING, &["2026-03-29T02:00:00Z", "2026-03-30T00:00:00Z"]);
    let hours =
        ["2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"];
    come("0 * * * *", BEFORE_AUTUMN, &hours);
    let halves =
        ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"];
    come("*/30 1 * * *", BEFORE_AUTUMN, &[&halves[..], &["2026-10-26T01:00:00Z"]].concat());
}

/// Nobody looked from the first instant on until `now`.
struct Missed {
    pattern: &'static str,
    first: &'static str,
    now: &'static str,
    /// All that was missed.
    all: &'static [&'static str],
    /// Whether the last one is only just over.
    is_fresh: bool,
    next: &'static str,
}

const MISSED: [Missed; 8] = [
    Missed {
        pattern: "30 1 * * *",
        first: "2026-03-28T01:30:00Z",
        now: "2026-03-29T01:04:00Z",
        all: &["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"],
        is_fresh: true,
        next: "2026-03-30T00:30:00Z",
    },
    Missed {
        pattern: "30 1 * * *",
        first: "2026-03-28T01:30:00Z",
        now: "2026-03-30T12:00:00Z",
        all: &["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
        is_fresh: false,
        next: "2026-03-31T00:30:00Z",
    },
    // The second half past one of the day.
    Missed {
        pattern: "30 1 * * *",
        first: "2026-10-24T00:30:00Z",
        now: "2026-10-25T01:30:00Z",
        all: &["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"],
        is_fresh: false,
        next: "2026-10-26T01:30:00Z",
    },
    Missed {
        pattern: "30 1 * * *",
        first: "2026-10-24T00:30:00Z",
        now: "2026-10-25T00:34:00Z",
        all: &["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"],
        is_fresh: true,
        next: "2026-10-26T01:30:00Z",
    },
    Missed {
        pattern: "*/30 1 * * *",
        first: "2026-03-28T01:30:00Z",
        now: "2026-03-29T12:00:00Z",
        all: &["2026-03-28T01:30:00Z"],
        is_fresh: false,
        next: "2026-03-30T00:00:00Z",
    },
    Missed {
        pattern: "*/30 1 * * *",
        first: "2026-10-25T00:00:00Z",
        now: "2026-10-25T01:34:00Z",
        all: &[
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-25T01:30:00Z",
        ],
        is_fresh: true,
        next: "2026-10-26T01:00:00Z",
    },
    Missed {
        pattern: "0 * * * *",
        first: "2026-03-28T23:00:00Z",
        now: "2026-03-29T01:04:00Z",
        all: &["2026-03-28T23:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"],
        is_fresh: true,
        next: "2026-03-29T02:00:00Z",
    },
    Missed {
        pattern: "0 * * * *",
        first: "2026-10-24T23:00:00Z",
        now: "2026-10-25T01:06:00Z",
        all: &["2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"],
        is_fresh: false,
        next: "2026-10-25T02:00:00Z",
    },
];

#[test]
fn what_was_missed_over_a_change_is_judged_as_on_any_other_day() {
    for Missed { pattern, first, now, all, is_fresh, next } in MISSED {
        let last = &all[all.len() - 1..];
        for (misfire, runs) in [
            (Misfire::Skip, if is_fresh { last } else { &[] }),
            (Misfire::Coalesce, last),
            (Misfire::CatchUp, all),
        ] {
            let schedule = Schedule::new(&environment().0, "night", "test.job", london(pattern), misfire);
            let schedule = Schedule { next_run: first.parse().unwrap(), ..schedule };
            let expected = Due { runs: instants(runs), next_run: next.parse().unwrap() };
            assert_eq!(schedule.due(now.parse().unwrap()), expected, "{pattern} at {now}, {misfire:?}");
        }
    }
}

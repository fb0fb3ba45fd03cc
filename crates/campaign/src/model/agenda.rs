//! Choosing a day's wins, and counting the days in a row that had one.

use super::{DailyWin, Move, MoveStatus, WinKind, WinStatus};
use kernel::{Date, Environment, WorkspaceId, channels::Vocabulary};

/// How many wins a day has at most: few enough to be done.
pub const WINS_A_DAY: usize = 5;
/// How many days ahead a move is worth preparing.
const AHEAD: i32 = 3;

/// The wins most worth a day: what is overdue first, then what is due, what is in progress, and what comes next;
/// within these the earlier due day first. The same moves give the same wins.
#[must_use]
pub fn choose_wins(
    env: &Environment,
    workspace_id: WorkspaceId,
    date: Date,
    moves: &[Move],
) -> Vec<DailyWin> {
    let mut chosen: Vec<(WinKind, &Move)> =
        moves.iter().filter_map(|m| kind_on(date, m).map(|kind| (kind, m))).collect();
    chosen.sort_by_key(|(kind, m)| (*kind, m.due_on, m.id));
    let now = env.now();
    chosen
        .into_iter()
        .take(WINS_A_DAY)
        .map(|(kind, m)| DailyWin {
            id: env.id(),
            workspace_id,
            date,
            kind,
            source: format!("move:{}", m.id),
            text: text_of(kind, date, m),
            move_id: Some(m.id),
            status: WinStatus::Open,
            version: 1,
            created_at: now,
            updated_at: now,
        })
        .collect()
}

fn kind_on(date: Date, m: &Move) -> Option<WinKind> {
    if !m.status.is_open() {
        return None;
    }
    let days_left = (m.due_on - date).get_days();
    match days_left {
        ..0 => Some(WinKind::Overdue),
        0 => Some(WinKind::DueToday),
        _ if m.status == MoveStatus::InProgress => Some(WinKind::InProgress),
        1..=AHEAD => Some(WinKind::Prepare),
        _ => None,
    }
}

fn text_of(kind: WinKind, date: Date, m: &Move) -> String {
    let channel = Vocabulary::standard().channel(&m.channel).map_or(m.channel.as_str(), |c| c.name.as_str());
    let title = &m.title;
    let step = m.next_task().map(|task| format!(" Next: {task}")).unwrap_or_default();
    match kind {
        WinKind::Overdue => {
            let days = (date - m.due_on).get_days();
            let plural = if days == 1 { "day" } else { "days" };
            format!("Finish or skip “{title}” ({channel}): it is {days} {plural} late.{step}")
        }
        WinKind::DueToday => format!("Ship “{title}” on {channel} today.{step}"),
        WinKind::InProgress => format!("Take “{title}” ({channel}) a step further.{step}"),
        WinKind::Prepare => {
            format!("Get ahead on “{title}”, due {} on {channel}.{step}", m.due_on.strftime("%A"))
        }
    }
}

/// Days in a row, up to `today`, with at least one win done. Today counts when it has one, and does not break the row
/// while it is still open. `done` holds the days with a done win, newest first.
#[must_use]
pub fn streak(today: Date, done: &[Date]) -> u32 {
    let mut expected = today;
    let mut days = 0;
    for day in done.iter().filter(|day| **day <= today) {
        if days == 0 && *day != today {
            expected = today.yesterday().unwrap_or(today);
        }
        if *day != expected {
            break;
        }
        days += 1;
        let Ok(before) = day.yesterday() else { break };
        expected = before;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Origin, PlannedMove};
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn due(env: &Environment, on: &str, status: MoveStatus) -> Move {
        let plan = PlannedMove {
            title: format!("due {on}"),
            channel: kernel::channels::ChannelSlug::parse("twitter").unwrap(),
            stage: "awareness".into(),
            audience: "developers".into(),
            objective: String::new(),
            brief: String::new(),
            tasks: vec!["Write it".into()],
            draft: None,
            measure: String::new(),
            budget: None,
            due_on: day(on),
        };
        let workspace = uuid::Uuid::nil().into();
        Move { status, ..plan.into_move(env.id(), workspace, env.id(), Origin::Baseline, env.now()) }
    }

    #[test]
    fn the_most_urgent_moves_become_the_wins() {
        let (env, _) = kernel::testing::environment();
        let moves = [
            due(&env, "2026-03-20", MoveStatus::Planned),
            due(&env, "2026-03-05", MoveStatus::Planned),
            due(&env, "2026-03-04", MoveStatus::Planned),
            due(&env, "2026-03-01", MoveStatus::InProgress),
            due(&env, "2026-03-02", MoveStatus::Done),
            due(&env, "2026-03-12", MoveStatus::InProgress),
        ];
        let wins = choose_wins(&env, uuid::Uuid::nil().into(), day("2026-03-04"), &moves);
        let texts: Vec<_> = wins.iter().map(|win| win.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Finish or skip “due 2026-03-01” (Twitter): it is 3 days late. Next: Write it",
                "Ship “due 2026-03-04” on Twitter today. Next: Write it",
                "Take “due 2026-03-12” (Twitter) a step further. Next: Write it",
                "Get ahead on “due 2026-03-05”, due Thursday on Twitter. Next: Write it",
            ]
        );
    }

    #[test]
    fn a_streak_survives_an_unfinished_today_and_ends_at_a_gap() {
        let days = |texts: &[&str]| texts.iter().map(|t| day(t)).collect::<Vec<_>>();
        let today = day("2026-03-10");
        assert_eq!(streak(today, &days(&["2026-03-10", "2026-03-09", "2026-03-07"])), 2);
        assert_eq!(streak(today, &days(&["2026-03-09", "2026-03-08"])), 2);
        assert_eq!(streak(today, &days(&["2026-03-08"])), 0);
        assert_eq!(streak(today, &days(&["2026-03-11", "2026-03-10"])), 1);
        assert_eq!(streak(today, &[]), 0);
    }

    proptest! {
        #[test]
        fn a_streak_is_never_longer_than_the_days_with_a_win(offsets in prop::collection::btree_set(0_i64..40, 0..20)) {
            let today = day("2026-03-10");
            let done: Vec<_> = offsets.iter().map(|o| today - jiff::Span::new().days(*o)).collect();
            let unbroken = (0..).take_while(|o| offsets.contains(o)).count();
            let since_yesterday = (1..).take_while(|o| offsets.contains(o)).count();
            let expected = if unbroken > 0 { unbroken } else { since_yesterday };
            prop_assert_eq!(streak(today, &done) as usize, expected);
        }
    }
}

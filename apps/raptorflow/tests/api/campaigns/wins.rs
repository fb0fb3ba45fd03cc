//! The day's wins and the streak.

use super::scene::{executed, moves_of};
use crate::fixture::{Fixture, expect, expect_problem, fields};
use campaign::ports::DailyWinReader;
use kernel::{JobQueue, JobState, SystemScope};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;
use workspace::services::UpdateWorkspace;

const WINS: &str = "/api/v1/daily-wins";
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[actix_web::test]
async fn todays_wins_are_chosen_once_from_the_moves() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let campaign = executed(&fixture, &home, "2026-03-02").await;
    let wins = expect(fixture.get(&home, WINS).await, 200).await;
    let items = wins["items"].as_array().unwrap();
    assert!((1..=5).contains(&items.len()), "{wins}");
    let moves = moves_of(&fixture, &home, campaign).await;
    for win in items {
        let m = moves.iter().find(|m| m["id"] == win["move_id"]).unwrap();
        let kind = if m["due_on"] == "2026-03-02" { "due_today" } else { "prepare" };
        assert!(win["text"].as_str().unwrap().contains(m["title"].as_str().unwrap()), "{win}");
        assert_eq!(
            *win,
            json!({"id": win["id"], "text": win["text"], "kind": kind, "move_id": m["id"], "status": "open"})
        );
    }
    assert_eq!(wins, json!({"date": "2026-03-02", "items": items, "streak": 0}));
    assert_eq!(expect(fixture.get(&home, WINS).await, 200).await, wins);
    assert_eq!(expect(fixture.get(&home, &format!("{WINS}?date=2026-03-02")).await, 200).await, wins);
}

#[actix_web::test]
async fn a_mornings_wins_are_there_before_anybody_looks_at_six_of_the_workspaces_clock() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let zone = UpdateWorkspace { time_zone: Some("America/New_York".into()), ..UpdateWorkspace::default() };
    fixture.services.workspaces.update(&home.ctx, &home.scope, zone, None).await.unwrap();
    executed(&fixture, &home, "2026-03-02").await;
    let tuesday = "2026-03-03".parse().unwrap();
    let chosen = async || {
        fixture.work().await;
        DailyWinReader::list_on(fixture.store.as_ref(), &home.scope, tuesday).await.unwrap().len()
    };
    // It is 09:00 UTC on Monday; six in New York is 11:00 UTC.
    fixture.clock.advance(Duration::from_secs(26 * 60 * 60 - 1));
    assert_eq!(chosen().await, 0);
    fixture.clock.advance(Duration::from_secs(1));
    assert!(chosen().await > 0);
    let jobs = expect(fixture.get(&home, "/api/v1/jobs?kind=campaign.choose_daily_wins").await, 200).await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1, "no worker was there on Monday at six");
    assert!(jobs["items"].as_array().unwrap().iter().all(|job| job["state"] == "succeeded"), "{jobs}");
    fixture.services.workspaces.delete(&home.ctx, &home.scope, None).await.unwrap();
    fixture.clock.advance(A_DAY);
    fixture.work().await;
    let failed = fixture.store.count(&SystemScope::for_worker(), JobState::Failed).await;
    assert_eq!(failed, Ok(0), "nothing comes again where nobody is");
}

#[actix_web::test]
async fn today_is_the_day_of_the_workspaces_zone() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let day = async || expect(fixture.get(&home, WINS).await, 200).await["date"].take();
    assert_eq!(day().await, "2026-03-02");
    let kiritimati = UpdateWorkspace {
        name: None,
        slug: None,
        time_zone: Some("Pacific/Kiritimati".to_owned()),
        settings: None,
    };
    fixture.clock.advance(Duration::from_secs(2 * 60 * 60));
    fixture.services.workspaces.update(&home.ctx, &home.scope, kiritimati, None).await.unwrap();
    assert_eq!(day().await, "2026-03-03", "11:00 in London is 01:00 of the next day there");
}

#[actix_web::test]
async fn a_win_is_decided_once() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    executed(&fixture, &home, "2026-03-02").await;
    let items = expect(fixture.get(&home, WINS).await, 200).await["items"].take();
    let decide = async |win: &Value, action: &str, body: Value| -> Response {
        fixture.post(&home, &format!("{WINS}/{}/{action}", win["id"].as_str().unwrap()), &body).await
    };
    for (win, action, status) in [(&items[0], "complete", "done"), (&items[1], "dismiss", "dismissed")] {
        let problem = expect_problem(decide(win, action, json!({"why": 1})).await, 422, "invalid").await;
        assert_eq!(fields(&problem), [("/why".to_owned(), "unknown_field".to_owned())]);
        let mut expected = win.clone();
        expected["status"] = json!(status);
        assert_eq!(expect(decide(win, action, json!({})).await, 200).await, expected);
        for again in ["complete", "dismiss"] {
            expect_problem(decide(win, again, json!({})).await, 409, "daily_win_state").await;
        }
    }
}

#[actix_web::test]
async fn a_past_day_shows_what_it_had_and_the_future_nothing() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    executed(&fixture, &home, "2026-03-02").await;
    let monday = expect(fixture.get(&home, WINS).await, 200).await;
    fixture.clock.advance(A_DAY);
    assert_eq!(expect(fixture.get(&home, &format!("{WINS}?date=2026-03-02")).await, 200).await, monday);
    let before = expect(fixture.get(&home, &format!("{WINS}?date=2026-03-01")).await, 200).await;
    assert_eq!(before, json!({"date": "2026-03-01", "items": [], "streak": 0}));

    let tomorrow = fixture.get(&home, &format!("{WINS}?date=2026-03-04")).await;
    let problem = expect_problem(tomorrow, 422, "invalid").await;
    assert_eq!(fields(&problem), [("date".to_owned(), "in_the_future".to_owned())]);
    let nonsense = fixture.get(&home, &format!("{WINS}?date=2026-02-30")).await;
    let problem = expect_problem(nonsense, 400, "invalid_query").await;
    assert_eq!(fields(&problem), [("date".to_owned(), "invalid_format".to_owned())]);
}

#[actix_web::test]
async fn days_in_a_row_with_a_win_make_a_streak() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    executed(&fixture, &home, "2026-03-02").await;
    let streak = async || expect(fixture.get(&home, &format!("{WINS}/streak")).await, 200).await;
    assert_eq!(streak().await, json!({"streak": 0}));
    for days in 1..=2 {
        let wins = expect(fixture.get(&home, WINS).await, 200).await;
        let path = format!("{WINS}/{}/complete", wins["items"][0]["id"].as_str().unwrap());
        expect(fixture.post(&home, &path, &json!({})).await, 200).await;
        assert_eq!(streak().await, json!({"streak": days}));
        fixture.clock.advance(A_DAY);
        assert_eq!(streak().await, json!({"streak": days}), "a day that has just begun breaks nothing");
    }
    fixture.clock.advance(A_DAY);
    assert_eq!(streak().await, json!({"streak": 0}));
}

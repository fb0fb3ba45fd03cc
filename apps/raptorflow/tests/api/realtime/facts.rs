//! A workspace's facts as server-sent events.

use super::sockets::restless;
use super::streams::{Fact, Socket, Sse, socket_of, tell_one, types};
use crate::fixture::{Fixture, expect_problem};
use reqwest::Method;

#[actix_web::test]
async fn facts_come_in_order_as_they_are_told_and_after_the_last_that_was_had() {
    let fixture = Fixture::start();
    let (home, other) = (fixture.home().await, fixture.home().await);
    let mut all = Sse::of_workspace(&fixture, &home, Some(0)).await;
    let first = all.take(1).await;
    assert_eq!((first[0].id, types(&first)), (1, vec!["workspace.created"]));
    let mut new = Sse::of_workspace(&fixture, &home, None).await;
    tell_one(&fixture, &other, "thing.hidden").await;
    tell_one(&fixture, &home, "thing.happened").await;
    let told = new.take(1).await;
    assert_eq!(types(&told), ["thing.happened"]);
    let last = told[0].id;
    let rest = all.take(usize::try_from(last).unwrap() - 1).await;
    assert_eq!(rest.iter().map(|fact| fact.id).collect::<Vec<_>>(), (2..=last).collect::<Vec<_>>());
    let mut resumed = Sse::of_workspace(&fixture, &home, Some(last - 1)).await;
    assert_eq!(resumed.take(1).await, told);
}

#[actix_web::test]
async fn both_protocols_tell_the_same() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let mut socket = Socket::by(&fixture, &home, &format!("{}?last_event_id=0", socket_of(&home))).await;
    let mut new = Socket::by(&fixture, &home, &socket_of(&home)).await;
    tell_one(&fixture, &home, "thing.happened").await;
    let last = new.take(1).await;
    let count = usize::try_from(last[0].id).unwrap();
    let by_events: Vec<Fact> = Sse::of_workspace(&fixture, &home, Some(0)).await.take(count).await;
    assert_eq!(socket.take(count).await, by_events);
    assert_eq!(by_events[count - 1..], last);
}

#[actix_web::test]
async fn a_number_that_is_none_is_refused() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    for wrong in ["-1", "x", "9223372036854775808"] {
        let path = format!("/api/v1/workspaces/{}/events/stream", home.workspace);
        let refused = fixture.call(&home, Method::GET, &path).header("last-event-id", wrong);
        expect_problem(refused.send().await.unwrap(), 400, "malformed_header").await;
        let path = format!("{}?last_event_id={wrong}", socket_of(&home));
        let refused = fixture.call(&home, Method::GET, &path).header("connection", "upgrade");
        let refused = refused.header("upgrade", "websocket").send().await.unwrap();
        expect_problem(refused, 400, "invalid_query").await;
    }
}

#[actix_web::test]
async fn the_stream_of_who_may_no_longer_come_in_ends_without_another_fact() {
    let fixture = Fixture::with_real_logins();
    let home = fixture.home().await;
    let events = Sse::of_workspace(&fixture, &home, None).await;
    let socket = Socket::by(&fixture, &home, &socket_of(&home)).await;
    let out = fixture.call(&home, Method::POST, "/api/v1/auth/logout").send().await.unwrap();
    assert_eq!(out.status(), 204);
    tell_one(&fixture, &home, "thing.happened").await;
    assert_eq!(events.rest().await, []);
    assert_eq!(socket.rest().await, (Vec::new(), 1008));
}

#[actix_web::test]
async fn the_streams_of_an_ending_server_end_at_once() {
    let fixture = Fixture::start();
    let home = fixture.home().await;
    let events = Sse::of_workspace(&fixture, &home, None).await;
    let socket = Socket::by(&fixture, &home, &socket_of(&home)).await;
    // Requests have longer than that, and streams would use it up.
    tokio::time::timeout(raptorflow::server::GRACE / 3, fixture.stop()).await.unwrap();
    assert_eq!(events.rest().await, []);
    assert_eq!(socket.rest().await, (Vec::new(), 1001));
}

#[actix_web::test]
async fn a_quiet_stream_says_again_and_again_that_it_is_still_there() {
    let fixture = restless();
    let home = fixture.home().await;
    let mut events = Sse::of_workspace(&fixture, &home, None).await;
    assert_eq!(events.block().await.as_deref(), Some("retry: 2000"));
    for _ in 0..3 {
        assert_eq!(events.block().await.as_deref(), Some(": still here"), "a comment, which is no fact");
    }
    tell_one(&fixture, &home, "thing.happened").await;
    assert_eq!(types(&events.take(1).await), ["thing.happened"]);
}

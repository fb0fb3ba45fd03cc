//! Coming in, being known, and leaving.

use crate::world::{ADA, Change, Meanwhile, PASSWORD, World};
use identity::{EndReason, IdentityError, PasswordHash, UserStatus};
use kernel::{Failure, JobHandler};
use secrecy::ExposeSecret;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_member_comes_in_is_known_and_leaves_for_good() {
    let world = World::new();
    let user = world.member().await;
    let came_in = world.log_in("ada@EXAMPLE.com", PASSWORD).await.unwrap();
    assert_eq!((came_in.account.id, came_in.account.email_verified), (user, true));
    let access = came_in.tokens.access.token.expose_secret();

    let caller = world.sessions.authenticate(access).await.unwrap();
    assert_eq!(caller.user, user);
    let session = world.session_of(&came_in.tokens).await;
    assert_eq!((session.id, session.user_agent.as_deref()), (caller.session.unwrap(), Some("Firefox")));
    assert_eq!(session.address, world.call().address);

    world.sessions.log_out(&world.call(), &caller).await.unwrap();
    world.sessions.log_out(&world.call(), &caller).await.unwrap();
    assert_eq!(world.sessions.authenticate(access).await, Err(IdentityError::Unauthenticated));
    let refreshed = world.sessions.refresh(&world.call(), &crate::world::text_of(&came_in.tokens)).await;
    assert_eq!(refreshed.err(), Some(IdentityError::RefreshRefused));
    let ended = world.session_of(&came_in.tokens).await;
    assert_eq!((ended.ended_at, ended.end_reason), (Some(world.env.now()), Some(EndReason::LoggedOut)));
    assert_eq!(world.event_types().await[2..], ["session.started", "session.ended"]);
}

#[tokio::test]
async fn one_login_leaves_another_alone() {
    let world = World::new();
    let first = world.logged_in().await;
    let second = world.log_in(ADA, PASSWORD).await.unwrap().tokens;
    let caller = world.sessions.authenticate(first.access.token.expose_secret()).await.unwrap();
    world.sessions.log_out(&world.call(), &caller).await.unwrap();
    assert!(world.sessions.authenticate(second.access.token.expose_secret()).await.is_ok());
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_cost_and_say_the_same() {
    let world = World::new();
    let user = world.member().await;
    for (email, known) in [(ADA, true), ("nobody@example.com", false)] {
        let before = world.hasher.verified.load(Ordering::SeqCst);
        let refused = world.log_in(email, "wrong horse battery").await.err();
        assert_eq!(refused, Some(IdentityError::InvalidCredentials));
        assert_eq!(world.hasher.verified.load(Ordering::SeqCst) - before, 1);
        let note = world.jobs("identity.note_failed_login").await.pop().unwrap();
        assert_eq!(note.payload["user_id"].is_string(), known);
        world.note_failed_login.handle(&note).await.unwrap();
        world.note_failed_login.handle(&note).await.unwrap();
    }
    let events = world.store.events().await;
    let failures: Vec<_> = events.iter().filter(|e| e.event_type == "session.login_failed").collect();
    assert_eq!(failures.len(), 1, "told once, and of the known account only");
    assert_eq!(failures[0].user_id, Some(user));
    assert_eq!(failures[0].payload, serde_json::json!({}), "where it came from is not for consumers");
}

#[tokio::test]
async fn what_is_wrong_with_an_account_shows_only_to_who_has_its_password() {
    let world = World::new();
    let user = world.sign_up(ADA).await.id;
    let check = async |expected: IdentityError| {
        assert_eq!(
            world.log_in(ADA, "wrong horse battery").await.err(),
            Some(IdentityError::InvalidCredentials)
        );
        assert_eq!(world.log_in(ADA, PASSWORD).await.err(), Some(expected));
    };
    check(IdentityError::EmailNotVerified).await;
    world.store.change_user(user, |user| user.status = UserStatus::Banned).await;
    check(IdentityError::AccountDisabled).await;
    world.store.change_user(user, |user| user.status = UserStatus::Deleted).await;
    check(IdentityError::InvalidCredentials).await;
    world.store.change_user(user, |user| user.password_hash = None).await;
    check(IdentityError::InvalidCredentials).await;
    assert!(!world.event_types().await.contains(&"session.started".to_owned()));
}

#[tokio::test]
async fn a_ban_bites_on_the_next_call() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let user = world.store.person(ADA).await.user.id;
    let access = tokens.access.token.expose_secret();
    world.store.change_user(user, |user| user.status = UserStatus::Banned).await;
    assert_eq!(world.sessions.authenticate(access).await, Err(IdentityError::Unauthenticated));
    let refreshed = world.sessions.refresh(&world.call(), &crate::world::text_of(&tokens)).await;
    assert_eq!(refreshed.err(), Some(IdentityError::RefreshRefused));
}

#[tokio::test]
async fn who_is_shut_out_while_the_password_is_checked_does_not_come_in() {
    let world = World::new();
    let user = world.member().await;
    let meanwhile: [(Change, IdentityError); 2] = [
        (|user| user.status = UserStatus::Banned, IdentityError::AccountDisabled),
        (
            |user| user.password_hash = Some(PasswordHash::new("old:another".into())),
            IdentityError::InvalidCredentials,
        ),
    ];
    for (change, expected) in meanwhile {
        let store = world.store.clone();
        *world.hasher.meanwhile.lock().unwrap() = Some(Meanwhile { store, user, change });
        assert_eq!(world.log_in(ADA, PASSWORD).await.err(), Some(expected));
        world.store.change_user(user, |user| user.status = UserStatus::Active).await;
    }
    assert!(!world.event_types().await.contains(&"session.started".to_owned()));
}

#[tokio::test]
async fn an_old_access_token_and_one_of_another_person_are_refused() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let access = tokens.access.token.expose_secret();
    let (_, of_session) = access.split_once(' ').unwrap();
    let stranger: kernel::UserId = world.env.id();
    let swapped = world.sessions.authenticate(&format!("{stranger} {of_session}")).await;
    assert_eq!(swapped, Err(IdentityError::Unauthenticated));
    assert_eq!(world.sessions.authenticate("rubbish").await, Err(IdentityError::Unauthenticated));
    world.advance(1_800);
    assert_eq!(world.sessions.authenticate(access).await, Err(IdentityError::Unauthenticated));
}

#[tokio::test]
async fn a_password_is_hashed_anew_when_the_parameters_have_changed() {
    let world = World::new();
    world.logged_in().await;
    world.hasher.is_newer.store(true, Ordering::SeqCst);
    world.log_in(ADA, PASSWORD).await.unwrap();
    let user = world.store.person(ADA).await.user;
    assert_eq!(user.password_hash, Some(PasswordHash::new(format!("new:{PASSWORD}"))));
    assert_eq!(user.version, 3, "signed up, verified, hashed anew");
    let hashed = world.hasher.hashed.load(Ordering::SeqCst);
    world.log_in(ADA, PASSWORD).await.unwrap();
    assert_eq!(world.hasher.hashed.load(Ordering::SeqCst), hashed);
}

#[tokio::test]
async fn a_login_that_can_not_be_one_is_refused_before_any_look_up() {
    let world = World::new();
    let long = "x".repeat(1_025);
    let refused = world.log_in("nowhere", &long).await.err().unwrap();
    let fields: Vec<_> = refused.fields().iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(fields, [("/email", "not_an_email_address"), ("/password", "too_long")]);
    assert_eq!(world.hasher.verified.load(Ordering::SeqCst), 0);
}

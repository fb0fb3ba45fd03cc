//! Getting in again without the password.

use crate::world::{ADA, PASSWORD, World, text_of};
use identity::{
    EndReason, IdentityError, UserStatus,
    services::{ChangePassword, ResetPassword},
};
use kernel::Failure;
use secrecy::ExposeSecret;
use std::sync::atomic::Ordering;

const NEW: &str = "a better horse battery";

async fn forgot(world: &World, email: &str) {
    world.credentials.forgot_password(&world.call(), email).await.unwrap();
}

async fn reset(world: &World, token: &str, password: &str) -> Result<(), IdentityError> {
    let request = ResetPassword { token: token.into(), new_password: password.into() };
    world.credentials.reset_password(&world.call(), &request).await
}

/// Somebody who has been mailed a link.
async fn mailed(world: &World) -> String {
    forgot(world, ADA).await;
    world.deliver().await.unwrap();
    world.mailed_token()
}

#[tokio::test]
async fn a_mailed_link_sets_a_password_once_and_ends_every_session() {
    let world = World::new();
    let tokens = world.logged_in().await;
    forgot(&world, "ADA@example.com").await;
    let mail = world.deliver().await.unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (ADA, "Choose a new password for RaptorFlow"));
    assert!(world.mailed_link().starts_with("https://app.example.com/reset-password?token=eml_"));
    let token = world.mailed_token();

    reset(&world, &token, NEW).await.unwrap();
    assert_eq!(reset(&world, &token, "yet another battery").await, Err(IdentityError::TokenInvalid));
    let access = tokens.access.token.expose_secret();
    assert_eq!(world.sessions.authenticate(access).await, Err(IdentityError::Unauthenticated));
    let refreshed = world.sessions.refresh(&world.call(), &text_of(&tokens)).await.err();
    assert_eq!(refreshed, Some(IdentityError::RefreshRefused));
    assert_eq!(world.session_of(&tokens).await.end_reason, Some(EndReason::PasswordChanged));
    assert!(world.log_in(ADA, PASSWORD).await.is_err());
    assert!(world.log_in(ADA, NEW).await.is_ok());
    let notice = world.deliver().await.unwrap();
    assert_eq!((notice.to.as_str(), notice.subject.as_str()), (ADA, "Your RaptorFlow password was changed"));
    assert!(!notice.text.contains("https://") && !notice.text.contains("eml_"), "{}", notice.text);
    let told = ["user.password_reset", "session.ended", "session.started"];
    assert_eq!(world.event_types().await[3..], told);
}

#[tokio::test]
async fn an_address_that_nobody_has_costs_and_says_the_same_and_gets_nothing() {
    let world = World::new();
    let user = world.member().await;
    for (email, known) in [(ADA, true), ("nobody@example.com", false)] {
        let before = world.jobs("identity.send_mail").await.len();
        forgot(&world, email).await;
        let jobs = world.jobs("identity.send_mail").await;
        assert_eq!(jobs.len() - before, 1);
        let job = jobs.last().unwrap();
        assert_eq!((job.payload["user_id"].is_string(), job.dedup_key.is_some()), (known, false));
        assert_eq!(world.deliver().await.is_some(), known);
    }
    for status in [UserStatus::Banned, UserStatus::Deleted] {
        world.advance(600);
        world.store.change_user(user, |user| user.status = status).await;
        forgot(&world, ADA).await;
        assert_eq!(world.deliver().await, None, "{status:?}");
    }
    let refused = world.credentials.forgot_password(&world.call(), "nowhere").await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/email");
}

#[tokio::test]
async fn the_next_mail_waits_for_two_minutes_and_its_link_replaces_the_older() {
    let world = World::new();
    world.member().await;
    let older = mailed(&world).await;
    world.advance(119);
    forgot(&world, ADA).await;
    assert_eq!(world.deliver().await, None, "quietly");
    world.advance(1);
    let newer = mailed(&world).await;
    assert_eq!(reset(&world, &older, NEW).await, Err(IdentityError::TokenInvalid));
    assert_eq!(reset(&world, &newer, NEW).await, Ok(()));
}

#[tokio::test]
async fn a_link_dies_after_half_an_hour_and_with_the_password() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let late = mailed(&world).await;
    world.advance(1_800);
    assert_eq!(reset(&world, &late, NEW).await, Err(IdentityError::TokenInvalid));

    let tokens = world.sessions.refresh(&world.call(), &text_of(&tokens)).await.unwrap();
    let open = mailed(&world).await;
    let (ctx, login) = world.acting(&tokens).await;
    let change = ChangePassword { current_password: PASSWORD.into(), new_password: NEW.into() };
    world.credentials.change_password(&ctx, &login, &change).await.unwrap();
    assert_eq!(reset(&world, &open, "yet another battery").await, Err(IdentityError::TokenInvalid));
    assert!(world.log_in(ADA, NEW).await.is_ok());
}

#[tokio::test]
async fn what_opens_no_reset_is_refused_before_anything_is_hashed() {
    let world = World::new();
    world.sign_up(ADA).await;
    world.deliver().await.unwrap();
    let verification = world.mailed_token();
    let hashed = world.hasher.hashed.load(Ordering::SeqCst);
    for bad in ["", "x", &format!("eml_{}", "A".repeat(43)), &verification] {
        assert_eq!(reset(&world, bad, NEW).await, Err(IdentityError::TokenInvalid), "{bad}");
    }
    let short = reset(&world, "x", "short").await.unwrap_err();
    assert_eq!((short.fields()[0].pointer.as_str(), short.fields()[0].code), ("/new_password", "too_short"));
    assert_eq!(world.hasher.hashed.load(Ordering::SeqCst), hashed);
    assert_eq!(world.accounts.verify_email(&world.call(), &verification).await, Ok(()), "still good");
}

#[tokio::test]
async fn a_reset_proves_the_address_it_was_mailed_to() {
    let world = World::new();
    world.sign_up(ADA).await;
    let token = mailed(&world).await;
    let as_proof = world.accounts.verify_email(&world.call(), &token).await;
    assert_eq!(as_proof, Err(IdentityError::TokenInvalid), "a link has one purpose");
    reset(&world, &token, NEW).await.unwrap();
    assert!(world.log_in(ADA, NEW).await.unwrap().account.email_verified);
    assert!(world.event_types().await.contains(&"user.email_verified".to_owned()));
}

#[tokio::test]
async fn who_is_shut_out_resets_nothing() {
    let world = World::new();
    let user = world.member().await;
    let token = mailed(&world).await;
    world.store.change_user(user, |user| user.status = UserStatus::Banned).await;
    assert_eq!(reset(&world, &token, NEW).await, Err(IdentityError::TokenInvalid));
    world.store.change_user(user, |user| user.status = UserStatus::Active).await;
    assert!(world.log_in(ADA, PASSWORD).await.is_ok());
    assert_eq!(reset(&world, &token, NEW).await, Ok(()), "what was refused has used nothing up");
}

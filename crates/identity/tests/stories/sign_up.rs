//! Signing up and proving the address.

use crate::world::{ADA, PASSWORD, World};
use identity::{IdentityError, services::SignUp};
use kernel::{Failure, IdempotencyKey, UserScope, testing};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_newcomer_gets_an_account_an_event_and_a_mail() {
    let world = World::new();
    let account = world.sign_up(ADA).await;
    assert_eq!(account.email.as_str(), ADA);
    assert!(!account.email_verified);
    assert_eq!(account.display_name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(account.created_at, world.env.now());
    assert_eq!(world.event_types().await, ["user.signed_up"]);
    let jobs = world.jobs("identity.send_mail").await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].payload["purpose"], "verify_email");

    let me = world.accounts.me(&testing::call_by(account.id)).await.unwrap();
    assert_eq!(me.user.id, account.id);
    assert_eq!(me.profile.display_name.as_deref(), Some("Ada Lovelace"));
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_its_owner_a_notice() {
    let world = World::new();
    let first = world.sign_up(ADA).await;
    let second = world.sign_up("ada@example.COM").await;
    assert_ne!(second.id, first.id, "as fresh as a real one");
    assert_eq!(second.email.as_str(), "ada@example.COM");
    assert_eq!((second.email_verified, &second.display_name), (false, &first.display_name));
    assert_eq!(world.hasher.hashed.load(Ordering::SeqCst), 2, "the same effort");

    assert_eq!(world.store.person(ADA).await.user.id, first.id);
    assert_eq!(world.event_types().await, ["user.signed_up"]);
    let notice = &world.jobs("identity.send_mail").await[1];
    assert_eq!(notice.payload["purpose"], "sign_up_notice");
    assert_eq!(notice.payload["user_id"], first.id.to_string());
    assert!(world.accounts.me(&testing::call_by(second.id)).await.is_err(), "nobody has that id");
}

#[tokio::test]
async fn an_owner_is_told_once_in_two_minutes_however_often_somebody_signs_up_with_their_address() {
    let world = World::new();
    world.sign_up(ADA).await;
    let again = async || {
        world.sign_up(ADA).await;
        world.deliver().await.is_some()
    };
    assert_eq!([again().await, again().await, again().await], [true, false, false]);
    world.advance(120);
    assert_eq!([again().await, again().await], [true, false]);
}

#[tokio::test]
async fn an_address_that_is_taken_at_the_same_moment_does_not_show_either() {
    let world = World::new();
    let first = world.sign_up(ADA).await;
    world.store.is_beaten_once.store(true, Ordering::SeqCst);
    let second = world.sign_up(ADA).await;
    assert_ne!(second.id, first.id);
    assert_eq!(world.store.person(ADA).await.user.id, first.id);
    assert_eq!(world.jobs("identity.send_mail").await[1].payload["purpose"], "sign_up_notice");
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once_and_before_any_hashing() {
    let world = World::new();
    let request = SignUp {
        email: "nowhere".to_owned(),
        password: "short".into(),
        display_name: Some("two\nlines".to_owned()),
    };
    let refused = world.accounts.sign_up(&world.call(), &request).await.unwrap_err();
    let fields: Vec<_> = refused.fields().iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    let expected = [
        ("/email", "not_an_email_address"),
        ("/password", "too_short"),
        ("/display_name", "forbidden_character"),
    ];
    assert_eq!(fields, expected);
    assert_eq!(world.hasher.hashed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let world = World::new();
    let mut ctx = world.call();
    ctx.idempotency = Some(IdempotencyKey {
        caller: "anonymous POST /auth/signup".to_owned(),
        key: "k".to_owned(),
        request_hash: "h".to_owned(),
    });
    let request = SignUp { email: ADA.to_owned(), password: PASSWORD.into(), display_name: None };
    let first = world.accounts.sign_up(&ctx, &request).await.unwrap();
    assert_eq!(world.accounts.sign_up(&ctx, &request).await.unwrap(), first);
    assert_eq!(world.jobs("identity.send_mail").await.len(), 1);
}

#[tokio::test]
async fn the_mailed_token_proves_the_address_and_may_be_opened_again() {
    let world = World::new();
    let user = world.member().await;
    let me = world.accounts.me(&testing::call_by(user)).await.unwrap();
    assert_eq!(me.user.email_verified_at, Some(world.env.now()));
    world.accounts.verify_email(&world.call(), &world.mailed_token()).await.unwrap();
    assert_eq!(world.event_types().await, ["user.signed_up", "user.email_verified"]);
}

#[tokio::test]
async fn an_unknown_a_foreign_and_a_late_token_prove_nothing() {
    let world = World::new();
    world.sign_up(ADA).await;
    world.handle_mail(&world.jobs("identity.send_mail").await[0]).await.unwrap();
    let token = world.mailed_token();
    let other_kind = token.replace("eml_", "rfr_");
    let unknown = format!("eml_{}", "A".repeat(43));
    for bad in ["", "x", &other_kind, &unknown, &format!("{token}x")] {
        let refused = world.accounts.verify_email(&world.call(), bad).await;
        assert_eq!(refused, Err(IdentityError::TokenInvalid), "{bad}");
    }
    world.advance(24 * 60 * 60);
    let refused = world.accounts.verify_email(&world.call(), &token).await;
    assert_eq!(refused, Err(IdentityError::TokenInvalid));
    assert_eq!(world.event_types().await, ["user.signed_up"]);
}

#[tokio::test]
async fn the_directory_tells_names_of_those_it_knows() {
    let world = World::new();
    let user = world.member().await;
    let entries = world.accounts.entries_of(&[world.env.id(), user]).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].user_id, entries[0].email.as_str()), (user, ADA));
    assert_eq!(world.accounts.entries_of(&[]).await.unwrap(), []);
    assert!(UserScope::of(&world.call()).is_none());
    assert_eq!(world.accounts.me(&world.call()).await, Err(IdentityError::Unauthenticated));
}

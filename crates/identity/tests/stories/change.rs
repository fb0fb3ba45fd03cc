//! Another password, another address, another profile.

use crate::world::{ADA, PASSWORD, World, text_of};
use identity::{
    EndReason, IdentityError, UserStatus,
    services::{ChangeEmail, ChangePassword, SignUp, TokenPair, UpdateProfile},
};
use kernel::{Failure, Mail, StoreError, UserScope};
use secrecy::ExposeSecret;

const NEW: &str = "a better horse battery";
const NEW_ADDRESS: &str = "Lovelace@Example.org";

async fn change_password(
    world: &World,
    by: &TokenPair,
    current: &str,
    new: &str,
) -> Result<(), IdentityError> {
    let (ctx, login) = world.acting(by).await;
    let request = ChangePassword { current_password: current.into(), new_password: new.into() };
    world.credentials.change_password(&ctx, &login, &request).await
}

async fn change_email(world: &World, by: &TokenPair, email: &str) -> Result<(), IdentityError> {
    let (ctx, login) = world.acting(by).await;
    let request = ChangeEmail { email: email.to_owned(), current_password: None };
    world.credentials.change_email(&ctx, &login, &request).await
}

fn to_and_subject(mail: Option<&Mail>) -> (&str, &str) {
    mail.map(|mail| (mail.to.as_str(), mail.subject.as_str())).unwrap()
}

#[tokio::test]
async fn a_changed_password_ends_the_others_and_keeps_the_caller() {
    let world = World::new();
    let mine = world.logged_in().await;
    let other = world.log_in(ADA, PASSWORD).await.unwrap().tokens;
    change_password(&world, &mine, PASSWORD, NEW).await.unwrap();
    assert!(world.sessions.authenticate(mine.access.token.expose_secret()).await.is_ok());
    assert!(world.sessions.refresh(&world.call(), &text_of(&mine)).await.is_ok());
    let access = world.sessions.authenticate(other.access.token.expose_secret()).await;
    assert_eq!(access, Err(IdentityError::Unauthenticated));
    assert_eq!(world.session_of(&other).await.end_reason, Some(EndReason::PasswordChanged));
    assert!(world.log_in(ADA, PASSWORD).await.is_err());
    assert!(world.log_in(ADA, NEW).await.is_ok());
    let notice = world.deliver().await;
    assert_eq!(to_and_subject(notice.as_ref()), (ADA, "Your RaptorFlow password was changed"));
    assert_eq!(world.event_types().await[4..6], ["user.password_changed", "session.ended"]);
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing_and_leaves_a_trace() {
    let world = World::new();
    let mine = world.logged_in().await;
    let refused = change_password(&world, &mine, "wrong horse battery", NEW).await;
    assert_eq!(refused, Err(IdentityError::CurrentPasswordWrong));
    assert_eq!(world.jobs("identity.note_failed_login").await.len(), 1);
    let fields = change_password(&world, &mine, "", "short").await.unwrap_err();
    let fields: Vec<_> = fields.fields().iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(fields, [("/current_password", "required"), ("/new_password", "too_short")]);
    let user = world.store.person(ADA).await.user.id;
    world.store.change_user(user, |user| user.password_hash = None).await;
    let refused = change_password(&world, &mine, PASSWORD, NEW).await;
    assert_eq!(refused, Err(IdentityError::CurrentPasswordWrong), "who has none asks for a reset");
}

#[tokio::test]
async fn a_new_address_is_proven_before_the_account_moves_and_the_old_one_is_told() {
    let world = World::new();
    let mine = world.logged_in().await;
    world.credentials.forgot_password(&world.call(), ADA).await.unwrap();
    world.deliver().await.unwrap();
    change_email(&world, &mine, NEW_ADDRESS).await.unwrap();
    let job = world.jobs("identity.send_mail").await.pop().unwrap();
    assert!(!job.payload.to_string().contains("Lovelace"), "the address waits beside the token");
    let mail = world.deliver().await;
    assert_eq!(to_and_subject(mail.as_ref()), (NEW_ADDRESS, "Confirm your new address for RaptorFlow"));
    let token = world.mailed_token();
    assert_eq!(world.store.person(ADA).await.user.version, 2, "nothing has moved");

    world.accounts.verify_email(&world.call(), &token).await.unwrap();
    world.accounts.verify_email(&world.call(), &token).await.unwrap();
    let moved = world.store.person(NEW_ADDRESS).await.user;
    assert_eq!((moved.email.as_str(), moved.version), (NEW_ADDRESS, 3));
    let notice = world.deliver().await;
    let told = "Your RaptorFlow account has moved to another address";
    assert_eq!(to_and_subject(notice.as_ref()), (ADA, told));
    assert!(world.log_in(NEW_ADDRESS, PASSWORD).await.is_ok());
    assert!(world.log_in(ADA, PASSWORD).await.is_err());
    let events = world.store.events().await;
    let changed: Vec<_> = events.iter().filter(|e| e.event_type.starts_with("user.email_chang")).collect();
    assert_eq!(changed.len(), 2);
    assert!(changed.iter().all(|event| event.payload == serde_json::json!({})), "no address outlives it");
}

#[tokio::test]
async fn a_reset_by_the_old_address_dies_with_the_move() {
    let world = World::new();
    let mine = world.logged_in().await;
    world.credentials.forgot_password(&world.call(), ADA).await.unwrap();
    world.deliver().await.unwrap();
    let reset = world.mailed_token();
    change_email(&world, &mine, NEW_ADDRESS).await.unwrap();
    world.deliver().await.unwrap();
    world.accounts.verify_email(&world.call(), &world.mailed_token()).await.unwrap();
    let request =
        identity::services::ResetPassword { token: reset.as_str().into(), new_password: NEW.into() };
    let refused = world.credentials.reset_password(&world.call(), &request).await;
    assert_eq!(refused, Err(IdentityError::TokenInvalid));
}

#[tokio::test]
async fn a_taken_address_answers_alike_and_its_owner_gets_a_notice() {
    let world = World::new();
    let mine = world.logged_in().await;
    let request = SignUp { email: NEW_ADDRESS.to_owned(), password: NEW.into(), display_name: None };
    world.accounts.sign_up(&world.call(), &request).await.unwrap();
    world.deliver().await.unwrap();
    let before = world.jobs("identity.send_mail").await.len();
    assert_eq!(change_email(&world, &mine, NEW_ADDRESS).await, Ok(()));
    assert_eq!(world.jobs("identity.send_mail").await.len(), before + 1);
    let notice = world.deliver().await.unwrap();
    let subject = "Somebody wants to use your address for RaptorFlow";
    assert_eq!(to_and_subject(Some(&notice)), (NEW_ADDRESS, subject));
    assert!(!notice.text.contains("https://") && !notice.text.contains("eml_"), "{}", notice.text);
}

#[tokio::test]
async fn an_address_that_is_taken_meanwhile_is_not_moved_to() {
    let world = World::new();
    let mine = world.logged_in().await;
    change_email(&world, &mine, NEW_ADDRESS).await.unwrap();
    world.deliver().await.unwrap();
    let token = world.mailed_token();
    let request = SignUp { email: NEW_ADDRESS.to_owned(), password: NEW.into(), display_name: None };
    world.accounts.sign_up(&world.call(), &request).await.unwrap();
    for _ in 0..2 {
        let refused = world.accounts.verify_email(&world.call(), &token).await;
        assert_eq!(refused, Err(IdentityError::EmailTaken));
    }
    assert_eq!(world.store.person(ADA).await.user.version, 2);
}

#[tokio::test]
async fn only_a_fresh_login_moves_an_account_and_a_password_in_the_request_must_be_right() {
    let world = World::new();
    let mine = world.logged_in().await;
    let (ctx, login) = world.acting(&mine).await;
    let with = |password: &str| ChangeEmail {
        email: NEW_ADDRESS.to_owned(),
        current_password: Some(password.to_owned().into()),
    };
    let wrong = world.credentials.change_email(&ctx, &login, &with("wrong horse battery")).await;
    assert_eq!(wrong, Err(IdentityError::CurrentPasswordWrong));
    world.advance(15 * 60 + 1);
    let stale = world.credentials.change_email(&ctx, &login, &with(PASSWORD)).await;
    assert_eq!(stale, Err(IdentityError::FreshAuthenticationRequired));
    let again = world.log_in(ADA, PASSWORD).await.unwrap().tokens;
    let (ctx, login) = world.acting(&again).await;
    world.credentials.change_email(&ctx, &login, &with(PASSWORD)).await.unwrap();
    let jobs = world.jobs("identity.send_mail").await.len();
    world.credentials.change_email(&ctx, &login, &with(PASSWORD)).await.unwrap();
    assert_eq!(world.jobs("identity.send_mail").await.len(), jobs, "the same wish within two minutes");
    let nowhere = change_email(&world, &again, "nowhere").await.unwrap_err();
    assert_eq!(nowhere.fields()[0].pointer, "/email");
    let user = world.store.person(ADA).await.user.id;
    world.deliver().await.unwrap();
    world.store.change_user(user, |user| user.status = UserStatus::Banned).await;
    let banned = world.accounts.verify_email(&world.call(), &world.mailed_token()).await;
    assert_eq!(banned, Err(IdentityError::TokenInvalid));
}

#[tokio::test]
async fn a_lost_verification_mail_is_sent_again_after_two_minutes() {
    let world = World::new();
    world.sign_up(ADA).await;
    world.deliver().await.unwrap();
    let lost = world.mailed_token();
    let resend = async |email: &str| {
        world.accounts.resend_verification(&world.call(), email).await.unwrap();
        world.deliver().await
    };
    assert_eq!(resend(ADA).await, None, "quietly");
    world.advance(120);
    assert_eq!(resend("nobody@example.com").await, None);
    assert!(resend("ada@EXAMPLE.com").await.is_some());
    assert_eq!(world.accounts.verify_email(&world.call(), &lost).await, Err(IdentityError::TokenInvalid));
    world.accounts.verify_email(&world.call(), &world.mailed_token()).await.unwrap();
    world.advance(120);
    assert_eq!(resend(ADA).await, None, "verified");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_person_only() {
    let world = World::new();
    let mine = world.logged_in().await;
    world.advance(1);
    let other = world.log_in(ADA, PASSWORD).await.unwrap().tokens;
    let (ctx, login) = world.acting(&mine).await;
    let scope = UserScope::of(&ctx).unwrap();
    let (first, second) = (world.session_of(&mine).await, world.session_of(&other).await);
    let page = world.sessions.list(&scope, &kernel::PageRequest::default()).await.unwrap();
    assert_eq!(page.items, [second.clone(), first.clone()]);

    let stranger = identity::services::Authenticated { user: world.env.id(), ..login };
    for id in [world.env.id(), second.id] {
        let refused = world.sessions.end(&ctx, &stranger, id).await;
        assert_eq!(refused, Err(IdentityError::NotFound));
    }
    world.sessions.end(&ctx, &login, second.id).await.unwrap();
    assert_eq!(world.sessions.end(&ctx, &login, second.id).await, Err(IdentityError::NotFound));
    assert_eq!(world.session_of(&other).await.end_reason, Some(EndReason::Revoked));
    world.sessions.end(&ctx, &login, first.id).await.unwrap();
    assert_eq!(world.session_of(&mine).await.end_reason, Some(EndReason::LoggedOut));
    assert_eq!(world.event_types().await[4..], ["session.ended", "session.ended"]);
}

#[tokio::test]
async fn a_session_that_nobody_uses_for_fourteen_days_is_over() {
    let world = World::new();
    let (busy, idle) = (world.logged_in().await, world.log_in(ADA, PASSWORD).await.unwrap().tokens);
    world.advance(7 * 24 * 60 * 60);
    let busy = world.sessions.refresh(&world.call(), &text_of(&busy)).await.unwrap();
    world.advance(7 * 24 * 60 * 60);
    let refused = world.sessions.refresh(&world.call(), &text_of(&idle)).await.err();
    assert_eq!(refused, Some(IdentityError::RefreshRefused));
    assert!(world.sessions.refresh(&world.call(), &text_of(&busy)).await.is_ok());
}

#[tokio::test]
async fn a_profile_changes_field_by_field_at_the_version_that_was_seen() {
    let world = World::new();
    let (ctx, _) = world.acting(&world.logged_in().await).await;
    let scope = UserScope::of(&ctx).unwrap();
    let some = |text: &str| Some(Some(text.to_owned()));
    let change = UpdateProfile {
        display_name: Some(None),
        time_zone: some("Asia/Kolkata"),
        locale: some("EN-in"),
        ..UpdateProfile::default()
    };
    let changed = world.accounts.update_profile(&ctx, &scope, change.clone(), Some(2)).await.unwrap();
    assert_eq!((changed.user.version, changed.profile.display_name.as_deref()), (3, None));
    assert_eq!(changed.profile.locale.as_deref(), Some("en-IN"));
    assert_eq!(world.store.person(ADA).await, changed);
    let same = world.accounts.update_profile(&ctx, &scope, change.clone(), None).await.unwrap();
    assert_eq!(same, changed, "no change, no version");
    let stale = world.accounts.update_profile(&ctx, &scope, change, Some(2)).await;
    assert_eq!(stale, Err(IdentityError::Store(StoreError::Stale)));
    let events = world.store.events().await;
    let told: Vec<_> = events.iter().filter(|e| e.event_type == "user.updated").collect();
    assert_eq!(told.len(), 1);
    let changed = serde_json::json!({"changed": ["display_name", "time_zone", "locale"]});
    assert_eq!(told[0].payload, changed);
}

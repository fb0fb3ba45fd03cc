//! Mails and their jobs.

use crate::world::{ADA, World};
use identity::{IdentityError, UserStatus};
use kernel::JobFailure;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_job_that_runs_twice_sends_the_same_mail() {
    let world = World::new();
    world.sign_up(ADA).await;
    let job = &world.jobs("identity.send_mail").await[0];
    world.handle_mail(job).await.unwrap();
    world.handle_mail(job).await.unwrap();
    let mails = world.postbox.mails.lock().unwrap().clone();
    assert_eq!(mails[0], mails[1]);
    assert_eq!((mails[0].to.as_str(), &mails[0].key), (ADA, &job.id.to_string()));
}

#[tokio::test]
async fn a_closed_post_office_is_tried_again_and_the_mail_still_works() {
    let world = World::new();
    world.sign_up(ADA).await;
    let job = &world.jobs("identity.send_mail").await[0];
    world.postbox.is_closed.store(true, Ordering::SeqCst);
    assert!(matches!(world.handle_mail(job).await, Err(JobFailure::Transient(_))));
    world.postbox.is_closed.store(false, Ordering::SeqCst);
    world.handle_mail(job).await.unwrap();
    world.accounts.verify_email(&world.call(), &world.mailed_token()).await.unwrap();
}

#[tokio::test]
async fn a_newer_mail_takes_the_place_of_an_older_one() {
    let world = World::new();
    world.sign_up(ADA).await;
    let first = world.jobs("identity.send_mail").await[0].clone();
    world.handle_mail(&first).await.unwrap();
    let older = world.mailed_token();
    world.advance(120);
    let second = kernel::Job { id: world.env.id(), ..first.clone() };
    world.handle_mail(&second).await.unwrap();
    assert_eq!(world.accounts.verify_email(&world.call(), &older).await, Err(IdentityError::TokenInvalid));
    world.handle_mail(&first).await.unwrap();
    assert_eq!(world.postbox.mails.lock().unwrap().len(), 2, "a superseded mail is not sent again");
    world.accounts.verify_email(&world.call(), &world.mailed_token()).await.unwrap();
}

#[tokio::test]
async fn there_is_no_mail_without_a_reason() {
    let world = World::new();
    let user = world.member().await;
    let job = world.jobs("identity.send_mail").await[0].clone();
    world.handle_mail(&kernel::Job { id: world.env.id(), ..job.clone() }).await.unwrap();
    world.sign_up(ADA).await;
    let notice = world.jobs("identity.send_mail").await[1].clone();
    world.store.change_user(user, |user| user.status = UserStatus::Deleted).await;
    world.handle_mail(&notice).await.unwrap();
    assert_eq!(world.postbox.mails.lock().unwrap().len(), 1, "verified, and gone");
    let odd = kernel::Job { payload: serde_json::json!({"purpose": "poetry"}), ..job };
    assert!(matches!(world.handle_mail(&odd).await, Err(JobFailure::Permanent(_))));
}

#[tokio::test]
async fn the_notice_holds_no_token() {
    let world = World::new();
    world.member().await;
    world.sign_up(ADA).await;
    world.handle_mail(&world.jobs("identity.send_mail").await[1]).await.unwrap();
    let notice = world.postbox.mails.lock().unwrap().last().unwrap().clone();
    assert_eq!(notice.to, ADA);
    assert!(!notice.text.contains("https://") && !notice.text.contains("eml_"), "{}", notice.text);
}

#[tokio::test]
async fn no_token_and_no_password_stands_in_a_job_or_an_event() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let refresh = crate::world::text_of(&tokens);
    let rotated = world.sessions.refresh(&world.call(), &refresh).await.unwrap();
    assert!(world.log_in(ADA, "wrong horse battery").await.is_err());
    let (jobs, events) = (world.store.jobs(world.env.now()).await, world.store.events().await);
    let written = format!("{jobs:?} {events:?} {:?} {tokens:?}", world.store.person(ADA).await);
    let secrets =
        [refresh, crate::world::text_of(&rotated), world.mailed_token(), "horse battery".to_owned()];
    for secret in secrets {
        assert!(!written.contains(&secret), "{secret} was written");
    }
}

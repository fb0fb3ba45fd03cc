//! Passwords and addresses that change while others want the same: told by the services over each store.

use crate::{
    Stores,
    identity::SYSTEM,
    identity_stories::{PASSWORD, World, text_of},
};
use futures_util::future::{join, join_all};
use identity::{
    EmailAddress, IdentityError,
    services::{Authenticated, ChangeEmail, ChangePassword, ResetPassword},
};
use kernel::{CallContext, JobHandler, testing};
use secrecy::ExposeSecret;

#[macro_export]
macro_rules! credential_cases {
    ($shared:path, $fresh:path) => {
        $crate::cases!(identity_credentials, $shared;
            a_changed_password_ends_every_other_session_also_while_they_refresh,
        );
        $crate::cases!(identity_credentials, $fresh;
            of_fifty_parallel_resets_with_one_token_one_sets_the_password,
            of_two_people_who_prove_one_address_one_gets_it,
            a_verification_and_its_next_mail_do_not_wait_for_each_other,
        );
    };
}

const NEW: &str = "a better horse battery";

/// Somebody who has come in, as their requests say.
async fn caller(world: &World, email: &EmailAddress) -> (CallContext, Authenticated) {
    let tokens = world.log_in(email, PASSWORD).await.unwrap().tokens;
    let login = world.sessions.authenticate(tokens.access.token.expose_secret()).await.unwrap();
    (testing::call_by(login.user), login)
}

/// Sends the mail that waits and takes the token out of it.
async fn mailed_token(world: &World) -> String {
    world.send_mail.handle(&world.claimed().await).await.unwrap();
    let mails = world.postbox.0.lock().unwrap();
    let (_, token) = mails.last().unwrap().text.split_once("token=").unwrap();
    token.split_whitespace().next().unwrap().to_owned()
}

pub async fn of_fifty_parallel_resets_with_one_token_one_sets_the_password(stores: Stores) {
    let world = World::over(stores);
    let email = world.member().await;
    let (_, login) = caller(&world, &email).await;
    world.credentials.forgot_password(&world.call(), &email.to_string()).await.unwrap();
    let token = mailed_token(&world).await;
    let password = |n: usize| format!("{NEW} {n}");
    let call = world.call();
    let resets = (0..50).map(|n| {
        let request = ResetPassword { token: token.as_str().into(), new_password: password(n).into() };
        let (credentials, call) = (&world.credentials, &call);
        async move { credentials.reset_password(call, &request).await }
    });
    let answers = join_all(resets).await;
    let won: Vec<usize> = (0..50).filter(|n| answers[*n].is_ok()).collect();
    let [winner] = won[..] else { panic!("{won:?}") };
    for refused in answers.into_iter().filter_map(Result::err) {
        assert_eq!(refused, IdentityError::TokenInvalid);
    }
    assert!(world.log_in(&email, &password(winner)).await.is_ok());
    let old = world.log_in(&email, PASSWORD).await.err();
    assert_eq!(old, Some(IdentityError::InvalidCredentials));
    let standing =
        world.stores.sessions.find_standing(&SYSTEM, login.session.unwrap()).await.unwrap().unwrap();
    assert!(standing.session.ended_at.is_some(), "a reset ends every session");
    let told = ["session.started", "user.password_reset", "session.ended", "session.started"];
    assert_eq!(world.event_types().await, told, "told once");
}

pub async fn a_changed_password_ends_every_other_session_also_while_they_refresh(stores: Stores) {
    let world = World::over(stores);
    let email = world.member().await;
    let (call, login) = caller(&world, &email).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(text_of(&world.log_in(&email, PASSWORD).await.unwrap().tokens));
    }
    let request = ChangePassword { current_password: PASSWORD.into(), new_password: NEW.into() };
    let refreshes = join_all(others.iter().map(|token| world.refresh(token)));
    let change = world.credentials.change_password(&call, &login, &request);
    let logins = join_all((0..10).map(|_| world.log_in(&email, PASSWORD)));
    let ((refreshed, came_in), changed) = join(join(refreshes, logins), change).await;
    changed.unwrap();
    let late = came_in.into_iter().filter_map(Result::ok).map(|login| login.tokens);
    for pair in refreshed.into_iter().filter_map(Result::ok).chain(late) {
        let access = world.sessions.authenticate(pair.access.token.expose_secret()).await;
        assert_eq!(access, Err(IdentityError::Unauthenticated));
        assert_eq!(world.refresh(&text_of(&pair)).await.err(), Some(IdentityError::RefreshRefused));
    }
    for token in &others {
        assert_eq!(world.refresh(token).await.err(), Some(IdentityError::RefreshRefused));
    }
    let kept = world.stores.sessions.find_standing(&SYSTEM, login.session.unwrap()).await.unwrap().unwrap();
    assert_eq!(kept.session.ended_at, None, "the caller stays");
    assert!(world.log_in(&email, NEW).await.is_ok());
}

pub async fn of_two_people_who_prove_one_address_one_gets_it(stores: Stores) {
    let world = World::over(stores);
    let address = EmailAddress::parse("Wanted@Example.com").unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let email = world.member().await;
        let (call, login) = caller(&world, &email).await;
        let request = ChangeEmail { email: address.to_string(), current_password: None };
        world.credentials.change_email(&call, &login, &request).await.unwrap();
        tokens.push(mailed_token(&world).await);
    }
    let call = world.call();
    let answers = join_all(tokens.iter().map(|token| world.accounts.verify_email(&call, token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.contains(&Err(IdentityError::EmailTaken)), "{answers:?}");
    let owner = world.stores.directory.find_by_email(&SYSTEM, &address).await.unwrap();
    assert!(owner.is_some());
    let loser = &tokens[usize::from(answers[0].is_ok())];
    let again = world.accounts.verify_email(&call, loser).await;
    assert_eq!(again, Err(IdentityError::EmailTaken), "and stays the loser");
    let changed = world.event_types().await.into_iter().filter(|told| told == "user.email_changed");
    assert_eq!(changed.count(), 1);
}

/// Both hold the user before the token: in different orders each would wait for what the other has.
pub async fn a_verification_and_its_next_mail_do_not_wait_for_each_other(stores: Stores) {
    let world = World::over(stores);
    let email = "Ada@Example.com";
    let request =
        identity::services::SignUp { email: email.to_owned(), password: PASSWORD.into(), display_name: None };
    world.accounts.sign_up(&world.call(), &request).await.unwrap();
    let token = mailed_token(&world).await;
    world.stores.clock.advance(identity::EmailToken::PAUSE);
    let mut jobs = Vec::new();
    for _ in 0..10 {
        world.accounts.resend_verification(&world.call(), email).await.unwrap();
        jobs.push(world.claimed().await);
    }
    let call = world.call();
    let verifications = join_all((0..10).map(|_| world.accounts.verify_email(&call, &token)));
    let mails = join_all(jobs.iter().map(|job| world.send_mail.handle(job)));
    let (verified, mailed) = join(verifications, mails).await;
    for answer in mailed {
        assert_eq!(answer, Ok(()));
    }
    for answer in verified {
        assert!(matches!(answer, Ok(()) | Err(IdentityError::TokenInvalid)), "{answer:?}");
    }
    let sent = world.postbox.0.lock().unwrap().len();
    assert!(sent <= 2, "{sent} mails: one after the first, the others wait for two minutes");
}

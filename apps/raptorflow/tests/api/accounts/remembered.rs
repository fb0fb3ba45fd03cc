//! That a session is remembered, and forgotten by what the store tells.

use crate::fixture::{adapters, logins::Mailbox};
use identity::{
    IdentityError,
    services::{Authenticated, FirstStep, LogIn, SignUp},
};
use kernel::{
    Actor, CallContext, Revocations,
    testing::{call_by, environment},
};
use raptorflow::{
    wiring::Services,
    worker::{Signal, Worker},
};
use secrecy::ExposeSecret;
use std::sync::Arc;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// Logs in, shows the token, logs out, shows it again; answers what that came to.
async fn after_logging_out(tells: bool) -> Result<Authenticated, IdentityError> {
    let ((env, _), mailbox) = (environment(), Arc::new(Mailbox::default()));
    let adapters = adapters(&env, &mailbox, local::LiveStreams::new());
    let store = match (memory::Store::default(), adapters.standings.clone()) {
        (store, standings) if tells => store.with_revocations(standings),
        (store, standings) => {
            standings.hears(true);
            store
        }
    };
    let (services, parts) = Services::over(&Arc::new(store), adapters);
    let ctx = CallContext { actor: Actor::Anonymous, ..call_by(env.id()) };
    let form = SignUp { email: EMAIL.into(), password: PASSWORD.into(), display_name: None };
    services.accounts.sign_up(&ctx, &form).await.unwrap();
    Worker::new(parts, Arc::new(Signal::default())).run_until_idle().await.unwrap();
    services.accounts.verify_email(&ctx, &mailbox.token_to(EMAIL)).await.unwrap();
    let form = LogIn { email: EMAIL.into(), password: PASSWORD.into() };
    let login = match services.sessions.log_in(&ctx, &form).await.unwrap() {
        FirstStep::LoggedIn(login) => login,
        FirstStep::SecondFactor(_) => return Err(IdentityError::Unauthenticated),
    };
    let token = login.tokens.access.token.expose_secret();
    let caller = services.sessions.authenticate(token).await.unwrap();
    services.sessions.log_out(&call_by(caller.user), &caller).await.unwrap();
    services.sessions.authenticate(token).await
}

#[tokio::test]
async fn a_logout_bites_on_the_next_call_as_the_store_tells_of_it() {
    assert_eq!(after_logging_out(true).await, Err(IdentityError::Unauthenticated));
}

#[tokio::test]
async fn of_a_store_that_does_not_tell_the_session_would_live_on() {
    assert!(after_logging_out(false).await.is_ok(), "nothing was remembered: what does the other test show?");
}

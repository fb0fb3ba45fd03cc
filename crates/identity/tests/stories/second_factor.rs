//! Coming in with more than a password.

use crate::world::{ADA, PASSWORD, World};
use identity::{
    EndReason, IdentityError, PasswordHash, TotpSecret, UserStatus,
    services::{Authenticated, FirstStep, LoggedIn, Proof, TokenPair},
};
use kernel::{Failure, UserId};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// Somebody with an authenticator.
struct Enrolled {
    world: World,
    user: UserId,
    secret: TotpSecret,
    codes: Vec<SecretString>,
    tokens: TokenPair,
}

impl Enrolled {
    async fn new() -> Self {
        let world = World::new();
        let tokens = world.logged_in().await;
        let caller = world.caller(&tokens).await;
        let enrolment = world.second_factor.enrol(&world.call(), &caller).await.unwrap();
        let secret = TotpSecret::from_base32(&enrolment.secret).unwrap();
        let code = secret.code_at(world.env.now());
        let codes = world.second_factor.confirm(&world.call(), &caller, &code).await.unwrap();
        world.advance(60);
        Self { world, user: caller.user, secret, codes, tokens }
    }

    /// A login up to the second factor.
    async fn challenge(&self) -> String {
        match self.world.first_step(ADA, PASSWORD).await.unwrap() {
            FirstStep::SecondFactor(token) => token.secret().expose_secret().to_owned(),
            FirstStep::LoggedIn(_) => panic!("the password alone was enough"),
        }
    }

    /// What the authenticator shows `steps` from now.
    fn code(&self, steps: i64) -> Proof {
        let now = self.world.env.now();
        let off = Duration::from_secs(30 * steps.unsigned_abs());
        let at = if steps < 0 { now.minus(off) } else { now.plus(off) };
        Proof::Code(self.secret.code_at(at))
    }

    /// A code that is not shown within five steps of now.
    fn wrong_code(&self) -> Proof {
        let shown: Vec<String> = (-5..=5)
            .map(|steps| match self.code(steps) {
                Proof::Code(code) | Proof::RecoveryCode(code) => code.expose_secret().to_owned(),
            })
            .collect();
        let wrong = (0..20).map(|n| format!("{n:06}")).find(|code| !shown.contains(code)).unwrap();
        Proof::Code(wrong.into())
    }

    async fn pass(&self, token: &str, proof: &Proof) -> Result<LoggedIn, IdentityError> {
        self.world.second_factor.pass(&self.world.call(), token, proof).await
    }

    async fn refused(&self, token: &str, proof: &Proof) -> IdentityError {
        self.pass(token, proof).await.err().unwrap()
    }

    async fn caller(&self) -> Authenticated {
        self.world.caller(&self.tokens).await
    }
}

#[tokio::test]
async fn a_confirmed_authenticator_is_asked_for_at_the_next_login() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let caller = world.caller(&tokens).await;
    let enrolment = world.second_factor.enrol(&world.call(), &caller).await.unwrap();
    assert!(enrolment.url.expose_secret().contains("RaptorFlow:Ada%40Example.com?secret="));
    assert!(matches!(world.first_step(ADA, PASSWORD).await, Ok(FirstStep::LoggedIn(_))), "not confirmed yet");
    let secret = TotpSecret::from_base32(&enrolment.secret).unwrap();
    let code = secret.code_at(world.env.now());
    let codes = world.second_factor.confirm(&world.call(), &caller, &code).await.unwrap();
    assert_eq!(codes.len(), 10);

    world.advance(30);
    let ada = Enrolled { user: caller.user, secret, codes, tokens, world };
    let token = ada.challenge().await;
    let came_in = ada.pass(&token, &ada.code(0)).await.unwrap();
    assert_eq!(came_in.account.id, ada.user);
    assert_eq!(ada.world.caller(&came_in.tokens).await.user, ada.user);
    assert_eq!(
        ada.world.event_types().await[2..],
        [
            "session.started",
            "user.mfa_enrolment_started",
            "session.started",
            "user.mfa_enrolled",
            "session.ended",
            "session.mfa_required",
            "session.started",
        ]
    );
}

#[tokio::test]
async fn a_code_works_once_even_inside_its_window() {
    let ada = Enrolled::new().await;
    let (first, second) = (ada.challenge().await, ada.challenge().await);
    let code = ada.code(0);
    ada.pass(&first, &code).await.unwrap();
    assert_eq!(ada.refused(&first, &code).await, IdentityError::MfaTokenInvalid);
    assert_eq!(ada.refused(&second, &code).await, IdentityError::MfaCodeInvalid);
    assert_eq!(
        ada.refused(&second, &ada.code(-1)).await,
        IdentityError::MfaCodeInvalid,
        "nor an earlier one"
    );
    ada.pass(&second, &ada.code(1)).await.unwrap();
}

#[tokio::test]
async fn the_code_that_confirmed_the_factor_lets_nobody_in() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let caller = world.caller(&tokens).await;
    let enrolment = world.second_factor.enrol(&world.call(), &caller).await.unwrap();
    let secret = TotpSecret::from_base32(&enrolment.secret).unwrap();
    let code = secret.code_at(world.env.now());
    let codes = world.second_factor.confirm(&world.call(), &caller, &code).await.unwrap();
    let ada = Enrolled { user: caller.user, secret, codes, tokens, world };
    let token = ada.challenge().await;
    assert_eq!(ada.refused(&token, &Proof::Code(code)).await, IdentityError::MfaCodeInvalid);
}

#[tokio::test]
async fn a_clock_may_be_one_step_off_and_not_two() {
    for (steps, is_accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let ada = Enrolled::new().await;
        ada.world.advance(120);
        let token = ada.challenge().await;
        let passed = ada.pass(&token, &ada.code(steps)).await;
        assert_eq!(passed.is_ok(), is_accepted, "{steps} steps off");
    }
}

#[tokio::test]
async fn a_challenge_takes_five_answers_and_another_login_makes_another() {
    let ada = Enrolled::new().await;
    let token = ada.challenge().await;
    for _ in 0..5 {
        assert_eq!(ada.refused(&token, &ada.wrong_code()).await, IdentityError::MfaCodeInvalid);
    }
    assert_eq!(ada.refused(&token, &ada.code(0)).await, IdentityError::MfaTokenInvalid);
    ada.pass(&ada.challenge().await, &ada.code(0)).await.unwrap();
    let events = ada.world.event_types().await;
    assert_eq!(events.iter().filter(|event| *event == "session.mfa_failed").count(), 5);
}

#[tokio::test]
async fn ten_wrong_codes_shut_codes_out_for_a_while_and_the_owner_comes_in_by_a_recovery_code() {
    let ada = Enrolled::new().await;
    for _ in 0..2 {
        let token = ada.challenge().await;
        for _ in 0..5 {
            assert_eq!(ada.refused(&token, &ada.wrong_code()).await, IdentityError::MfaCodeInvalid);
        }
    }
    let token = ada.challenge().await;
    for _ in 0..7 {
        let refused = ada.refused(&token, &ada.code(0)).await;
        assert_eq!(refused, IdentityError::MfaBlocked(Duration::from_secs(15 * 60)));
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(15 * 60)));
    }
    ada.pass(&token, &Proof::RecoveryCode(ada.codes[0].clone())).await.unwrap();
    ada.world.advance(15 * 60);
    ada.pass(&ada.challenge().await, &ada.code(0)).await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_lets_its_owner_in_once_and_tells_them() {
    let ada = Enrolled::new().await;
    let shouted = ada.codes[3].expose_secret().to_uppercase().replace('-', " ");
    let proof = Proof::RecoveryCode(shouted.into());
    let token = ada.challenge().await;
    assert_eq!(
        ada.refused(&token, &Proof::RecoveryCode("abcd-efgh-ijkl-mnop".into())).await,
        IdentityError::MfaCodeInvalid
    );
    assert_eq!(ada.refused(&token, &Proof::RecoveryCode("x".into())).await, IdentityError::MfaCodeInvalid);
    ada.pass(&token, &proof).await.unwrap();
    assert_eq!(ada.refused(&ada.challenge().await, &proof).await, IdentityError::MfaCodeInvalid);
    let events = ada.world.store.events().await;
    let used = events.iter().find(|event| event.event_type == "user.recovery_code_used").unwrap();
    assert_eq!(used.payload, serde_json::json!({"left": 9}));
    let purposes: Vec<_> =
        ada.world.jobs("identity.send_mail").await.iter().map(|job| job.payload["purpose"].clone()).collect();
    assert_eq!(purposes, ["verify_email", "second_factor_added", "recovery_code_used"]);
}

#[tokio::test]
async fn new_recovery_codes_make_the_old_ones_worthless() {
    let ada = Enrolled::new().await;
    let caller = ada.caller().await;
    let fresh = ada.world.second_factor.replace_recovery_codes(&ada.world.call(), &caller).await.unwrap();
    let token = ada.challenge().await;
    let old = Proof::RecoveryCode(ada.codes[0].clone());
    assert_eq!(ada.refused(&token, &old).await, IdentityError::MfaCodeInvalid);
    ada.pass(&token, &Proof::RecoveryCode(fresh[0].clone())).await.unwrap();
}

#[tokio::test]
async fn a_challenge_is_void_after_five_minutes_a_new_password_and_a_ban() {
    let ada = Enrolled::new().await;
    let late = ada.challenge().await;
    ada.world.advance(300);
    assert_eq!(ada.refused(&late, &ada.code(0)).await, IdentityError::MfaTokenInvalid);

    let before = ada.challenge().await;
    let new = PasswordHash::new(format!("old:{PASSWORD}"));
    ada.world.store.change_user(ada.user, |user| user.password_hash = Some(new)).await;
    assert_eq!(ada.refused(&before, &ada.code(0)).await, IdentityError::MfaTokenInvalid);

    let before = ada.challenge().await;
    ada.world.store.change_user(ada.user, |user| user.status = UserStatus::Banned).await;
    assert_eq!(ada.refused(&before, &ada.code(0)).await, IdentityError::MfaTokenInvalid);
    assert_eq!(ada.world.log_in(ADA, PASSWORD).await.err(), Some(IdentityError::AccountDisabled));
}

#[tokio::test]
async fn what_is_no_challenge_of_ours_passes_nothing() {
    let ada = Enrolled::new().await;
    let unknown = format!("mfa_{}", "A".repeat(43));
    let refresh = crate::world::text_of(&ada.tokens);
    for token in ["", "x", unknown.as_str(), refresh.as_str()] {
        assert_eq!(ada.refused(token, &ada.code(0)).await, IdentityError::MfaTokenInvalid, "{token}");
    }
    let token = ada.challenge().await;
    let as_refresh = ada.world.sessions.refresh(&ada.world.call(), &token).await;
    assert_eq!(as_refresh.err(), Some(IdentityError::RefreshRefused));
}

#[tokio::test]
async fn nothing_of_the_factor_shows_before_the_password() {
    let ada = Enrolled::new().await;
    let refused = ada.world.log_in(ADA, "wrong horse battery").await.err();
    assert_eq!(refused, Some(IdentityError::InvalidCredentials));
    assert!(!ada.world.event_types().await.contains(&"session.mfa_required".to_owned()));
}

#[tokio::test]
async fn changing_the_factor_needs_a_fresh_login() {
    let ada = Enrolled::new().await;
    let caller = ada.caller().await;
    ada.world.advance(15 * 60);
    let (service, ctx) = (&ada.world.second_factor, ada.world.call());
    let stale = Some(IdentityError::FreshAuthenticationRequired);
    assert_eq!(service.enrol(&ctx, &caller).await.err(), stale);
    assert_eq!(service.confirm(&ctx, &caller, &"000000".into()).await.err(), stale);
    assert_eq!(service.replace_recovery_codes(&ctx, &caller).await.err(), stale);
    assert_eq!(service.remove(&ctx, &caller).await.err(), stale);
}

#[tokio::test]
async fn a_second_enrolment_replaces_a_pending_one_and_never_a_confirmed_one() {
    let world = World::new();
    let tokens = world.logged_in().await;
    let (caller, ctx, service) = (world.caller(&tokens).await, world.call(), &world.second_factor);
    assert_eq!(
        service.confirm(&ctx, &caller, &"000000".into()).await.err(),
        Some(IdentityError::MfaNotEnrolled)
    );
    assert_eq!(service.remove(&ctx, &caller).await.err(), Some(IdentityError::MfaNotEnrolled));
    let first = service.enrol(&ctx, &caller).await.unwrap();
    let second = service.enrol(&ctx, &caller).await.unwrap();
    let code = |secret: &SecretString| TotpSecret::from_base32(secret).unwrap().code_at(world.env.now());
    let refused = service.confirm(&ctx, &caller, &code(&first.secret)).await.err().unwrap();
    let fields: Vec<_> = refused.fields().iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(fields, [("/code", "wrong_code")]);
    assert_eq!(
        service.replace_recovery_codes(&ctx, &caller).await.err(),
        Some(IdentityError::MfaNotEnrolled),
        "pending is not enrolled"
    );
    service.confirm(&ctx, &caller, &code(&second.secret)).await.unwrap();
    let again = Some(IdentityError::MfaAlreadyEnrolled);
    assert_eq!(service.enrol(&ctx, &caller).await.err(), again);
    assert_eq!(service.confirm(&ctx, &caller, &code(&second.secret)).await.err(), again);
}

#[tokio::test]
async fn confirming_ends_every_other_session_of_the_person() {
    let world = World::new();
    let other = world.logged_in().await;
    let mine = world.log_in(ADA, PASSWORD).await.unwrap().tokens;
    let caller = world.caller(&mine).await;
    let enrolment = world.second_factor.enrol(&world.call(), &caller).await.unwrap();
    let code = TotpSecret::from_base32(&enrolment.secret).unwrap().code_at(world.env.now());
    world.second_factor.confirm(&world.call(), &caller, &code).await.unwrap();
    assert_eq!(world.session_of(&other).await.end_reason, Some(EndReason::SecondFactorAdded));
    assert_eq!(world.session_of(&mine).await.ended_at, None);
}

#[tokio::test]
async fn a_removed_factor_is_asked_for_no_more_and_its_codes_are_gone() {
    let ada = Enrolled::new().await;
    let caller = ada.caller().await;
    let waiting = ada.challenge().await;
    ada.world.second_factor.remove(&ada.world.call(), &caller).await.unwrap();
    let recovery = Proof::RecoveryCode(ada.codes[0].clone());
    assert_eq!(ada.refused(&waiting, &recovery).await, IdentityError::MfaTokenInvalid);
    assert!(ada.world.log_in(ADA, PASSWORD).await.is_ok());
    let jobs = ada.world.jobs("identity.send_mail").await;
    ada.world.handle_mail(jobs.last().unwrap()).await.unwrap();
    let subject = ada.world.postbox.mails.lock().unwrap().last().unwrap().subject.clone();
    assert_eq!(subject, "Your RaptorFlow account has no second factor any more");

    let enrolment = ada.world.second_factor.enrol(&ada.world.call(), &caller).await.unwrap();
    let secret = TotpSecret::from_base32(&enrolment.secret).unwrap();
    let code = secret.code_at(ada.world.env.now());
    ada.world.second_factor.confirm(&ada.world.call(), &caller, &code).await.unwrap();
    let token = ada.challenge().await;
    assert_eq!(ada.refused(&token, &recovery).await, IdentityError::MfaCodeInvalid, "of the factor before");
}

#[tokio::test]
async fn no_secret_of_the_factor_stands_in_a_job_or_an_event() {
    let ada = Enrolled::new().await;
    let token = ada.challenge().await;
    ada.pass(&token, &Proof::RecoveryCode(ada.codes[0].clone())).await.unwrap();
    let now = ada.world.env.now();
    let (jobs, events) = (ada.world.store.jobs(now).await, ada.world.store.events().await);
    let written = format!("{jobs:?} {events:?} {:?} {:?}", ada.secret, ada.codes);
    let base32 = ada.secret.base32();
    for secret in [token.as_str(), base32.expose_secret(), ada.codes[0].expose_secret()] {
        assert!(!written.contains(secret), "{secret} was written");
    }
}

//! Whole stories of people, told by the services over each store.

use crate::{
    Stores,
    identity::{SYSTEM, newcomer},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use identity::{
    EmailAddress, IdentityError, PasswordAttempt, PasswordHash, User,
    ports::{
        AccessClaims, AccessToken, AccessTokenError, AccessTokens, HashError, PasswordCheck, PasswordHasher,
    },
    services::{
        AccountService, CredentialService, FirstStep, LogIn, LoggedIn, NoteFailedLogin, SendMail,
        SessionService, SignUp, TokenPair,
    },
};
use kernel::{
    Actor, CallContext, CorrelationId, Environment, Job, JobHandler, Kinds, LinkBase, Mail, MailError,
    Mailer, SessionId, Settlement, SystemRandomness, SystemScope, Timestamp, TokenMint, UserId, testing,
};
use secrecy::ExposeSecret;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

#[macro_export]
macro_rules! identity_story_cases {
    ($shared:path, $fresh:path) => {
        $crate::cases!(identity_stories, $shared;
            fifty_parallel_refreshes_with_one_token_get_one_live_successor,
            of_parallel_sign_ups_with_one_address_one_is_an_account_and_none_shows,
        );
        $crate::cases!(identity_stories, $fresh;
            somebody_signs_up_proves_the_address_comes_in_stays_and_leaves,
            a_failed_login_is_told_once_though_its_job_runs_twice,
        );
    };
}

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Hashes that tell everything: these cases are about the stores.
struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &PasswordAttempt) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::new(format!("plain:{}", password.secret().expose_secret())))
    }

    async fn verify(
        &self,
        password: &PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError> {
        let is_same = hash == Some(&self.hash(password).await?);
        Ok(if is_same { PasswordCheck::Verified { rehash: false } } else { PasswordCheck::Wrong })
    }
}

/// Access tokens that say openly what they mean.
struct PlainAccessTokens(Environment);

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError> {
        Ok(AccessToken { token: format!("{user} {session}").into(), expires_in: Duration::from_secs(1_800) })
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError> {
        let (user, session) = token.split_once(' ').unwrap();
        let expires_at = self.0.now().plus(Duration::from_secs(1_800));
        Ok(AccessClaims { user: user.parse().unwrap(), session: session.parse().unwrap(), expires_at })
    }
}

#[derive(Default)]
pub(crate) struct Postbox(pub(crate) Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Postbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// The services over a store.
pub(crate) struct World {
    pub(crate) stores: Stores,
    pub(crate) accounts: AccountService,
    pub(crate) credentials: CredentialService,
    pub(crate) sessions: SessionService,
    pub(crate) send_mail: SendMail,
    pub(crate) postbox: Arc<Postbox>,
}

impl World {
    pub(crate) fn over(stores: Stores) -> Self {
        let (uow, env, postbox) = (&stores.identity, &stores.env, Arc::new(Postbox::default()));
        let mint = TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap();
        let hasher = Arc::new(PlainHasher);
        let access = Arc::new(PlainAccessTokens(env.clone()));
        let (users, directory) = (stores.users.clone(), stores.directory.clone());
        let links = LinkBase::new("https://api.example.com");
        Self {
            credentials: CredentialService {
                uow: uow.clone(),
                users: users.clone(),
                hasher: hasher.clone(),
                mint: mint.clone(),
                env: env.clone(),
            },
            accounts: AccountService::new(uow.clone(), users, directory.clone(), hasher.clone(), env.clone()),
            sessions: SessionService::new(
                uow.clone(),
                directory,
                stores.sessions.clone(),
                hasher,
                access,
                mint.clone(),
                env.clone(),
            ),
            send_mail: SendMail::new(uow.clone(), postbox.clone(), mint, links, env.clone()),
            postbox,
            stores,
        }
    }

    pub(crate) fn call(&self) -> CallContext {
        CallContext::new(Actor::Anonymous, CorrelationId::parse("story-call").unwrap())
    }

    /// Somebody with a proven address, without the way to it.
    pub(crate) async fn member(&self) -> EmailAddress {
        let mut person = newcomer(&self.stores);
        person.user = User {
            email_verified_at: Some(self.stores.env.now()),
            password_hash: Some(PasswordHash::new(format!("plain:{PASSWORD}"))),
            ..person.user
        };
        crate::identity::try_store(&self.stores, &person).await.unwrap();
        person.user.email
    }

    pub(crate) async fn log_in(
        &self,
        email: &EmailAddress,
        password: &str,
    ) -> Result<LoggedIn, IdentityError> {
        let request = LogIn { email: email.to_string(), password: password.into() };
        match self.sessions.log_in(&self.call(), &request).await? {
            FirstStep::LoggedIn(logged_in) => Ok(*logged_in),
            FirstStep::SecondFactor(_) => panic!("a second factor is asked for"),
        }
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<TokenPair, IdentityError> {
        self.sessions.refresh(&self.call(), token).await
    }

    pub(crate) async fn claimed(&self) -> Job {
        let (scope, now): (_, Timestamp) = (SystemScope::for_worker(), self.stores.env.now());
        let job = self
            .stores
            .jobs
            .claim(&scope, Kinds::All, "story", now, Duration::from_secs(30))
            .await
            .unwrap()
            .unwrap();
        assert!(self.stores.jobs.settle(&scope, &job, &Settlement::Succeeded, now).await.unwrap());
        job
    }

    pub(crate) async fn event_types(&self) -> Vec<String> {
        let told = self.stores.outbox.unpublished(&SystemScope::for_relay(), 100).await;
        told.unwrap().into_iter().map(|event| event.event_type).collect()
    }
}

pub(crate) fn text_of(pair: &TokenPair) -> String {
    pair.refresh.secret().expose_secret().to_owned()
}

pub async fn somebody_signs_up_proves_the_address_comes_in_stays_and_leaves(stores: Stores) {
    let world = World::over(stores);
    let request = SignUp {
        email: "Ada@Example.com".into(),
        password: PASSWORD.into(),
        display_name: Some("Ada Lovelace".into()),
    };
    let account = world.accounts.sign_up(&world.call(), &request).await.unwrap();
    assert_eq!(world.log_in(&account.email, PASSWORD).await.err(), Some(IdentityError::EmailNotVerified));
    world.send_mail.handle(&world.claimed().await).await.unwrap();
    let text = world.postbox.0.lock().unwrap()[0].text.clone();
    let (_, link) = text.split_once("verify-email?token=").unwrap();
    let token = link.split_whitespace().next().unwrap();
    world.accounts.verify_email(&world.call(), token).await.unwrap();
    let me = world.accounts.me(&testing::call_by(account.id)).await.unwrap();
    assert_eq!(me.user.email_verified_at, Some(world.stores.env.now()));

    let came_in = world.log_in(&account.email, PASSWORD).await.unwrap();
    assert!(came_in.account.email_verified);
    let first = text_of(&came_in.tokens);
    let second = world.refresh(&first).await.unwrap();
    assert_eq!(text_of(&world.refresh(&first).await.unwrap()), text_of(&second), "the same successor");
    let third = world.refresh(&text_of(&second)).await.unwrap();
    let access = third.access.token.expose_secret();
    let caller = world.sessions.authenticate(access).await.unwrap();
    assert_eq!(caller.user, account.id);
    world.sessions.log_out(&world.call(), &caller).await.unwrap();
    assert_eq!(world.sessions.authenticate(access).await, Err(IdentityError::Unauthenticated));
    assert_eq!(world.refresh(&text_of(&third)).await.err(), Some(IdentityError::RefreshRefused));
    let told = ["user.signed_up", "user.email_verified", "session.started", "session.ended"];
    assert_eq!(world.event_types().await, told);
}

pub async fn a_failed_login_is_told_once_though_its_job_runs_twice(stores: Stores) {
    let world = World::over(stores);
    let email = world.member().await;
    let refused = world.log_in(&email, "wrong horse battery").await.err();
    assert_eq!(refused, Some(IdentityError::InvalidCredentials));
    let job = world.claimed().await;
    let handler = NoteFailedLogin::new(world.stores.identity.clone(), world.stores.env.clone());
    handler.handle(&job).await.unwrap();
    handler.handle(&job).await.unwrap();
    assert_eq!(world.event_types().await, ["session.login_failed"]);
}

pub async fn fifty_parallel_refreshes_with_one_token_get_one_live_successor(stores: Stores) {
    let world = World::over(stores);
    let email = world.member().await;
    let pair = world.log_in(&email, PASSWORD).await.unwrap().tokens;
    let first = text_of(&pair);
    let answers = join_all((0..50).map(|_| world.refresh(&first))).await;
    let successors: BTreeSet<String> = answers.into_iter().map(|pair| text_of(&pair.unwrap())).collect();
    let [successor] = &successors.iter().collect::<Vec<_>>()[..] else { panic!("{}", successors.len()) };
    assert!(world.sessions.authenticate(pair.access.token.expose_secret()).await.is_ok(), "still logged in");
    let third = text_of(&world.refresh(successor).await.unwrap());
    world.stores.clock.advance(Duration::from_secs(11));
    let replays = join_all((0..50).map(|_| world.refresh(&first))).await;
    for replay in replays {
        assert_eq!(replay.err(), Some(IdentityError::RefreshRefused));
    }
    assert_eq!(
        world.refresh(&third).await.err(),
        Some(IdentityError::RefreshRefused),
        "the family has ended"
    );
}

pub async fn of_parallel_sign_ups_with_one_address_one_is_an_account_and_none_shows(stores: Stores) {
    let world = World::over(stores);
    let email = newcomer(&world.stores).user.email;
    let request = SignUp { email: email.to_string(), password: PASSWORD.into(), display_name: None };
    let ctx = world.call();
    let answers = join_all((0..10).map(|_| world.accounts.sign_up(&ctx, &request))).await;
    let ids: BTreeSet<UserId> = answers.into_iter().map(|answer| answer.unwrap().id).collect();
    assert_eq!(ids.len(), 10, "each as fresh as a real one");
    let person = world.stores.directory.find_by_email(&SYSTEM, &email).await.unwrap().unwrap();
    let asked: Vec<UserId> = ids.into_iter().collect();
    let known = world.stores.directory.list_entries(&SYSTEM, &asked).await.unwrap();
    assert_eq!(known.iter().map(|entry| entry.user_id).collect::<Vec<_>>(), [person.user.id]);
}

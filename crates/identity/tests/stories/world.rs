//! Everything a story needs: the services over the store, a clock to move, a postbox to look into.

use crate::store::Store;
use async_trait::async_trait;
use identity::{
    Account, PasswordAttempt, PasswordHash, Session, User,
    ports::{
        AccessClaims, AccessToken, AccessTokenError, AccessTokens, HashError, PasswordCheck, PasswordHasher,
    },
    services::{
        AccountService, Authenticated, CredentialService, FirstStep, LogIn, LoggedIn, NoteFailedLogin,
        OperatorService, SecondFactorService, SecretService, SendMail, SessionService, SignUp, TokenPair,
    },
};
use kernel::{
    Actor, CallContext, CorrelationId, Environment, Job, JobFailure, JobHandler, LinkBase, Mail, MailError,
    Mailer, SessionId, SystemRandomness, Timestamp, TokenMint, UserId, testing,
};
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

pub(crate) const ADA: &str = "Ada@Example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A hasher whose hashes tell everything, and that counts.
#[derive(Default)]
pub(crate) struct PlainHasher {
    pub(crate) hashed: AtomicU32,
    pub(crate) verified: AtomicU32,
    /// Whether stored hashes are of older parameters.
    pub(crate) is_newer: AtomicBool,
    /// What happens to a user while the next password is being checked.
    pub(crate) meanwhile: Mutex<Option<Meanwhile>>,
}

pub(crate) type Change = fn(&mut User);

pub(crate) struct Meanwhile {
    pub(crate) store: Arc<Store>,
    pub(crate) user: UserId,
    pub(crate) change: Change,
}

impl PlainHasher {
    fn version(&self) -> &'static str {
        if self.is_newer.load(Ordering::SeqCst) { "new" } else { "old" }
    }
}

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &PasswordAttempt) -> Result<PasswordHash, HashError> {
        self.hashed.fetch_add(1, Ordering::SeqCst);
        Ok(PasswordHash::new(format!("{}:{}", self.version(), password.secret().expose_secret())))
    }

    async fn verify(
        &self,
        password: &PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(Meanwhile { store, user, change }) = meanwhile {
            store.change_user(user, change).await;
        }
        let Some((version, text)) = hash.and_then(|hash| hash.expose().split_once(':')) else {
            return Ok(PasswordCheck::Wrong);
        };
        let rehash = version != self.version();
        let is_same = text == password.secret().expose_secret();
        Ok(if is_same { PasswordCheck::Verified { rehash } } else { PasswordCheck::Wrong })
    }
}

/// Access tokens that say openly what they mean.
struct PlainAccessTokens(Environment);

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError> {
        let expires_in = Duration::from_secs(1_800);
        let expires_at = self.0.now().plus(expires_in).micros();
        Ok(AccessToken { token: format!("{user} {session} {expires_at}").into(), expires_in })
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, AccessTokenError> {
        let parts: Vec<&str> = token.split(' ').collect();
        let [user, session, expires_at] = parts[..] else {
            return Err(AccessTokenError::Invalid("three parts are wanted".to_owned()));
        };
        let expires_at = Timestamp::from_micros(expires_at.parse().unwrap());
        if expires_at <= self.0.now() {
            return Err(AccessTokenError::Invalid("expired".to_owned()));
        }
        Ok(AccessClaims { user: user.parse().unwrap(), session: session.parse().unwrap(), expires_at })
    }
}

/// Where mails arrive, unless it is closed.
#[derive(Default)]
pub(crate) struct Postbox {
    pub(crate) mails: Mutex<Vec<Mail>>,
    pub(crate) is_closed: AtomicBool,
}

#[async_trait]
impl Mailer for Postbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(MailError::Unavailable("the postbox is closed".to_owned()));
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) env: Environment,
    pub(crate) clock: Arc<testing::ManualClock>,
    pub(crate) store: Arc<Store>,
    pub(crate) hasher: Arc<PlainHasher>,
    pub(crate) postbox: Arc<Postbox>,
    pub(crate) accounts: AccountService,
    pub(crate) credentials: CredentialService,
    pub(crate) sessions: SessionService,
    pub(crate) second_factor: SecondFactorService,
    pub(crate) secrets: SecretService,
    pub(crate) send_mail: SendMail,
    pub(crate) note_failed_login: NoteFailedLogin,
}

fn cipher() -> Arc<testing::PlainCipher> {
    Arc::new(testing::PlainCipher(vec!["k1"]))
}

fn second_factor(
    store: &Arc<Store>,
    access: &Arc<PlainAccessTokens>,
    mint: &TokenMint,
    env: &Environment,
) -> SecondFactorService {
    let readers = Arc::new(store.memory.clone());
    SecondFactorService {
        uow: store.clone(),
        users: readers.clone(),
        factors: readers,
        cipher: cipher(),
        access: access.clone(),
        mint: mint.clone(),
        randomness: Arc::new(SystemRandomness),
        env: env.clone(),
    }
}

fn credentials(
    store: &Arc<Store>,
    hasher: &Arc<PlainHasher>,
    mint: &TokenMint,
    env: &Environment,
) -> CredentialService {
    CredentialService {
        uow: store.clone(),
        users: Arc::new(store.memory.clone()),
        hasher: hasher.clone(),
        mint: mint.clone(),
        env: env.clone(),
    }
}

fn secrets(store: &Arc<Store>, env: &Environment) -> SecretService {
    let secrets = Arc::new(store.memory.clone());
    SecretService { uow: store.clone(), secrets, cipher: cipher(), env: env.clone() }
}

impl World {
    pub(crate) fn new() -> Self {
        let (env, clock) = testing::environment();
        let store = Arc::new(Store::default());
        let readers = Arc::new(store.memory.clone());
        let hasher = Arc::new(PlainHasher::default());
        let postbox = Arc::new(Postbox::default());
        let access = Arc::new(PlainAccessTokens(env.clone()));
        let mint = TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap();
        Self {
            credentials: credentials(&store, &hasher, &mint, &env),
            accounts: AccountService::new(
                store.clone(),
                readers.clone(),
                readers.clone(),
                hasher.clone(),
                env.clone(),
            ),
            sessions: SessionService::new(
                store.clone(),
                readers.clone(),
                readers.clone(),
                hasher.clone(),
                access.clone(),
                mint.clone(),
                env.clone(),
            ),
            second_factor: second_factor(&store, &access, &mint, &env),
            secrets: secrets(&store, &env),
            send_mail: SendMail::new(
                store.clone(),
                postbox.clone(),
                mint,
                LinkBase::new("https://api.example.com/").with_client("https://app.example.com/"),
                env.clone(),
            ),
            note_failed_login: NoteFailedLogin::new(store.clone(), env.clone()),
            env,
            clock,
            store,
            hasher,
            postbox,
        }
    }

    /// Runs a story inside a property.
    pub(crate) fn tell<T>(story: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(story)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A call by somebody who has not logged in.
    pub(crate) fn call(&self) -> CallContext {
        let mut ctx = CallContext::new(Actor::Anonymous, CorrelationId::parse("story-call").unwrap());
        ctx.address = Some("192.0.2.7".parse().unwrap());
        ctx.user_agent = Some("Firefox".to_owned());
        ctx
    }

    pub(crate) async fn sign_up(&self, email: &str) -> Account {
        let request = SignUp {
            email: email.to_owned(),
            password: PASSWORD.into(),
            display_name: Some("Ada Lovelace".to_owned()),
        };
        self.accounts.sign_up(&self.call(), &request).await.unwrap()
    }

    /// Somebody who has signed up and opened the link in the mail.
    pub(crate) async fn member(&self) -> UserId {
        let account = self.sign_up(ADA).await;
        for job in self.jobs("identity.send_mail").await {
            self.send_mail.handle(&job).await.unwrap();
        }
        self.accounts.verify_email(&self.call(), &self.mailed_token()).await.unwrap();
        account.id
    }

    pub(crate) async fn log_in(
        &self,
        email: &str,
        password: &str,
    ) -> Result<LoggedIn, identity::IdentityError> {
        match self.first_step(email, password).await? {
            FirstStep::LoggedIn(logged_in) => Ok(*logged_in),
            FirstStep::SecondFactor(_) => panic!("a second factor is asked for"),
        }
    }

    pub(crate) async fn first_step(
        &self,
        email: &str,
        password: &str,
    ) -> Result<FirstStep, identity::IdentityError> {
        let request = LogIn { email: email.to_owned(), password: password.into() };
        self.sessions.log_in(&self.call(), &request).await
    }

    pub(crate) async fn logged_in(&self) -> TokenPair {
        self.member().await;
        self.log_in(ADA, PASSWORD).await.unwrap().tokens
    }

    /// Who calls with these tokens.
    pub(crate) async fn caller(&self, tokens: &TokenPair) -> Authenticated {
        self.sessions.authenticate(tokens.access.token.expose_secret()).await.unwrap()
    }

    /// The operator's use cases under these keys.
    pub(crate) fn operator(&self, keys: Vec<&'static str>) -> OperatorService {
        OperatorService {
            uow: self.store.clone(),
            stale: Arc::new(self.store.memory.clone()),
            cipher: Arc::new(testing::PlainCipher(keys)),
            env: self.env.clone(),
        }
    }

    pub(crate) async fn jobs(&self, kind: &str) -> Vec<Job> {
        let jobs = self.store.jobs(self.env.now()).await;
        jobs.into_iter().filter(|job| job.kind == kind).collect()
    }

    pub(crate) async fn event_types(&self) -> Vec<String> {
        self.store.events().await.into_iter().map(|event| event.event_type).collect()
    }

    /// The session that the tokens hold.
    pub(crate) async fn session_of(&self, tokens: &TokenPair) -> Session {
        let session = tokens.access.token.expose_secret().split(' ').nth(1).unwrap();
        self.store.session(session.parse().unwrap()).await
    }

    /// The link in the latest mail.
    pub(crate) fn mailed_link(&self) -> String {
        let mails = self.postbox.mails.lock().unwrap();
        mails.last().unwrap().text.lines().find(|line| line.starts_with("https://")).unwrap().to_owned()
    }

    /// The token in the latest mail.
    pub(crate) fn mailed_token(&self) -> String {
        let link = self.mailed_link();
        let starts = [
            "https://api.example.com/api/v1/auth/verify-email?token=",
            "https://app.example.com/reset-password?token=",
        ];
        starts.iter().find_map(|start| link.strip_prefix(start)).unwrap().to_owned()
    }

    /// Handles the mail job that was enqueued last; answers the mail, if it sent one.
    pub(crate) async fn deliver(&self) -> Option<Mail> {
        let before = self.postbox.mails.lock().unwrap().len();
        self.handle_mail(self.jobs("identity.send_mail").await.last().unwrap()).await.unwrap();
        self.postbox.mails.lock().unwrap().get(before).cloned()
    }

    /// Somebody who has logged in, as their requests say.
    pub(crate) async fn acting(&self, tokens: &TokenPair) -> (CallContext, Authenticated) {
        let login = self.sessions.authenticate(tokens.access.token.expose_secret()).await.unwrap();
        let mut ctx = self.call();
        ctx.actor = login.actor();
        (ctx, login)
    }

    pub(crate) async fn handle_mail(&self, job: &Job) -> Result<(), JobFailure> {
        self.send_mail.handle(job).await
    }
}

pub(crate) fn text_of(pair: &TokenPair) -> String {
    pair.refresh.secret().expose_secret().to_owned()
}

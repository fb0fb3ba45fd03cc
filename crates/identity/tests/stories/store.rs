//! The store of these stories: the one in memory, looked into through its ports.

use async_trait::async_trait;
use identity::{
    EmailAddress, Person, Session, SpentToken, User,
    ports::{IdentityTx, IdentityUow, SessionReader, UserDirectory},
};
use kernel::{
    Event, EventRelay, Job, JobQueue, Kinds, RawToken, SessionId, Settlement, StoreError, StoreResult,
    SystemScope, Timestamp, TokenKind, UnitOfWork, UserId, Work,
};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) memory: memory::Store,
    /// While set, the next unit is refused, as if another one had just taken what it wants to have alone.
    pub(crate) is_beaten_once: AtomicBool,
    jobs: Mutex<Vec<Job>>,
}

const SYSTEM: SystemScope = SystemScope::for_authentication();

#[async_trait]
impl UnitOfWork<dyn IdentityTx, SystemScope> for Store {
    async fn run_erased(&self, scope: &SystemScope, work: &mut dyn Work<dyn IdentityTx>) -> StoreResult<()> {
        if self.is_beaten_once.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Conflict("users_email_lower_key".to_owned()));
        }
        self.memory.run_erased(scope, work).await
    }
}

impl Store {
    fn uow(&self) -> &IdentityUow {
        &self.memory
    }

    pub(crate) async fn person(&self, email: &str) -> Person {
        let email = EmailAddress::parse(email).unwrap();
        self.memory.find_by_email(&SYSTEM, &email).await.unwrap().unwrap()
    }

    /// What an administrator or a later issue's use case would change.
    pub(crate) async fn change_user(&self, id: UserId, change: impl FnOnce(&mut User) + Send) {
        let changed: StoreResult<()> = self
            .uow()
            .run(&SYSTEM, async |tx| {
                let mut user = tx.users().find(id).await?.unwrap();
                let version = user.version;
                change(&mut user);
                user.version += 1;
                tx.users().save(&user, version).await
            })
            .await;
        changed.unwrap();
    }

    pub(crate) async fn session(&self, id: SessionId) -> Session {
        self.memory.find_standing(&SYSTEM, id).await.unwrap().unwrap().session
    }

    /// The refresh token with this text, whatever its state.
    pub(crate) async fn refresh_token(&self, text: &str) -> SpentToken {
        let hash = RawToken::parse(TokenKind::Refresh, text).unwrap().hash();
        let found: StoreResult<_> =
            self.uow().run(&SYSTEM, async |tx| tx.refresh_tokens().find_spent(&hash).await).await;
        found.unwrap().unwrap()
    }

    /// Every fact told so far, oldest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        self.memory.unpublished(&SYSTEM, 1_000).await.unwrap()
    }

    /// Every job enqueued so far, oldest first. None is run by that.
    pub(crate) async fn jobs(&self, now: Timestamp) -> Vec<Job> {
        while let Some(job) =
            self.memory.claim(&SYSTEM, Kinds::All, "story", now, Duration::from_secs(30)).await.unwrap()
        {
            assert!(self.memory.settle(&SYSTEM, &job, &Settlement::Succeeded, now).await.unwrap());
            self.jobs.lock().unwrap().push(job);
        }
        self.jobs.lock().unwrap().clone()
    }
}

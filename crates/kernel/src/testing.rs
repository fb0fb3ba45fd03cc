//! A clock that is moved by hand, ids that repeat and a cipher that hides nothing, for tests.

use crate::{
    Actor, Bus, BusAway, CallContext, Cipher, CipherError, Clock, CorrelationId, Environment, Event,
    IdGenerator, Role, Sealed, Timestamp, UserId, WorkspaceId, WorkspaceScope,
};
use secrecy::{ExposeSecret, SecretSlice};
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use std::time::Duration;
use uuid::Uuid;

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at an RFC 3339 instant.
    ///
    /// # Panics
    /// When the text is no instant.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test names its own instants")]
    pub fn at(instant: &str) -> Self {
        Self(AtomicI64::new(instant.parse::<Timestamp>().expect("RFC 3339").micros()))
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves backward, as a machine's clock may that was ahead.
    pub fn put_back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that count: unique in the process when made with different seeds.
#[derive(Debug)]
pub struct CountingIds {
    clock: Arc<dyn Clock>,
    seed: u16,
    next: AtomicU64,
}

impl std::fmt::Debug for dyn Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.now().fmt(f)
    }
}

impl IdGenerator for CountingIds {
    fn uuid(&self) -> Uuid {
        let count = self.next.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let mut random = [0; 10];
        random[..2].copy_from_slice(&self.seed.to_be_bytes());
        random[2..].copy_from_slice(&count);
        let millis = u64::try_from(self.clock.now().micros() / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// An environment that stands at 2026-03-02T09:00:00Z (a Monday), with its clock.
#[must_use]
pub fn environment() -> (Environment, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let as_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let ids = Arc::new(CountingIds { clock: Arc::clone(&as_clock), seed: 0, next: AtomicU64::new(1) });
    (Environment { clock: as_clock, ids }, clock)
}

/// A call by this person.
///
/// # Panics
/// Never.
#[must_use]
#[expect(clippy::expect_used, reason = "the token is a sane one")]
pub fn call_by(user: UserId) -> CallContext {
    CallContext::new(Actor::User(user), CorrelationId::parse("test-call").expect("sane"))
}

/// A fresh workspace with its owner: the scope and a call by them.
#[must_use]
pub fn owner_of_new_workspace(env: &Environment) -> (WorkspaceScope, CallContext) {
    let user = env.id();
    (WorkspaceScope::for_test(env.id(), user, Role::Owner), call_by(user))
}

/// Seals openly: beside the secret stands its place. Its keys are their ids; the first is the active one.
#[derive(Debug, Clone)]
pub struct PlainCipher(pub Vec<&'static str>);

impl Cipher for PlainCipher {
    fn seal(&self, secret: &SecretSlice<u8>, place: &str) -> Result<Sealed, CipherError> {
        let ciphertext = [place.as_bytes(), &[0], secret.expose_secret()].concat();
        Ok(Sealed { key_id: self.active_key().to_owned(), nonce: vec![0; 12], ciphertext })
    }

    fn open(&self, sealed: &Sealed, place: &str) -> Result<SecretSlice<u8>, CipherError> {
        if !self.0.contains(&sealed.key_id.as_str()) {
            return Err(CipherError::UnknownKey(sealed.key_id.clone()));
        }
        let place = [place.as_bytes(), &[0]].concat();
        let secret = sealed.ciphertext.strip_prefix(place.as_slice()).ok_or(CipherError::Broken)?;
        Ok(secret.to_vec().into())
    }

    fn active_key(&self) -> &str {
        self.0.first().copied().unwrap_or_default()
    }
}

/// A fact of the workspace as the bus carries it: the same one for the same number.
#[must_use]
pub fn published(workspace: WorkspaceId, number: i64) -> Event {
    Event {
        id: Uuid::from_u128(workspace.uuid().as_u128().wrapping_add(number.unsigned_abs().into())).into(),
        event_type: "thing.happened".to_owned(),
        version: 1,
        workspace_id: Some(workspace),
        user_id: None,
        number,
        actor: Actor::System,
        subject_kind: "thing".to_owned(),
        subject_id: Uuid::nil(),
        correlation_id: CorrelationId::mint(workspace.uuid()),
        causation_id: None,
        traceparent: None,
        payload: serde_json::json!({"n": number}),
        timestamp: "2026-03-02T09:00:00Z".parse().unwrap_or(Timestamp::NEVER),
    }
}

/// The numbers that a consumer gets of the workspace's facts when relays publish 1 to 3, then 2 to 5, then 1 to 2: each once, in
/// order, where the bus keeps its promise.
///
/// # Errors
/// When the bus is away.
pub async fn published_again(bus: &dyn Bus, workspace: WorkspaceId) -> Result<Vec<i64>, BusAway> {
    let receive = async || bus.receive("again", "w", 100, Duration::ZERO).await;
    // From now on what is published waits for it.
    receive().await?;
    for numbers in [1..=3, 2..=5, 1..=2] {
        let facts: Vec<Event> = numbers.map(|number| published(workspace, number)).collect();
        bus.publish(&facts).await?;
    }
    let deliveries = receive().await?;
    bus.settle("again", &deliveries).await?;
    Ok(deliveries.iter().map(|delivery| delivery.event.number).collect())
}

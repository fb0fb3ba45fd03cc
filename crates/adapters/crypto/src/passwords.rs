//! Passwords by argon2id.

mod threads;

use argon2::{
    Algorithm, Argon2, Params, PasswordVerifier as _, Version,
    password_hash::{self, phc},
};
use async_trait::async_trait;
use identity::{
    PasswordAttempt, PasswordHash,
    ports::{HashError, PasswordCheck, PasswordHasher},
};
use kernel::Randomness;
use secrecy::ExposeSecret;
use std::{num::NonZeroUsize, sync::Arc, time::Duration};
use threads::{Memory, Threads};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl HashingCost {
    /// The minimum that OWASP recommends for argon2id: 19 MiB, 2 passes, 1 lane; about 20 ms.
    pub const OWASP: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// The cheapest there is, for tests that are not about passwords.
    pub const CHEAPEST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
    /// The dearest that a stored hash may ask for: beyond, it is a bomb and not a hash.
    const BOUND: Self = Self { memory_kib: 1 << 20, passes: 10, lanes: 16 };

    fn params(self) -> Result<Params, UnusableCost> {
        Params::new(self.memory_kib, self.passes, self.lanes, None).map_err(|e| UnusableCost(e.to_string()))
    }

    fn of(params: &Params) -> Self {
        Self { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() }
    }

    const fn within(self, bound: Self) -> bool {
        self.memory_kib <= bound.memory_kib && self.passes <= bound.passes && self.lanes <= bound.lanes
    }
}

/// argon2 does not take these parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("argon2 does not take this cost: {0}")]
pub struct UnusableCost(String);

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingSettings {
    /// What one hash costs.
    pub cost: HashingCost,
    /// How many run at once; as many as there are cores. Times the memory of one, it is what hashing takes at most.
    pub permits: NonZeroUsize,
    /// How long a caller waits for its turn.
    pub wait: Duration,
}

impl HashingSettings {
    /// OWASP's cost, a wait of at most two seconds.
    #[must_use]
    pub const fn recommended(cores: NonZeroUsize) -> Self {
        Self { cost: HashingCost::OWASP, permits: cores, wait: Duration::from_secs(2) }
    }
}

/// Hashes and checks passwords on threads of its own, as many as there are permits.
///
/// A permit moves along into the thread: when the caller goes away the hash runs on, and still counts.
#[derive(Clone)]
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
    /// A hash of today's parameters that belongs to nobody.
    dummy: Arc<str>,
    permits: Arc<Semaphore>,
    threads: Threads,
    wait: Duration,
    randomness: Arc<dyn Randomness>,
}

impl Argon2Hasher {
    const SALT_LENGTH: usize = 16;

    /// A hasher with threads of its own.
    ///
    /// # Errors
    /// [`UnusableCost`].
    pub fn new(settings: HashingSettings, randomness: Arc<dyn Randomness>) -> Result<Self, UnusableCost> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, settings.cost.params()?);
        let dummy = dummy(&argon2).map_err(|e| UnusableCost(e.to_string()))?;
        let permits = settings.permits.get();
        Ok(Self {
            argon2,
            dummy: dummy.to_string().into(),
            permits: Arc::new(Semaphore::new(permits)),
            threads: Threads::start(permits),
            wait: settings.wait,
            randomness,
        })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, HashError> {
        let turn = Arc::clone(&self.permits).acquire_owned();
        let turn = tokio::time::timeout(self.wait, turn).await.map_err(|_| HashError::Overloaded)?;
        turn.map_err(|_| HashError::Failed("the pool of hashes is closed".to_owned()))
    }

    /// Runs `work` on one of the threads, under a permit that lasts as long as it does.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>, &mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let permit = self.permit().await?;
        let argon2 = self.argon2.clone();
        let (tell, told) = oneshot::channel();
        let is_given = self.threads.give(move |memory| {
            let outcome = work(&argon2, memory);
            drop(permit);
            // Nobody may wait for it any more.
            drop(tell.send(outcome));
        });
        if !is_given {
            return Err(HashError::Failed("no thread hashes".to_owned()));
        }
        told.await.map_err(|_| HashError::Failed("the hash panicked".to_owned()))?
    }

    fn check(
        argon2: &Argon2<'_>,
        password: &[u8],
        phc: &str,
        memory: &mut Memory,
    ) -> Result<PasswordCheck, HashError> {
        let hash = phc::PasswordHash::new(phc).map_err(failed)?;
        let params = Params::try_from(&hash).map_err(failed)?;
        if !HashingCost::of(&params).within(HashingCost::BOUND) {
            return Err(HashError::Failed("the stored hash asks for more than is allowed".to_owned()));
        }
        let is_current = is_current(argon2, &hash, &params);
        if let (true, Some(salt), Some(expected)) = (is_current, &hash.salt, &hash.hash)
            && expected.len() == Params::DEFAULT_OUTPUT_LEN
        {
            // Compares in constant time.
            let is_right = output(argon2, password, salt, memory)? == *expected;
            let verified = PasswordCheck::Verified { rehash: false };
            return Ok(if is_right { verified } else { PasswordCheck::Wrong });
        }
        // One of another time: it brings its own memory, once.
        match argon2.verify_password(password, &hash) {
            Ok(()) => Ok(PasswordCheck::Verified { rehash: !is_current }),
            Err(password_hash::Error::PasswordInvalid) => Ok(PasswordCheck::Wrong),
            Err(error) => Err(failed(error)),
        }
    }
}

fn output(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<phc::Output, HashError> {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.resize(argon2.params().block_count(), argon2::Block::default());
    argon2.hash_password_into_with_memory(password, salt, &mut out, memory).map_err(failed)?;
    phc::Output::new(&out).map_err(failed)
}

fn hashed(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    memory: &mut Memory,
) -> Result<phc::PasswordHash, HashError> {
    let output = output(argon2, password, salt, memory)?;
    with_parameters(argon2, salt, output)
}

/// A hash that no password has, as far as anybody knows. To check one against it costs as much as against any other.
fn dummy(argon2: &Argon2<'_>) -> Result<phc::PasswordHash, HashError> {
    let output = phc::Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]).map_err(failed)?;
    with_parameters(argon2, b"nobody-has-this-salt", output)
}

/// The hash with all that is needed to check it.
fn with_parameters(
    argon2: &Argon2<'_>,
    salt: &[u8],
    output: phc::Output,
) -> Result<phc::PasswordHash, HashError> {
    Ok(phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: phc::ParamsString::try_from(argon2.params()).map_err(failed)?,
        salt: Some(phc::Salt::new(salt).map_err(failed)?),
        hash: Some(output),
    })
}

fn is_current(argon2: &Argon2<'_>, hash: &phc::PasswordHash, params: &Params) -> bool {
    hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && HashingCost::of(params) == HashingCost::of(argon2.params())
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: &PasswordAttempt) -> Result<PasswordHash, HashError> {
        let mut salt = [0; Self::SALT_LENGTH];
        self.randomness.fill(&mut salt).map_err(|e| HashError::Failed(e.to_string()))?;
        let password = password.secret().clone();
        let work = move |argon2: &Argon2<'static>, memory: &mut Memory| {
            hashed(argon2, password.expose_secret().as_bytes(), &salt, memory)
        };
        Ok(PasswordHash::new(self.run(work).await?.to_string()))
    }

    async fn verify(
        &self,
        password: &PasswordAttempt,
        hash: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError> {
        let password = password.secret().clone();
        let is_known = hash.is_some();
        let phc: Arc<str> = hash.map_or_else(|| Arc::clone(&self.dummy), |hash| hash.expose().into());
        let work = move |argon2: &Argon2<'static>, memory: &mut Memory| {
            Self::check(argon2, password.expose_secret().as_bytes(), &phc, memory)
        };
        let check = self.run(work).await?;
        Ok(if is_known { check } else { PasswordCheck::Wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::SystemRandomness;

    fn hasher(cost: HashingCost, permits: usize, wait: Duration) -> Argon2Hasher {
        let permits = NonZeroUsize::new(permits).unwrap();
        Argon2Hasher::new(HashingSettings { cost, permits, wait }, Arc::new(SystemRandomness)).unwrap()
    }

    fn cheap() -> Argon2Hasher {
        hasher(HashingCost::CHEAPEST, 2, Duration::from_secs(5))
    }

    fn attempt(text: &str) -> PasswordAttempt {
        PasswordAttempt::parse(&text.into()).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hasher = cheap();
        let hash = hasher.hash(&attempt("correct horse")).await.unwrap();
        let verified = PasswordCheck::Verified { rehash: false };
        assert_eq!(hasher.verify(&attempt("correct horse"), Some(&hash)).await.unwrap(), verified);
        assert_eq!(
            hasher.verify(&attempt("Correct horse"), Some(&hash)).await.unwrap(),
            PasswordCheck::Wrong
        );
        assert_ne!(hasher.hash(&attempt("correct horse")).await.unwrap(), hash, "the salt differs");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn parallel_hashes_do_not_meet_and_are_argon2s_own() {
        let (hasher, password) = (cheap(), attempt("correct horse"));
        let hash = hasher.hash(&password).await.unwrap();
        let phc = phc::PasswordHash::new(hash.expose()).unwrap();
        assert_eq!(hasher.argon2.verify_password(b"correct horse", &phc), Ok(()));
        let mut checks = tokio::task::JoinSet::new();
        for n in 0..50 {
            let (hasher, hash) = (hasher.clone(), hash.clone());
            let is_right = n % 2 == 0;
            let tried = attempt(if is_right { "correct horse" } else { "correct house" });
            checks.spawn(async move { (is_right, hasher.verify(&tried, Some(&hash)).await.unwrap()) });
        }
        for (is_right, check) in checks.join_all().await {
            let right = PasswordCheck::Verified { rehash: false };
            assert_eq!(check, if is_right { right } else { PasswordCheck::Wrong });
        }
        assert_eq!(hasher.permits.available_permits(), 2, "each gave its own back");
    }

    #[tokio::test]
    async fn to_check_nobodys_password_costs_what_any_other_costs() {
        let hasher = cheap();
        assert_eq!(hasher.verify(&attempt("correct horse"), None).await, Ok(PasswordCheck::Wrong));
        let dummy = phc::PasswordHash::new(&hasher.dummy).unwrap();
        let params = Params::try_from(&dummy).unwrap();
        assert!(is_current(&hasher.argon2, &dummy, &params), "{dummy}");
        assert_eq!(dummy.hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
    }

    #[tokio::test]
    async fn a_hash_that_panics_is_an_error_and_gives_its_permit_back() {
        let hasher = hasher(HashingCost::CHEAPEST, 1, Duration::from_secs(5));
        let broken = hasher.run(|_, _| -> Result<u8, HashError> { panic!("a defect") }).await;
        assert!(matches!(broken, Err(HashError::Failed(_))), "{broken:?}");
        assert!(hasher.hash(&attempt("correct horse")).await.is_ok());
    }

    #[tokio::test]
    async fn the_recommended_cost_is_owasps_and_older_hashes_are_to_be_replaced() {
        let today = HashingSettings::recommended(NonZeroUsize::MIN);
        let today = Argon2Hasher::new(today, Arc::new(SystemRandomness)).unwrap();
        let old = cheap().hash(&attempt("correct horse")).await.unwrap();
        let check = today.verify(&attempt("correct horse"), Some(&old)).await.unwrap();
        assert_eq!(check, PasswordCheck::Verified { rehash: true });
        let new = today.hash(&attempt("correct horse")).await.unwrap();
        assert!(new.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", new.expose());
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_sent_away() {
        let hasher = hasher(HashingCost::CHEAPEST, 1, Duration::from_millis(5));
        let turn = hasher.permit().await.unwrap();
        assert_eq!(hasher.hash(&attempt("correct horse")).await.unwrap_err(), HashError::Overloaded);
        assert_eq!(hasher.verify(&attempt("x"), None).await.unwrap_err(), HashError::Overloaded);
        drop(turn);
        assert!(hasher.hash(&attempt("correct horse")).await.is_ok());
    }

    #[tokio::test]
    async fn a_hash_whose_caller_went_away_still_counts() {
        let hasher = hasher(HashingCost::CHEAPEST, 1, Duration::from_secs(60));
        let (began, has_begun) = oneshot::channel::<()>();
        let (finish, may_finish) = std::sync::mpsc::channel::<()>();
        let caller = tokio::spawn({
            let hasher = hasher.clone();
            async move {
                let work = move |_: &Argon2<'static>, _: &mut Memory| {
                    began.send(()).unwrap();
                    may_finish.recv().map_err(|e| HashError::Failed(e.to_string()))
                };
                hasher.run(work).await
            }
        });
        has_begun.await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.permits.available_permits(), 0, "the work runs on and holds its permit");
        finish.send(()).unwrap();
        assert!(hasher.hash(&attempt("correct horse")).await.is_ok(), "the permit came back");
    }

    #[tokio::test]
    async fn a_stored_hash_can_neither_be_rubbish_nor_a_bomb() {
        let salt_and_hash = "c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A";
        for phc in ["", "plain", &format!("$argon2id$v=19$m=4194304,t=2,p=1${salt_and_hash}")] {
            let stored = PasswordHash::new(phc.to_owned());
            let check = cheap().verify(&attempt("correct horse"), Some(&stored)).await;
            assert!(matches!(check, Err(HashError::Failed(_))), "{phc}: {check:?}");
        }
    }
}

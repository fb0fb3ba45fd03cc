//! The project's public keys, fetched now and then.

use super::jwks::{PublicKey, parse};
use identity::ports::ExternalTokenError;
use kernel::{Environment, Timestamp};
use reqwest::Client;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Mutex;
use web::{NoClient, Patience};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(3), total: Duration::from_secs(5) };
/// The largest set that is read, in bytes.
const SET_LIMIT: usize = 64 * 1024;
/// Between two questions, whatever names tokens bring.
const PAUSE: Duration = Duration::from_secs(60);
/// After that a set is asked for again, so that a key which the project has removed stops working.
const FRESH_FOR: Duration = Duration::from_secs(10 * 60);
/// For how long an old set is believed while the project does not answer.
const GOOD_FOR: Duration = Duration::from_secs(60 * 60);

/// The last set, and when it came. Asks for the next when it is old or lacks a name, one question at a time and one a
/// minute at most.
pub(super) struct KeyCache(Arc<Inner>);

struct Inner {
    http: Client,
    place: String,
    env: Environment,
    held: RwLock<Option<Held>>,
    /// When the project was asked last; locked while it is being asked.
    asked: Mutex<Option<Timestamp>>,
}

struct Held {
    keys: BTreeMap<String, PublicKey>,
    since: Timestamp,
}

/// What is known about a name without asking.
enum Known {
    Key(PublicKey),
    /// The set is fresh and has no such name.
    Unknown,
    /// An old set has it, or has it not.
    Old(Option<PublicKey>),
    /// There is no set to believe.
    Nothing,
}

impl KeyCache {
    pub(super) fn new(place: String, env: Environment) -> Result<Self, NoClient> {
        let http = web::client(PATIENCE)?;
        let (held, asked) = (RwLock::new(None), Mutex::new(None));
        Ok(Self(Arc::new(Inner { http, place, env, held, asked })))
    }

    /// The key of this name; an error when the project had to be asked and did not answer.
    pub(super) async fn find(&self, name: &str) -> Result<Option<PublicKey>, ExternalTokenError> {
        if let Known::Key(key) = self.0.known(name) {
            return Ok(Some(key));
        }
        // In a task of its own: whoever hangs up must not break off the question for everybody.
        if let Err(error) = tokio::spawn(self.0.clone().refresh()).await {
            tracing::error!(error = %error, "asking for the keys of SUPABASE_URL failed");
        }
        match self.0.known(name) {
            Known::Key(key) | Known::Old(Some(key)) => Ok(Some(key)),
            Known::Unknown => Ok(None),
            Known::Old(None) | Known::Nothing => Err(ExternalTokenError::Unavailable),
        }
    }
}

impl Inner {
    async fn refresh(self: Arc<Self>) {
        let mut asked = self.asked.lock().await;
        let now = self.env.now();
        if asked.is_some_and(|asked| now.since(asked) < PAUSE) {
            return;
        }
        *asked = Some(now);
        match self.fetch().await {
            Some(keys) => {
                let held = Held { keys, since: now };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
            }
            None => tracing::warn!("the keys of SUPABASE_URL could not be read"),
        }
    }

    fn known(&self, name: &str) -> Known {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = held.as_ref() else { return Known::Nothing };
        let (age, key) = (self.env.now().since(held.since), held.keys.get(name).cloned());
        match key {
            Some(key) if age <= FRESH_FOR => Known::Key(key),
            None if age < PAUSE => Known::Unknown,
            key if age <= GOOD_FOR => Known::Old(key),
            _ => Known::Nothing,
        }
    }

    async fn fetch(&self) -> Option<BTreeMap<String, PublicKey>> {
        let answer = self.http.get(&self.place).send().await.ok()?;
        if answer.status() != 200 {
            return None;
        }
        parse(&web::read_at_most(answer, SET_LIMIT).await?)
    }
}

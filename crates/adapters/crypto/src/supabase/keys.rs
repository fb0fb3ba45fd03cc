//! The project's public keys, fetched now and then.

use super::jwks::{PublicKey, parse};
use identity::ports::ExternalTokenError;
use kernel::{Environment, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Mutex;
use web::{Breakers, Dependency, Failed, NoClient, Policy, Traced};

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
    project: Dependency,
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
    pub(super) fn new(place: String, env: Environment, breakers: &Breakers) -> Result<Self, NoClient> {
        let project = breakers.dependency("supabase_keys", Policy::KEY_SET)?;
        let (held, asked) = (RwLock::new(None), Mutex::new(None));
        Ok(Self(Arc::new(Inner { project, place, env, held, asked })))
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
        match self.project.call(|| self.fetch()).await {
            Ok(keys) => {
                let held = Held { keys, since: now };
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
            }
            Err(error) => tracing::warn!(error = %error, "the keys of SUPABASE_URL could not be read"),
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

    async fn fetch(&self) -> Result<BTreeMap<String, PublicKey>, Failed<String>> {
        let sent = self.project.client().get(&self.place).traced().send().await;
        let answer = sent.map_err(|error| match error.is_timeout() {
            // Somebody waits at their login, and has waited long enough.
            true => Failed::lost("no answer in time".to_owned()),
            false => Failed::down(error.without_url().to_string()),
        })?;
        let status = answer.status();
        if status != 200 {
            let text = format!("the answer is {}", status.as_u16());
            return Err(Failed::answered(text, status, answer.headers(), self.env.now()));
        }
        let body = web::read_at_most(answer, SET_LIMIT).await;
        let keys = body.and_then(|body| parse(&body));
        keys.ok_or_else(|| Failed::refused("the answer is no set of keys".to_owned()))
    }
}

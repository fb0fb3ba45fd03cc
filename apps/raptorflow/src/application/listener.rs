//! Hearing of the commits of other processes at the same database, and telling them of this one's.

use local::Standings;
use postgres::Bell;
use secrecy::{ExposeSecret, SecretString};
use std::{convert::Infallible, sync::Arc};

/// Keeps what this process remembers of who may come in from growing old, and wakes workers, here and elsewhere.
pub struct Listener {
    pub(super) store: postgres::Store,
    pub(super) url: SecretString,
    pub(super) standings: Arc<Standings>,
    pub(super) bell: Arc<Bell>,
}

impl Listener {
    /// Listens and tells until it is dropped. Until then nothing is remembered.
    pub async fn run(self) -> Infallible {
        let Self { store, url, standings, bell } = self;
        tokio::select! {
            never = postgres::listen(&store, url.expose_secret(), standings.as_ref(), &bell) => never,
            never = bell.pass_on(&store) => never,
        }
    }
}

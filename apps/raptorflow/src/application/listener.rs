//! Hearing of the commits of other processes at the same database.

use local::Standings;
use secrecy::{ExposeSecret, SecretString};
use std::{convert::Infallible, sync::Arc};

/// Keeps what this process remembers of who may come in from growing old.
pub struct Listener {
    pub(super) store: postgres::Store,
    pub(super) url: SecretString,
    pub(super) standings: Arc<Standings>,
}

impl Listener {
    /// Listens until it is dropped. Until then nothing is remembered.
    pub async fn run(self) -> Infallible {
        postgres::listen(&self.store, self.url.expose_secret(), self.standings.as_ref()).await
    }
}

//! By which keys others can check our access tokens.

use super::SessionService;
use crate::ports::PublishedKey;

impl SessionService {
    /// The public keys of the access tokens that are accepted now; none when a secret signs them.
    #[must_use]
    pub fn published_keys(&self) -> Vec<PublishedKey> {
        self.access.published_keys()
    }
}

//! What whoever operates the service does from its command line.

mod platform_admin;
mod rotate;

pub use platform_admin::Appointment;
pub use rotate::{Batch, Unreadable};

use crate::ports::{IdentityUow, StaleSeals};
use kernel::{Cipher, Environment, SystemScope};
use std::sync::Arc;

/// The operator acts for no tenant and no person.
const SCOPE: SystemScope = SystemScope::for_worker();

/// Use cases without a caller on the wire.
#[derive(Clone)]
pub struct OperatorService {
    /// People, and what is sealed.
    pub uow: Arc<IdentityUow>,
    /// What is sealed under older keys.
    pub stale: Arc<dyn StaleSeals>,
    /// Opens under every key, seals under the active one.
    pub cipher: Arc<dyn Cipher>,
    /// Clock and ids.
    pub env: Environment,
}

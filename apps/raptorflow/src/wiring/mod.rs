//! Connects the domains with a store and with each other. Nothing here decides anything.
//!
//! [`Services`] holds every use case. What one domain needs of another is a port of the first; the files beside this one
//! implement those ports over the second domain's services.

mod administrators;
mod calendar;
mod colleagues;
mod desk;
mod directory;
mod held;
mod lent;
mod models;
mod people;
mod personal;
mod remembered;
mod runs;
mod services;
mod source;
mod store;
mod tenancies;

pub use lent::{NoKey, OpenProvider};
pub use models::{Ai, Models};
pub use services::{Adapters, Services};
pub use store::Store;

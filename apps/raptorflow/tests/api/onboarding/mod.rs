//! Onboarding and the business context over HTTP, on the memory store.

mod context;
mod finalize;
mod refused;
mod sessions;
mod walk;

//! Vertex AI: Google's models and Anthropic's, which Google also sells as the Gemini Enterprise Agent Platform.
//!
//! | way in | what it is | reaches |
//! | --- | --- | --- |
//! | [`Access::account`] | a service account's key file, whose [tokens](ServiceAccount) last an hour | both, at any [location](Location) |
//! | [`Access::express`] | an API key, without project or location | Gemini only |
//!
//! The wires are those of the crate `models`; here is what is Google Cloud's own: where a model is, and who may call it.
//!
//! # How to add a publisher
//! A variant of the match on [`Publisher`](agents::dispatch::Publisher) in `provider.rs`, with its methods and its wire.

#![forbid(unsafe_code)]

mod account;
mod location;
mod provider;
mod token;

pub use account::{NotAnAccount, ServiceAccount};
pub use location::{Location, NotALocation};
pub use provider::{Access, Vertex};
pub use token::Tokens;

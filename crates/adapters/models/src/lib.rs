//! Providers of language models, spoken to in their own words.
//!
//! A **wire** is one format of requests and answers; several providers may speak it. Each turns the council's
//! [`ModelRequest`](agents::dispatch::ModelRequest) into a body, and an answer, or its pieces, into
//! [`Reply`](agents::dispatch::Reply), [`Delta`](agents::dispatch::Delta) or
//! [`ModelFailure`](agents::dispatch::ModelFailure). It is pure: bytes in, words out, so that every oddity of a provider is a
//! test without a connection. A **provider** speaks a wire over HTTP, one attempt at a time; a [`Guarded`] one has a breaker for
//! each of its models.
//!
//! | wire | spoken by |
//! | --- | --- |
//! | [`google`] | Vertex AI for Gemini, the Gemini Developer API |
//! | [`anthropic`] | Anthropic's API, Vertex AI for Claude |
//! | [`openai`] | `OpenAI`'s API, Mistral's, and many other servers |
//!
//! Parsers are tolerant: a field, an event or a value that they don't know changes nothing.
//!
//! # How to add a provider
//! One that speaks a known wire is a file in `providers/` that says where it is and how it wants its key, and a variant of
//! [`Provider`](agents::dispatch::Provider). It makes one attempt a call: who asks again, and whom, the dispatcher decides.
//!
//! # How to add a wire
//! A folder with `request.rs`, `response.rs` and `stream.rs`, whose tests hold bodies as the provider's own client sends and reads them.

#![forbid(unsafe_code)]

pub mod anthropic;
mod assembly;
mod caller;
pub mod google;
mod guarded;
mod key;
pub mod openai;
mod pieces;
pub mod providers;
mod reading;
mod sse;
mod status;

pub use caller::{Caller, Judge};
pub use guarded::Guarded;
pub use key::{Unusable, key_header};
pub use pieces::Pieces;
pub use sse::{EventTooLong, LONGEST_EVENT, SseDecoder, SseEvent};

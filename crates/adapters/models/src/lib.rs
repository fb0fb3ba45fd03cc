//! Providers of language models, spoken to in their own words.
//!
//! A **wire** is one format of requests and answers; several providers may speak it. Each turns the council's
//! [`ModelRequest`](agents::dispatch::ModelRequest) into a body, and an answer, or its pieces, into
//! [`Reply`](agents::dispatch::Reply), [`Delta`](agents::dispatch::Delta) or
//! [`ModelFailure`](agents::dispatch::ModelFailure). It is pure: no connection is made here, so that every oddity of a provider
//! is a test with bytes.
//!
//! | wire | spoken by |
//! | --- | --- |
//! | [`google`] | Vertex AI for Gemini, the Gemini Developer API |
//! | [`anthropic`] | Anthropic's API, Vertex AI for Claude |
//! | [`openai`] | `OpenAI`'s API, Mistral's, and many other servers |
//!
//! Parsers are tolerant: a field, an event or a value that they don't know changes nothing.
//!
//! # How to add a wire
//! A folder with `request.rs`, `response.rs` and `stream.rs`, whose tests hold bodies as the provider's own client sends and reads them.

#![forbid(unsafe_code)]

pub mod anthropic;
mod assembly;
pub mod google;
pub mod openai;
mod sse;
mod status;

pub use sse::{EventTooLong, LONGEST_EVENT, SseDecoder, SseEvent};

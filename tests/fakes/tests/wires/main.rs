//! What the fake says on every wire, and every way in which it fails.

mod anthropic;
mod client;
mod connections;
mod google;
mod google_refuses;
mod mistral;
mod openai;
mod played;
mod token;
mod turns;

//! `OpenAI`'s API, as far as its clients need it to ask this gateway: they change their base URL and their key.
//!
//! ```text
//!   chat completion ── conversation ──▶ ask ──▶ dispatcher ──▶ answer ──▶ completion │ chunks, `[DONE]`
//! ```
//!
//! Requests and answers have the shapes of <https://platform.openai.com/docs/api-reference/chat>; errors are problems with
//! the member `error` that those clients read (`http/problem/openai.rs`). Whatever a client asks for that would change
//! what it gets back, and that not every model can be told, is refused; what only tunes is taken and left aside.

mod chat;
mod chunks;
mod completion;
mod conversation;
mod embeddings;
mod models;
mod request;
mod tools;
mod turn;

use crate::http::routes::Routes;

/// Adds the routes.
pub(super) fn configure(routes: &mut Routes<'_, '_>) {
    routes
        .add(chat::create_chat_completion)
        .add(embeddings::create_embeddings)
        .add(models::list_openai_models);
}

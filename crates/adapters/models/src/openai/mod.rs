//! `OpenAI`'s chat completions, as its own API, Mistral and many other servers speak them.

mod embedding;
mod request;
mod response;
mod stream;

pub use embedding::{embedding_body, embeddings};
pub use request::{Dialect, body};
pub use response::{failure, reply};
pub use stream::ChatStream;

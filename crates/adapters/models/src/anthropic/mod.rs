//! Anthropic's Messages, as its own API and Vertex AI speak it.

mod request;
mod response;
mod stream;

pub use request::{Route, body};
pub use response::{failure, reply};
pub use stream::MessageStream;

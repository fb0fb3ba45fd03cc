//! Anthropic's Messages, as its own API and Vertex AI speak it.

mod counting;
mod request;
mod response;
mod stream;

pub use counting::{count_body, counted};
pub use request::{Route, body};
pub use response::{failure, reply};
pub use stream::MessageStream;

//! Google's `generateContent`, as Vertex AI and the Gemini Developer API speak it.

mod request;
mod response;
mod stream;

pub use request::body;
pub use response::{failure, reply};
pub use stream::GoogleStream;

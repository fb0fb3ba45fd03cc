//! Google's `generateContent`, as Vertex AI and the Gemini Developer API speak it.

mod counting;
mod embedding;
mod request;
mod response;
mod stream;

pub use counting::{count_body, counted};
pub use embedding::{batch_embedding_body, embedding_body, embeddings, predict_body};
pub use request::body;
pub use response::{failure, reply};
pub use stream::GoogleStream;

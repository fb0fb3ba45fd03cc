//! A fake of the providers of language models, for tests and benchmarks. It is an independent truth: it shares no code with
//! what it tests, and the providers' official clients are run against it (`official_clients.py`).
//!
//! # How a test uses it
//! ```
//! # use fakes::{Answer, Fake, Hint, Turn};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let fake = Fake::start().await;
//! fake.play(Turn::refuses(429).hint(Hint::Seconds(1)));
//! fake.play(Turn::says(Answer::text("Good morning.")));
//! // The code under test calls `fake.url()`: its first request is refused, its second gets the answer, and all that come
//! // after it get the default one. Then:
//! assert!(fake.seen().is_empty());
//! # }
//! ```
//! A turn is for the next request to a model, whatever it asks for: text, a count, an embedding. A request that its wire
//! refuses (without a key, malformed, against a model's rules) takes none.
//!
//! # The wires
//! All are on one server, told apart by their paths.
//!
//! | wire | paths |
//! | --- | --- |
//! | Gemini on Vertex | `/v1`, `/v1beta1`: `/projects/P/locations/L/publishers/google/models/M:METHOD`; with a key without project and location |
//! | Gemini Developer API | `/v1`, `/v1beta`: `/models/M:METHOD` |
//! | Claude on Vertex | as Gemini, publisher `anthropic`: `M:rawPredict`, `M:streamRawPredict`, `count-tokens:rawPredict` |
//! | Anthropic | `/v1/messages`, `/v1/messages/count_tokens` |
//! | OpenAI | `/v1/chat/completions`, `/v1/embeddings`, `/v1/models` |
//! | Mistral | `/mistral/v1/chat/completions`, `/mistral/v1/embeddings`: its base is `fake.url() + "/mistral"` |
//! | Google's tokens | `/token` |
//!
//! Programs in other languages run the binary `fake-models` and post turns to `/_fake/play`; `src/played.rs` says how.
//!
//! # How to add a wire
//! A module with a `Call` (`reply.rs`): how the wire says a whole answer, a stream and an error; and a function that checks
//! a request and makes the call of it. A `Wire` in `routes.rs` that its paths lead to. Then its golden answers in
//! `tests/`, and its official client in `official_clients.py`.
#![forbid(unsafe_code)]

mod answer;
mod anthropic;
mod chat;
mod embedding;
mod fake;
mod google;
mod http;
mod mistral;
mod openai;
mod played;
mod reply;
mod routes;
mod server;
mod state;
mod token;
mod turn;

pub use answer::{Answer, Tokens};
pub use fake::{Fake, Seen};
pub use turn::{Hint, TokenTurn, Turn};

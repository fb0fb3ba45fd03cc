use crate::{SseEvent, anthropic::MessageStream, google::GoogleStream, openai::ChatStream};
use agents::dispatch::{Delta, ModelFailure, Reply};

/// An answer that is put together from events, in the manner of one wire.
pub trait Pieces: Send + 'static {
    /// Takes the data of one event; adds what it brings to `deltas`.
    ///
    /// # Errors
    /// The stream came to nothing.
    fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure>;
    /// The stream has ended: the whole answer.
    ///
    /// # Errors
    /// It ended too soon, or by a block.
    fn end(self) -> Result<Reply, ModelFailure>;
    /// Whether nothing comes after this event, even if the connection stays open.
    fn is_last(event: &SseEvent) -> bool;
}

impl Pieces for GoogleStream {
    fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        self.take(data, deltas)
    }

    fn end(self) -> Result<Reply, ModelFailure> {
        self.end()
    }

    fn is_last(_: &SseEvent) -> bool {
        false
    }
}

impl Pieces for MessageStream {
    fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        self.take(data, deltas)
    }

    fn end(self) -> Result<Reply, ModelFailure> {
        self.end()
    }

    fn is_last(event: &SseEvent) -> bool {
        event.name == "message_stop"
    }
}

impl Pieces for ChatStream {
    fn take(&mut self, data: &str, deltas: &mut Vec<Delta>) -> Result<(), ModelFailure> {
        self.take(data, deltas)
    }

    fn end(self) -> Result<Reply, ModelFailure> {
        self.end()
    }

    fn is_last(event: &SseEvent) -> bool {
        event.data.trim() == "[DONE]"
    }
}

//! Large answers, handed over as the client takes them: a connection has the piece that it sends, and the rest is where it was.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How much a connection is given at once.
const SLICE: usize = 64 * 1024;

struct Sliced(Bytes);

impl MessageBody for Sliced {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let most = self.0.len().min(SLICE);
        let piece = self.0.split_to(most);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

/// Whether the body is one piece that is to be cut.
pub(super) fn is_large(body: &BoxBody) -> bool {
    matches!(body.size(), BodySize::Sized(size) if size > SLICE as u64)
}

/// The same body in slices.
pub(super) fn cut(body: BoxBody) -> BoxBody {
    match body.try_into_bytes() {
        Ok(bytes) => BoxBody::new(Sliced(bytes)),
        Err(body) => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use std::future::poll_fn;

    #[tokio::test]
    async fn a_large_body_comes_in_slices_and_is_whole() {
        let whole = Bytes::from((0..SLICE * 2 + 1).map(|n| (n % 251) as u8).collect::<Vec<u8>>());
        let body = || cut(BoxBody::new(whole.clone()));
        assert!(is_large(&body()) && !is_large(&BoxBody::new(whole.slice(..SLICE))));
        let mut pieces = Box::pin(body());
        let first = poll_fn(|cx| pieces.as_mut().poll_next(cx)).await.unwrap().unwrap();
        assert_eq!(first.len(), SLICE);
        assert_eq!(to_bytes(body()).await.unwrap(), whole);
    }
}

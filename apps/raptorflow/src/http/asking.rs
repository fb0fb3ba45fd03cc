//! Who calls comes first: what else is wrong with a request is told once its caller is known and has been counted.
//!
//! A handler's extractors are polled side by side, and the first that fails is the answer. A caller is looked up, and their calls
//! are counted elsewhere; a bad id in the path is known at once. Without this, whoever sends one would be told about it
//! before they were asked who they are, as often as they like.

use super::arrival::Arrival;
use super::problem::Problem;
use actix_web::HttpRequest;
use futures_util::future::{Either, LocalBoxFuture};
use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;
use tokio::sync::SetOnce;

/// Whether it is known who sent a request.
#[derive(Debug, Default)]
pub struct Asked {
    /// How many extractors have yet to find out.
    open: Cell<u32>,
    /// When none has any more.
    known: SetOnce<()>,
}

/// The question of an extractor who calls. It is put when the extractor is made, which is before any of the handler's is polled.
#[must_use]
pub(super) struct Asking(Option<Rc<Arrival>>);

impl Asking {
    pub(super) fn begin(request: &HttpRequest) -> Self {
        let arrival = Arrival::of(request);
        if let Some(Arrival { asked, .. }) = arrival.as_deref() {
            asked.open.set(asked.open.get() + 1);
        }
        Self(arrival)
    }

    /// The caller is known. Of one who is refused this is never said: that refusal is the answer.
    pub(super) fn end(self) {
        let Some(Arrival { asked, .. }) = self.0.as_deref() else { return };
        asked.open.set(asked.open.get().saturating_sub(1));
        if asked.open.get() == 0 {
            // Set already when another question was put after this one's answer.
            drop(asked.known.set(()));
        }
    }
}

/// The caller that an extractor finds.
pub(super) fn caller<C: 'static>(
    request: &HttpRequest,
    find: impl AsyncFnOnce(&HttpRequest) -> Result<C, Problem> + 'static,
) -> LocalBoxFuture<'static, Result<C, Problem>> {
    let (request, asking) = (request.clone(), Asking::begin(request));
    Box::pin(async move {
        let caller = find(&request).await?;
        asking.end();
        Ok(caller)
    })
}

/// What an extractor gives that reads something else of the request.
pub(super) type Reading<T> = Either<Ready<Result<T, Problem>>, LocalBoxFuture<'static, Result<T, Problem>>>;

/// What was read of the request besides its caller; what is wrong with it waits until the caller is known, if the handler asks.
pub(super) fn reading<T: 'static>(request: &HttpRequest, read: Result<T, Problem>) -> Reading<T> {
    let problem = match read {
        Ok(read) => return Either::Left(ready(Ok(read))),
        Err(problem) => problem,
    };
    let arrival = Arrival::of(request);
    Either::Right(Box::pin(async move {
        if let Some(Arrival { asked, .. }) = arrival.as_deref()
            && asked.open.get() > 0
        {
            asked.known.wait().await;
        }
        Err(problem)
    }))
}

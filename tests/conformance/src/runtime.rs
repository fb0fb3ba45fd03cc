use std::{future::Future, sync::LazyLock, task::Poll};
use tokio::runtime::{Handle, Runtime};

/// One runtime for all tests of a process: a pooled connection dies with the runtime that opened it.
static HOME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

/// Where stores open their connections.
pub fn home() -> &'static Handle {
    HOME.handle()
}

/// Runs a test.
pub fn block_on<F: Future>(test: F) -> F::Output {
    HOME.block_on(test)
}

/// Polls `future` at most `polls` times, then drops it: a client that goes away at that point. Answers the output, or
/// `None` when it was cut.
pub async fn cut<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

//! Answers that hold for a moment. Probes come from every load balancer and from whoever likes, and each question costs
//! connections: those are for requests.

use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// The last answer to a question. Whoever asks while it is being found out waits for it.
pub(super) struct Remembered<T> {
    holds: Duration,
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Remembered<T> {
    /// No answer yet; one will hold for so long.
    pub(super) fn holding(holds: Duration) -> Self {
        Self { holds, last: Mutex::default() }
    }

    /// The last answer while it holds, else a new one.
    pub(super) async fn or<F: Future<Output = T>>(&self, ask: impl FnOnce() -> F) -> T {
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = last.as_ref()
            && at.elapsed() < self.holds
        {
            return answer.clone();
        }
        let answer = ask().await;
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::cell::Cell;

    const HOLDS: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn an_answer_holds_for_so_long_and_no_longer() {
        let (remembered, asked) = (Remembered::holding(HOLDS), Cell::new(0));
        let ask = async || {
            asked.set(asked.get() + 1);
            asked.get()
        };
        assert_eq!((remembered.or(ask).await, remembered.or(ask).await), (1, 1));
        tokio::time::advance(HOLDS).await;
        assert_eq!(remembered.or(ask).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn of_many_who_ask_at_once_one_asks_and_all_have_its_answer() {
        let (remembered, asked) = (Remembered::holding(HOLDS), Cell::new(0));
        let ask = async || {
            asked.set(asked.get() + 1);
            tokio::task::yield_now().await;
            asked.get()
        };
        let answers = join_all((0..50).map(|_| remembered.or(ask))).await;
        assert_eq!((answers, asked.get()), (vec![1; 50], 1));
    }
}

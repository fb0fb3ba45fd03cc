//! Following streams of facts as they grow.

use kernel::{Followers, StreamId};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::watch;

/// Which streams are followed in this process, and how far each has come.
#[derive(Debug, Default)]
pub struct LiveStreams {
    hears: AtomicBool,
    over: AtomicBool,
    followed: Mutex<HashMap<StreamId, watch::Sender<i64>>>,
}

impl LiveStreams {
    /// Nobody follows, and nothing is heard of yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Whether what all processes publish is heard of: then a [`Follower`] hears of every growth, but for messages that
    /// got lost on the way.
    #[must_use]
    pub fn hears_all(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }

    /// The process ends: whoever follows is to stop.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.wake_all();
    }

    /// Follows a stream until the answer is dropped.
    #[must_use]
    pub fn follow(self: &Arc<Self>, stream: StreamId) -> Follower {
        let receiver = self.followed().entry(stream).or_insert_with(|| watch::Sender::new(0)).subscribe();
        Follower { streams: Arc::clone(self), stream, receiver }
    }

    fn wake_all(&self) {
        for sender in self.followed().values() {
            sender.send_modify(|_| {});
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<StreamId, watch::Sender<i64>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followers for LiveStreams {
    fn published(&self, stream: StreamId, number: i64) {
        if let Some(sender) = self.followed().get(&stream) {
            // Two processes may tell in any order.
            sender.send_if_modified(|known| {
                let has_grown = *known < number;
                *known = number.max(*known);
                has_grown
            });
        }
    }

    fn hears(&self, all: bool) {
        self.hears.store(all, Ordering::Relaxed);
        // What was published meanwhile was not told: everybody looks.
        self.wake_all();
    }
}

/// Hears when one stream has grown.
#[derive(Debug)]
pub struct Follower {
    streams: Arc<LiveStreams>,
    stream: StreamId,
    receiver: watch::Receiver<i64>,
}

impl Follower {
    /// Returns when the stream has grown, or may have, since the last call.
    pub async fn grown(&mut self) {
        if self.receiver.changed().await.is_err() {
            // The sender lives as long as its followers do.
            std::future::pending::<()>().await;
        }
    }

    /// Whether growth is heard of at all; see [`LiveStreams::hears_all`].
    #[must_use]
    pub fn hears_all(&self) -> bool {
        self.streams.hears_all()
    }

    /// Whether the process ends.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.streams.over.load(Ordering::Relaxed)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut followed = self.streams.followed();
        // The receiver of this one is still there.
        if followed.get(&self.stream).is_some_and(|sender| sender.receiver_count() <= 1) {
            followed.remove(&self.stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MINE: StreamId = StreamId::new(Uuid::from_u128(1));
    const THEIRS: StreamId = StreamId::new(Uuid::from_u128(2));

    async fn grew(follower: &mut Follower) -> bool {
        tokio::select! {
            biased;
            () = follower.grown() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn a_follower_hears_of_its_stream_once_for_each_growth_and_of_no_other() {
        let streams = LiveStreams::new();
        let mut follower = streams.follow(MINE);
        streams.published(THEIRS, 5);
        assert!(!grew(&mut follower).await);
        streams.published(MINE, 1);
        streams.published(MINE, 2);
        assert_eq!((grew(&mut follower).await, grew(&mut follower).await), (true, false));
        streams.published(MINE, 1);
        assert!(!grew(&mut follower).await, "an old message");
        streams.published(MINE, 3);
        assert!(grew(&mut follower).await);
    }

    #[tokio::test]
    async fn everybody_looks_when_the_hearing_begins_or_ends() {
        let streams = LiveStreams::new();
        let mut follower = streams.follow(MINE);
        for hears in [true, false] {
            streams.hears(hears);
            assert_eq!((grew(&mut follower).await, follower.hears_all()), (true, hears));
        }
    }

    #[tokio::test]
    async fn everybody_is_told_of_the_end() {
        let streams = LiveStreams::new();
        let mut follower = streams.follow(MINE);
        assert!(!follower.is_over());
        streams.end();
        assert_eq!((grew(&mut follower).await, follower.is_over()), (true, true));
    }

    #[tokio::test]
    async fn streams_that_nobody_follows_any_more_are_forgotten() {
        let streams = LiveStreams::new();
        let (one, mut other) = (streams.follow(MINE), streams.follow(MINE));
        drop(one);
        streams.published(MINE, 1);
        assert!(grew(&mut other).await);
        drop(other);
        assert!(streams.followed().is_empty());
    }
}

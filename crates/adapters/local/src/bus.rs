//! The bus of one process.

use async_trait::async_trait;
use kernel::{Bus, BusAway, Delivery, Event, Followers};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// Queues in the memory of this process, one for each consumer that has asked for deliveries. What is in them when the
/// process ends is lost, as is what has no room; consumers find it in the store.
pub struct LocalBus {
    followers: Arc<dyn Followers>,
    queues: Mutex<HashMap<String, VecDeque<Delivery>>>,
    grown: Notify,
}

impl LocalBus {
    /// How many deliveries wait for one consumer at most.
    const ROOM: usize = 10_000;

    /// Nothing waits. `followers` are told of what is published: everything there is, in a process that is alone.
    #[must_use]
    pub fn new(followers: Arc<dyn Followers>) -> Self {
        Self { followers, queues: Mutex::default(), grown: Notify::new() }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Delivery>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, consumer: &str, most: usize) -> Vec<Delivery> {
        let mut queues = self.queues();
        let queue = queues.entry(consumer.to_owned()).or_default();
        let most = most.min(queue.len());
        queue.drain(..most).collect()
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, events: &[Event]) -> Result<(), BusAway> {
        for queue in self.queues().values_mut() {
            let deliveries = events.iter().map(|event| {
                let entry = format!("{} {}", event.stream(), event.number);
                Delivery { entry, event: event.clone() }
            });
            queue.extend(deliveries);
            let excess = queue.len().saturating_sub(Self::ROOM);
            queue.drain(..excess);
        }
        self.grown.notify_waiters();
        for event in events {
            self.followers.published(event.stream(), event.number);
        }
        Ok(())
    }

    async fn receive(
        &self,
        consumer: &str,
        _: &str,
        most: usize,
        wait: Duration,
    ) -> Result<Vec<Delivery>, BusAway> {
        let mut grown = std::pin::pin!(self.grown.notified());
        // What is published between the look and the wait is not missed.
        grown.as_mut().enable();
        let taken = self.take(consumer, most);
        if !taken.is_empty() || tokio::time::timeout(wait, grown).await.is_err() {
            return Ok(taken);
        }
        Ok(self.take(consumer, most))
    }

    async fn waiting(&self, consumer: &str) -> Result<u64, BusAway> {
        let waiting = self.queues().get(consumer).map_or(0, VecDeque::len);
        Ok(u64::try_from(waiting).unwrap_or(u64::MAX))
    }

    /// Only facts are ever in its queues.
    async fn count_dead(&self) -> Result<u64, BusAway> {
        Ok(0)
    }

    async fn settle(&self, _: &str, _: &[Delivery]) -> Result<(), BusAway> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LiveStreams;
    use kernel::testing::published;
    use uuid::Uuid;

    fn event(number: i64) -> Event {
        published(Uuid::from_u128(7).into(), number)
    }

    const AT_ONCE: Duration = Duration::ZERO;

    async fn numbers(bus: &LocalBus, consumer: &str, most: usize, wait: Duration) -> Vec<i64> {
        let taken = bus.receive(consumer, "w", most, wait).await.unwrap();
        taken.iter().map(|delivery| delivery.event.number).collect()
    }

    #[tokio::test]
    async fn each_consumer_gets_everything_in_order_and_once() {
        let bus = LocalBus::new(LiveStreams::new());
        for consumer in ["a", "b"] {
            assert!(numbers(&bus, consumer, 10, AT_ONCE).await.is_empty());
        }
        bus.publish(&[event(1), event(2)]).await.unwrap();
        bus.publish(&[event(3)]).await.unwrap();
        assert_eq!(numbers(&bus, "a", 2, AT_ONCE).await, [1, 2]);
        assert_eq!(numbers(&bus, "a", 2, AT_ONCE).await, [3]);
        assert!(numbers(&bus, "a", 2, AT_ONCE).await.is_empty());
        assert_eq!(
            [bus.waiting("a").await, bus.waiting("b").await, bus.waiting("c").await],
            [Ok(0), Ok(3), Ok(0)]
        );
        assert_eq!(numbers(&bus, "b", 10, AT_ONCE).await, [1, 2, 3]);
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_and_followers_are_told() {
        let live = LiveStreams::new();
        let bus = LocalBus::new(live.clone());
        let mut follower = live.follow(event(1).stream());
        let waiting = numbers(&bus, "a", 10, Duration::from_secs(60));
        let events = [event(1)];
        let (got, sent) = tokio::join!(biased; waiting, bus.publish(&events));
        sent.unwrap();
        assert_eq!(got, [1]);
        follower.grown().await;
    }

    #[tokio::test]
    async fn a_consumer_that_does_not_ask_does_not_fill_the_memory() {
        let bus = LocalBus::new(LiveStreams::new());
        assert!(numbers(&bus, "a", 1, AT_ONCE).await.is_empty());
        let most = i64::try_from(LocalBus::ROOM).unwrap();
        let events: Vec<Event> = (1..=most + 5).map(event).collect();
        bus.publish(&events).await.unwrap();
        let kept = numbers(&bus, "a", usize::MAX, AT_ONCE).await;
        assert_eq!((kept.len(), kept[0]), (LocalBus::ROOM, 6));
    }
}

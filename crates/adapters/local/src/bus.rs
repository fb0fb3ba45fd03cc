//! The bus of one process.

use async_trait::async_trait;
use kernel::{Bus, BusAway, Delivery, Event, Followers, StreamId};
use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// Queues in the memory of this process, one for each consumer that has asked for deliveries. What is in them when the
/// process ends is lost, as is what has no room; consumers find it in the store.
pub struct LocalBus {
    followers: Arc<dyn Followers>,
    kept: Mutex<Kept>,
    grown: Notify,
}

#[derive(Default)]
struct Kept {
    queues: HashMap<String, VecDeque<Delivery>>,
    last: Last,
}

/// The last number of each stream that has grown lately, to know what was published before. Of those that grew longest ago half
/// are forgotten at once: what is as old as that and is published again doubles a delivery, which is no harm.
#[derive(Default)]
struct Last {
    recent: HashMap<StreamId, i64>,
    before: HashMap<StreamId, i64>,
}

impl Last {
    /// How many streams are in either half.
    const MOST: usize = 10_000;

    /// Whether the fact comes after all of its stream that were published lately; it is the last one then.
    fn is_new(&mut self, event: &Event) -> bool {
        let (stream, number) = (event.stream(), event.number);
        let last = self.recent.get(&stream).or_else(|| self.before.get(&stream));
        if last.is_some_and(|last| number <= *last) {
            return false;
        }
        if self.recent.len() >= Self::MOST && !self.recent.contains_key(&stream) {
            self.before = mem::take(&mut self.recent);
        }
        self.recent.insert(stream, number);
        true
    }
}

impl LocalBus {
    /// How many deliveries wait for one consumer at most.
    const ROOM: usize = 10_000;

    /// Nothing waits. `followers` are told of what is published: everything there is, in a process that is alone.
    #[must_use]
    pub fn new(followers: Arc<dyn Followers>) -> Self {
        Self { followers, kept: Mutex::default(), grown: Notify::new() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends those that are new, and answers with them.
    fn append<'e>(&self, events: &'e [Event]) -> Vec<&'e Event> {
        let mut kept = self.kept();
        let Kept { queues, last } = &mut *kept;
        let new: Vec<&Event> = events.iter().filter(|event| last.is_new(event)).collect();
        for queue in queues.values_mut() {
            let deliveries = new.iter().map(|event| {
                let entry = format!("{} {}", event.stream(), event.number);
                Delivery { entry, event: (*event).clone() }
            });
            queue.extend(deliveries);
            let excess = queue.len().saturating_sub(Self::ROOM);
            queue.drain(..excess);
        }
        new
    }

    fn take(&self, consumer: &str, most: usize) -> Vec<Delivery> {
        let mut kept = self.kept();
        let queue = kept.queues.entry(consumer.to_owned()).or_default();
        let most = most.min(queue.len());
        queue.drain(..most).collect()
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn publish(&self, events: &[Event]) -> Result<(), BusAway> {
        let new = self.append(events);
        self.grown.notify_waiters();
        for event in new {
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
        let waiting = self.kept().queues.get(consumer).map_or(0, VecDeque::len);
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
    use kernel::testing::{published, published_again};
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
    async fn what_was_published_lately_is_not_appended_again() {
        let bus = LocalBus::new(LiveStreams::new());
        assert_eq!(published_again(&bus, Uuid::from_u128(7).into()).await, Ok(vec![1, 2, 3, 4, 5]));
    }

    #[test]
    fn however_many_streams_there_are_the_last_numbers_of_some_thousands_are_kept() {
        let mut last = Last::default();
        let first = |stream: usize| published(Uuid::from_u128(stream as u128).into(), 1);
        for stream in 0..3 * Last::MOST {
            assert!(last.is_new(&first(stream)) && !last.is_new(&first(stream)));
        }
        assert!(last.recent.len() <= Last::MOST && last.before.len() <= Last::MOST);
        assert!(!last.is_new(&first(2 * Last::MOST - 1)), "of the half before");
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

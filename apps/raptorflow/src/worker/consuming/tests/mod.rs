mod unreadable;

use super::*;
use crate::worker::{POLL, Signal, relay::Relay};
use kernel::testing::{ManualClock, environment, owner_of_new_workspace};
use kernel::{BusAway, EventRelay, JobQueue, JobState, Kinds, NewEvent, UnitOfWork, Wake, WorkspaceScope};
use local::{LiveStreams, LocalBus};
use memory::Store;
use std::sync::Mutex;

/// Notes the numbers that it has had, fails at those named, and panics at the one named.
#[derive(Default)]
struct Noting {
    had: Mutex<Vec<i64>>,
    fails_at: Vec<i64>,
    panics_at: Option<i64>,
}

#[async_trait]
impl EventConsumer for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    fn wants(&self, event: &Event) -> bool {
        event.event_type == "thing.happened"
    }

    async fn consume(&self, _: &mut dyn RelayTx, event: &Event) -> StoreResult<()> {
        assert_ne!(Some(event.number), self.panics_at, "a defect");
        if self.fails_at.contains(&event.number) {
            return Err(StoreError::Corrupt("poison".to_owned()));
        }
        self.had.lock().unwrap().push(event.number);
        Ok(())
    }
}

struct World {
    store: Arc<Store>,
    consumer: Arc<Noting>,
    consuming: Consuming,
    relay: Relay,
    scope: WorkspaceScope,
    env: Environment,
    clock: Arc<ManualClock>,
}

fn world(consumer: Noting) -> World {
    let (env, clock) = environment();
    let (store, consumer) = (Arc::new(Store::default()), Arc::new(consumer));
    let bus: Arc<dyn Bus> = Arc::new(LocalBus::new(LiveStreams::new()));
    let consuming = Consuming {
        bus: bus.clone(),
        uow: store.clone(),
        consumer: consumer.clone(),
        worker: "w".to_owned(),
        env: env.clone(),
        metrics: Arc::default(),
    };
    let relay = Relay { outbox: store.clone(), bus, env: env.clone() };
    let scope = owner_of_new_workspace(&env).0;
    World { store, consumer, consuming, relay, scope, env, clock }
}

impl World {
    async fn tell(&self, event_type: &'static str) {
        let ctx = kernel::testing::call_by(self.env.id());
        let subject = ("thing", self.env.ids.uuid());
        let fact = NewEvent::new(&self.env, &ctx, event_type, subject, serde_json::json!({}));
        let units: &dyn UnitOfWork<dyn campaign::ports::CampaignTx, WorkspaceScope> = self.store.as_ref();
        let told: StoreResult<()> = units.run(&self.scope, async |tx| tx.events().append(fact).await).await;
        told.unwrap();
    }

    fn had(&self) -> Vec<i64> {
        self.consumer.had.lock().unwrap().clone()
    }

    /// The facts that were set aside, as the queue gives them out.
    async fn set_aside(&self) -> Vec<Job> {
        let (scope, mut jobs) = (SystemScope::for_worker(), Vec::new());
        let claim = async || {
            self.store.claim(&scope, Kinds::All, "w", self.env.now(), Duration::from_secs(30)).await.unwrap()
        };
        while let Some(job) = claim().await {
            jobs.push(job);
        }
        jobs
    }
}

#[tokio::test]
async fn a_consumer_has_each_fact_once_and_in_order_whatever_the_bus_delivers() {
    let world = world(Noting::default());
    for _ in 0..3 {
        world.tell("thing.happened").await;
    }
    world.tell("thing.else").await;
    let events = world.store.unpublished(&SystemScope::for_relay(), 10).await.unwrap();
    world.consuming.bus.receive("noting", "w", 1, Duration::ZERO).await.unwrap();
    for delivered in [[&events[1], &events[1]], [&events[0], &events[2]]] {
        world.consuming.bus.publish(&delivered.map(Clone::clone)).await.unwrap();
        world.consuming.pass().await;
    }
    assert_eq!(world.had(), [1, 2, 3]);
}

#[tokio::test]
async fn what_the_bus_lost_comes_from_the_store() {
    let world = world(Noting::default());
    world.tell("thing.happened").await;
    assert_eq!(world.relay.pass().await.unwrap(), 1);
    assert_eq!((world.consuming.pass().await, world.had()), (1, vec![1]), "nobody listened to the bus");
    assert_eq!((world.consuming.pass().await, world.had()), (0, vec![1]));
}

#[tokio::test]
async fn a_poisonous_fact_becomes_a_job_and_stops_nothing() {
    for poison in [
        Noting { fails_at: vec![2, 3], ..Noting::default() },
        Noting { fails_at: vec![2], panics_at: Some(3), ..Noting::default() },
    ] {
        let world = world(poison);
        for _ in 0..5 {
            world.tell("thing.happened").await;
        }
        world.consuming.pass().await;
        // The memory store takes back what a unit did; what the consumer noted by itself it does not.
        let mut had = world.had();
        had.dedup();
        assert_eq!(had, [1, 4, 5]);
        let jobs = world.set_aside().await;
        let numbers: Vec<_> = jobs.iter().map(|job| job.payload["number"].clone()).collect();
        assert_eq!((numbers, &jobs[0].kind), (vec![2.into(), 3.into()], &CONSUME.to_owned()));
        assert_eq!(jobs[0].workspace_id, Some(world.scope.workspace()), "its own can see the dead letter");
    }
}

#[tokio::test]
async fn a_fact_that_was_set_aside_is_had_when_it_is_tried_again() {
    let failing = world(Noting { fails_at: vec![1], ..Noting::default() });
    failing.tell("thing.happened").await;
    failing.consuming.pass().await;
    let job = failing.set_aside().await.remove(0);
    let again = |consumer: Arc<Noting>| ConsumeAgain {
        uow: failing.store.clone(),
        env: failing.env.clone(),
        consumers: vec![consumer],
    };
    let refused = again(failing.consumer.clone()).handle(&job).await;
    assert!(matches!(refused, Err(JobFailure::Transient(_))), "{refused:?}");
    let mended = Arc::new(Noting::default());
    let mended_again = again(mended.clone());
    mended_again.handle(&job).await.unwrap();
    assert_eq!(*mended.had.lock().unwrap(), [1]);
    // A worker that dies now has ended the job; one whose lease was lost meanwhile takes back what it did.
    let state = failing.store.count(&SystemScope::for_worker(), JobState::Succeeded).await;
    let late = mended_again.handle(&job).await;
    assert_eq!(late, Err(JobFailure::Lost));
    assert_eq!((state, mended.had.lock().unwrap().clone()), (Ok(1), vec![1]), "it is had once");
}

/// Never there.
struct Away;

#[async_trait]
impl Bus for Away {
    async fn publish(&self, _: &[Event]) -> Result<(), BusAway> {
        Err(BusAway("test".to_owned()))
    }

    async fn receive(&self, _: &str, _: &str, _: usize, _: Duration) -> Result<Vec<Delivery>, BusAway> {
        Err(BusAway("test".to_owned()))
    }

    async fn waiting(&self, _: &str) -> Result<u64, BusAway> {
        Err(BusAway("test".to_owned()))
    }

    async fn count_dead(&self) -> Result<u64, BusAway> {
        Err(BusAway("test".to_owned()))
    }

    async fn settle(&self, _: &str, _: &[Delivery]) -> Result<(), BusAway> {
        Err(BusAway("test".to_owned()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_commit_wakes_the_relay_before_it_looks_by_itself() {
    let world = world(Noting::default());
    let (signal, metrics) = (Signal::default(), Metrics::default());
    let comes_soon = async || world.consuming.bus.receive("noting", "w", 1, POLL / 4).await.unwrap();
    let committing = async {
        assert_eq!(comes_soon().await, Vec::new());
        world.tell("thing.happened").await;
        assert_eq!(comes_soon().await, Vec::new(), "it does not know of it yet");
        signal.wake();
        assert_eq!(comes_soon().await.len(), 1, "it was woken");
    };
    tokio::select! {
        () = world.relay.run(&signal, &metrics) => {}
        () = committing => {}
    }
}

#[tokio::test]
async fn while_the_bus_is_away_facts_wait_unpublished_and_consumers_have_them_all_the_same() {
    let world = world(Noting::default());
    for _ in 0..2 {
        world.tell("thing.happened").await;
    }
    let (outbox, env) = (world.store.clone(), world.env.clone());
    let cut_off = Relay { outbox, bus: Arc::new(Away), env };
    assert!(cut_off.pass().await.is_err());
    assert_eq!(world.store.unpublished(&SystemScope::for_relay(), 10).await.unwrap().len(), 2);
    let consuming = Consuming { bus: Arc::new(Away), ..world.consuming };
    assert_eq!((consuming.pass().await, world.consumer.had.lock().unwrap().clone()), (2, vec![1, 2]));
    assert_eq!(world.relay.pass().await.unwrap(), 2, "and are published when it is back");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.store.count(&SystemScope::for_worker(), JobState::Queued).await, Ok(0));
}

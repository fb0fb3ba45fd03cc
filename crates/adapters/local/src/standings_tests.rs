use super::*;
use kernel::testing::ManualClock;
use std::convert::Infallible;

struct World {
    clock: Arc<ManualClock>,
    standings: Arc<Standings>,
    roles: Remembered<&'static str, u32>,
}

const ANN: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);

fn world() -> World {
    let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
    let standings = Arc::new(Standings::new(clock.clone()));
    standings.hears(true);
    World { clock, roles: Remembered::new(standings.clone(), 100), standings }
}

impl World {
    /// Asks for Ann's role while the store says `stored`.
    async fn ask(&self, stored: u32) -> u32 {
        self.find(async { Some(stored) }).await.unwrap()
    }

    async fn find(&self, read: impl Future<Output = Option<u32>>) -> Option<u32> {
        let read = async { Ok::<_, Infallible>(read.await) };
        let Ok(found) = self.roles.find("ann", |_| vec![ANN], read).await;
        found
    }
}

#[tokio::test]
async fn what_was_read_holds_for_its_life() {
    let world = world();
    assert_eq!(world.ask(1).await, 1);
    world.clock.advance(LIFE - Duration::from_millis(1));
    assert_eq!(world.ask(2).await, 1);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.ask(2).await, 2);
}

#[tokio::test]
async fn that_there_is_nothing_is_not_remembered() {
    let world = world();
    assert_eq!(world.find(async { None }).await, None);
    assert_eq!(world.ask(1).await, 1);
}

#[tokio::test]
async fn a_change_of_a_subject_is_seen_by_the_next_that_asks_and_another_s_is_not() {
    let world = world();
    assert_eq!(world.ask(1).await, 1);
    world.standings.changed(&[BEN]);
    assert_eq!(world.ask(2).await, 1);
    world.standings.changed(&[BEN, ANN]);
    assert_eq!(world.ask(2).await, 2);
    assert_eq!(world.ask(3).await, 2, "and that holds again");
}

#[tokio::test]
async fn a_reading_that_was_under_way_does_not_bring_back_what_was() {
    let world = world();
    let overtaken = async {
        world.standings.changed(&[ANN]);
        Some(1)
    };
    assert_eq!(world.find(overtaken).await, Some(1), "its own caller came before the change");
    assert_eq!(world.ask(2).await, 2);
}

#[tokio::test]
async fn nothing_read_during_a_commit_is_remembered_nor_for_its_life_after_one_that_was_cut_off() {
    let world = world();
    world.standings.changing(&[ANN]);
    assert_eq!(world.ask(1).await, 1);
    assert_eq!(world.ask(2).await, 2);
    world.clock.advance(LIFE);
    assert_eq!(world.ask(3).await, 3);
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(world.ask(4).await, 4, "read while it was open");
    assert_eq!(world.ask(5).await, 4);
}

#[tokio::test]
async fn while_changes_go_unheard_nothing_is_remembered_and_what_was_is_forgotten() {
    let world = world();
    assert_eq!(world.ask(1).await, 1);
    world.standings.hears(false);
    assert_eq!(world.ask(2).await, 2);
    assert_eq!(world.ask(3).await, 3);
    world.standings.hears(true);
    assert_eq!(world.ask(4).await, 4);
    assert_eq!(world.ask(5).await, 4);
}

#[tokio::test]
async fn a_clock_that_is_put_back_makes_nothing_young_again() {
    let world = world();
    assert_eq!(world.ask(1).await, 1);
    world.clock.advance(2 * LIFE);
    world.standings.changed(&[BEN]);
    world.clock.put_back(2 * LIFE);
    assert_eq!(world.ask(2).await, 2);
}

#[tokio::test]
async fn changes_do_not_fill_the_memory() {
    let world = world();
    for stranger in 0..20_000 {
        world.standings.changed(&[Uuid::from_u128(stranger)]);
        world.clock.advance(Duration::from_millis(10));
    }
    let kept = world.standings.state().changes.len();
    assert!(kept <= 4 * State::FEW, "{kept} changes are kept, of which 500 may matter");
}

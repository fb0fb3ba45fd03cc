//! That a store tells of every commit that may change who may come in.

use crate::Stores;
use kernel::{NewEvent, Revocations, StoreError, StoreResult, SystemScope};
use serde_json::json;
use std::sync::Mutex;
use uuid::Uuid;

/// Each of `$told` takes the revocations that its store is to tell.
#[macro_export]
macro_rules! revocation_cases {
    ($told:path) => {
        $crate::revocation_cases!($told;
            a_commit_tells_whose_standing_it_may_touch,
            a_unit_that_is_rolled_back_tells_nobody,
        );
    };
    ($told:path; $($case:ident),* $(,)?) => { $(
        #[test]
        fn $case() {
            $crate::block_on(async {
                let heard = std::sync::Arc::<$crate::revocations::Heard>::default();
                $crate::revocations::$case($told(heard.clone()).await, &heard).await;
            });
        }
    )* };
}

/// What a store has told, in order: whose commit began, whose ended.
#[derive(Default)]
pub struct Heard(Mutex<Vec<Told>>);

#[derive(Debug, PartialEq)]
enum Told {
    Changing(Vec<Uuid>),
    Changed(Vec<Uuid>),
}

impl Revocations for Heard {
    fn changing(&self, subjects: &[Uuid]) {
        self.0.lock().unwrap().push(Told::Changing(subjects.to_owned()));
    }

    fn changed(&self, subjects: &[Uuid]) {
        self.0.lock().unwrap().push(Told::Changed(subjects.to_owned()));
    }

    fn hears(&self, _: bool) {}
}

const SCOPE: SystemScope = SystemScope::for_authentication();

fn facts(stores: &Stores) -> [NewEvent; 3] {
    let user = stores.env.id();
    let ctx = kernel::testing::call_by(user);
    ["session", "thing", "user"].map(|kind| {
        let subject = (kind, stores.env.ids.uuid());
        NewEvent::new(&stores.env, &ctx, "test.told", subject, json!({})).about_user(user)
    })
}

pub async fn a_commit_tells_whose_standing_it_may_touch(stores: Stores, heard: &Heard) {
    let facts = facts(&stores);
    let [session, _, user] = facts.each_ref().map(|fact| fact.subject_id);
    let told: StoreResult<()> = stores
        .identity
        .run(&SCOPE, async |tx| {
            for fact in facts {
                tx.events().append(fact).await?;
            }
            assert!(heard.0.lock().unwrap().is_empty(), "before the commit");
            Ok(())
        })
        .await;
    told.unwrap();
    let both = || vec![session, user];
    assert_eq!(*heard.0.lock().unwrap(), [Told::Changing(both()), Told::Changed(both())]);
}

pub async fn a_unit_that_is_rolled_back_tells_nobody(stores: Stores, heard: &Heard) {
    let facts = facts(&stores);
    let refused: StoreResult<()> = stores
        .identity
        .run(&SCOPE, async |tx| {
            for fact in facts {
                tx.events().append(fact).await?;
            }
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(refused, Err(StoreError::Stale));
    assert!(heard.0.lock().unwrap().is_empty());
}

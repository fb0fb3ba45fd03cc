//! What has ended or expired and is no use to anybody.

use crate::{
    Stores,
    core::{create, keyed},
    identity::stored,
    identity_mfa::{challenged, look},
    identity_tokens::{find_mail, issue, logged_in, mailed},
    jobs::{claim, count, enqueue_for, for_tenant, settle},
    workspaces_invitations::{accept, insert, offer, read, revoke},
};
use futures_util::future::join_all;
use identity::MfaChallenge;
use kernel::{
    Ended, JobState, NewJob, Settlement, StoreResult, SystemScope, Timestamp, idempotency::KEPT_FOR,
};
use std::time::Duration;

#[macro_export]
macro_rules! retention_cases {
    ($fresh:path) => {
        $crate::cases!(retention, $fresh;
            what_ended_long_ago_is_swept_and_the_rest_stays,
            sessions_that_expired_long_ago_are_swept_with_their_tokens,
            answers_that_expired_a_day_ago_are_swept_and_living_ones_stay,
            mail_tokens_that_expired_a_day_ago_are_swept_and_living_ones_stay,
            challenges_that_expired_a_day_ago_are_swept_and_living_ones_stay,
            who_never_came_is_forgotten_a_month_after_the_invitation_expired,
        );
    };
}

/// The shortest time that a store keeps.
const TICK: Duration = Duration::from_micros(1);

async fn sweep(stores: &Stores, most: i64) -> u64 {
    let scope = SystemScope::for_worker();
    stores.retention.sweep(&scope, Ended::by(stores.env.now()), most).await.unwrap()
}

pub async fn what_ended_long_ago_is_swept_and_the_rest_stays(stores: Stores) {
    let mine = stores.tenant();
    let end = async |settlement: &Settlement| {
        enqueue_for(&stores, &mine, for_tenant(&stores, &mine)).await;
        let job = claim(&stores, "w").await.unwrap();
        assert!(settle(&stores, &job, settlement).await);
    };
    for _ in 0..3 {
        end(&Settlement::Succeeded).await;
    }
    end(&Settlement::Failed { error: "no".to_owned() }).await;
    let later = NewJob { run_at: Timestamp::NEVER, ..for_tenant(&stores, &mine) };
    enqueue_for(&stores, &mine, later).await;
    let left = async || {
        let states = [JobState::Succeeded, JobState::Failed, JobState::Queued];
        join_all(states.map(|state| count(&stores, state))).await
    };
    stores.clock.advance(Ended::JOBS);
    assert_eq!((sweep(&stores, 10).await, left().await), (0, vec![3, 1, 1]));
    stores.clock.advance(Duration::from_secs(1));
    assert_eq!((sweep(&stores, 2).await, left().await), (2, vec![1, 1, 1]), "a batch at a time");
    assert_eq!((sweep(&stores, 2).await, left().await), (1, vec![0, 1, 1]));
    stores.clock.advance(Ended::DEAD_LETTERS);
    assert_eq!((sweep(&stores, 2).await, left().await), (1, vec![0, 0, 1]));
}

pub async fn sessions_that_expired_long_ago_are_swept_with_their_tokens(stores: Stores) {
    let person = stored(&stores).await;
    let (old, token) = logged_in(&stores, &person).await;
    stores.clock.advance(Duration::from_secs(1));
    let young = logged_in(&stores, &person).await.0;
    let (lives, age) = (old.expires_at.since(stores.env.now()), Ended::SESSIONS);
    stores.clock.advance(lives + age);
    assert_eq!(sweep(&stores, 10).await, 0);
    stores.clock.advance(TICK);
    assert_eq!(sweep(&stores, 10).await, 1);
    let scope = SystemScope::for_personal_data();
    assert_eq!(stores.personal_data.list_sessions(&scope, person.user.id).await, Ok(vec![young]));
    let spent: StoreResult<_> = stores
        .identity
        .run(&SystemScope::for_authentication(), async |tx| {
            tx.refresh_tokens().find_spent(&token.token_hash).await
        })
        .await;
    assert_eq!(spent, Ok(None));
}

pub async fn answers_that_expired_a_day_ago_are_swept_and_living_ones_stay(stores: Stores) {
    let mine = stores.tenant();
    let create =
        async |key: &str, name: &str| create(&stores, &mine, &keyed(&mine.ctx, key, "body"), name).await;
    for number in 0..3 {
        create(&format!("old {number}"), "old").await.unwrap();
        stores.clock.advance(TICK);
    }
    stores.clock.advance(KEPT_FOR + Ended::EXPIRED - 3 * TICK);
    assert_eq!(create("young", "young").await.as_deref(), Ok("young"));
    assert_eq!(sweep(&stores, 10).await, 0, "for whoever asks why");
    stores.clock.advance(3 * TICK);
    assert_eq!(sweep(&stores, 2).await, 2, "a batch at a time");
    assert_eq!(sweep(&stores, 2).await, 1);
    assert_eq!(sweep(&stores, 2).await, 0);
    assert_eq!(create("young", "again").await.as_deref(), Ok("young"), "it is still the first answer");
}

pub async fn mail_tokens_that_expired_a_day_ago_are_swept_and_living_ones_stay(stores: Stores) {
    let old = mailed(&stores, stored(&stores).await.user.id);
    issue(&stores, &old).await.unwrap();
    stores.clock.advance(old.expires_at.since(stores.env.now()) + Ended::EXPIRED);
    let young = mailed(&stores, stored(&stores).await.user.id);
    issue(&stores, &young).await.unwrap();
    assert_eq!(sweep(&stores, 10).await, 0);
    assert_eq!(find_mail(&stores, &old.token_hash).await.as_ref(), Some(&old));
    stores.clock.advance(TICK);
    assert_eq!(sweep(&stores, 10).await, 1);
    assert_eq!(find_mail(&stores, &old.token_hash).await, None);
    assert_eq!(find_mail(&stores, &young.token_hash).await, Some(young));
}

pub async fn challenges_that_expired_a_day_ago_are_swept_and_living_ones_stay(stores: Stores) {
    let old = challenged(&stores, &stored(&stores).await).await;
    stores.clock.advance(MfaChallenge::LIFETIME + Ended::EXPIRED);
    let young = challenged(&stores, &stored(&stores).await).await;
    assert_eq!(sweep(&stores, 10).await, 0);
    assert_eq!(look(&stores, &old).await.as_ref(), Some(&old));
    stores.clock.advance(TICK);
    assert_eq!(sweep(&stores, 10).await, 1);
    assert_eq!(look(&stores, &old).await, None);
    assert_eq!(look(&stores, &young).await, Some(young));
}

pub async fn who_never_came_is_forgotten_a_month_after_the_invitation_expired(stores: Stores) {
    let me = stores.tenant();
    let [accepted, waiting, revoked] =
        ["ada", "bo", "cy"].map(|name| offer(&stores, &me, &format!("{name}@example.com")));
    for invitation in [&accepted, &waiting, &revoked] {
        insert(&stores, &me, invitation).await.unwrap();
    }
    assert!(revoke(&stores, &me, revoked.id).await);
    assert!(accept(&stores, &me, accepted.id, stores.env.id()).await);
    stores.clock.advance(waiting.expires_at.since(stores.env.now()) + Ended::INVITATIONS);
    assert_eq!(sweep(&stores, 10).await, 0);
    stores.clock.advance(TICK);
    assert_eq!(sweep(&stores, 10).await, 2);
    let left: Vec<bool> = join_all(
        [accepted, waiting, revoked].iter().map(async |one| read(&stores, &me, one.id).await.is_some()),
    )
    .await;
    assert_eq!(left, [true, false, false], "who came stays in the list");
}

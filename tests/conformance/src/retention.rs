//! What has expired and is no use to anybody: answers of requests, tokens of mails, logins that wait for a second factor, and
//! invitations.
//! Jobs and sessions are swept in [`schedules`](crate::schedules).

use crate::{
    Stores,
    core::{create, keyed},
    identity::stored,
    identity_mfa::{challenged, look},
    identity_tokens::{find_mail, issue, mailed},
    workspaces_invitations::{accept, insert, offer, read, revoke},
};
use futures_util::future::join_all;
use identity::MfaChallenge;
use kernel::{Ended, SystemScope, idempotency::KEPT_FOR};
use std::time::Duration;
use workspace::Invitation;

#[macro_export]
macro_rules! retention_cases {
    ($fresh:path) => {
        $crate::cases!(retention, $fresh;
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
    let now = stores.env.now();
    // A server takes nothing away that has not expired by its own clock, which is the real one.
    let expired = |email| Invitation { expires_at: now, ..offer(&stores, &me, email) };
    let (accepted, waiting) = (offer(&stores, &me, "ada@example.com"), expired("bo@example.com"));
    let revoked = expired("cy@example.com");
    for invitation in [&accepted, &waiting, &revoked] {
        insert(&stores, &me, invitation).await.unwrap();
    }
    assert!(revoke(&stores, &me, revoked.id).await);
    assert!(accept(&stores, &me, accepted.id, stores.env.id()).await);
    stores.clock.advance(Ended::INVITATIONS);
    assert_eq!(sweep(&stores, 10).await, 0);
    stores.clock.advance(Duration::from_secs(61));
    assert_eq!(sweep(&stores, 10).await, 2);
    let left: Vec<bool> = join_all(
        [accepted, waiting, revoked].iter().map(async |one| read(&stores, &me, one.id).await.is_some()),
    )
    .await;
    assert_eq!(left, [true, false, false], "who came stays in the list");
}

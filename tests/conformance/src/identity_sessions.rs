//! The sessions of one person, together: their list, ending them, the idle ones.

use crate::{
    Stores,
    identity::{SYSTEM, stored},
    identity_tokens::{consume, end, logged_in},
};
use identity::{EndReason, Session};
use kernel::{Limit, Page, PageRequest, StoreResult, UserId, UserScope, testing};
use std::time::Duration;

#[macro_export]
macro_rules! session_cases {
    ($open:path) => {
        $crate::cases!(identity_sessions, $open;
            sessions_are_listed_latest_first_while_they_live_and_to_their_person_only,
            an_idle_session_refreshes_no_more,
        );
    };
}

async fn listed(stores: &Stores, user: UserId, request: &PageRequest) -> Page<Session> {
    let scope = UserScope::of(&testing::call_by(user)).unwrap();
    stores.sessions.page(&scope, request, stores.env.now()).await.unwrap()
}

pub async fn sessions_are_listed_latest_first_while_they_live_and_to_their_person_only(stores: Stores) {
    let (person, stranger) = (stored(&stores).await, stored(&stores).await);
    let user = person.user.id;
    let (mut expected, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let (session, _) = logged_in(&stores, &person).await;
        ids.push(session.id);
        expected.insert(0, session);
        stores.clock.advance(Duration::from_secs(1));
    }
    logged_in(&stores, &stranger).await;
    let ended = expected.remove(2);
    assert!(end(&stores, &ended, user, EndReason::LoggedOut, stores.env.now()).await);
    let mut request = PageRequest { limit: Limit::new(3).unwrap(), after: None };
    let first = listed(&stores, user, &request).await;
    assert_eq!((&first.items[..], first.next), (&expected[..3], Some(expected[2].id.uuid())));
    request.after = first.next;
    let last = listed(&stores, user, &request).await;
    assert_eq!((&last.items[..], last.next), (&expected[3..], None));
    stores.clock.advance(Session::IDLE);
    assert_eq!(listed(&stores, user, &PageRequest::default()).await.items, [], "nobody has used them");
    assert_eq!(listed(&stores, stores.env.id(), &PageRequest::default()).await.items, []);
}

pub async fn an_idle_session_refreshes_no_more(stores: Stores) {
    let person = stored(&stores).await;
    let ((busy, of_busy), (_, of_idle)) =
        (logged_in(&stores, &person).await, logged_in(&stores, &person).await);
    stores.clock.advance(Duration::from_secs(60));
    let seen = stores.env.now();
    let touched: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.sessions().touch(busy.id, seen).await).await;
    touched.unwrap();
    stores.clock.advance(Session::IDLE - Duration::from_secs(60));
    assert_eq!(consume(&stores, &of_idle).await, None, "the last instant is too late");
    assert!(consume(&stores, &of_busy).await.is_some());
}

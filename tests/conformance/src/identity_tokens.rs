//! Sessions, the refresh tokens that hold them, and tokens that were sent by mail.

use crate::{
    Stores,
    identity::{SYSTEM, put_in, stored},
};
use futures_util::future::join_all;
use identity::{
    EmailAddress, EmailToken, EmailTokenPurpose, EndReason, Person, RefreshToken, Session, SpentToken,
    UserStatus, ports::SessionStanding,
};
use kernel::{StoreError, StoreResult, Timestamp, TokenHash, UserId, testing};
use std::time::Duration;

#[macro_export]
macro_rules! token_cases {
    ($open:path) => {
        $crate::cases!(identity_tokens, $open;
            a_session_comes_back_with_its_users_standing,
            a_session_needs_its_user,
            a_session_ends_once_and_only_for_its_user,
            a_session_is_never_seen_earlier_than_before,
            of_fifty_parallel_uses_of_a_refresh_token_one_gets_it,
            a_use_that_is_rolled_back_was_none,
            a_refresh_token_that_does_not_work_stays_as_it_is,
            a_refresh_token_has_one_successor_in_its_own_session,
            a_mail_token_is_used_once_and_for_its_purpose,
            of_fifty_parallel_uses_of_a_mail_token_one_gets_it,
            a_newer_mail_token_supersedes_the_open_ones_of_its_user,
            mail_tokens_expire_by_purpose_and_forget_where_they_led,
            the_open_mail_token_of_a_purpose_is_found,
        );
    };
}

/// A session of the person, and the first token of its chain.
pub async fn logged_in(stores: &Stores, person: &Person) -> (Session, RefreshToken) {
    let mut ctx = testing::call_by(person.user.id);
    ctx.address = Some("2001:db8::7".parse().unwrap());
    ctx.user_agent = Some("Firefox “ünïcode”".into());
    let session = Session::start(stores.env.id(), person.user.id, &ctx, stores.env.now());
    let token = RefreshToken::first(stores.env.id(), &session, hash(stores));
    let begun: StoreResult<()> = stores
        .identity
        .run(&SYSTEM, async |tx| {
            tx.sessions().insert(&session).await?;
            tx.refresh_tokens().insert(&token).await
        })
        .await;
    begun.unwrap();
    (session, token)
}

/// A hash that no other case knows.
fn hash(stores: &Stores) -> TokenHash {
    let mut bytes = [0xff; 32];
    bytes[..16].copy_from_slice(stores.env.ids.uuid().as_bytes());
    TokenHash::from_bytes(bytes)
}

pub async fn standing(stores: &Stores, session: &Session) -> SessionStanding {
    stores.sessions.find_standing(&SYSTEM, session.id).await.unwrap().unwrap()
}

pub async fn end(stores: &Stores, session: &Session, user: UserId, reason: EndReason, at: Timestamp) -> bool {
    let ended: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.sessions().end(session.id, user, reason, at).await).await;
    ended.unwrap()
}

pub async fn consume(stores: &Stores, token: &RefreshToken) -> Option<RefreshToken> {
    let now = stores.env.now();
    let consumed: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| tx.refresh_tokens().consume(&token.token_hash, now).await)
        .await;
    consumed.unwrap()
}

async fn spent(stores: &Stores, token: &RefreshToken) -> SpentToken {
    let found: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| tx.refresh_tokens().find_spent(&token.token_hash).await)
        .await;
    found.unwrap().unwrap()
}

async fn insert(stores: &Stores, token: &RefreshToken) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.refresh_tokens().insert(token).await).await
}

pub async fn a_session_comes_back_with_its_users_standing(stores: Stores) {
    let person = stored(&stores).await;
    let (session, _) = logged_in(&stores, &person).await;
    let expected = SessionStanding { session: session.clone(), user_status: UserStatus::Active };
    assert_eq!(standing(&stores, &session).await, expected);
    put_in(&stores, &person, UserStatus::Banned).await;
    assert_eq!(standing(&stores, &session).await.user_status, UserStatus::Banned);
    assert_eq!(stores.sessions.find_standing(&SYSTEM, stores.env.id()).await.unwrap(), None);
}

pub async fn a_session_needs_its_user(stores: Stores) {
    let nobody: UserId = stores.env.id();
    let session = Session::start(stores.env.id(), nobody, &testing::call_by(nobody), stores.env.now());
    let refused: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.sessions().insert(&session).await).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
}

pub async fn a_session_ends_once_and_only_for_its_user(stores: Stores) {
    let (person, stranger) = (stored(&stores).await, stored(&stores).await);
    let (session, _) = logged_in(&stores, &person).await;
    let (user, now) = (person.user.id, stores.env.now());
    assert!(!end(&stores, &session, stranger.user.id, EndReason::LoggedOut, now).await);
    assert_eq!(standing(&stores, &session).await.session, session);
    assert!(end(&stores, &session, user, EndReason::TokenReused, now).await);
    let later = now.plus(Duration::from_secs(1));
    assert!(!end(&stores, &session, user, EndReason::LoggedOut, later).await);
    let expected =
        Session { ended_at: Some(now), end_reason: Some(EndReason::TokenReused), ..session.clone() };
    assert_eq!(standing(&stores, &session).await.session, expected);
}

pub async fn a_session_is_never_seen_earlier_than_before(stores: Stores) {
    let (session, _) = logged_in(&stores, &stored(&stores).await).await;
    let at = |seconds| session.created_at.plus(Duration::from_secs(seconds));
    for (seen, expected) in [(5, 5), (3, 5), (9, 9)] {
        let touched: StoreResult<()> =
            stores.identity.run(&SYSTEM, async |tx| tx.sessions().touch(session.id, at(seen)).await).await;
        touched.unwrap();
        assert_eq!(standing(&stores, &session).await.session.last_seen_at, at(expected));
    }
}

pub async fn of_fifty_parallel_uses_of_a_refresh_token_one_gets_it(stores: Stores) {
    let person = stored(&stores).await;
    let (session, token) = logged_in(&stores, &person).await;
    let now = stores.env.now();
    let uses = (0..50).map(|_| async {
        let successor = token.successor(stores.env.id(), hash(&stores), now);
        let used: StoreResult<Result<RefreshToken, SpentToken>> = stores
            .identity
            .run(&SYSTEM, async |tx| {
                if tx.refresh_tokens().consume(&token.token_hash, now).await?.is_none() {
                    return Ok(Err(tx.refresh_tokens().find_spent(&token.token_hash).await?.unwrap()));
                }
                tokio::task::yield_now().await;
                tx.refresh_tokens().insert(&successor).await?;
                Ok(Ok(successor))
            })
            .await;
        used.unwrap()
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(uses).await.into_iter().partition(Result::is_ok);
    let [Ok(successor)] = &won[..] else { panic!("{won:?}") };
    let seen = SpentToken {
        token: RefreshToken { consumed_at: Some(now), ..token },
        session,
        user_status: UserStatus::Active,
        successor: Some(successor.clone()),
    };
    assert_eq!(lost.len(), 49);
    for other in lost {
        assert_eq!(other.unwrap_err(), seen, "the others see what the one committed");
    }
}

pub async fn a_use_that_is_rolled_back_was_none(stores: Stores) {
    let (_, token) = logged_in(&stores, &stored(&stores).await).await;
    let now = stores.env.now();
    let refused: StoreResult<()> = stores
        .identity
        .run(&SYSTEM, async |tx| {
            assert!(tx.refresh_tokens().consume(&token.token_hash, now).await?.is_some());
            Err(StoreError::Stale)
        })
        .await;
    assert_eq!(refused, Err(StoreError::Stale));
    let used = RefreshToken { consumed_at: Some(now), ..token.clone() };
    assert_eq!(consume(&stores, &token).await, Some(used));
    assert_eq!(consume(&stores, &token).await, None);
}

pub async fn a_refresh_token_that_does_not_work_stays_as_it_is(stores: Stores) {
    let [ended, banned, late] = [stored(&stores).await, stored(&stores).await, stored(&stores).await];
    let (session, of_ended) = logged_in(&stores, &ended).await;
    assert!(end(&stores, &session, ended.user.id, EndReason::LoggedOut, stores.env.now()).await);
    let (_, of_banned) = logged_in(&stores, &banned).await;
    put_in(&stores, &banned, UserStatus::Banned).await;
    let (session, of_late) = logged_in(&stores, &late).await;
    let early = RefreshToken { expires_at: stores.env.now(), ..of_late.clone() };
    let early = early.successor(stores.env.id(), hash(&stores), stores.env.now());
    insert(&stores, &early).await.unwrap();
    for token in [of_ended, of_banned, early] {
        assert_eq!(consume(&stores, &token).await, None);
        assert_eq!(spent(&stores, &token).await.token, token);
    }
    stores.clock.advance(Session::LIFETIME);
    assert_eq!(session.expires_at, stores.env.now());
    assert_eq!(consume(&stores, &of_late).await, None, "the last instant is too late");
    let unknown = RefreshToken { token_hash: hash(&stores), ..of_late };
    assert_eq!(consume(&stores, &unknown).await, None);
    let found: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| tx.refresh_tokens().find_spent(&unknown.token_hash).await)
        .await;
    assert_eq!(found, Ok(None));
}

pub async fn a_refresh_token_has_one_successor_in_its_own_session(stores: Stores) {
    let person = stored(&stores).await;
    let (session, parent) = logged_in(&stores, &person).await;
    let (_, elsewhere) = logged_in(&stores, &person).await;
    let next = || parent.successor(stores.env.id(), hash(&stores), stores.env.now());
    let same_hash = RefreshToken { token_hash: elsewhere.token_hash, ..next() };
    let refused = insert(&stores, &same_hash).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let child = next();
    insert(&stores, &child).await.unwrap();
    let refused = insert(&stores, &next()).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let adopted = RefreshToken {
        session_id: session.id,
        ..elsewhere.successor(stores.env.id(), hash(&stores), stores.env.now())
    };
    let refused = insert(&stores, &adopted).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
    let anothers = RefreshToken { user_id: stored(&stores).await.user.id, parent: None, ..next() };
    let refused = insert(&stores, &anothers).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
    assert_eq!(spent(&stores, &parent).await.successor, Some(child));
}

pub fn mailed(stores: &Stores, user: UserId) -> EmailToken {
    let purpose = EmailTokenPurpose::VerifyEmail;
    EmailToken::issue(stores.env.id(), user, purpose, hash(stores), stores.env.now())
}

pub async fn issue(stores: &Stores, token: &EmailToken) -> StoreResult<()> {
    let now = stores.env.now();
    stores.identity.run(&SYSTEM, async |tx| tx.email_tokens().insert_superseding(token, now).await).await
}

async fn open_mail(stores: &Stores, token: &EmailToken) -> Option<EmailToken> {
    let now = stores.env.now();
    let used: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| tx.email_tokens().consume(&token.token_hash, token.purpose, now).await)
        .await;
    used.unwrap()
}

pub async fn find_mail(stores: &Stores, hash: &TokenHash) -> Option<EmailToken> {
    let found: StoreResult<_> =
        stores.identity.run(&SYSTEM, async |tx| tx.email_tokens().find(hash).await).await;
    found.unwrap()
}

pub async fn a_mail_token_is_used_once_and_for_its_purpose(stores: Stores) {
    let token = mailed(&stores, stored(&stores).await.user.id);
    issue(&stores, &token).await.unwrap();
    assert_eq!(find_mail(&stores, &token.token_hash).await.as_ref(), Some(&token));
    let used = EmailToken { used_at: Some(stores.env.now()), ..token.clone() };
    assert_eq!(open_mail(&stores, &token).await.as_ref(), Some(&used));
    assert_eq!(open_mail(&stores, &token).await, None);
    assert_eq!(find_mail(&stores, &token.token_hash).await, Some(used));
    assert_eq!(find_mail(&stores, &hash(&stores)).await, None);
    let late = mailed(&stores, token.user_id);
    issue(&stores, &late).await.unwrap();
    stores.clock.advance(late.purpose.lifetime());
    assert_eq!(open_mail(&stores, &late).await, None, "the last instant is too late");
    assert_eq!(find_mail(&stores, &late.token_hash).await, Some(late));
}

pub async fn of_fifty_parallel_uses_of_a_mail_token_one_gets_it(stores: Stores) {
    let token = mailed(&stores, stored(&stores).await.user.id);
    issue(&stores, &token).await.unwrap();
    let uses = join_all((0..50).map(|_| open_mail(&stores, &token))).await;
    assert_eq!(uses.iter().flatten().count(), 1);
}

pub async fn a_newer_mail_token_supersedes_the_open_ones_of_its_user(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let [used, older, other, newer] = [mine, mine, theirs, mine].map(|user| mailed(&stores, user));
    issue(&stores, &used).await.unwrap();
    let used = open_mail(&stores, &used).await.unwrap();
    issue(&stores, &older).await.unwrap();
    issue(&stores, &other).await.unwrap();
    stores.clock.advance(Duration::from_secs(5));
    issue(&stores, &newer).await.unwrap();
    let superseded = EmailToken { expires_at: stores.env.now(), ..older.clone() };
    assert_eq!(open_mail(&stores, &older).await, None);
    for expected in [used, superseded, other, newer.clone()] {
        assert_eq!(find_mail(&stores, &expected.token_hash).await, Some(expected));
    }
    let twice = EmailToken { id: stores.env.id(), ..newer };
    let refused = issue(&stores, &twice).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let to_nobody = mailed(&stores, stores.env.id());
    let refused = issue(&stores, &to_nobody).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
    assert!(open_mail(&stores, &twice).await.is_some(), "a refused token supersedes nothing");
}

fn token_of(stores: &Stores, user: UserId, purpose: EmailTokenPurpose) -> EmailToken {
    EmailToken { purpose, ..mailed(stores, user) }
}

pub async fn mail_tokens_expire_by_purpose_and_forget_where_they_led(stores: Stores) {
    use EmailTokenPurpose as P;
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let address = || EmailAddress::parse("Ada.New@Example.com").unwrap();
    let change = token_of(&stores, mine, P::ChangeEmail).towards(address());
    let [reset, verify] = [P::ResetPassword, P::VerifyEmail].map(|purpose| token_of(&stores, mine, purpose));
    let other = token_of(&stores, theirs, P::ChangeEmail).towards(address());
    for token in [&change, &reset, &verify, &other] {
        issue(&stores, token).await.unwrap();
        assert_eq!(find_mail(&stores, &token.token_hash).await.as_ref(), Some(token));
    }
    stores.clock.advance(Duration::from_secs(5));
    let now = stores.env.now();
    let expired: StoreResult<()> = stores
        .identity
        .run(&SYSTEM, async |tx| {
            tx.email_tokens().expire(mine, &[P::ChangeEmail, P::ResetPassword], now).await
        })
        .await;
    expired.unwrap();
    let over = EmailToken { expires_at: now, new_email: None, ..change };
    let reset = EmailToken { expires_at: now, ..reset };
    for expected in [over, reset, verify, other.clone()] {
        assert_eq!(find_mail(&stores, &expected.token_hash).await, Some(expected));
    }
    let used = EmailToken { used_at: Some(now), new_email: None, ..other.clone() };
    assert_eq!(open_mail(&stores, &other).await.as_ref(), Some(&used), "a used token has nowhere to lead");
    let newer = token_of(&stores, theirs, P::ChangeEmail).towards(address());
    issue(&stores, &newer).await.unwrap();
    issue(&stores, &token_of(&stores, theirs, P::ChangeEmail)).await.unwrap();
    assert_eq!(find_mail(&stores, &newer.token_hash).await.unwrap().new_email, None, "superseded");
    assert_eq!(find_mail(&stores, &used.token_hash).await, Some(used), "what is used stays as it is");
}

pub async fn the_open_mail_token_of_a_purpose_is_found(stores: Stores) {
    use EmailTokenPurpose as P;
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let open = async |user, purpose| {
        let now = stores.env.now();
        let found: StoreResult<_> = stores
            .identity
            .run(&SYSTEM, async |tx| tx.email_tokens().find_open(user, purpose, now).await)
            .await;
        found.unwrap()
    };
    let first = mailed(&stores, mine);
    issue(&stores, &first).await.unwrap();
    assert_eq!(open(mine, P::VerifyEmail).await.as_ref(), Some(&first));
    assert_eq!((open(mine, P::ResetPassword).await, open(theirs, P::VerifyEmail).await), (None, None));
    stores.clock.advance(Duration::from_secs(1));
    let second = mailed(&stores, mine);
    issue(&stores, &second).await.unwrap();
    assert_eq!(open(mine, P::VerifyEmail).await.as_ref(), Some(&second));
    assert!(open_mail(&stores, &second).await.is_some());
    assert_eq!(open(mine, P::VerifyEmail).await, None, "used");
    let late = mailed(&stores, theirs);
    issue(&stores, &late).await.unwrap();
    stores.clock.advance(late.purpose.lifetime());
    assert_eq!(open(theirs, P::VerifyEmail).await, None, "too late");
}

//! Second factors, recovery codes and the logins that wait for them.

use crate::{
    Stores,
    identity::{SYSTEM, stored},
    identity_tokens::logged_in,
};
use futures_util::future::join_all;
use identity::{
    EndReason, MfaChallenge, MfaFactor, Person, TotpSecret,
    ports::{AccessClaims, AccessToken, AccessTokenError, AccessTokens},
    services::{LoggedIn, Proof, SecondFactorService},
};
use kernel::{
    Environment, FactorId, Sealed, SessionId, StoreError, StoreResult, SystemRandomness, TokenHash,
    TokenKind, TokenMint, UserId, testing,
};
use secrecy::ExposeSecret;
use std::{sync::Arc, time::Duration};

#[macro_export]
macro_rules! mfa_cases {
    ($open:path) => {
        $crate::cases!(identity_mfa, $open;
            a_factor_comes_back_as_it_was_saved_and_its_secret_stays,
            a_person_has_one_factor,
            a_removed_factor_leaves_room_for_another_and_other_peoples_alone,
            of_fifty_parallel_uses_of_a_step_one_gets_it_and_no_earlier_one_works_then,
            recovery_codes_are_used_once_by_their_owner,
            of_fifty_parallel_uses_of_a_recovery_code_one_gets_it,
            new_recovery_codes_take_the_place_of_the_old,
            of_parallel_answers_to_a_challenge_five_are_looked_at,
            a_challenge_that_is_over_takes_no_answer,
            a_challenge_is_passed_once,
            a_new_challenge_clears_away_what_has_expired_of_its_person,
            every_live_session_of_a_person_ends_but_the_one_to_be_kept,
            fifty_parallel_logins_with_one_code_start_one_session,
            fifty_parallel_logins_with_one_recovery_code_start_one_session,
        );
    };
}

/// A factor of the person, stored but not confirmed.
pub async fn enrolled(stores: &Stores, user: UserId) -> MfaFactor {
    let sealed = Sealed { key_id: "k1".into(), nonce: vec![1, 2, 3], ciphertext: vec![0, 255, 7] };
    let factor = MfaFactor::pending(stores.env.id(), user, sealed, stores.env.now());
    insert(stores, &factor).await.unwrap();
    factor
}

async fn insert(stores: &Stores, factor: &MfaFactor) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.factors().insert(factor).await).await
}

async fn save(stores: &Stores, factor: &MfaFactor) {
    let saved: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.factors().save(factor).await).await;
    saved.unwrap();
}

async fn found(stores: &Stores, user: UserId) -> Option<MfaFactor> {
    let found: StoreResult<_> = stores.identity.run(&SYSTEM, async |tx| tx.factors().find(user).await).await;
    found.unwrap()
}

async fn use_step(stores: &Stores, id: FactorId, step: i64) -> bool {
    let used: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.factors().use_step(id, step).await).await;
    used.unwrap()
}

fn hash(stores: &Stores) -> TokenHash {
    let mut bytes = [0xee; 32];
    bytes[..16].copy_from_slice(stores.env.ids.uuid().as_bytes());
    TokenHash::from_bytes(bytes)
}

pub async fn a_factor_comes_back_as_it_was_saved_and_its_secret_stays(stores: Stores) {
    let user = stored(&stores).await.user.id;
    let pending = enrolled(&stores, user).await;
    assert_eq!(found(&stores, user).await, Some(pending.clone()));
    assert!(!stores.factors.is_enrolled(&SYSTEM, user).await.unwrap());
    let now = stores.env.now().plus(Duration::from_secs(5));
    let confirmed = pending.confirmed(59_000_000, now).with_failure(now).with_failure(now);
    let tampered = Sealed { key_id: "k9".into(), nonce: vec![], ciphertext: vec![9] };
    save(&stores, &MfaFactor { secret: tampered, ..confirmed.clone() }).await;
    assert_eq!(found(&stores, user).await, Some(confirmed));
    assert!(stores.factors.is_enrolled(&SYSTEM, user).await.unwrap());
    assert_eq!(found(&stores, stores.env.id()).await, None);
    assert!(!stores.factors.is_enrolled(&SYSTEM, stores.env.id()).await.unwrap());
}

pub async fn a_person_has_one_factor(stores: Stores) {
    let user = stored(&stores).await.user.id;
    let first = enrolled(&stores, user).await;
    let second = MfaFactor { id: stores.env.id(), ..first.clone() };
    let refused = insert(&stores, &second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let nobodys = MfaFactor { id: stores.env.id(), user_id: stores.env.id(), ..first };
    let refused = insert(&stores, &nobodys).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
}

pub async fn a_removed_factor_leaves_room_for_another_and_other_peoples_alone(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    enrolled(&stores, mine).await;
    let other = enrolled(&stores, theirs).await;
    let removed: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.factors().remove(mine).await).await;
    removed.unwrap();
    assert_eq!(found(&stores, mine).await, None);
    assert_eq!(found(&stores, theirs).await, Some(other));
    enrolled(&stores, mine).await;
}

pub async fn of_fifty_parallel_uses_of_a_step_one_gets_it_and_no_earlier_one_works_then(stores: Stores) {
    let factor = enrolled(&stores, stored(&stores).await.user.id).await;
    let uses = join_all((0..50).map(|_| use_step(&stores, factor.id, 100))).await;
    assert_eq!(uses.iter().filter(|used| **used).count(), 1);
    for (step, is_free) in [(99, false), (100, false), (101, true), (101, false)] {
        assert_eq!(use_step(&stores, factor.id, step).await, is_free, "{step}");
    }
    assert!(!use_step(&stores, stores.env.id(), 500).await);
    assert_eq!(found(&stores, factor.user_id).await.unwrap().last_used_step, 101);
}

async fn replace(stores: &Stores, user: UserId, codes: &[TokenHash]) {
    let now = stores.env.now();
    let replaced: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.recovery_codes().replace(user, codes, now).await).await;
    replaced.unwrap();
}

async fn consume(stores: &Stores, user: UserId, code: &TokenHash) -> bool {
    let now = stores.env.now();
    let consumed: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.recovery_codes().consume(user, code, now).await).await;
    consumed.unwrap()
}

async fn count_open(stores: &Stores, user: UserId) -> u32 {
    let counted: StoreResult<u32> =
        stores.identity.run(&SYSTEM, async |tx| tx.recovery_codes().count_open(user).await).await;
    counted.unwrap()
}

pub async fn recovery_codes_are_used_once_by_their_owner(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let codes = [hash(&stores), hash(&stores)];
    replace(&stores, mine, &codes).await;
    replace(&stores, theirs, &[hash(&stores)]).await;
    assert!(!consume(&stores, theirs, &codes[0]).await, "another person's");
    assert!(!consume(&stores, mine, &hash(&stores)).await, "nobody's");
    assert!(consume(&stores, mine, &codes[0]).await);
    assert!(!consume(&stores, mine, &codes[0]).await, "used");
    assert_eq!((count_open(&stores, mine).await, count_open(&stores, theirs).await), (1, 1));
}

pub async fn of_fifty_parallel_uses_of_a_recovery_code_one_gets_it(stores: Stores) {
    let user = stored(&stores).await.user.id;
    let code = hash(&stores);
    replace(&stores, user, &[code]).await;
    let uses = join_all((0..50).map(|_| consume(&stores, user, &code))).await;
    assert_eq!(uses.iter().filter(|used| **used).count(), 1);
}

pub async fn new_recovery_codes_take_the_place_of_the_old(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await.user.id, stored(&stores).await.user.id);
    let (old, new, other) = (hash(&stores), hash(&stores), hash(&stores));
    replace(&stores, theirs, &[other]).await;
    replace(&stores, mine, &[old]).await;
    replace(&stores, mine, &[new]).await;
    assert!(!consume(&stores, mine, &old).await);
    assert!(consume(&stores, mine, &new).await);
    replace(&stores, mine, &[]).await;
    assert_eq!((count_open(&stores, mine).await, count_open(&stores, theirs).await), (0, 1));
}

pub async fn challenged(stores: &Stores, person: &Person) -> MfaChallenge {
    let now = stores.env.now();
    let challenge = MfaChallenge::issue(stores.env.id(), &person.user, hash(stores), now);
    let added: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.challenges().insert(&challenge, now).await).await;
    added.unwrap();
    challenge
}

pub async fn look(stores: &Stores, challenge: &MfaChallenge) -> Option<MfaChallenge> {
    let found: StoreResult<_> =
        stores.identity.run(&SYSTEM, async |tx| tx.challenges().find(&challenge.token_hash).await).await;
    found.unwrap()
}

async fn answer(stores: &Stores, challenge: &MfaChallenge) -> Option<MfaChallenge> {
    let now = stores.env.now();
    let answered: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| tx.challenges().answer(&challenge.token_hash, now).await)
        .await;
    answered.unwrap()
}

async fn pass(stores: &Stores, challenge: &MfaChallenge) -> bool {
    let now = stores.env.now();
    let passed: StoreResult<bool> =
        stores.identity.run(&SYSTEM, async |tx| tx.challenges().consume(challenge.id, now).await).await;
    passed.unwrap()
}

pub async fn of_parallel_answers_to_a_challenge_five_are_looked_at(stores: Stores) {
    let challenge = challenged(&stores, &stored(&stores).await).await;
    assert_eq!(look(&stores, &challenge).await, Some(challenge.clone()));
    let answers = join_all((0..20).map(|_| answer(&stores, &challenge))).await;
    let mut attempts: Vec<i32> = answers.into_iter().flatten().map(|challenge| challenge.attempts).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
    assert_eq!(look(&stores, &challenge).await, Some(MfaChallenge { attempts: 5, ..challenge }));
}

pub async fn a_challenge_that_is_over_takes_no_answer(stores: Stores) {
    let person = stored(&stores).await;
    let (used, late) = (challenged(&stores, &person).await, challenged(&stores, &person).await);
    assert!(pass(&stores, &used).await);
    assert_eq!(answer(&stores, &used).await, None);
    assert_eq!(look(&stores, &used).await.unwrap().used_at, Some(stores.env.now()));
    stores.clock.advance(MfaChallenge::LIFETIME);
    assert_eq!(answer(&stores, &late).await, None);
    assert_eq!(look(&stores, &late).await.unwrap().attempts, 0, "nothing was counted");
    let unknown = MfaChallenge { token_hash: hash(&stores), ..late };
    assert_eq!((answer(&stores, &unknown).await, look(&stores, &unknown).await), (None, None));
}

pub async fn a_challenge_is_passed_once(stores: Stores) {
    let challenge = challenged(&stores, &stored(&stores).await).await;
    let passes = join_all((0..20).map(|_| pass(&stores, &challenge))).await;
    assert_eq!(passes.iter().filter(|passed| **passed).count(), 1);
}

pub async fn a_new_challenge_clears_away_what_has_expired_of_its_person(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await, stored(&stores).await);
    let (old, other) = (challenged(&stores, &mine).await, challenged(&stores, &theirs).await);
    stores.clock.advance(Duration::from_secs(60));
    let waiting = challenged(&stores, &mine).await;
    assert!(look(&stores, &old).await.is_some(), "two tabs");
    stores.clock.advance(Duration::from_secs(240));
    challenged(&stores, &mine).await;
    assert_eq!(look(&stores, &old).await, None);
    assert!(look(&stores, &waiting).await.is_some());
    assert!(look(&stores, &other).await.is_some(), "another person's");
}

pub async fn every_live_session_of_a_person_ends_but_the_one_to_be_kept(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await, stored(&stores).await);
    let [kept, first, second, over] = [
        logged_in(&stores, &mine).await.0,
        logged_in(&stores, &mine).await.0,
        logged_in(&stores, &mine).await.0,
        logged_in(&stores, &mine).await.0,
    ];
    let (other, _) = logged_in(&stores, &theirs).await;
    let (user, now) = (mine.user.id, stores.env.now());
    let end_all = async |except: Option<SessionId>| {
        let ended: StoreResult<Vec<SessionId>> = stores
            .identity
            .run(&SYSTEM, async |tx| {
                tx.sessions().end(over.id, user, EndReason::LoggedOut, now).await?;
                tx.sessions().end_all(user, except, EndReason::SecondFactorAdded, now).await
            })
            .await;
        let mut ended = ended.unwrap();
        ended.sort_unstable();
        ended
    };
    let mut expected = [first.id, second.id];
    expected.sort_unstable();
    assert_eq!(end_all(Some(kept.id)).await, expected);
    assert_eq!(end_all(None).await, [kept.id]);
    for (session, reason) in
        [(&first, Some(EndReason::SecondFactorAdded)), (&over, Some(EndReason::LoggedOut)), (&other, None)]
    {
        let standing = stores.sessions.find_standing(&SYSTEM, session.id).await.unwrap().unwrap();
        assert_eq!(standing.session.end_reason, reason);
    }
}

/// Access tokens that say openly what they mean.
struct PlainAccessTokens;

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, user: UserId, session: SessionId) -> Result<AccessToken, AccessTokenError> {
        Ok(AccessToken { token: format!("{user} {session}").into(), expires_in: Duration::from_secs(1_800) })
    }

    fn verify(&self, _: &str) -> Result<AccessClaims, AccessTokenError> {
        Err(AccessTokenError::Invalid("nobody asks here".to_owned()))
    }
}

/// Somebody with a confirmed factor, and fifty logins of theirs that wait for it.
struct Waiting {
    service: SecondFactorService,
    secret: TotpSecret,
    codes: Vec<secrecy::SecretString>,
    tokens: Vec<String>,
    env: Environment,
}

impl Waiting {
    async fn over(stores: &Stores) -> Self {
        let env = stores.env.clone();
        let mut person = stored(stores).await;
        person.user.email_verified_at = Some(env.now());
        person.user.version = 2;
        crate::identity::save(stores, &person.user, 1).await.unwrap();
        let mint = TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap();
        let service = SecondFactorService {
            uow: stores.identity.clone(),
            users: stores.users.clone(),
            factors: stores.factors.clone(),
            cipher: Arc::new(testing::PlainCipher(vec!["k1"])),
            access: Arc::new(PlainAccessTokens),
            mint: mint.clone(),
            randomness: Arc::new(SystemRandomness),
            env: env.clone(),
        };
        let (session, _) = logged_in(stores, &person).await;
        let caller = identity::services::Authenticated {
            user: person.user.id,
            session: Some(session.id),
            since: session.created_at,
        };
        let ctx = testing::call_by(person.user.id);
        let enrolment = service.enrol(&ctx, &caller).await.unwrap();
        let secret = TotpSecret::from_base32(&enrolment.secret).unwrap();
        let earlier = secret.code_at(env.now().minus(Duration::from_secs(30)));
        let codes = service.confirm(&ctx, &caller, &earlier).await.unwrap();
        let mut tokens = Vec::new();
        for _ in 0..50 {
            let token = mint.random(TokenKind::Challenge).unwrap();
            let challenge = MfaChallenge::issue(env.id(), &person.user, token.hash(), env.now());
            let added: StoreResult<()> = stores
                .identity
                .run(&SYSTEM, async |tx| tx.challenges().insert(&challenge, env.now()).await)
                .await;
            added.unwrap();
            tokens.push(token.secret().expose_secret().to_owned());
        }
        Self { service, secret, codes, tokens, env }
    }

    /// What becomes of all of them when they show the same proof at once.
    async fn show(&self, proof: &Proof) -> Vec<LoggedIn> {
        let ctx = kernel::CallContext::new(
            kernel::Actor::Anonymous,
            kernel::CorrelationId::parse("story-call").unwrap(),
        );
        let answers = join_all(self.tokens.iter().map(|token| self.service.pass(&ctx, token, proof))).await;
        let (passed, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        for refused in refused {
            let error = refused.err().unwrap();
            let expected = matches!(
                error,
                identity::IdentityError::MfaCodeInvalid | identity::IdentityError::MfaBlocked(_)
            );
            assert!(expected, "{error:?}");
        }
        passed.into_iter().map(Result::unwrap).collect()
    }
}

pub async fn fifty_parallel_logins_with_one_code_start_one_session(stores: Stores) {
    let waiting = Waiting::over(&stores).await;
    let code = Proof::Code(waiting.secret.code_at(waiting.env.now()));
    assert_eq!(waiting.show(&code).await.len(), 1);
}

pub async fn fifty_parallel_logins_with_one_recovery_code_start_one_session(stores: Stores) {
    let waiting = Waiting::over(&stores).await;
    let code = Proof::RecoveryCode(waiting.codes[0].clone());
    assert_eq!(waiting.show(&code).await.len(), 1);
}

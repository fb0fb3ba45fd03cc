//! People who come in by another service's word.

use crate::{
    Stores,
    identity::{SYSTEM, newcomer, put_in, stored, try_store},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use identity::{
    EmailAddress, ExternalClaims, ExternalIdentity, ExternalSubject, IdentityError, PasswordAttempt,
    PasswordHash, Person, User, UserStatus,
    ports::{
        AccessClaims, AccessToken, AccessTokenError, AccessTokens, ExternalStanding, ExternalTokenError,
        ExternalTokens, HashError, PasswordCheck, PasswordHasher,
    },
    services::SessionService,
};
use kernel::{
    Actor, CallContext, CorrelationId, SessionId, StoreError, StoreResult, SystemRandomness, TokenMint,
    UserId,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

#[macro_export]
macro_rules! external_cases {
    ($open:path) => {
        $crate::cases!(identity_external, $open;
            an_external_identity_comes_back_as_it_went_in,
            a_subject_has_one_account_and_an_issuer_its_own_subjects,
            an_identity_of_nobody_is_refused,
            the_standing_tells_the_status_of_the_user,
            of_parallel_first_calls_one_makes_the_account,
            parallel_first_calls_take_an_unproven_account_once,
        );
    };
}

const ISSUER: &str = "https://project.supabase.example/auth/v1";

fn subject(stores: &Stores, issuer: &str) -> ExternalSubject {
    ExternalSubject::new(issuer, &stores.env.ids.uuid().to_string()).unwrap()
}

fn identity(stores: &Stores, person: &Person) -> ExternalIdentity {
    let linked_at = stores.env.now();
    ExternalIdentity { subject: subject(stores, ISSUER), user_id: person.user.id, linked_at }
}

async fn link(stores: &Stores, identity: &ExternalIdentity) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.external_identities().insert(identity).await).await
}

async fn find(stores: &Stores, subject: &ExternalSubject) -> Option<ExternalIdentity> {
    let found: StoreResult<_> =
        stores.identity.run(&SYSTEM, async |tx| tx.external_identities().find(subject).await).await;
    found.unwrap()
}

async fn standing(stores: &Stores, subject: &ExternalSubject) -> Option<ExternalStanding> {
    stores.external_identities.find_standing(&SYSTEM, subject).await.unwrap()
}

pub async fn an_external_identity_comes_back_as_it_went_in(stores: Stores) {
    let person = stored(&stores).await;
    let identity = identity(&stores, &person);
    assert_eq!(find(&stores, &identity.subject).await, None);
    link(&stores, &identity).await.unwrap();
    assert_eq!(find(&stores, &identity.subject).await.as_ref(), Some(&identity));
    let expected = ExternalStanding { user: person.user.id, status: UserStatus::Active };
    assert_eq!(standing(&stores, &identity.subject).await, Some(expected));
}

pub async fn a_subject_has_one_account_and_an_issuer_its_own_subjects(stores: Stores) {
    let (first, second) = (stored(&stores).await, stored(&stores).await);
    let linked = identity(&stores, &first);
    link(&stores, &linked).await.unwrap();
    let again = ExternalIdentity { user_id: second.user.id, ..linked.clone() };
    let refused = link(&stores, &again).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let elsewhere =
        ExternalSubject { issuer: "https://other.example/auth/v1".to_owned(), ..linked.subject.clone() };
    assert_eq!(find(&stores, &elsewhere).await, None);
    assert_eq!(standing(&stores, &elsewhere).await, None);
    let other = ExternalIdentity { subject: elsewhere.clone(), ..again };
    link(&stores, &other).await.unwrap();
    assert_eq!(find(&stores, &elsewhere).await.unwrap().user_id, second.user.id);
    assert_eq!(find(&stores, &linked.subject).await.unwrap().user_id, first.user.id);
    link(&stores, &identity(&stores, &first)).await.unwrap();
    let listed = stores.personal_data.list_identities(&SYSTEM, second.user.id).await;
    assert_eq!(listed, Ok(vec![other]));
}

pub async fn an_identity_of_nobody_is_refused(stores: Stores) {
    let refused = link(&stores, &identity(&stores, &newcomer(&stores))).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
}

pub async fn the_standing_tells_the_status_of_the_user(stores: Stores) {
    let person = stored(&stores).await;
    let identity = identity(&stores, &person);
    link(&stores, &identity).await.unwrap();
    put_in(&stores, &person, UserStatus::Banned).await;
    assert_eq!(standing(&stores, &identity.subject).await.unwrap().status, UserStatus::Banned);
    assert_eq!(standing(&stores, &subject(&stores, ISSUER)).await, None);
}

/// A service whose tokens are `subject address`.
struct Project(Stores);

#[async_trait]
impl ExternalTokens for Project {
    async fn verify(&self, token: &str) -> Result<ExternalClaims, ExternalTokenError> {
        let (subject, email) = token.split_once(' ').unwrap();
        Ok(ExternalClaims {
            subject: ExternalSubject::new(ISSUER, subject).unwrap(),
            email: EmailAddress::parse(email).unwrap(),
            display_name: None,
            authenticated_at: None,
            expires_at: self.0.env.now().plus(Duration::from_secs(3_600)),
        })
    }
}

struct Nothing;

#[async_trait]
impl PasswordHasher for Nothing {
    async fn hash(&self, _: &PasswordAttempt) -> Result<PasswordHash, HashError> {
        Err(HashError::Overloaded)
    }

    async fn verify(
        &self,
        _: &PasswordAttempt,
        _: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HashError> {
        Err(HashError::Overloaded)
    }
}

impl AccessTokens for Nothing {
    fn issue(&self, _: UserId, _: SessionId) -> Result<AccessToken, AccessTokenError> {
        Err(AccessTokenError::Failed("no own tokens here".to_owned()))
    }

    fn verify(&self, _: &str) -> Result<AccessClaims, AccessTokenError> {
        Err(AccessTokenError::Invalid("no own tokens here".to_owned()))
    }
}

fn service(stores: &Stores) -> SessionService {
    let mint = TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap();
    let (uow, directory, sessions) =
        (stores.identity.clone(), stores.directory.clone(), stores.sessions.clone());
    let (hasher, access) = (Arc::new(Nothing), Arc::new(Nothing));
    let service = SessionService::new(uow, directory, sessions, hasher, access, mint, stores.env.clone());
    service.accepting(Arc::new(Project(stores.clone())), stores.external_identities.clone())
}

/// Ten first calls at once with one token; who they were taken for.
async fn ten_calls(stores: &Stores, email: &EmailAddress) -> BTreeSet<UserId> {
    let (service, token) = (service(stores), format!("{} {email}", stores.env.ids.uuid()));
    let ctx = CallContext::new(Actor::Anonymous, CorrelationId::parse("story-call").unwrap());
    let answers = join_all((0..10).map(|_| service.identify(&ctx, &token))).await;
    let found: Result<BTreeSet<UserId>, IdentityError> =
        answers.into_iter().map(|answer| answer.map(|caller| caller.user)).collect();
    found.unwrap()
}

pub async fn of_parallel_first_calls_one_makes_the_account(stores: Stores) {
    let email = newcomer(&stores).user.email;
    let users = ten_calls(&stores, &email).await;
    let person = stores.directory.find_by_email(&SYSTEM, &email).await.unwrap().unwrap();
    assert_eq!(users, BTreeSet::from([person.user.id]));
    assert!(person.user.email_verified_at.is_some() && person.user.password_hash.is_none());
}

pub async fn parallel_first_calls_take_an_unproven_account_once(stores: Stores) {
    let squatter = newcomer(&stores);
    try_store(&stores, &squatter).await.unwrap();
    let users = ten_calls(&stores, &squatter.user.email).await;
    assert_eq!(users, BTreeSet::from([squatter.user.id]));
    let person = stores.directory.find_by_email(&SYSTEM, &squatter.user.email).await.unwrap().unwrap();
    let taken =
        User { email_verified_at: Some(stores.env.now()), password_hash: None, version: 2, ..squatter.user };
    assert_eq!(person.user, taken);
}

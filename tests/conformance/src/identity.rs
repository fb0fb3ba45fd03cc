//! People: who has an account, who sees it.

use crate::Stores;
use futures_util::future::join_all;
use identity::{DirectoryEntry, EmailAddress, PasswordHash, Person, PlatformRole, Profile, User, UserStatus};
use kernel::{StoreError, StoreResult, SystemScope, UserScope, testing};

#[macro_export]
macro_rules! identity_cases {
    ($open:path) => {
        $crate::cases!(identity, $open;
            a_person_comes_back_as_they_went_in,
            a_person_without_password_and_name_comes_back_too,
            an_address_is_taken_whatever_its_case,
            of_parallel_newcomers_with_one_address_one_comes_in,
            a_stale_or_unknown_person_is_not_saved,
            a_user_that_was_found_stays_as_found_until_the_unit_ends,
            another_persons_scope_sees_nothing_of_mine,
            the_directory_lists_who_is_known_and_not_gone,
        );
    };
}

pub const SYSTEM: SystemScope = SystemScope::for_authentication();

/// Somebody whom no other case knows, not stored yet.
pub fn newcomer(stores: &Stores) -> Person {
    let id: kernel::UserId = stores.env.id();
    let email = EmailAddress::parse(&format!("Ada.{}@Example.com", id.uuid().simple())).unwrap();
    let hash = PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".into());
    let profile = Profile {
        time_zone: Some("Asia/Kolkata".into()),
        locale: Some("en-IN".into()),
        job_title: Some("Analyst".into()),
        avatar_url: Some("https://example.com/ada.png".into()),
        ..Profile::new(id, Some("Ada “ünïcode” Lovelace".into()))
    };
    Person { user: User::new(id, email, hash, stores.env.now()), profile }
}

pub async fn try_store(stores: &Stores, person: &Person) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.users().insert(&person.user, &person.profile).await).await
}

pub async fn stored(stores: &Stores) -> Person {
    let person = newcomer(stores);
    try_store(stores, &person).await.unwrap();
    person
}

pub async fn save(stores: &Stores, user: &User, expected: i32) -> StoreResult<()> {
    stores.identity.run(&SYSTEM, async |tx| tx.users().save(user, expected).await).await
}

/// Stores the person with another status.
pub async fn put_in(stores: &Stores, person: &Person, status: UserStatus) {
    let user = User { status, version: person.user.version + 1, ..person.user.clone() };
    save(stores, &user, person.user.version).await.unwrap();
}

fn scope_of(person: &Person) -> UserScope {
    UserScope::of(&testing::call_by(person.user.id)).unwrap()
}

fn shouted(email: &EmailAddress) -> EmailAddress {
    EmailAddress::parse(&email.as_str().to_uppercase()).unwrap()
}

pub async fn a_person_comes_back_as_they_went_in(stores: Stores) {
    let person = stored(&stores).await;
    let (id, email) = (person.user.id, shouted(&person.user.email));
    assert_eq!(stores.users.find(&scope_of(&person)).await.unwrap().as_ref(), Some(&person));
    assert_eq!(stores.directory.find_by_email(&SYSTEM, &email).await.unwrap().as_ref(), Some(&person));
    let found: StoreResult<_> = stores
        .identity
        .run(&SYSTEM, async |tx| Ok((tx.users().find(id).await?, tx.users().find_by_email(&email).await?)))
        .await;
    assert_eq!(found.unwrap(), (Some(person.user.clone()), Some(person.user)));
}

pub async fn a_person_without_password_and_name_comes_back_too(stores: Stores) {
    let mut person = stored(&stores).await;
    person.user = User {
        email_verified_at: Some(stores.env.now()),
        password_hash: None,
        platform_role: PlatformRole::Admin,
        status: UserStatus::Banned,
        version: 2,
        ..person.user
    };
    save(&stores, &person.user, 1).await.unwrap();
    assert_eq!(stores.users.find(&scope_of(&person)).await.unwrap().as_ref(), Some(&person));
    let mut bare = newcomer(&stores);
    bare.profile = Profile::new(bare.user.id, None);
    try_store(&stores, &bare).await.unwrap();
    assert_eq!(stores.users.find(&scope_of(&bare)).await.unwrap(), Some(bare));
}

pub async fn an_address_is_taken_whatever_its_case(stores: Stores) {
    let (first, mut second) = (stored(&stores).await, newcomer(&stores));
    second.user.email = shouted(&first.user.email);
    let refused = try_store(&stores, &second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(stores.users.find(&scope_of(&second)).await.unwrap(), None);
    let third = stored(&stores).await;
    let moved = User { email: shouted(&first.user.email), version: 2, ..third.user };
    let refused = save(&stores, &moved, 1).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let own = User { email: shouted(&first.user.email), version: 2, ..first.user };
    assert_eq!(save(&stores, &own, 1).await, Ok(()), "one's own address may change its case");
}

pub async fn of_parallel_newcomers_with_one_address_one_comes_in(stores: Stores) {
    let email = newcomer(&stores).user.email;
    let mut people: Vec<Person> = (0..10).map(|_| newcomer(&stores)).collect();
    for person in &mut people {
        person.user.email = email.clone();
    }
    let answers = join_all(people.iter().map(|person| try_store(&stores, person))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused:?}");
    }
}

pub async fn a_stale_or_unknown_person_is_not_saved(stores: Stores) {
    let person = stored(&stores).await;
    let changed = User { status: UserStatus::Banned, version: 8, ..person.user.clone() };
    assert_eq!(save(&stores, &changed, 7).await, Err(StoreError::Stale));
    assert_eq!(stores.users.find(&scope_of(&person)).await.unwrap(), Some(person));
    assert_eq!(save(&stores, &newcomer(&stores).user, 1).await, Err(StoreError::Stale));
}

pub async fn a_user_that_was_found_stays_as_found_until_the_unit_ends(stores: Stores) {
    let id = stored(&stores).await.user.id;
    let changes = (0..20).map(|_| async {
        let changed: StoreResult<()> = stores
            .identity
            .run(&SYSTEM, async |tx| {
                let user = tx.users().find(id).await?.unwrap();
                tokio::task::yield_now().await;
                tx.users().save(&User { version: user.version + 1, ..user.clone() }, user.version).await
            })
            .await;
        changed.unwrap();
    });
    join_all(changes).await;
    let found: StoreResult<_> = stores.identity.run(&SYSTEM, async |tx| tx.users().find(id).await).await;
    assert_eq!(found.unwrap().unwrap().version, 21);
}

pub async fn another_persons_scope_sees_nothing_of_mine(stores: Stores) {
    let (mine, theirs) = (stored(&stores).await, stored(&stores).await);
    assert_eq!(stores.users.find(&scope_of(&theirs)).await.unwrap(), Some(theirs));
    assert_eq!(stores.users.find(&scope_of(&newcomer(&stores))).await.unwrap(), None);
    assert_eq!(stores.users.find(&scope_of(&mine)).await.unwrap(), Some(mine));
}

pub async fn the_directory_lists_who_is_known_and_not_gone(stores: Stores) {
    let [known, banned, gone] = [stored(&stores).await, stored(&stores).await, stored(&stores).await];
    stored(&stores).await;
    put_in(&stores, &banned, UserStatus::Banned).await;
    put_in(&stores, &gone, UserStatus::Deleted).await;
    let asked = [gone.user.id, stores.env.id(), known.user.id, banned.user.id, known.user.id];
    let mut entries = stores.directory.list_entries(&SYSTEM, &asked).await.unwrap();
    entries.sort_by_key(|entry| entry.user_id);
    let mut expected = [&known, &banned].map(|person| DirectoryEntry {
        user_id: person.user.id,
        email: person.user.email.clone(),
        display_name: person.profile.display_name.clone(),
    });
    expected.sort_by_key(|entry| entry.user_id);
    assert_eq!(entries, expected, "each once, in any order");
    assert_eq!(stores.directory.list_entries(&SYSTEM, &[]).await.unwrap(), []);
    let found = stores.directory.find_by_email(&SYSTEM, &gone.user.email).await.unwrap().unwrap();
    assert_eq!(found.user.status, UserStatus::Deleted, "whatever their status");
    let unknown = newcomer(&stores).user.email;
    assert_eq!(stores.directory.find_by_email(&SYSTEM, &unknown).await.unwrap(), None);
}

//! People, as those see and change them who administer the platform.

use crate::{
    Stores,
    identity::{SYSTEM, newcomer, put_in, save, stored, try_store},
};
use async_trait::async_trait;
use futures_util::future::join_all;
use identity::{
    IdentityError, PeopleFilter, Person, PlatformRole, Profile, User, UserStatus,
    ports::Colleagues,
    services::{AdministrationService, ChangePerson},
};
use kernel::{Limit, PageRequest, StoreResult, UserId, UserScope, testing};
use std::sync::Arc;

#[macro_export]
macro_rules! people_cases {
    ($open:path) => {
        $crate::cases!(people, $open;
            a_person_is_found_by_id_whatever_their_status,
            people_are_found_by_the_beginning_of_the_address_or_a_part_of_the_name,
            people_come_the_newest_first_in_pages,
            a_profile_is_replaced_whole,
            administrators_are_the_active_ones_with_the_role,
            of_two_administrators_that_demote_each_other_one_stays,
        );
    };
}

async fn found(stores: &Stores, text: &str, status: Option<UserStatus>) -> Vec<UserId> {
    let filter = PeopleFilter { text: Some(text.to_owned()), status };
    let page = stores.people.page(&SYSTEM, &filter, &PageRequest::default()).await.unwrap();
    assert!(page.items.iter().all(|person| filter.matches(person)), "as the filter itself says");
    page.items.into_iter().map(|person| person.user.id).collect()
}

async fn named(stores: &Stores, name: &str) -> Person {
    let mut person = newcomer(stores);
    person.profile.display_name = Some(name.to_owned());
    try_store(stores, &person).await.unwrap();
    person
}

pub async fn a_person_is_found_by_id_whatever_their_status(stores: Stores) {
    let mut person = stored(&stores).await;
    assert_eq!(stores.people.find(&SYSTEM, person.user.id).await.unwrap().as_ref(), Some(&person));
    put_in(&stores, &person, UserStatus::Deleted).await;
    person.user = User { status: UserStatus::Deleted, version: 2, ..person.user };
    assert_eq!(stores.people.find(&SYSTEM, person.user.id).await.unwrap().as_ref(), Some(&person));
    let in_unit: StoreResult<_> =
        stores.identity.run(&SYSTEM, async |tx| tx.people().find_person(person.user.id).await).await;
    assert_eq!(in_unit.unwrap(), Some(person));
    assert_eq!(stores.people.find(&SYSTEM, stores.env.id()).await.unwrap(), None);
}

pub async fn people_are_found_by_the_beginning_of_the_address_or_a_part_of_the_name(stores: Stores) {
    let mark = stores.env.ids.uuid().simple().to_string();
    let person = named(&stores, &format!("Grace 100%_ {mark} “Ünï” Hopper")).await;
    let id = person.user.id;
    let address = format!("aDa.{}@EXAMPLE", id.uuid().simple());
    for text in [address.as_str(), &format!("100%_ {mark}"), &format!("{} “Ünï”", mark.to_uppercase())]
    {
        assert_eq!(found(&stores, text, None).await, [id], "{text}");
    }
    let nothing = [
        format!("ada_{}", id.uuid().simple()),
        format!("{}@example", id.uuid().simple()),
        format!("100__ {mark}"),
        format!("%{mark}"),
        format!("{mark}\\"),
    ];
    for text in nothing {
        assert!(found(&stores, &text, None).await.is_empty(), "{text}");
    }
    assert_eq!(found(&stores, &mark, Some(UserStatus::Active)).await, [id]);
    assert!(found(&stores, &mark, Some(UserStatus::Banned)).await.is_empty());
    put_in(&stores, &person, UserStatus::Banned).await;
    assert_eq!(found(&stores, &mark, Some(UserStatus::Banned)).await, [id]);
}

pub async fn people_come_the_newest_first_in_pages(stores: Stores) {
    let mark = stores.env.ids.uuid().simple().to_string();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(named(&stores, &mark).await.user.id);
    }
    ids.sort();
    ids.reverse();
    let filter = PeopleFilter { text: Some(mark), status: None };
    let (mut request, mut pages) = (PageRequest { limit: Limit::new(2).unwrap(), after: None }, Vec::new());
    loop {
        let page = stores.people.page(&SYSTEM, &filter, &request).await.unwrap();
        pages.push(page.items.iter().map(|person| person.user.id).collect::<Vec<_>>());
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(pages, [ids[..2].to_vec(), ids[2..].to_vec()]);
}

pub async fn a_profile_is_replaced_whole(stores: Stores) {
    let (mut person, other) = (stored(&stores).await, stored(&stores).await);
    person.profile = Profile::new(person.user.id, Some("Ada".into()));
    let saved: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.people().save_profile(&person.profile).await).await;
    saved.unwrap();
    assert_eq!(stores.people.find(&SYSTEM, person.user.id).await.unwrap(), Some(person));
    assert_eq!(stores.people.find(&SYSTEM, other.user.id).await.unwrap(), Some(other));
}

/// Somebody who administers the platform.
pub async fn administrator(stores: &Stores) -> Person {
    let person = stored(stores).await;
    let user = User { platform_role: PlatformRole::Admin, version: 2, ..person.user };
    save(stores, &user, 1).await.unwrap();
    Person { user, ..person }
}

pub async fn administrators_are_the_active_ones_with_the_role(stores: Stores) {
    let (admin, banned, user) =
        (administrator(&stores).await, administrator(&stores).await, stored(&stores).await);
    put_in(&stores, &banned, UserStatus::Banned).await;
    let all: StoreResult<Vec<UserId>> =
        stores.identity.run(&SYSTEM, async |tx| tx.people().administrators().await).await;
    let all = all.unwrap();
    assert!(all.contains(&admin.user.id), "{all:?}");
    assert!(!all.contains(&banned.user.id) && !all.contains(&user.user.id), "{all:?}");
    assert!(all.is_sorted());
}

struct Strangers;

#[async_trait]
impl Colleagues for Strangers {
    async fn share_a_workspace(&self, _: &UserScope, _: UserId) -> StoreResult<bool> {
        Ok(false)
    }
}

pub async fn of_two_administrators_that_demote_each_other_one_stays(stores: Stores) {
    let service = AdministrationService {
        uow: stores.identity.clone(),
        users: stores.users.clone(),
        people: stores.people.clone(),
        colleagues: Arc::new(Strangers),
        env: stores.env.clone(),
    };
    let pair = [administrator(&stores).await.user.id, administrator(&stores).await.user.id];
    let demote = ChangePerson { platform_role: Some(PlatformRole::User), ..ChangePerson::default() };
    let calls = [(pair[0], pair[1]), (pair[1], pair[0])].map(|(by, whom)| {
        let (service, demote) = (service.clone(), demote.clone());
        async move { service.change(&testing::call_by(by), whom, demote, None).await }
    });
    let answers = join_all(calls).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused[..], [IdentityError::Denied(_)]), "{refused:?}");
}

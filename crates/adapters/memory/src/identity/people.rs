use super::{SystemUnit, leads_somewhere};
use crate::store::Store;
use ::identity::{
    PeopleFilter, Person, Profile,
    ports::{PeopleReader, PeopleRepository},
};
use async_trait::async_trait;
use kernel::{Page, PageRequest, StoreResult, SystemScope, UserId};

#[async_trait]
impl PeopleRepository for SystemUnit {
    async fn find_person(&mut self, id: UserId) -> StoreResult<Option<Person>> {
        self.statement(|unit| Ok(unit.state.identity.people.get(&id).cloned()))
    }

    async fn save_profile(&mut self, profile: &Profile) -> StoreResult<()> {
        self.statement(|unit| {
            let person = unit.state.identity.people.get_mut(&profile.user_id);
            leads_somewhere(person.is_some(), "profiles")?;
            if let Some(person) = person {
                person.profile = profile.clone();
            }
            Ok(())
        })
    }

    async fn administrators(&mut self) -> StoreResult<Vec<UserId>> {
        self.statement(|unit| {
            let people = unit.state.identity.people.values();
            Ok(people.filter(|person| person.user.is_administrator()).map(|person| person.user.id).collect())
        })
    }
}

#[async_trait]
impl PeopleReader for Store {
    async fn find(&self, _: &SystemScope, id: UserId) -> StoreResult<Option<Person>> {
        Ok(self.state().await?.identity.people.get(&id).cloned())
    }

    async fn page(
        &self,
        _: &SystemScope,
        filter: &PeopleFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Person>> {
        let state = self.state().await?;
        let found = state.identity.people.values().rev().filter(|person| {
            filter.matches(person) && request.after.is_none_or(|after| person.user.id.uuid() < after)
        });
        Ok(Page::cut(found.cloned().collect(), request.limit, |person| person.user.id.uuid()))
    }
}

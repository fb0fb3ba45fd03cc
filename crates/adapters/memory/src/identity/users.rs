use super::{SystemUnit, unique};
use crate::store::Store;
use ::identity::{
    DirectoryEntry, EmailAddress, Person, Profile, User, UserStatus,
    ports::{UserDirectory, UserReader, UserRepository},
};
use async_trait::async_trait;
use kernel::{StoreError, StoreResult, SystemScope, UserId, UserScope};

#[async_trait]
impl UserRepository for SystemUnit {
    async fn insert(&mut self, user: &User, profile: &Profile) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.people.contains_key(&user.id), "users_pkey")?;
            state.own_address(user)?;
            state.people.insert(user.id, Person { user: user.clone(), profile: profile.clone() });
            Ok(())
        })
    }

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        self.statement(|unit| Ok(unit.state.identity.people.get(&id).map(|person| person.user.clone())))
    }

    async fn find_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<User>> {
        self.statement(|unit| Ok(unit.state.identity.by_email(email).map(|person| person.user.clone())))
    }

    async fn save(&mut self, user: &User, expected: i32) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            let stored = state.people.get(&user.id).filter(|stored| stored.user.version == expected);
            let profile = stored.ok_or(StoreError::Stale)?.profile.clone();
            state.own_address(user)?;
            state.people.insert(user.id, Person { user: user.clone(), profile });
            Ok(())
        })
    }
}

#[async_trait]
impl UserReader for Store {
    async fn find(&self, scope: &UserScope) -> StoreResult<Option<Person>> {
        Ok(self.state().await?.identity.people.get(&scope.user()).cloned())
    }
}

#[async_trait]
impl UserDirectory for Store {
    async fn find_by_email(&self, _: &SystemScope, email: &EmailAddress) -> StoreResult<Option<Person>> {
        Ok(self.state().await?.identity.by_email(email).cloned())
    }

    async fn list_entries(&self, _: &SystemScope, users: &[UserId]) -> StoreResult<Vec<DirectoryEntry>> {
        let state = self.state().await?;
        let known =
            state.identity.people.values().filter(|person| {
                users.contains(&person.user.id) && person.user.status != UserStatus::Deleted
            });
        Ok(known
            .map(|Person { user, profile }| DirectoryEntry {
                user_id: user.id,
                email: user.email.clone(),
                display_name: profile.display_name.clone(),
            })
            .collect())
    }
}

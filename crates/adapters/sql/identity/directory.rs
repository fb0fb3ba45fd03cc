use super::users::{ProfileRow, Row, email};
use crate::sql::{
    Store, Uid,
    schema::{profiles, users},
};
use async_trait::async_trait;
use diesel::prelude::*;
use identity::{
    DirectoryEntry, EmailAddress, Person, UserStatus,
    ports::{UserDirectory, UserReader},
};
use kernel::{StoreResult, SystemScope, UserId, UserScope};

pub(super) fn person((user, profile): (Row, ProfileRow)) -> StoreResult<Person> {
    Ok(Person { user: user.try_into()?, profile: profile.into() })
}

#[async_trait]
impl UserReader for Store {
    async fn find(&self, scope: &UserScope) -> StoreResult<Option<Person>> {
        let query = users::table
            .inner_join(profiles::table.on(profiles::user_id.eq(users::id)))
            .filter(users::id.eq(Uid::from(scope.user())))
            .select((Row::as_select(), ProfileRow::as_select()));
        let rows: Vec<(Row, ProfileRow)> = self.read(scope, query).await?;
        rows.into_iter().next().map(person).transpose()
    }
}

#[async_trait]
impl UserDirectory for Store {
    async fn find_by_email(&self, scope: &SystemScope, email: &EmailAddress) -> StoreResult<Option<Person>> {
        let query = users::table
            .inner_join(profiles::table.on(profiles::user_id.eq(users::id)))
            .filter(users::email_lower.eq(email.lower()))
            .select((Row::as_select(), ProfileRow::as_select()));
        let rows: Vec<(Row, ProfileRow)> = self.read(scope, query).await?;
        rows.into_iter().next().map(person).transpose()
    }

    async fn list_entries(&self, scope: &SystemScope, ids: &[UserId]) -> StoreResult<Vec<DirectoryEntry>> {
        let wanted: Vec<Uid> = ids.iter().copied().map(Uid::from).collect();
        let query = users::table
            .inner_join(profiles::table.on(profiles::user_id.eq(users::id)))
            .filter(users::id.eq_any(wanted))
            .filter(users::status.ne(UserStatus::Deleted.name()))
            .select((users::id, users::email, profiles::display_name));
        let rows: Vec<(Uid, String, Option<String>)> = self.read(scope, query).await?;
        let entry = |(id, address, display_name): (Uid, String, Option<String>)| {
            Ok(DirectoryEntry { user_id: id.into(), email: email(&address)?, display_name })
        };
        rows.into_iter().map(entry).collect()
    }
}

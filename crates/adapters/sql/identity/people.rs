use super::{
    directory::person,
    users::{ProfileRow, Row},
};
use crate::{
    dialect,
    sql::{
        Store, SystemUnit, Uid,
        schema::{profiles, users},
    },
};
use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};
use diesel_async::RunQueryDsl;
use identity::{
    PeopleFilter, Person, PlatformRole, Profile, UserStatus,
    ports::{PeopleReader, PeopleRepository},
};
use kernel::{Page, PageRequest, StoreError, StoreResult, SystemScope, UserId};

diesel::define_sql_function! {
    /// On columns in bytewise order both databases change the letters of ASCII only.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// The key of whoever changes who administers the platform.
const ADMINISTRATORS: &str = "platform administrators";

#[async_trait]
impl PeopleRepository for SystemUnit {
    async fn find_person(&mut self, id: UserId) -> StoreResult<Option<Person>> {
        let user = users::table.filter(users::id.eq(Uid::from(id))).select(Row::as_select());
        let found = dialect::held!(user).first::<Row>(self.conn()?).await.optional();
        let Some(user) = self.note(found)? else { return Ok(None) };
        let profile = profiles::table
            .filter(profiles::user_id.eq(Uid::from(id)))
            .select(ProfileRow::as_select())
            .first::<ProfileRow>(self.conn()?)
            .await;
        person((user, self.note(profile)?)).map(Some)
    }

    async fn save_profile(&mut self, profile: &Profile) -> StoreResult<()> {
        let stored = profiles::table.filter(profiles::user_id.eq(Uid::from(profile.user_id)));
        let saved = diesel::update(stored).set(ProfileRow::from(profile)).execute(self.conn()?).await;
        let is_there = self.note(saved)? == 1;
        if is_there { Ok(()) } else { Err(StoreError::Dangling("profiles".to_owned())) }
    }

    async fn administrators(&mut self) -> StoreResult<Vec<UserId>> {
        let held = dialect::hold(self.conn()?, ADMINISTRATORS).await;
        self.note(held)?;
        let ids = users::table
            .filter(users::platform_role.eq(PlatformRole::Admin.name()))
            .filter(users::status.eq(UserStatus::Active.name()))
            .order(users::id)
            .select(users::id)
            .load::<Uid>(self.conn()?)
            .await;
        Ok(self.note(ids)?.into_iter().map(Into::into).collect())
    }
}

/// The text as a pattern of `like` that means itself.
fn literal(text: &str) -> String {
    let escaped = text.to_ascii_lowercase();
    escaped.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[async_trait]
impl PeopleReader for Store {
    async fn find(&self, scope: &SystemScope, id: UserId) -> StoreResult<Option<Person>> {
        let query = users::table
            .inner_join(profiles::table.on(profiles::user_id.eq(users::id)))
            .filter(users::id.eq(Uid::from(id)))
            .select((Row::as_select(), ProfileRow::as_select()));
        let rows: Vec<(Row, ProfileRow)> = self.read(scope, query).await?;
        rows.into_iter().next().map(person).transpose()
    }

    async fn page(
        &self,
        scope: &SystemScope,
        filter: &PeopleFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<Person>> {
        let mut query = users::table
            .inner_join(profiles::table.on(profiles::user_id.eq(users::id)))
            .order(users::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select((Row::as_select(), ProfileRow::as_select()))
            .into_boxed();
        if let Some(text) = &filter.text {
            let text = literal(text);
            let by_address = users::email_lower.like(format!("{text}%")).escape('\\');
            let by_name = lower(profiles::display_name).like(format!("%{text}%")).escape('\\');
            query = query.filter(by_address.nullable().or(by_name));
        }
        if let Some(status) = filter.status {
            query = query.filter(users::status.eq(status.name()));
        }
        if let Some(after) = request.after {
            query = query.filter(users::id.lt(Uid(after)));
        }
        let rows: Vec<(Row, ProfileRow)> = self.read(scope, query).await?;
        let people = rows.into_iter().map(person).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(people, request.limit, |person| person.user.id.uuid()))
    }
}

use crate::{
    dialect::{self, Backend},
    sql::{
        SystemUnit, Time, Uid,
        schema::{profiles, users},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{EmailAddress, PasswordHash, PlatformRole, Profile, User, UserStatus, ports::UserRepository};
use kernel::{StoreError, StoreResult, UserId};

/// Deliberately without `Debug`, as it holds the password's hash.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, check_for_backend(Backend), treat_none_as_null = true)]
pub(super) struct Row {
    id: Uid,
    email: String,
    email_lower: String,
    email_verified_at: Option<Time>,
    status: String,
    platform_role: String,
    password_hash: Option<String>,
    version: i32,
    created_at: Time,
}

impl From<&User> for Row {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.into(),
            email: user.email.as_str().to_owned(),
            email_lower: user.email.lower(),
            email_verified_at: user.email_verified_at.map(Into::into),
            status: user.status.name().to_owned(),
            platform_role: user.platform_role.name().to_owned(),
            password_hash: user.password_hash.as_ref().map(|hash| hash.expose().to_owned()),
            version: user.version,
            created_at: user.created_at.into(),
        }
    }
}

impl TryFrom<Row> for User {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            email: email(&row.email)?,
            email_verified_at: row.email_verified_at.map(|at| at.0),
            status: text("users.status", &row.status, UserStatus::from_name)?,
            platform_role: text("users.platform_role", &row.platform_role, PlatformRole::from_name)?,
            password_hash: row.password_hash.map(PasswordHash::new),
            version: row.version,
            created_at: row.created_at.0,
        })
    }
}

/// The error does not tell the address: it may end in a log.
pub(super) fn email(email: &str) -> StoreResult<EmailAddress> {
    EmailAddress::parse(email).map_err(|_| StoreError::Corrupt("users.email holds no address".to_owned()))
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = profiles, check_for_backend(Backend), treat_none_as_null = true)]
pub(super) struct ProfileRow {
    user_id: Uid,
    display_name: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
    job_title: Option<String>,
    avatar_url: Option<String>,
}

impl From<&Profile> for ProfileRow {
    fn from(profile: &Profile) -> Self {
        Self {
            user_id: profile.user_id.into(),
            display_name: profile.display_name.clone(),
            time_zone: profile.time_zone.clone(),
            locale: profile.locale.clone(),
            job_title: profile.job_title.clone(),
            avatar_url: profile.avatar_url.clone(),
        }
    }
}

impl From<ProfileRow> for Profile {
    fn from(row: ProfileRow) -> Self {
        Self {
            user_id: row.user_id.into(),
            display_name: row.display_name,
            time_zone: row.time_zone,
            locale: row.locale,
            job_title: row.job_title,
            avatar_url: row.avatar_url,
        }
    }
}

#[async_trait]
impl UserRepository for SystemUnit {
    async fn insert(&mut self, user: &User, profile: &Profile) -> StoreResult<()> {
        let inserted = diesel::insert_into(users::table).values(Row::from(user)).execute(self.conn()?).await;
        self.note(inserted)?;
        let row = ProfileRow::from(profile);
        let inserted = diesel::insert_into(profiles::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: UserId) -> StoreResult<Option<User>> {
        let user = users::table.filter(users::id.eq(Uid::from(id))).select(Row::as_select());
        let found = dialect::held!(user).first::<Row>(self.conn()?).await.optional();
        self.note(found)?.map(User::try_from).transpose()
    }

    async fn find_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<User>> {
        let found = users::table
            .filter(users::email_lower.eq(email.lower()))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(User::try_from).transpose()
    }

    async fn save(&mut self, user: &User, expected: i32) -> StoreResult<()> {
        let stored =
            users::table.filter(users::id.eq(Uid::from(user.id))).filter(users::version.eq(expected));
        let saved = diesel::update(stored).set(Row::from(user)).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

use super::{external, sessions};
use crate::{
    dialect::Backend,
    sql::{
        Store, SystemUnit, Time, Uid,
        events::TrailRow,
        json::Json,
        schema::{
            self, email_tokens, events, external_identities as externals, mfa_challenges, mfa_factors,
            person_exports, recovery_codes, user_secrets,
        },
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    ExternalIdentity, Person, PersonExport, Session,
    ports::{PersonalDataReader, PersonalDataRepository},
};
use kernel::{Actor, AuditEntry, Page, PageRequest, StoreResult, SystemScope, Timestamp, UserId, UserScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = person_exports, check_for_backend(Backend))]
struct ExportRow {
    user_id: Uid,
    document: Json,
    created_at: Time,
    expires_at: Time,
}

impl From<&PersonExport> for ExportRow {
    fn from(export: &PersonExport) -> Self {
        Self {
            user_id: export.user_id.into(),
            document: export.document.clone(),
            created_at: export.created_at.into(),
            expires_at: export.expires_at.into(),
        }
    }
}

impl From<ExportRow> for PersonExport {
    fn from(row: ExportRow) -> Self {
        Self {
            user_id: row.user_id.into(),
            document: row.document,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
        }
    }
}

/// Facts of the person's own trail, and those that they brought about. (A macro, as the type of the condition can't be
/// written down.)
macro_rules! concerns {
    ($user:expr) => {{
        let by_them = events::actor_kind.eq(Actor::User($user).kind());
        let by_them = by_them.and(events::actor_id.eq(Uid::from($user)));
        events::user_id.eq(Uid::from($user)).or(by_them)
    }};
}

impl SystemUnit {
    /// What lets the person in, and what they keep here: of no use to anybody once they are gone.
    async fn forget_credentials(&mut self, user: Uid) -> StoreResult<()> {
        let tokens = email_tokens::table.filter(email_tokens::user_id.eq(user));
        let removed = diesel::delete(tokens).execute(self.conn()?).await;
        self.note(removed)?;
        let factor = mfa_factors::table.filter(mfa_factors::user_id.eq(user));
        let removed = diesel::delete(factor).execute(self.conn()?).await;
        self.note(removed)?;
        let codes = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
        let removed = diesel::delete(codes).execute(self.conn()?).await;
        self.note(removed)?;
        let waiting = mfa_challenges::table.filter(mfa_challenges::user_id.eq(user));
        let removed = diesel::delete(waiting).execute(self.conn()?).await;
        self.note(removed)?;
        let secrets = user_secrets::table.filter(user_secrets::user_id.eq(user));
        let removed = diesel::delete(secrets).execute(self.conn()?).await;
        self.note(removed).map(drop)
    }
}

#[async_trait]
impl PersonalDataRepository for SystemUnit {
    async fn save_export(&mut self, export: &PersonExport) -> StoreResult<()> {
        let row = ExportRow::from(export);
        let saved = diesel::insert_into(person_exports::table)
            .values(&row)
            .on_conflict(person_exports::user_id)
            .do_update()
            .set(&row)
            .execute(self.conn()?)
            .await;
        self.note(saved).map(drop)
    }

    async fn drop_expired_exports(&mut self, now: Timestamp) -> StoreResult<()> {
        let expired = person_exports::table.filter(person_exports::expires_at.le(Time(now)));
        let dropped = diesel::delete(expired).execute(self.conn()?).await;
        self.note(dropped).map(drop)
    }

    async fn erase(&mut self, person: &Person) -> StoreResult<()> {
        let (id, nothing) = (person.user.id, None::<String>);
        let export = person_exports::table.filter(person_exports::user_id.eq(Uid::from(id)));
        let removed = diesel::delete(export).execute(self.conn()?).await;
        self.note(removed)?;
        self.forget_credentials(id.into()).await?;
        let theirs = schema::sessions::table.filter(schema::sessions::user_id.eq(Uid::from(id)));
        let emptied = diesel::update(theirs)
            .set((
                schema::sessions::address.eq(nothing.clone()),
                schema::sessions::user_agent.eq(nothing.clone()),
            ))
            .execute(self.conn()?)
            .await;
        self.note(emptied)?;
        let facts = events::table.filter(concerns!(id));
        let emptied = diesel::update(facts)
            .set((events::address.eq(nothing.clone()), events::user_agent.eq(nothing)))
            .execute(self.conn()?)
            .await;
        self.note(emptied).map(drop)
    }
}

#[async_trait]
impl PersonalDataReader for Store {
    async fn list_sessions(&self, scope: &SystemScope, user: UserId) -> StoreResult<Vec<Session>> {
        let query = schema::sessions::table
            .filter(schema::sessions::user_id.eq(Uid::from(user)))
            .order(schema::sessions::id)
            .select(sessions::Row::as_select());
        let rows: Vec<sessions::Row> = self.read(scope, query).await?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn list_identities(&self, scope: &SystemScope, user: UserId) -> StoreResult<Vec<ExternalIdentity>> {
        let query = externals::table
            .filter(externals::user_id.eq(Uid::from(user)))
            .order((externals::issuer, externals::subject))
            .select(external::Row::as_select());
        let rows: Vec<external::Row> = self.read(scope, query).await?;
        Ok(rows.into_iter().map(ExternalIdentity::from).collect())
    }

    async fn page_trail(
        &self,
        scope: &SystemScope,
        user: UserId,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEntry>> {
        let mut query = events::table
            .into_boxed()
            .filter(concerns!(user))
            .order(events::id)
            .limit(i64::from(request.limit.get()) + 1);
        if let Some(after) = request.after {
            query = query.filter(events::id.gt(Uid(after)));
        }
        let rows: Vec<TrailRow> = self.read(scope, query.select(TrailRow::as_select())).await?;
        let entries = rows.into_iter().map(AuditEntry::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(entries, request.limit, |entry| entry.event.id.uuid()))
    }

    async fn count_trail(&self, scope: &SystemScope, user: UserId) -> StoreResult<i64> {
        let query = events::table.filter(concerns!(user)).count();
        let counts: Vec<i64> = self.read(scope, query).await?;
        Ok(counts.into_iter().next().unwrap_or(0))
    }

    async fn find_export(&self, scope: &UserScope) -> StoreResult<Option<PersonExport>> {
        let query = person_exports::table
            .filter(person_exports::user_id.eq(Uid::from(scope.user())))
            .select(ExportRow::as_select());
        let rows: Vec<ExportRow> = self.read(scope, query).await?;
        Ok(rows.into_iter().next().map(Into::into))
    }
}

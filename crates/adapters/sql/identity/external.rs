use crate::{
    dialect::Backend,
    sql::{
        Store, SystemUnit, Time, Uid,
        schema::{external_identities as externals, users},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    ExternalIdentity, ExternalSubject, UserStatus,
    ports::{ExternalIdentities, ExternalIdentityReader, ExternalStanding},
};
use kernel::{StoreResult, SystemScope};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = externals, check_for_backend(Backend))]
pub(super) struct Row {
    issuer: String,
    subject: String,
    user_id: Uid,
    linked_at: Time,
}

impl From<&ExternalIdentity> for Row {
    fn from(identity: &ExternalIdentity) -> Self {
        Self {
            issuer: identity.subject.issuer.clone(),
            subject: identity.subject.subject.clone(),
            user_id: identity.user_id.into(),
            linked_at: identity.linked_at.into(),
        }
    }
}

impl From<Row> for ExternalIdentity {
    fn from(row: Row) -> Self {
        Self {
            subject: ExternalSubject { issuer: row.issuer, subject: row.subject },
            user_id: row.user_id.into(),
            linked_at: row.linked_at.0,
        }
    }
}

#[async_trait]
impl ExternalIdentities for SystemUnit {
    async fn find(&mut self, subject: &ExternalSubject) -> StoreResult<Option<ExternalIdentity>> {
        let found = externals::table
            .filter(externals::issuer.eq(&subject.issuer))
            .filter(externals::subject.eq(&subject.subject))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        Ok(self.note(found)?.map(ExternalIdentity::from))
    }

    async fn insert(&mut self, identity: &ExternalIdentity) -> StoreResult<()> {
        let row = Row::from(identity);
        let inserted = diesel::insert_into(externals::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }
}

#[async_trait]
impl ExternalIdentityReader for Store {
    async fn find_standing(
        &self,
        scope: &SystemScope,
        subject: &ExternalSubject,
    ) -> StoreResult<Option<ExternalStanding>> {
        let query = externals::table
            .inner_join(users::table.on(users::id.eq(externals::user_id)))
            .filter(externals::issuer.eq(subject.issuer.clone()))
            .filter(externals::subject.eq(subject.subject.clone()))
            .select((users::id, users::status));
        let rows: Vec<(Uid, String)> = self.read(scope, query).await?;
        let standing = |(user, status): (Uid, String)| {
            let status = text("users.status", &status, UserStatus::from_name)?;
            Ok(ExternalStanding { user: user.into(), status })
        };
        rows.into_iter().next().map(standing).transpose()
    }
}

use crate::{
    dialect::Backend,
    sql::{Store, TenantUnit, Time, Uid, schema::invitations, text},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{
    EmailAddress, InvitationId, Page, PageRequest, Role, StoreError, StoreResult, SystemScope, Timestamp,
    TokenHash, UserId, WorkspaceScope,
};
use workspace::{
    Invitation, InvitationStatus,
    ports::{InvitationReader, InvitationRepository},
};

/// An invitation without its token's hash, which is looked for and never read.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, check_for_backend(Backend))]
struct Row {
    id: Uid,
    workspace_id: Uid,
    email: String,
    role: String,
    invited_by: Uid,
    created_at: Time,
    expires_at: Time,
    accepted_at: Option<Time>,
    accepted_by: Option<Uid>,
    revoked_at: Option<Time>,
}

impl From<&Invitation> for Row {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.into(),
            workspace_id: invitation.workspace_id.into(),
            email: invitation.email.to_string(),
            role: invitation.role.name().to_owned(),
            invited_by: invitation.invited_by.into(),
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
            accepted_at: invitation.accepted_at.map(Into::into),
            accepted_by: invitation.accepted_by.map(Into::into),
            revoked_at: invitation.revoked_at.map(Into::into),
        }
    }
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            email: text("invitations.email", &row.email, |email| EmailAddress::parse(email).ok())?,
            role: text("invitations.role", &row.role, Role::from_name)?,
            invited_by: row.invited_by.into(),
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            accepted_at: row.accepted_at.map(|at| at.0),
            accepted_by: row.accepted_by.map(Into::into),
            revoked_at: row.revoked_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl InvitationRepository for TenantUnit {
    async fn insert(&mut self, invitation: &Invitation, token: &TokenHash) -> StoreResult<()> {
        let row = (
            Row::from(invitation),
            invitations::email_lower.eq(invitation.email.lower()),
            invitations::token_hash.eq(token.as_bytes().to_vec()),
        );
        let inserted = diesel::insert_into(invitations::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: InvitationId) -> StoreResult<Option<Invitation>> {
        let found = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::id.eq(Uid::from(id)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Invitation::try_from).transpose()
    }

    async fn find_pending(&mut self, email: &EmailAddress) -> StoreResult<Option<Invitation>> {
        let found = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::email_lower.eq(email.lower()))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(Invitation::try_from).transpose()
    }

    async fn accept(&mut self, id: InvitationId, by: UserId, at: Timestamp) -> StoreResult<bool> {
        let open = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::id.eq(Uid::from(id)))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::expires_at.gt(Time(at)));
        let accepted = diesel::update(open)
            .set((invitations::accepted_at.eq(Time(at)), invitations::accepted_by.eq(Uid::from(by))))
            .execute(self.conn()?)
            .await;
        Ok(self.note(accepted)? == 1)
    }

    async fn revoke(&mut self, id: InvitationId, at: Timestamp) -> StoreResult<bool> {
        let pending = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::id.eq(Uid::from(id)))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null());
        let revoked =
            diesel::update(pending).set(invitations::revoked_at.eq(Time(at))).execute(self.conn()?).await;
        Ok(self.note(revoked)? == 1)
    }

    async fn revoke_of(&mut self, inviter: UserId, at: Timestamp) -> StoreResult<Vec<Invitation>> {
        let open = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::invited_by.eq(Uid::from(inviter)))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::expires_at.gt(Time(at)));
        let revoked = diesel::update(open)
            .set(invitations::revoked_at.eq(Time(at)))
            .returning(Row::as_returning())
            .get_results::<Row>(self.conn()?)
            .await;
        let revoked = self.note(revoked)?.into_iter().map(Invitation::try_from);
        let mut revoked = revoked.collect::<StoreResult<Vec<_>>>()?;
        revoked.sort_by_key(|invitation| invitation.id);
        Ok(revoked)
    }

    async fn forget_address(&mut self, id: InvitationId) -> StoreResult<()> {
        let nobodys = Invitation::nobodys_address(id).map_err(|error| StoreError::Internal(error.message))?;
        let stored = invitations::table
            .filter(invitations::workspace_id.eq(self.workspace()))
            .filter(invitations::id.eq(Uid::from(id)));
        let forgotten = diesel::update(stored)
            .set((invitations::email.eq(nobodys.as_str()), invitations::email_lower.eq(nobodys.lower())))
            .execute(self.conn()?)
            .await;
        self.note(forgotten).map(drop)
    }
}

#[async_trait]
impl InvitationReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: InvitationId) -> StoreResult<Option<Invitation>> {
        let query = invitations::table
            .filter(invitations::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(invitations::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Invitation::try_from).transpose()
    }

    async fn page(
        &self,
        scope: &WorkspaceScope,
        status: Option<InvitationStatus>,
        now: Timestamp,
        request: &PageRequest,
    ) -> StoreResult<Page<Invitation>> {
        let mut query = invitations::table
            .filter(invitations::workspace_id.eq(Uid::from(scope.workspace())))
            .order(invitations::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(invitations::id.lt(Uid(after)));
        }
        // As `Invitation::status` decides.
        let (lapses, ended) = (invitations::expires_at, invitations::revoked_at.assume_not_null());
        query = match status {
            None => query,
            Some(InvitationStatus::Accepted) => query.filter(invitations::accepted_at.is_not_null()),
            Some(InvitationStatus::Open) => query
                .filter(invitations::accepted_at.is_null())
                .filter(invitations::revoked_at.is_null())
                .filter(lapses.gt(Time(now))),
            Some(InvitationStatus::Revoked) => query
                .filter(invitations::accepted_at.is_null())
                .filter(invitations::revoked_at.is_not_null())
                .filter(ended.lt(lapses)),
            Some(InvitationStatus::Expired) => {
                let unrevoked = invitations::revoked_at.is_null().and(lapses.le(Time(now)));
                let made_room = invitations::revoked_at.is_not_null().and(ended.ge(lapses));
                query.filter(invitations::accepted_at.is_null()).filter(unrevoked.or(made_room))
            }
        };
        let rows: Vec<Row> = self.read(scope, query).await?;
        let found = rows.into_iter().map(Invitation::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(found, request.limit, |invitation| invitation.id.uuid()))
    }

    async fn find_by_token(&self, scope: &SystemScope, token: &TokenHash) -> StoreResult<Option<Invitation>> {
        let query = invitations::table
            .filter(invitations::token_hash.eq(token.as_bytes().to_vec()))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(Invitation::try_from).transpose()
    }

    async fn list_to(
        &self,
        scope: &SystemScope,
        email: &EmailAddress,
        person: UserId,
    ) -> StoreResult<Vec<Invitation>> {
        let is_theirs = invitations::accepted_by.eq(Uid::from(person)).assume_not_null();
        let query = invitations::table
            .filter(invitations::email_lower.eq(email.lower()).or(is_theirs))
            .order(invitations::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(Invitation::try_from).collect()
    }

    async fn list_by(&self, scope: &SystemScope, inviter: UserId) -> StoreResult<Vec<Invitation>> {
        let query = invitations::table
            .filter(invitations::invited_by.eq(Uid::from(inviter)))
            .order(invitations::id)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(Invitation::try_from).collect()
    }
}

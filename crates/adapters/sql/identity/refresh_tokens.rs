use super::{sessions::Row as SessionRow, token_hash};
use crate::{
    dialect::Backend,
    sql::{
        SystemUnit, Time, Uid,
        schema::{refresh_tokens as tokens, sessions, users},
        text,
    },
};
use async_trait::async_trait;
use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;
use identity::{RefreshToken, Session, SpentToken, UserStatus, ports::RefreshTokens};
use kernel::{StoreError, StoreResult, Timestamp, TokenHash};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, check_for_backend(Backend))]
struct Row {
    id: Uid,
    session_id: Uid,
    user_id: Uid,
    token_hash: Vec<u8>,
    parent_id: Option<Uid>,
    issued_at: Time,
    consumed_at: Option<Time>,
    expires_at: Time,
}

impl From<&RefreshToken> for Row {
    fn from(token: &RefreshToken) -> Self {
        Self {
            id: token.id.into(),
            session_id: token.session_id.into(),
            user_id: token.user_id.into(),
            token_hash: token.token_hash.as_bytes().to_vec(),
            parent_id: token.parent.map(Into::into),
            issued_at: token.issued_at.into(),
            consumed_at: token.consumed_at.map(Into::into),
            expires_at: token.expires_at.into(),
        }
    }
}

impl TryFrom<Row> for RefreshToken {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            session_id: row.session_id.into(),
            user_id: row.user_id.into(),
            token_hash: token_hash("refresh_tokens.token_hash", row.token_hash)?,
            parent: row.parent_id.map(Into::into),
            issued_at: row.issued_at.0,
            consumed_at: row.consumed_at.map(|at| at.0),
            expires_at: row.expires_at.0,
        })
    }
}

impl SystemUnit {
    async fn successor_of(&mut self, parent: Uid) -> StoreResult<Option<RefreshToken>> {
        let found = tokens::table
            .filter(tokens::parent_id.eq(parent))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(RefreshToken::try_from).transpose()
    }
}

#[async_trait]
impl RefreshTokens for SystemUnit {
    async fn insert(&mut self, token: &RefreshToken) -> StoreResult<()> {
        let row = Row::from(token);
        let inserted = diesel::insert_into(tokens::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    /// Who comes second waits for the first one's row: after its commit the conditions are looked at again and don't
    /// hold, after its rollback they do. The wait is bounded, as every wait for a lock.
    async fn consume(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<RefreshToken>> {
        let stands = sessions::table
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(sessions::id.eq(tokens::session_id))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(Time(now)))
            .filter(sessions::last_seen_at.gt(Time(now.minus(Session::IDLE))))
            .filter(users::status.eq(UserStatus::Active.name()));
        let open = tokens::table
            .filter(tokens::token_hash.eq(hash.as_bytes().as_slice()))
            .filter(tokens::consumed_at.is_null())
            .filter(tokens::expires_at.gt(Time(now)))
            .filter(exists(stands));
        let consumed = diesel::update(open)
            .set(tokens::consumed_at.eq(Time(now)))
            .returning(Row::as_returning())
            .get_result::<Row>(self.conn()?)
            .await
            .optional();
        self.note(consumed)?.map(RefreshToken::try_from).transpose()
    }

    async fn find_spent(&mut self, hash: &TokenHash) -> StoreResult<Option<SpentToken>> {
        let found = tokens::table
            .inner_join(sessions::table.on(sessions::id.eq(tokens::session_id)))
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(tokens::token_hash.eq(hash.as_bytes().as_slice()))
            .select((Row::as_select(), SessionRow::as_select(), users::status))
            .first::<(Row, SessionRow, String)>(self.conn()?)
            .await
            .optional();
        let Some((token, session, status)) = self.note(found)? else { return Ok(None) };
        let successor = self.successor_of(token.id).await?;
        Ok(Some(SpentToken {
            token: token.try_into()?,
            session: session.try_into()?,
            user_status: text("users.status", &status, UserStatus::from_name)?,
            successor,
        }))
    }
}

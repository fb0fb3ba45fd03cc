use super::token_hash;
use crate::{
    dialect::Backend,
    sql::{SystemUnit, Time, Uid, schema::email_tokens as tokens, text},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{EmailToken, EmailTokenPurpose, ports::EmailTokens};
use kernel::{StoreError, StoreResult, Timestamp, TokenHash};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, check_for_backend(Backend))]
struct Row {
    id: Uid,
    user_id: Uid,
    purpose: String,
    token_hash: Vec<u8>,
    expires_at: Time,
    used_at: Option<Time>,
}

impl From<&EmailToken> for Row {
    fn from(token: &EmailToken) -> Self {
        Self {
            id: token.id.into(),
            user_id: token.user_id.into(),
            purpose: token.purpose.name().to_owned(),
            token_hash: token.token_hash.as_bytes().to_vec(),
            expires_at: token.expires_at.into(),
            used_at: token.used_at.map(Into::into),
        }
    }
}

impl TryFrom<Row> for EmailToken {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            purpose: text("email_tokens.purpose", &row.purpose, EmailTokenPurpose::from_name)?,
            token_hash: token_hash("email_tokens.token_hash", row.token_hash)?,
            expires_at: row.expires_at.0,
            used_at: row.used_at.map(|at| at.0),
        })
    }
}

#[async_trait]
impl EmailTokens for SystemUnit {
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()> {
        let older = tokens::table
            .filter(tokens::user_id.eq(Uid::from(token.user_id)))
            .filter(tokens::purpose.eq(token.purpose.name()))
            .filter(tokens::used_at.is_null())
            .filter(tokens::expires_at.gt(Time(now)));
        let superseded =
            diesel::update(older).set(tokens::expires_at.eq(Time(now))).execute(self.conn()?).await;
        self.note(superseded)?;
        let row = Row::from(token);
        let inserted = diesel::insert_into(tokens::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn consume(
        &mut self,
        hash: &TokenHash,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>> {
        let open = tokens::table
            .filter(tokens::token_hash.eq(hash.as_bytes().as_slice()))
            .filter(tokens::purpose.eq(purpose.name()))
            .filter(tokens::used_at.is_null())
            .filter(tokens::expires_at.gt(Time(now)));
        let consumed = diesel::update(open)
            .set(tokens::used_at.eq(Time(now)))
            .returning(Row::as_returning())
            .get_result::<Row>(self.conn()?)
            .await
            .optional();
        self.note(consumed)?.map(EmailToken::try_from).transpose()
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<EmailToken>> {
        let found = tokens::table
            .filter(tokens::token_hash.eq(hash.as_bytes().as_slice()))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(EmailToken::try_from).transpose()
    }
}

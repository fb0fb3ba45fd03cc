use super::{token_hash, users::email};
use crate::{
    dialect::Backend,
    sql::{SystemUnit, Time, Uid, schema::email_tokens as tokens, text},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{EmailToken, EmailTokenPurpose, ports::EmailTokens};
use kernel::{StoreError, StoreResult, Timestamp, TokenHash, UserId};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens, check_for_backend(Backend))]
struct Row {
    id: Uid,
    user_id: Uid,
    purpose: String,
    token_hash: Vec<u8>,
    expires_at: Time,
    used_at: Option<Time>,
    new_email: Option<String>,
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
            new_email: token.new_email.as_ref().map(|email| email.as_str().to_owned()),
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
            new_email: row.new_email.as_deref().map(email).transpose()?,
        })
    }
}

#[async_trait]
impl EmailTokens for SystemUnit {
    async fn insert_superseding(&mut self, token: &EmailToken, now: Timestamp) -> StoreResult<()> {
        self.expire(token.user_id, &[token.purpose], now).await?;
        let row = Row::from(token);
        let inserted = diesel::insert_into(tokens::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn expire(
        &mut self,
        user: UserId,
        purposes: &[EmailTokenPurpose],
        now: Timestamp,
    ) -> StoreResult<()> {
        let open = tokens::table
            .filter(tokens::user_id.eq(Uid::from(user)))
            .filter(tokens::purpose.eq_any(purposes.iter().map(|purpose| purpose.name())))
            .filter(tokens::used_at.is_null())
            .filter(tokens::expires_at.gt(Time(now)));
        let over = (tokens::expires_at.eq(Time(now)), tokens::new_email.eq(None::<String>));
        let expired = diesel::update(open).set(over).execute(self.conn()?).await;
        self.note(expired).map(drop)
    }

    async fn find_open(
        &mut self,
        user: UserId,
        purpose: EmailTokenPurpose,
        now: Timestamp,
    ) -> StoreResult<Option<EmailToken>> {
        let found = tokens::table
            .filter(tokens::user_id.eq(Uid::from(user)))
            .filter(tokens::purpose.eq(purpose.name()))
            .filter(tokens::used_at.is_null())
            .filter(tokens::expires_at.gt(Time(now)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(EmailToken::try_from).transpose()
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
            .set((tokens::used_at.eq(Time(now)), tokens::new_email.eq(None::<String>)))
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

use crate::{
    dialect::Backend,
    sql::{
        Store, SystemUnit, Time, Uid,
        schema::{sessions, users},
        text,
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    EndReason, Session, UserStatus,
    ports::{SessionReader, SessionRepository, SessionStanding},
};
use kernel::{
    Page, PageRequest, SessionId, StoreError, StoreResult, SystemScope, Timestamp, UserId, UserScope,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(Backend))]
pub(super) struct Row {
    id: Uid,
    user_id: Uid,
    address: Option<String>,
    user_agent: Option<String>,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
    ended_at: Option<Time>,
    end_reason: Option<String>,
}

impl From<&Session> for Row {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.into(),
            user_id: session.user_id.into(),
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent.clone(),
            created_at: session.created_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.into(),
            ended_at: session.ended_at.map(Into::into),
            end_reason: session.end_reason.map(|reason| reason.name().to_owned()),
        }
    }
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let address = |address: &str| text("sessions.address", address, |address| address.parse().ok());
        let reason = |reason: &str| text("sessions.end_reason", reason, EndReason::from_name);
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            address: row.address.as_deref().map(address).transpose()?,
            user_agent: row.user_agent,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            expires_at: row.expires_at.0,
            ended_at: row.ended_at.map(|at| at.0),
            end_reason: row.end_reason.as_deref().map(reason).transpose()?,
        })
    }
}

#[async_trait]
impl SessionRepository for SystemUnit {
    async fn insert(&mut self, session: &Session) -> StoreResult<()> {
        let row = Row::from(session);
        let inserted = diesel::insert_into(sessions::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn touch(&mut self, id: SessionId, at: Timestamp) -> StoreResult<()> {
        let earlier = sessions::table
            .filter(sessions::id.eq(Uid::from(id)))
            .filter(sessions::last_seen_at.lt(Time(at)));
        let touched =
            diesel::update(earlier).set(sessions::last_seen_at.eq(Time(at))).execute(self.conn()?).await;
        self.note(touched).map(drop)
    }

    async fn end(
        &mut self,
        id: SessionId,
        user: UserId,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<bool> {
        let open = sessions::table
            .filter(sessions::id.eq(Uid::from(id)))
            .filter(sessions::user_id.eq(Uid::from(user)))
            .filter(sessions::ended_at.is_null());
        let ended = diesel::update(open)
            .set((sessions::ended_at.eq(Time(at)), sessions::end_reason.eq(reason.name())))
            .execute(self.conn()?)
            .await;
        Ok(self.note(ended)? == 1)
    }

    async fn end_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        reason: EndReason,
        at: Timestamp,
    ) -> StoreResult<Vec<SessionId>> {
        let live = sessions::table
            .filter(sessions::user_id.eq(Uid::from(user)))
            .filter(sessions::id.ne_all(except.map(Uid::from)))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(Time(at)))
            .filter(sessions::last_seen_at.gt(Time(at.minus(Session::IDLE))));
        let ended = diesel::update(live)
            .set((sessions::ended_at.eq(Time(at)), sessions::end_reason.eq(reason.name())))
            .returning(sessions::id)
            .get_results::<Uid>(self.conn()?)
            .await;
        Ok(self.note(ended)?.into_iter().map(SessionId::from).collect())
    }
}

#[async_trait]
impl SessionReader for Store {
    async fn find_standing(
        &self,
        scope: &SystemScope,
        id: SessionId,
    ) -> StoreResult<Option<SessionStanding>> {
        let query = sessions::table
            .inner_join(users::table.on(users::id.eq(sessions::user_id)))
            .filter(sessions::id.eq(Uid::from(id)))
            .select((Row::as_select(), users::status));
        let rows: Vec<(Row, String)> = self.read(scope, query).await?;
        let standing = |(row, status): (Row, String)| {
            Ok(SessionStanding {
                session: row.try_into()?,
                user_status: text("users.status", &status, UserStatus::from_name)?,
            })
        };
        rows.into_iter().next().map(standing).transpose()
    }

    async fn page(
        &self,
        scope: &UserScope,
        request: &PageRequest,
        now: Timestamp,
    ) -> StoreResult<Page<Session>> {
        let mut query = sessions::table
            .filter(sessions::user_id.eq(Uid::from(scope.user())))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(Time(now)))
            .filter(sessions::last_seen_at.gt(Time(now.minus(Session::IDLE))))
            .order(sessions::id.desc())
            .limit(i64::from(request.limit.get()) + 1)
            .select(Row::as_select())
            .into_boxed();
        if let Some(after) = request.after {
            query = query.filter(sessions::id.lt(Uid(after)));
        }
        let rows: Vec<Row> = self.read(scope, query).await?;
        let live = rows.into_iter().map(Session::try_from).collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::cut(live, request.limit, |session| session.id.uuid()))
    }
}

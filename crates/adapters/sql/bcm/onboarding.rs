use crate::{
    dialect::Backend,
    sql::{
        Store, TenantUnit, Time, Uid,
        json::{Json, from_json, to_json},
        schema::onboarding_sessions,
        text,
    },
};
use async_trait::async_trait;
use bcm::{
    OnboardingSession, StepKey,
    ports::{OnboardingReader, OnboardingRepository},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{OnboardingId, StoreError, StoreResult, WorkspaceScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = onboarding_sessions, check_for_backend(Backend), treat_none_as_null = true)]
struct Row {
    id: Uid,
    workspace_id: Uid,
    answers: Json,
    completed: Json,
    current_step: String,
    finalised_at: Option<Time>,
    context_number: Option<i32>,
    version: i32,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<&OnboardingSession> for Row {
    type Error = StoreError;

    fn try_from(session: &OnboardingSession) -> StoreResult<Self> {
        Ok(Self {
            id: session.id.into(),
            workspace_id: session.workspace_id.into(),
            answers: to_json(&session.answers)?,
            completed: to_json(&session.completed)?,
            current_step: session.current_step.name().to_owned(),
            finalised_at: session.finalised_at.map(Into::into),
            context_number: session.context_number,
            version: session.version,
            created_at: session.created_at.into(),
            updated_at: session.updated_at.into(),
        })
    }
}

impl TryFrom<Row> for OnboardingSession {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: row.id.into(),
            workspace_id: row.workspace_id.into(),
            answers: from_json("onboarding_sessions.answers", row.answers)?,
            completed: from_json("onboarding_sessions.completed", row.completed)?,
            current_step: text("onboarding_sessions.current_step", &row.current_step, StepKey::from_name)?,
            finalised_at: row.finalised_at.map(|at| at.0),
            context_number: row.context_number,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

#[async_trait]
impl OnboardingRepository for TenantUnit {
    async fn insert(&mut self, session: &OnboardingSession) -> StoreResult<()> {
        let row = Row::try_from(session)?;
        let inserted =
            diesel::insert_into(onboarding_sessions::table).values(row).execute(self.conn()?).await;
        self.note(inserted).map(drop)
    }

    async fn find(&mut self, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        let found = onboarding_sessions::table
            .filter(onboarding_sessions::workspace_id.eq(self.workspace()))
            .filter(onboarding_sessions::id.eq(Uid::from(id)))
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(OnboardingSession::try_from).transpose()
    }

    async fn find_open(&mut self) -> StoreResult<Option<OnboardingSession>> {
        let found = onboarding_sessions::table
            .filter(onboarding_sessions::workspace_id.eq(self.workspace()))
            .filter(onboarding_sessions::finalised_at.is_null())
            .select(Row::as_select())
            .first::<Row>(self.conn()?)
            .await
            .optional();
        self.note(found)?.map(OnboardingSession::try_from).transpose()
    }

    async fn save(&mut self, session: &OnboardingSession, expected: i32) -> StoreResult<()> {
        let stored = onboarding_sessions::table
            .filter(onboarding_sessions::workspace_id.eq(self.workspace()))
            .filter(onboarding_sessions::id.eq(Uid::from(session.id)))
            .filter(onboarding_sessions::version.eq(expected));
        let saved = diesel::update(stored).set(Row::try_from(session)?).execute(self.conn()?).await;
        if self.note(saved)? == 1 { Ok(()) } else { Err(StoreError::Stale) }
    }
}

#[async_trait]
impl OnboardingReader for Store {
    async fn find(&self, scope: &WorkspaceScope, id: OnboardingId) -> StoreResult<Option<OnboardingSession>> {
        let query = onboarding_sessions::table
            .filter(onboarding_sessions::workspace_id.eq(Uid::from(scope.workspace())))
            .filter(onboarding_sessions::id.eq(Uid::from(id)))
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(OnboardingSession::try_from).transpose()
    }

    async fn find_latest(&self, scope: &WorkspaceScope) -> StoreResult<Option<OnboardingSession>> {
        let query = onboarding_sessions::table
            .filter(onboarding_sessions::workspace_id.eq(Uid::from(scope.workspace())))
            .order((onboarding_sessions::finalised_at.is_null().desc(), onboarding_sessions::id.desc()))
            .limit(1)
            .select(Row::as_select());
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().next().map(OnboardingSession::try_from).transpose()
    }
}

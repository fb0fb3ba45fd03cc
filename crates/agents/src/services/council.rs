//! Seating the council and reading it.

use crate::{
    Agent, Error, Lord, Result, events,
    ports::{AgentReader, AgentUow},
};
use async_trait::async_trait;
use kernel::{AgentId, Area, CallContext, Environment, Job, JobFailure, JobHandler, Role, WorkspaceScope};
use std::sync::Arc;

/// The kind of job that seats the council of a new workspace.
pub const SEED_COUNCIL: &str = "agents.seed_council";
/// The event that such a job answers.
pub const WORKSPACE_CREATED: &str = "workspace.created";

/// The council of a workspace.
#[derive(Clone)]
#[expect(missing_docs, reason = "the fields are the ports, by their types' names")]
pub struct CouncilService {
    pub uow: Arc<AgentUow>,
    pub agents: Arc<dyn AgentReader>,
    pub env: Environment,
}

impl CouncilService {
    /// Seats the lords that are missing and answers which those were. Idempotent.
    ///
    /// # Errors
    /// [`Error::Denied`] below admin.
    pub async fn seed(&self, ctx: &CallContext, scope: &WorkspaceScope) -> Result<Vec<Lord>> {
        scope.require(Area::Agents.write().by(Role::Admin))?;
        let now = self.env.now();
        self.uow
            .run(scope, async |tx| {
                let seated = tx.agents().seated().await?;
                let missing: Vec<Lord> =
                    Lord::ALL.into_iter().filter(|lord| !seated.contains(lord)).collect();
                for &lord in &missing {
                    let agent = Agent::seated(lord, self.env.id(), scope.workspace(), now);
                    tx.agents().insert(&agent).await?;
                }
                if !missing.is_empty() {
                    let seeded = events::council_seeded(&self.env, ctx, scope.workspace(), &missing);
                    tx.events().append(seeded).await?;
                }
                Ok(missing)
            })
            .await
    }

    /// The council in its order; empty until it is seated.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, scope: &WorkspaceScope) -> Result<Vec<Agent>> {
        scope.require(Area::Agents.read())?;
        let mut council = self.agents.list(scope).await?;
        council.sort_by_key(|agent| agent.lord);
        Ok(council)
    }

    /// One agent.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get(&self, scope: &WorkspaceScope, id: AgentId) -> Result<Agent> {
        scope.require(Area::Agents.read())?;
        self.agents.find(scope, id).await?.ok_or(Error::NotFound)
    }
}

#[async_trait]
impl JobHandler for CouncilService {
    fn kind(&self) -> &'static str {
        SEED_COUNCIL
    }

    async fn handle(&self, job: &Job) -> Result<(), JobFailure> {
        let scope = WorkspaceScope::for_job(job)
            .ok_or_else(|| JobFailure::Permanent("the job has no workspace".to_owned()))?;
        self.seed(&job.context(), &scope).await.map(drop).map_err(|error| JobFailure::of(&error))
    }
}

use crate::http::problem::Problem;
use ::workspace::services::EventService;
use agents::services::ProgressService;
use kernel::{Event, RunId, WorkspaceScope};

/// What is followed.
pub(in crate::http) enum Topic {
    /// Every fact of the workspace.
    Workspace(EventService),
    /// The facts of one agent run.
    Run(ProgressService, RunId),
}

/// What a look has found.
pub(super) struct Told {
    /// Oldest first.
    pub(super) facts: Vec<Event>,
    /// Whether nothing comes after these.
    pub(super) is_over: bool,
}

impl Topic {
    /// The number after which somebody begins who has had nothing: a run is told from its beginning, a workspace from now on.
    pub(super) async fn beginning(&self, scope: &WorkspaceScope) -> Result<i64, Problem> {
        match self {
            Self::Workspace(events) => Ok(events.last_number(scope).await?),
            Self::Run(..) => Ok(0),
        }
    }

    /// The next facts after this number.
    pub(super) async fn after(&self, scope: &WorkspaceScope, number: i64) -> Result<Told, Problem> {
        match self {
            Self::Workspace(events) => {
                Ok(Told { facts: events.list_after(scope, number).await?, is_over: false })
            }
            Self::Run(progress, run) => {
                let told = progress.list_after(scope, *run, number).await?;
                Ok(Told { facts: told.facts, is_over: told.is_over })
            }
        }
    }
}

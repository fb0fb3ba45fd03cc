use crate::http::schema::names;
use kernel::{Job, JobState, Priority};
use serde::Serialize;
use utoipa::{ToSchema, openapi::schema::Object};
use uuid::Uuid;

/// A unit of background work. What it was given stays inside.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub(super) struct JobBody {
    id: Uuid,
    /// What is done, such as `agents.run`.
    kind: String,
    #[schema(schema_with = states)]
    state: &'static str,
    #[schema(schema_with = priorities)]
    priority: &'static str,
    /// Not before.
    #[schema(format = DateTime)]
    run_at: String,
    /// How often it was begun.
    attempts: i32,
    /// How often it is begun before it is given up.
    max_attempts: i32,
    /// What the last attempt said when it failed.
    #[schema(required)]
    last_error: Option<String>,
    /// The call that wanted it: the same as in the logs.
    correlation_id: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// `null` while it waits or runs.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    finished_at: Option<String>,
}

impl From<Job> for JobBody {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.uuid(),
            kind: job.kind,
            state: job.state.name(),
            priority: job.priority.name(),
            run_at: job.run_at.to_string(),
            attempts: job.attempts.min(job.max_attempts),
            max_attempts: job.max_attempts,
            last_error: job.last_error,
            correlation_id: job.correlation_id.to_string(),
            created_at: job.created_at.to_string(),
            finished_at: job.finished_at.map(|at| at.to_string()),
        }
    }
}

pub(super) fn states() -> Object {
    names(JobState::ALL.map(JobState::name))
}

fn priorities() -> Object {
    names(Priority::ALL.map(Priority::name))
}

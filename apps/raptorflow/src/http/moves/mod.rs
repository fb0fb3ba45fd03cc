//! Moves: read, and carried out.

mod act;
mod list;
mod read;

use super::routes::Routes;
use super::schema::{MoneyBody, names};
use campaign::{Move, MoveResult, MoveStatus, Origin, Task};
use kernel::channels::ChannelSlug;
use kernel::{CampaignId, Date, MoveId, Timestamp, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// Adds the routes.
pub fn configure(routes: &mut Routes<'_, '_>) {
    routes.add(list::list_moves).add(list::list_moves_of_campaign).add(read::read_move);
    routes.add(act::start_move).add(act::complete_move).add(act::skip_move);
}

/// One concrete marketing action.
#[derive(Debug, Serialize, ToSchema)]
struct MoveBody {
    #[schema(value_type = Uuid)]
    id: MoveId,
    #[schema(value_type = Uuid)]
    workspace_id: WorkspaceId,
    /// The campaign that it carries out; `null` for one that stands alone.
    #[schema(value_type = Option<Uuid>, required)]
    campaign_id: Option<CampaignId>,
    title: String,
    /// The slug of the channel on which it happens.
    #[schema(value_type = String)]
    channel: ChannelSlug,
    /// The stage of the funnel that it works on, such as `awareness`.
    stage: String,
    /// For whom: the name of an ideal customer profile.
    audience: String,
    /// What it is to achieve.
    objective: String,
    /// How.
    brief: String,
    /// In order.
    tasks: Vec<TaskBody>,
    /// Text to start from, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<String>,
    /// The day on which it should be out.
    #[schema(value_type = String, format = Date)]
    due_on: Date,
    #[schema(schema_with = statuses)]
    status: MoveStatus,
    /// Who thought of it.
    #[schema(schema_with = origins)]
    origin: Origin,
    /// How one sees that it worked.
    measure: String,
    /// Its share of the campaign's budget.
    #[schema(required)]
    budget: Option<MoneyBody>,
    /// What came of it, once it is done or skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<MoveResultBody>,
    /// As in the `ETag`.
    version: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// One thing to do for a move.
#[derive(Debug, Serialize, ToSchema)]
struct TaskBody {
    text: String,
    done: bool,
}

/// What came of a move.
#[derive(Debug, Serialize, ToSchema)]
struct MoveResultBody {
    /// What happened, or why it was skipped.
    #[schema(required)]
    summary: Option<String>,
    /// The reading of the move's measure, in whole units: visits, sign-ups, cents.
    #[schema(required)]
    value: Option<i64>,
}

fn statuses() -> Object {
    names(MoveStatus::ALL.map(MoveStatus::name))
}

fn origins() -> Object {
    names([Origin::Model, Origin::Baseline, Origin::Person].map(Origin::name))
}

impl From<Task> for TaskBody {
    fn from(task: Task) -> Self {
        Self { text: task.text, done: task.done }
    }
}

impl From<MoveResult> for MoveResultBody {
    fn from(result: MoveResult) -> Self {
        Self { summary: result.summary, value: result.value }
    }
}

impl From<Move> for MoveBody {
    fn from(m: Move) -> Self {
        Self {
            id: m.id,
            workspace_id: m.workspace_id,
            campaign_id: m.campaign_id,
            title: m.title,
            channel: m.channel,
            stage: m.stage,
            audience: m.audience,
            objective: m.objective,
            brief: m.brief,
            tasks: m.tasks.into_iter().map(TaskBody::from).collect(),
            draft: m.draft,
            due_on: m.due_on,
            status: m.status,
            origin: m.origin,
            measure: m.measure,
            budget: m.budget.map(MoneyBody::from),
            result: m.result.map(MoveResultBody::from),
            version: m.version,
            created_at: m.created_at,
            updated_at: m.updated_at,
        }
    }
}

use crate::{
    dialect::Backend,
    sql::{
        Day, Time, Uid, actor, actor_columns,
        schema::{model_calls, model_holds},
        text,
    },
};
use agents::{
    ModelAlias,
    dispatch::{CallEnd, CallHead, Finish, Hold, ModelCall, Operation, Provider, ServiceTier, Usage},
};
use diesel::prelude::*;
use kernel::{CorrelationId, PicoUsd, StoreError, StoreResult, WorkspaceId};
use std::time::Duration;

/// What is known before a call is made, which holds and the ledger have in common.
macro_rules! head_row {
    ($(#[$more:meta])* $name:ident of $table:ident) => {
        $(#[$more])*
        #[diesel(table_name = $table, check_for_backend(Backend), treat_none_as_null = true)]
        pub(super) struct $name {
            actor_kind: String,
            actor_id: Option<Uid>,
            correlation_id: String,
            run_id: Option<Uid>,
            operation: String,
            alias: Option<String>,
            provider: String,
            model: String,
            price: String,
            started_at: Time,
        }

        impl From<&CallHead> for $name {
            fn from(head: &CallHead) -> Self {
                let (actor_kind, actor_id) = actor_columns(head.actor);
                Self {
                    actor_kind: actor_kind.to_owned(),
                    actor_id,
                    correlation_id: head.correlation_id.as_str().to_owned(),
                    run_id: head.run.map(Into::into),
                    operation: head.operation.name().to_owned(),
                    alias: head.alias.map(|alias| alias.name().to_owned()),
                    provider: head.provider.name().to_owned(),
                    model: head.model.clone(),
                    price: head.price.clone(),
                    started_at: head.at.into(),
                }
            }
        }
    };
}

head_row! {
    /// A call may have been served by another target than the one that it was held for.
    #[derive(Queryable, Selectable, Insertable, AsChangeset)]
    HeadRow of model_calls
}

head_row! {
    #[derive(Insertable)]
    HeldHeadRow of model_holds
}

/// What is known once it has ended.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = model_calls, check_for_backend(Backend), treat_none_as_null = true)]
pub(super) struct EndRow {
    ended_as: String,
    finish: Option<String>,
    served_by: Option<String>,
    attempts: i32,
    fresh: i64,
    cache_read: i64,
    cache_write_5m: i64,
    cache_write_1h: i64,
    output: i64,
    reasoning: i64,
    tier: String,
    cost: i64,
    saved: i64,
    is_estimated: bool,
    latency: i64,
    first_token: Option<i64>,
}

/// Money that is held.
#[derive(Insertable)]
#[diesel(table_name = model_holds)]
pub(super) struct HoldRow {
    workspace_id: Uid,
    id: Uid,
    month: Day,
    held: i64,
    input_cost: i64,
    input_tokens: i64,
    lease_until: Time,
    #[diesel(embed)]
    head: HeldHeadRow,
}

impl HoldRow {
    pub(super) fn new(workspace: WorkspaceId, hold: &Hold) -> Self {
        Self {
            workspace_id: workspace.into(),
            id: hold.call.id.into(),
            month: Day(hold.month.first_day()),
            held: hold.amount.pico(),
            input_cost: hold.input_cost.pico(),
            input_tokens: count(hold.input_tokens),
            lease_until: hold.until.into(),
            head: HeldHeadRow::from(&hold.call),
        }
    }
}

/// A row of the ledger.
#[derive(Insertable)]
#[diesel(table_name = model_calls)]
pub(super) struct CallRow {
    workspace_id: Uid,
    id: Uid,
    month: Day,
    #[diesel(embed)]
    head: HeadRow,
    #[diesel(embed)]
    end: EndRow,
}

impl CallRow {
    pub(super) fn new(workspace: WorkspaceId, month: Day, call: &ModelCall) -> Self {
        Self {
            workspace_id: workspace.into(),
            id: call.head.id.into(),
            month,
            head: HeadRow::from(&call.head),
            end: EndRow::from(call),
        }
    }
}

impl From<&ModelCall> for EndRow {
    fn from(call: &ModelCall) -> Self {
        let Usage { fresh, cache_read, cache_write_5m, cache_write_1h, output, reasoning } = call.usage;
        Self {
            ended_as: call.end.name().to_owned(),
            finish: call.end.finish().map(|finish| finish.name().to_owned()),
            served_by: call.served_by.clone(),
            attempts: i32::try_from(call.attempts).unwrap_or(i32::MAX),
            fresh: count(fresh),
            cache_read: count(cache_read),
            cache_write_5m: count(cache_write_5m),
            cache_write_1h: count(cache_write_1h),
            output: count(output),
            reasoning: count(reasoning),
            tier: call.tier.name().to_owned(),
            cost: call.cost.pico(),
            saved: call.saved.pico(),
            is_estimated: call.is_estimated,
            latency: micros(call.latency),
            first_token: call.first_token.map(micros),
        }
    }
}

/// Of tokens: no call has as many as would not fit.
fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Of tokens, and of anything else that is counted.
pub(super) fn count_of(count: i64) -> StoreResult<u64> {
    u64::try_from(count).map_err(|_| StoreError::Corrupt("model_calls holds less than none".to_owned()))
}

pub(super) fn micros_of(time: i64) -> StoreResult<Duration> {
    count_of(time).map(Duration::from_micros)
}

/// A call that has ended, as it is read.
pub(super) type EndedRow = (Uid, HeadRow, EndRow);

pub(super) fn call((id, head, end): EndedRow) -> StoreResult<ModelCall> {
    let finish =
        end.finish.as_deref().map(|name| text("model_calls.finish", name, Finish::from_name)).transpose()?;
    let usage = Usage {
        fresh: count_of(end.fresh)?,
        cache_read: count_of(end.cache_read)?,
        cache_write_5m: count_of(end.cache_write_5m)?,
        cache_write_1h: count_of(end.cache_write_1h)?,
        output: count_of(end.output)?,
        reasoning: count_of(end.reasoning)?,
    };
    Ok(ModelCall {
        end: text("model_calls.ended_as", &end.ended_as, |name| CallEnd::from_names(name, finish))?,
        head: head_of(id, head)?,
        served_by: end.served_by,
        attempts: u32::try_from(end.attempts).unwrap_or_default(),
        usage,
        tier: text("model_calls.tier", &end.tier, ServiceTier::from_name)?,
        cost: PicoUsd::new(end.cost),
        saved: PicoUsd::new(end.saved),
        is_estimated: end.is_estimated,
        latency: micros_of(end.latency)?,
        first_token: end.first_token.map(micros_of).transpose()?,
    })
}

fn head_of(id: Uid, head: HeadRow) -> StoreResult<CallHead> {
    let alias = head.alias.as_deref();
    Ok(CallHead {
        id: id.into(),
        actor: actor(&head.actor_kind, head.actor_id)?,
        correlation_id: text("model_calls.correlation_id", &head.correlation_id, CorrelationId::parse)?,
        run: head.run_id.map(Into::into),
        operation: text("model_calls.operation", &head.operation, Operation::from_name)?,
        alias: alias.map(|name| text("model_calls.alias", name, ModelAlias::from_name)).transpose()?,
        provider: text("model_calls.provider", &head.provider, Provider::from_name)?,
        model: head.model,
        price: head.price,
        at: head.started_at.0,
    })
}

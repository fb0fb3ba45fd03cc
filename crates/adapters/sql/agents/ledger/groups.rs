use super::row::{count_of, micros_of};
use crate::{
    dialect::{Backend, DAY_OF_CALL},
    sql::{Day, Id, OnDay, Store, Uid, text},
};
use agents::dispatch::{BudgetMonth, CallEnd, CallGroup, CallSums, Finish, Operation, Provider, Usage};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text},
};
use kernel::{PicoUsd, StoreResult, WorkspaceScope};

/// What the calls of a group have in common, and what they come to.
#[derive(QueryableByName)]
#[diesel(check_for_backend(Backend))]
struct Row {
    #[diesel(sql_type = OnDay)]
    day: Day,
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = Text)]
    provider: String,
    #[diesel(sql_type = Text)]
    model: String,
    #[diesel(sql_type = Text)]
    ended_as: String,
    #[diesel(sql_type = Nullable<Text>)]
    finish: Option<String>,
    #[diesel(sql_type = BigInt)]
    calls: i64,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = BigInt)]
    estimated: i64,
    #[diesel(sql_type = BigInt)]
    cost: i64,
    #[diesel(sql_type = BigInt)]
    saved: i64,
    #[diesel(sql_type = BigInt)]
    latency: i64,
    #[diesel(sql_type = BigInt)]
    fresh: i64,
    #[diesel(sql_type = BigInt)]
    cache_read: i64,
    #[diesel(sql_type = BigInt)]
    cache_write_5m: i64,
    #[diesel(sql_type = BigInt)]
    cache_write_1h: i64,
    #[diesel(sql_type = BigInt)]
    output: i64,
    #[diesel(sql_type = BigInt)]
    reasoning: i64,
}

/// Columns that are added up. PostgreSQL adds bigints up as numerics: the sum is made one again, or refused.
const SUMS: [&str; 10] = [
    "attempts",
    "cost",
    "saved",
    "latency",
    "fresh",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
];

fn statement() -> String {
    let sums = SUMS.map(|column| format!("cast(coalesce(sum({column}), 0) as bigint) as {column}"));
    format!(
        "select {DAY_OF_CALL} as day, operation, provider, model, ended_as, finish, count(*) as calls,
           cast(sum(case when is_estimated then 1 else 0 end) as bigint) as estimated, {}
         from model_calls
         where workspace_id = $1 and month = $2
         group by 1, 2, 3, 4, 5, 6",
        sums.join(", ")
    )
}

impl Store {
    pub(super) async fn read_groups(
        &self,
        scope: &WorkspaceScope,
        month: BudgetMonth,
    ) -> StoreResult<Vec<CallGroup>> {
        let query = diesel::sql_query(statement())
            .bind::<Id, _>(Uid::from(scope.workspace()))
            .bind::<OnDay, _>(Day(month.first_day()));
        let rows: Vec<Row> = self.read(scope, query).await?;
        rows.into_iter().map(group).collect()
    }
}

fn group(row: Row) -> StoreResult<CallGroup> {
    let finish = row.finish.as_deref();
    let finish = finish.map(|name| text("model_calls.finish", name, Finish::from_name)).transpose()?;
    Ok(CallGroup {
        day: row.day.0,
        operation: text("model_calls.operation", &row.operation, Operation::from_name)?,
        provider: text("model_calls.provider", &row.provider, Provider::from_name)?,
        model: row.model,
        end: text("model_calls.ended_as", &row.ended_as, |name| CallEnd::from_names(name, finish))?,
        sums: CallSums {
            calls: count_of(row.calls)?,
            attempts: count_of(row.attempts)?,
            estimated: count_of(row.estimated)?,
            usage: Usage {
                fresh: count_of(row.fresh)?,
                cache_read: count_of(row.cache_read)?,
                cache_write_5m: count_of(row.cache_write_5m)?,
                cache_write_1h: count_of(row.cache_write_1h)?,
                output: count_of(row.output)?,
                reasoning: count_of(row.reasoning)?,
            },
            cost: PicoUsd::new(row.cost),
            saved: PicoUsd::new(row.saved),
            latency: micros_of(row.latency)?,
        },
    })
}

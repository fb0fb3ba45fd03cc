//! Writing facts down, numbered: the audit trail and the outbox in one.

use super::{
    Prepared, Uid,
    events::Unnumbered,
    schema::{event_streams, events},
    unit::{Scope, Unit},
};
use crate::dialect::{self, Backend};
use async_trait::async_trait;
use diesel::{
    QueryResult,
    dsl::sql,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment},
    sql_types::BigInt,
};
use diesel_async::RunQueryDsl;
use kernel::{EventOutbox, NewEvent, StoreResult, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

#[async_trait]
impl<S: Scope> EventOutbox for Unit<S> {
    async fn append(&mut self, event: NewEvent) -> StoreResult<()> {
        self.conn()?;
        self.events.push(event);
        Ok(())
    }
}

/// Writes the buffered facts, numbered. The stream's row stays locked until the commit that follows at once: without
/// it number 2 could become visible before number 1, and whoever reads by number would miss one.
pub(crate) async fn flush<S: Scope>(unit: &mut Unit<S>) -> StoreResult<()> {
    let workspace = unit.scope.tenant();
    let mut streams: BTreeMap<Uuid, Vec<NewEvent>> = BTreeMap::new();
    for event in std::mem::take(&mut unit.events) {
        let stream = workspace.or(event.user_id.map(UserId::uuid)).unwrap_or_default();
        streams.entry(stream).or_default().push(event);
    }
    for (stream, facts) in streams {
        write(unit, workspace.map(Uid), Uid(stream), facts).await?;
    }
    Ok(())
}

/// Takes the next numbers of a stream, and answers with the last one. (A macro, as the statement's type can't be written down.)
macro_rules! reserve {
    ($stream:expr, $count:expr) => {
        diesel::insert_into(event_streams::table)
            .values((event_streams::stream_id.eq($stream), event_streams::last_number.eq($count)))
            .on_conflict(event_streams::stream_id)
            .do_update()
            .set(event_streams::last_number.eq(event_streams::last_number + $count))
            .returning(event_streams::last_number)
    };
}

/// Stores a fact under its number, which is a value or an expression.
macro_rules! insert {
    ($event:expr, $workspace:expr, $number:expr) => {{
        let (address, agent) = ($event.address.map(|address| address.to_string()), $event.user_agent.take());
        diesel::insert_into(events::table).values((
            Unnumbered::of($event, $workspace),
            events::address.eq(address),
            events::user_agent.eq(agent),
            events::number.eq($number),
        ))
    }};
}

async fn write<S: Scope>(
    unit: &mut Unit<S>,
    workspace: Option<Uid>,
    stream: Uid,
    facts: Vec<NewEvent>,
) -> StoreResult<()> {
    let count = i64::try_from(facts.len()).unwrap_or(i64::MAX);
    let reserve = reserve!(stream, count);
    let mut facts = facts.into_iter();
    let next = if dialect::WRITES_IN_WITH
        && let Some(mut first) = facts.next()
    {
        let number =
            sql::<BigInt>("(select last_number - ").bind::<BigInt, _>(count - 1).sql(" from numbers)");
        let insert = insert!(first, workspace, number).returning(events::number);
        let number = Prepared(Numbered { reserve, insert }).get_result::<i64>(unit.conn()?).await;
        unit.note(number)? + 1
    } else {
        let last = Prepared(reserve).get_result::<i64>(unit.conn()?).await;
        unit.note(last)? - count + 1
    };
    // A batch insert does not compile for SQLite.
    for (number, mut fact) in (next..).zip(facts) {
        let inserted = Prepared(insert!(fact, workspace, number)).execute(unit.conn()?).await;
        unit.note(inserted)?;
    }
    Ok(())
}

/// One statement that takes `numbers` and stores a fact under one of them: a trip less to the database.
struct Numbered<R, I> {
    reserve: R,
    insert: I,
}

impl<R, I: Query> Query for Numbered<R, I> {
    type SqlType = I::SqlType;
}

impl<R: QueryFragment<Backend>, I: QueryFragment<Backend>> QueryFragment<Backend> for Numbered<R, I> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("with numbers as (");
        self.reserve.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        self.insert.walk_ast(out)
    }
}

//! How far consumers have come in each stream of facts.

use super::{
    Prepared, SystemUnit, Uid, events,
    schema::{consumer_positions as positions, event_streams as streams, events as facts},
};
use crate::dialect;
use async_trait::async_trait;
use diesel::{
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};
use diesel_async::RunQueryDsl;
use kernel::{ConsumerPositions, Event, Place, StoreResult, StreamId};

/// The first facts of a stream after a number, in order.
///
/// Nobody knows whether a stream is a workspace's or a person's, who never have the same id: each is looked for by its own index,
/// no further than is asked for. One condition for both would have all that is behind the number read and sorted, each time
/// that a consumer which is far behind takes a hundred.
pub(crate) struct After<Q>(Vec<Q>);

impl<Q> After<Q> {
    /// `most` facts at most, with these columns, `number` among them.
    fn number(
        stream: StreamId,
        number: i64,
        most: i64,
        columns: impl Fn(facts::BoxedQuery<'static, dialect::Backend>) -> Q,
    ) -> Self {
        let (of, after) = (Uid(stream.uuid()), facts::number.gt(number));
        let first = || facts::table.order(facts::number).limit(most).into_boxed();
        let of_no_workspace = facts::workspace_id.is_null();
        if stream.uuid().is_nil() {
            let of_nobody = of_no_workspace.and(facts::user_id.is_null()).and(after);
            return Self(vec![columns(first().filter(of_nobody))]);
        }
        let of_workspace = facts::workspace_id.is_not_null().and(facts::workspace_id.eq(of)).and(after);
        let of_person = of_no_workspace.and(facts::user_id.eq(of)).and(after);
        Self(vec![
            columns(first().filter(of_workspace.assume_not_null())),
            columns(first().filter(of_person.assume_not_null())),
        ])
    }
}

impl<Q> QueryId for After<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for After<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<dialect::Backend>> QueryFragment<dialect::Backend> for After<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, dialect::Backend>) -> QueryResult<()> {
        for (at, half) in self.0.iter().enumerate() {
            out.push_sql(if at == 0 { "select * from (" } else { " union all select * from (" });
            half.walk_ast(out.reborrow())?;
            out.push_sql(") as half");
        }
        out.push_sql(" order by number");
        Ok(())
    }
}

/// What is asked for the next places, for who looks at how it is gone about.
#[cfg(test)]
pub(crate) fn places_after(
    stream: StreamId,
    number: i64,
    most: i64,
) -> impl QueryFragment<dialect::Backend> + Send + 'static {
    After::number(stream, number, most, |half| half.select((facts::number, facts::id, facts::workspace_id)))
}

#[async_trait]
impl ConsumerPositions for SystemUnit {
    async fn hold(&mut self, consumer: &str, stream: StreamId) -> StoreResult<i64> {
        let held = dialect::hold(self.conn()?, &format!("position of {consumer} in {stream}")).await;
        self.note(held)?;
        let number = positions::table
            .find((consumer, Uid(stream.uuid())))
            .select(positions::number)
            .first::<i64>(self.conn()?)
            .await
            .optional();
        Ok(self.note(number)?.unwrap_or_default())
    }

    async fn list_after(&mut self, stream: StreamId, number: i64, most: u32) -> StoreResult<Vec<Event>> {
        let next = After::number(stream, number, most.into(), |half| half.select(events::Row::as_select()));
        dialect::go_by_index(self.conn()?);
        let rows = next.load::<events::Row>(self.conn()?).await;
        self.note(rows)?.into_iter().map(Event::try_from).collect()
    }

    async fn next_place(&mut self, stream: StreamId, number: i64) -> StoreResult<Option<Place>> {
        let columns = (facts::number, facts::id, facts::workspace_id);
        let next = After::number(stream, number, 1, |half| half.select(columns));
        dialect::go_by_index(self.conn()?);
        let place = next.get_result::<(i64, Uid, Option<Uid>)>(self.conn()?).await.optional();
        let place = self.note(place)?;
        Ok(place.map(|(number, id, workspace)| Place {
            number,
            id: id.into(),
            workspace_id: workspace.map(Into::into),
        }))
    }

    async fn move_to(&mut self, consumer: &str, stream: StreamId, number: i64) -> StoreResult<()> {
        let move_to = diesel::insert_into(positions::table)
            .values((
                positions::consumer.eq(consumer),
                positions::stream_id.eq(Uid(stream.uuid())),
                positions::number.eq(number),
            ))
            .on_conflict((positions::consumer, positions::stream_id))
            .do_update()
            .set(positions::number.eq(number));
        let moved = Prepared(move_to).execute(self.conn()?).await;
        self.note(moved).map(drop)
    }

    async fn behind(
        &mut self,
        consumer: &str,
        after: Option<StreamId>,
        most: u32,
    ) -> StoreResult<Vec<StreamId>> {
        let its = positions::stream_id.eq(streams::stream_id).and(positions::consumer.eq(consumer));
        let behind = streams::table
            .left_join(positions::table.on(its))
            .filter(
                positions::number
                    .nullable()
                    .is_null()
                    .or(streams::last_number.nullable().gt(positions::number.nullable())),
            )
            .order(streams::stream_id)
            .limit(most.into())
            .select(streams::stream_id)
            .into_boxed();
        let behind = match after {
            Some(after) => behind.filter(streams::stream_id.gt(Uid(after.uuid()))),
            None => behind,
        };
        let behind = behind.load::<Uid>(self.conn()?).await;
        Ok(self.note(behind)?.into_iter().map(|stream| StreamId::new(stream.0)).collect())
    }
}

//! How far consumers have come in each stream of facts.

use super::{
    Prepared, SystemUnit, Uid, events,
    schema::{consumer_positions as positions, event_streams as streams, events as facts},
};
use crate::dialect;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use kernel::{ConsumerPositions, Event, Place, StoreResult, StreamId};

/// The stream's facts after this number, in order.
fn after(stream: StreamId, number: i64) -> facts::BoxedQuery<'static, dialect::Backend> {
    let of_stream = if stream.uuid().is_nil() { None } else { Some(Uid(stream.uuid())) };
    let after = facts::number.gt(number);
    let of_workspace = facts::workspace_id.is_not_null().and(facts::workspace_id.eq(of_stream)).and(after);
    // A workspace and a person have never the same id; the platform's facts are of neither.
    let of_person = facts::workspace_id.is_null().and(facts::user_id.eq(of_stream)).and(after);
    let rows = facts::table.order(facts::number).into_boxed();
    match of_stream {
        Some(_) => rows.filter(of_workspace.or(of_person).assume_not_null()),
        None => rows.filter(facts::workspace_id.is_null().and(facts::user_id.is_null()).and(after)),
    }
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
        let next = after(stream, number).limit(most.into()).select(events::Row::as_select());
        let rows = next.load::<events::Row>(self.conn()?).await;
        self.note(rows)?.into_iter().map(Event::try_from).collect()
    }

    async fn next_place(&mut self, stream: StreamId, number: i64) -> StoreResult<Option<Place>> {
        let next = after(stream, number).select((facts::number, facts::id, facts::workspace_id));
        let place = next.first::<(i64, Uid, Option<Uid>)>(self.conn()?).await.optional();
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

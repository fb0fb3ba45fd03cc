//! What names a person in rows that only a look at each of them finds.

use crate::{
    dialect,
    sql::{
        Store, SystemUnit, Uid,
        schema::{idempotency_records as records, jobs},
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{Person, ports::PersonalTraces};
use kernel::{StoreResult, SystemScope, UnitOfWork};
use uuid::Uuid;

/// How many rows one transaction goes through. All of them may take longer than a statement is given, and would then never be
/// done; and on SQLite nobody else writes meanwhile.
const BATCH: i64 = 1_000;

/// Whom to look for.
struct Wanted {
    id: Uid,
    address: String,
}

/// An answer's caller and key, by which answers are gone through.
type Answer = (String, String);

/// Before the first answer.
fn first() -> Answer {
    Answer::default()
}

/// Behind the last one.
fn end() -> Answer {
    (char::MAX.to_string(), String::new())
}

impl SystemUnit {
    /// Goes through the next jobs; answers how far that was, `None` when it was to the end.
    async fn forget_in_jobs(&mut self, wanted: &Wanted, after: Uid) -> StoreResult<Option<Uid>> {
        let ids = jobs::table.filter(jobs::id.gt(after)).order(jobs::id).select(jobs::id);
        let last = ids.offset(BATCH - 1).limit(1).get_result::<Uid>(self.conn()?).await.optional();
        let last = self.note(last)?;
        let range = (after, last.unwrap_or(Uid(Uuid::max())));
        let emptied = dialect::forget_in_jobs(self.conn()?, wanted.id, &wanted.address, range).await;
        self.note(emptied).map(|()| last)
    }

    /// The same of answers.
    async fn forget_answers(&mut self, wanted: &Wanted, after: &Answer) -> StoreResult<Option<Answer>> {
        let (caller, key) = after;
        let further = records::caller.gt(caller).or(records::key.gt(key));
        let last = records::table
            .filter(records::caller.ge(caller).and(further))
            .order((records::caller, records::key))
            .select((records::caller, records::key))
            .offset(BATCH - 1)
            .limit(1)
            .get_result::<Answer>(self.conn()?)
            .await
            .optional();
        let last = self.note(last)?;
        let range = (after, &last.clone().unwrap_or_else(end));
        let removed = dialect::forget_answers(self.conn()?, wanted.id, &wanted.address, range).await;
        self.note(removed).map(|()| last)
    }
}

#[async_trait]
impl PersonalTraces for Store {
    async fn forget_traces(&self, scope: &SystemScope, person: &Person) -> StoreResult<()> {
        let units: &dyn UnitOfWork<SystemUnit, SystemScope> = self;
        let wanted = &Wanted { id: person.user.id.into(), address: person.user.email.lower() };
        let mut after = Some(Uid(Uuid::nil()));
        while let Some(from) = after {
            after = units.run(scope, async |unit| unit.forget_in_jobs(wanted, from).await).await?;
        }
        let mut after = Some(first());
        while let Some(from) = after {
            after = units.run(scope, async |unit| unit.forget_answers(wanted, &from).await).await?;
        }
        Ok(())
    }
}

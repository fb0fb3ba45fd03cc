use crate::unit::{Scope, Unit};
use async_trait::async_trait;
use kernel::{
    Kinds, Schedule, ScheduleId, ScheduleQueue, Schedules, StoreResult, SystemScope, Timestamp, WorkspaceId,
};
use std::collections::BTreeMap;

#[derive(Clone, Default)]
pub(crate) struct State(BTreeMap<ScheduleId, Schedule>);

impl State {
    /// Forgets the workspace's; answers how many there were.
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) -> usize {
        let before = self.0.len();
        self.0.retain(|_, schedule| schedule.workspace_id != Some(workspace));
        before - self.0.len()
    }
}

#[async_trait]
impl<S: Scope> Schedules for Unit<S> {
    async fn put(&mut self, schedule: &Schedule) -> StoreResult<()> {
        self.statement(|unit| {
            let workspace_id = unit.scope.tenant().or(schedule.workspace_id);
            let new = Schedule { workspace_id, ..schedule.clone() };
            let mut all = unit.state.schedules.0.values_mut();
            let stored = all.find(|stored| (stored.workspace_id, &stored.name) == (workspace_id, &new.name));
            match stored {
                Some(stored) if stored.says_the_same(&new) => {}
                Some(stored) => *stored = Schedule { id: stored.id, ..new },
                None => drop(unit.state.schedules.0.insert(new.id, new)),
            }
            Ok(())
        })
    }

    async fn remove_all(&mut self) -> StoreResult<usize> {
        self.statement(|unit| Ok(unit.scope.tenant().map_or(0, |own| unit.state.schedules.purge(own))))
    }

    async fn list(&mut self) -> StoreResult<Vec<Schedule>> {
        self.statement(|unit| {
            let own = unit.scope.tenant();
            let all = unit.state.schedules.0.values();
            let mut listed: Vec<Schedule> = all.filter(|s| s.workspace_id == own).cloned().collect();
            listed.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(listed)
        })
    }
}

#[async_trait]
impl ScheduleQueue for Unit<SystemScope> {
    async fn due(&mut self, kinds: Kinds<'_>, now: Timestamp, most: i64) -> StoreResult<Vec<Schedule>> {
        self.statement(|unit| {
            let wanted = |schedule: &&Schedule| match kinds {
                Kinds::All => true,
                Kinds::Only(kinds) => kinds.contains(&schedule.kind.as_str()),
            };
            let all = unit.state.schedules.0.values().filter(|schedule| schedule.next_run <= now);
            let mut due: Vec<Schedule> = all.filter(wanted).cloned().collect();
            due.sort_by_key(|schedule| (schedule.next_run, schedule.id));
            due.truncate(usize::try_from(most).unwrap_or(0));
            Ok(due)
        })
    }

    async fn advance(&mut self, id: ScheduleId, next_run: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            if let Some(schedule) = unit.state.schedules.0.get_mut(&id) {
                schedule.next_run = next_run;
            }
            Ok(())
        })
    }
}

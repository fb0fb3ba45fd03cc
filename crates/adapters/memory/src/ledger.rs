use crate::store::Store;
use ::agents::{
    dispatch::{
        BudgetMonth, CallEnd, CallGroup, CallSums, Held, Hold, ModelCall, ServiceTier, Spending, Usage,
    },
    ports::models::{BudgetLedger, ModelCallReader},
};
use async_trait::async_trait;
use kernel::{
    ModelCallId, Page, PageRequest, PicoUsd, StoreError, StoreResult, SystemScope, TimeZone, Timestamp,
    WorkspaceId, WorkspaceScope,
};
use std::collections::BTreeMap;

#[derive(Clone)]
enum Call {
    Held(Hold),
    Ended(BudgetMonth, ModelCall),
}

#[derive(Clone, Default)]
pub(crate) struct State {
    calls: BTreeMap<(WorkspaceId, ModelCallId), Call>,
    months: BTreeMap<(WorkspaceId, BudgetMonth), Spending>,
}

impl State {
    pub(crate) fn purge(&mut self, workspace: WorkspaceId) {
        self.calls.retain(|(of, _), _| *of != workspace);
        self.months.retain(|(of, _), _| *of != workspace);
    }

    fn count(&mut self, workspace: WorkspaceId, month: BudgetMonth, spent: i64, reserved: i64) {
        let own = self.months.entry((workspace, month)).or_default();
        own.spent = PicoUsd::new(own.spent.pico() + spent);
        own.reserved = PicoUsd::new(own.reserved.pico() + reserved);
    }

    fn settle(&mut self, workspace: WorkspaceId, call: &ModelCall) -> StoreResult<()> {
        let place = (workspace, call.head.id);
        let (month, spent, reserved) = match self.calls.get(&place) {
            None => (BudgetMonth::of(call.head.at), call.cost.pico(), 0),
            Some(Call::Held(hold)) => (hold.month, call.cost.pico(), -hold.amount.pico()),
            Some(Call::Ended(month, lost)) if lost.end == CallEnd::Lost => {
                (*month, call.cost.pico() - lost.cost.pico(), 0)
            }
            Some(Call::Ended(..)) => return Ok(()),
        };
        self.calls.insert(place, Call::Ended(month, call.clone()));
        self.count(workspace, month, spent, reserved);
        Ok(())
    }

    fn write_off_one(&mut self, now: Timestamp) -> bool {
        let held = self.calls.iter().filter_map(|(place, call)| match call {
            Call::Held(hold) if hold.until <= now => Some((hold.until, place.1, place.0)),
            _ => None,
        });
        let Some((_, id, workspace)) = held.min() else { return false };
        let Some(Call::Held(hold)) = self.calls.remove(&(workspace, id)) else { return false };
        self.count(workspace, hold.month, hold.input_cost.pico(), -hold.amount.pico());
        self.calls.insert((workspace, id), Call::Ended(hold.month, lost(hold, now)));
        true
    }
}

/// A group of one.
fn group(call: &ModelCall) -> CallGroup {
    CallGroup {
        day: call.head.at.date_in(&TimeZone::utc()),
        operation: call.head.operation,
        provider: call.head.provider,
        model: call.head.model.clone(),
        end: call.end,
        sums: CallSums {
            calls: 1,
            attempts: u64::from(call.attempts),
            estimated: u64::from(call.is_estimated),
            usage: call.usage,
            cost: call.cost,
            saved: call.saved,
            latency: call.latency,
        },
    }
}

fn lost(hold: Hold, now: Timestamp) -> ModelCall {
    ModelCall {
        latency: now.since(hold.call.at),
        end: CallEnd::Lost,
        served_by: None,
        attempts: 1,
        usage: Usage { fresh: hold.input_tokens, ..Usage::NONE },
        tier: ServiceTier::Standard,
        cost: hold.input_cost,
        saved: PicoUsd::ZERO,
        is_estimated: true,
        first_token: None,
        head: hold.call,
    }
}

#[async_trait]
impl BudgetLedger for Store {
    async fn hold(&self, scope: &WorkspaceScope, hold: &Hold, limit: Option<PicoUsd>) -> StoreResult<Held> {
        let mut state = self.state().await?;
        let ledger = &mut state.ledger;
        let own = (scope.workspace(), hold.month);
        let spending = ledger.months.get(&own).copied().unwrap_or_default();
        if !spending.has_room(hold.amount, limit) {
            return Ok(Held::Refused(spending));
        }
        let place = (scope.workspace(), hold.call.id);
        if ledger.calls.contains_key(&place) {
            return Err(StoreError::Conflict("model_holds".to_owned()));
        }
        ledger.calls.insert(place, Call::Held(hold.clone()));
        ledger.count(scope.workspace(), hold.month, 0, hold.amount.pico());
        Ok(Held::Yes)
    }

    async fn settle(&self, scope: &WorkspaceScope, call: &ModelCall) -> StoreResult<()> {
        self.state().await?.ledger.settle(scope.workspace(), call)
    }

    async fn write_off(&self, _: &SystemScope, now: Timestamp, most: u32) -> StoreResult<u32> {
        let mut state = self.state().await?;
        let mut written_off = 0;
        while written_off < most && state.ledger.write_off_one(now) {
            written_off += 1;
        }
        Ok(written_off)
    }
}

#[async_trait]
impl ModelCallReader for Store {
    async fn page(&self, scope: &WorkspaceScope, request: &PageRequest) -> StoreResult<Page<ModelCall>> {
        let state = self.state().await?;
        let own = state.ledger.calls.iter().rev().filter(|((of, _), _)| *of == scope.workspace());
        let ended = own.filter_map(|(_, call)| match call {
            Call::Ended(_, call) => Some(call.clone()),
            Call::Held(_) => None,
        });
        let after = ended.filter(|call| request.after.is_none_or(|after| call.head.id.uuid() < after));
        let found = after.take(request.limit.get() as usize + 1).collect();
        Ok(Page::cut(found, request.limit, |call: &ModelCall| call.head.id.uuid()))
    }

    async fn groups(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Vec<CallGroup>> {
        let state = self.state().await?;
        let own = state.ledger.calls.iter().filter(|((of, _), _)| *of == scope.workspace());
        let ended = own.filter_map(|(_, call)| match call {
            Call::Ended(of, call) if *of == month => Some(group(call)),
            _ => None,
        });
        Ok(ended.collect())
    }

    async fn spending(&self, scope: &WorkspaceScope, month: BudgetMonth) -> StoreResult<Spending> {
        let state = self.state().await?;
        Ok(state.ledger.months.get(&(scope.workspace(), month)).copied().unwrap_or_default())
    }
}

//! What calls of models cost: held back before, settled after, never more than the limit.

use crate::{Stores, Tenant};
use agents::{
    ModelAlias,
    dispatch::{
        BudgetMonth, CallEnd, CallGroup, CallHead, CallTally, FailureKind, Finish, Held, Hold, ModelCall,
        Operation, Provider, ServiceTier, Spending, Usage,
    },
};
use futures_util::future::join_all;
use kernel::{Limit, ModelCallId, PageRequest, PicoUsd, RunId, StoreError, SystemScope};
use std::time::Duration;

#[macro_export]
macro_rules! ledger_cases {
    ($open:path, $fresh:path) => {
        $crate::cases!(ledger, $open;
            what_is_held_back_is_settled_with_its_row,
            exactly_the_rest_of_the_limit_fits,
            of_a_hundred_callers_at_once_none_overspends,
            without_a_limit_everything_is_counted_and_nothing_refused,
            a_call_is_settled_once,
            a_call_that_nothing_was_held_back_for_is_counted_too,
            months_are_counted_apart,
            another_tenants_calls_are_neither_seen_nor_settled,
            calls_come_newest_first_and_page_by_page,
            what_comes_at_once_has_outcomes_of_its_own,
            a_months_calls_add_up_to_what_was_spent_in_it,
        );
        $crate::cases!(ledger, $fresh;
            holds_whose_time_is_over_are_written_off_at_the_cost_of_their_input,
            a_call_that_was_written_off_too_soon_is_put_right,
            a_call_that_ends_while_its_money_is_being_held_leaves_nothing_held,
        );
    };
}

const SYSTEM: SystemScope = SystemScope::for_worker();
const LEASE: Duration = Duration::from_secs(60);

fn usd(pico: i64) -> PicoUsd {
    PicoUsd::new(pico)
}

pub fn hold(stores: &Stores, me: &Tenant, amount: i64) -> Hold {
    let now = stores.env.now();
    let call = CallHead {
        id: stores.env.id(),
        actor: me.ctx.actor,
        correlation_id: me.ctx.correlation_id.clone(),
        run: None,
        operation: Operation::Generate,
        alias: Some(ModelAlias::Fast),
        provider: Provider::Vertex,
        model: "gemini-3.8-flash".to_owned(),
        price: "gemini-3.8-flash@2027-01-01".to_owned(),
        at: now,
    };
    let (month, until) = (BudgetMonth::of(now), now.plus(LEASE));
    Hold { call, month, amount: usd(amount), input_cost: usd(amount / 4), input_tokens: 9, until }
}

pub fn ended(hold: &Hold, cost: i64) -> ModelCall {
    ModelCall {
        head: CallHead { provider: Provider::OpenAi, model: "gpt-6-luna".to_owned(), ..hold.call.clone() },
        end: CallEnd::Answered(Finish::Length),
        served_by: Some("gpt-6-luna-2026-09-01".to_owned()),
        attempts: 2,
        usage: Usage {
            fresh: 600,
            cache_read: 400,
            cache_write_5m: 3,
            cache_write_1h: 2,
            output: 150,
            reasoning: 50,
        },
        tier: ServiceTier::Flex,
        cost: usd(cost),
        saved: usd(0),
        is_estimated: true,
        latency: Duration::from_micros(1_234_567),
        first_token: Some(Duration::from_micros(1_001)),
    }
}

pub async fn held(stores: &Stores, me: &Tenant, hold: &Hold, limit: Option<i64>) -> Held {
    stores.ledger.hold(&me.scope, hold, limit.map(usd)).await.unwrap()
}

pub async fn settle(stores: &Stores, me: &Tenant, call: &ModelCall) {
    stores.ledger.settle(&me.scope, call).await.unwrap();
}

async fn spending(stores: &Stores, me: &Tenant) -> (i64, i64) {
    let month = BudgetMonth::of(stores.env.now());
    let Spending { spent, reserved } = stores.model_calls.spending(&me.scope, month).await.unwrap();
    (spent.pico(), reserved.pico())
}

async fn rows(stores: &Stores, me: &Tenant) -> Vec<ModelCall> {
    stores.model_calls.page(&me.scope, &PageRequest::default()).await.unwrap().items
}

pub async fn what_is_held_back_is_settled_with_its_row(stores: Stores) {
    let me = stores.tenant();
    assert_eq!(spending(&stores, &me).await, (0, 0));
    let mut first = hold(&stores, &me, 40);
    first.call.run = Some(stores.env.id::<RunId>());
    assert_eq!(held(&stores, &me, &first, Some(100)).await, Held::Yes);
    assert_eq!(spending(&stores, &me).await, (0, 40));
    assert!(rows(&stores, &me).await.is_empty(), "a call under way has not ended");
    let call = ended(&first, 55);
    settle(&stores, &me, &call).await;
    assert_eq!(spending(&stores, &me).await, (55, 0), "what it cost counts, more than was held back too");
    assert_eq!(rows(&stores, &me).await, [call]);
    // Ids of one instant are in no order.
    stores.clock.advance(Duration::from_millis(1));
    let failed = hold(&stores, &me, 10);
    assert_eq!(held(&stores, &me, &failed, Some(100)).await, Held::Yes);
    let failure = ModelCall {
        end: CallEnd::Failed(FailureKind::TimedOut),
        served_by: None,
        usage: Usage::NONE,
        first_token: None,
        ..ended(&failed, 0)
    };
    settle(&stores, &me, &failure).await;
    assert_eq!(spending(&stores, &me).await, (55, 0));
    assert_eq!(rows(&stores, &me).await[0], failure);
}

/// As a store may write them together.
pub async fn what_comes_at_once_has_outcomes_of_its_own(stores: Stores) {
    let me = stores.tenant();
    let (ending, standing) = (hold(&stores, &me, 10), hold(&stores, &me, 10));
    for one in [&ending, &standing] {
        assert_eq!(held(&stores, &me, one, Some(100)).await, Held::Yes);
    }
    let holds: Vec<Hold> = [40, 70, 30].map(|amount| hold(&stores, &me, amount)).into();
    let all = holds.iter().chain([&standing]);
    let holding = join_all(all.map(|hold| stores.ledger.hold(&me.scope, hold, Some(usd(100)))));
    let calls = [ended(&ending, 20), ended(&hold(&stores, &me, 1), 3)];
    let settling = join_all(calls.iter().map(|call| stores.ledger.settle(&me.scope, call)));
    let (mut held, settled) = futures_util::future::join(holding, settling).await;
    assert!(settled.iter().all(Result::is_ok), "{settled:?}");
    let twice = held.pop().unwrap();
    assert!(matches!(twice, Err(StoreError::Conflict(_)) | Ok(Held::Refused(_))), "{twice:?}");
    let outcomes: Vec<bool> = held.into_iter().map(|held| held.unwrap() == Held::Yes).collect();
    let fits: i64 =
        outcomes.iter().zip(&holds).filter(|(fits, _)| **fits).map(|(_, hold)| hold.amount.pico()).sum();
    assert!(fits <= 80, "{outcomes:?}");
    assert_eq!(spending(&stores, &me).await, (23, 10 + fits));
}

/// Whoever goes away while the money is being held has the call ended before it has begun.
pub async fn a_call_that_ends_while_its_money_is_being_held_leaves_nothing_held(stores: Stores) {
    let me = stores.tenant();
    let holds: Vec<Hold> = (0..10).map(|_| hold(&stores, &me, 10)).collect();
    let calls: Vec<ModelCall> = holds.iter().map(|hold| ended(hold, 1)).collect();
    let holding = join_all(holds.iter().map(|hold| stores.ledger.hold(&me.scope, hold, Some(usd(100)))));
    let settling = join_all(calls.iter().map(|call| stores.ledger.settle(&me.scope, call)));
    let (held, settled) = futures_util::future::join(holding, settling).await;
    assert!(held.iter().all(|held| *held == Ok(Held::Yes)), "{held:?}");
    assert!(settled.iter().all(Result::is_ok), "{settled:?}");
    assert_eq!((spending(&stores, &me).await, rows(&stores, &me).await.len()), ((10, 0), 10));
    stores.clock.advance(LEASE);
    assert_eq!(stores.ledger.write_off(&SYSTEM, stores.env.now(), 100).await, Ok(0));
}

pub async fn a_months_calls_add_up_to_what_was_spent_in_it(stores: Stores) {
    let (me, other) = (stores.tenant(), stores.tenant());
    let call = |me: &Tenant, end, cost| ModelCall { end, ..ended(&hold(&stores, me, 1), cost) };
    let failed = ModelCall {
        usage: Usage::NONE,
        first_token: None,
        ..call(&me, CallEnd::Failed(FailureKind::TimedOut), 0)
    };
    let saved = ModelCall { saved: usd(55), attempts: 0, ..call(&me, CallEnd::Cached(Finish::Stop), 0) };
    let answered = || call(&me, CallEnd::Answered(Finish::Length), 55);
    for call in [answered(), answered(), call(&me, CallEnd::Answered(Finish::Stop), 5), failed, saved] {
        settle(&stores, &me, &call).await;
    }
    settle(&stores, &other, &call(&other, CallEnd::Cancelled, 7)).await;
    assert_eq!(held(&stores, &me, &hold(&stores, &me, 9), None).await, Held::Yes);
    stores.clock.advance(Duration::from_secs(24 * 60 * 60));
    settle(&stores, &me, &answered()).await;

    let month = BudgetMonth::of(stores.env.now());
    let groups = stores.model_calls.groups(&me.scope, month).await.unwrap();
    let mut tally = CallTally::default();
    groups.iter().for_each(|group| tally.add(group));
    assert_eq!((tally.answered, tally.failed, tally.cached, tally.cancelled), (4, 1, 1, 0));
    assert_eq!((tally.sums.cost, tally.sums.saved, tally.sums.estimated), (usd(170), usd(55), 6));
    assert_eq!((tally.sums.attempts, tally.sums.usage.fresh, tally.sums.usage.reasoning), (10, 3_000, 250));
    assert_eq!(tally.mean_latency(), Duration::from_micros(1_234_567));
    assert_eq!(spending(&stores, &me).await.0, 170, "the sum is what was spent");
    let mut days: Vec<_> = groups.iter().map(|group| group.day).collect();
    days.sort_unstable();
    days.dedup();
    assert_eq!(days.len(), 2, "each day is counted apart");
    let length = |group: &&CallGroup| group.end == CallEnd::Answered(Finish::Length) && group.day == days[0];
    let both: u64 = groups.iter().filter(length).map(|group| group.sums.calls).sum();
    assert_eq!(both, 2);
}

pub async fn exactly_the_rest_of_the_limit_fits(stores: Stores) {
    let me = stores.tenant();
    let spent = hold(&stores, &me, 60);
    assert_eq!(held(&stores, &me, &spent, Some(100)).await, Held::Yes);
    settle(&stores, &me, &ended(&spent, 60)).await;
    assert_eq!(held(&stores, &me, &hold(&stores, &me, 30), Some(100)).await, Held::Yes);
    let refused = held(&stores, &me, &hold(&stores, &me, 11), Some(100)).await;
    assert_eq!(refused, Held::Refused(Spending { spent: usd(60), reserved: usd(30) }));
    assert_eq!(spending(&stores, &me).await, (60, 30), "a refusal changes nothing");
    assert_eq!(held(&stores, &me, &hold(&stores, &me, 10), Some(100)).await, Held::Yes);
    let nothing = held(&stores, &me, &hold(&stores, &me, 0), Some(99)).await;
    assert!(matches!(nothing, Held::Refused(_)), "the limit was lowered meanwhile");
}

pub async fn of_a_hundred_callers_at_once_none_overspends(stores: Stores) {
    let me = stores.tenant();
    let holds: Vec<Hold> = (0..100).map(|_| hold(&stores, &me, 7)).collect();
    let answers = join_all(holds.iter().map(|hold| held(&stores, &me, hold, Some(100)))).await;
    let granted: Vec<_> = holds.iter().zip(&answers).filter(|(_, answer)| **answer == Held::Yes).collect();
    assert_eq!((granted.len(), spending(&stores, &me).await), (14, (0, 98)));
    join_all(granted.iter().map(|(hold, _)| async { settle(&stores, &me, &ended(hold, 3)).await })).await;
    assert_eq!(spending(&stores, &me).await, (42, 0));
    let sum: i64 = rows(&stores, &me).await.iter().map(|call| call.cost.pico()).sum();
    assert_eq!(sum, 42, "the rows say the same");
}

/// Two stores over one database are what two processes have; each calls for itself.
pub async fn of_two_processes_none_overspends(one: Stores, other: Stores) {
    let me = one.tenant();
    let holds: Vec<Hold> = (0..60).map(|_| hold(&one, &me, 7)).collect();
    let (first, second) = holds.split_at(30);
    let holding = |stores: &Stores, holds: &[Hold]| {
        let (ledger, scope, holds) = (stores.ledger.clone(), me.scope, holds.to_vec());
        tokio::spawn(async move {
            let limit = Some(usd(100));
            join_all(holds.iter().map(|hold| ledger.hold(&scope, hold, limit))).await
        })
    };
    let (first, second) = (holding(&one, first), holding(&other, second));
    let mut answers = first.await.unwrap();
    answers.extend(second.await.unwrap());
    let granted: Vec<&Hold> = holds
        .iter()
        .zip(answers)
        .filter_map(|(hold, answer)| (answer.unwrap() == Held::Yes).then_some(hold))
        .collect();
    assert_eq!((granted.len(), spending(&other, &me).await), (14, (0, 98)));
    // Whoever held it, the other may settle it.
    join_all(granted.iter().map(|hold| async { settle(&other, &me, &ended(hold, 3)).await })).await;
    assert_eq!(spending(&one, &me).await, (42, 0));
}

pub async fn without_a_limit_everything_is_counted_and_nothing_refused(stores: Stores) {
    let me = stores.tenant();
    for amount in [0, 1 << 60] {
        assert_eq!(held(&stores, &me, &hold(&stores, &me, amount), None).await, Held::Yes);
    }
    assert_eq!(spending(&stores, &me).await, (0, 1 << 60));
}

pub async fn a_call_is_settled_once(stores: Stores) {
    let me = stores.tenant();
    let one = hold(&stores, &me, 40);
    assert_eq!(held(&stores, &me, &one, None).await, Held::Yes);
    let again = stores.ledger.hold(&me.scope, &one, None).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    settle(&stores, &me, &ended(&one, 20)).await;
    settle(&stores, &me, &ended(&one, 30)).await;
    assert_eq!(spending(&stores, &me).await, (20, 0));
    assert_eq!(rows(&stores, &me).await, [ended(&one, 20)]);
}

pub async fn a_call_that_nothing_was_held_back_for_is_counted_too(stores: Stores) {
    let me = stores.tenant();
    let hit = hold(&stores, &me, 0);
    let call = ModelCall {
        end: CallEnd::Cached(Finish::Stop),
        usage: Usage::NONE,
        attempts: 0,
        saved: usd(17),
        is_estimated: false,
        first_token: None,
        ..ended(&hit, 0)
    };
    settle(&stores, &me, &call).await;
    assert_eq!((spending(&stores, &me).await, rows(&stores, &me).await), ((0, 0), vec![call]));
}

pub async fn months_are_counted_apart(stores: Stores) {
    let me = stores.tenant();
    let old = hold(&stores, &me, 40);
    assert_eq!(held(&stores, &me, &old, Some(40)).await, Held::Yes);
    stores.clock.advance(Duration::from_secs(31 * 24 * 60 * 60));
    let new = hold(&stores, &me, 40);
    assert_eq!(held(&stores, &me, &new, Some(40)).await, Held::Yes, "the new month has its own budget");
    settle(&stores, &me, &ended(&old, 33)).await;
    assert_eq!(spending(&stores, &me).await, (0, 40));
    let before = stores.model_calls.spending(&me.scope, old.month).await.unwrap();
    assert_eq!(before, Spending { spent: usd(33), reserved: usd(0) }, "counted when it was held back");
}

pub async fn another_tenants_calls_are_neither_seen_nor_settled(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let theirs = hold(&stores, &they, 40);
    assert_eq!(held(&stores, &they, &theirs, Some(40)).await, Held::Yes);
    assert_eq!(
        held(&stores, &me, &hold(&stores, &me, 40), Some(40)).await,
        Held::Yes,
        "a budget of one's own"
    );
    // To me it is a call that nothing was held for: whatever I write is mine.
    settle(&stores, &me, &ended(&theirs, 1)).await;
    assert_eq!((spending(&stores, &they).await, rows(&stores, &they).await), ((0, 40), vec![]));
    settle(&stores, &they, &ended(&theirs, 40)).await;
    assert_eq!(rows(&stores, &they).await, [ended(&theirs, 40)]);
    assert_eq!((spending(&stores, &me).await, rows(&stores, &me).await), ((1, 40), vec![ended(&theirs, 1)]));
}

pub async fn calls_come_newest_first_and_page_by_page(stores: Stores) {
    let me = stores.tenant();
    let mut all: Vec<ModelCallId> = Vec::new();
    for _ in 0..5 {
        let hold = hold(&stores, &me, 1);
        settle(&stores, &me, &ended(&hold, 1)).await;
        all.insert(0, hold.call.id);
        // Ids of one instant are in no order.
        stores.clock.advance(Duration::from_millis(1));
    }
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.model_calls.page(&me.scope, &request).await.unwrap();
        seen.extend(page.items.iter().map(|call| call.head.id));
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, all);
}

pub async fn holds_whose_time_is_over_are_written_off_at_the_cost_of_their_input(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let (dead, theirs) = (hold(&stores, &me, 40), hold(&stores, &they, 8));
    let alive = Hold { until: dead.until.plus(LEASE), ..hold(&stores, &me, 20) };
    for (tenant, hold) in [(&me, &dead), (&me, &alive), (&they, &theirs)] {
        assert_eq!(held(&stores, tenant, hold, None).await, Held::Yes);
    }
    let write_off = async |most| stores.ledger.write_off(&SYSTEM, stores.env.now(), most).await.unwrap();
    assert_eq!(write_off(10).await, 0);
    stores.clock.advance(LEASE);
    assert_eq!((write_off(1).await, write_off(10).await, write_off(10).await), (1, 1, 0));
    assert_eq!((spending(&stores, &me).await, spending(&stores, &they).await), ((10, 20), (2, 0)));
    let [row] = &rows(&stores, &me).await[..] else { panic!("one has ended") };
    assert_eq!((row.end, row.is_estimated, row.cost.pico()), (CallEnd::Lost, true, 10));
    assert_eq!((row.usage.input(), row.usage.output, &row.head), (9, 0, &dead.call));
    assert_eq!((row.latency, row.attempts), (LEASE, 1));
}

pub async fn a_call_that_was_written_off_too_soon_is_put_right(stores: Stores) {
    let me = stores.tenant();
    let slow = hold(&stores, &me, 40);
    assert_eq!(held(&stores, &me, &slow, None).await, Held::Yes);
    stores.clock.advance(LEASE);
    assert_eq!(stores.ledger.write_off(&SYSTEM, stores.env.now(), 10).await.unwrap(), 1);
    assert_eq!(spending(&stores, &me).await, (10, 0));
    settle(&stores, &me, &ended(&slow, 25)).await;
    assert_eq!((spending(&stores, &me).await, rows(&stores, &me).await), ((25, 0), vec![ended(&slow, 25)]));
}

//! What the owner lets a workspace spend on AI.

use crate::{Stores, Tenant};
use futures_util::future::join_all;
use kernel::{PicoUsd, Role, StoreError, StoreResult, WorkspaceScope};
use workspace::{Budget, Error, services::BudgetService};

#[macro_export]
macro_rules! budget_cases {
    ($open:path) => {
        $crate::cases!(budgets, $open;
            a_budget_comes_back_as_it_went_in,
            a_stale_budget_is_not_saved,
            another_tenants_budget_is_not_seen,
            of_parallel_first_budgets_each_is_kept_or_refused,
            the_owner_sets_the_budget_and_the_smallest_limit_holds,
        );
    };
}

async fn save(stores: &Stores, tenant: &Tenant, budget: &Budget) -> StoreResult<()> {
    let now = stores.env.now();
    stores.workspace.run(&tenant.scope, async |tx| tx.budgets().save(budget, now).await).await
}

async fn in_unit(stores: &Stores, tenant: &Tenant) -> Budget {
    let found: StoreResult<_> =
        stores.workspace.run(&tenant.scope, async |tx| tx.budgets().find().await).await;
    found.unwrap()
}

fn of(pico: i64, version: i32) -> Budget {
    Budget { limit: Some(PicoUsd::new(pico)), version }
}

pub async fn a_budget_comes_back_as_it_went_in(stores: Stores) {
    let me = stores.tenant();
    assert_eq!(stores.budgets.find(&me.scope).await.unwrap(), Budget::UNSET);
    assert_eq!(in_unit(&stores, &me).await, Budget::UNSET);
    for budget in [of(i64::MAX, 1), Budget { limit: None, version: 2 }, of(0, 3)] {
        save(&stores, &me, &budget).await.unwrap();
        assert_eq!(stores.budgets.find(&me.scope).await.unwrap(), budget);
        assert_eq!(in_unit(&stores, &me).await, budget);
    }
}

pub async fn a_stale_budget_is_not_saved(stores: Stores) {
    let me = stores.tenant();
    assert_eq!(save(&stores, &me, &of(1, 2)).await, Err(StoreError::Stale), "there is no version 1");
    save(&stores, &me, &of(1, 1)).await.unwrap();
    for version in [1, 3] {
        assert_eq!(save(&stores, &me, &of(2, version)).await, Err(StoreError::Stale), "{version}");
    }
    assert_eq!(stores.budgets.find(&me.scope).await.unwrap(), of(1, 1));
}

pub async fn another_tenants_budget_is_not_seen(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    save(&stores, &they, &of(7, 1)).await.unwrap();
    assert_eq!(stores.budgets.find(&me.scope).await.unwrap(), Budget::UNSET);
    assert_eq!(in_unit(&stores, &me).await, Budget::UNSET);
    save(&stores, &me, &of(8, 1)).await.unwrap();
    assert_eq!(stores.budgets.find(&they.scope).await.unwrap(), of(7, 1));
}

pub async fn of_parallel_first_budgets_each_is_kept_or_refused(stores: Stores) {
    let me = stores.tenant();
    let service = service(&stores);
    let limits: Vec<String> = (1..=8).map(|usd| usd.to_string()).collect();
    let set = limits.iter().map(|usd| service.set(&me.ctx, &me.scope, Some(usd), None));
    let answers = join_all(set).await;
    let kept = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused =
        answers.iter().filter(|answer| matches!(answer, Err(Error::Store(StoreError::Stale)))).count();
    assert_eq!(kept + refused, 8, "{answers:?}");
    let version = stores.budgets.find(&me.scope).await.unwrap().version;
    assert_eq!(usize::try_from(version), Ok(kept));
    assert_eq!(stores.events.list_after(&me.scope, 0, 100).await.unwrap().len(), kept);
}

fn service(stores: &Stores) -> BudgetService {
    BudgetService {
        uow: stores.workspace.clone(),
        budgets: stores.budgets.clone(),
        default: Some(PicoUsd::new(50_000_000_000_000)),
        env: stores.env.clone(),
    }
}

pub async fn the_owner_sets_the_budget_and_the_smallest_limit_holds(stores: Stores) {
    let me = stores.tenant();
    let service = service(&stores);
    let usd = |dollars: i64| Some(PicoUsd::new(dollars * 1_000_000_000_000));
    let unset = service.get(&me.scope).await.unwrap();
    assert_eq!((unset.budget, unset.effective), (Budget::UNSET, usd(50)));
    assert_eq!(unset.resets_at.to_string(), "2026-04-01T00:00:00Z");
    let lower = service.set(&me.ctx, &me.scope, Some("12.00"), Some(0)).await.unwrap();
    assert_eq!((lower.budget.limit, lower.effective, lower.budget.version), (usd(12), usd(12), 1));
    let same = service.set(&me.ctx, &me.scope, Some("12"), None).await.unwrap();
    assert_eq!(same, lower, "no change");
    let higher = service.set(&me.ctx, &me.scope, Some("80"), Some(1)).await.unwrap();
    assert_eq!((higher.budget.limit, higher.effective), (usd(80), usd(50)));
    let stale = service.set(&me.ctx, &me.scope, None, Some(1)).await;
    assert_eq!(stale, Err(Error::Store(StoreError::Stale)));
    let cleared = service.set(&me.ctx, &me.scope, None, Some(2)).await.unwrap();
    assert_eq!((cleared.budget, cleared.effective), (Budget { limit: None, version: 3 }, usd(50)));

    let user = me.ctx.actor.user().unwrap();
    let admin = WorkspaceScope::for_test(me.scope.workspace(), user, Role::Admin);
    assert!(matches!(service.set(&me.ctx, &admin, None, None).await, Err(Error::Denied(_))));
    let member = WorkspaceScope::for_test(me.scope.workspace(), user, Role::Member);
    assert_eq!(service.get(&member).await, Ok(cleared));
    let told = stores.events.list_after(&me.scope, 0, 100).await.unwrap();
    let limits: Vec<_> = told.iter().map(|event| event.payload["limit_usd"].clone()).collect();
    assert_eq!(limits, [serde_json::json!("12"), serde_json::json!("80"), serde_json::Value::Null]);
}

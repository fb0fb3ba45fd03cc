//! Random sequences of commands: a store must answer as the memory model does.

use crate::{
    Stores, Tenant,
    campaigns::{day, draft, planned},
};
use campaign::{
    Campaign, DailyWin, Move, MoveInput, WinKind, WinStatus,
    ports::{CampaignTx, MoveFilter},
};
use kernel::{Limit, PageRequest, StoreError, StoreResult};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

#[macro_export]
macro_rules! model_cases {
    ($open:path) => {
        $crate::cases!(model, $open; random_commands_answer_as_the_model_does);
    };
}

/// How many sequences are held against the model.
const SEQUENCES: u32 = 40;

/// One statement. Indices pick from what the sequence prepared, so that hits and misses both happen.
#[derive(Debug, Clone)]
enum Statement {
    InsertCampaign(usize),
    SaveCampaign { index: usize, expected: i32 },
    InsertMove(usize),
    SaveMove { index: usize, expected: i32 },
    RemoveUntouched(usize),
    InsertWin(usize),
    FindMove(usize),
}

/// One unit of work of a tenant; `fail` rolls it back at the end.
#[derive(Debug, Clone)]
struct UnitOf {
    tenant: usize,
    statements: Vec<Statement>,
    fail: bool,
}

fn statement() -> impl Strategy<Value = Statement> {
    let index = 0_usize..4;
    prop_oneof![
        3 => index.clone().prop_map(Statement::InsertCampaign),
        2 => (index.clone(), 1..4).prop_map(|(index, expected)| Statement::SaveCampaign { index, expected }),
        4 => index.clone().prop_map(Statement::InsertMove),
        2 => (index.clone(), 1..4).prop_map(|(index, expected)| Statement::SaveMove { index, expected }),
        1 => index.clone().prop_map(Statement::RemoveUntouched),
        2 => index.clone().prop_map(Statement::InsertWin),
        2 => index.prop_map(Statement::FindMove),
    ]
}

fn unit() -> impl Strategy<Value = UnitOf> {
    (0..2_usize, prop::collection::vec(statement(), 1..5), prop::bool::weighted(0.2))
        .prop_map(|(tenant, statements, fail)| UnitOf { tenant, statements, fail })
}

/// What a sequence works on: the same ids for both stores, two tenants that share them.
struct Things {
    tenants: [Tenant; 2],
    campaigns: Vec<Campaign>,
    moves: Vec<Move>,
    wins: Vec<DailyWin>,
}

fn things(stores: &Stores) -> Things {
    let tenants = [stores.tenant(), stores.tenant()];
    let campaigns: Vec<_> = (0..4).map(|n| draft(stores, &tenants[n % 2], &format!("c{n}"))).collect();
    let moves: Vec<_> = (0..4).map(|n| planned(stores, &campaigns[n / 2], "2026-03-05")).collect();
    let wins = (0..4).map(|n| DailyWin {
        id: stores.env.id(),
        workspace_id: tenants[0].scope.workspace(),
        date: day("2026-03-02"),
        kind: WinKind::Prepare,
        source: format!("s{}", n % 2),
        text: "x".into(),
        move_id: None,
        status: WinStatus::Open,
        version: 1,
        created_at: stores.env.now(),
        updated_at: stores.env.now(),
    });
    let wins = wins.collect();
    Things { tenants, campaigns, moves, wins }
}

/// What a statement answered, without the store's own words.
pub fn outcome<T: std::fmt::Debug>(answer: StoreResult<T>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(StoreError::Conflict(_)) => "conflict".into(),
        Err(StoreError::Dangling(_)) => "dangling".into(),
        Err(StoreError::Poisoned(_)) => "poisoned".into(),
        Err(other) => format!("{other:?}"),
    }
}

async fn apply(tx: &mut dyn CampaignTx, things: &Things, tenant: &Tenant, statement: &Statement) -> String {
    let workspace_id = tenant.scope.workspace();
    match *statement {
        Statement::InsertCampaign(index) => {
            let campaign = Campaign { workspace_id, ..things.campaigns[index].clone() };
            outcome(tx.campaigns().insert(&campaign).await)
        }
        Statement::SaveCampaign { index, expected } => {
            let campaign =
                Campaign { workspace_id, version: expected + 1, ..things.campaigns[index].clone() };
            outcome(tx.campaigns().save(&campaign, expected).await)
        }
        Statement::InsertMove(index) => {
            outcome(tx.moves().insert(&Move { workspace_id, ..things.moves[index].clone() }).await)
        }
        Statement::SaveMove { index, expected } => {
            let mut m = Move { workspace_id, version: expected, ..things.moves[index].clone() };
            m.advance(MoveInput::Start, None, m.created_at).unwrap();
            outcome(tx.moves().save(&m, expected).await)
        }
        Statement::RemoveUntouched(index) => {
            outcome(tx.moves().remove_untouched(things.campaigns[index].id).await)
        }
        Statement::InsertWin(index) => outcome(
            tx.daily_wins().insert_missing(&DailyWin { workspace_id, ..things.wins[index].clone() }).await,
        ),
        Statement::FindMove(index) => outcome(tx.moves().find(things.moves[index].id).await),
    }
}

async fn run(stores: &Stores, things: &Things, units: &[UnitOf]) -> Vec<String> {
    let mut trace = Vec::new();
    for unit in units {
        let tenant = &things.tenants[unit.tenant];
        let ended: Result<Vec<String>, StoreError> = stores
            .campaign
            .run(&tenant.scope, async |tx| {
                let mut answers = Vec::new();
                for statement in &unit.statements {
                    answers.push(apply(tx, things, tenant, statement).await);
                }
                if unit.fail { Err(StoreError::Stale) } else { Ok(answers) }
            })
            .await;
        trace.push(outcome(ended));
    }
    for tenant in &things.tenants {
        let all = PageRequest { limit: Limit::new(100).unwrap(), after: None };
        trace.push(outcome(stores.campaigns.page(&tenant.scope, &all).await));
        let all = PageRequest { limit: Limit::new(100).unwrap(), after: None };
        trace.push(outcome(stores.moves.page(&tenant.scope, MoveFilter::default(), &all).await));
        trace.push(outcome(stores.daily_wins.list_on(&tenant.scope, day("2026-03-02")).await));
    }
    trace
}

pub async fn random_commands_answer_as_the_model_does(stores: Stores) {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..SEQUENCES {
        let units = prop::collection::vec(unit(), 1..12).new_tree(&mut runner).unwrap().current();
        let model = Stores::of(memory::Store::default());
        let things = things(&stores);
        let expected = run(&model, &things, &units).await;
        let actual = run(&stores, &things, &units).await;
        assert_eq!(actual, expected, "{units:#?}");
    }
}

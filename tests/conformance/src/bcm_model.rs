//! Random sequences of commands on the business context: a store must answer as the memory model does.

use crate::{
    Stores, Tenant,
    bcm::{foundation, icp, session},
    model::outcome,
};
use bcm::{ContextSource, ContextVersion, Foundation, Icp, OnboardingSession, ports::BcmTx};
use kernel::{Limit, PageRequest, StoreError};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

#[macro_export]
macro_rules! bcm_model_cases {
    ($open:path) => {
        $crate::cases!(bcm_model, $open; random_commands_on_a_context_answer_as_the_model_does);
    };
}

/// How many sequences are held against the model.
const SEQUENCES: u32 = 40;

/// One statement. Indices pick from what the sequence prepared, so that hits and misses both happen.
#[derive(Debug, Clone)]
enum Statement {
    InsertSession { index: usize, ended_by: Option<i32> },
    SaveSession { index: usize, expected: i32, ended_by: Option<i32> },
    FindSession(usize),
    FindOpen,
    InsertFoundation(usize),
    SaveFoundation { index: usize, expected: i32 },
    InsertIcp(usize),
    SaveIcp { index: usize, expected: i32, priority: i32 },
    DeleteIcp { index: usize, expected: i32 },
    FindIcp(usize),
    ListIcps,
    Append { index: usize, number: i32 },
    Current,
}

/// One unit of work of a tenant; `fail` rolls it back at the end.
#[derive(Debug, Clone)]
struct UnitOf {
    tenant: usize,
    statements: Vec<Statement>,
    fail: bool,
}

fn statement() -> impl Strategy<Value = Statement> {
    use Statement as S;
    let (index, version) = (0_usize..4, 1..4_i32);
    let saved = (index.clone(), version.clone());
    let ended_by = prop::option::of(1..4_i32);
    prop_oneof![
        3 => (index.clone(), ended_by.clone()).prop_map(|(index, ended_by)| S::InsertSession { index, ended_by }),
        3 => (saved.clone(), ended_by)
            .prop_map(|((index, expected), ended_by)| S::SaveSession { index, expected, ended_by }),
        1 => index.clone().prop_map(S::FindSession),
        1 => Just(S::FindOpen),
        2 => index.clone().prop_map(S::InsertFoundation),
        2 => saved.clone().prop_map(|(index, expected)| S::SaveFoundation { index, expected }),
        3 => index.clone().prop_map(S::InsertIcp),
        2 => (saved.clone(), 1..4_i32)
            .prop_map(|((index, expected), priority)| S::SaveIcp { index, expected, priority }),
        1 => saved.prop_map(|(index, expected)| S::DeleteIcp { index, expected }),
        1 => index.clone().prop_map(S::FindIcp),
        1 => Just(S::ListIcps),
        4 => (index, version).prop_map(|(index, number)| S::Append { index, number }),
        1 => Just(S::Current),
    ]
}

fn unit() -> impl Strategy<Value = UnitOf> {
    (0..2_usize, prop::collection::vec(statement(), 1..5), prop::bool::weighted(0.2))
        .prop_map(|(tenant, statements, fail)| UnitOf { tenant, statements, fail })
}

/// What a sequence works on: the same ids for both stores, two tenants that share them.
struct Things {
    tenants: [Tenant; 2],
    sessions: Vec<OnboardingSession>,
    foundations: Vec<Foundation>,
    icps: Vec<Icp>,
    versions: Vec<ContextVersion>,
}

fn things(stores: &Stores) -> Things {
    let tenants = [stores.tenant(), stores.tenant()];
    let any = &tenants[0];
    let version = |n: usize| ContextVersion {
        id: stores.env.id(),
        workspace_id: any.scope.workspace(),
        number: 1,
        document: format!(r#"{{"n":{n}}}"#),
        hash: format!("hash {n}"),
        previous_hash: None,
        source: ContextSource::Import,
        reason: "x".into(),
        author: any.ctx.actor,
        completeness: 7,
        created_at: stores.env.now(),
    };
    Things {
        sessions: (0..4).map(|_| session(stores, any)).collect(),
        foundations: (0..4).map(|_| foundation(stores, any)).collect(),
        icps: (1..5).map(|priority| icp(stores, any, "Olive", priority)).collect(),
        versions: (0..4).map(version).collect(),
        tenants,
    }
}

impl Things {
    fn session(&self, tenant: &Tenant, index: usize, ended_by: Option<i32>) -> OnboardingSession {
        let session = self.sessions[index].clone();
        OnboardingSession {
            workspace_id: tenant.scope.workspace(),
            finalised_at: ended_by.map(|_| session.created_at),
            context_number: ended_by,
            ..session
        }
    }

    fn foundation(&self, tenant: &Tenant, index: usize) -> Foundation {
        Foundation { workspace_id: tenant.scope.workspace(), ..self.foundations[index].clone() }
    }

    fn icp(&self, tenant: &Tenant, index: usize) -> Icp {
        Icp { workspace_id: tenant.scope.workspace(), ..self.icps[index].clone() }
    }

    fn version(&self, tenant: &Tenant, index: usize, number: i32) -> ContextVersion {
        let workspace_id = tenant.scope.workspace();
        ContextVersion { workspace_id, number, ..self.versions[index].clone() }
    }
}

async fn apply(tx: &mut dyn BcmTx, things: &Things, tenant: &Tenant, statement: &Statement) -> String {
    match *statement {
        Statement::InsertSession { index, ended_by } => {
            outcome(tx.onboarding().insert(&things.session(tenant, index, ended_by)).await)
        }
        Statement::SaveSession { index, expected, ended_by } => {
            let session = things.session(tenant, index, ended_by);
            let session = OnboardingSession { version: expected + 1, ..session };
            outcome(tx.onboarding().save(&session, expected).await)
        }
        Statement::FindSession(index) => outcome(tx.onboarding().find(things.sessions[index].id).await),
        Statement::FindOpen => outcome(tx.onboarding().find_open().await),
        Statement::InsertFoundation(index) => {
            outcome(tx.foundations().insert(&things.foundation(tenant, index)).await)
        }
        Statement::SaveFoundation { index, expected } => {
            let foundation = Foundation { version: expected + 1, ..things.foundation(tenant, index) };
            outcome(tx.foundations().save(&foundation, expected).await)
        }
        Statement::InsertIcp(index) => outcome(tx.icps().insert(&things.icp(tenant, index)).await),
        Statement::SaveIcp { index, expected, priority } => {
            let mut icp = Icp { version: expected + 1, ..things.icp(tenant, index) };
            icp.profile.priority = priority;
            outcome(tx.icps().save(&icp, expected).await)
        }
        Statement::DeleteIcp { index, expected } => {
            outcome(tx.icps().delete(things.icps[index].id, expected).await)
        }
        Statement::FindIcp(index) => outcome(tx.icps().find(things.icps[index].id).await),
        Statement::ListIcps => outcome(tx.icps().list().await),
        Statement::Append { index, number } => {
            outcome(tx.contexts().append(&things.version(tenant, index, number)).await)
        }
        Statement::Current => outcome(tx.contexts().current().await),
    }
}

/// What the tenant sees in the end.
async fn view(stores: &Stores, things: &Things, tenant: &Tenant) -> Vec<String> {
    let (scope, limit) = (&tenant.scope, Limit::new(100).unwrap());
    let ids: Vec<_> = things.icps.iter().map(|icp| icp.id).collect();
    let mut seen = vec![
        outcome(stores.onboarding.find_latest(scope).await),
        outcome(stores.foundations.find(scope).await),
        outcome(stores.icps.page(scope, &PageRequest { limit, after: None }).await),
        outcome(stores.icps.existing(scope, &ids).await),
        outcome(stores.contexts.page(scope, &PageRequest { limit, after: None }).await),
        outcome(stores.contexts.chain(scope, 0, 100).await),
    ];
    for (session, id) in things.sessions.iter().zip(ids) {
        seen.push(outcome(stores.onboarding.find(scope, session.id).await));
        seen.push(outcome(stores.icps.find(scope, id).await));
    }
    seen
}

async fn run(stores: &Stores, things: &Things, units: &[UnitOf]) -> Vec<String> {
    let mut trace = Vec::new();
    for unit in units {
        let tenant = &things.tenants[unit.tenant];
        let ended: Result<Vec<String>, StoreError> = stores
            .bcm
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
        trace.extend(view(stores, things, tenant).await);
    }
    trace
}

pub async fn random_commands_on_a_context_answer_as_the_model_does(stores: Stores) {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for _ in 0..SEQUENCES {
        let units = prop::collection::vec(unit(), 1..16).new_tree(&mut runner).unwrap().current();
        let model = Stores::of(memory::Store::default());
        let things = things(&stores);
        let expected = run(&model, &things, &units).await;
        let actual = run(&stores, &things, &units).await;
        assert_eq!(actual, expected, "{units:#?}");
    }
}

//! The council, and what other tenants see of it.

use crate::{
    Stores, Tenant,
    agents_runs::{queue, queued, step, write},
};
use agents::{Agent, Error, Lord, RunInput, events, ports::RunFilter, services::CouncilService};
use futures_util::future::join_all;
use kernel::{PageRequest, StoreError};

#[macro_export]
macro_rules! agent_cases {
    ($open:path) => {
        $crate::cases!(agents, $open;
            an_agent_comes_back_as_it_was_seated,
            a_workspace_has_each_lord_once,
            seeding_is_idempotent_also_in_parallel,
            another_tenants_council_and_runs_are_like_unknown_ones,
        );
    };
}

pub async fn seat(stores: &Stores, tenant: &Tenant, lord: Lord) -> Result<Agent, StoreError> {
    let agent = Agent::seated(lord, stores.env.id(), tenant.scope.workspace(), stores.env.now());
    stores
        .agent
        .run(&tenant.scope, async |tx| {
            tx.agents().insert(&agent).await?;
            Ok(agent)
        })
        .await
}

async fn find_lord(stores: &Stores, tenant: &Tenant, lord: Lord) -> Option<Agent> {
    let found: Result<_, StoreError> =
        stores.agent.run(&tenant.scope, async |tx| tx.agents().find_lord(lord).await).await;
    found.unwrap()
}

async fn seated(stores: &Stores, tenant: &Tenant) -> Vec<Lord> {
    let seated: Result<_, StoreError> =
        stores.agent.run(&tenant.scope, async |tx| tx.agents().seated().await).await;
    let mut seated = seated.unwrap();
    seated.sort();
    seated
}

pub async fn an_agent_comes_back_as_it_was_seated(stores: Stores) {
    let mine = stores.tenant();
    let seer = seat(&stores, &mine, Lord::Seer).await.unwrap();
    let herald = Agent::seated(Lord::Herald, stores.env.id(), mine.scope.workspace(), stores.env.now());
    let herald =
        Agent { enabled: false, tools: Vec::new(), name: "Hérald “2”".into(), version: 7, ..herald };
    let inserted: Result<(), StoreError> =
        stores.agent.run(&mine.scope, async |tx| tx.agents().insert(&herald).await).await;
    inserted.unwrap();
    assert_eq!(seated(&stores, &mine).await, [Lord::Seer, Lord::Herald]);
    assert_eq!(find_lord(&stores, &mine, Lord::Herald).await.as_ref(), Some(&herald));
    assert_eq!(find_lord(&stores, &mine, Lord::Arbiter).await, None);
    assert_eq!(stores.agents.find(&mine.scope, seer.id).await.unwrap().as_ref(), Some(&seer));
    let mut council = stores.agents.list(&mine.scope).await.unwrap();
    council.sort_by_key(|agent| agent.lord);
    assert_eq!(council, [seer, herald]);
}

pub async fn a_workspace_has_each_lord_once(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    seat(&stores, &mine, Lord::Seer).await.unwrap();
    let twice = seat(&stores, &mine, Lord::Seer).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    seat(&stores, &theirs, Lord::Seer).await.unwrap();
    assert_eq!(seated(&stores, &mine).await, [Lord::Seer]);
}

pub async fn seeding_is_idempotent_also_in_parallel(stores: Stores) {
    let mine = stores.tenant();
    let council =
        CouncilService { uow: stores.agent.clone(), agents: stores.agents.clone(), env: stores.env.clone() };
    let answers = join_all((0..8).map(|_| council.seed(&mine.ctx, &mine.scope))).await;
    for answer in &answers {
        // A conflict is a failed attempt of the job; the next one finds the seats taken.
        let fine = matches!(answer, Ok(_) | Err(Error::Store(StoreError::Conflict(_))));
        assert!(fine, "{answer:?}");
    }
    let first: Vec<_> = answers.iter().flatten().filter(|seated| !seated.is_empty()).collect();
    assert_eq!(first, [&Lord::ALL.to_vec()]);
    assert_eq!(council.seed(&mine.ctx, &mine.scope).await.unwrap(), []);
    let lords: Vec<Lord> = council.list(&mine.scope).await.unwrap().iter().map(|agent| agent.lord).collect();
    assert_eq!(lords, Lord::ALL);
    let told = stores.events.list_after(&mine.scope, 0, 10).await.unwrap();
    let told: Vec<&str> = told.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(told, [events::COUNCIL_SEEDED]);
}

pub async fn another_tenants_council_and_runs_are_like_unknown_ones(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let agent = seat(&stores, &theirs, Lord::Strategos).await.unwrap();
    let mut run = queued(&stores, &theirs, stores.env.id());
    queue(&stores, &theirs, &run).await.unwrap();
    write(&stores, &theirs, &step(&stores, &run, 1)).await.unwrap();

    assert_eq!(stores.agents.list(&mine.scope).await.unwrap(), []);
    assert_eq!(stores.agents.find(&mine.scope, agent.id).await.unwrap(), None);
    assert_eq!(find_lord(&stores, &mine, Lord::Strategos).await, None);
    assert_eq!(seated(&stores, &mine).await, []);

    let (id, key) = (run.id, run.live_key().unwrap());
    assert_eq!(stores.runs.find(&mine.scope, id).await.unwrap(), None);
    let filter = RunFilter { subject: Some(run.subject_id), ..RunFilter::default() };
    for filter in [filter, RunFilter::default()] {
        let page = stores.runs.page(&mine.scope, filter, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items, []);
    }
    assert_eq!(stores.steps.list(&mine.scope, id).await.unwrap(), []);
    let seen: Result<_, StoreError> = stores
        .agent
        .run(&mine.scope, async |tx| Ok((tx.runs().find(id).await?, tx.runs().find_live(&key).await?)))
        .await;
    assert_eq!(seen.unwrap(), (None, None));
    run.advance(RunInput::Cancel, stores.env.now()).unwrap();
    let saved: Result<(), StoreError> =
        stores.agent.run(&mine.scope, async |tx| tx.runs().save(&run, 1).await).await;
    assert_eq!(saved, Err(StoreError::Stale));
    assert_eq!(stores.runs.find(&theirs.scope, id).await.unwrap().unwrap().version, 1);
}

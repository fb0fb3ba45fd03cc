//! Onboarding sessions, foundations and ideal customer profiles.

use crate::{Stores, Tenant, bcm_contexts::append_next};
use bcm::{
    Demand, Error, Foundation, FoundationContent, Icp, IcpProfile, OnboardingSession, StepKey, check_answers,
    services::{FinaliseService, Finalised, OnboardingService},
};
use futures_util::future::join_all;
use kernel::{Currency, IcpId, Limit, Money, PageRequest, StoreError, StoreResult};
use serde_json::{Value, json};
use std::time::Duration;

#[macro_export]
macro_rules! bcm_cases {
    ($open:path) => {
        $crate::cases!(bcm, $open;
            a_session_comes_back_as_it_went_in,
            a_stale_session_is_not_saved,
            a_workspace_has_one_open_session,
            of_parallel_sessions_one_is_opened,
            parallel_starts_agree_on_one_session,
            the_latest_session_is_the_open_one_else_the_newest,
            a_session_names_only_a_version_of_its_own_workspace,
            a_workspace_has_one_foundation,
            a_stale_foundation_is_not_saved,
            profiles_come_by_priority,
            profiles_come_in_pages_oldest_first,
            profiles_exist_only_in_their_own_workspace,
            a_stale_profile_is_neither_saved_nor_deleted,
            a_business_is_like_an_unknown_one_to_others,
            a_session_that_is_finalised_in_parallel_makes_one_version,
        );
        $crate::bcm_context_cases!($open);
        $crate::bcm_model_cases!($open);
    };
}

pub fn session(stores: &Stores, tenant: &Tenant) -> OnboardingSession {
    OnboardingSession::start(stores.env.id(), tenant.scope.workspace(), stores.env.now())
}

pub fn foundation(stores: &Stores, tenant: &Tenant) -> Foundation {
    let mut content = FoundationContent::default();
    content.company.name = "Leaf & “Ladder” — 茶 🍵".into();
    content.positioning.competitors.strong = vec!["a \\ b \" c".into()];
    content.goals.horizon_days = Some(i32::MAX);
    content.constraints.monthly_budget = Some(Money { amount: i64::MAX, currency: Currency::Usd });
    Foundation::new(stores.env.id(), tenant.scope.workspace(), content, stores.env.now())
}

pub fn icp(stores: &Stores, tenant: &Tenant, name: &str, priority: i32) -> Icp {
    let profile = IcpProfile {
        name: name.into(),
        titles: vec!["Büroleitung".into(), String::new()],
        firmographics: [("größe".into(), "11–50".into()), ("ort".into(), "Zürich".into())].into(),
        priority,
        ..IcpProfile::default()
    };
    Icp::new(stores.env.id(), tenant.scope.workspace(), profile, stores.env.now())
}

async fn insert_session(stores: &Stores, tenant: &Tenant, session: &OnboardingSession) -> StoreResult<()> {
    stores.bcm.run(&tenant.scope, async |tx| tx.onboarding().insert(session).await).await
}

async fn save_session(
    stores: &Stores,
    tenant: &Tenant,
    session: &OnboardingSession,
    expected: i32,
) -> StoreResult<()> {
    stores.bcm.run(&tenant.scope, async |tx| tx.onboarding().save(session, expected).await).await
}

async fn insert_foundation(stores: &Stores, tenant: &Tenant, foundation: &Foundation) -> StoreResult<()> {
    stores.bcm.run(&tenant.scope, async |tx| tx.foundations().insert(foundation).await).await
}

async fn insert_icps(stores: &Stores, tenant: &Tenant, icps: &[Icp]) {
    let stored: StoreResult<()> = stores
        .bcm
        .run(&tenant.scope, async |tx| {
            for icp in icps {
                tx.icps().insert(icp).await?;
            }
            Ok(())
        })
        .await;
    stored.unwrap();
}

async fn listed(stores: &Stores, tenant: &Tenant) -> Vec<Icp> {
    let listed: StoreResult<Vec<Icp>> =
        stores.bcm.run(&tenant.scope, async |tx| tx.icps().list().await).await;
    listed.unwrap()
}

/// Opens a session and ends it, as finalising does, with the version of this number.
async fn ended(stores: &Stores, tenant: &Tenant, number: i32) -> OnboardingSession {
    let mut session = session(stores, tenant);
    insert_session(stores, tenant, &session).await.unwrap();
    end(stores, &mut session, number);
    save_session(stores, tenant, &session, 1).await.unwrap();
    session
}

fn end(stores: &Stores, session: &mut OnboardingSession, number: i32) {
    session.finalised_at = Some(stores.env.now());
    session.context_number = Some(number);
    session.version += 1;
}

pub async fn a_session_comes_back_as_it_went_in(stores: Stores) {
    let mine = stores.tenant();
    let mut session = session(&stores, &mine);
    let company = json!({"name": "Leaf — 茶 🍵", "mission": "a \\ \"b\"\n\tc \u{e000}", "": {}});
    session.answers.insert(StepKey::Company, company);
    session.answers.insert(StepKey::Goals, json!([i64::MAX, i64::MIN, 0, {"deep": [[{"er": null}], true]}]));
    insert_session(&stores, &mine, &session).await.unwrap();
    let found = stores.onboarding.find(&mine.scope, session.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&session));
    append_next(&stores, &mine, None).await;
    session.completed = [StepKey::Voice, StepKey::Company].into();
    session.current_step = StepKey::Offer;
    end(&stores, &mut session, 1);
    save_session(&stores, &mine, &session, 1).await.unwrap();
    assert_eq!(stores.onboarding.find(&mine.scope, session.id).await.unwrap(), Some(session));
}

pub async fn a_stale_session_is_not_saved(stores: Stores) {
    let mine = stores.tenant();
    let stored = session(&stores, &mine);
    insert_session(&stores, &mine, &stored).await.unwrap();
    let changed = OnboardingSession { current_step: StepKey::Voice, version: 8, ..stored.clone() };
    assert_eq!(save_session(&stores, &mine, &changed, 7).await, Err(StoreError::Stale));
    assert_eq!(stores.onboarding.find(&mine.scope, stored.id).await.unwrap(), Some(stored));
}

pub async fn a_workspace_has_one_open_session(stores: Stores) {
    let mine = stores.tenant();
    append_next(&stores, &mine, None).await;
    let mut first = session(&stores, &mine);
    let second = session(&stores, &mine);
    insert_session(&stores, &mine, &first).await.unwrap();
    let refused = insert_session(&stores, &mine, &second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    end(&stores, &mut first, 1);
    save_session(&stores, &mine, &first, 1).await.unwrap();
    insert_session(&stores, &mine, &second).await.unwrap();
    let reopened = OnboardingSession { finalised_at: None, version: 3, ..first };
    let refused = save_session(&stores, &mine, &reopened, 2).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let open: StoreResult<_> =
        stores.bcm.run(&mine.scope, async |tx| tx.onboarding().find_open().await).await;
    assert_eq!(open.unwrap(), Some(second));
}

pub async fn of_parallel_sessions_one_is_opened(stores: Stores) {
    let mine = stores.tenant();
    let rivals: Vec<_> = (0..10).map(|_| session(&stores, &mine)).collect();
    let ends = join_all(rivals.iter().map(|rival| insert_session(&stores, &mine, rival))).await;
    let winners: Vec<_> =
        ends.iter().zip(&rivals).filter(|(end, _)| end.is_ok()).map(|pair| pair.1).collect();
    assert_eq!(winners.len(), 1, "{ends:?}");
    assert!(ends.iter().all(|end| matches!(end, Ok(()) | Err(StoreError::Conflict(_)))), "{ends:?}");
    assert_eq!(stores.onboarding.find_latest(&mine.scope).await.unwrap().as_ref(), Some(winners[0]));
}

pub async fn parallel_starts_agree_on_one_session(stores: Stores) {
    let mine = stores.tenant();
    let service = OnboardingService::new(stores.bcm.clone(), stores.onboarding.clone(), stores.env.clone());
    let starts = join_all((0..10).map(|_| service.start(&mine.ctx, &mine.scope))).await;
    let starts: Vec<_> = starts.into_iter().map(Result::unwrap).collect();
    assert_eq!(starts.iter().filter(|started| started.new).count(), 1);
    assert!(starts.iter().all(|started| started.session == starts[0].session));
    assert_eq!(stores.events.list_after(&mine.scope, 0, 100).await.unwrap().len(), 1);
}

pub async fn the_latest_session_is_the_open_one_else_the_newest(stores: Stores) {
    let mine = stores.tenant();
    assert_eq!(stores.onboarding.find_latest(&mine.scope).await.unwrap(), None);
    append_next(&stores, &mine, None).await;
    ended(&stores, &mine, 1).await;
    let early = session(&stores, &mine);
    stores.clock.advance(Duration::from_secs(1));
    let newest = ended(&stores, &mine, 1).await;
    assert_eq!(stores.onboarding.find_latest(&mine.scope).await.unwrap(), Some(newest.clone()));
    assert!(early.id < newest.id);
    insert_session(&stores, &mine, &early).await.unwrap();
    assert_eq!(stores.onboarding.find_latest(&mine.scope).await.unwrap(), Some(early));
}

pub async fn a_session_names_only_a_version_of_its_own_workspace(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    append_next(&stores, &theirs, None).await;
    let mut session = session(&stores, &mine);
    insert_session(&stores, &mine, &session).await.unwrap();
    end(&stores, &mut session, 1);
    let refused = save_session(&stores, &mine, &session, 1).await;
    assert!(matches!(refused, Err(StoreError::Dangling(_))), "{refused:?}");
}

pub async fn a_workspace_has_one_foundation(stores: Stores) {
    let mine = stores.tenant();
    let mut first = foundation(&stores, &mine);
    let rivals = [first.clone(), foundation(&stores, &mine), foundation(&stores, &mine)];
    insert_foundation(&stores, &mine, &first).await.unwrap();
    for refused in join_all(rivals.iter().map(|rival| insert_foundation(&stores, &mine, rival))).await {
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(stores.foundations.find(&mine.scope).await.unwrap().as_ref(), Some(&first));
    stores.clock.advance(Duration::from_micros(1));
    first.replace(FoundationContent::default(), stores.env.now());
    let saved: StoreResult<_> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            tx.foundations().save(&first, 1).await?;
            tx.foundations().find().await
        })
        .await;
    assert_eq!(saved.unwrap().as_ref(), Some(&first));
    assert_eq!(stores.foundations.find(&mine.scope).await.unwrap(), Some(first));
}

pub async fn a_stale_foundation_is_not_saved(stores: Stores) {
    let mine = stores.tenant();
    let stored = foundation(&stores, &mine);
    insert_foundation(&stores, &mine, &stored).await.unwrap();
    let changed = Foundation { content: FoundationContent::default(), version: 3, ..stored.clone() };
    let saved: StoreResult<()> =
        stores.bcm.run(&mine.scope, async |tx| tx.foundations().save(&changed, 2).await).await;
    assert_eq!(saved, Err(StoreError::Stale));
    assert_eq!(stores.foundations.find(&mine.scope).await.unwrap(), Some(stored));
}

pub async fn profiles_come_by_priority(stores: Stores) {
    let mine = stores.tenant();
    let mut icps: Vec<Icp> = [3, 1, 2, 1].map(|priority| icp(&stores, &mine, "Olive", priority)).into();
    insert_icps(&stores, &mine, &icps).await;
    icps.sort_by_key(|icp| (icp.profile.priority, icp.id));
    assert_eq!(listed(&stores, &mine).await, icps);
    let first = icps[0].profile.clone();
    icps[0].replace(IcpProfile { priority: 9, ..first }, stores.env.now());
    let saved: StoreResult<()> =
        stores.bcm.run(&mine.scope, async |tx| tx.icps().save(&icps[0], 1).await).await;
    saved.unwrap();
    icps.rotate_left(1);
    assert_eq!(listed(&stores, &mine).await, icps, "a changed priority changes the place");
}

pub async fn profiles_come_in_pages_oldest_first(stores: Stores) {
    let mine = stores.tenant();
    let mut icps = Vec::new();
    for priority in [5, 3, 4, 1, 2] {
        stores.clock.advance(Duration::from_millis(2));
        icps.push(icp(&stores, &mine, "Finn", priority));
    }
    insert_icps(&stores, &mine, &icps).await;
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.icps.page(&mine.scope, &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, icps);
    assert_eq!(stores.icps.find(&mine.scope, icps[1].id).await.unwrap().as_ref(), Some(&icps[1]));
}

pub async fn profiles_exist_only_in_their_own_workspace(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let icps: Vec<Icp> = (1..4).map(|priority| icp(&stores, &mine, "Olive", priority)).collect();
    let foreign = icp(&stores, &theirs, "Olive", 1);
    insert_icps(&stores, &mine, &icps).await;
    insert_icps(&stores, &theirs, std::slice::from_ref(&foreign)).await;
    let asked = [icps[2].id, foreign.id, icps[0].id, icps[2].id, stores.env.id()];
    let mut expected: Vec<IcpId> = vec![icps[0].id, icps[2].id];
    expected.sort_unstable();
    assert_eq!(stores.icps.existing(&mine.scope, &asked).await.unwrap(), expected);
    assert_eq!(stores.icps.existing(&mine.scope, &[]).await.unwrap(), []);
}

pub async fn a_stale_profile_is_neither_saved_nor_deleted(stores: Stores) {
    let mine = stores.tenant();
    let stored = icp(&stores, &mine, "Olive", 1);
    insert_icps(&stores, &mine, std::slice::from_ref(&stored)).await;
    let changed = Icp { version: 3, ..icp(&stores, &mine, "Finn", 2) };
    let changed = Icp { id: stored.id, ..changed };
    let ends: StoreResult<_> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            let saved = tx.icps().save(&changed, 2).await;
            let deleted = tx.icps().delete(stored.id, 2).await;
            Ok((saved, deleted, tx.icps().list().await?))
        })
        .await;
    assert_eq!(ends.unwrap(), (Err(StoreError::Stale), Err(StoreError::Stale), vec![stored.clone()]));
    let ends: StoreResult<_> = stores
        .bcm
        .run(&mine.scope, async |tx| {
            tx.icps().delete(stored.id, 1).await?;
            Ok((tx.icps().delete(stored.id, 1).await, tx.icps().save(&stored, 1).await))
        })
        .await;
    assert_eq!(ends.unwrap(), (Err(StoreError::Stale), Err(StoreError::Stale)), "gone is gone");
    assert_eq!(stores.icps.find(&mine.scope, stored.id).await.unwrap(), None);
}

pub async fn a_business_is_like_an_unknown_one_to_others(stores: Stores) {
    let (theirs, me) = (stores.tenant(), stores.tenant());
    let (session, foundation) = (session(&stores, &theirs), foundation(&stores, &theirs));
    let icp = icp(&stores, &theirs, "Olive", 1);
    insert_session(&stores, &theirs, &session).await.unwrap();
    insert_foundation(&stores, &theirs, &foundation).await.unwrap();
    insert_icps(&stores, &theirs, std::slice::from_ref(&icp)).await;
    let scope = &me.scope;
    assert_eq!(stores.onboarding.find(scope, session.id).await.unwrap(), None);
    assert_eq!(stores.onboarding.find_latest(scope).await.unwrap(), None);
    assert_eq!(stores.foundations.find(scope).await.unwrap(), None);
    assert_eq!(stores.icps.find(scope, icp.id).await.unwrap(), None);
    assert!(stores.icps.page(scope, &PageRequest::default()).await.unwrap().items.is_empty());
    let seen: StoreResult<()> = stores
        .bcm
        .run(scope, async |tx| {
            assert_eq!(tx.onboarding().find(session.id).await?, None);
            assert_eq!(tx.onboarding().find_open().await?, None);
            assert_eq!(tx.onboarding().save(&session, 1).await, Err(StoreError::Stale));
            assert_eq!(tx.foundations().find().await?, None);
            assert_eq!(tx.foundations().save(&foundation, 1).await, Err(StoreError::Stale));
            assert_eq!(tx.icps().find(icp.id).await?, None);
            assert_eq!(tx.icps().list().await?, []);
            assert_eq!(tx.icps().save(&icp, 1).await, Err(StoreError::Stale));
            assert_eq!(tx.icps().delete(icp.id, 1).await, Err(StoreError::Stale));
            Ok(())
        })
        .await;
    seen.unwrap();
    assert_eq!(stores.icps.find(&theirs.scope, icp.id).await.unwrap(), Some(icp));
}

/// What a business answers to the steps that the foundation needs.
fn needed_answers() -> [(StepKey, Value); 3] {
    let answers = [
        (StepKey::Company, json!({"name": "Leaf", "time_zone": "Europe/London"})),
        (StepKey::Offer, json!({"summary": "Tea — 茶"})),
        (StepKey::Audience, json!([{"name": "Olive"}, {"name": "Finn"}])),
    ];
    answers.map(|(step, answers)| (step, check_answers(step, &answers, Demand::Complete).unwrap()))
}

pub async fn a_session_that_is_finalised_in_parallel_makes_one_version(stores: Stores) {
    let mine = stores.tenant();
    let mut answered = session(&stores, &mine);
    for (step, answers) in needed_answers() {
        answered.save_answers(step, &answers, stores.env.now()).unwrap();
        answered.complete(step, stores.env.now()).unwrap();
    }
    insert_session(&stores, &mine, &answered).await.unwrap();
    let service = FinaliseService::new(stores.bcm.clone(), stores.env.clone());
    let ends = join_all((0..8).map(|_| service.finalise(&mine.ctx, &mine.scope, answered.id))).await;
    let ends: Vec<Finalised> = ends.into_iter().collect::<Result<_, Error>>().unwrap();
    assert!(ends.iter().all(|end| *end == ends[0]));
    assert_eq!(stores.contexts.chain(&mine.scope, 0, 10).await.unwrap(), [ends[0].version.clone()]);
    assert_eq!(listed(&stores, &mine).await, ends[0].icps);
    assert_eq!(stores.foundations.find(&mine.scope).await.unwrap().as_ref(), Some(&ends[0].foundation));
    let session = stores.onboarding.find_latest(&mine.scope).await.unwrap().unwrap();
    assert_eq!((session.id, session.context_number), (answered.id, Some(1)));
    assert_eq!(stores.events.list_after(&mine.scope, 0, 10).await.unwrap().len(), 2, "told once");
}

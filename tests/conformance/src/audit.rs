//! The audit trail of a workspace and of the platform.

use crate::{Stores, Tenant, identity::SYSTEM};
use kernel::{Actor, AuditEntry, CallContext, EventId, Limit, NewEvent, PageRequest, StoreResult, UserId};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;
use workspace::{Action, AuditFilter, PlatformAuditFilter};

#[macro_export]
macro_rules! audit_cases {
    ($open:path) => {
        $crate::cases!(audit, $open;
            a_trail_is_walked_from_the_newest_fact_to_the_first,
            a_fact_of_the_trail_comes_with_its_client,
            a_filter_shows_what_it_names_and_nothing_else,
            another_tenants_trail_is_not_mine,
            the_platforms_trail_holds_workspaces_and_persons,
            the_platforms_trail_is_walked_by_id,
        );
    };
}

fn call(by: UserId) -> CallContext {
    let ctx = kernel::testing::call_by(by);
    CallContext {
        address: Some("2001:db8::7".parse().unwrap()),
        user_agent: Some("Ünïcode/1.0 (\u{fffd})".into()),
        ..ctx
    }
}

fn fact(stores: &Stores, ctx: &CallContext, event_type: &'static str, kind: &'static str) -> NewEvent {
    let subject = (kind, stores.env.ids.uuid());
    NewEvent::new(&stores.env, ctx, event_type, subject, json!({"n": [1, null], "ü": "=1+1"}))
}

async fn tell(stores: &Stores, tenant: &Tenant, facts: &[NewEvent]) {
    let told: StoreResult<()> = stores
        .workspace
        .run(&tenant.scope, async |tx| {
            for fact in facts {
                tx.events().append(fact.clone()).await?;
            }
            Ok(())
        })
        .await;
    told.unwrap();
}

async fn tell_of(stores: &Stores, person: UserId, fact: NewEvent) -> EventId {
    let id = fact.id;
    let told: StoreResult<()> =
        stores.identity.run(&SYSTEM, async |tx| tx.events().append(fact.about_user(person)).await).await;
    told.unwrap();
    id
}

fn ids(entries: &[AuditEntry]) -> Vec<EventId> {
    entries.iter().map(|entry| entry.event.id).collect()
}

async fn shown(stores: &Stores, tenant: &Tenant, filter: &AuditFilter) -> Vec<EventId> {
    ids(&stores.audit.page(&tenant.scope, filter, &PageRequest::default()).await.unwrap().items)
}

pub async fn a_trail_is_walked_from_the_newest_fact_to_the_first(stores: Stores) {
    let mine = stores.tenant();
    let facts: Vec<_> = (0..5).map(|_| fact(&stores, &mine.ctx, "thing.happened", "thing")).collect();
    tell(&stores, &mine, &facts).await;
    let mut request = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let mut pages = Vec::new();
    loop {
        let page = stores.audit.page(&mine.scope, &AuditFilter::default(), &request).await.unwrap();
        pages.push(page.items.iter().map(|entry| entry.event.number).collect::<Vec<_>>());
        // A fact that comes in between moves nothing.
        tell(&stores, &mine, &[fact(&stores, &mine.ctx, "thing.happened", "thing")]).await;
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(pages, [vec![5, 4], vec![3, 2], vec![1]]);
}

pub async fn a_fact_of_the_trail_comes_with_its_client(stores: Stores) {
    let mine = stores.tenant();
    let ctx = call(mine.ctx.actor.user().unwrap());
    let known = fact(&stores, &ctx, "campaign.created", "campaign");
    let system = CallContext::new(Actor::System, ctx.correlation_id.clone());
    let own = fact(&stores, &system, "agents.seated", "workspace");
    tell(&stores, &mine, &[known.clone(), own]).await;
    let page =
        stores.audit.page(&mine.scope, &AuditFilter::default(), &PageRequest::default()).await.unwrap();
    let [by_system, by_user] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!((by_system.address, by_system.user_agent.as_deref()), (None, None));
    assert_eq!((by_user.address, &by_user.user_agent), (known.address, &known.user_agent));
    let event = &by_user.event;
    assert_eq!((event.id, event.number, event.actor), (known.id, 1, known.actor));
    assert_eq!((&event.payload, event.timestamp), (&known.payload, known.occurred_at));
    assert_eq!((event.subject_kind.as_str(), event.subject_id), ("campaign", known.subject_id));
    assert_eq!(event.workspace_id, Some(mine.scope.workspace()));
}

pub async fn a_filter_shows_what_it_names_and_nothing_else(stores: Stores) {
    let mine = stores.tenant();
    let other: UserId = stores.env.id();
    let begin = stores.env.now();
    let first = fact(&stores, &mine.ctx, "campaign.created", "campaign");
    stores.clock.advance(Duration::from_secs(1));
    let second = fact(&stores, &call(other), "campaign.paused", "campaign");
    stores.clock.advance(Duration::from_secs(1));
    let third = fact(&stores, &mine.ctx, "campaigns_x.created", "move");
    tell(&stores, &mine, &[first.clone(), second.clone(), third.clone()]).await;
    let action = |text: &str| Some(Action::parse(text).unwrap());
    let none = AuditFilter::default();
    let at = |seconds| Some(begin.plus(Duration::from_secs(seconds)));
    let cases = [
        (none.clone(), vec![third.id, second.id, first.id]),
        (AuditFilter { actor_id: Some(other.uuid()), ..none.clone() }, vec![second.id]),
        (AuditFilter { actor_id: Some(stores.env.ids.uuid()), ..none.clone() }, vec![]),
        (AuditFilter { action: action("campaign."), ..none.clone() }, vec![second.id, first.id]),
        (AuditFilter { action: action("campaign.created"), ..none.clone() }, vec![first.id]),
        (AuditFilter { action: action("campaign"), ..none.clone() }, vec![]),
        (AuditFilter { subject_kind: Some("move".into()), ..none.clone() }, vec![third.id]),
        (AuditFilter { subject_id: Some(second.subject_id), ..none.clone() }, vec![second.id]),
        (AuditFilter { from: at(1), ..none.clone() }, vec![third.id, second.id]),
        (AuditFilter { to: at(1), ..none.clone() }, vec![first.id]),
        (AuditFilter { from: at(1), to: at(2), ..none.clone() }, vec![second.id]),
        (AuditFilter { action: action("campaign."), to: at(1), ..none.clone() }, vec![first.id]),
    ];
    for (filter, expected) in cases {
        assert_eq!(shown(&stores, &mine, &filter).await, expected, "{filter:?}");
    }
}

pub async fn another_tenants_trail_is_not_mine(stores: Stores) {
    let (mine, theirs) = (stores.tenant(), stores.tenant());
    let theirs_fact = fact(&stores, &theirs.ctx, "thing.happened", "thing");
    tell(&stores, &theirs, std::slice::from_ref(&theirs_fact)).await;
    let user = mine.ctx.actor.user().unwrap();
    tell_of(&stores, user, fact(&stores, &mine.ctx, "session.started", "session")).await;
    for filter in [
        AuditFilter::default(),
        AuditFilter { subject_id: Some(theirs_fact.subject_id), ..AuditFilter::default() },
        AuditFilter { actor_id: theirs.ctx.actor.id(), ..AuditFilter::default() },
    ] {
        assert!(shown(&stores, &mine, &filter).await.is_empty(), "{filter:?}");
    }
    assert_eq!(shown(&stores, &theirs, &AuditFilter::default()).await, [theirs_fact.id]);
}

async fn everywhere(stores: &Stores, filter: &PlatformAuditFilter) -> Vec<EventId> {
    let page = stores.platform_audit.page_all(&SYSTEM, filter, &PageRequest::default()).await.unwrap();
    ids(&page.items)
}

pub async fn the_platforms_trail_holds_workspaces_and_persons(stores: Stores) {
    let mine = stores.tenant();
    let user = mine.ctx.actor.user().unwrap();
    let at_work = fact(&stores, &mine.ctx, "thing.happened", "thing");
    tell(&stores, &mine, std::slice::from_ref(&at_work)).await;
    stores.clock.advance(Duration::from_secs(1));
    let own = tell_of(&stores, user, fact(&stores, &call(user), "session.started", "session")).await;
    let by_me = AuditFilter { actor_id: Some(user.uuid()), ..AuditFilter::default() };
    let all = PlatformAuditFilter { facts: by_me.clone(), ..PlatformAuditFilter::default() };
    assert_eq!(everywhere(&stores, &all).await, [own, at_work.id]);
    let workspace =
        PlatformAuditFilter { workspace_id: Some(mine.scope.workspace()), ..PlatformAuditFilter::default() };
    assert_eq!(everywhere(&stores, &workspace).await, [at_work.id]);
    let person = PlatformAuditFilter { user_id: Some(user), ..PlatformAuditFilter::default() };
    assert_eq!(everywhere(&stores, &person).await, [own]);
    let both = PlatformAuditFilter { user_id: Some(user), ..workspace };
    assert!(everywhere(&stores, &both).await.is_empty());
    let facts = AuditFilter { action: Some(Action::parse("session.").unwrap()), ..by_me };
    let sessions = PlatformAuditFilter { facts, ..PlatformAuditFilter::default() };
    assert_eq!(everywhere(&stores, &sessions).await, [own]);
}

pub async fn the_platforms_trail_is_walked_by_id(stores: Stores) {
    let person: UserId = stores.env.id();
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(tell_of(&stores, person, fact(&stores, &call(person), "session.started", "session")).await);
    }
    told.sort();
    told.reverse();
    let filter = PlatformAuditFilter { user_id: Some(person), ..PlatformAuditFilter::default() };
    let page = |after: Option<Uuid>| {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after };
        let (stores, filter) = (&stores, &filter);
        async move { stores.platform_audit.page_all(&SYSTEM, filter, &request).await.unwrap() }
    };
    let first = page(None).await;
    assert_eq!(ids(&first.items), told[..2]);
    let second = page(first.next).await;
    assert_eq!((ids(&second.items), second.next), (told[2..].to_vec(), None));
    assert!(first.next.is_some());
}

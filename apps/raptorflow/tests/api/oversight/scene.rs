//! Members, administrators, and facts that nobody needs to bring about.

use crate::fixture::logins::Member;
use crate::fixture::{Fixture, Home, expect};
use ::workspace::Membership;
use ::workspace::ports::WorkspaceUow;
use identity::PlatformRole;
use identity::ports::IdentityUow;
use kernel::testing::call_by;
use kernel::{Environment, NewEvent, Role, StoreResult, SystemScope, UserId};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// Makes the person a member of the home's workspace.
pub(crate) async fn join(fixture: &Fixture, home: &Home, user: UserId, role: Role) {
    let uow: &WorkspaceUow = fixture.store.as_ref();
    let joined_at = fixture.env.now();
    let membership = Membership { workspace_id: home.workspace, user_id: user, role, joined_at };
    let joined: StoreResult<()> =
        uow.run(&home.scope, async |tx| tx.memberships().insert(&membership).await).await;
    joined.unwrap();
}

/// Somebody with an account and no workspace.
pub(crate) async fn person(fixture: &Fixture, name: &str) -> Member {
    fixture.member(&format!("{name}@example.com")).await
}

/// Somebody who administers the platform.
pub(crate) async fn administrator(fixture: &Fixture, name: &str) -> Member {
    let member = person(fixture, name).await;
    let uow: &IdentityUow = fixture.store.as_ref();
    let promoted: StoreResult<()> = uow
        .run(&SystemScope::for_administration(), async |tx| {
            let mut user = tx.users().find(member.id).await?.unwrap();
            let version = user.version;
            user.platform_role = PlatformRole::Admin;
            user.version += 1;
            tx.users().save(&user, version).await
        })
        .await;
    promoted.unwrap();
    member
}

fn fact(env: &Environment, by: UserId) -> NewEvent {
    NewEvent::new(env, &call_by(by), "thing.happened", ("thing", env.ids.uuid()), json!({}))
}

/// Tells so many facts in the home's workspace.
pub(crate) async fn tell(fixture: &Fixture, home: &Home, count: usize) {
    let uow: &WorkspaceUow = fixture.store.as_ref();
    let told: StoreResult<()> = uow
        .run(&home.scope, async |tx| {
            for _ in 0..count {
                tx.events().append(fact(&fixture.env, home.user)).await?;
            }
            Ok(())
        })
        .await;
    told.unwrap();
}

pub(crate) async fn get(fixture: &Fixture, who: &Member, path: &str) -> Response {
    fixture.by(who, Method::GET, path).send().await.unwrap()
}

/// What a list answers, walked to its end in pages of this size.
pub(crate) async fn walk(fixture: &Fixture, token: &str, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let glue = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{glue}limit={limit}{cursor}");
        let request = fixture.anonymous(Method::GET, &path).bearer_auth(token);
        let page = expect(request.send().await.unwrap(), 200).await;
        let more = page["items"].as_array().unwrap().clone();
        assert!(more.len() <= limit);
        items.extend(more);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// The types of these facts.
pub(crate) fn actions(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["action"].as_str().unwrap()).collect()
}

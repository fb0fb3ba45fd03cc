//! Who is a member of a workspace, and with which role.

use crate::{
    Stores,
    workspaces::{delete, found, join, user},
};
use kernel::{Limit, PageRequest, Role, StoreError, UserId, WorkspaceScope};
use std::time::Duration;
use workspace::Membership;

#[macro_export]
macro_rules! member_cases {
    ($open:path) => {
        $crate::cases!(workspaces_members, $open;
            a_person_is_a_member_once_and_of_a_workspace_that_is_there,
            a_role_is_known_for_members_of_live_workspaces_only,
            members_come_in_pages_by_joining_then_id,
            another_tenants_members_are_like_unknown_ones,
            a_colleague_is_in_one_of_my_live_workspaces,
            a_member_leaves_or_gets_another_role_in_the_units_workspace_only,
        );
    };
}

async fn member(stores: &Stores, scope: &WorkspaceScope, user: UserId) -> Option<Membership> {
    let found: Result<_, StoreError> =
        stores.workspace.run(scope, async |tx| tx.memberships().find(user).await).await;
    found.unwrap()
}

pub async fn a_person_is_a_member_once_and_of_a_workspace_that_is_there(stores: Stores) {
    let (me, nowhere) = (stores.tenant(), stores.tenant());
    found(&stores, &me, "acme").await;
    let insert = async |scope: &WorkspaceScope, user_id| {
        let (workspace_id, joined_at) = (scope.workspace(), stores.env.now());
        let membership = Membership { workspace_id, user_id, role: Role::Admin, joined_at };
        let inserted: Result<(), StoreError> =
            stores.workspace.run(scope, async |tx| tx.memberships().insert(&membership).await).await;
        inserted
    };
    let twice = insert(&me.scope, user(&me)).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    assert_eq!(member(&stores, &me.scope, user(&me)).await.unwrap().role, Role::Owner);
    let dangling = insert(&nowhere.scope, user(&nowhere)).await;
    assert!(matches!(dangling, Err(StoreError::Dangling(_))), "{dangling:?}");
}

pub async fn a_role_is_known_for_members_of_live_workspaces_only(stores: Stores) {
    let (me, they, gone) = (stores.tenant(), stores.tenant(), stores.tenant());
    found(&stores, &me, "mine").await;
    found(&stores, &they, "theirs").await;
    let dead = found(&stores, &gone, "gone").await;
    join(&stores, &they.scope, user(&me), Role::Admin, stores.env.now()).await;
    join(&stores, &gone.scope, user(&me), Role::Member, stores.env.now()).await;
    let role = async |who: UserId, scope: &WorkspaceScope| {
        stores.memberships.role_of(who, scope.workspace()).await.unwrap()
    };
    assert_eq!(role(user(&me), &me.scope).await, Some(Role::Owner));
    assert_eq!(role(user(&me), &they.scope).await, Some(Role::Admin));
    assert_eq!(role(user(&me), &gone.scope).await, Some(Role::Member));
    delete(&stores, &gone, dead).await;
    assert_eq!(role(user(&me), &gone.scope).await, None, "deleted");
    assert_eq!(role(user(&they), &me.scope).await, None, "foreign");
    assert_eq!(role(user(&me), &stores.tenant().scope).await, None, "unknown");
    assert_eq!(role(stores.env.id(), &me.scope).await, None, "a person whom nobody knows");
}

pub async fn members_come_in_pages_by_joining_then_id(stores: Stores) {
    let me = stores.tenant();
    found(&stores, &me, "acme").await;
    let mut expected = vec![member(&stores, &me.scope, user(&me)).await.unwrap()];
    for later in [2, 1, 1, 0, 1] {
        let joined_at = stores.env.now().plus(Duration::from_secs(later));
        let user_id = stores.env.id();
        join(&stores, &me.scope, user_id, Role::Member, joined_at).await;
        let workspace_id = me.scope.workspace();
        expected.push(Membership { workspace_id, user_id, role: Role::Member, joined_at });
    }
    expected.sort_by_key(Membership::key);
    let (mut seen, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
    loop {
        let page = stores.members.page(&me.scope, &request).await.unwrap();
        seen.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(seen, expected);
}

pub async fn another_tenants_members_are_like_unknown_ones(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    found(&stores, &me, "mine").await;
    found(&stores, &they, "theirs").await;
    join(&stores, &they.scope, user(&me), Role::Member, stores.env.now()).await;
    assert_eq!(member(&stores, &me.scope, user(&they)).await, None);
    assert_eq!(member(&stores, &me.scope, user(&me)).await.unwrap().workspace_id, me.scope.workspace());
    let listed = stores.members.page(&me.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(listed.len(), 1, "my membership elsewhere is none of this workspace: {listed:?}");
}

pub async fn a_colleague_is_in_one_of_my_live_workspaces(stores: Stores) {
    let (me, they, gone) = (stores.tenant(), stores.tenant(), stores.tenant());
    for tenant in [&me, &they] {
        found(&stores, tenant, "acme").await;
    }
    let dead = found(&stores, &gone, "gone").await;
    let colleague: UserId = stores.env.id();
    join(&stores, &they.scope, colleague, Role::Member, stores.env.now()).await;
    join(&stores, &gone.scope, colleague, Role::Member, stores.env.now()).await;
    delete(&stores, &gone, dead).await;
    let [mine, theirs, lost] = [&me, &they, &gone].map(|tenant| tenant.scope.workspace());
    let is_in_any = async |among: &[_]| stores.members.is_in_any(colleague, among).await.unwrap();
    assert!(is_in_any(&[mine, theirs]).await);
    assert!(!is_in_any(&[mine]).await, "a stranger");
    assert!(!is_in_any(&[lost, stores.env.id()]).await, "deleted and unknown ones");
    assert!(!is_in_any(&[]).await);
}

pub async fn a_member_leaves_or_gets_another_role_in_the_units_workspace_only(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    for tenant in [&me, &they] {
        found(&stores, tenant, "acme").await;
    }
    let person: UserId = stores.env.id();
    for tenant in [&me, &they] {
        join(&stores, &tenant.scope, person, Role::Member, stores.env.now()).await;
    }
    let changed: Result<_, StoreError> = stores
        .workspace
        .run(&me.scope, async |tx| {
            let members = tx.memberships();
            let raised = members.change_role(person, Role::Admin).await?;
            let stranger = members.change_role(stores.env.id(), Role::Admin).await?;
            let mut counts = Vec::new();
            for role in Role::ALL {
                counts.push(members.count(role).await?);
            }
            Ok((raised, stranger, counts))
        })
        .await;
    assert_eq!(changed, Ok((true, false, vec![0, 1, 1])));
    assert_eq!(member(&stores, &they.scope, person).await.unwrap().role, Role::Member);
    let removed: Result<_, StoreError> = stores
        .workspace
        .run(&me.scope, async |tx| {
            Ok((tx.memberships().remove(person).await?, tx.memberships().remove(person).await?))
        })
        .await;
    assert_eq!(removed, Ok((true, false)));
    assert_eq!(member(&stores, &me.scope, person).await, None);
    assert!(member(&stores, &they.scope, person).await.is_some());
}

//! Members get other roles and leave, and an owner stays whatever comes in parallel.

use crate::{
    Stores, Tenant,
    workspaces::{found, join, user},
    workspaces_invitations::{Accounts, invitations},
};
use futures_util::future::{join as both, join_all};
use kernel::{PageRequest, Role, StoreError, UserId, WorkspaceScope, testing::call_by};
use std::sync::Arc;
use workspace::{Error, services::MemberService};

#[macro_export]
macro_rules! owner_cases {
    ($open:path) => {
        $crate::cases!(workspaces_owners, $open;
            a_role_changes_and_a_membership_ends_in_their_workspace_only,
            of_two_owners_who_put_each_other_out_in_parallel_one_stays,
            fifty_times_two_owners_demote_each_other_in_parallel_and_one_stays,
            of_two_transfers_in_parallel_one_is_made,
        );
    };
}

fn members(stores: &Stores) -> MemberService {
    let directory = Arc::new(Accounts::default());
    MemberService::new(
        stores.workspace.clone(),
        stores.members.clone(),
        directory.clone(),
        invitations(stores, directory),
        stores.env.clone(),
    )
}

/// Another owner of the workspace.
async fn second_owner(stores: &Stores, first: &Tenant) -> Tenant {
    let id = stores.env.id();
    join(stores, &first.scope, id, Role::Owner, stores.env.now()).await;
    Tenant { scope: WorkspaceScope::for_test(first.scope.workspace(), id, Role::Owner), ctx: call_by(id) }
}

async fn roles(stores: &Stores, tenant: &Tenant) -> Vec<(UserId, Role)> {
    let page = stores.members.page(&tenant.scope, &PageRequest::default()).await.unwrap();
    page.items.into_iter().map(|member| (member.user_id, member.role)).collect()
}

async fn owners(stores: &Stores, tenant: &Tenant) -> usize {
    roles(stores, tenant).await.into_iter().filter(|(_, role)| *role == Role::Owner).count()
}

pub async fn a_role_changes_and_a_membership_ends_in_their_workspace_only(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    found(&stores, &me, "mine").await;
    found(&stores, &they, "theirs").await;
    join(&stores, &they.scope, user(&me), Role::Member, stores.env.now()).await;
    let (mine, theirs) = (roles(&stores, &me).await, roles(&stores, &they).await);
    let seen: Result<_, StoreError> = stores
        .workspace
        .run(&me.scope, async |tx| {
            let stranger = tx.memberships().change_role(user(&they), Role::Member).await?;
            let removed = tx.memberships().remove(user(&they)).await?;
            Ok((stranger, removed, tx.memberships().count(Role::Owner).await?))
        })
        .await;
    assert_eq!(seen.unwrap(), (false, false, 1), "members of another workspace are like strangers");
    assert_eq!((roles(&stores, &me).await, roles(&stores, &they).await), (mine, theirs.clone()));

    let changed: Result<_, StoreError> = stores
        .workspace
        .run(&me.scope, async |tx| {
            let changed = tx.memberships().change_role(user(&me), Role::Admin).await?;
            let counts =
                [tx.memberships().count(Role::Owner).await?, tx.memberships().count(Role::Admin).await?];
            Ok((changed, counts))
        })
        .await;
    assert_eq!(changed.unwrap(), (true, [0, 1]));
    assert_eq!(roles(&stores, &me).await, [(user(&me), Role::Admin)]);
    let gone: Result<_, StoreError> = stores
        .workspace
        .run(&me.scope, async |tx| {
            Ok([tx.memberships().remove(user(&me)).await?, tx.memberships().remove(user(&me)).await?])
        })
        .await;
    assert_eq!(gone.unwrap(), [true, false]);
    assert_eq!(roles(&stores, &me).await, []);
    assert_eq!(roles(&stores, &they).await, theirs, "I stay a member elsewhere");
}

pub async fn of_two_owners_who_put_each_other_out_in_parallel_one_stays(stores: Stores) {
    let first = stores.tenant();
    found(&stores, &first, "acme").await;
    let second = second_owner(&stores, &first).await;
    let service = members(&stores);
    let attempts = (0..50).map(|n| {
        let (service, stores) = (&service, &stores);
        let (actor, other) = if n % 2 == 0 { (&first, &second) } else { (&second, &first) };
        async move {
            match n % 5 {
                0 => service.remove(&actor.ctx, &actor.scope, user(other)).await,
                1 => service.remove(&actor.ctx, &actor.scope, user(actor)).await,
                2 => {
                    let demoted =
                        service.change_role(&actor.ctx, &actor.scope, user(actor), Role::Admin).await;
                    demoted.map(drop)
                }
                _ => {
                    let demoted =
                        service.change_role(&actor.ctx, &actor.scope, user(other), Role::Member).await;
                    assert!(owners(stores, actor).await > 0);
                    demoted.map(drop)
                }
            }
        }
    });
    let answers = join_all(attempts).await;
    assert_eq!(owners(&stores, &first).await, 1, "{answers:?}");
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
    for answer in answers {
        let defined = matches!(answer, Ok(()) | Err(Error::LastOwner | Error::Denied(_) | Error::NotFound));
        assert!(defined, "{answer:?}");
    }
}

/// As the race above mostly ends with its first two, here it is run fifty times.
pub async fn fifty_times_two_owners_demote_each_other_in_parallel_and_one_stays(stores: Stores) {
    let service = members(&stores);
    for turn in 0..50 {
        let first = stores.tenant();
        found(&stores, &first, &format!("acme{turn}")).await;
        let second = second_owner(&stores, &first).await;
        let demote = async |actor: &Tenant, other: &Tenant| {
            service.change_role(&actor.ctx, &actor.scope, user(other), Role::Member).await.map(drop)
        };
        let answers = both(demote(&first, &second), demote(&second, &first)).await;
        assert_eq!(owners(&stores, &first).await, 1, "{answers:?}");
        let refused = answers.0.and(answers.1);
        assert!(matches!(refused, Err(Error::Denied(_))), "one was a member by then: {refused:?}");
    }
}

pub async fn of_two_transfers_in_parallel_one_is_made(stores: Stores) {
    let me = stores.tenant();
    found(&stores, &me, "acme").await;
    let (one, other) = (stores.env.id(), stores.env.id());
    for id in [one, other] {
        join(&stores, &me.scope, id, Role::Member, stores.env.now()).await;
    }
    let service = members(&stores);
    let transfers = [one, other].map(|to| service.transfer_ownership(&me.ctx, &me.scope, to));
    let answers = join_all(transfers).await;
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    let denied = answers.iter().filter(|answer| matches!(answer, Err(Error::Denied(_)))).count();
    assert_eq!((made, denied), (1, 1), "{answers:?}");
    assert_eq!(owners(&stores, &me).await, 1);
    assert!(roles(&stores, &me).await.contains(&(user(&me), Role::Admin)));
}

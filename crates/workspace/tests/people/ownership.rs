//! Whatever happens in whatever order, a workspace has an owner, and nobody has a role that nobody could give.

use crate::world::{Somebody, World};
use kernel::{Role, WorkspaceScope};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Deed {
    Change(Role),
    Remove,
    Transfer,
}

/// Who does what to whom. The role is the one that the actor's scope was given with: it may be out of date.
#[derive(Debug, Clone)]
struct Act {
    actor: usize,
    claims: Role,
    target: usize,
    deed: Deed,
}

const PEOPLE: usize = 5;

fn act() -> impl Strategy<Value = Act> {
    let role = || prop::sample::select(Role::ALL.to_vec());
    let deed = prop_oneof![
        4 => role().prop_map(Deed::Change),
        2 => Just(Deed::Remove),
        1 => Just(Deed::Transfer),
    ];
    (0..PEOPLE, role(), 0..PEOPLE, deed).prop_map(|(actor, claims, target, deed)| Act {
        actor,
        claims,
        target,
        deed,
    })
}

async fn roles(world: &World, people: &[Somebody]) -> Vec<Option<Role>> {
    let mut roles = Vec::new();
    for person in people {
        roles.push(world.role(person).await);
    }
    roles
}

async fn play(world: &World, people: &[Somebody], act: &Act) -> bool {
    let (actor, target) = (&people[act.actor], &people[act.target]);
    let scope = WorkspaceScope::for_test(actor.scope.workspace(), actor.id, act.claims);
    match act.deed {
        Deed::Change(role) => world.members.change_role(&actor.ctx, &scope, target.id, role).await.is_ok(),
        Deed::Remove => world.members.remove(&actor.ctx, &scope, target.id).await.is_ok(),
        Deed::Transfer => world.members.transfer_ownership(&actor.ctx, &scope, target.id).await.is_ok(),
    }
}

/// Judges a change by what it did, not by the rule that let it pass.
fn judge(
    before: &[Option<Role>],
    after: &[Option<Role>],
    act: &Act,
    done: bool,
) -> Result<(), TestCaseError> {
    prop_assert!(after.contains(&Some(Role::Owner)), "nobody owns it");
    let present = before[act.actor];
    for (person, (was, is)) in before.iter().zip(after).enumerate() {
        if was == is {
            continue;
        }
        prop_assert!(done, "a refused act changed something");
        prop_assert!(person == act.target || (person == act.actor && matches!(act.deed, Deed::Transfer)));
        let leaves = is.is_none() && person == act.actor;
        prop_assert!(leaves || present >= Some(Role::Admin), "a member changed somebody");
        prop_assert!(leaves || present >= *was, "somebody above was changed");
        prop_assert!(present >= *is, "a role was given that the giver did not have");
        prop_assert!(leaves || Some(act.claims) >= *is, "a scope was exceeded");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn there_is_always_an_owner_and_nobody_rises_above_who_raised_them(
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let owner = world.owner().await;
            let mut people = vec![owner.clone()];
            for role in [Role::Owner, Role::Admin, Role::Admin, Role::Member] {
                people.push(world.member(&owner, role).await);
            }
            for act in &acts {
                let before = roles(&world, &people).await;
                let done = play(&world, &people, act).await;
                judge(&before, &roles(&world, &people).await, act, done)?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

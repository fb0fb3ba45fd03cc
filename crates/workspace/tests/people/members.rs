//! Letting in, changing roles, putting out, handing over.

use crate::world::{Somebody, World, nobody};
use kernel::{Denied, Failure, IdempotencyKey, PageRequest, Role};
use serde_json::json;
use std::time::Duration;
use workspace::{
    Error, InvitationStatus, events,
    services::{AddMember, Added},
};

fn by_email(email: &str, role: Role) -> AddMember {
    AddMember { email: Some(email.to_owned()), user_id: None, role }
}

#[tokio::test]
async fn an_account_becomes_a_member_by_address_or_by_id_and_once() {
    let world = World::new();
    let owner = world.owner().await;
    world.clock.advance(Duration::from_secs(1));
    let (ada, bob) = (world.account("Ada@example.com", true), world.account("bob@example.com", true));
    let input = by_email("ada@EXAMPLE.com", Role::Admin);
    let Added::Member(member) = world.members.add(&owner.ctx, &owner.scope, input.clone()).await.unwrap()
    else {
        panic!("ada has an account");
    };
    assert_eq!((member.membership.user_id, member.membership.role), (ada, Role::Admin));
    assert_eq!(member.person.clone().unwrap().email, "Ada@example.com");
    let again = world.members.add(&owner.ctx, &owner.scope, input).await;
    assert_eq!(again, Err(Error::AlreadyMember));
    let input = AddMember { email: None, user_id: Some(bob), role: Role::Member };
    assert!(matches!(world.members.add(&owner.ctx, &owner.scope, input).await, Ok(Added::Member(_))));

    let listed = world.members.list(&owner.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(listed.len(), 3);
    assert!(listed.contains(&member));
    let told = [
        json!({"user_id": ada, "role": "admin", "invitation_id": null}),
        json!({"user_id": bob, "role": "member", "invitation_id": null}),
    ]
    .map(|payload| (events::MEMBER_ADDED.to_owned(), payload));
    assert_eq!(world.told(&owner).await, told);
}

#[tokio::test]
async fn a_member_whom_the_directory_has_lost_has_no_name() {
    let world = World::new();
    let owner = world.owner().await;
    world.erase(owner.id);
    let listed = world.members.list(&owner.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!((listed.len(), listed[0].membership.user_id, &listed[0].person), (1, owner.id, &None));
}

#[tokio::test]
async fn who_has_no_proven_account_is_invited_by_address_and_unknown_by_id() {
    let world = World::new();
    let owner = world.owner().await;
    let unverified = world.account("eve@example.com", false);
    for email in ["new@example.com", "eve@example.com"] {
        let added = world.members.add(&owner.ctx, &owner.scope, by_email(email, Role::Member)).await;
        let Ok(Added::Invited(invited)) = added else { panic!("{added:?}") };
        assert_eq!((invited.invitation.email.as_str(), invited.status), (email, InvitationStatus::Open));
    }
    for user_id in [unverified, world.env.id()] {
        let input = AddMember { email: None, user_id: Some(user_id), role: Role::Member };
        assert_eq!(world.members.add(&owner.ctx, &owner.scope, input).await, Err(Error::NotFound));
    }
    let twice = world.members.add(&owner.ctx, &owner.scope, by_email("NEW@example.com", Role::Member)).await;
    assert_eq!(twice, Err(Error::AlreadyInvited));
}

#[tokio::test]
async fn one_of_address_and_id_is_wanted() {
    let world = World::new();
    let owner = world.owner().await;
    let add = async |email: Option<&str>, user_id| {
        let input = AddMember { email: email.map(ToOwned::to_owned), user_id, role: Role::Member };
        let error = world.members.add(&owner.ctx, &owner.scope, input).await.unwrap_err();
        error.fields().iter().map(|e| (e.pointer.clone(), e.code)).collect::<Vec<_>>()
    };
    let both = |code| [("/email".to_owned(), code), ("/user_id".to_owned(), code)];
    assert_eq!(add(None, None).await, both("required"));
    assert_eq!(add(Some("ada@example.com"), Some(world.env.id())).await, both("exclusive"));
    assert_eq!(add(Some("ada"), None).await, [("/email".to_owned(), "not_an_email_address")]);
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own_and_a_member_gives_none() {
    let world = World::new();
    let owner = world.owner().await;
    let (admin, member) = (world.member(&owner, Role::Admin).await, world.member(&owner, Role::Member).await);
    let denied = |role| Err(Error::Denied(Denied::Role(role)));
    for (actor, role, needs) in [
        (&admin, Role::Owner, Role::Owner),
        (&member, Role::Member, Role::Admin),
        (&member, Role::Owner, Role::Owner),
    ] {
        let added = world.members.add(&actor.ctx, &actor.scope, by_email("x@example.com", role)).await;
        assert_eq!(added, denied(needs));
        let invited = world.invitations.invite(&actor.ctx, &actor.scope, "x@example.com", role).await;
        assert_eq!(invited.unwrap_err(), Error::Denied(Denied::Role(needs)));
    }
    assert!(
        world.members.add(&admin.ctx, &admin.scope, by_email("x@example.com", Role::Admin)).await.is_ok()
    );
}

#[tokio::test]
async fn letting_somebody_in_withdraws_their_invitation() {
    let world = World::new();
    let owner = world.owner().await;
    let made = world.invitations.invite(&owner.ctx, &owner.scope, "ada@example.com", Role::Member).await;
    let token = world.mailed_token().await;
    world.account("ada@example.com", true);
    world.members.add(&owner.ctx, &owner.scope, by_email("ada@example.com", Role::Member)).await.unwrap();
    let listed = world.invitations.list(&owner.scope, None, &PageRequest::default()).await.unwrap().items;
    assert_eq!(
        (listed[0].invitation.id, listed[0].status),
        (made.unwrap().invitation.id, InvitationStatus::Revoked)
    );
    assert_eq!(world.invitations.accept(&nobody(), &token).await, Err(Error::InvitationInvalid));
}

#[tokio::test]
async fn a_repeated_request_has_its_first_answer() {
    let world = World::new();
    let mut owner = world.owner().await;
    let key = IdempotencyKey { caller: "me".into(), key: "k".into(), request_hash: "h".into() };
    owner.ctx.idempotency = Some(key);
    let input = by_email("ada@example.com", Role::Member);
    let first = world.members.add(&owner.ctx, &owner.scope, input.clone()).await.unwrap();
    world.account("ada@example.com", true);
    assert_eq!(world.members.add(&owner.ctx, &owner.scope, input).await.unwrap(), first);
    assert_eq!(world.mail_jobs().await.len(), 1);
}

async fn change(world: &World, by: &Somebody, whom: &Somebody, role: Role) -> Result<Role, Error> {
    let changed = world.members.change_role(&by.ctx, &by.scope, whom.id, role).await;
    changed.map(|member| member.membership.role)
}

#[tokio::test]
async fn roles_change_by_the_rules() {
    let world = World::new();
    let owner = world.owner().await;
    let (admin, member) = (world.member(&owner, Role::Admin).await, world.member(&owner, Role::Member).await);
    let denied = |role| Err(Error::Denied(Denied::Role(role)));
    assert_eq!(change(&world, &member, &member, Role::Admin).await, denied(Role::Admin));
    assert_eq!(change(&world, &admin, &owner, Role::Admin).await, denied(Role::Owner));
    assert_eq!(change(&world, &admin, &member, Role::Owner).await, denied(Role::Owner));
    assert_eq!(change(&world, &admin, &admin, Role::Owner).await, denied(Role::Owner));
    assert_eq!(change(&world, &admin, &member, Role::Admin).await, Ok(Role::Admin));
    assert_eq!(change(&world, &admin, &admin, Role::Member).await, Ok(Role::Member));
    assert_eq!(
        change(&world, &admin, &member, Role::Member).await,
        denied(Role::Admin),
        "by the role of now"
    );
    assert_eq!(change(&world, &owner, &owner, Role::Owner).await, Ok(Role::Owner), "nothing changes");
    let stranger = world.owner().await;
    assert_eq!(change(&world, &owner, &stranger, Role::Admin).await, Err(Error::NotFound));
    assert_eq!(change(&world, &owner, &owner, Role::Admin).await, Err(Error::LastOwner));
    assert_eq!(change(&world, &owner, &member, Role::Owner).await, Ok(Role::Owner));
    assert_eq!(change(&world, &owner, &owner, Role::Member).await, Ok(Role::Member));
    let told = world.told(&owner).await;
    assert_eq!(
        told.last().unwrap(),
        &(
            events::MEMBER_ROLE_CHANGED.to_owned(),
            json!({"user_id": owner.id, "from": "owner", "to": "member"})
        )
    );
    assert_eq!(told.len(), 6, "two came in, four roles changed: {told:?}");
}

#[tokio::test]
async fn members_leave_and_are_put_out_and_take_their_invitations_along() {
    let world = World::new();
    let owner = world.owner().await;
    let (admin, member) = (world.member(&owner, Role::Admin).await, world.member(&owner, Role::Member).await);
    let remove =
        async |by: &Somebody, whom: &Somebody| world.members.remove(&by.ctx, &by.scope, whom.id).await;
    assert_eq!(remove(&member, &admin).await, Err(Error::Denied(Denied::Role(Role::Admin))));
    assert_eq!(remove(&admin, &owner).await, Err(Error::Denied(Denied::Role(Role::Owner))));
    assert_eq!(remove(&owner, &owner).await, Err(Error::LastOwner));
    assert_eq!(remove(&admin, &world.owner().await).await, Err(Error::NotFound));

    world.invitations.invite(&admin.ctx, &admin.scope, "x@example.com", Role::Member).await.unwrap();
    let token = world.mailed_token().await;
    assert_eq!(remove(&member, &member).await, Ok(()), "everybody may leave");
    assert_eq!(remove(&owner, &admin).await, Ok(()));
    assert_eq!((world.role(&member).await, world.role(&admin).await), (None, None));
    assert_eq!(remove(&admin, &admin).await, Err(Error::NotFound), "by the membership of now");
    assert_eq!(world.invitations.look_at(&token).await, Err(Error::InvitationInvalid));
    let told = world.event_types(&owner).await;
    assert_eq!(
        told[told.len() - 3..],
        [events::MEMBER_REMOVED, events::MEMBER_REMOVED, events::INVITATION_REVOKED]
    );
}

#[tokio::test]
async fn an_owner_hands_over_to_a_member_with_one_fact() {
    let world = World::new();
    let owner = world.owner().await;
    let (admin, member) = (world.member(&owner, Role::Admin).await, world.member(&owner, Role::Member).await);
    let transfer = async |by: &Somebody, to| world.members.transfer_ownership(&by.ctx, &by.scope, to).await;
    assert_eq!(transfer(&admin, member.id).await, Err(Error::Denied(Denied::Role(Role::Owner))));
    assert_eq!(transfer(&owner, world.env.id()).await, Err(Error::NotFound));
    let own = transfer(&owner, owner.id).await.unwrap_err();
    assert_eq!((own.code().name, own.fields()[0].pointer.as_str()), ("invalid", "/user_id"));

    let before = world.told(&owner).await.len();
    let done = transfer(&owner, member.id).await.unwrap();
    let roles = [&done.owner, &done.former_owner].map(|m| (m.membership.user_id, m.membership.role));
    assert_eq!(roles, [(member.id, Role::Owner), (owner.id, Role::Admin)]);
    assert_eq!((world.role(&member).await, world.role(&owner).await), (Some(Role::Owner), Some(Role::Admin)));
    let payload = json!({"from": owner.id, "to": member.id});
    assert_eq!(world.told(&owner).await[before..], [(events::OWNERSHIP_TRANSFERRED.to_owned(), payload)]);
    let again = transfer(&owner, admin.id).await;
    assert_eq!(again, Err(Error::Denied(Denied::Role(Role::Owner))), "by the role of now");
}

//! Inviting, mailing, looking, accepting, revoking.

use crate::world::{World, nobody};
use kernel::{Denied, Failure, Job, JobFailure, JobHandler, PageRequest, Role};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};
use workspace::{
    Error, InvitationStatus, events,
    services::{AcceptedInvitation, AddMember, InvitedAccount},
};

const ADA: &str = "Ada@Example.com";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn who_is_invited_signs_up_and_accepts() {
    let world = World::new();
    let owner = world.owner().await;
    let made = world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Admin).await.unwrap();
    let invitation = made.invitation;
    assert_eq!(invitation.expires_at, invitation.created_at.plus(7 * DAY));
    let token = world.mailed_token().await;
    let offer = world.invitations.look_at(&token).await.unwrap();
    assert_eq!((offer.workspace_name.as_str(), offer.role, offer.email.as_str()), ("Acme", Role::Admin, ADA));
    assert_eq!((offer.expires_at, offer.account), (invitation.expires_at, InvitedAccount::Missing));

    let accept = async || world.invitations.accept(&nobody(), &token).await;
    assert_eq!(accept().await, Err(Error::AccountRequired));
    let ada = world.account("ada@example.com", false);
    assert_eq!(world.invitations.look_at(&token).await.unwrap().account, InvitedAccount::Unverified);
    assert_eq!(accept().await, Err(Error::EmailNotVerifiedYet));
    world.verify(ada);
    assert_eq!(world.invitations.look_at(&token).await.unwrap().account, InvitedAccount::Ready);
    let in_it = AcceptedInvitation { workspace_id: owner.scope.workspace(), role: Role::Admin };
    assert_eq!(accept().await, Ok(in_it));
    assert_eq!(accept().await, Ok(in_it), "a double click");
    assert_eq!(world.invitations.look_at(&token).await, Err(Error::InvitationInvalid));
    assert_eq!(
        world.told(&owner).await,
        [
            (events::INVITATION_CREATED, json!({"role": "admin", "invited_by": owner.id})),
            (events::INVITATION_ACCEPTED, json!({"role": "admin", "user_id": ada})),
            (events::MEMBER_ADDED, json!({"user_id": ada, "role": "admin", "invitation_id": invitation.id})),
        ]
        .map(|(name, payload)| (name.to_owned(), payload))
    );
    world.members.remove(&owner.ctx, &owner.scope, ada).await.unwrap();
    assert_eq!(accept().await, Err(Error::InvitationInvalid), "it does not let in twice");
}

#[tokio::test]
async fn the_token_stands_in_the_mail_alone() {
    let world = World::new();
    let owner = world.owner_of("Acme\r\n{link} \u{1b}[31m").await;
    let made = world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Member).await.unwrap();
    let jobs = world.mail_jobs().await;
    let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
    world.postbox.is_closed.store(true, Ordering::SeqCst);
    assert!(matches!(world.send.handle(job).await, Err(JobFailure::Transient(_))));
    world.postbox.is_closed.store(false, Ordering::SeqCst);
    world.send.handle(job).await.unwrap();
    world.send.handle(job).await.unwrap();
    let mails = world.postbox.mails.lock().unwrap().clone();
    assert_eq!((mails.len(), &mails[0]), (2, &mails[1]), "a second run sends the same mail");
    assert_eq!((mails[0].to.as_str(), &mails[0].key), (ADA, &made.invitation.id.to_string()));
    assert!(mails[0].text.contains("\"Acme  {link}  [31m\""), "{}", mails[0].text);
    let token = world.latest_token();
    let written = format!("{job:?} {made:?} {:?}", world.told(&owner).await);
    assert!(!written.contains(&token) && !format!("{:?}", world.told(&owner).await).contains("xample.com"));
}

#[tokio::test]
async fn there_is_no_mail_without_a_reason() {
    let world = World::new();
    let owner = world.owner().await;
    let made = world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Member).await.unwrap();
    let job = world.mail_jobs().await.remove(0);
    world.invitations.revoke(&owner.ctx, &owner.scope, made.invitation.id).await.unwrap();
    world.send.handle(&job).await.unwrap();
    assert!(world.postbox.mails.lock().unwrap().is_empty());
    let nonsense = Job { payload: json!({"invitation_id": "x"}), ..job.clone() };
    let homeless = Job { workspace_id: None, ..job };
    for job in [nonsense, homeless] {
        assert!(matches!(world.send.handle(&job).await, Err(JobFailure::Permanent(_))));
    }
}

#[tokio::test]
async fn an_address_has_one_open_invitation_and_may_be_invited_again() {
    let world = World::new();
    let owner = world.owner().await;
    let invite = async || world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Member).await;
    let first = invite().await.unwrap().invitation;
    let old = world.mailed_token().await;
    assert_eq!(invite().await, Err(Error::AlreadyInvited));
    world.clock.advance(7 * DAY);
    assert_eq!(world.invitations.accept(&nobody(), &old).await, Err(Error::InvitationInvalid), "expired");
    let second = invite().await.unwrap().invitation;
    world.invitations.revoke(&owner.ctx, &owner.scope, second.id).await.unwrap();
    let third = invite().await.unwrap().invitation;
    let listed = world.invitations.list(&owner.scope, None, &PageRequest::default()).await.unwrap().items;
    let states: Vec<_> = listed.iter().map(|view| (view.invitation.id, view.status)).collect();
    assert_eq!(
        states,
        [
            (third.id, InvitationStatus::Open),
            (second.id, InvitationStatus::Revoked),
            (first.id, InvitationStatus::Expired),
        ]
    );
    world.account(ADA, true);
    let token = world.mailed_token().await;
    assert!(world.invitations.accept(&nobody(), &token).await.is_ok());
    assert_eq!(invite().await, Err(Error::AlreadyMember));
    let wrong = world.invitations.invite(&owner.ctx, &owner.scope, "ada", Role::Member).await.unwrap_err();
    assert_eq!(wrong.fields()[0].code, "not_an_email_address");
}

#[tokio::test]
async fn an_invitation_dies_with_the_rights_of_who_made_it() {
    let world = World::new();
    let owner = world.owner().await;
    let admin = world.member(&owner, Role::Admin).await;
    world.account(ADA, true);
    world.invitations.invite(&admin.ctx, &admin.scope, ADA, Role::Member).await.unwrap();
    let token = world.mailed_token().await;
    let invalid = async |when: &str| {
        assert_eq!(world.invitations.look_at(&token).await, Err(Error::InvitationInvalid), "{when}");
        let accepted = world.invitations.accept(&nobody(), &token).await;
        assert_eq!(accepted, Err(Error::InvitationInvalid), "{when}");
    };
    let change = async |role| {
        world.members.change_role(&owner.ctx, &owner.scope, admin.id, role).await.unwrap();
    };
    change(Role::Member).await;
    invalid("demoted").await;
    change(Role::Admin).await;
    assert!(world.invitations.look_at(&token).await.is_ok());
    world.members.remove(&owner.ctx, &owner.scope, admin.id).await.unwrap();
    invalid("removed").await;
    let back = AddMember { email: None, user_id: Some(admin.id), role: Role::Admin };
    world.members.add(&owner.ctx, &owner.scope, back).await.unwrap();
    invalid("what was revoked stays so").await;
}

#[tokio::test]
async fn who_is_in_already_keeps_the_role() {
    let world = World::new();
    let owner = world.owner().await;
    world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Admin).await.unwrap();
    let token = world.mailed_token().await;
    let member = world.member(&owner, Role::Member).await;
    // The member's account has the invited address now.
    world.rename(member.id, ADA);
    let in_it = AcceptedInvitation { workspace_id: owner.scope.workspace(), role: Role::Member };
    assert_eq!(world.invitations.accept(&nobody(), &token).await, Ok(in_it));
    assert_eq!(world.role(&member).await, Some(Role::Member));
}

#[tokio::test]
async fn an_invitation_is_taken_back_by_who_could_have_made_it() {
    let world = World::new();
    let owner = world.owner().await;
    let (admin, member) = (world.member(&owner, Role::Admin).await, world.member(&owner, Role::Member).await);
    let of_owner = world.invitations.invite(&owner.ctx, &owner.scope, "o@example.com", Role::Owner).await;
    let of_member = world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Member).await.unwrap();
    let (of_owner, of_member) = (of_owner.unwrap().invitation.id, of_member.invitation.id);
    let token = world.mailed_token().await;
    let revoke =
        async |by: &crate::world::Somebody, id| world.invitations.revoke(&by.ctx, &by.scope, id).await;
    let denied = |role| Err(Error::Denied(Denied::Role(role)));
    assert_eq!(revoke(&member, of_member).await, denied(Role::Admin));
    let listed = world.invitations.list(&member.scope, None, &PageRequest::default()).await;
    assert_eq!(listed.unwrap_err().code().name, "forbidden");
    assert_eq!(revoke(&admin, of_owner).await, denied(Role::Owner));
    assert_eq!(revoke(&world.owner().await, of_member).await, Err(Error::NotFound));
    assert_eq!(revoke(&admin, of_member).await, Ok(()));
    let told = world.told(&owner).await;
    assert_eq!(revoke(&admin, of_member).await, Ok(()), "again");
    assert_eq!(world.told(&owner).await, told);
    assert_eq!(world.invitations.accept(&nobody(), &token).await, Err(Error::InvitationInvalid));

    world.account("ada2@example.com", true);
    let used = world.invitations.invite(&owner.ctx, &owner.scope, "ada2@example.com", Role::Member).await;
    world.invitations.accept(&nobody(), &world.mailed_token().await).await.unwrap();
    assert_eq!(revoke(&admin, used.unwrap().invitation.id).await, Err(Error::InvitationAccepted));
}

#[tokio::test]
async fn no_other_text_is_a_token_and_a_deleted_workspace_lets_nobody_in() {
    let world = World::new();
    let owner = world.owner().await;
    world.account(ADA, true);
    world.invitations.invite(&owner.ctx, &owner.scope, ADA, Role::Member).await.unwrap();
    let token = world.mailed_token().await;
    let bits = token.strip_prefix("inv_").unwrap();
    for other in ["", "inv_", bits, &format!("eml_{bits}"), &format!("inv_{}", bits.to_lowercase())] {
        assert_eq!(world.invitations.look_at(other).await, Err(Error::InvitationInvalid), "{other}");
        assert_eq!(world.invitations.accept(&nobody(), other).await, Err(Error::InvitationInvalid));
    }
    world.delete(&owner).await;
    assert_eq!(world.invitations.look_at(&token).await, Err(Error::InvitationInvalid));
    assert_eq!(world.invitations.accept(&nobody(), &token).await, Err(Error::InvitationInvalid));
}

//! Invitations: kept, found by their token, used up once.

use crate::{
    Stores, Tenant,
    workspaces::{found, user},
};
use async_trait::async_trait;
use futures_util::future::{join, join_all};
use kernel::{
    Actor, CallContext, CorrelationId, EmailAddress, InvitationId, Limit, PageRequest, Role, StoreError,
    StoreResult, SystemRandomness, SystemScope, TokenHash, TokenKind, TokenMint, UserId,
};
use secrecy::ExposeSecret;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use workspace::{
    Account, Error, Invitation, InvitationStatus, Person,
    ports::Directory,
    services::{AcceptedInvitation, InvitationService},
};

#[macro_export]
macro_rules! invitation_cases {
    ($open:path) => {
        $crate::cases!(workspaces_invitations, $open;
            an_invitation_comes_back_as_it_went_in,
            an_address_has_one_pending_invitation_and_a_token_one_at_all,
            an_invitation_is_used_up_or_taken_back_once,
            who_leaves_takes_back_what_is_open_of_theirs,
            invitations_come_newest_first_and_by_state,
            another_tenants_invitations_are_like_unknown_ones,
            of_fifty_parallel_acceptances_one_makes_the_member,
            an_acceptance_and_a_revocation_in_parallel_agree,
            invitations_are_found_by_who_made_them_and_by_address_everywhere,
            an_invitation_forgets_its_address,
        );
    };
}

/// Accounts that a case makes up.
#[derive(Default)]
pub struct Accounts(Mutex<Vec<Account>>);

impl Accounts {
    fn add(&self, user_id: UserId, email: &EmailAddress) {
        let account = Account { user_id, email: email.clone(), is_verified: true, display_name: None };
        self.0.lock().unwrap().push(account);
    }

    fn first(&self, wanted: impl Fn(&Account) -> bool) -> Option<Account> {
        self.0.lock().unwrap().iter().find(|account| wanted(account)).cloned()
    }
}

#[async_trait]
impl Directory for Accounts {
    async fn find_by_email(&self, email: &EmailAddress) -> StoreResult<Option<Account>> {
        Ok(self.first(|account| account.email.lower() == email.lower()))
    }

    async fn find(&self, user: UserId) -> StoreResult<Option<Account>> {
        Ok(self.first(|account| account.user_id == user))
    }

    async fn people(&self, users: &[UserId]) -> StoreResult<HashMap<UserId, Person>> {
        let known = users.iter().filter_map(|user| self.first(|account| account.user_id == *user));
        Ok(known.map(|account| (account.user_id, account.person())).collect())
    }
}

fn mint() -> TokenMint {
    TokenMint::new(&[9; 32], Arc::new(SystemRandomness)).unwrap()
}

/// The use cases over the store.
pub fn invitations(stores: &Stores, directory: Arc<Accounts>) -> InvitationService {
    InvitationService {
        uow: stores.workspace.clone(),
        invitations: stores.invitations.clone(),
        workspaces: stores.workspaces.clone(),
        memberships: stores.memberships.clone(),
        directory,
        mint: mint(),
        env: stores.env.clone(),
    }
}

fn hash(n: u8, id: InvitationId) -> TokenHash {
    let mut bytes = [n; 32];
    bytes[..16].copy_from_slice(id.uuid().as_bytes());
    TokenHash::from_bytes(bytes)
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub fn offer(stores: &Stores, tenant: &Tenant, email: &str) -> Invitation {
    let now = stores.env.now();
    Invitation {
        id: stores.env.id(),
        workspace_id: tenant.scope.workspace(),
        email: address(email),
        role: Role::Admin,
        invited_by: user(tenant),
        created_at: now,
        expires_at: now.plus(Duration::from_secs(60)),
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
    }
}

pub async fn insert(stores: &Stores, tenant: &Tenant, invitation: &Invitation) -> StoreResult<()> {
    let token = hash(1, invitation.id);
    stores.workspace.run(&tenant.scope, async |tx| tx.invitations().insert(invitation, &token).await).await
}

pub async fn accept(stores: &Stores, tenant: &Tenant, id: InvitationId, by: UserId) -> bool {
    let now = stores.env.now();
    let accepted: StoreResult<bool> =
        stores.workspace.run(&tenant.scope, async |tx| tx.invitations().accept(id, by, now).await).await;
    accepted.unwrap()
}

pub async fn revoke(stores: &Stores, tenant: &Tenant, id: InvitationId) -> bool {
    let now = stores.env.now();
    let revoked: StoreResult<bool> =
        stores.workspace.run(&tenant.scope, async |tx| tx.invitations().revoke(id, now).await).await;
    revoked.unwrap()
}

async fn pending(stores: &Stores, tenant: &Tenant, email: &str) -> Option<Invitation> {
    let email = address(email);
    let found: StoreResult<_> =
        stores.workspace.run(&tenant.scope, async |tx| tx.invitations().find_pending(&email).await).await;
    found.unwrap()
}

pub async fn read(stores: &Stores, tenant: &Tenant, id: InvitationId) -> Option<Invitation> {
    stores.invitations.find(&tenant.scope, id).await.unwrap()
}

async fn by_token(stores: &Stores, token: &TokenHash) -> Option<Invitation> {
    stores.invitations.find_by_token(&SystemScope::for_authentication(), token).await.unwrap()
}

pub async fn an_invitation_comes_back_as_it_went_in(stores: Stores) {
    let me = stores.tenant();
    let mut invitation = offer(&stores, &me, "Ada+1@Example.com");
    insert(&stores, &me, &invitation).await.unwrap();
    assert_eq!(read(&stores, &me, invitation.id).await.as_ref(), Some(&invitation));
    assert_eq!(by_token(&stores, &hash(1, invitation.id)).await.as_ref(), Some(&invitation));
    assert_eq!(by_token(&stores, &hash(2, invitation.id)).await, None);
    assert_eq!(pending(&stores, &me, "ADA+1@example.com").await.as_ref(), Some(&invitation));
    assert_eq!(pending(&stores, &me, "ada@example.com").await, None);
    let by = stores.env.id();
    assert!(accept(&stores, &me, invitation.id, by).await);
    (invitation.accepted_at, invitation.accepted_by) = (Some(stores.env.now()), Some(by));
    assert_eq!(read(&stores, &me, invitation.id).await.as_ref(), Some(&invitation));
    let in_unit: StoreResult<_> =
        stores.workspace.run(&me.scope, async |tx| tx.invitations().find(invitation.id).await).await;
    assert_eq!(in_unit.unwrap(), Some(invitation));
}

pub async fn an_address_has_one_pending_invitation_and_a_token_one_at_all(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let first = offer(&stores, &me, "ada@example.com");
    insert(&stores, &me, &first).await.unwrap();
    let second = offer(&stores, &me, "Ada@Example.com");
    let refused = insert(&stores, &me, &second).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    insert(&stores, &they, &offer(&stores, &they, "ada@example.com")).await.unwrap();
    assert!(revoke(&stores, &me, first.id).await);
    insert(&stores, &me, &second).await.unwrap();
    assert!(accept(&stores, &me, second.id, stores.env.id()).await);
    insert(&stores, &me, &offer(&stores, &me, "ada@example.com")).await.unwrap();

    let (other, token) = (offer(&stores, &they, "bob@example.com"), hash(1, second.id));
    let taken: StoreResult<()> =
        stores.workspace.run(&they.scope, async |tx| tx.invitations().insert(&other, &token).await).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

pub async fn an_invitation_is_used_up_or_taken_back_once(stores: Stores) {
    let (me, by) = (stores.tenant(), stores.env.id());
    let [used, revoked, late] =
        ["a@example.com", "b@example.com", "c@example.com"].map(|email| offer(&stores, &me, email));
    for invitation in [&used, &revoked, &late] {
        insert(&stores, &me, invitation).await.unwrap();
    }
    assert!(accept(&stores, &me, used.id, by).await);
    assert!(!accept(&stores, &me, used.id, stores.env.id()).await);
    assert!(!revoke(&stores, &me, used.id).await);
    assert!(revoke(&stores, &me, revoked.id).await);
    assert!(!accept(&stores, &me, revoked.id, by).await);
    assert!(!revoke(&stores, &me, revoked.id).await);
    stores.clock.advance(Duration::from_secs(60));
    assert!(!accept(&stores, &me, late.id, by).await, "the last instant is too late");
    assert!(revoke(&stores, &me, late.id).await, "an expired one makes room");
    let used = read(&stores, &me, used.id).await.unwrap();
    assert_eq!((used.accepted_by, used.revoked_at), (Some(by), None));
    assert_eq!(read(&stores, &me, revoked.id).await.unwrap().accepted_at, None);
}

pub async fn who_leaves_takes_back_what_is_open_of_theirs(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let offers: Vec<_> = (0..4).map(|n| offer(&stores, &me, &format!("p{n}@example.com"))).collect();
    for invitation in &offers {
        insert(&stores, &me, invitation).await.unwrap();
    }
    assert!(accept(&stores, &me, offers[1].id, stores.env.id()).await);
    let of_another = Invitation { invited_by: stores.env.id(), ..offer(&stores, &me, "x@example.com") };
    insert(&stores, &me, &of_another).await.unwrap();
    let elsewhere = Invitation { invited_by: user(&me), ..offer(&stores, &they, "p0@example.com") };
    insert(&stores, &they, &elsewhere).await.unwrap();
    let now = stores.env.now();
    let revoke_mine = async || {
        let gone: StoreResult<Vec<Invitation>> = stores
            .workspace
            .run(&me.scope, async |tx| tx.invitations().revoke_of(user(&me), now).await)
            .await;
        gone.unwrap()
    };
    let mut expected = [0, 2, 3].map(|n: usize| Invitation { revoked_at: Some(now), ..offers[n].clone() });
    // Ids of one millisecond are in no order.
    expected.sort_by_key(|invitation| invitation.id);
    assert_eq!(revoke_mine().await, expected);
    assert_eq!(revoke_mine().await, []);
    assert_eq!(read(&stores, &me, of_another.id).await, Some(of_another));
    assert_eq!(read(&stores, &they, elsewhere.id).await, Some(elsewhere));
}

pub async fn invitations_come_newest_first_and_by_state(stores: Stores) {
    let me = stores.tenant();
    let mut ids = Vec::new();
    for n in 0..8 {
        let invitation = offer(&stores, &me, &format!("p{n}@example.com"));
        insert(&stores, &me, &invitation).await.unwrap();
        ids.push(invitation.id);
        stores.clock.advance(Duration::from_millis(1));
    }
    assert!(accept(&stores, &me, ids[1], stores.env.id()).await);
    assert!(revoke(&stores, &me, ids[2]).await);
    stores.clock.advance(Duration::from_secs(60));
    assert!(revoke(&stores, &me, ids[3]).await, "made room");
    let fresh = offer(&stores, &me, "fresh@example.com");
    insert(&stores, &me, &fresh).await.unwrap();
    ids.push(fresh.id);

    let now = stores.env.now();
    let listed = async |status: Option<InvitationStatus>| {
        let (mut seen, mut request) =
            (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), after: None });
        loop {
            let page = stores.invitations.page(&me.scope, status, now, &request).await.unwrap();
            let states = page.items.iter().map(|invitation| invitation.status(now));
            assert!(states.into_iter().all(|state| status.is_none_or(|wanted| wanted == state)));
            seen.extend(page.items.into_iter().map(|invitation| invitation.id));
            let Some(next) = page.next else { return seen };
            request.after = Some(next);
        }
    };
    let picked = |indices: &[usize]| indices.iter().map(|n| ids[*n]).collect::<Vec<_>>();
    assert_eq!(listed(None).await, picked(&[8, 7, 6, 5, 4, 3, 2, 1, 0]));
    assert_eq!(listed(Some(InvitationStatus::Open)).await, picked(&[8]));
    assert_eq!(listed(Some(InvitationStatus::Accepted)).await, picked(&[1]));
    assert_eq!(listed(Some(InvitationStatus::Revoked)).await, picked(&[2]));
    assert_eq!(listed(Some(InvitationStatus::Expired)).await, picked(&[7, 6, 5, 4, 3, 0]));
}

pub async fn another_tenants_invitations_are_like_unknown_ones(stores: Stores) {
    let (me, they) = (stores.tenant(), stores.tenant());
    let theirs = offer(&stores, &they, "ada@example.com");
    insert(&stores, &they, &theirs).await.unwrap();
    assert_eq!(read(&stores, &me, theirs.id).await, None);
    assert_eq!(pending(&stores, &me, "ada@example.com").await, None);
    assert!(!accept(&stores, &me, theirs.id, user(&me)).await);
    assert!(!revoke(&stores, &me, theirs.id).await);
    let (now, all) = (stores.env.now(), PageRequest::default());
    assert_eq!(stores.invitations.page(&me.scope, None, now, &all).await.unwrap().items, []);
    assert_eq!(read(&stores, &they, theirs.id).await, Some(theirs));
}

/// A workspace with one invitation, an account that it is for, and the text of its token.
struct Invited {
    owner: Tenant,
    service: InvitationService,
    id: InvitationId,
    guest: UserId,
    token: String,
}

async fn invited(stores: &Stores) -> Invited {
    let (owner, guest, accounts) = (stores.tenant(), stores.env.id(), Arc::new(Accounts::default()));
    found(stores, &owner, "acme").await;
    accounts.add(guest, &address("guest@example.com"));
    let service = invitations(stores, accounts);
    let made = service.invite(&owner.ctx, &owner.scope, "Guest@example.com", Role::Admin).await.unwrap();
    let id = made.invitation.id;
    // As the service derives it; the mail is the only other place to get it from.
    let token = mint().derived(TokenKind::Invitation, "invitation", &[id.uuid().as_bytes()]);
    Invited { owner, service, id, guest, token: token.secret().expose_secret().to_owned() }
}

fn nobody() -> CallContext {
    CallContext::new(Actor::Anonymous, CorrelationId::parse("conformance").unwrap())
}

async fn told(stores: &Stores, owner: &Tenant, event_type: &str) -> usize {
    let events = stores.events.list_after(&owner.scope, 0, 100).await.unwrap();
    events.iter().filter(|event| event.event_type == event_type).count()
}

pub async fn of_fifty_parallel_acceptances_one_makes_the_member(stores: Stores) {
    let it = invited(&stores).await;
    let ctx = nobody();
    let answers = join_all((0..50).map(|_| it.service.accept(&ctx, &it.token))).await;
    let in_it = AcceptedInvitation { workspace_id: it.owner.scope.workspace(), role: Role::Admin };
    for answer in answers {
        assert_eq!(answer, Ok(in_it), "a repetition is welcome");
    }
    let members = stores.members.page(&it.owner.scope, &PageRequest::default()).await.unwrap().items;
    assert_eq!(members.iter().filter(|member| member.user_id == it.guest).count(), 1);
    assert_eq!(told(&stores, &it.owner, workspace::events::MEMBER_ADDED).await, 1);
    assert_eq!(told(&stores, &it.owner, workspace::events::INVITATION_ACCEPTED).await, 1);
    assert_eq!(read(&stores, &it.owner, it.id).await.unwrap().accepted_by, Some(it.guest));
}

pub async fn an_acceptance_and_a_revocation_in_parallel_agree(stores: Stores) {
    let ctx = nobody();
    for turn in 0..12 {
        let it = invited(&stores).await;
        let accepting = it.service.accept(&ctx, &it.token);
        let revoking = it.service.revoke(&it.owner.ctx, &it.owner.scope, it.id);
        let (accepted, revoked) = if turn % 2 == 0 {
            join(accepting, revoking).await
        } else {
            let (revoked, accepted) = join(revoking, accepting).await;
            (accepted, revoked)
        };
        let role = stores.memberships.role_of(it.guest, it.owner.scope.workspace()).await.unwrap();
        match (&accepted, &revoked) {
            (Ok(_), Err(Error::InvitationAccepted)) => assert_eq!(role, Some(Role::Admin)),
            (Err(Error::InvitationInvalid), Ok(())) => assert_eq!(role, None),
            other => panic!("they do not agree: {other:?}"),
        }
    }
}

pub async fn invitations_are_found_by_who_made_them_and_by_address_everywhere(stores: Stores) {
    let (here, there) = (stores.tenant(), stores.tenant());
    let email = format!("Grace.{}@example.com", stores.env.ids.uuid().simple());
    let (mine, theirs) = (offer(&stores, &here, &email), offer(&stores, &there, &email));
    insert(&stores, &here, &mine).await.unwrap();
    insert(&stores, &there, &theirs).await.unwrap();
    let other = offer(&stores, &here, &format!("x{email}"));
    insert(&stores, &here, &other).await.unwrap();
    let (scope, person) = (SystemScope::for_personal_data(), stores.env.id());
    let list_to =
        async |email: &str| stores.invitations.list_to(&scope, &address(email), person).await.unwrap();
    let mut to = [mine.clone(), theirs];
    to.sort_by_key(|offer| offer.id);
    assert_eq!(list_to(&email.to_lowercase()).await, to);
    assert_eq!(list_to("another.address@example.com").await, []);
    let mut by = [mine.clone(), other];
    by.sort_by_key(|offer| offer.id);
    assert_eq!(stores.invitations.list_by(&scope, user(&here)).await.unwrap(), by);
    assert_eq!(stores.invitations.list_by(&scope, stores.env.id()).await.unwrap(), []);
    assert!(accept(&stores, &here, mine.id, person).await);
    let to = list_to("another.address@example.com").await;
    assert!(to.len() == 1 && to[0].id == mine.id, "whatever their address is now: {to:?}");
}

pub async fn an_invitation_forgets_its_address(stores: Stores) {
    let (here, there) = (stores.tenant(), stores.tenant());
    let email = format!("grace.{}@example.com", stores.env.ids.uuid().simple());
    let (mine, theirs) = (offer(&stores, &here, &email), offer(&stores, &there, &email));
    insert(&stores, &here, &mine).await.unwrap();
    insert(&stores, &there, &theirs).await.unwrap();
    for id in [mine.id, theirs.id] {
        let forgotten: StoreResult<()> =
            stores.workspace.run(&here.scope, async |tx| tx.invitations().forget_address(id).await).await;
        forgotten.unwrap();
    }
    let scope = SystemScope::for_personal_data();
    let to = stores.invitations.list_to(&scope, &address(&email), stores.env.id()).await;
    assert_eq!(to.unwrap(), [theirs]);
    let left = stores.invitations.find(&here.scope, mine.id).await.unwrap().unwrap();
    assert_eq!(left.email, Invitation::nobodys_address(mine.id).unwrap());
    let again: StoreResult<_> = stores
        .workspace
        .run(&here.scope, async |tx| tx.invitations().find_pending(&address(&email)).await)
        .await;
    assert_eq!(again.unwrap(), None, "the address can be invited anew");
}

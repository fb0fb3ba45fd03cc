//! Everything a story needs: the services over the store, accounts to make up, a postbox to look into.

use async_trait::async_trait;
use kernel::{
    Actor, CallContext, CorrelationId, EmailAddress, Environment, EventReader, Job, JobHandler, JobQueue,
    Kinds, LinkBase, Mail, MailError, Mailer, Memberships, Role, Settlement, StoreResult, SystemRandomness,
    SystemScope, TokenMint, UserId, UserScope, WorkspaceId, WorkspaceScope,
    testing::{ManualClock, call_by, environment},
};
use memory::Store;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use workspace::{
    Account, Person, WorkspaceInput,
    ports::{Directory, WorkspaceUow},
    services::{
        AddMember, Added, CreateWorkspace, InvitationService, MemberService, SEND_INVITATION, SendInvitation,
        WorkspaceService,
    },
};

/// The accounts that a story makes up.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<Vec<Account>>);

impl Accounts {
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

/// Where mails arrive, unless it is closed.
#[derive(Default)]
pub(crate) struct Postbox {
    pub(crate) mails: Mutex<Vec<Mail>>,
    pub(crate) is_closed: AtomicBool,
}

#[async_trait]
impl Mailer for Postbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(MailError::Unavailable("the postbox is closed".to_owned()));
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) env: Environment,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) postbox: Arc<Postbox>,
    pub(crate) members: MemberService,
    pub(crate) invitations: InvitationService,
    pub(crate) send: SendInvitation,
    workspaces: WorkspaceService,
}

/// Somebody in a workspace.
#[derive(Clone)]
pub(crate) struct Somebody {
    pub(crate) id: UserId,
    pub(crate) ctx: CallContext,
    pub(crate) scope: WorkspaceScope,
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, (env, clock)) = (Store::default(), environment());
        let (shared, accounts) = (Arc::new(store.clone()), Arc::new(Accounts::default()));
        let postbox = Arc::new(Postbox::default());
        let invitations = InvitationService {
            uow: shared.clone(),
            invitations: shared.clone(),
            workspaces: shared.clone(),
            memberships: shared.clone(),
            directory: accounts.clone(),
            mint: TokenMint::new(&[7; 32], Arc::new(SystemRandomness)).unwrap(),
            env: env.clone(),
        };
        let members = MemberService::new(
            shared.clone(),
            shared.clone(),
            accounts.clone(),
            invitations.clone(),
            env.clone(),
        );
        let links = LinkBase::new("https://api.example.com/").with_client("https://app.example.com/");
        Self {
            send: SendInvitation::new(invitations.clone(), postbox.clone(), links),
            workspaces: WorkspaceService::new(shared.clone(), shared, env.clone()),
            store,
            env,
            clock,
            accounts,
            postbox,
            members,
            invitations,
        }
    }

    /// An account, whose address is proven or not.
    pub(crate) fn account(&self, email: &str, is_verified: bool) -> UserId {
        let (user_id, email) = (self.env.id(), EmailAddress::parse(email).unwrap());
        let display_name = Some("Ada".to_owned());
        self.accounts.0.lock().unwrap().push(Account { user_id, email, is_verified, display_name });
        user_id
    }

    pub(crate) fn verify(&self, user: UserId) {
        let mut accounts = self.accounts.0.lock().unwrap();
        accounts.iter_mut().find(|account| account.user_id == user).unwrap().is_verified = true;
    }

    pub(crate) fn rename(&self, user: UserId, email: &str) {
        let mut accounts = self.accounts.0.lock().unwrap();
        let account = accounts.iter_mut().find(|account| account.user_id == user).unwrap();
        account.email = EmailAddress::parse(email).unwrap();
    }

    pub(crate) fn erase(&self, user: UserId) {
        self.accounts.0.lock().unwrap().retain(|account| account.user_id != user);
    }

    /// The owner of a new workspace.
    pub(crate) async fn owner(&self) -> Somebody {
        self.owner_of("Acme").await
    }

    pub(crate) async fn owner_of(&self, name: &str) -> Somebody {
        let ctx = call_by(self.account(&format!("owner-{}@example.com", self.env.ids.uuid()), true));
        let input = CreateWorkspace { name: name.to_owned(), ..CreateWorkspace::default() };
        let made = self.workspaces.create(&ctx, &UserScope::of(&ctx).unwrap(), input).await.unwrap();
        self.enter(ctx, made.workspace.id).await
    }

    async fn enter(&self, ctx: CallContext, workspace: WorkspaceId) -> Somebody {
        let scope = WorkspaceScope::authorise(&self.store, &ctx, workspace).await.unwrap();
        Somebody { id: ctx.actor.user().unwrap(), ctx, scope }
    }

    /// Somebody whom `by` lets in with this role.
    pub(crate) async fn member(&self, by: &Somebody, role: Role) -> Somebody {
        self.clock.advance(Duration::from_secs(1));
        let id = self.account(&format!("{}@example.com", self.env.ids.uuid()), true);
        let input = AddMember { email: None, user_id: Some(id), role };
        let added = self.members.add(&by.ctx, &by.scope, input).await.unwrap();
        assert!(matches!(added, Added::Member(_)));
        self.enter(call_by(id), by.scope.workspace()).await
    }

    pub(crate) async fn role(&self, who: &Somebody) -> Option<Role> {
        self.store.role_of(who.id, who.scope.workspace()).await.unwrap()
    }

    /// Types and payloads of what happened in the workspace but its making.
    pub(crate) async fn told(&self, who: &Somebody) -> Vec<(String, Value)> {
        let events = EventReader::list_after(&self.store, &who.scope, 1, 100).await.unwrap();
        events.into_iter().map(|event| (event.event_type, event.payload)).collect()
    }

    pub(crate) async fn event_types(&self, who: &Somebody) -> Vec<String> {
        self.told(who).await.into_iter().map(|(name, _)| name).collect()
    }

    /// The jobs that mail invitations, settled as done.
    pub(crate) async fn mail_jobs(&self) -> Vec<Job> {
        let (scope, now, mut found) = (SystemScope::for_worker(), self.env.now(), Vec::new());
        while let Some(job) =
            self.store.claim(&scope, Kinds::All, "test", now, Duration::from_secs(30)).await.unwrap()
        {
            self.store.settle(&scope, &job, &Settlement::Succeeded, now).await.unwrap();
            if job.kind == SEND_INVITATION {
                found.push(job);
            }
        }
        found
    }

    /// Mails what is to be mailed, and answers the token in the latest mail.
    pub(crate) async fn mailed_token(&self) -> String {
        for job in self.mail_jobs().await {
            self.send.handle(&job).await.unwrap();
        }
        self.latest_token()
    }

    pub(crate) fn latest_token(&self) -> String {
        let mails = self.postbox.mails.lock().unwrap();
        let start = "https://app.example.com/accept-invitation?token=";
        let token = mails.last().unwrap().text.lines().find_map(|line| line.strip_prefix(start));
        token.unwrap().to_owned()
    }

    pub(crate) async fn delete(&self, owner: &Somebody) {
        let uow: Arc<WorkspaceUow> = Arc::new(self.store.clone());
        let deleted: StoreResult<()> = uow
            .run(&owner.scope, async |tx| {
                let mut workspace = tx.workspaces().find().await?.unwrap();
                workspace.status = workspace.status.transition(WorkspaceInput::Delete).unwrap();
                workspace.version += 1;
                tx.workspaces().save(&workspace, workspace.version - 1).await
            })
            .await;
        deleted.unwrap();
    }
}

/// A call by somebody who has not logged in.
pub(crate) fn nobody() -> CallContext {
    CallContext::new(Actor::Anonymous, CorrelationId::parse("story-call").unwrap())
}

use agents::ports::{
    AgentReader, AgentTx, AgentUow, RunReader, StepReader,
    models::{BudgetLedger, ModelCallReader, ProviderKeyReader},
};
use bcm::ports::{BcmTx, BcmUow, ContextReader, FoundationReader, IcpReader, OnboardingReader};
use campaign::ports::{CampaignReader, CampaignTx, CampaignUow, DailyWinReader, MoveReader};
use identity::ports::{
    ExternalIdentityReader, FactorReader, IdentityTx, IdentityUow, PeopleReader, PersonalDataReader,
    PersonalTraces, SessionReader, StaleSeals, UserDirectory, UserReader, UserSecrets,
};
use kernel::{
    CallContext, Environment, EventReader, EventRelay, JobQueue, JobReader, Memberships, RelayTx, RelayUow,
    Retention, Role, StoreGauges, SystemScope, UnitOfWork, WorkerRegistry, WorkspaceScope,
    testing::ManualClock,
};
use std::sync::Arc;
use workspace::ports::{
    ApiKeyDirectory, ApiKeyReader, AuditReader, BudgetReader, InvitationReader, MembershipReader,
    PlatformAuditReader, WorkspacePurge, WorkspaceReader, WorkspaceTx, WorkspaceUow,
};

/// A store, seen as every port it implements, with an environment of its own.
#[derive(Clone)]
pub struct Stores {
    pub bcm: Arc<BcmUow>,
    pub onboarding: Arc<dyn OnboardingReader>,
    pub foundations: Arc<dyn FoundationReader>,
    pub icps: Arc<dyn IcpReader>,
    pub contexts: Arc<dyn ContextReader>,
    pub campaign: Arc<CampaignUow>,
    pub campaigns: Arc<dyn CampaignReader>,
    pub moves: Arc<dyn MoveReader>,
    pub daily_wins: Arc<dyn DailyWinReader>,
    pub identity: Arc<IdentityUow>,
    pub users: Arc<dyn UserReader>,
    pub directory: Arc<dyn UserDirectory>,
    pub people: Arc<dyn PeopleReader>,
    pub personal_data: Arc<dyn PersonalDataReader>,
    pub traces: Arc<dyn PersonalTraces>,
    pub sessions: Arc<dyn SessionReader>,
    pub factors: Arc<dyn FactorReader>,
    pub secrets: Arc<dyn UserSecrets>,
    pub seals: Arc<dyn StaleSeals>,
    pub external_identities: Arc<dyn ExternalIdentityReader>,
    pub workspace: Arc<WorkspaceUow>,
    pub workspaces: Arc<dyn WorkspaceReader>,
    pub members: Arc<dyn MembershipReader>,
    pub invitations: Arc<dyn InvitationReader>,
    pub memberships: Arc<dyn Memberships>,
    pub purge: Arc<dyn WorkspacePurge>,
    pub api_keys: Arc<dyn ApiKeyReader>,
    pub budgets: Arc<dyn BudgetReader>,
    pub key_directory: Arc<dyn ApiKeyDirectory>,
    pub audit: Arc<dyn AuditReader>,
    pub platform_audit: Arc<dyn PlatformAuditReader>,
    pub agent: Arc<AgentUow>,
    pub agents: Arc<dyn AgentReader>,
    pub runs: Arc<dyn RunReader>,
    pub steps: Arc<dyn StepReader>,
    pub ledger: Arc<dyn BudgetLedger>,
    pub model_calls: Arc<dyn ModelCallReader>,
    pub provider_keys: Arc<dyn ProviderKeyReader>,
    pub events: Arc<dyn EventReader>,
    pub jobs: Arc<dyn JobQueue>,
    pub job_reader: Arc<dyn JobReader>,
    pub retention: Arc<dyn Retention>,
    pub workers: Arc<dyn WorkerRegistry>,
    pub gauges: Arc<dyn StoreGauges>,
    pub outbox: Arc<dyn EventRelay>,
    pub relay: Arc<RelayUow>,
    pub env: Environment,
    pub clock: Arc<ManualClock>,
}

/// Somebody at work in a workspace of their own.
pub struct Tenant {
    pub scope: WorkspaceScope,
    pub ctx: CallContext,
}

impl Stores {
    /// All ports of one store.
    pub fn of<S>(store: S) -> Self
    where
        S: UnitOfWork<dyn CampaignTx, WorkspaceScope>
            + UnitOfWork<dyn RelayTx, SystemScope>
            + UnitOfWork<dyn BcmTx, WorkspaceScope>
            + OnboardingReader
            + FoundationReader
            + IcpReader
            + ContextReader
            + CampaignReader
            + MoveReader
            + DailyWinReader
            + UnitOfWork<dyn IdentityTx, SystemScope>
            + UserReader
            + UserDirectory
            + PeopleReader
            + PersonalDataReader
            + PersonalTraces
            + SessionReader
            + FactorReader
            + UserSecrets
            + StaleSeals
            + ExternalIdentityReader
            + UnitOfWork<dyn WorkspaceTx, WorkspaceScope>
            + WorkspaceReader
            + MembershipReader
            + InvitationReader
            + Memberships
            + WorkspacePurge
            + ApiKeyReader
            + BudgetReader
            + ApiKeyDirectory
            + AuditReader
            + PlatformAuditReader
            + UnitOfWork<dyn AgentTx, WorkspaceScope>
            + AgentReader
            + RunReader
            + StepReader
            + BudgetLedger
            + ModelCallReader
            + ProviderKeyReader
            + EventReader
            + EventRelay
            + JobQueue
            + JobReader
            + Retention
            + WorkerRegistry
            + StoreGauges
            + 'static,
    {
        let store = Arc::new(store);
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z"));
        let ids = kernel::TimeOrderedIds::new(clock.clone(), Arc::new(kernel::SystemRandomness));
        let env = Environment { clock: clock.clone(), ids: Arc::new(ids) };
        Self {
            bcm: store.clone(),
            onboarding: store.clone(),
            foundations: store.clone(),
            icps: store.clone(),
            contexts: store.clone(),
            campaign: store.clone(),
            campaigns: store.clone(),
            moves: store.clone(),
            daily_wins: store.clone(),
            identity: store.clone(),
            users: store.clone(),
            directory: store.clone(),
            people: store.clone(),
            personal_data: store.clone(),
            traces: store.clone(),
            sessions: store.clone(),
            factors: store.clone(),
            secrets: store.clone(),
            seals: store.clone(),
            external_identities: store.clone(),
            workspace: store.clone(),
            workspaces: store.clone(),
            members: store.clone(),
            invitations: store.clone(),
            memberships: store.clone(),
            purge: store.clone(),
            api_keys: store.clone(),
            budgets: store.clone(),
            key_directory: store.clone(),
            audit: store.clone(),
            platform_audit: store.clone(),
            agent: store.clone(),
            agents: store.clone(),
            runs: store.clone(),
            steps: store.clone(),
            ledger: store.clone(),
            model_calls: store.clone(),
            provider_keys: store.clone(),
            events: store.clone(),
            jobs: store.clone(),
            job_reader: store.clone(),
            retention: store.clone(),
            workers: store.clone(),
            gauges: store.clone(),
            outbox: store.clone(),
            relay: store,
            env,
            clock,
        }
    }

    /// A workspace that no other case knows.
    pub fn tenant(&self) -> Tenant {
        let user = self.env.id();
        Tenant {
            scope: WorkspaceScope::for_test(self.env.id(), user, Role::Owner),
            ctx: kernel::testing::call_by(user),
        }
    }
}

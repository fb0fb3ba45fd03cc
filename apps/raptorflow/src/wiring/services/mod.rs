//! Every use case over a store; the files beside this one put those of one domain together.

mod campaign;
mod identity;
mod workspace;

pub(super) use self::identity::{second_factor, secrets};

use self::{
    campaign::{campaign_work, campaigns, runs},
    identity::{accounts, administration, credentials, operator, sessions},
    workspace::{api_keys, audit, budgets, dead_letters, invitations, jobs, members},
};
use super::{
    calendar::Calendar,
    models::{Ai, Models, ai},
    personal::personal_data,
    remembered::RememberedMemberships,
    source::Source,
    store::Store,
};
use crate::worker::{Smoke, Subscription, Sweep, WorkerParts, WriteOff};
use ::campaign::services::{
    CampaignService, ChooseDailyWins, DailyWinService, MorningConsumer, MoveService, PLAN_MORNINGS,
    PlanningService,
};
use ::identity::{
    ports::{AccessTokens, ExternalTokens, PasswordHasher},
    services::{
        AccountService, AdministrationService, CredentialService, ErasePerson, ExportPerson, NoteFailedLogin,
        OperatorService, PersonalDataService, PurgeExports, SecondFactorService, SecretService, SendMail,
        SessionService,
    },
};
use ::workspace::services::{
    ApiKeyService, AuditService, BudgetService, DeadLetterService, EventService, InvitationService,
    JobService, MemberService, OnboardingConsumer, SendInvitation, WorkspacePurger, WorkspaceService,
};
use agents::services::{CouncilService, ProgressService, RunExecutor, RunService};
use bcm::services::{ContextService, FinaliseService, FoundationService, IcpService, OnboardingService};
use kernel::{
    Bus, Cipher, Environment, JobHandler, LinkBase, Mailer, Memberships, PicoUsd, Randomness, TokenMint,
};
use local::Standings;
use std::sync::Arc;

/// What the services need beside a store.
pub struct Adapters {
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Issues and checks access tokens.
    pub access: Arc<dyn AccessTokens>,
    /// Checks the tokens of another service, when such are accepted.
    pub external: Option<Arc<dyn ExternalTokens>>,
    /// Makes refresh tokens and the tokens of mails.
    pub mint: TokenMint,
    /// Makes the secrets that people are given.
    pub randomness: Arc<dyn Randomness>,
    /// Seals what must be readable again.
    pub cipher: Arc<dyn Cipher>,
    /// Sends mails.
    pub mailer: Arc<dyn Mailer>,
    /// Where links in mails lead.
    pub links: LinkBase,
    /// Language models.
    pub models: Models,
    /// What a workspace may spend on AI in a month.
    pub monthly_budget: Option<PicoUsd>,
    /// Knows how long what was read of who may come in holds. The store MUST tell it of its commits.
    pub standings: Arc<Standings>,
    /// Carries facts to consumers.
    pub bus: Arc<dyn Bus>,
    /// Clock and ids.
    pub env: Environment,
}

/// Every use case. Clones share the store.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the service that its type names")]
pub struct Services {
    pub accounts: AccountService,
    pub credentials: CredentialService,
    pub sessions: SessionService,
    pub second_factor: SecondFactorService,
    pub secrets: SecretService,
    pub operator: OperatorService,
    pub memberships: Arc<dyn Memberships>,
    pub workspaces: WorkspaceService,
    pub members: MemberService,
    pub invitations: InvitationService,
    pub api_keys: ApiKeyService,
    pub budgets: BudgetService,
    pub jobs: JobService,
    /// Dead letters of everybody, for whoever operates the service.
    pub dead_letters: DeadLetterService,
    pub administration: AdministrationService,
    pub personal_data: PersonalDataService,
    pub audit: AuditService,
    pub events: EventService,
    pub onboarding: OnboardingService,
    pub finalise: FinaliseService,
    pub contexts: ContextService,
    pub foundations: FoundationService,
    pub icps: IcpService,
    pub campaigns: CampaignService,
    pub planning: PlanningService,
    pub moves: MoveService,
    pub daily_wins: DailyWinService,
    pub council: CouncilService,
    pub runs: RunService,
    pub progress: ProgressService,
    /// Language models.
    pub ai: Ai,
}

impl Services {
    /// Every use case over this store, and what a worker needs to do their background work.
    #[must_use]
    pub fn over<S: Store>(store: &Arc<S>, adapters: Adapters) -> (Self, WorkerParts) {
        let env = adapters.env.clone();
        let accounts = accounts(store, &adapters);
        let workspaces = WorkspaceService::new(store.clone(), store.clone(), env.clone());
        let invitations = invitations(store, &accounts, &adapters);
        let calendar = Arc::new(Calendar(workspaces.clone()));
        let (contexts, icps) = (ContextService::new(store.clone()), IcpService::new(store.clone()));
        let (planning, moves, daily_wins) = campaign_work(store, &calendar, &env);
        let source = Arc::new(Source { contexts: contexts.clone(), workspaces: workspaces.clone() });
        let (runs, executor) = runs(store, &source, &planning, &env);
        let administration = administration(store, &env);
        let services = Self {
            credentials: credentials(store, &adapters),
            sessions: sessions(store, &adapters),
            members: members(store, &accounts, &invitations, &env),
            invitations,
            api_keys: api_keys(store, &adapters),
            budgets: budgets(store, &adapters),
            jobs: jobs(store, &env),
            dead_letters: dead_letters(store, &env),
            second_factor: second_factor(store, &adapters),
            secrets: secrets(store, &adapters),
            operator: operator(store, &adapters),
            personal_data: personal_data(store, &accounts, &administration, &adapters),
            accounts,
            audit: audit(store, &administration, &env),
            events: EventService { events: store.clone() },
            administration,
            memberships: Arc::new(RememberedMemberships::new(store.clone(), adapters.standings.clone())),
            workspaces,
            onboarding: OnboardingService::new(store.clone(), store.clone(), env.clone()),
            finalise: FinaliseService::new(store.clone(), env.clone()),
            contexts,
            foundations: FoundationService::new(store.clone()),
            campaigns: campaigns(store, &icps, calendar, &runs, &env),
            icps,
            planning,
            moves,
            daily_wins,
            ai: ai(store, &adapters),
            council: CouncilService { uow: store.clone(), agents: store.clone(), env },
            runs,
            progress: ProgressService { runs: store.clone(), events: store.clone() },
        };
        let parts = services.worker_parts(store, adapters, executor);
        (services, parts)
    }

    fn worker_parts<S: Store>(
        &self,
        store: &Arc<S>,
        adapters: Adapters,
        executor: RunExecutor,
    ) -> WorkerParts {
        let Adapters { mailer, mint, links, bus, env, .. } = adapters;
        let handlers: Vec<Arc<dyn JobHandler>> = vec![
            Arc::new(SendMail::new(store.clone(), mailer.clone(), mint, links.clone(), env.clone())),
            Arc::new(SendInvitation::new(self.invitations.clone(), mailer, links)),
            Arc::new(NoteFailedLogin::new(store.clone(), env.clone())),
            Arc::new(ErasePerson::new(self.personal_data.clone())),
            Arc::new(ExportPerson::new(self.personal_data.clone())),
            Arc::new(PurgeExports::new(self.personal_data.clone())),
            Arc::new(self.council.clone()),
            Arc::new(executor),
            Arc::new(self.planning.clone()),
            Arc::new(OnboardingConsumer::new(self.workspaces.clone())),
            Arc::new(WorkspacePurger { store: store.clone(), env: env.clone() }),
            Arc::new(MorningConsumer {
                uow: store.clone(),
                calendar: self.planning.calendar.clone(),
                env: env.clone(),
            }),
            Arc::new(ChooseDailyWins(self.daily_wins.clone())),
            Arc::new(Sweep { retention: store.clone(), env: env.clone() }),
            Arc::new(WriteOff { ledger: store.clone(), env: env.clone() }),
            Arc::new(Smoke { uow: store.clone(), workers: store.clone(), env: env.clone() }),
        ];
        WorkerParts {
            queue: store.clone(),
            registry: store.clone(),
            outbox: store.clone(),
            bus,
            relay: store.clone(),
            handlers,
            subscriptions: SUBSCRIPTIONS,
            schedules: vec![Sweep::schedule(&env), WriteOff::schedule(&env)],
            env,
        }
    }
}

/// Which facts are whose business.
const SUBSCRIPTIONS: &[Subscription] = &[
    Subscription {
        event_type: ::workspace::events::WORKSPACE_CREATED,
        job_kind: agents::services::SEED_COUNCIL,
    },
    Subscription { event_type: ::workspace::events::WORKSPACE_CREATED, job_kind: PLAN_MORNINGS },
    Subscription { event_type: ::workspace::events::WORKSPACE_UPDATED, job_kind: PLAN_MORNINGS },
    Subscription {
        event_type: bcm::events::ONBOARDING_FINALIZED,
        job_kind: ::workspace::services::APPLY_ONBOARDING,
    },
    Subscription { event_type: Smoke::TOLD, job_kind: Smoke::TOLD },
];

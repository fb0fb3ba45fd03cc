use super::{
    administrators::PlatformAdministrators, calendar::Calendar, colleagues::FellowMembers, desk::Desk,
    directory::Icps, people::People, personal::personal_data, runs::Runs, source::Source, store::Store,
};
use crate::worker::{Subscription, WorkerParts};
use agents::services::{CouncilService, RunExecutor, RunService};
use bcm::services::{ContextService, FinaliseService, FoundationService, IcpService, OnboardingService};
use campaign::services::{CampaignService, DailyWinService, MoveService, PlanningService};
use identity::{
    ports::{AccessTokens, ExternalTokens, PasswordHasher},
    services::{
        AccountService, AdministrationService, CredentialService, ErasePerson, ExportPerson, NoteFailedLogin,
        OperatorService, PersonalDataService, PurgeExports, SecondFactorService, SecretService, SendMail,
        SessionService,
    },
};
use kernel::{
    Cipher, Environment, JobHandler, LinkBase, Mailer, Memberships, PicoUsd, Randomness, TokenMint,
};
use std::sync::Arc;
use workspace::services::{
    ApiKeyService, AuditService, BudgetService, ColleagueService, InvitationService, MemberService,
    OnboardingConsumer, SendInvitation, WorkspacePurger, WorkspaceService,
};

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
    /// What a workspace may spend on AI in a month.
    pub monthly_budget: Option<PicoUsd>,
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
    pub administration: AdministrationService,
    pub personal_data: PersonalDataService,
    pub audit: AuditService,
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
        let contexts = ContextService::new(store.clone());
        let icps = IcpService::new(store.clone());
        let (planning, moves, daily_wins) = campaign_work(store, &calendar, &env);
        let desk = Arc::new(Desk { campaigns: store.clone(), planning: planning.clone() });
        let source = Arc::new(Source { contexts: contexts.clone(), workspaces: workspaces.clone() });
        let (runs, executor) = runs(store, &source, &desk, &env);
        let administration = administration(store, &env);
        let services = Self {
            credentials: credentials(store, &adapters),
            sessions: sessions(store, &adapters),
            members: members(store, &accounts, &invitations, &env),
            invitations,
            api_keys: api_keys(store, &adapters),
            budgets: budgets(store, &adapters),
            second_factor: second_factor(store, &adapters),
            secrets: secrets(store, &adapters),
            operator: operator(store, &adapters),
            personal_data: personal_data(store, &accounts, &administration, &adapters),
            accounts,
            audit: audit(store, &administration, &env),
            administration,
            memberships: store.clone(),
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
            council: CouncilService { uow: store.clone(), agents: store.clone(), env },
            runs,
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
        let Adapters { mailer, mint, links, env, .. } = adapters;
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
        ];
        WorkerParts {
            queue: store.clone(),
            relay: store.clone(),
            handlers,
            subscriptions: SUBSCRIPTIONS,
            env,
        }
    }
}

fn accounts<S: Store>(store: &Arc<S>, adapters: &Adapters) -> AccountService {
    let (hasher, env) = (adapters.hasher.clone(), adapters.env.clone());
    AccountService::new(store.clone(), store.clone(), store.clone(), hasher, env)
}

fn credentials<S: Store>(store: &Arc<S>, adapters: &Adapters) -> CredentialService {
    CredentialService {
        uow: store.clone(),
        users: store.clone(),
        hasher: adapters.hasher.clone(),
        mint: adapters.mint.clone(),
        env: adapters.env.clone(),
    }
}

fn sessions<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SessionService {
    let (hasher, access) = (adapters.hasher.clone(), adapters.access.clone());
    let (mint, env) = (adapters.mint.clone(), adapters.env.clone());
    let own = SessionService::new(store.clone(), store.clone(), store.clone(), hasher, access, mint, env);
    match &adapters.external {
        Some(external) => own.accepting(external.clone(), store.clone()),
        None => own,
    }
}

fn invitations<S: Store>(
    store: &Arc<S>,
    accounts: &AccountService,
    adapters: &Adapters,
) -> InvitationService {
    InvitationService {
        uow: store.clone(),
        invitations: store.clone(),
        workspaces: store.clone(),
        memberships: store.clone(),
        directory: Arc::new(People(accounts.clone())),
        mint: adapters.mint.clone(),
        env: adapters.env.clone(),
    }
}

pub(super) fn second_factor<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SecondFactorService {
    SecondFactorService {
        uow: store.clone(),
        users: store.clone(),
        factors: store.clone(),
        cipher: adapters.cipher.clone(),
        access: adapters.access.clone(),
        mint: adapters.mint.clone(),
        randomness: adapters.randomness.clone(),
        env: adapters.env.clone(),
    }
}

fn api_keys<S: Store>(store: &Arc<S>, adapters: &Adapters) -> ApiKeyService {
    ApiKeyService {
        uow: store.clone(),
        keys: store.clone(),
        directory: store.clone(),
        mint: adapters.mint.clone(),
        env: adapters.env.clone(),
    }
}

fn members<S: Store>(
    store: &Arc<S>,
    accounts: &AccountService,
    invitations: &InvitationService,
    env: &Environment,
) -> MemberService {
    let directory = Arc::new(People(accounts.clone()));
    MemberService::new(store.clone(), store.clone(), directory, invitations.clone(), env.clone())
}

fn budgets<S: Store>(store: &Arc<S>, adapters: &Adapters) -> BudgetService {
    BudgetService {
        uow: store.clone(),
        budgets: store.clone(),
        default: adapters.monthly_budget,
        env: adapters.env.clone(),
    }
}

pub(super) fn secrets<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SecretService {
    let (cipher, env) = (adapters.cipher.clone(), adapters.env.clone());
    SecretService { uow: store.clone(), secrets: store.clone(), cipher, env }
}

fn operator<S: Store>(store: &Arc<S>, adapters: &Adapters) -> OperatorService {
    let (cipher, env) = (adapters.cipher.clone(), adapters.env.clone());
    OperatorService { uow: store.clone(), stale: store.clone(), cipher, env }
}

fn administration<S: Store>(store: &Arc<S>, env: &Environment) -> AdministrationService {
    let colleagues = ColleagueService { workspaces: store.clone(), members: store.clone() };
    AdministrationService {
        uow: store.clone(),
        users: store.clone(),
        people: store.clone(),
        colleagues: Arc::new(FellowMembers(colleagues)),
        env: env.clone(),
    }
}

fn audit<S: Store>(
    store: &Arc<S>,
    administration: &AdministrationService,
    env: &Environment,
) -> AuditService {
    AuditService {
        uow: store.clone(),
        trail: store.clone(),
        platform: store.clone(),
        administrators: Arc::new(PlatformAdministrators(administration.clone())),
        env: env.clone(),
    }
}

fn campaign_work<S: Store>(
    store: &Arc<S>,
    calendar: &Arc<Calendar>,
    env: &Environment,
) -> (PlanningService, MoveService, DailyWinService) {
    let planning = PlanningService {
        uow: store.clone(),
        campaigns: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    let moves = MoveService {
        uow: store.clone(),
        campaigns: store.clone(),
        moves: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    let daily_wins = DailyWinService {
        uow: store.clone(),
        wins: store.clone(),
        moves: store.clone(),
        calendar: calendar.clone(),
        env: env.clone(),
    };
    (planning, moves, daily_wins)
}

fn campaigns<S: Store>(
    store: &Arc<S>,
    icps: &IcpService,
    calendar: Arc<Calendar>,
    runs: &RunService,
    env: &Environment,
) -> CampaignService {
    CampaignService {
        uow: store.clone(),
        campaigns: store.clone(),
        icps: Arc::new(Icps(icps.clone())),
        calendar,
        runs: Arc::new(Runs(runs.clone())),
        env: env.clone(),
    }
}

fn runs<S: Store>(
    store: &Arc<S>,
    source: &Arc<Source>,
    desk: &Arc<Desk>,
    env: &Environment,
) -> (RunService, RunExecutor) {
    let runs = RunService {
        uow: store.clone(),
        runs: store.clone(),
        steps: store.clone(),
        context: source.clone(),
        desk: desk.clone(),
        env: env.clone(),
    };
    let executor = RunExecutor {
        uow: store.clone(),
        steps: store.clone(),
        context: source.clone(),
        desk: desk.clone(),
        env: env.clone(),
    };
    (runs, executor)
}

/// Which facts are whose business.
const SUBSCRIPTIONS: &[Subscription] = &[
    Subscription {
        event_type: workspace::events::WORKSPACE_CREATED,
        job_kind: agents::services::SEED_COUNCIL,
    },
    Subscription {
        event_type: bcm::events::ONBOARDING_FINALIZED,
        job_kind: workspace::services::APPLY_ONBOARDING,
    },
];

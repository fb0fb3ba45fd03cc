use agents::ports::{
    AgentReader, AgentTx, RunReader, StepReader,
    models::{BudgetLedger, ModelCallReader, ProviderKeyReader},
};
use bcm::ports::{BcmTx, ContextReader, FoundationReader, IcpReader, OnboardingReader};
use campaign::ports::{CampaignReader, CampaignTx, DailyWinReader, MoveReader};
use identity::ports::{
    ExternalIdentityReader, FactorReader, IdentityTx, PeopleReader, PersonalDataReader, PersonalTraces,
    SessionReader, StaleSeals, UserDirectory, UserReader, UserSecrets,
};
use kernel::{
    EventReader, EventRelay, JobQueue, JobReader, Memberships, RelayTx, Retention, StoreGauges, SystemScope,
    UnitOfWork, WorkerRegistry, WorkspaceScope,
};
use workspace::ports::{
    ApiKeyDirectory, ApiKeyReader, AuditReader, BudgetReader, InvitationReader, MembershipReader,
    PlatformAuditReader, WorkspacePurge, WorkspaceReader, WorkspaceTx,
};

/// Declares a trait that is nothing but its parts, so that each part is named once.
macro_rules! sum_of {
    ($(#[$doc:meta])* $name:ident = $($part:path),+ $(,)?) => {
        $(#[$doc])*
        pub trait $name: $($part +)+ 'static {}

        impl<T: $($part +)+ 'static> $name for T {}
    };
}

sum_of! {
    /// A store that implements every port of every domain: memory, SQLite or PostgreSQL.
    Store =
        UnitOfWork<dyn IdentityTx, SystemScope>,
        UnitOfWork<dyn WorkspaceTx, WorkspaceScope>,
        UnitOfWork<dyn BcmTx, WorkspaceScope>,
        UnitOfWork<dyn CampaignTx, WorkspaceScope>,
        UnitOfWork<dyn AgentTx, WorkspaceScope>,
        UnitOfWork<dyn RelayTx, SystemScope>,
        UserReader,
        UserDirectory,
        PeopleReader,
        PersonalDataReader,
        PersonalTraces,
        SessionReader,
        FactorReader,
        UserSecrets,
        StaleSeals,
        ExternalIdentityReader,
        Memberships,
        WorkspaceReader,
        MembershipReader,
        InvitationReader,
        WorkspacePurge,
        ApiKeyReader,
        ApiKeyDirectory,
        BudgetReader,
        AuditReader,
        PlatformAuditReader,
        OnboardingReader,
        FoundationReader,
        IcpReader,
        ContextReader,
        CampaignReader,
        MoveReader,
        DailyWinReader,
        AgentReader,
        RunReader,
        StepReader,
        BudgetLedger,
        ModelCallReader,
        ProviderKeyReader,
        EventReader,
        EventRelay,
        JobQueue,
        JobReader,
        Retention,
        WorkerRegistry,
        StoreGauges,
}

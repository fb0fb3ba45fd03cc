use agents::ports::{AgentReader, AgentTx, RunReader, StepReader};
use bcm::ports::{BcmTx, ContextReader, FoundationReader, IcpReader, OnboardingReader};
use campaign::ports::{CampaignReader, CampaignTx, DailyWinReader, MoveReader};
use identity::ports::{IdentityTx, SessionReader, UserDirectory, UserReader};
use kernel::{JobQueue, Memberships, RelayTx, SystemScope, UnitOfWork, WorkspaceScope};
use workspace::ports::{MembershipReader, WorkspaceReader, WorkspaceTx};

/// A store that implements every port of every domain: memory, SQLite or PostgreSQL.
pub trait Store:
    UnitOfWork<dyn IdentityTx, SystemScope>
    + UnitOfWork<dyn WorkspaceTx, WorkspaceScope>
    + UnitOfWork<dyn BcmTx, WorkspaceScope>
    + UnitOfWork<dyn CampaignTx, WorkspaceScope>
    + UnitOfWork<dyn AgentTx, WorkspaceScope>
    + UnitOfWork<dyn RelayTx, SystemScope>
    + UserReader
    + UserDirectory
    + SessionReader
    + Memberships
    + WorkspaceReader
    + MembershipReader
    + OnboardingReader
    + FoundationReader
    + IcpReader
    + ContextReader
    + CampaignReader
    + MoveReader
    + DailyWinReader
    + AgentReader
    + RunReader
    + StepReader
    + JobQueue
    + 'static
{
}

impl<T> Store for T where
    T: UnitOfWork<dyn IdentityTx, SystemScope>
        + UnitOfWork<dyn WorkspaceTx, WorkspaceScope>
        + UnitOfWork<dyn BcmTx, WorkspaceScope>
        + UnitOfWork<dyn CampaignTx, WorkspaceScope>
        + UnitOfWork<dyn AgentTx, WorkspaceScope>
        + UnitOfWork<dyn RelayTx, SystemScope>
        + UserReader
        + UserDirectory
        + SessionReader
        + Memberships
        + WorkspaceReader
        + MembershipReader
        + OnboardingReader
        + FoundationReader
        + IcpReader
        + ContextReader
        + CampaignReader
        + MoveReader
        + DailyWinReader
        + AgentReader
        + RunReader
        + StepReader
        + JobQueue
        + 'static
{
}

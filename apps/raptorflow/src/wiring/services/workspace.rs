//! Workspaces, who is in them, and what lets programs in.

use super::Adapters;
use crate::wiring::{
    administrators::PlatformAdministrators, people::People, remembered::RememberedKeys, store::Store,
};
use identity::services::{AccountService, AdministrationService};
use kernel::Environment;
use std::sync::Arc;
use workspace::services::{
    ApiKeyService, AuditService, BudgetService, DeadLetterService, InvitationService, JobService,
    MemberService,
};

pub(super) fn invitations<S: Store>(
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

pub(super) fn api_keys<S: Store>(store: &Arc<S>, adapters: &Adapters) -> ApiKeyService {
    ApiKeyService {
        uow: store.clone(),
        keys: store.clone(),
        directory: Arc::new(RememberedKeys::new(store.clone(), adapters.standings.clone())),
        mint: adapters.mint.clone(),
        env: adapters.env.clone(),
    }
}

pub(super) fn members<S: Store>(
    store: &Arc<S>,
    accounts: &AccountService,
    invitations: &InvitationService,
    env: &Environment,
) -> MemberService {
    let directory = Arc::new(People(accounts.clone()));
    MemberService::new(store.clone(), store.clone(), directory, invitations.clone(), env.clone())
}

pub(super) fn budgets<S: Store>(store: &Arc<S>, adapters: &Adapters) -> BudgetService {
    BudgetService {
        uow: store.clone(),
        budgets: store.clone(),
        default: adapters.monthly_budget,
        env: adapters.env.clone(),
    }
}

pub(super) fn jobs<S: Store>(store: &Arc<S>, env: &Environment) -> JobService {
    JobService { uow: store.clone(), jobs: store.clone(), env: env.clone() }
}

pub(super) fn dead_letters<S: Store>(store: &Arc<S>, env: &Environment) -> DeadLetterService {
    DeadLetterService {
        queue: store.clone(),
        workspaces: store.clone(),
        platform: store.clone(),
        env: env.clone(),
    }
}

pub(super) fn audit<S: Store>(
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

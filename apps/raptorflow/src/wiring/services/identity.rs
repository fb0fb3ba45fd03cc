//! What people have and may do.

use super::Adapters;
use crate::wiring::{colleagues::FellowMembers, remembered::RememberedSessions, store::Store};
use identity::services::{
    AccountService, AdministrationService, CredentialService, OperatorService, SecondFactorService,
    SecretService, SessionService,
};
use kernel::Environment;
use std::sync::Arc;
use workspace::services::ColleagueService;

pub(super) fn accounts<S: Store>(store: &Arc<S>, adapters: &Adapters) -> AccountService {
    let (hasher, env) = (adapters.hasher.clone(), adapters.env.clone());
    AccountService::new(store.clone(), store.clone(), store.clone(), hasher, env)
}

pub(super) fn credentials<S: Store>(store: &Arc<S>, adapters: &Adapters) -> CredentialService {
    CredentialService {
        uow: store.clone(),
        users: store.clone(),
        hasher: adapters.hasher.clone(),
        mint: adapters.mint.clone(),
        env: adapters.env.clone(),
    }
}

pub(super) fn sessions<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SessionService {
    let (hasher, access) = (adapters.hasher.clone(), adapters.access.clone());
    let (mint, env) = (adapters.mint.clone(), adapters.env.clone());
    let remembered = Arc::new(RememberedSessions::new(store.clone(), adapters.standings.clone()));
    let own = SessionService::new(store.clone(), store.clone(), remembered, hasher, access, mint, env);
    match &adapters.external {
        Some(external) => own.accepting(external.clone(), store.clone()),
        None => own,
    }
}

pub(in crate::wiring) fn second_factor<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SecondFactorService {
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

pub(in crate::wiring) fn secrets<S: Store>(store: &Arc<S>, adapters: &Adapters) -> SecretService {
    let (cipher, env) = (adapters.cipher.clone(), adapters.env.clone());
    SecretService { uow: store.clone(), secrets: store.clone(), cipher, env }
}

pub(super) fn operator<S: Store>(store: &Arc<S>, adapters: &Adapters) -> OperatorService {
    let (cipher, env) = (adapters.cipher.clone(), adapters.env.clone());
    OperatorService { uow: store.clone(), stale: store.clone(), cipher, env }
}

pub(super) fn administration<S: Store>(store: &Arc<S>, env: &Environment) -> AdministrationService {
    let colleagues = ColleagueService { workspaces: store.clone(), members: store.clone() };
    AdministrationService {
        uow: store.clone(),
        users: store.clone(),
        people: store.clone(),
        colleagues: Arc::new(FellowMembers(colleagues)),
        env: env.clone(),
    }
}

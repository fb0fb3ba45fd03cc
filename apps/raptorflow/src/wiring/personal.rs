use super::{
    held::{HeldInvitations, HeldKeys, HeldMemberships},
    people::People,
    services::{Adapters, second_factor, secrets},
    store::Store,
    tenancies::Departures,
};
use identity::services::{AccountService, AdministrationService, PersonalDataService};
use std::sync::Arc;
use workspace::services::{DepartureService, HeldService, WorkspaceService};

/// What a person may ask for by the law, over everything that holds something of them.
pub(super) fn personal_data<S: Store>(
    store: &Arc<S>,
    accounts: &AccountService,
    administration: &AdministrationService,
    adapters: &Adapters,
) -> PersonalDataService {
    let env = &adapters.env;
    let departures = DepartureService {
        uow: store.clone(),
        mine: store.clone(),
        members: store.clone(),
        invitations: store.clone(),
        env: env.clone(),
    };
    let held = HeldService {
        invitations: store.clone(),
        keys: store.clone(),
        directory: Arc::new(People(accounts.clone())),
    };
    let workspaces = WorkspaceService::new(store.clone(), store.clone(), env.clone());
    PersonalDataService {
        uow: store.clone(),
        users: store.clone(),
        data: store.clone(),
        traces: store.clone(),
        records: vec![
            Arc::new(HeldMemberships(workspaces)),
            Arc::new(HeldInvitations(held.clone())),
            Arc::new(HeldKeys(held)),
            Arc::new(second_factor(store, adapters)),
            Arc::new(secrets(store, adapters)),
        ],
        tenancies: Arc::new(Departures(departures)),
        administration: administration.clone(),
        env: env.clone(),
    }
}

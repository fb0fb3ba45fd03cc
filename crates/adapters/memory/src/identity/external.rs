use super::{SystemUnit, leads_somewhere, unique};
use crate::store::Store;
use ::identity::{
    ExternalIdentity, ExternalSubject,
    ports::{ExternalIdentities, ExternalIdentityReader, ExternalStanding},
};
use async_trait::async_trait;
use kernel::{StoreResult, SystemScope};

#[async_trait]
impl ExternalIdentities for SystemUnit {
    async fn find(&mut self, subject: &ExternalSubject) -> StoreResult<Option<ExternalIdentity>> {
        self.statement(|unit| Ok(unit.state.identity.external_identities.get(subject).cloned()))
    }

    async fn insert(&mut self, identity: &ExternalIdentity) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.external_identities.contains_key(&identity.subject), "external_identities_pkey")?;
            leads_somewhere(state.people.contains_key(&identity.user_id), "external_identities")?;
            state.external_identities.insert(identity.subject.clone(), identity.clone());
            Ok(())
        })
    }
}

#[async_trait]
impl ExternalIdentityReader for Store {
    async fn find_standing(
        &self,
        _: &SystemScope,
        subject: &ExternalSubject,
    ) -> StoreResult<Option<ExternalStanding>> {
        let state = self.state().await?;
        let standing = |identity: &ExternalIdentity| {
            let person = state.identity.people.get(&identity.user_id)?;
            Some(ExternalStanding { user: person.user.id, status: person.user.status })
        };
        Ok(state.identity.external_identities.get(subject).and_then(standing))
    }
}

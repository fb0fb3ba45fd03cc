use super::{State, SystemUnit, leads_somewhere};
use crate::store::Store;
use ::identity::{
    MfaFactor, SealedAt, SealedEntry, SecretEntry, SecretName, UserSecret,
    ports::{Reseal, SecretRepository, StaleSeals, UserSecrets},
};
use async_trait::async_trait;
use kernel::{Sealed, StoreResult, SystemScope, UserId, UserScope};

#[async_trait]
impl SecretRepository for SystemUnit {
    async fn put(&mut self, secret: &UserSecret) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            leads_somewhere(state.people.contains_key(&secret.user_id), "user_secrets")?;
            let key = (secret.user_id, secret.name.clone());
            let created_at = state.secrets.get(&key).map_or(secret.created_at, |stored| stored.created_at);
            state.secrets.insert(key, UserSecret { created_at, ..secret.clone() });
            Ok(())
        })
    }

    async fn count_others(&mut self, user: UserId, name: &SecretName) -> StoreResult<u32> {
        self.statement(|unit| {
            let names = unit.state.identity.secrets.keys();
            let others = names.filter(|(owner, other)| *owner == user && other != name).count();
            Ok(u32::try_from(others).unwrap_or(u32::MAX))
        })
    }

    async fn remove(&mut self, user: UserId, name: &SecretName) -> StoreResult<bool> {
        self.statement(|unit| Ok(unit.state.identity.secrets.remove(&(user, name.clone())).is_some()))
    }
}

#[async_trait]
impl UserSecrets for Store {
    async fn list(&self, scope: &UserScope) -> StoreResult<Vec<SecretEntry>> {
        let state = self.state().await?;
        let mine = state.identity.secrets.values().filter(|secret| secret.user_id == scope.user());
        let entry = |secret: &UserSecret| SecretEntry {
            name: secret.name.clone(),
            created_at: secret.created_at,
            updated_at: secret.updated_at,
        };
        Ok(mine.map(entry).collect())
    }

    async fn find(&self, scope: &UserScope, name: &SecretName) -> StoreResult<Option<UserSecret>> {
        Ok(self.state().await?.identity.secrets.get(&(scope.user(), name.clone())).cloned())
    }
}

impl State {
    fn sealed(&mut self, at: &SealedAt) -> Option<&mut Sealed> {
        match at {
            SealedAt::Factor(id, user) => {
                let factor = self.factors.get_mut(user).filter(|factor| factor.id == *id);
                factor.map(|factor| &mut factor.secret)
            }
            SealedAt::Secret(user, name) => {
                self.secrets.get_mut(&(*user, name.clone())).map(|secret| &mut secret.sealed)
            }
        }
    }

    /// What is sealed under another key, in order.
    fn stale(&self, active: &str) -> Vec<SealedEntry> {
        let factor = |factor: &MfaFactor| SealedEntry {
            at: SealedAt::Factor(factor.id, factor.user_id),
            sealed: factor.secret.clone(),
        };
        let secret = |secret: &UserSecret| SealedEntry {
            at: SealedAt::Secret(secret.user_id, secret.name.clone()),
            sealed: secret.sealed.clone(),
        };
        let all = self.factors.values().map(factor).chain(self.secrets.values().map(secret));
        let mut stale: Vec<SealedEntry> = all.filter(|entry| entry.sealed.key_id != active).collect();
        stale.sort_by(|one, other| one.at.cmp(&other.at));
        stale
    }
}

#[async_trait]
impl Reseal for SystemUnit {
    async fn reseal(&mut self, entry: &SealedEntry, fresh: &Sealed) -> StoreResult<bool> {
        self.statement(|unit| {
            let stored = unit.state.identity.sealed(&entry.at);
            let Some(stored) = stored.filter(|stored| **stored == entry.sealed) else { return Ok(false) };
            *stored = fresh.clone();
            Ok(true)
        })
    }
}

#[async_trait]
impl StaleSeals for Store {
    async fn count(&self, _: &SystemScope, active: &str) -> StoreResult<u64> {
        let stale = self.state().await?.identity.stale(active).len();
        Ok(u64::try_from(stale).unwrap_or(u64::MAX))
    }

    async fn list(
        &self,
        _: &SystemScope,
        active: &str,
        after: Option<&SealedAt>,
        limit: u32,
    ) -> StoreResult<Vec<SealedEntry>> {
        let stale = self.state().await?.identity.stale(active);
        let behind = stale.into_iter().filter(|entry| after.is_none_or(|after| entry.at > *after));
        Ok(behind.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}

use super::{State, SystemUnit, leads_somewhere, unique};
use crate::store::Store;
use ::identity::{
    MfaChallenge, MfaFactor,
    ports::{FactorReader, FactorRepository, MfaChallenges, RecoveryCodes},
};
use async_trait::async_trait;
use kernel::{ChallengeId, FactorId, StoreResult, SystemScope, Timestamp, TokenHash, UserId};

impl State {
    fn challenge(&mut self, hash: &TokenHash) -> Option<&mut MfaChallenge> {
        self.challenges.values_mut().find(|challenge| challenge.token_hash == *hash)
    }
}

#[async_trait]
impl FactorRepository for SystemUnit {
    async fn insert(&mut self, factor: &MfaFactor) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            unique(!state.factors.contains_key(&factor.user_id), "mfa_factors_user_id_key")?;
            unique(state.factors.values().all(|other| other.id != factor.id), "mfa_factors_pkey")?;
            leads_somewhere(state.people.contains_key(&factor.user_id), "mfa_factors")?;
            state.factors.insert(factor.user_id, factor.clone());
            Ok(())
        })
    }

    async fn find(&mut self, user: UserId) -> StoreResult<Option<MfaFactor>> {
        self.statement(|unit| Ok(unit.state.identity.factors.get(&user).cloned()))
    }

    async fn save(&mut self, factor: &MfaFactor) -> StoreResult<()> {
        self.statement(|unit| {
            let stored = unit.state.identity.factors.get_mut(&factor.user_id);
            if let Some(stored) = stored.filter(|stored| stored.id == factor.id) {
                *stored = MfaFactor {
                    secret: stored.secret.clone(),
                    created_at: stored.created_at,
                    ..factor.clone()
                };
            }
            Ok(())
        })
    }

    async fn use_step(&mut self, id: FactorId, step: i64) -> StoreResult<bool> {
        self.statement(|unit| {
            let factor = unit.state.identity.factors.values_mut().find(|factor| factor.id == id);
            let Some(factor) = factor.filter(|factor| factor.last_used_step < step) else {
                return Ok(false);
            };
            factor.last_used_step = step;
            Ok(true)
        })
    }

    async fn remove(&mut self, user: UserId) -> StoreResult<()> {
        self.statement(|unit| {
            unit.state.identity.factors.remove(&user);
            Ok(())
        })
    }
}

#[async_trait]
impl RecoveryCodes for SystemUnit {
    async fn replace(&mut self, user: UserId, codes: &[TokenHash], _: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            leads_somewhere(codes.is_empty() || state.people.contains_key(&user), "recovery_codes")?;
            state.recovery_codes.retain(|(owner, _), _| *owner != user);
            for code in codes {
                let is_new = state.recovery_codes.insert((user, *code), None).is_none();
                unique(is_new, "recovery_codes_pkey")?;
            }
            Ok(())
        })
    }

    async fn consume(&mut self, user: UserId, code: &TokenHash, now: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| {
            let code = unit.state.identity.recovery_codes.get_mut(&(user, *code));
            let Some(used_at) = code.filter(|used_at| used_at.is_none()) else { return Ok(false) };
            *used_at = Some(now);
            Ok(true)
        })
    }

    async fn count_open(&mut self, user: UserId) -> StoreResult<u32> {
        self.statement(|unit| {
            let codes = unit.state.identity.recovery_codes.iter();
            let open = codes.filter(|((owner, _), used_at)| *owner == user && used_at.is_none()).count();
            Ok(u32::try_from(open).unwrap_or(u32::MAX))
        })
    }
}

#[async_trait]
impl MfaChallenges for SystemUnit {
    async fn insert(&mut self, challenge: &MfaChallenge, now: Timestamp) -> StoreResult<()> {
        self.statement(|unit| {
            let state = &mut unit.state.identity;
            state.challenges.retain(|_, old| old.user_id != challenge.user_id || now < old.expires_at);
            unique(state.challenge(&challenge.token_hash).is_none(), "mfa_challenges_token_hash_key")?;
            unique(!state.challenges.contains_key(&challenge.id), "mfa_challenges_pkey")?;
            leads_somewhere(state.people.contains_key(&challenge.user_id), "mfa_challenges")?;
            state.challenges.insert(challenge.id, challenge.clone());
            Ok(())
        })
    }

    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<MfaChallenge>> {
        self.statement(|unit| Ok(unit.state.identity.challenge(hash).cloned()))
    }

    async fn answer(&mut self, hash: &TokenHash, now: Timestamp) -> StoreResult<Option<MfaChallenge>> {
        self.statement(|unit| {
            let challenge = unit.state.identity.challenge(hash);
            let Some(challenge) = challenge.filter(|challenge| challenge.is_open(now)) else {
                return Ok(None);
            };
            challenge.attempts += 1;
            Ok(Some(challenge.clone()))
        })
    }

    async fn consume(&mut self, id: ChallengeId, now: Timestamp) -> StoreResult<bool> {
        self.statement(|unit| {
            let challenge = unit.state.identity.challenges.get_mut(&id);
            let Some(challenge) = challenge.filter(|challenge| challenge.used_at.is_none()) else {
                return Ok(false);
            };
            challenge.used_at = Some(now);
            Ok(true)
        })
    }
}

#[async_trait]
impl FactorReader for Store {
    async fn is_enrolled(&self, _: &SystemScope, user: UserId) -> StoreResult<bool> {
        Ok(self.state().await?.identity.factors.get(&user).is_some_and(MfaFactor::is_confirmed))
    }
}

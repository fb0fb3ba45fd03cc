//! What this crate holds of a person beside account and sessions: that there is something, never a secret.

use crate::{
    SecretEntry,
    ports::PersonalRecords,
    services::{SecondFactorService, SecretService},
};
use async_trait::async_trait;
use kernel::{StoreResult, UserScope};
use serde_json::{Value, json};

#[async_trait]
impl PersonalRecords for SecondFactorService {
    fn section(&self) -> &'static str {
        "second_factor"
    }

    async fn of(&self, scope: &UserScope) -> StoreResult<Value> {
        Ok(json!({ "is_enrolled": self.has_factor(scope.user()).await? }))
    }
}

#[async_trait]
impl PersonalRecords for SecretService {
    fn section(&self) -> &'static str {
        "secrets"
    }

    async fn of(&self, scope: &UserScope) -> StoreResult<Value> {
        Ok(self.secrets.list(scope).await?.iter().map(secret).collect())
    }
}

fn secret(SecretEntry { name, created_at, updated_at }: &SecretEntry) -> Value {
    json!({ "name": name, "created_at": created_at, "updated_at": updated_at })
}

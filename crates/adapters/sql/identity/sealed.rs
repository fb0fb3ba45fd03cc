//! What is sealed, wherever it is: three columns of one name each.

use crate::{
    dialect::Backend,
    sql::{
        Store, SystemUnit, Uid,
        schema::{mfa_factors as factors, user_secrets as secrets},
    },
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{
    SealedAt, SealedEntry, SecretName,
    ports::{Reseal, StaleSeals},
};
use kernel::{Sealed, StoreError, StoreResult, SystemScope};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = factors, check_for_backend(Backend))]
pub(super) struct SealedRow {
    key_id: String,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
}

/// The same columns of people's own secrets: a row type belongs to one table.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = secrets, check_for_backend(Backend))]
pub(super) struct SealedSecretRow {
    key_id: String,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
}

macro_rules! sealed_rows {
    ($($row:ty),*) => { $(
        impl From<&Sealed> for $row {
            fn from(sealed: &Sealed) -> Self {
                let Sealed { key_id, nonce, ciphertext } = sealed.clone();
                Self { key_id, nonce, ciphertext }
            }
        }

        impl From<$row> for Sealed {
            fn from(row: $row) -> Self {
                Self { key_id: row.key_id, nonce: row.nonce, ciphertext: row.ciphertext }
            }
        }
    )* };
}
sealed_rows!(SealedRow, SealedSecretRow);

pub(super) fn secret_name(name: &str) -> StoreResult<SecretName> {
    SecretName::parse(name).map_err(|_| StoreError::Corrupt("user_secrets.name is no name".to_owned()))
}

#[async_trait]
impl Reseal for SystemUnit {
    async fn reseal(&mut self, entry: &SealedEntry, fresh: &Sealed) -> StoreResult<bool> {
        let old = &entry.sealed;
        let changed = match &entry.at {
            SealedAt::Factor(id, user) => {
                let same = factors::table
                    .filter(factors::id.eq(Uid::from(*id)))
                    .filter(factors::user_id.eq(Uid::from(*user)))
                    .filter(factors::key_id.eq(&old.key_id))
                    .filter(factors::nonce.eq(&old.nonce))
                    .filter(factors::ciphertext.eq(&old.ciphertext));
                diesel::update(same).set(SealedRow::from(fresh)).execute(self.conn()?).await
            }
            SealedAt::Secret(user, name) => {
                let same = secrets::table
                    .filter(secrets::user_id.eq(Uid::from(*user)))
                    .filter(secrets::name.eq(name.as_str()))
                    .filter(secrets::key_id.eq(&old.key_id))
                    .filter(secrets::nonce.eq(&old.nonce))
                    .filter(secrets::ciphertext.eq(&old.ciphertext));
                diesel::update(same).set(SealedSecretRow::from(fresh)).execute(self.conn()?).await
            }
        };
        Ok(self.note(changed)? == 1)
    }
}

impl Store {
    async fn stale_factors(
        &self,
        scope: &SystemScope,
        active: &str,
        after: Option<&SealedAt>,
        limit: i64,
    ) -> StoreResult<Vec<SealedEntry>> {
        let mut query = factors::table
            .filter(factors::key_id.ne(active.to_owned()))
            .order(factors::id)
            .limit(limit)
            .select((factors::id, factors::user_id, SealedRow::as_select()))
            .into_boxed();
        if let Some(SealedAt::Factor(id, _)) = after {
            query = query.filter(factors::id.gt(Uid::from(*id)));
        }
        let rows: Vec<(Uid, Uid, SealedRow)> = self.read(scope, query).await?;
        let entry = |(id, user, sealed): (Uid, Uid, SealedRow)| SealedEntry {
            at: SealedAt::Factor(id.into(), user.into()),
            sealed: sealed.into(),
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    async fn stale_secrets(
        &self,
        scope: &SystemScope,
        active: &str,
        after: Option<&SealedAt>,
        limit: i64,
    ) -> StoreResult<Vec<SealedEntry>> {
        let mut query = secrets::table
            .filter(secrets::key_id.ne(active.to_owned()))
            .order((secrets::user_id, secrets::name))
            .limit(limit)
            .select((secrets::user_id, secrets::name, SealedSecretRow::as_select()))
            .into_boxed();
        if let Some(SealedAt::Secret(user, name)) = after {
            let (user, name) = (Uid::from(*user), name.as_str().to_owned());
            let behind = secrets::user_id.gt(user).or(secrets::user_id.eq(user).and(secrets::name.gt(name)));
            query = query.filter(behind);
        }
        let rows: Vec<(Uid, String, SealedSecretRow)> = self.read(scope, query).await?;
        let entry = |(user, name, sealed): (Uid, String, SealedSecretRow)| {
            let at = SealedAt::Secret(user.into(), secret_name(&name)?);
            Ok(SealedEntry { at, sealed: sealed.into() })
        };
        rows.into_iter().map(entry).collect()
    }
}

#[async_trait]
impl StaleSeals for Store {
    async fn count(&self, scope: &SystemScope, active: &str) -> StoreResult<u64> {
        let query = factors::table.filter(factors::key_id.ne(active.to_owned())).count();
        let of_factors: Vec<i64> = self.read(scope, query).await?;
        let query = secrets::table.filter(secrets::key_id.ne(active.to_owned())).count();
        let of_secrets: Vec<i64> = self.read(scope, query).await?;
        let sum: i64 = of_factors.into_iter().chain(of_secrets).sum();
        Ok(u64::try_from(sum).unwrap_or(0))
    }

    async fn list(
        &self,
        scope: &SystemScope,
        active: &str,
        after: Option<&SealedAt>,
        limit: u32,
    ) -> StoreResult<Vec<SealedEntry>> {
        if !matches!(after, Some(SealedAt::Secret(..))) {
            let found = self.stale_factors(scope, active, after, i64::from(limit)).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        self.stale_secrets(scope, active, after, i64::from(limit)).await
    }
}

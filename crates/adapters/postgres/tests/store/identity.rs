//! What only PostgreSQL has to keep about people: who waits for whose lock, and what the app role may see.

use crate::support::{self, url};
use conformance::{
    Stores, block_on,
    identity::{SYSTEM, stored},
    identity_tokens::logged_in,
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kernel::{StoreError, StoreResult};
use std::time::Duration;

/// The shared database with little patience.
#[cfg(test)]
fn impatient() -> Stores {
    let [app, system] = ["TEST_POSTGRES_APP_URL", "TEST_POSTGRES_SYSTEM_URL"].map(url);
    let options = postgres::Options { wait: Duration::from_millis(50), ..support::options(app, system, 2) };
    Stores::of(postgres::open(&options))
}

#[test]
fn who_waits_too_long_for_a_used_token_is_told_so_and_the_holder_goes_on() {
    block_on(async {
        let (stores, impatient) = (Stores::of(support::shared().await), impatient());
        let (_, token) = logged_in(&stores, &stored(&stores).await).await;
        let now = stores.env.now();
        let held: StoreResult<_> = stores
            .identity
            .run(&SYSTEM, async |tx| {
                let consumed = tx.refresh_tokens().consume(&token.token_hash, now).await?;
                let waited: StoreResult<_> = impatient
                    .identity
                    .run(&SYSTEM, async |tx| tx.refresh_tokens().consume(&token.token_hash, now).await)
                    .await;
                assert!(matches!(waited, Err(StoreError::Unavailable(_))), "{waited:?}");
                Ok(consumed)
            })
            .await;
        assert!(held.unwrap().is_some());
        let after: StoreResult<_> = impatient
            .identity
            .run(&SYSTEM, async |tx| tx.refresh_tokens().find_spent(&token.token_hash).await)
            .await;
        assert_eq!(after.unwrap().unwrap().token.consumed_at, Some(now), "and sees what it committed");
    });
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(conn: &mut AsyncPgConnection, rows: &str) -> diesel::QueryResult<i64> {
    let counted: diesel::QueryResult<Count> =
        sql_query(format!("select count(*) as count from {rows}")).get_result(conn).await;
    counted.map(|row| row.count)
}

#[test]
fn the_app_role_sees_the_account_and_sessions_of_its_user_and_no_token() {
    block_on(async {
        let stores = Stores::of(support::shared().await);
        let (mine, theirs) = (stored(&stores).await, stored(&stores).await);
        logged_in(&stores, &mine).await;
        logged_in(&stores, &theirs).await;
        let mut conn = AsyncPgConnection::establish(&url("TEST_POSTGRES_APP_URL")).await.unwrap();
        for table in ["users", "profiles", "sessions"] {
            assert_eq!(count(&mut conn, table).await, Ok(0), "{table} without a user");
        }
        conn.batch_execute(&format!("set app.user_id = '{}'", mine.user.id)).await.unwrap();
        for (table, key) in [("users", "id"), ("profiles", "user_id"), ("sessions", "user_id")] {
            assert_eq!(count(&mut conn, table).await, Ok(1), "{table}");
            let of_another = format!("{table} where {key} = '{}'", theirs.user.id);
            assert_eq!(count(&mut conn, &of_another).await, Ok(0), "{table}");
            let changed = conn.batch_execute(&format!("update {table} set {key} = {key}")).await;
            assert!(changed.unwrap_err().to_string().contains("permission denied"), "{table}");
        }
        for table in ["refresh_tokens", "email_tokens", "mfa_factors", "recovery_codes", "mfa_challenges"] {
            let refused = count(&mut conn, table).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{table}");
        }
    });
}

#[test]
fn nobody_removes_a_person_and_nobody_a_session_before_it_expired_long_ago() {
    block_on(async {
        let stores = Stores::of(support::shared().await);
        let mut conn = AsyncPgConnection::establish(&url("TEST_POSTGRES_OWNER_URL")).await.unwrap();
        let may = "unnest(array['rf_app', 'rf_system']) role, unnest(array['users', 'profiles']) t
            where has_table_privilege(role, t, 'delete')";
        assert_eq!(count(&mut conn, may).await, Ok(0));
        let may =
            "unnest(array['sessions', 'refresh_tokens']) t where has_table_privilege('rf_app', t, 'delete')";
        assert_eq!(count(&mut conn, may).await, Ok(0));
        let now = kernel::Environment::system().now();
        stores.clock.advance(now.since(stores.env.now()));
        let person = stored(&stores).await;
        logged_in(&stores, &person).await;
        let mut system = AsyncPgConnection::establish(&url("TEST_POSTGRES_SYSTEM_URL")).await.unwrap();
        for table in ["refresh_tokens", "sessions"] {
            let mine = format!("{table} where user_id = '{}'", person.user.id);
            system.batch_execute(&format!("delete from {mine}")).await.unwrap();
            assert_eq!(count(&mut system, &mine).await, Ok(1), "{table}");
        }
    });
}

#[test]
fn the_app_role_reads_the_secrets_of_its_user_and_changes_none() {
    block_on(async {
        let stores = Stores::of(support::shared().await);
        let mut owners = Vec::new();
        for _ in 0..2 {
            let user = stored(&stores).await.user.id;
            let now = stores.env.now();
            let secret = identity::UserSecret {
                user_id: user,
                name: identity::SecretName::parse("openai").unwrap(),
                sealed: kernel::Sealed { key_id: "k1".into(), nonce: vec![1], ciphertext: vec![2] },
                created_at: now,
                updated_at: now,
            };
            let put: StoreResult<()> =
                stores.identity.run(&SYSTEM, async |tx| tx.secrets().put(&secret).await).await;
            put.unwrap();
            owners.push(user);
        }
        let mut conn = AsyncPgConnection::establish(&url("TEST_POSTGRES_APP_URL")).await.unwrap();
        assert_eq!(count(&mut conn, "user_secrets").await, Ok(0), "without a user");
        conn.batch_execute(&format!("set app.user_id = '{}'", owners[0])).await.unwrap();
        assert_eq!(count(&mut conn, "user_secrets").await, Ok(1));
        let of_another = format!("user_secrets where user_id = '{}'", owners[1]);
        assert_eq!(count(&mut conn, &of_another).await, Ok(0));
        for change in ["update user_secrets set key_id = key_id", "delete from user_secrets"] {
            let refused = conn.batch_execute(change).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{change}");
        }
    });
}

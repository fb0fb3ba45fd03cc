//! Whether row-level security holds for a role.

use crate::connect::connect;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use kernel::{StoreError, StoreResult};

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// Why row-level security would not bind whoever connects with this URL; empty when it does. A role that owns a table
/// could switch its policies off, one that may bypass them need not; a table without forced policies shows its rows.
const FAULTS: &str = "
    select 'the role is a superuser' as fault from pg_roles where rolname = current_user and rolsuper
    union all
    select 'the role may bypass row-level security' from pg_roles where rolname = current_user and rolbypassrls
    union all
    select 'the role owns ' || c.relname from pg_class c join pg_roles r on r.oid = c.relowner
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and r.rolname = current_user
    union all
    select c.relname || ' is not protected' from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and not (c.relrowsecurity and c.relforcerowsecurity) and c.relname <> '__diesel_schema_migrations'
    order by 1";

/// Looks at the catalogue through the role of this URL.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database can't be reached.
pub async fn role_faults(url: &str) -> StoreResult<Vec<String>> {
    let mut conn = connect(url).await.map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let faults: Vec<Fault> =
        sql_query(FAULTS).load(&mut conn).await.map_err(|e| StoreError::Internal(e.to_string()))?;
    Ok(faults.into_iter().map(|row| row.fault).collect())
}

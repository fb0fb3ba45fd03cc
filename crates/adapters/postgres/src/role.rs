//! Whether row-level security holds for a role.

use crate::{
    connect::connect,
    policy::{REVIEWED, compares_with_settings},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use kernel::{StoreError, StoreResult};

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// Why row-level security would not bind whoever connects with this URL; empty when it does.
///
/// A role that owns a table could switch its policies off, and one that may bypass them need not; `truncate` asks no
/// policy; a table without forced policies shows its rows, and so do views and functions that run as somebody else.
const FAULTS: &str = "
    with t as (
      select c.* from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname <> '__diesel_schema_migrations'),
    powers as (
      select r.oid, r.rolname, case
          when r.rolsuper then 'is a superuser'
          when r.rolbypassrls then 'may bypass row-level security'
          when exists (select from t where t.relowner = r.oid) then 'owns tables'
        end as power
      from pg_roles r where pg_has_role(current_user, r.oid, 'member'))
    select case rolname when current_user then 'the role ' else 'the role may become ' || rolname || ', which ' end
        || power as fault from powers where power is not null
    union all
    select 'the role may become rf_system' from pg_roles r
      where r.rolname = 'rf_system' and current_user <> 'rf_system' and pg_has_role(current_user, r.oid, 'member')
    union all
    select relname || ' is not protected' from t where not (relrowsecurity and relforcerowsecurity)
    union all
    select relname || ' has no policy' from t where not exists (select from pg_policy p where p.polrelid = t.oid)
    union all
    select relname || ' can be truncated' from t where has_table_privilege(t.oid, 'truncate')
    union all
    select c.relname || ' shows rows as its owner sees them' from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm', 'f')
        and not coalesce(c.reloptions @> array['security_invoker=true'], false)
    union all
    select p.proname || ' runs as its owner' from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.prosecdef and has_function_privilege(p.oid, 'execute')
    order by 1";

#[derive(QueryableByName)]
struct Policy {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    reads_only: bool,
    #[diesel(sql_type = Nullable<Text>)]
    condition: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    check: Option<String>,
}

/// The policies that let the role see or write rows.
const POLICIES: &str = "
    select c.relname::text as table, p.polname::text as name, p.polcmd = 'r' as reads_only,
      pg_get_expr(p.polqual, p.polrelid) as condition, pg_get_expr(p.polwithcheck, p.polrelid) as check
    from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = 'public'::regnamespace and p.polpermissive
      and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(current_user, r, 'member'))";

impl Policy {
    fn is_fine(&self) -> bool {
        if REVIEWED.contains(&(self.table.as_str(), self.name.as_str())) {
            return self.reads_only;
        }
        let conditions = || self.condition.iter().chain(&self.check);
        conditions().count() > 0 && conditions().all(|condition| compares_with_settings(condition))
    }
}

/// Looks at the catalogue through the role of this URL.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database can't be reached.
pub async fn role_faults(url: &str) -> StoreResult<Vec<String>> {
    let mut conn = connect(url).await.map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let found = faults(&mut conn).await;
    found.map_err(|e| StoreError::Internal(e.to_string()))
}

async fn faults(conn: &mut AsyncPgConnection) -> diesel::QueryResult<Vec<String>> {
    let found: Vec<Fault> = sql_query(FAULTS).load(conn).await?;
    let policies: Vec<Policy> = sql_query(POLICIES).load(conn).await?;
    let odd = policies.iter().filter(|policy| !policy.is_fine());
    let odd = odd.map(|policy| format!("the policy {} of {} has another form", policy.name, policy.table));
    Ok(found.into_iter().map(|row| row.fault).chain(odd).collect())
}

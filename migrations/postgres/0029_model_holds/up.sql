-- Money that is held leaves the ledger, whose rows are written once, when a call has ended. A hold is small and short-lived: it
-- costs two pages instead of five, and ending a call no longer writes its row and all its index entries a second time.
create table model_holds (
  workspace_id uuid not null,
  id uuid not null,
  month date not null,
  held bigint not null,
  input_cost bigint not null,
  input_tokens bigint not null,
  lease_until timestamptz not null,
  actor_kind text collate "C" not null,
  actor_id uuid,
  correlation_id text collate "C" not null,
  run_id uuid,
  operation text collate "C" not null,
  alias text collate "C",
  provider text collate "C" not null,
  model text collate "C" not null,
  price text collate "C" not null,
  started_at timestamptz not null,
  primary key (workspace_id, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

alter table model_calls no force row level security;
insert into model_holds
  select workspace_id, id, month, held, input_cost, fresh, lease_until, actor_kind, actor_id, correlation_id, run_id, operation,
    alias, provider, model, price, started_at
  from model_calls where ended_as is null;
delete from model_calls where ended_as is null;
drop index model_calls_held;
drop index model_calls_workspace;
alter table model_calls
  drop column held,
  drop column input_cost,
  drop column lease_until,
  alter column ended_as set not null,
  alter column latency set not null,
  drop constraint model_calls_pkey,
  add primary key (workspace_id, id);
alter table model_calls force row level security;

alter table model_holds enable row level security;
alter table model_holds force row level security;
create policy tenant on model_holds to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
-- Holds whose process died are ended for every workspace, each with its row in the ledger.
create policy system on model_holds to rf_system using (true) with check (true);
create policy purge on model_holds as restrictive for delete to rf_system
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert, delete on model_holds to rf_app;
grant select, update, delete on model_holds to rf_system;
grant insert on model_calls to rf_system;

-- The cost ledger of calls of language models, in pico-dollars, and what a month's calls come to.
--
-- A call's row is written before it is made, when its money is held back: `ended_as` is null then, and the hold ends by itself
-- at `lease_until`. `month` is the one in which it counts.
create table model_calls (
  id uuid primary key,
  workspace_id uuid not null,
  month date not null,
  held bigint not null,
  input_cost bigint not null,
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
  ended_as text collate "C",
  finish text collate "C",
  served_by text collate "C",
  attempts integer not null,
  fresh bigint not null,
  cache_read bigint not null,
  cache_write_5m bigint not null,
  cache_write_1h bigint not null,
  output bigint not null,
  reasoning bigint not null,
  tier text collate "C" not null,
  cost bigint not null,
  saved bigint not null,
  is_estimated boolean not null,
  latency bigint,
  first_token bigint
);
create index model_calls_workspace on model_calls (workspace_id, id);
create index model_calls_held on model_calls (lease_until, id) where ended_as is null;

create table budget_months (
  workspace_id uuid not null,
  month date not null,
  spent bigint not null,
  reserved bigint not null check (reserved >= 0),
  primary key (workspace_id, month)
);

do $$
declare t text;
begin
  foreach t in array array['model_calls', 'budget_months'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to rf_app
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
      with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    -- Holds whose process died are ended for every workspace.
    execute format('create policy system on %I to rf_system using (true) with check (true)', t);
    execute format('create policy purge on %I as restrictive for delete to rf_system
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('grant select, insert, update on %I to rf_app', t);
    execute format('grant select, update, delete on %I to rf_system', t);
  end loop;
end $$;

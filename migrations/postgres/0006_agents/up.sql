-- The council of a workspace, its runs and their journal.

create table agents (
  id uuid primary key,
  workspace_id uuid not null,
  lord text collate "C" not null,
  name text collate "C" not null,
  title text collate "C" not null,
  instructions text collate "C" not null,
  model_alias text collate "C" not null,
  tools jsonb not null,
  enabled boolean not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id),
  unique (workspace_id, lord)
);

-- `live_key` is null once the run has ended, and nulls are distinct: one live run of a subject, any number of old ones.
-- `cost` is in pico-dollars.
create table agent_runs (
  id uuid primary key,
  workspace_id uuid not null,
  agent_id uuid,
  lord text collate "C" not null,
  kind text collate "C" not null,
  status text collate "C" not null,
  live_key text collate "C",
  origin text collate "C",
  origin_reason text collate "C",
  subject_id uuid not null,
  input jsonb not null,
  output jsonb,
  cost bigint not null,
  error jsonb,
  actor_kind text collate "C" not null,
  actor_id uuid,
  correlation_id text collate "C" not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  unique (workspace_id, id),
  unique (workspace_id, live_key),
  foreign key (workspace_id, agent_id) references agents (workspace_id, id)
);
create index agent_runs_agent on agent_runs (workspace_id, agent_id);
create index agent_runs_subject on agent_runs (workspace_id, subject_id, id);

create table agent_steps (
  id uuid primary key,
  workspace_id uuid not null,
  run_id uuid not null,
  number integer not null,
  name text collate "C" not null,
  status text collate "C" not null,
  origin text collate "C",
  input jsonb,
  output jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  unique (workspace_id, run_id, number),
  foreign key (workspace_id, run_id) references agent_runs (workspace_id, id)
);

do $$
declare t text;
begin
  foreach t in array array['agents', 'agent_runs', 'agent_steps'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to rf_app
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
      with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
  end loop;
end $$;

-- Nobody changes or removes what a journal says.
grant select, insert on agents, agent_steps to rf_app;
grant select, insert, update on agent_runs to rf_app;

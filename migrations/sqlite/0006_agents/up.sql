-- The council of a workspace, its runs and their journal.

create table agents (
  id blob not null primary key,
  workspace_id blob not null,
  lord text not null,
  name text not null,
  title text not null,
  instructions text not null,
  model_alias text not null,
  tools blob not null,
  enabled boolean not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id),
  unique (workspace_id, lord)
);

-- `live_key` is null once the run has ended, and nulls are distinct: one live run of a subject, any number of old ones.
-- `cost` is in pico-dollars.
create table agent_runs (
  id blob not null primary key,
  workspace_id blob not null,
  agent_id blob,
  lord text not null,
  kind text not null,
  status text not null,
  live_key text,
  origin text,
  origin_reason text,
  subject_id blob not null,
  input blob not null,
  output blob,
  cost bigint not null,
  error blob,
  actor_kind text not null,
  actor_id blob,
  correlation_id text not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  started_at bigint,
  finished_at bigint,
  unique (workspace_id, id),
  unique (workspace_id, live_key),
  foreign key (workspace_id, agent_id) references agents (workspace_id, id)
);
create index agent_runs_agent on agent_runs (workspace_id, agent_id);
create index agent_runs_subject on agent_runs (workspace_id, subject_id, id);

create table agent_steps (
  id blob not null primary key,
  workspace_id blob not null,
  run_id blob not null,
  number integer not null,
  name text not null,
  status text not null,
  origin text,
  input blob,
  output blob not null,
  started_at bigint not null,
  finished_at bigint not null,
  unique (workspace_id, run_id, number),
  foreign key (workspace_id, run_id) references agent_runs (workspace_id, id)
);

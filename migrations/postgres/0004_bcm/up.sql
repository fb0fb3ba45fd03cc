-- The business context: onboarding sessions, foundations, ICPs, context versions.

-- One per workspace: which version is the current one. Its row lock orders those who append.
create table business_contexts (
  workspace_id uuid primary key,
  current_number integer not null
);

-- `document` is text and not jsonb: the hash covers its bytes.
create table context_versions (
  id uuid primary key,
  workspace_id uuid not null references business_contexts (workspace_id),
  number integer not null,
  document text collate "C" not null,
  hash text collate "C" not null,
  previous_hash text collate "C",
  source text collate "C" not null,
  reason text collate "C" not null,
  actor_kind text collate "C" not null,
  actor_id uuid,
  completeness integer not null,
  created_at timestamptz not null,
  unique (workspace_id, id),
  unique (workspace_id, number)
);

create table onboarding_sessions (
  id uuid primary key,
  workspace_id uuid not null,
  answers jsonb not null,
  completed jsonb not null,
  current_step text collate "C" not null,
  finalised_at timestamptz,
  context_number integer,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id),
  foreign key (workspace_id, context_number) references context_versions (workspace_id, number)
);
create unique index onboarding_sessions_open on onboarding_sessions (workspace_id) where finalised_at is null;

create table foundations (
  id uuid primary key,
  workspace_id uuid not null,
  content jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id),
  unique (workspace_id)
);

-- `priority` is the profile's, beside it for the order.
create table icps (
  id uuid primary key,
  workspace_id uuid not null,
  priority integer not null,
  profile jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id)
);
create index icps_priority on icps (workspace_id, priority, id);

do $$
declare t text;
begin
  foreach t in array array['business_contexts', 'context_versions', 'onboarding_sessions', 'foundations', 'icps'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to rf_app
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
      with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
  end loop;
end $$;

-- Versions are append-only, also for us.
grant select, insert on context_versions to rf_app;
grant select, insert, update on business_contexts, onboarding_sessions, foundations to rf_app;
grant select, insert, update, delete on icps to rf_app;

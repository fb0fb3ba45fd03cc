-- Roles, and the tables that every domain writes: events (audit trail and outbox), idempotency records, jobs.
--
-- `rf_app` serves tenants under row-level security; `rf_system` reads what must be known before a tenant is. Neither
-- owns anything, neither bypasses row-level security. An owner that may not create roles finds them made already.
do $$
declare role_name text;
begin
  foreach role_name in array array['rf_app', 'rf_system'] loop
    if not exists (select 1 from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin nobypassrls', role_name);
      exception when duplicate_object or unique_violation then
        null; -- roles belong to the server: another database's migration has just made it
      end;
    end if;
  end loop;
end $$;

grant usage on schema public to rf_app, rf_system;

-- What a transaction's scope is: set by `set local`, empty outside.
-- The policies compare with a scalar sub-select, which the planner evaluates once per query.

create table events (
  id uuid primary key,
  event_type text collate "C" not null,
  version integer not null,
  workspace_id uuid,
  user_id uuid,
  number bigint not null,
  actor_kind text collate "C" not null,
  actor_id uuid,
  subject_kind text collate "C" not null,
  subject_id uuid not null,
  correlation_id text collate "C" not null,
  causation_id uuid,
  payload jsonb not null,
  occurred_at timestamptz not null,
  published_at timestamptz
);
create unique index events_workspace_number on events (workspace_id, number) where workspace_id is not null;
create index events_subject on events (workspace_id, subject_id);
create index events_unpublished on events (number, id) where published_at is null;

-- The last number of each stream. A stream is a workspace's, a person's, or (nil) the platform's.
create table event_streams (
  stream_id uuid primary key,
  last_number bigint not null
);

create table idempotency_records (
  caller text collate "C" not null,
  key text collate "C" not null,
  user_id uuid,
  request_hash text collate "C" not null,
  answer jsonb not null,
  expires_at timestamptz not null,
  primary key (caller, key)
);
create index idempotency_records_expiry on idempotency_records (expires_at);

create table jobs (
  id uuid primary key,
  kind text collate "C" not null,
  payload jsonb not null,
  state text collate "C" not null,
  run_at timestamptz not null,
  attempts integer not null,
  max_attempts integer not null,
  lease_until timestamptz,
  worker text collate "C",
  dedup_key text collate "C",
  workspace_id uuid,
  actor_kind text collate "C" not null,
  actor_id uuid,
  correlation_id text collate "C" not null,
  causation_id uuid,
  last_error text collate "C",
  created_at timestamptz not null,
  finished_at timestamptz
);
create unique index jobs_alive on jobs
  (kind, coalesce(workspace_id, '00000000-0000-0000-0000-000000000000'::uuid), dedup_key)
  where dedup_key is not null and state in ('queued', 'running');
create index jobs_due on jobs (run_at, id) where state = 'queued';
create index jobs_leased on jobs (lease_until) where state = 'running';
create index jobs_workspace on jobs (workspace_id, id);

do $$
declare t text;
begin
  foreach t in array array['events', 'jobs'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to rf_app
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
      with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('create policy system on %I to rf_system using (true) with check (true)', t);
  end loop;
end $$;
-- A person's own: the request that makes a workspace is repeated before the workspace is known.
alter table idempotency_records enable row level security;
alter table idempotency_records force row level security;
create policy tenant on idempotency_records to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));
create policy system on idempotency_records to rf_system using (true) with check (true);

alter table event_streams enable row level security;
alter table event_streams force row level security;
create policy tenant on event_streams to rf_app
  using (stream_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (stream_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
create policy system on event_streams to rf_system using (true) with check (true);

-- The trail is append-only for everybody but the relay, which may only note what it published.
grant select, insert on events to rf_app, rf_system;
grant update (published_at) on events to rf_system;
grant select, insert, update on event_streams, idempotency_records to rf_app, rf_system;
grant delete on idempotency_records to rf_app, rf_system;
grant select, insert on jobs to rf_app;
grant select, insert, update on jobs to rf_system;

-- The tables that every domain writes: events (audit trail and outbox), idempotency records, jobs.
-- Ids are 16-byte blobs, instants microseconds since 1970, days ISO texts, JSON is SQLite's JSONB.

create table events (
  id blob not null primary key,
  event_type text not null,
  version integer not null,
  workspace_id blob,
  user_id blob,
  number bigint not null,
  actor_kind text not null,
  actor_id blob,
  subject_kind text not null,
  subject_id blob not null,
  correlation_id text not null,
  causation_id blob,
  payload blob not null,
  occurred_at bigint not null,
  published_at bigint
);
create unique index events_workspace_number on events (workspace_id, number) where workspace_id is not null;
create index events_subject on events (workspace_id, subject_id);
create index events_unpublished on events (number, id) where published_at is null;

-- The last number of each stream. A stream is a workspace's, a person's, or (nil) the platform's.
create table event_streams (
  stream_id blob not null primary key,
  last_number bigint not null
);

create table idempotency_records (
  caller text not null,
  key text not null,
  user_id blob,
  request_hash text not null,
  answer blob not null,
  expires_at bigint not null,
  primary key (caller, key)
);
create index idempotency_records_expiry on idempotency_records (expires_at);

create table jobs (
  id blob not null primary key,
  kind text not null,
  payload blob not null,
  state text not null,
  run_at bigint not null,
  attempts integer not null,
  max_attempts integer not null,
  lease_until bigint,
  worker text,
  dedup_key text,
  workspace_id blob,
  actor_kind text not null,
  actor_id blob,
  correlation_id text not null,
  causation_id blob,
  last_error text,
  created_at bigint not null,
  finished_at bigint
);
create unique index jobs_alive on jobs (kind, coalesce(workspace_id, x'00000000000000000000000000000000'), dedup_key)
  where dedup_key is not null and state in ('queued', 'running');
create index jobs_due on jobs (run_at, id) where state = 'queued';
create index jobs_leased on jobs (lease_until) where state = 'running';
create index jobs_workspace on jobs (workspace_id, id);

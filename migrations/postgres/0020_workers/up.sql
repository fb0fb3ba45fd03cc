-- Workers say that they are there.
create table workers (
  name text collate "C" primary key,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  running integer not null
);
alter table workers enable row level security;
alter table workers force row level security;
create policy system on workers to rf_system using (true) with check (true);
grant select, insert, update, delete on workers to rf_system;
create index jobs_waiting on jobs (run_at) where state = 'queued';

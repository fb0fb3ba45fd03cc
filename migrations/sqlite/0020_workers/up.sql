-- Workers say that they are there.
create table workers (
  name text not null primary key,
  started_at bigint not null,
  seen_at bigint not null,
  running integer not null
);
create index jobs_waiting on jobs (run_at) where state = 'queued';

-- Jobs have a priority and a turn; workspaces look after their own jobs. The defaults serve a version that knows of
-- neither and is still running.
alter table jobs
  add column priority text collate "C" not null default 'normal',
  add column turn timestamptz not null default now();
-- The owner is under the forced policies, too, and has none.
alter table jobs no force row level security;
update jobs set turn = run_at + interval '30 seconds';
alter table jobs force row level security;
drop index jobs_due;
create index jobs_turn on jobs (turn, id) where state = 'queued';
create index jobs_share on jobs (workspace_id, priority, turn) where state = 'queued';
create index jobs_dead on jobs (workspace_id, id) where state = 'failed';
grant update (state, run_at, turn, attempts, lease_until, worker, finished_at) on jobs to rf_app;

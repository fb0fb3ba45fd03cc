-- Jobs have a priority and a turn.
alter table jobs add column priority text not null default 'normal';
alter table jobs add column turn bigint not null default 0;
update jobs set turn = run_at + 30000000;
drop index jobs_due;
create index jobs_turn on jobs (turn, id) where state = 'queued';
create index jobs_share on jobs (workspace_id, priority, turn) where state = 'queued';
create index jobs_dead on jobs (workspace_id, id) where state = 'failed';

-- A retry asks for the latest turn of what its workspace has waiting then. Those that wait for later have the latest turns: the
-- index tells them apart without a look at each row.
drop index jobs_share;
create index jobs_share on jobs (workspace_id, priority, turn, run_at) where state = 'queued';

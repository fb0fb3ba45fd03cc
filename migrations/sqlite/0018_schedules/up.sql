-- Work that comes again and again, of a workspace or of the platform.
create table schedules (
  id blob not null primary key,
  name text not null,
  kind text not null,
  payload blob not null,
  timing blob not null,
  misfire text not null,
  priority text not null,
  workspace_id blob,
  next_run bigint not null
);
create unique index schedules_name on schedules
  (coalesce(workspace_id, x'00000000000000000000000000000000'), name);
create index schedules_due on schedules (next_run, id);

-- The workspaces that are there get what new ones get.
insert into schedules (id, name, kind, payload, timing, misfire, priority, workspace_id, next_run)
select randomblob(16), 'daily_wins', 'campaign.choose_daily_wins', jsonb('{}'),
  jsonb_object('cron', '0 6 * * *', 'zone', time_zone), 'skip', 'low', id, unixepoch() * 1000000
from workspaces where status = 'active';

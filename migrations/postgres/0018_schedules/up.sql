-- Work that comes again and again, of a workspace or of the platform.
create table schedules (
  id uuid primary key,
  name text collate "C" not null,
  kind text collate "C" not null,
  payload jsonb not null,
  timing jsonb not null,
  misfire text collate "C" not null,
  priority text collate "C" not null,
  workspace_id uuid,
  next_run timestamptz not null
);
create unique index schedules_name on schedules
  (coalesce(workspace_id, '00000000-0000-0000-0000-000000000000'::uuid), name);
create index schedules_due on schedules (next_run, id);

-- The workspaces that are there get what new ones get.
alter table workspaces no force row level security;
insert into schedules (id, name, kind, payload, timing, misfire, priority, workspace_id, next_run)
select gen_random_uuid(), 'daily_wins', 'campaign.choose_daily_wins', '{}',
  jsonb_build_object('cron', '0 6 * * *', 'zone', time_zone), 'skip', 'low', id, now()
from workspaces where status = 'active';
alter table workspaces force row level security;

alter table schedules enable row level security;
alter table schedules force row level security;
create policy tenant on schedules to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
create policy system on schedules to rf_system using (true) with check (true);
create policy purge on schedules as restrictive for delete to rf_system
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert, update, delete on schedules to rf_app, rf_system;

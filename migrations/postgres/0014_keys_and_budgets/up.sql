-- Keys by which programs act in a workspace, and what it may spend on AI.

create table api_keys (
  id uuid primary key,
  workspace_id uuid not null,
  name text collate "C" not null,
  prefix text collate "C" not null,
  key_hash bytea not null unique,
  scopes jsonb not null,
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  unique (workspace_id, id)
);

alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy tenant on api_keys to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert on api_keys to rf_app;
grant update (revoked_at) on api_keys to rf_app;

-- A key is found by its hash before the workspace is known, with what decides whether it lets in: the workspace's
-- state, and the membership and the account of who made it. Only the use is written there.
create policy system_read on api_keys for select to rf_system using (true);
create policy system_use on api_keys for update to rf_system using (true) with check (true);
create policy system_read on workspaces for select to rf_system using (true);
create policy system_read on memberships for select to rf_system using (true);
grant select on api_keys, workspaces, memberships to rf_system;
grant update (last_used_at) on api_keys to rf_system;

-- What the owner lets a workspace spend on AI in a month, in pico-dollars. No row: never said.
create table budgets (
  workspace_id uuid primary key,
  monthly_limit bigint,
  version integer not null,
  updated_at timestamptz not null
);

alter table budgets enable row level security;
alter table budgets force row level security;
create policy tenant on budgets to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert, update on budgets to rf_app;

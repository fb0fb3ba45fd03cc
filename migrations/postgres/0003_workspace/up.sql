-- Workspaces and who is a member of them.

create table workspaces (
  id uuid primary key,
  name text collate "C" not null,
  slug text collate "C" not null,
  time_zone text collate "C" not null,
  settings jsonb not null,
  status text collate "C" not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table memberships (
  workspace_id uuid not null references workspaces (id),
  user_id uuid not null,
  role text collate "C" not null,
  joined_at timestamptz not null,
  primary key (workspace_id, user_id)
);
create index memberships_joined on memberships (workspace_id, joined_at, user_id);
create index memberships_user on memberships (user_id, joined_at, workspace_id);

-- A membership is seen by its person, before any workspace is known, and by the workspace's members. Only a unit of
-- the workspace itself writes one: nobody makes themselves a member elsewhere.
alter table memberships enable row level security;
alter table memberships force row level security;
create policy tenant on memberships to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)
    or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));

alter table workspaces enable row level security;
alter table workspaces force row level security;
create policy tenant on workspaces to rf_app
  using (id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
-- For the list of a person's workspaces. The set costs an index scan over the person's memberships in each statement
-- that `tenant` does not answer alone, and no index serves the `in` by itself: every query names ids or joins with
-- memberships. The policy of memberships must not ask workspaces in return, or the two call each other for ever.
create policy member on workspaces for select to rf_app
  using (id in (select m.workspace_id from memberships m
    where m.user_id = (select nullif(current_setting('app.user_id', true), '')::uuid)));

grant select, insert, update on workspaces to rf_app;
grant select, insert on memberships to rf_app;

-- Who is invited into a workspace; and members change and leave.

-- One invitation of an address at a time is neither accepted nor revoked. The token's hash is unique over tenants:
-- nobody can guess one, so its uniqueness tells nothing.
create table invitations (
  id uuid primary key,
  workspace_id uuid not null,
  email text collate "C" not null,
  email_lower text collate "C" not null,
  role text collate "C" not null,
  token_hash bytea not null unique,
  invited_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  unique (workspace_id, id)
);
create unique index invitations_pending on invitations (workspace_id, email_lower)
  where accepted_at is null and revoked_at is null;

-- The system role finds one by its token's hash, before the tenant is known, and writes nothing.
alter table invitations enable row level security;
alter table invitations force row level security;
create policy tenant on invitations to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
create policy system on invitations to rf_system using (true) with check (true);
grant select, insert on invitations to rf_app;
grant update (accepted_at, accepted_by, revoked_at) on invitations to rf_app;
grant select on invitations to rf_system;

-- A person sees their memberships everywhere (0003); a unit changes and removes those of its own workspace only.
create policy change_here on memberships as restrictive for update to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
create policy remove_here on memberships as restrictive for delete to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant update (role), delete on memberships to rf_app;

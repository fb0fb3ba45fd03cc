-- Keys of members' own, by which a workspace asks providers of models. The secret itself stays in user_secrets.
create table provider_keys (
  workspace_id uuid not null,
  provider text collate "C" not null,
  lent_by uuid not null,
  secret text collate "C" not null,
  lent_at timestamptz not null,
  primary key (workspace_id, provider)
);

alter table provider_keys enable row level security;
alter table provider_keys force row level security;
create policy tenant on provider_keys to rf_app
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid))
  with check (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert, update, delete on provider_keys to rf_app;

create policy purge on provider_keys to rf_system
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, delete on provider_keys to rf_system;

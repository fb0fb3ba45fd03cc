-- What a person may take away and what may be taken from them.

-- A finished export, until it expires; one per person.
create table person_exports (
  user_id uuid primary key references users (id),
  document jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
alter table person_exports enable row level security;
alter table person_exports force row level security;
create policy tenant on person_exports to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));
create policy system on person_exports to rf_system using (true) with check (true);
grant select on person_exports to rf_app;
grant select, insert, update, delete on person_exports to rf_system;

-- Names are changed by administrators and taken away by erasure, as is what sessions tell of a client.
grant update on profiles to rf_system;
grant update (address, user_agent) on sessions to rf_system;
grant delete on email_tokens to rf_system;

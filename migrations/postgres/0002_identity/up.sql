-- People, their sessions and their tokens.

create table users (
  id uuid primary key,
  email text collate "C" not null,
  email_lower text collate "C" not null unique,
  email_verified_at timestamptz,
  status text collate "C" not null,
  platform_role text collate "C" not null,
  password_hash text collate "C",
  version integer not null,
  created_at timestamptz not null
);

create table profiles (
  user_id uuid primary key references users (id),
  display_name text collate "C",
  time_zone text collate "C",
  locale text collate "C",
  job_title text collate "C",
  avatar_url text collate "C"
);

create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id),
  address text collate "C",
  user_agent text collate "C",
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text collate "C",
  unique (user_id, id)
);

-- A session's chain: each token has one successor at most, of the same session.
create table refresh_tokens (
  id uuid primary key,
  session_id uuid not null,
  user_id uuid not null,
  token_hash bytea not null unique,
  parent_id uuid unique,
  issued_at timestamptz not null,
  consumed_at timestamptz,
  expires_at timestamptz not null,
  unique (session_id, id),
  foreign key (user_id, session_id) references sessions (user_id, id),
  foreign key (session_id, parent_id) references refresh_tokens (session_id, id)
);

create table email_tokens (
  id uuid primary key,
  user_id uuid not null references users (id),
  purpose text collate "C" not null,
  token_hash bytea not null unique,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index email_tokens_open on email_tokens (user_id, purpose) where used_at is null;

-- Who it is gets found out before anybody is known, so the system role reads and writes all of it. A person reads
-- their own account; sessions and tokens are nothing that the app role ever sees.
do $$
declare t text;
begin
  foreach t in array array['users', 'profiles', 'sessions', 'refresh_tokens', 'email_tokens'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy system on %I to rf_system using (true) with check (true)', t);
  end loop;
end $$;
create policy tenant on users to rf_app
  using (id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.user_id', true), '')::uuid));
create policy tenant on profiles to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));

grant select on users, profiles to rf_app;
grant select, insert on users, profiles, sessions, refresh_tokens, email_tokens to rf_system;
grant update on users to rf_system;
grant update (last_seen_at, ended_at, end_reason) on sessions to rf_system;
grant update (consumed_at) on refresh_tokens to rf_system;
grant update (expires_at, used_at) on email_tokens to rf_system;

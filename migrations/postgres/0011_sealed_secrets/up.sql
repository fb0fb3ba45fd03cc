-- Second factors, and people's own secrets. What must be readable again is sealed: which key, nonce, ciphertext.

create table mfa_factors (
  id uuid primary key,
  user_id uuid not null unique references users (id),
  key_id text collate "C" not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  last_used_step bigint not null,
  failures integer not null,
  failing_since timestamptz
);

create table recovery_codes (
  user_id uuid not null references users (id),
  code_hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- Logins whose password was right and whose second factor is still to come.
create table mfa_challenges (
  id uuid primary key,
  user_id uuid not null references users (id),
  token_hash bytea not null unique,
  user_version integer not null,
  attempts integer not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index mfa_challenges_expiry on mfa_challenges (user_id, expires_at);

create table user_secrets (
  user_id uuid not null references users (id),
  name text collate "C" not null,
  key_id text collate "C" not null,
  nonce bytea not null,
  ciphertext bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (user_id, name)
);

-- As with sessions: the system role reads and writes all of it, and factors, codes and challenges are nothing that the
-- app role ever sees. A person reads their own secrets.
do $$
declare t text;
begin
  foreach t in array array['mfa_factors', 'recovery_codes', 'mfa_challenges', 'user_secrets'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy system on %I to rf_system using (true) with check (true)', t);
  end loop;
end $$;
create policy tenant on user_secrets to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));

grant select on user_secrets to rf_app;
grant select, insert, delete on mfa_factors, recovery_codes, mfa_challenges, user_secrets to rf_system;
grant update (key_id, nonce, ciphertext, confirmed_at, last_used_step, failures, failing_since) on mfa_factors
  to rf_system;
grant update (used_at) on recovery_codes to rf_system;
grant update (attempts, used_at) on mfa_challenges to rf_system;
grant update (key_id, nonce, ciphertext, updated_at) on user_secrets to rf_system;

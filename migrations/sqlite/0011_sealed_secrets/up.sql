-- Second factors, and people's own secrets. What must be readable again is sealed: which key, nonce, ciphertext.

create table mfa_factors (
  id blob not null primary key,
  user_id blob not null unique references users (id),
  key_id text not null,
  nonce blob not null,
  ciphertext blob not null,
  created_at bigint not null,
  confirmed_at bigint,
  last_used_step bigint not null,
  failures integer not null,
  failing_since bigint
);

create table recovery_codes (
  user_id blob not null references users (id),
  code_hash blob not null,
  created_at bigint not null,
  used_at bigint,
  primary key (user_id, code_hash)
);

-- Logins whose password was right and whose second factor is still to come.
create table mfa_challenges (
  id blob not null primary key,
  user_id blob not null references users (id),
  token_hash blob not null unique,
  user_version integer not null,
  attempts integer not null,
  expires_at bigint not null,
  used_at bigint
);
create index mfa_challenges_expiry on mfa_challenges (user_id, expires_at);

create table user_secrets (
  user_id blob not null references users (id),
  name text not null,
  key_id text not null,
  nonce blob not null,
  ciphertext blob not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (user_id, name)
);

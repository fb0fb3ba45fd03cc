-- Keys by which programs act in a workspace, and what it may spend on AI.

create table api_keys (
  id blob not null primary key,
  workspace_id blob not null,
  name text not null,
  prefix text not null,
  key_hash blob not null unique,
  scopes blob not null,
  created_by blob not null,
  created_at bigint not null,
  expires_at bigint not null,
  last_used_at bigint,
  revoked_at bigint,
  unique (workspace_id, id)
);

-- What the owner lets a workspace spend on AI in a month, in pico-dollars. No row: never said.
create table budgets (
  workspace_id blob not null primary key,
  monthly_limit bigint,
  version integer not null,
  updated_at bigint not null
);

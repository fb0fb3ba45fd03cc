-- Who is invited into a workspace.

-- One invitation of an address at a time is neither accepted nor revoked. The token's hash is unique over tenants:
-- nobody can guess one, so its uniqueness tells nothing.
create table invitations (
  id blob not null primary key,
  workspace_id blob not null,
  email text not null,
  email_lower text not null,
  role text not null,
  token_hash blob not null unique,
  invited_by blob not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint,
  accepted_by blob,
  revoked_at bigint,
  unique (workspace_id, id)
);
create unique index invitations_pending on invitations (workspace_id, email_lower)
  where accepted_at is null and revoked_at is null;

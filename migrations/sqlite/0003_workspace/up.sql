-- Workspaces and who is a member of them.

create table workspaces (
  id blob not null primary key,
  name text not null,
  slug text not null,
  time_zone text not null,
  settings blob not null,
  status text not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null
);

create table memberships (
  workspace_id blob not null references workspaces (id),
  user_id blob not null,
  role text not null,
  joined_at bigint not null,
  primary key (workspace_id, user_id)
);
create index memberships_joined on memberships (workspace_id, joined_at, user_id);
create index memberships_user on memberships (user_id, joined_at, workspace_id);

-- Keys of members' own, by which a workspace asks providers of models. The secret itself stays in user_secrets.
create table provider_keys (
  workspace_id blob not null,
  provider text not null,
  lent_by blob not null,
  secret text not null,
  lent_at bigint not null,
  primary key (workspace_id, provider)
);

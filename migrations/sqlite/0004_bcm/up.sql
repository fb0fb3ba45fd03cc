-- The business context: onboarding sessions, foundations, ICPs, context versions.

-- One per workspace: which version is the current one.
create table business_contexts (
  workspace_id blob not null primary key,
  current_number integer not null
);

-- `document` is text and not JSON: the hash covers its bytes.
create table context_versions (
  id blob not null primary key,
  workspace_id blob not null references business_contexts (workspace_id),
  number integer not null,
  document text not null,
  hash text not null,
  previous_hash text,
  source text not null,
  reason text not null,
  actor_kind text not null,
  actor_id blob,
  completeness integer not null,
  created_at bigint not null,
  unique (workspace_id, id),
  unique (workspace_id, number)
);

create table onboarding_sessions (
  id blob not null primary key,
  workspace_id blob not null,
  answers blob not null,
  completed blob not null,
  current_step text not null,
  finalised_at bigint,
  context_number integer,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id),
  foreign key (workspace_id, context_number) references context_versions (workspace_id, number)
);
create unique index onboarding_sessions_open on onboarding_sessions (workspace_id) where finalised_at is null;

create table foundations (
  id blob not null primary key,
  workspace_id blob not null,
  content blob not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id),
  unique (workspace_id)
);

-- `priority` is the profile's, beside it for the order.
create table icps (
  id blob not null primary key,
  workspace_id blob not null,
  priority integer not null,
  profile blob not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id)
);
create index icps_priority on icps (workspace_id, priority, id);

-- Campaigns, moves, daily wins.

create table campaigns (
  id blob not null primary key,
  workspace_id blob not null,
  name text not null,
  goal text not null,
  status text not null,
  channels blob not null,
  icp_ids blob not null,
  starts_on text not null,
  ends_on text not null,
  budget_amount bigint,
  budget_currency text,
  planned_by blob,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id)
);

create table moves (
  id blob not null primary key,
  workspace_id blob not null,
  campaign_id blob,
  title text not null,
  channel text not null,
  stage text not null,
  audience text not null,
  objective text not null,
  brief text not null,
  tasks blob not null,
  draft text,
  measure text not null,
  budget_amount bigint,
  budget_currency text,
  due_on text not null,
  status text not null,
  origin text not null,
  result blob,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id)
);
create index moves_due on moves (workspace_id, due_on, id);
create index moves_campaign on moves (workspace_id, campaign_id, due_on, id);

create table daily_wins (
  id blob not null primary key,
  workspace_id blob not null,
  date text not null,
  kind text not null,
  source text not null,
  text text not null,
  move_id blob,
  status text not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (workspace_id, id),
  unique (workspace_id, date, source),
  foreign key (workspace_id, move_id) references moves (workspace_id, id) on delete cascade
);
create index daily_wins_move on daily_wins (workspace_id, move_id);

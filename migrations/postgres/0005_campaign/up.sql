-- Campaigns, moves, daily wins.

create table campaigns (
  id uuid primary key,
  workspace_id uuid not null,
  name text collate "C" not null,
  goal text collate "C" not null,
  status text collate "C" not null,
  channels jsonb not null,
  icp_ids jsonb not null,
  starts_on date not null,
  ends_on date not null,
  budget_amount bigint,
  budget_currency text collate "C",
  planned_by uuid,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id)
);

create table moves (
  id uuid primary key,
  workspace_id uuid not null,
  campaign_id uuid,
  title text collate "C" not null,
  channel text collate "C" not null,
  stage text collate "C" not null,
  audience text collate "C" not null,
  objective text collate "C" not null,
  brief text collate "C" not null,
  tasks jsonb not null,
  draft text collate "C",
  measure text collate "C" not null,
  budget_amount bigint,
  budget_currency text collate "C",
  due_on date not null,
  status text collate "C" not null,
  origin text collate "C" not null,
  result jsonb,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id)
);
create index moves_due on moves (workspace_id, due_on, id);
create index moves_campaign on moves (workspace_id, campaign_id, due_on, id);

create table daily_wins (
  id uuid primary key,
  workspace_id uuid not null,
  date date not null,
  kind text collate "C" not null,
  source text collate "C" not null,
  text text collate "C" not null,
  move_id uuid,
  status text collate "C" not null,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (workspace_id, id),
  unique (workspace_id, date, source),
  foreign key (workspace_id, move_id) references moves (workspace_id, id) on delete cascade
);
create index daily_wins_move on daily_wins (workspace_id, move_id);

do $$
declare t text;
begin
  foreach t in array array['campaigns', 'moves', 'daily_wins'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to rf_app
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))
      with check (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('grant select, insert, update, delete on %I to rf_app', t);
  end loop;
end $$;

-- The cost ledger of calls of language models, in pico-dollars, and what a month's calls come to.
--
-- A call's row is written before it is made, when its money is held back: `ended_as` is null then, and the hold ends by itself
-- at `lease_until`. `month` is the one in which it counts.
create table model_calls (
  id blob not null primary key,
  workspace_id blob not null,
  month text not null,
  held bigint not null,
  input_cost bigint not null,
  lease_until bigint not null,
  actor_kind text not null,
  actor_id blob,
  correlation_id text not null,
  run_id blob,
  operation text not null,
  alias text,
  provider text not null,
  model text not null,
  price text not null,
  started_at bigint not null,
  ended_as text,
  finish text,
  served_by text,
  attempts integer not null,
  fresh bigint not null,
  cache_read bigint not null,
  cache_write_5m bigint not null,
  cache_write_1h bigint not null,
  output bigint not null,
  reasoning bigint not null,
  tier text not null,
  cost bigint not null,
  saved bigint not null,
  is_estimated boolean not null,
  latency bigint,
  first_token bigint
);
create index model_calls_workspace on model_calls (workspace_id, id);
create index model_calls_held on model_calls (lease_until, id) where ended_as is null;

create table budget_months (
  workspace_id blob not null,
  month text not null,
  spent bigint not null,
  reserved bigint not null check (reserved >= 0),
  primary key (workspace_id, month)
);

-- Money that is held leaves the ledger, whose rows are written once, when a call has ended. A hold is small and short-lived: it
-- costs two pages instead of six. A workspace's rows lie together, in the order in which they are shown.
create table model_holds (
  workspace_id blob not null,
  id blob not null,
  month text not null,
  held bigint not null,
  input_cost bigint not null,
  input_tokens bigint not null,
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
  primary key (workspace_id, id)
) without rowid;
insert into model_holds
  select workspace_id, id, month, held, input_cost, fresh, lease_until, actor_kind, actor_id, correlation_id, run_id, operation,
    alias, provider, model, price, started_at
  from model_calls where ended_as is null;

alter table model_calls rename to former_calls;
create table model_calls (
  workspace_id blob not null,
  id blob not null,
  month text not null,
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
  ended_as text not null,
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
  latency bigint not null,
  first_token bigint,
  primary key (workspace_id, id)
) without rowid;
insert into model_calls
  select workspace_id, id, month, actor_kind, actor_id, correlation_id, run_id, operation, alias, provider, model, price,
    started_at, ended_as, finish, served_by, attempts, fresh, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
    tier, cost, saved, is_estimated, latency, first_token
  from former_calls where ended_as is not null;
drop table former_calls;
create index model_calls_month on model_calls (workspace_id, month);

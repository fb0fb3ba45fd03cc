-- How far each consumer of facts has come in each stream.
create table consumer_positions (
  consumer text collate "C" not null,
  stream_id uuid not null,
  number bigint not null,
  primary key (consumer, stream_id)
);

-- What was published before was handed on in the same transaction.
alter table events no force row level security;
insert into consumer_positions (consumer, stream_id, number)
select 'jobs', coalesce(workspace_id, user_id, '00000000-0000-0000-0000-000000000000'::uuid), max(number)
from events where published_at is not null group by 2;
alter table events force row level security;

alter table consumer_positions enable row level security;
alter table consumer_positions force row level security;
create policy system on consumer_positions to rf_system using (true) with check (true);
create policy purge on consumer_positions as restrictive for delete to rf_system
  using (stream_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant select, insert, update, delete on consumer_positions to rf_system;

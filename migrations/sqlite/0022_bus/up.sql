-- How far each consumer of facts has come in each stream.
create table consumer_positions (
  consumer text not null,
  stream_id blob not null,
  number bigint not null,
  primary key (consumer, stream_id)
);

-- What was published before was handed on in the same transaction.
insert into consumer_positions (consumer, stream_id, number)
select 'jobs', coalesce(workspace_id, user_id, zeroblob(16)), max(number)
from events where published_at is not null group by 2;

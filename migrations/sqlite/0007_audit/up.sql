-- What the trail tells of the client behind a fact. Personal: erasing a person takes it away, and nothing else of a fact.

alter table events add column address text;
alter table events add column user_agent text;

-- A workspace's trail, filtered; its unique (workspace_id, number) serves the list itself.
create index events_type on events (workspace_id, event_type, number);
create index events_actor on events (workspace_id, actor_id, number);
-- A person's own trail, and what they did anywhere.
create index events_user on events (user_id, number) where workspace_id is null;
create index events_actor_anywhere on events (actor_id, id);

-- Most facts are not of a person's own trail: they need no entry in the index of those.
drop index events_user_anywhere;
create index events_user_anywhere on events (user_id, id) where user_id is not null;

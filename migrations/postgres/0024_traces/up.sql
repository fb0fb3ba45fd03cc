-- Facts and jobs carry the trace of the call that made them (W3C `traceparent`); `null` where nothing was traced.
alter table events add column traceparent text collate "C";
alter table jobs add column traceparent text collate "C";
-- How long the outbox lags behind.
create index events_waiting on events (occurred_at) where published_at is null;

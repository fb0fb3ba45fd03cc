-- What a month's calls come to, by model, operation and day.
create index model_calls_month on model_calls (workspace_id, month);

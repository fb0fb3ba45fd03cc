-- What has done its service is taken away after a while: jobs that ended, answers of requests, tokens that have expired.
create index jobs_ended on jobs (finished_at) where finished_at is not null;
create index email_tokens_expiry on email_tokens (expires_at);
create index mfa_challenges_end on mfa_challenges (expires_at);

-- Sessions that expired long ago go, with their refresh tokens.
create index sessions_expiry on sessions (expires_at);

-- Sessions that expired long ago go, with their refresh tokens; a live one nobody can delete.
create policy purge on sessions as restrictive for delete to rf_system
  using (expires_at < now() - interval '30 days');
create policy purge on refresh_tokens as restrictive for delete to rf_system
  using (expires_at < now() - interval '30 days');
grant delete on sessions, refresh_tokens to rf_system;
create index sessions_expiry on sessions (expires_at);

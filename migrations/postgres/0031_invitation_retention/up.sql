-- An invitation that nobody accepted is taken away a while after it expired, with the address of somebody who never came.
drop policy purge on invitations;
create policy purge on invitations as restrictive for delete to rf_system
  using (workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)
    or (accepted_at is null and expires_at < now() - interval '30 days'));
create index invitations_expiry on invitations (expires_at) where accepted_at is null;

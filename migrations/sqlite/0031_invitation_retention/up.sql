-- An invitation that nobody accepted is taken away a while after it expired, with the address of somebody who never came.
create index invitations_expiry on invitations (expires_at) where accepted_at is null;

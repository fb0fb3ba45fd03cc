-- A person leaves every workspace, and the address that they were invited by is forgotten.
grant update (email, email_lower) on invitations to rf_app;
create index invitations_address on invitations (email_lower);
create index invitations_inviter on invitations (invited_by);

-- A person's facts, wherever they were told.
create index events_user_anywhere on events (user_id, id);

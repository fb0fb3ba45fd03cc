-- Changing what an account is made of.

-- The address that an account is to move to; gone as soon as its token works no longer.
alter table email_tokens add column new_email text collate "C";
grant update (new_email) on email_tokens to rf_system;

-- A person sees where they are logged in. Nothing in a session is a secret; tokens stay out of the app role's sight.
create policy tenant on sessions to rf_app
  using (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid))
  with check (user_id = (select nullif(current_setting('app.user_id', true), '')::uuid));
grant select on sessions to rf_app;

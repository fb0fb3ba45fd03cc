-- Changing what an account is made of.

-- The address that an account is to move to; gone as soon as its token works no longer.
alter table email_tokens add column new_email text;

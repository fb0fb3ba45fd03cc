-- Who people are at other services whose tokens are accepted.

create table external_identities (
  issuer text collate "C" not null,
  subject text collate "C" not null,
  user_id uuid not null references users (id),
  linked_at timestamptz not null,
  primary key (issuer, subject)
);
create index external_identities_user on external_identities (user_id);

-- Read before anybody is known, as sessions are; nothing that the app role ever sees.
alter table external_identities enable row level security;
alter table external_identities force row level security;
create policy system on external_identities to rf_system using (true) with check (true);
grant select, insert on external_identities to rf_system;

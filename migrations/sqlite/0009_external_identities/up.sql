-- Who people are at other services whose tokens are accepted.

create table external_identities (
  issuer text not null,
  subject text not null,
  user_id blob not null references users (id),
  linked_at bigint not null,
  primary key (issuer, subject)
);
create index external_identities_user on external_identities (user_id);

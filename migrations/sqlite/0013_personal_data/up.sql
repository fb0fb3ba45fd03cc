-- What a person may take away.

-- A finished export, until it expires; one per person.
create table person_exports (
  user_id blob not null primary key references users (id),
  document blob not null,
  created_at bigint not null,
  expires_at bigint not null
);

-- People, their sessions and their tokens.

create table users (
  id blob not null primary key,
  email text not null,
  email_lower text not null unique,
  email_verified_at bigint,
  status text not null,
  platform_role text not null,
  password_hash text,
  version integer not null,
  created_at bigint not null
);

create table profiles (
  user_id blob not null primary key references users (id),
  display_name text,
  time_zone text,
  locale text,
  job_title text,
  avatar_url text
);

create table sessions (
  id blob not null primary key,
  user_id blob not null references users (id),
  address text,
  user_agent text,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  end_reason text,
  unique (user_id, id)
);

-- A session's chain: each token has one successor at most, of the same session.
create table refresh_tokens (
  id blob not null primary key,
  session_id blob not null,
  user_id blob not null,
  token_hash blob not null unique,
  parent_id blob unique,
  issued_at bigint not null,
  consumed_at bigint,
  expires_at bigint not null,
  unique (session_id, id),
  foreign key (user_id, session_id) references sessions (user_id, id),
  foreign key (session_id, parent_id) references refresh_tokens (session_id, id)
);

create table email_tokens (
  id blob not null primary key,
  user_id blob not null references users (id),
  purpose text not null,
  token_hash blob not null unique,
  expires_at bigint not null,
  used_at bigint
);
create index email_tokens_open on email_tokens (user_id, purpose) where used_at is null;

-- A deleted workspace is purged. SQLite has no roles, so nothing need be granted for it; the number is PostgreSQL's.
select 1;

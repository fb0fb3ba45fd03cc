#!/usr/bin/env bash
# Run once by PostgreSQL's image on an empty volume: the database, and a login for each of the three roles.
# rf_app and rf_system own nothing and can't bypass row-level security; `raptorflow migrate` grants them what they need.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --set system="$SYSTEM_PASSWORD" <<'SQL'
create role rf_app nologin nobypassrls;
create role rf_system nologin nobypassrls;
create role owner_login login nobypassrls password :'owner';
create role app_login login nobypassrls in role rf_app password :'app';
create role system_login login nobypassrls in role rf_system password :'system';
create database raptorflow owner owner_login;
revoke all on database raptorflow from public;
grant connect on database raptorflow to rf_app, rf_system;
SQL

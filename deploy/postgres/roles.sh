#!/bin/sh
# Run once by the image of PostgreSQL, when the database is made: the roles of docs/operations.md, "Roles in PostgreSQL",
# with passwords from files. The owner can make no roles, so all of them are made here.
set -eu
psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
	--set=owner="$(cat /run/secrets/owner)" \
	--set=app="$(cat /run/secrets/app)" \
	--set=backup="$(cat /run/secrets/backup)" <<'SQL'
create role breakglass_owner login password :'owner';
create role breakglass_app login noinherit password :'app';
create role breakglass_backup login noinherit password :'backup';
create role breakglass_across nologin noinherit;
create role breakglass_check nologin noinherit;
grant breakglass_across, breakglass_check to breakglass_app;
create database breakglass owner breakglass_owner;
SQL

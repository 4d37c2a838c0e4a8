-- What pg_dump signs in as. Row-level security holds for the owner too, and to go around it (BYPASSRLS) takes a
-- superuser, which the owner of a database often is not: this role has policies of its own instead, that show it every
-- row and let it change none (docs/backup.md).
do $$
begin
  if not exists (select from pg_roles where rolname = 'breakglass_backup') then
    create role breakglass_backup nologin noinherit;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
end $$;
grant usage on schema public to breakglass_backup;
grant select on all tables in schema public to breakglass_backup;
grant select on all sequences in schema public to breakglass_backup;
grant execute on function current_tenant() to breakglass_backup; -- the policies for everybody name it
-- And what later migrations make. A policy can't be given in advance: they make theirs, or a test fails.
alter default privileges in schema public grant select on tables to breakglass_backup;
alter default privileges in schema public grant select on sequences to breakglass_backup;
do $$
declare name text;
begin
  for name in select relname from pg_class
               where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relrowsecurity loop
    execute format('create policy back_up on %I for select to breakglass_backup using (true)', name);
  end loop;
end $$;

-- The oldest migration whose bots can work on this database: a bot that does not know it does not start. A migration that
-- takes away what older bots use says here from which one on they do without (docs/upgrade.md).
create function compatible_since() returns text
  language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
  as $$ select '20261121000005_backup' $$;
revoke all on function compatible_since() from public;
grant execute on function compatible_since() to breakglass_app;

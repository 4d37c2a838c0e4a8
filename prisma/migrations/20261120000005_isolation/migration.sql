-- Who may see and do what. Roles belong to the whole cluster, so they may be there already.
--   breakglass_app     the bot; NOINHERIT, so that being allowed to become the others gives it nothing by itself
--   breakglass_across  what the bot becomes for the few statements that look across tenants, with policies of its own
do $$
begin
  if not exists (select from pg_roles where rolname = 'breakglass_app') then
    create role breakglass_app nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'breakglass_across') then
    create role breakglass_across nologin noinherit;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
end $$;
do $$
begin
  if not pg_has_role('breakglass_app', 'breakglass_across', 'member') then
    grant breakglass_across to breakglass_app;
  end if;
end $$;

-- Nothing by default; each privilege below is one that some statement of the bot uses.
revoke all on all tables in schema public from public;
revoke all on all functions in schema public from public;
revoke create on schema public from public;
grant usage on schema public to breakglass_app, breakglass_across;
grant execute on function breakglass_now(),
  audit_entry(bigint, timestamptz, text, text, uuid, uuid, text, jsonb) to breakglass_app, breakglass_across;
grant usage on all sequences in schema public to breakglass_app, breakglass_across;

-- Inside one tenant.
grant select on tenants, owners to breakglass_app;
grant select, insert on grants, legs, reviews, posted_messages to breakglass_app;
grant update (state, minutes_granted, lapses_at, activated_at, expires_at, closed_at, closed_by, close_reason, closed_outside, version)
  on grants to breakglass_app;
grant update (verdict, person_id, decided_at, minutes, comment, outside) on legs to breakglass_app;
grant update (reviewed_at, reviewer_id, answers, excused_at, excused_by, excuse_reason) on reviews to breakglass_app;
-- A change is told where the card of its grant stands.
grant insert, select (id, destination, kind, tenant_id, grant_id, payload) on outbox to breakglass_app;
grant select, insert on lanes to breakglass_app;
grant select on audit_events to breakglass_app;
-- Never an id or a time: the database gives those.
grant insert (action, actor, tenant_id, grant_id, request_id, details, entry) on audit_events
  to breakglass_app, breakglass_across;
grant select, insert on people, identities to breakglass_app;
grant select on policies, policy_epochs to breakglass_app;
grant select, insert on handled_requests to breakglass_app;

-- Across tenants: the configuration at start, the clock's sweeps, the outbox, digests, what somebody has open.
grant select, insert on tenants, owners, people, identities, policies, policy_epochs to breakglass_across;
grant update (standing) on identities to breakglass_across;
grant update (name, channel, channel_shared, owners_changed_at) on tenants to breakglass_across;
grant update (guest_allowed) on owners to breakglass_across;
grant delete on owners to breakglass_across;
grant select on grants, legs, reviews to breakglass_across;
grant select on audit_events to breakglass_across;
grant select, insert on outbox to breakglass_across;
grant update (state, not_before, attempts, last_error, settled_at, slack_ts, requeued_at) on outbox to breakglass_across;
grant select, insert, update on lanes to breakglass_across;
grant select, insert, update on posted_messages to breakglass_across;
grant select, insert, update on schedules to breakglass_across;
grant select, insert, delete on handled_requests to breakglass_across;

-- The tenant of this transaction; null when none is set, and null equals nothing.
create function current_tenant() returns uuid
  language sql stable parallel safe set search_path = pg_catalog, public, pg_temp
  as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
revoke all on function current_tenant() from public;
grant execute on function current_tenant() to breakglass_app, breakglass_across;

-- One pattern for every table of a tenant, forced for the owner of the database too (docs/adr/0002).
alter table tenants enable row level security, force row level security;
create policy own_tenant on tenants using (id = (select current_tenant())) with check (id = (select current_tenant()));
create policy across on tenants to breakglass_across using (true) with check (true);
do $$
declare name text;
begin
  foreach name in array array['owners', 'grants', 'legs', 'reviews', 'posted_messages'] loop
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('create policy own_tenant on %I using (tenant_id = (select current_tenant()))
      with check (tenant_id = (select current_tenant()))', name);
    execute format('create policy across on %I to breakglass_across using (true) with check (true)', name);
  end loop;
  -- Rows that may belong to no tenant: anyone may add such a row, only `across` reads it.
  foreach name in array array['outbox', 'audit_events'] loop
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('create policy own_tenant on %I for select using (tenant_id = (select current_tenant()))', name);
    execute format('create policy add_own on %I for insert
      with check (tenant_id is null or tenant_id = (select current_tenant()))', name);
    execute format('create policy across on %I to breakglass_across using (true) with check (true)', name);
  end loop;
end $$;

-- So that a start can say that the database is not up to date. (Prisma's table is not there when migrations are replayed.)
do $$
begin
  if to_regclass('_prisma_migrations') is not null then
    grant select on _prisma_migrations to breakglass_app;
  end if;
end $$;

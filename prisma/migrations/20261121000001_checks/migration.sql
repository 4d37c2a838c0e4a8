-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "tenants" UUID[],
    "subjects" TEXT[],
    "actions" TEXT[],
    "default_tenant_id" UUID,
    "per_second" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "revoked_at" TIMESTAMPTZ(6),
    "revoked_by" TEXT,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "use_counts" (
    "grant_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "allowed" BOOLEAN NOT NULL,
    "shard" SMALLINT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "uses" BIGINT NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "use_counts_pkey" PRIMARY KEY ("grant_id","action","allowed","shard")
);

-- CreateTable
CREATE TABLE "volume_alerts" (
    "grant_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "uses" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "volume_alerts_pkey" PRIMARY KEY ("grant_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_name_key" ON "api_keys"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_secret_hash_key" ON "api_keys"("secret_hash");

-- CreateIndex
CREATE INDEX "use_counts_tenant_id_idx" ON "use_counts"("tenant_id");

-- CreateIndex
CREATE INDEX "volume_alerts_tenant_id_idx" ON "volume_alerts"("tenant_id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_default_tenant_id_fkey" FOREIGN KEY ("default_tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "use_counts" ADD CONSTRAINT "use_counts_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume_alerts" ADD CONSTRAINT "volume_alerts_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the tables hold to, whatever code runs.
alter table api_keys
  add constraint key_has_a_known_role check (role = 'service'),
  add constraint key_is_stored_hashed check (length(secret_hash) = 32),
  add constraint key_ends check (expires_at > created_at),
  add constraint key_is_limited check (per_second between 1 and 1000000),
  add constraint key_revoked_whole check ((revoked_at is null) = (revoked_by is null)),
  add constraint default_tenant_is_bound check (default_tenant_id is null or tenants is null or default_tenant_id = any (tenants));
alter table use_counts add constraint use_counts_grow check (uses >= 1 and last_at >= first_at);

-- A key's secret, role and bounds never change, and a revoked one stays revoked: what an audit row says that a key was
-- allowed to ask stays true. The longest life of a key is not a matter for the table.
create function guard_key() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if (new.id, new.name, new.role, new.secret_hash, new.tenants, new.subjects, new.actions, new.default_tenant_id,
      new.per_second, new.created_at, new.created_by, new.expires_at)
     is distinct from
     (old.id, old.name, old.role, old.secret_hash, old.tenants, old.subjects, old.actions, old.default_tenant_id,
      old.per_second, old.created_at, old.created_by, old.expires_at) then
    raise exception 'a key never changes; make another' using errcode = 'check_violation';
  end if;
  if old.revoked_at is not null then
    raise exception 'a revoked key stays revoked' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_key before update on api_keys for each row execute function guard_key();
create trigger guard_removal before delete on api_keys for each row execute function guard_removal();
create trigger guard_truncate before truncate on api_keys execute function guard_removal();
create trigger guard_removal before delete on use_counts for each row execute function guard_removal();
create trigger guard_truncate before truncate on use_counts execute function guard_removal();
create trigger guard_removal before delete on volume_alerts for each row execute function guard_removal();

-- What somebody had until lately, found without walking through all they ever had.
create index ended_lately on grants (tenant_id, requester_id, scope, closed_at) where state in ('ended', 'revoked', 'expired');

-- No row says that access was allowed at a moment when its grant had ended: the row's time is the last one looked at.
alter table audit_events add constraint allowed_by_a_grant_that_lasts check (
  action <> 'access.allowed' or (grant_id is not null and coalesce(at < (details ->> 'expires_at')::timestamptz, false)));

-- What answers checks: it sees grants of every tenant and adds answers, and nothing else.
do $$
begin
  if not exists (select from pg_roles where rolname = 'breakglass_check') then
    create role breakglass_check nologin noinherit;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
end $$;
do $$
begin
  if not pg_has_role('breakglass_app', 'breakglass_check', 'member') then
    grant breakglass_check to breakglass_app;
  end if;
end $$;
grant usage on schema public to breakglass_check;
grant execute on function breakglass_now(), current_tenant(),
  audit_entry(bigint, timestamptz, text, text, uuid, uuid, text, jsonb) to breakglass_check;
grant usage on sequence audit_events_id_seq to breakglass_check;
grant select (id, key, archived_at) on tenants to breakglass_check;
grant select (provider, issuer, external_id, person_id) on identities to breakglass_check;
grant select (id, tenant_id, requester_id, scope, kind, state, expires_at, closed_at) on grants to breakglass_check;
-- Locking a row asks for the privilege to change it; the policy below lets no change through.
grant update (version) on grants to breakglass_check;
grant select on api_keys, policy_epochs to breakglass_check;
grant insert (action, actor, tenant_id, grant_id, request_id, details) on audit_events to breakglass_check;
grant select, insert, update (uses, last_at) on use_counts to breakglass_check;

grant select on use_counts to breakglass_app;
grant select, insert on volume_alerts to breakglass_app;
grant select, insert, update (revoked_at, revoked_by) on api_keys to breakglass_across;
grant select on use_counts, volume_alerts to breakglass_across;
grant delete on identities to breakglass_across;

create policy answer on tenants for select to breakglass_check using (true);
create policy answer on grants for select to breakglass_check using (true);
create policy hold on grants for update to breakglass_check using (true) with check (false);
create policy answer on audit_events for insert to breakglass_check with check (true);
-- What everybody may do in a tenant's scope, it may not: the policies above add to theirs, these two take away.
create policy only_hold on grants as restrictive for update to breakglass_check using (true) with check (false);
create policy only_answer on audit_events as restrictive for insert to breakglass_check
  with check (action in ('access.allowed', 'access.denied', 'access.searched'));
do $$
declare name text;
begin
  foreach name in array array['use_counts', 'volume_alerts'] loop
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('create policy own_tenant on %I using (tenant_id = (select current_tenant()))
      with check (tenant_id = (select current_tenant()))', name);
    execute format('create policy across on %I to breakglass_across using (true) with check (true)', name);
  end loop;
end $$;
create policy answer on use_counts to breakglass_check using (true) with check (true);
revoke all on all functions in schema public from public;

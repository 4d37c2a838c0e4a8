-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "drop_reason" TEXT,
ADD COLUMN     "dropped_at" TIMESTAMPTZ(6),
ADD COLUMN     "dropped_by" TEXT,
ADD COLUMN     "held_until" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "schedules" ADD COLUMN     "channel" TEXT,
ADD COLUMN     "cron" TEXT,
ADD COLUMN     "job" TEXT,
ADD COLUMN     "timezone" TEXT;

-- Keys of admins administer (docs/adr/0017).
alter table api_keys drop constraint key_has_a_known_role;
alter table api_keys add constraint key_has_a_known_role check (role in ('service', 'auditor', 'admin'));

-- A tenant keeps its key, which others have written down; `system` is nobody's.
create function guard_tenant() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.key = 'system' or (tg_op = 'UPDATE' and old.key = 'system') then
    raise exception 'the system tenant is protected' using errcode = 'check_violation';
  end if;
  if tg_op = 'UPDATE' and (new.id, new.key, new.created_at) is distinct from (old.id, old.key, old.created_at) then
    raise exception 'a tenant keeps its key' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_tenant before insert or update on tenants for each row execute function guard_tenant();

-- No access is asked for at a tenant that was archived meanwhile. Looked at when the transaction ends: the foreign key
-- holds the tenant's row by then, so whoever archives it comes before, and is seen, or after, and closes the grant. Whoever
-- was too late is tried again, and refused by the rule.
create function guard_archived() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (select from tenants where id = new.tenant_id and archived_at is not null) then
    raise exception 'the tenant was archived' using errcode = 'serialization_failure';
  end if;
  return null;
end $$;
create constraint trigger not_at_an_archived_tenant after insert on grants
  deferrable initially deferred for each row execute function guard_archived();

-- The file's digest has its row for what was sent; its times are in the file. Every other schedule has them here.
alter table schedules
  add constraint schedule_is_whole check (
    (name in ('digest', 'seal_alarm')) = (cron is null) and (cron is null) = (job is null) and (cron is null) = (timezone is null)
    and (cron is not null or channel is null)),
  add constraint schedule_has_a_known_job check (job in ('digest', 'open_reviews', 'checkpoint'));
-- Every process looks anew when one was made, changed or removed; that one ran is no news, and neither is the look itself,
-- which makes sure of a row by an insert that mostly inserts nothing: rung for the statement, the bell would never rest.
create trigger ring after insert or delete on schedules for each row execute function ring('breakglass_schedules');
create trigger ring_again after update of job, cron, timezone, channel on schedules for each statement
  execute function ring('breakglass_schedules');

-- What may be dropped at all is a closed list: the requester's own copies, a summary that goes to neither owners nor
-- security, and a card that a newer one has replaced. What is not on it nobody may keep from those who have to be told.
create function may_be_dropped(notice outbox) returns boolean language sql stable
  set search_path = pg_catalog, public, pg_temp as $$
  select case notice.kind
    when 'digest' then notice.tenant_id is null and not exists (select from tenants t where t.channel = notice.destination)
    when 'fact' then notice.destination ~ '^[DUW]'
    when 'card' then notice.payload ->> 'audience' = 'requester' or exists (
      select from outbox newer
       where newer.grant_id = notice.grant_id and newer.kind = 'card' and newer.destination = notice.destination
         and newer.id > notice.id and newer.state = 'delivered')
    else false
  end
$$;

-- A dropped notice stays dead, is on no list, and is never sent again.
create function guard_dropping() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' or old.state <> 'dead' or new.state <> 'dead' then
    raise exception 'only a dead notice is dropped, and a dropped one stays dead' using errcode = 'check_violation';
  end if;
  if old.dropped_at is not null then
    raise exception 'a dropped notice stays dropped' using errcode = 'check_violation';
  end if;
  if may_be_dropped(old) is not true then
    raise exception 'this notice is not to be silenced' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_dropping before update on outbox for each row
  when (old.dropped_at is not null or new.dropped_at is not null) execute function guard_dropping();
create trigger guard_dropped before insert on outbox for each row
  when (new.dropped_at is not null) execute function guard_dropping();
alter table outbox
  add constraint dropped_whole check (
    (dropped_at is null) = (dropped_by is null) and (dropped_at is null) = (drop_reason is null)),
  -- Long enough for any maintenance, too short to silence anybody.
  add constraint held_for_a_week_at_most check (held_until <= coalesce(requeued_at, created_at) + interval '7 days');
-- Whoever has to be told waits a quarter of an hour for somebody's word, counted from when the notice was written or sent
-- again: once, however often it is said.
create function guard_holding() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.held_until > coalesce(new.requeued_at, new.created_at) + interval '15 minutes' and may_be_dropped(new) is not true then
    raise exception 'this notice is not to be silenced' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_holding before insert or update of held_until on outbox for each row
  when (new.held_until is not null) execute function guard_holding();
create trigger ring_retimed after update of held_until on outbox for each row execute function ring('breakglass_outbox');
drop index dead_notices;
create index dead_notices on outbox (id) where state = 'dead' and dropped_at is null;
create index held_notices on outbox (held_until) where state = 'waiting' and held_until is not null;

-- Who may do what: as in the migrations before.
grant update (archived_at) on tenants to breakglass_across;
grant update (held_until, dropped_at, dropped_by, drop_reason) on outbox to breakglass_across;
grant delete on schedules to breakglass_across;
revoke all on all functions in schema public from public;
grant execute on function may_be_dropped(outbox) to breakglass_across;

-- The evidence: rows that are only ever added, each with the exact bytes that will be vouched for.

-- One function for every writer: fixed key order, UTC microseconds, `details` as jsonb prints it (keys by length, then
-- by byte). Changing it changes only new rows: the text is stored.
create function audit_entry(
  id bigint, at timestamptz, action text, actor text, tenant_id uuid, grant_id uuid, request_id text, details jsonb)
  returns text language sql stable parallel safe
  -- A body in this form is resolved here and now: no search path of a later caller has a say, and it costs each row little.
  return '{"v":1,"id":' || id
    || ',"at":"' || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'
    || ',"action":' || to_json(action)
    || ',"actor":' || to_json(actor)
    || ',"tenant":' || coalesce('"' || tenant_id || '"', 'null')
    || ',"grant":' || coalesce('"' || grant_id || '"', 'null')
    || ',"request_id":' || to_json(request_id)
    || ',"details":' || details
    || '}';

-- Every name in it has its schema, so that it needs no search path, which would cost each row.
create function write_audit_entry() returns trigger language plpgsql as $$
begin
  new.at := public.breakglass_now();
  new.entry := public.audit_entry(new.id, new.at, new.action, new.actor, new.tenant_id, new.grant_id, new.request_id, new.details);
  return new;
end $$;
create trigger write_audit_entry before insert on audit_events for each row execute function write_audit_entry();

create function guard_history() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  raise exception 'audit rows are never changed or removed' using errcode = 'insufficient_privilege';
end $$;
-- For each statement, so that one which finds no row in its scope is told so too.
create trigger guard_history before update or delete or truncate on audit_events execute function guard_history();

alter table audit_events
  add constraint details_are_an_object check (jsonb_typeof(details) = 'object'),
  add constraint grant_rows_name_their_tenant check (grant_id is null or tenant_id is not null);

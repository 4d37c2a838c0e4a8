-- Who is waiting for news is told at commit: an approval shows within a second, a grant ends on time.
-- The payload is constant, so a transaction with many changes rings once.
create function ring() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;
create trigger ring after insert on outbox for each statement execute function ring('breakglass_outbox');
-- A notice that was settled is no news to whoever delivers; one that waits again is.
create trigger ring_again after update of state on outbox for each row when (new.state = 'waiting')
  execute function ring('breakglass_outbox');
create trigger ring after insert or update of state on grants for each statement execute function ring('breakglass_clock');
create trigger ring after insert or update or delete on tenants for each statement execute function ring('breakglass_tenants');
create trigger ring after insert on policy_epochs for each statement execute function ring('breakglass_policy');

-- Each destination has its lane, whoever writes the notice. `on conflict` alone would wait for whoever changes the lane:
-- a worker that settles a card there needs the grant for it, which a decision holds while it writes notices. New ones are
-- opened in one order, so that two who open the same never wait for each other.
create function open_lane() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into lanes (destination)
  select distinct destination from added a
   where not exists (select from lanes l where l.destination = a.destination) order by destination
  on conflict do nothing;
  return null;
end $$;
create trigger open_lane after insert on outbox referencing new table as added
  for each statement execute function open_lane();
revoke all on all functions in schema public from public;

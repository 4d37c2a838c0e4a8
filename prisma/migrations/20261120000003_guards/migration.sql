-- What must hold whatever code runs: promise 1 and the lifecycle, once more in the database.
-- Each function looks for its tables in `public` before the session's temporary schema, which would come first if it
-- were not named: a temporary table called `legs` would otherwise answer for the real one.

-- Prisma leaves lists nullable; with null, every comparison below would be unknown, which a check takes for true.
alter table grants alter column required_legs set not null;
alter table grants
  add constraint scope_belongs_to_its_kind check (
    (kind = 'break_glass' and scope in ('content_access', 'create_platform_owner', 'reset_admin_password', 'reenable_admin'))
    or (kind = 'support_access' and scope in ('audit_view', 'workspace_recovery'))),
  add constraint circumstance_is_for_break_glass check (
    (kind = 'break_glass') = (circumstance is not null)
    and coalesce(circumstance in ('no_owner_can_sign_in', 'all_admins_locked_out', 'critical_incident'), true)),
  add constraint break_glass_keeps_two_legs check (kind <> 'break_glass' or cardinality(required_legs) >= 2),
  add constraint only_audit_view_has_no_legs check (scope = 'audit_view' or cardinality(required_legs) >= 1),
  add constraint recovery_keeps_its_owner check (
    scope <> 'workspace_recovery' or waived or 'owner' = any (required_legs)),
  add constraint reason_is_worth_reading check (char_length(reason) between 15 and 1000),
  add constraint minutes_are_never_lengthened check (minutes_granted between 1 and minutes_asked),
  add constraint lapses_after_request check (lapses_at > requested_at),
  add constraint state_and_timestamps_agree check (
    case state
      when 'requested' then activated_at is null and closed_at is null
      when 'active' then activated_at is not null and closed_at is null
      when 'denied' then activated_at is null and closed_at is not null
      when 'withdrawn' then activated_at is null and closed_at is not null
      when 'lapsed' then activated_at is null and closed_at is not null
      else activated_at is not null and closed_at is not null
    end
    and (activated_at is null) = (expires_at is null)),
  add constraint activated_before_it_lapsed check (activated_at >= requested_at and activated_at < lapses_at),
  add constraint lasts_as_long_as_granted check (
    extract(epoch from expires_at) = extract(epoch from activated_at) + minutes_granted * 60),
  add constraint closed_after_it_began check (closed_at >= coalesce(activated_at, requested_at)),
  add constraint never_expired_early check (state <> 'expired' or closed_at >= expires_at),
  add constraint only_a_person_closes_outside check (not closed_outside or closed_by is not null),
  add constraint never_lapsed_early check (state <> 'lapsed' or closed_at >= lapses_at);

alter table identities
  add constraint standing_is_slacks_word check (
    standing is null or (provider = 'slack' and standing in ('member', 'guest', 'foreign', 'refused')));

alter table legs
  add constraint decided_by_somebody_at_some_time check (
    (verdict is null) = (person_id is null) and (verdict is null) = (decided_at is null)),
  add constraint only_a_decision_is_outside check (not outside or verdict is not null),
  add constraint minutes_come_with_approval check (minutes is null or (verdict = 'approved' and minutes >= 1));

alter table reviews
  add constraint reviewed_whole check (
    (reviewed_at is null) = (reviewer_id is null) and (reviewed_at is null) = (answers is null)),
  add constraint excused_whole check (
    (excused_at is null) = (excused_by is null) and (excused_at is null) = (excuse_reason is null)),
  add constraint nobody_reviews_or_excuses_themselves check (reviewer_id <> operator_id and excused_by <> operator_id);

alter table outbox
  add constraint settled_when_not_waiting check ((state = 'waiting') = (settled_at is null)),
  add constraint dead_with_a_reason check (state <> 'dead' or last_error is not null);

-- One open grant for a tenant, operator and scope: overlapping ones could not be told apart at their end.
create unique index one_open_grant on grants (tenant_id, requester_id, scope) where state in ('requested', 'active');
-- One person fills at most one leg, also when two transactions try at once.
create unique index one_approval_a_person on legs (grant_id, person_id) where verdict = 'approved';

-- What is due, active or waiting, so that the cost of looking grows with that and not with history.
create index due_to_expire on grants (expires_at) where state = 'active';
create index due_to_lapse on grants (lapses_at) where state = 'requested';
create index open_by_requester on grants (requester_id) where state in ('requested', 'active');
create index closed_lately on grants (closed_at) where closed_at is not null;
create index reviews_owed on reviews (operator_id, due_at) where reviewed_at is null and excused_at is null;
create index waiting_in_order on outbox (destination, (requeued_at is not null), id) where state = 'waiting';
create index dead_notices on outbox (id) where state = 'dead';

-- A grant is made as a request and moves only along the lifecycle; what was asked never changes.
create function guard_grant() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'requested' or new.version <> 1 then
      raise exception 'a grant begins as a request' using errcode = 'check_violation';
    end if;
    if new.requested_at > breakglass_now() then
      raise exception 'nothing happens in the future' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if (new.id, new.tenant_id, new.kind, new.scope, new.circumstance, new.requester_id, new.reason, new.ticket,
      new.minutes_asked, new.required_legs, new.waived, new.group_members, new.policy_hash, new.outside, new.provider_operator, new.requested_at)
     is distinct from
     (old.id, old.tenant_id, old.kind, old.scope, old.circumstance, old.requester_id, old.reason, old.ticket,
      old.minutes_asked, old.required_legs, old.waived, old.group_members, old.policy_hash, old.outside, old.provider_operator, old.requested_at) then
    raise exception 'what was asked for never changes' using errcode = 'check_violation';
  end if;
  if new.version <= old.version then
    raise exception 'a change needs a newer version' using errcode = 'check_violation';
  end if;
  if new.minutes_granted > old.minutes_granted or new.lapses_at > old.lapses_at then
    raise exception 'a grant can be shortened, never lengthened' using errcode = 'check_violation';
  end if;
  if old.activated_at is not null and (new.activated_at, new.expires_at) is distinct from (old.activated_at, old.expires_at) then
    raise exception 'an active grant keeps its end' using errcode = 'check_violation';
  end if;
  if not ((old.state = 'requested' and new.state in ('requested', 'active', 'denied', 'withdrawn', 'lapsed'))
          or (old.state = 'active' and new.state in ('ended', 'revoked', 'expired'))) then
    raise exception 'a grant does not go from % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if new.activated_at > breakglass_now() or new.closed_at > breakglass_now() then
    raise exception 'nothing happens in the future' using errcode = 'check_violation';
  end if;
  -- The moment of activation is the writer's word; a transaction that read the clock just in time has a few seconds.
  if old.state = 'requested' and new.state = 'active' and breakglass_now() >= old.lapses_at + interval '10 seconds' then
    raise exception 'a request that lapsed is not activated' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_grant before insert or update on grants for each row execute function guard_grant();

-- A leg is decided once, while its request waits, and never by the requester. The share lock waits for whoever is closing
-- the request just now.
create function guard_leg() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  asked_by uuid;
  its_state grant_state;
begin
  if tg_op = 'UPDATE' then
    if old.verdict is not null then
      raise exception 'the % leg is already decided', old.role using errcode = 'check_violation';
    end if;
    if (new.grant_id, new.role, new.tenant_id) is distinct from (old.grant_id, old.role, old.tenant_id) then
      raise exception 'a leg stays with its grant' using errcode = 'check_violation';
    end if;
  end if;
  select requester_id, state into asked_by, its_state from grants where id = new.grant_id for share;
  if not found then
    raise exception 'the grant of this leg is out of sight' using errcode = 'check_violation';
  end if;
  if its_state <> 'requested' then
    raise exception 'a grant that is % takes no decision', its_state using errcode = 'check_violation';
  end if;
  if new.person_id = asked_by then
    raise exception 'nobody decides their own request' using errcode = 'check_violation';
  end if;
  if new.decided_at > breakglass_now() then
    raise exception 'nothing happens in the future' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_leg before insert or update on legs for each row execute function guard_leg();

-- History of access stays: no grant, leg, review or tenant is ever removed.
create function guard_removal() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  raise exception '% rows are never removed', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger guard_removal before delete on grants for each row execute function guard_removal();
create trigger guard_removal before delete on legs for each row execute function guard_removal();
create trigger guard_removal before delete on reviews for each row execute function guard_removal();
create trigger guard_removal before delete on tenants for each row execute function guard_removal();
create trigger guard_removal before delete on policies for each row execute function guard_removal();
create trigger guard_removal before delete on policy_epochs for each row execute function guard_removal();
create trigger guard_truncate before truncate on grants execute function guard_removal();
create trigger guard_truncate before truncate on legs execute function guard_removal();
create trigger guard_truncate before truncate on reviews execute function guard_removal();
create trigger guard_truncate before truncate on policy_epochs execute function guard_removal();

-- The two-person rule, looked at when everything in the transaction is done. A row that can't be seen counts as missing:
-- hiding a grant or its legs fails the commit.
create function guard_two_persons() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  this grants;
  its_legs leg_role[];
  approved int;
  approvers int;
begin
  select * into this from grants where id = case tg_table_name when 'grants' then (to_jsonb(new) ->> 'id')::uuid
                                                              else (to_jsonb(new) ->> 'grant_id')::uuid end;
  if not found then
    raise exception 'the grant of this change is out of sight' using errcode = 'check_violation';
  end if;
  select coalesce(array_agg(role order by role), '{}'), count(*) filter (where verdict = 'approved'),
         count(distinct person_id) filter (where verdict = 'approved' and person_id <> this.requester_id)
    into its_legs, approved, approvers
    from legs where grant_id = this.id;
  if its_legs is distinct from (select coalesce(array_agg(role order by role), '{}') from unnest(this.required_legs) role) then
    raise exception 'a grant has exactly the legs it was requested with' using errcode = 'check_violation';
  end if;
  if this.activated_at is not null
     and (approved, approvers) is distinct from (cardinality(this.required_legs), cardinality(this.required_legs)) then
    raise exception 'a grant is active only when every leg is approved, each by a different person, none the requester'
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger two_persons after insert or update on grants
  deferrable initially deferred for each row execute function guard_two_persons();
create constraint trigger two_persons after insert or update on legs
  deferrable initially deferred for each row execute function guard_two_persons();

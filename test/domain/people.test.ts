import { describe, expect, test } from 'vitest';
import {
  type Actor,
  hasRole,
  hasRoleFor,
  mayFill,
  NOBODY,
  ownsTenant,
  type Standing,
} from '../../src/domain/people.ts';
import { ofSecurityInterest } from '../../src/domain/refusals.ts';
import { asWord, circumstances, kindOf, legRoles, type Scope, scopes, staffRoles } from '../../src/domain/words.ts';
import { aGrant, catalogue, kindInCatalogue, ops, owner, owners, security, someone } from './builders.ts';

const standings: Standing[] = ['member', 'guest', 'foreign', 'refused', 'unknown'];

describe('a staff role counts', () => {
  test.each(standings)('for a full, active member only: standing %s', (standing) => {
    for (const role of staffRoles) {
      const actor = someone('staff', { standing, roles: { [role]: 'named' } });
      expect(hasRole(actor, role)).toBe(standing === 'member');
      expect(hasRoleFor(actor, role, aGrant())).toBe(standing === 'member');
    }
  });

  test('for no other role', () => {
    for (const held of staffRoles) {
      const actor = someone('staff', { roles: { [held]: 'named' } });
      expect(staffRoles.filter((role) => hasRole(actor, role))).toEqual([held]);
      expect(staffRoles.filter((role) => hasRoleFor(actor, role, aGrant()))).toEqual([held]);
    }
  });

  test('for nobody by default', () => {
    expect(staffRoles.filter((role) => hasRole(someone('staff'), role))).toEqual([]);
  });
});

describe('a role from a user group counts for a request', () => {
  const member = someone('U0MEMBER', { roles: { security: 'group' } });
  const snapshot = (names: string[]) => aGrant({ groupMembers: { security: names } });
  const cases: [string, Actor, string[] | null, boolean][] = [
    ['of who was in the group when it was made, and still is', member, [member.name], true],
    ['not of who joined since', member, ['slack:T0HOME:U0OTHER'], false],
    ['not where the group was empty', member, [], false],
    ['not where nobody looked', member, null, false],
    ['not of who has left since', someone('U0MEMBER'), [member.name], false],
    ['not of a namesake from another team', { ...member, name: 'slack:T0OTHER:U0MEMBER' }, [member.name], false],
    ['not by the id alone', member, ['U0MEMBER'], false],
    ['of who is also named, whatever the group was', someone('U0MEMBER', { roles: { security: 'named' } }), [], true],
  ];
  test.each(cases)('%s', (_, actor, names, allowed) => {
    const grant = names === null ? aGrant() : snapshot(names);
    expect(hasRoleFor(actor, 'security', grant)).toBe(allowed);
    expect(mayFill(actor, 'security', grant, owners)).toBe(allowed);
  });

  test('for the role of that group alone', () => {
    const actor = someone('U0MEMBER', { roles: { ops: 'group', security: 'group' } });
    expect(hasRoleFor(actor, 'ops', snapshot([actor.name]))).toBe(false);
  });

  test('and outright for acts that no request constrains', () => {
    expect(hasRole(member, 'security')).toBe(true);
  });
});

describe('who owns the tenant', () => {
  const listed = (guestAllowed: boolean) => [
    { person: 'other', guestAllowed: true },
    { person: 'owner', guestAllowed },
  ];
  const table: [Standing, boolean, boolean][] = [
    ['member', false, true],
    ['member', true, true],
    ['guest', false, false],
    ['guest', true, true],
    ['foreign', true, true],
    ['refused', true, false],
    ['unknown', true, false],
  ];
  test.each(table)('standing %s, allowed by the file for that person %s: %s', (standing, allowed, owning) => {
    expect(ownsTenant({ ...owner, standing }, listed(allowed))).toBe(owning);
    expect(mayFill({ ...owner, standing }, 'owner', aGrant(), listed(allowed))).toBe(owning);
  });

  test('nobody where no owner is listed, and nobody who is not listed', () => {
    for (const standing of standings) {
      expect(ownsTenant({ ...owner, standing }, [])).toBe(false);
      expect(ownsTenant(someone('stranger', { standing }), listed(true))).toBe(false);
    }
  });

  test('nobody is no person, and still one that a database of UUIDs can be asked about', () => {
    expect(NOBODY).toMatch(/^0{8}(-0{4}){3}-0{12}$/);
    expect(ownsTenant(someone(NOBODY), listed(true))).toBe(false);
  });

  test('an owner fills the owner leg and no other; staff fill theirs and not the owner`s', () => {
    const fillable = (actor: Actor) => legRoles.filter((leg) => mayFill(actor, leg, aGrant(), owners));
    expect(fillable(owner)).toEqual(['owner']);
    expect(fillable(ops)).toEqual(['ops']);
    expect(fillable(security)).toEqual(['security']);
    const everything = Object.fromEntries(staffRoles.map((role) => [role, 'named']));
    expect(fillable(someone('staff', { roles: everything }))).toEqual(['ops', 'security']);
  });
});

describe('words', () => {
  const all = Object.keys(catalogue).map((scope): [string] => [scope]);
  test.each(all)('%s belongs to the command of the catalogue', (name) => {
    const scope = asWord<Scope>(scopes, name);
    expect(scope).toBe(name);
    if (scope) expect(kindOf(scope)).toBe(kindInCatalogue(scope));
  });

  test('are a closed list', () => {
    for (const none of ['', 'Content_access', ' content_access', 'toString', '__proto__', null, undefined, 0, []]) {
      expect(asWord(scopes, none)).toBeUndefined();
      expect(asWord(circumstances, none)).toBeUndefined();
    }
    expect([...scopes].sort()).toEqual(Object.keys(catalogue).sort());
  });
});

test('a refusal that probing would cause is of security interest; a slip of the pen or a late click is not', () => {
  const kinds = Object.entries(ofSecurityInterest);
  const silent = kinds.filter(([, recorded]) => !recorded).map(([kind]) => kind);
  expect(silent.sort()).toEqual(
    [
      ...['no_circumstance', 'reason_length', 'ticket_format', 'questions_unanswered'],
      ...['already_open', 'leg_decided', 'not_requested', 'not_active', 'not_shorter', 'already_reviewed'],
      ...['not_due', 'no_review', 'not_closed', 'policy_outdated', 'note_missing', 'link_missing'],
      ...['never_active', 'links_wrong', 'evidence_too_large', 'nothing_attached'],
      ...['step_up_needed', 'link_of_the_file'],
    ].sort(),
  );
  for (const kind of ['own_request', 'not_the_role', 'decided_another_leg', 'not_yours', 'not_an_operator']) {
    expect(kinds).toContainEqual([kind, true]);
  }
});

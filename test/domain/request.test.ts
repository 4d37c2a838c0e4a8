import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/people.ts';
import type { Refusal } from '../../src/domain/refusals.ts';
import { type Asked, type RequestGrounds, request } from '../../src/domain/request.ts';
import type { Scope } from '../../src/domain/words.ts';
import {
  aGrant,
  aPolicy,
  asked,
  aTenant,
  at,
  catalogue,
  eventsOf,
  frozen,
  grantAfter,
  operator,
  refusalOf,
  requestGrounds,
  someone,
} from './builders.ts';

interface Case {
  actor?: Actor;
  asked?: Partial<Asked>;
  grounds?: Partial<RequestGrounds>;
}
const decide = ({ actor = operator, asked: form, grounds }: Case) =>
  request(frozen(actor), frozen(asked(form)), frozen(requestGrounds(grounds)));
const nameOfEvents = (decision: ReturnType<typeof decide>) => eventsOf(decision).map(({ name }) => name);

const everyScope: [Scope, string[]][] = [
  ['content_access', ['owner', 'security']],
  ['create_platform_owner', ['ops', 'security']],
  ['reset_admin_password', ['ops', 'security']],
  ['reenable_admin', ['ops', 'security']],
  ['audit_view', []],
  ['workspace_recovery', ['owner']],
];

describe('who may request', () => {
  const nobody: [string, Actor][] = [
    ['somebody without a role', someone('outsider')],
    [
      'ops, security, auditor and admin in one person, who is no operator',
      someone('staff', { roles: { ops: 'named', security: 'named', auditor: 'named', admin: 'named' } }),
    ],
    ['an owner of the tenant', someone('owner')],
    ...(['guest', 'foreign', 'refused', 'unknown'] as const).map((standing): [string, Actor] => [
      `an operator whose standing is ${standing}`,
      someone('operator', { standing, roles: { operator: 'named' } }),
    ]),
  ];
  test.each(nobody)('%s is not an operator', (_, actor) => {
    expect(refusalOf(decide({ actor }))).toEqual({ kind: 'not_an_operator' });
  });

  test('who is not an operator learns neither whether the tenant exists nor what is wrong with the form', () => {
    const actor = someone('outsider');
    const overdue = { tenant: null, open: 'active', reviewOverdue: { since: at(-1), grant: 'before' } } as const;
    expect(refusalOf(decide({ actor, asked: { reason: '', ticket: '' }, grounds: overdue }))).toEqual({
      kind: 'not_an_operator',
    });
  });

  test('an operator by a user group may request: membership now is what counts for one who asks', () => {
    expect(nameOfEvents(decide({ actor: someone('operator', { roles: { operator: 'group' } }) }))).toEqual([
      'requested',
    ]);
  });
});

describe('a request is refused', () => {
  const bounds = { kind: 'reason_length', field: 'reason', min: 15, max: 1000 } as const;
  const mistakes: [string, Case, Refusal][] = [
    ['for a tenant that does not exist', { grounds: { tenant: null } }, { kind: 'unknown_tenant' }],
    [
      'for a tenant that is archived, with the same words',
      { grounds: { tenant: aTenant({ archived: true }) } },
      { kind: 'unknown_tenant' },
    ],
    [
      'for a support scope by /breakglass',
      { asked: { kind: 'break_glass', scope: 'audit_view' } },
      { kind: 'scope_of_other_command', scope: 'audit_view' },
    ],
    [
      'for a break-glass scope by /support-access',
      { asked: { kind: 'support_access', scope: 'content_access', circumstance: null } },
      { kind: 'scope_of_other_command', scope: 'content_access' },
    ],
    ['for break-glass without a circumstance', { asked: { circumstance: null } }, { kind: 'no_circumstance' }],
    [
      'for support access with a circumstance of break-glass',
      { asked: { scope: 'audit_view', circumstance: 'critical_incident' } },
      { kind: 'no_circumstance' },
    ],
    ['without a reason', { asked: { reason: '' } }, { ...bounds, found: 0 }],
    ['for a reason of spaces', { asked: { reason: ' '.repeat(40) } }, { ...bounds, found: 40 }],
    ['for a reason padded with spaces', { asked: { reason: `${' '.repeat(20)}help` } }, { ...bounds, found: 24 }],
    ['for a reason of zero-width spaces', { asked: { reason: '\u200B'.repeat(40) } }, { ...bounds, found: 40 }],
    ['for a reason of no-break spaces', { asked: { reason: '\u00A0'.repeat(40) } }, { ...bounds, found: 40 }],
    ['for a reason of marks of direction', { asked: { reason: '\u202E'.repeat(40) } }, { ...bounds, found: 40 }],
    [
      'for a reason padded with what nobody sees',
      { asked: { reason: `\u2060help${'\u200B'.repeat(19)}` } },
      { ...bounds, found: 24 },
    ],
    ['for NUL in the reason', { asked: { reason: 'Search is down\0 for all of Acme.' } }, unprintable('reason')],
    ['for half an emoji in the reason', { asked: { reason: 'Search is down \uD83D again.' } }, unprintable('reason')],
    ['for NUL in the ticket', { asked: { ticket: 'INC-42\0' } }, unprintable('ticket')],
    ['for half an emoji in the ticket', { asked: { ticket: 'INC-42\uDE92' } }, unprintable('ticket')],
    [
      'while the same access waits for approval',
      { grounds: { open: 'requested' } },
      { kind: 'already_open', state: 'requested' },
    ],
    ['while the same access is active', { grounds: { open: 'active' } }, { kind: 'already_open', state: 'active' }],
    [
      'for break-glass by an operator with an overdue review',
      { grounds: { reviewOverdue: { since: at(-90), grant: 'before' } } },
      { kind: 'review_overdue', since: at(-90), grant: 'before' },
    ],
  ];
  test.each(mistakes)('%s', (_, wrong, refusal) => {
    expect(refusalOf(decide(wrong))).toEqual(refusal);
  });

  function unprintable(field: 'reason' | 'ticket'): Refusal {
    return { kind: 'unprintable_text', field };
  }

  test.each(['', 'INC', 'inc-42', 'INC-42 ', ' INC-42', 'INC-42\n', 'INC-42\nINC-43', 'x INC-42', 'INC-42; --'])(
    'for the ticket %j, which is not of the pattern',
    (ticket) => {
      expect(refusalOf(decide({ asked: { ticket } }))).toEqual({ kind: 'ticket_format', pattern: '^[A-Z]+-\\d+$' });
    },
  );

  test('for a ticket over 100 characters, even if it is of the pattern', () => {
    expect(nameOfEvents(decide({ asked: { ticket: `INC-${'4'.repeat(96)}` } }))).toEqual(['requested']);
    expect(refusalOf(decide({ asked: { ticket: `INC-${'4'.repeat(97)}` } })).kind).toBe('ticket_format');
  });

  test('an overdue review does not stand in the way of support access', () => {
    const grounds = { reviewOverdue: { since: at(-90), grant: 'before' } };
    expect(nameOfEvents(decide({ asked: { scope: 'workspace_recovery' }, grounds }))).toEqual(['requested']);
  });
});

describe('a reason has 15 to 1,000 characters, counted as people count', () => {
  const lengths: [string, string, number, boolean][] = [
    ['14 letters', 'a'.repeat(14), 14, false],
    ['15 letters', 'a'.repeat(15), 15, true],
    ['1,000 letters', 'a'.repeat(1000), 1000, true],
    ['1,001 letters', 'a'.repeat(1001), 1001, false],
    ['14 emoji, 28 UTF-16 units', '🚒'.repeat(14), 14, false],
    ['15 emoji', '🚒'.repeat(15), 15, true],
    ['1,000 emoji, 2,000 UTF-16 units', '🚒'.repeat(1000), 1000, true],
    ['1,001 emoji', '🚒'.repeat(1001), 1001, false],
    ['15 letters between spaces', `  ${'a'.repeat(15)}  `, 19, true],
    ['14 letters between spaces', `  ${'a'.repeat(14)}  `, 18, false],
    ['15 letters between zero-width spaces', `\u200B${'a'.repeat(15)}\u200B`, 17, true],
    ['14 letters between zero-width spaces', `\u200B${'a'.repeat(14)}\u200B`, 16, false],
    ['14 emoji between no-break spaces', `\u00A0${'🚒'.repeat(14)}\u00A0`, 16, false],
    ['1,000 letters and a zero-width space', `${'a'.repeat(1000)}\u200B`, 1001, false],
  ];
  test.each(lengths)('%s', (_, reason, found, accepted) => {
    const decision = decide({ asked: { reason } });
    if (accepted) expect(nameOfEvents(decision)).toEqual(['requested']);
    else expect(refusalOf(decision)).toEqual({ kind: 'reason_length', field: 'reason', min: 15, max: 1000, found });
  });

  test.each(['  <@U0OPS> *Search* is down\n=1+1 🚒  ', '\u200B\u00A0Search\u200D is down again\u2060\uFEFF'])(
    'and is kept exactly as typed, spaces and invisible characters and all: %j',
    (reason) => {
      expect(grantAfter(aGrant(), decide({ asked: { reason } })).reason).toBe(reason);
    },
  );
});

describe('the time asked for is a whole number of minutes from 1 to the longest of the scope', () => {
  test.each(everyScope)('%s', (scope) => {
    const { max } = catalogue[scope].minutes;
    for (const minutes of [1, max]) {
      expect(nameOfEvents(decide({ asked: { scope, minutes } }))[0]).toBe('requested');
    }
    for (const minutes of [0, -1, 0.5, 1.5, max + 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(refusalOf(decide({ asked: { scope, minutes } }))).toEqual({ kind: 'minutes_out_of_bounds', max });
    }
  });
});

describe('a request', () => {
  test.each(everyScope)('for %s needs the legs %j', (scope, roles) => {
    const grant = grantAfter(aGrant(), decide({ asked: { scope } }));
    expect(grant.legs).toEqual(roles.map((role) => ({ role, decision: null })));
    expect(grant.waived).toBe(false);
  });

  test.each(everyScope)('for %s waits as long as the policy of that scope says', (scope) => {
    expect(grantAfter(aGrant(), decide({ asked: { scope } })).lapsesAt).toEqual(at(catalogue[scope].lapseMinutes));
    const grounds = { policy: aPolicy({ [scope]: { lapseMinutes: 7 } }) };
    expect(grantAfter(aGrant(), decide({ asked: { scope }, grounds })).lapsesAt).toEqual(at(7));
  });

  test('carries what was asked, who asks, the policy in force and who was in the groups', () => {
    const groupMembers = { security: ['slack:T0HOME:U0ONE'] };
    const events = eventsOf(decide({ asked: { minutes: 45 }, grounds: { groupMembers } }));
    expect(events).toEqual([
      { name: 'requested', grant: aGrant({ minutesAsked: 45, minutesGranted: 45, groupMembers }) },
    ]);
  });

  test('for audit_view is active at once, and its clock starts then', () => {
    const decision = decide({ asked: { scope: 'audit_view', minutes: 240 }, grounds: { now: at(3) } });
    expect(eventsOf(decision).slice(1)).toEqual([{ name: 'activated', at: at(3), expiresAt: at(243), minutes: 240 }]);
    expect(grantAfter(aGrant(), decision).status).toEqual({ state: 'active', activatedAt: at(3), expiresAt: at(243) });
  });

  test('for anything that has legs is not active by asking', () => {
    for (const [scope, roles] of everyScope.filter(([, legs]) => legs.length > 0)) {
      expect(roles).not.toEqual([]);
      expect(grantAfter(aGrant(), decide({ asked: { scope } })).status).toEqual({ state: 'requested' });
    }
    const strict = { policy: aPolicy({ audit_view: { legs: ['security'] } }) };
    expect(nameOfEvents(decide({ asked: { scope: 'audit_view' }, grounds: strict }))).toEqual(['requested']);
  });
});

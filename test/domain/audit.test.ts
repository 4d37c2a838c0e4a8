import { describe, expect, test } from 'vitest';
import { auditActions, recordOf } from '../../src/domain/audit.ts';
import type { EvidenceEvent, GrantEvent, ReviewEvent } from '../../src/domain/events.ts';
import { kinds } from '../../src/domain/words.ts';
import { aGrant, at, everyAnswer } from './builders.ts';

const nameOf = (person: string) => `slack:T0HOME:${person}`;
const by = 'p1';
const reason = '  Not <now>\n';
const groupMembers = { security: ['slack:T0HOME:U0ONE'] };
const asked = aGrant({ minutesAsked: 45, minutesGranted: 45, groupMembers, policyHash: 'ff', lapsesAt: at(60) });

const sha256 = 'ab'.repeat(32);

const onRecord: [GrantEvent | ReviewEvent | EvidenceEvent, Record<string, unknown>][] = [
  [
    { name: 'requested', grant: asked },
    {
      requester: 'slack:T0HOME:operator',
      person: 'operator',
      scope: 'content_access',
      circumstance: 'critical_incident',
      reason: 'Search is down for the whole of Acme.',
      ticket: 'INC-42',
      minutes: 45,
      legs: ['owner', 'security'],
      waived: false,
      group_members: groupMembers,
      policy: 'ff',
      requested_at: at(0),
      lapses_at: at(60),
    },
  ],
  [{ name: 'ownerless_waived', legs: ['security', 'ops'] }, { legs: ['security', 'ops'] }],
  [
    { name: 'approved', leg: 'owner', by, at: at(1), minutes: 30, comment: reason },
    { leg: 'owner', person: by, minutes: 30, comment: reason, decided_at: at(1) },
  ],
  [
    { name: 'activated', at: at(2), expiresAt: at(32), minutes: 30 },
    { activated_at: at(2), expires_at: at(32), minutes: 30 },
  ],
  [
    { name: 'denied', leg: 'security', by, at: at(1), reason },
    { leg: 'security', person: by, reason, decided_at: at(1) },
  ],
  [
    { name: 'withdrawn', by, at: at(1), reason: null },
    { person: by, reason: null, closed_at: at(1) },
  ],
  [
    { name: 'lapsed', at: at(64), dueAt: at(60) },
    { due_at: at(60), closed_at: at(64) },
  ],
  [
    { name: 'ended', by, at: at(1) },
    { person: by, closed_at: at(1) },
  ],
  [
    { name: 'revoked', by: null, at: at(1), reason },
    { person: null, reason, closed_at: at(1) },
  ],
  [
    { name: 'expired', at: at(74), dueAt: at(70) },
    { due_at: at(70), closed_at: at(74) },
  ],
  [
    { name: 'review_opened', operator: 'operator', dueAt: at(90) },
    { operator: 'slack:T0HOME:operator', due_at: at(90) },
  ],
  [
    { name: 'review_overdue', at: at(91), operator: 'operator', dueAt: at(90) },
    { operator: 'slack:T0HOME:operator', due_at: at(90) },
  ],
  [
    {
      ...{ name: 'evidence_attached', by, id: 'a1', kind: 'note', title: reason, links: ['https://example.com/1'] },
      ...{ content: 'What was done', bytes: 13, sha256, late: true },
    },
    {
      ...{ attachment: 'a1', kind: 'note', title: reason, links: ['https://example.com/1'] },
      ...{ sha256, bytes: 13, late: true, person: by },
    },
  ],
  [
    { name: 'reviewed', by, at: at(1), answers: everyAnswer },
    { person: by, answers: everyAnswer, reviewed_at: at(1) },
  ],
  [
    { name: 'review_excused', by, at: at(1), reason },
    { person: by, reason, excused_at: at(1) },
  ],
];

describe('a fact is one audit row, which says', () => {
  test.each(onRecord.map(([event, details]) => [event.name, event, details] as const))('%s', (name, event, details) => {
    for (const scope of ['content_access', 'workspace_recovery'] as const) {
      const grant = aGrant({ id: 'g7', tenant: 't3', scope });
      expect(recordOf(event, grant, 'slack:T0HOME:U0WHO', nameOf)).toEqual({
        action: `${scope === 'content_access' ? 'break_glass' : 'support_access'}.${name}`,
        actor: 'slack:T0HOME:U0WHO',
        tenant: 't3',
        grant: 'g7',
        details,
      });
    }
  });

  test('who asked for what a request lacks too: no circumstance, no legs, no groups', () => {
    const grant = aGrant({ scope: 'audit_view' });
    const { details } = recordOf({ name: 'requested', grant }, grant, 'slack:T0HOME:U0WHO', nameOf);
    expect(details).toMatchObject({ circumstance: null, legs: [], group_members: {} });
  });
});

describe('the names of actions are stable, since others search and alert on them', () => {
  const ofGrants = 'requested ownerless_waived approved activated denied withdrawn lapsed ended revoked expired';
  const published = [
    ...kinds.flatMap((kind) => ofGrants.split(' ').map((name) => `${kind}.${name}`)),
    ...kinds.map((kind) => `${kind}.evidence_attached`),
    ...['review_opened', 'review_overdue', 'reviewed', 'review_excused'].map((name) => `break_glass.${name}`),
    ...['access.refused', 'policy.adopted', 'role.changed', 'notice.dead', 'digest.sent'],
    ...['tenant.created', 'tenant.updated', 'tenant.owners_changed', 'tenant.channel_changed'],
  ];
  test('none that was published is gone', () => {
    expect(published.filter((name) => !auditActions.some((action) => action === name))).toEqual([]);
  });

  test('each is a subject and what happened to it, and is listed once', () => {
    expect(auditActions.filter((name) => !/^[a-z_]+\.[a-z_]+$/.test(name))).toEqual([]);
    expect(new Set(auditActions).size).toBe(auditActions.length);
  });

  test('every fact about a grant has one', () => {
    const facts = onRecord.map(([event]) => recordOf(event, aGrant(), 'system:clock', nameOf).action);
    expect(facts.filter((name) => !published.includes(name))).toEqual([]);
    expect(new Set(facts).size).toBe(ofGrants.split(' ').length + 5);
  });
});

import { describe, expect, test } from 'vitest';
import { auditActions, recordOf, systemActions } from '../../src/domain/audit.ts';
import type { EvidenceEvent, GrantEvent, ReviewEvent } from '../../src/domain/events.ts';
import { kinds } from '../../src/domain/words.ts';
import { aGrant, at, everyAnswer } from '../domain/builders.ts';
import { codeIn, filesUnder, read, tableRows, withoutComments } from './reading.ts';

/** action -> the details it is said to have. */
const described = new Map(
  tableRows(read('docs/audit-actions.md'))
    .filter((cells) => cells.length === 4)
    .flatMap(([actions = '', , , details = '']) =>
      codeIn(actions).map((action): [string, string[]] => [action, codeIn(details).sort()]),
    ),
);

const by = 'person';
type Samples<E extends { name: string }> = { [N in E['name']]: Extract<E, { name: N }> };
const grantEvents: Samples<GrantEvent> = {
  requested: { name: 'requested', grant: aGrant() },
  ownerless_waived: { name: 'ownerless_waived', legs: ['ops', 'security'] },
  approved: { name: 'approved', leg: 'owner', by, at: at(1), minutes: null, comment: null },
  activated: { name: 'activated', at: at(1), expiresAt: at(61), minutes: 60 },
  denied: { name: 'denied', leg: 'owner', by, at: at(1), reason: 'Not now' },
  withdrawn: { name: 'withdrawn', by: null, at: at(1), reason: null },
  lapsed: { name: 'lapsed', at: at(61), dueAt: at(60) },
  ended: { name: 'ended', by, at: at(1) },
  revoked: { name: 'revoked', by: null, at: at(1), reason: 'Gone' },
  expired: { name: 'expired', at: at(61), dueAt: at(60) },
};
const reviewEvents: Samples<ReviewEvent> = {
  review_opened: { name: 'review_opened', operator: 'operator', dueAt: at(60) },
  review_overdue: { name: 'review_overdue', at: at(61), operator: 'operator', dueAt: at(60) },
  reviewed: { name: 'reviewed', by, at: at(1), answers: everyAnswer },
  review_excused: { name: 'review_excused', by, at: at(1), reason: 'Holiday' },
};

const attached: EvidenceEvent = {
  ...{ name: 'evidence_attached', by, id: 'a1', kind: 'note', title: 'What was done', links: [], content: 'All of it' },
  ...{ bytes: 9, sha256: 'ab'.repeat(32), late: false },
};

/** Where a system action is written, its details stand near by. */
const writing = filesUnder('src', '.ts')
  .filter((file) => file !== 'src/domain/audit.ts')
  .map((file) => withoutComments(read(file)));

describe('docs/audit-actions.md', () => {
  test('describes every action that an audit row can have', () => {
    expect(auditActions.filter((action) => !described.has(action))).toEqual([]);
  });

  test('describes none that no row can have', () => {
    expect([...described.keys()].filter((name) => !auditActions.some((action) => action === name))).toEqual([]);
    expect(described.size).toBe(auditActions.length);
  });

  test.each(
    kinds.flatMap((kind) => Object.values(grantEvents).map((event) => [`${kind}.${event.name}`, kind, event] as const)),
  )('says what %s has as details', (action, kind, event) => {
    const record = recordOf(event, aGrant({ kind }), 'slack:T0HOME:U0OPS', (person) => person);
    expect(record.action).toBe(action);
    expect(described.get(action)).toEqual(Object.keys(record.details).sort());
  });

  test.each(Object.values(reviewEvents))('says what break_glass.$name has as details', (event) => {
    const record = recordOf(event, aGrant(), 'slack:T0HOME:U0OPS', (person) => person);
    expect(described.get(record.action)).toEqual(Object.keys(record.details).sort());
  });

  test.each(kinds)('says what %s.evidence_attached has as details', (kind) => {
    const record = recordOf(attached, aGrant({ kind }), 'key:documents', (person) => person);
    expect(described.get(`${kind}.evidence_attached`)).toEqual(Object.keys(record.details).sort());
  });

  test.each([...systemActions])(
    'describes nothing that nobody writes: %s, with details known where it is written',
    (action) => {
      const writers = writing.filter((code) => code.includes(`'${action}'`));
      expect(writers.length).toBeGreaterThan(0);
      const details = described.get(action) ?? [];
      expect(details.length).toBeGreaterThan(0);
      expect(details.filter((key) => !writers.some((code) => new RegExp(`\\b${key}\\b`).test(code)))).toEqual([]);
    },
  );
});

import { describe, expect, test } from 'vitest';
import { attach, attachmentKinds, type Evidence } from '../../src/domain/evidence.ts';
import type { Grant, Status } from '../../src/domain/grant.ts';
import { aGrant, anActiveGrant, at, eventsOf, frozen, refusalOf } from './builders.ts';

const closedAs = (state: 'ended' | 'revoked' | 'expired'): Status => ({
  state,
  activatedAt: at(10),
  expiresAt: at(70),
  closed: { at: at(40), by: null, reason: null },
});
const running = frozen(anActiveGrant());
const note = (overrides: Partial<Evidence> = {}): Evidence =>
  frozen({ kind: 'note', title: 'What I did', links: [], content: 'Rebuilt the index.', ...overrides });
const hashed = { id: 'a1', bytes: 18, sha256: 'ab'.repeat(32) };

const handIn = ({
  grant = running as Grant,
  by = 'operator' as string | null,
  evidence = note(),
  bytes = 18,
  now = at(20),
} = {}) => attach(grant, by, evidence, { ...hashed, bytes }, now);

describe('who may attach evidence', () => {
  test('the operator of the session, and a service', () => {
    for (const by of ['operator', null]) {
      expect(eventsOf(handIn({ by }))).toEqual([
        { name: 'evidence_attached', by, ...note(), ...hashed, bytes: 18, late: false },
      ]);
    }
  });

  test.each(['owner', 'security', 'somebody'])('not %s, who learns nothing of the session', (by) => {
    for (const grant of [running, aGrant()]) expect(refusalOf(handIn({ by, grant }))).toEqual({ kind: 'not_yours' });
  });
});

describe('evidence is attached to what was active', () => {
  test.each(['ended', 'revoked', 'expired'] as const)('and is late once it is %s', (state) => {
    const grant = anActiveGrant({ status: closedAs(state) });
    expect(eventsOf(handIn({ grant, now: at(41) }))).toMatchObject([{ late: true }]);
  });

  test('and is late from the moment it ran out, whether or not the clock has swept', () => {
    expect(eventsOf(handIn({ now: at(70, -1) }))).toMatchObject([{ late: false }]);
    expect(eventsOf(handIn({ now: at(70) }))).toMatchObject([{ late: true }]);
  });

  test('of both kinds', () => {
    const grant = aGrant({ scope: 'audit_view', status: { state: 'active', activatedAt: at(0), expiresAt: at(60) } });
    expect(eventsOf(handIn({ grant }))).toHaveLength(1);
  });

  test('not to a request that waits, or was denied, withdrawn or lapsed', () => {
    const never = (['denied', 'withdrawn', 'lapsed'] as const).map((state) =>
      aGrant({ status: { state, closed: { at: at(5), by: null, reason: null } } }),
    );
    for (const grant of [aGrant(), ...never]) expect(refusalOf(handIn({ grant }))).toEqual({ kind: 'never_active' });
  });
});

describe('evidence', () => {
  test.each(attachmentKinds)('may be of the kind %s', (kind) => {
    expect(eventsOf(handIn({ evidence: note({ kind }) }))).toMatchObject([{ kind }]);
  });

  test('has a title of 1 to 200 characters that can be read, counted as people count', () => {
    for (const title of ['x', '\u{1F692}'.repeat(200)]) {
      expect(eventsOf(handIn({ evidence: note({ title }) }))).toMatchObject([{ title }]);
    }
    for (const title of ['', ' ', '\u200B', 'x'.repeat(201), '\u{1F692}'.repeat(201)]) {
      expect(refusalOf(handIn({ evidence: note({ title }) }))).toMatchObject({ kind: 'reason_length', field: 'title' });
    }
  });

  test.each([
    ['title', note({ title: 'x\0' })],
    ['note', note({ content: 'x\uD83D' })],
  ])('is refused where it could not be kept as it is: %s', (field, evidence) => {
    expect(refusalOf(handIn({ evidence }))).toEqual({ kind: 'unprintable_text', field });
  });

  test('has at most 262,144 bytes', () => {
    expect(eventsOf(handIn({ bytes: 262_144 }))).toHaveLength(1);
    const refusal = { kind: 'evidence_too_large', max: 262_144, found: 262_145 };
    expect(refusalOf(handIn({ bytes: 262_145 }))).toEqual(refusal);
  });

  const address = 'https://logs.example.com/q?x=1';
  test('has at most ten links, and may be links alone', () => {
    const links = Array.from({ length: 10 }, (_, i) => `${address}&i=${i}`);
    expect(eventsOf(handIn({ evidence: note({ links, content: '' }) }))).toMatchObject([{ links }]);
    const refusal = { kind: 'links_wrong', max: 10 };
    expect(refusalOf(handIn({ evidence: note({ links: [...links, address] }) }))).toEqual(refusal);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'logs.example.com',
    'https://',
    'https://a b',
    'https://x|<!here>',
    `https://x.example/${'x'.repeat(1_000)}`,
    'https://x.example/\0',
    ' https://x.example',
  ])('links to pages of the web and to nothing else: %j', (link) => {
    expect(refusalOf(handIn({ evidence: note({ links: [address, link] }) }))).toEqual({ kind: 'links_wrong', max: 10 });
  });

  test.each(['', ' \n', '\u200B'])('is a text or a link: %j is nothing', (content) => {
    expect(refusalOf(handIn({ evidence: note({ content }) }))).toEqual({ kind: 'nothing_attached' });
    expect(eventsOf(handIn({ evidence: note({ content, links: [address] }) }))).toHaveLength(1);
  });
});

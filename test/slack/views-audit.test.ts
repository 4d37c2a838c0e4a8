import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, asString, objectsIn } from '../../sandbox/slack/json.ts';
import { readMrkdwn } from '../../sandbox/slack/mrkdwn.ts';
import { auditActions } from '../../src/domain/audit.ts';
import type { TrailRow } from '../../src/domain/trail.ts';
import { type AuditTrail, auditTrailMessage, placeIn } from '../../src/slack/views/audit-trail.ts';
import { at, frozen } from '../domain/builders.ts';
import { greedy } from './views-grants.ts';
import { markupIn, objectionsTo, wire } from './views-markup.ts';
import { key, name, text, tricks } from './views-texts.ts';

const typedNames = ['ticket', 'action', 'reason', 'comment', 'error', 'subject', 'scope', 'leg'] as const;

/** A row in which every text is `write`'s, at every place where one can be. */
const rowOf = (id: number, write: () => string): TrailRow => ({
  id: String(id),
  at: at(id),
  action: write(),
  actor: write(),
  details: {
    ...Object.fromEntries(typedNames.map((each) => [each, write()])),
    resource: { type: write(), id: write() },
    missing: [write(), write()],
    added: [write()],
    removed: [write()],
    minutes: 90,
    uses: 1204,
  },
});

const trailOf = (rows: readonly TrailRow[], tenant = { key: 'acme', name: 'Acme Corp' }): AuditTrail => ({
  tenant,
  page: { rows, older: rows.at(-1)?.id ?? null },
  until: at(60),
});

const hostileTrail = fc
  .record({
    tenant: fc.record({ key, name: name(120) }),
    written: fc.array(text(1000), { minLength: 20, maxLength: 20 }),
    many: fc.integer({ min: 0, max: 10 }),
  })
  .map(({ tenant, written, many }) => {
    let next = 0;
    const write = () => written[next++ % written.length] ?? '';
    return trailOf(
      Array.from({ length: many }, (_, index) => rowOf(index + 1, write)),
      tenant,
    );
  });

const seen = (message: ReturnType<typeof auditTrailMessage>): string[] =>
  objectsIn(wire(message.blocks)).map(({ text: shown }) =>
    readMrkdwn(asString(asObject(shown)?.text) ?? '', { zone: 'UTC' }),
  );
const shown = (row: Partial<TrailRow>): string => {
  const usual: TrailRow = {
    id: '7',
    at: at(20),
    action: 'access.allowed',
    actor: 'slack:T0HOME:U0OLIVIA',
    details: {},
  };
  return seen(auditTrailMessage(trailOf([{ ...usual, ...row }])))[1] ?? '';
};

describe('a page of an audit trail, whatever was written in it', () => {
  test('is taken by Slack and keeps the margin below what Slack refuses', () => {
    fc.assert(
      fc.property(hostileTrail, (trail) => {
        expect(objectionsTo(auditTrailMessage(trail))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('is taken by Slack when ten rows are full of what takes the most room', () => {
    fc.assert(
      fc.property(greedy, (character) => {
        const rows = Array.from({ length: 10 }, (_, index) => rowOf(index, () => character.repeat(1000)));
        const message = auditTrailMessage(trailOf(rows, { key: 'k'.repeat(63), name: character.repeat(60) }));
        expect(objectionsTo(message)).toEqual([]);
        expect(message.blocks).toHaveLength(12);
      }),
    );
  });

  test('is the same every time, and changes nothing', () => {
    fc.assert(
      fc.property(hostileTrail, (trail) => {
        expect(auditTrailMessage(frozen(structuredClone(trail)))).toEqual(auditTrailMessage(trail));
      }),
    );
  });

  test.each(tricks)('%j is no mark, mention, link or line more than letters', (trick) => {
    const markup = (written: string) => markupIn(auditTrailMessage(trailOf([rowOf(1, () => written)])));
    expect(markup(trick)).toEqual(markup('letters'));
  });

  test('never mentions, links or quotes what somebody wrote', () => {
    fc.assert(
      fc.property(hostileTrail, (trail) => {
        const found = new Set(markupIn(auditTrailMessage(trail)));
        for (const own of ['mark *', 'date', 'line']) found.delete(own);
        expect([...found]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('says why a check was answered as it was, however long the rest is', () => {
    for (const character of ['"', '&', 'a', '🚒']) {
      const row = rowOf(1, () => character.repeat(1000));
      const details = { ...row.details, reason: 'wrong_scope' };
      expect(shown({ ...row, action: 'access.denied', details })).toContain(', wrong_scope');
    }
  });

  test('shows no line that somebody wrote: each begins with a word of ours', () => {
    const forged = 'nothing\n*access.denied* today, <@U0SAM>\nreason: granted';
    const lines = shown(rowOf(1, () => forged)).split('\n');
    const own = /^(\*nothing|for |ticket: |action: |resource: |missing: |added: |removed: |error: |reason: |comment: )/;
    expect(lines.filter((line) => !own.test(line))).toEqual([]);
  });
});

describe('a row says', () => {
  test('what, when to the second, and who, as a mention', () => {
    expect(shown({})).toBe('*access.allowed* Jan 5, 2026 at 09:20:00, @U0OLIVIA');
  });

  test('of a request the scope, the time, the ticket and the reason', () => {
    const details = {
      scope: 'content_access',
      minutes: 90,
      ticket: 'INC-42',
      reason: 'The import stopped',
      person: 'x',
    };
    expect(shown({ action: 'break_glass.requested', details })).toBe(
      '*break_glass.requested* Jan 5, 2026 at 09:20:00, @U0OLIVIA, content_access, 1 h 30 min\nticket: INC-42\nreason: The import stopped',
    );
  });

  test('of an approval the leg and the comment', () => {
    const details = { leg: 'owner', minutes: null, comment: 'Be quick' };
    expect(shown({ details }).split(', ').slice(-1)).toEqual(['leg owner\ncomment: Be quick']);
  });

  test('of a check the person, the action, the resource and the reason', () => {
    const details = {
      subject: 'slack:T0HOME:U0OMAR',
      action: 'content.read',
      resource: { type: 'document', id: 'D-7' },
      reason: 'no_grant',
    };
    expect(shown({ action: 'access.denied', actor: 'key:documents', details }).replaceAll('\u200b', '')).toBe(
      '*access.denied* Jan 5, 2026 at 09:20:00, key:documents, no_grant\nfor @U0OMAR\naction: content.read\nresource: document D-7',
    );
  });

  test('the person once where they asked themselves', () => {
    const details = { subject: 'slack:T0HOME:U0OLIVIA', action: 'audit.view' };
    expect(shown({ details })).toBe('*access.allowed* Jan 5, 2026 at 09:20:00, @U0OLIVIA\naction: audit.view');
  });

  test('nothing of details that have another shape than ours', () => {
    const details = {
      reason: 7,
      scope: 7,
      resource: 'x',
      ticket: { a: 1 },
      missing: [{}],
      minutes: '90',
      comment: null,
    };
    expect(shown({ details })).toBe('*access.allowed* Jan 5, 2026 at 09:20:00, @U0OLIVIA\nresource: x');
  });
});

test('every action of the audit is written as it is called', () => {
  for (const action of auditActions) expect(shown({ action })).toContain(`*${action}* `);
});

describe('the page', () => {
  const rows = [3, 2].map((id) => rowOf(id, () => 'letters'));

  test('names the tenant, says that looks are on record, and until when one may look', () => {
    expect(seen(auditTrailMessage(trailOf(rows)))[0]).toBe(
      '*Audit trail of Acme Corp*, newest first. Each look is on record. You can look until Jan 5, 2026 at 10:00.',
    );
  });

  test('leads to what is older, and that is read back as it was', () => {
    const [button] = objectsIn(objectsIn(wire(auditTrailMessage(trailOf(rows)).blocks)).at(-1)?.elements);
    expect(button).toMatchObject({ action_id: 'audit_older', value: 'acme:2' });
    expect(placeIn(button?.value)).toEqual({ tenantKey: 'acme', before: '2' });
  });

  test('has no button where nothing is older, and says so where it is empty', () => {
    const page = (all: TrailRow[]) => auditTrailMessage({ ...trailOf([]), page: { rows: all, older: null } });
    expect(page(rows).blocks.map(({ type }) => type)).toEqual(['section', 'section', 'section']);
    expect(seen(page([]))[1]).toBe('Nothing older.');
  });

  test.each([
    undefined,
    null,
    7,
    {},
    '',
    'acme',
    'acme:',
    ':7',
    'acme:-1',
    'acme:1e3',
    'acme:7:8',
    'ac me:7',
    "acme:7'--",
    'ACME:7',
    `acme:${'9'.repeat(19)}`,
    'acme:7\n',
  ])('is nowhere where a button says %j', (value) => expect(placeIn(value)).toEqual({ tenantKey: null, before: null }));
});

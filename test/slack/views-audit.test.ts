import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, asString, objectsIn } from '../../sandbox/slack/json.ts';
import { readMrkdwn } from '../../sandbox/slack/mrkdwn.ts';
import { auditActions } from '../../src/domain/audit.ts';
import { anything, type TrailRow, type TrailWish } from '../../src/domain/trail.ts';
import { placeIn, placeValue } from '../../src/slack/views/audit-place.ts';
import { type AuditTrail, auditTrailMessage } from '../../src/slack/views/audit-trail.ts';
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
  tenant: 'acme',
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

const noFilter = { from: null, to: null, person: null, actions: null, kind: null };
const trailOf = (
  rows: readonly TrailRow[],
  tenant: AuditTrail['tenant'] = { key: 'acme', name: 'Acme Corp' },
  wish: TrailWish = anything,
): AuditTrail => ({
  tenant,
  wish,
  filter: noFilter,
  page: { rows, older: rows.at(-1)?.id ?? null, reached: null },
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
    tenant: 'acme',
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
        const wish = { ...anything, person: `oidc:${'%'.repeat(200)}`, action: 'support_access.ownerless_waived' };
        const full = trailOf(
          rows,
          { key: 'k'.repeat(63), name: character.repeat(60) },
          { ...wish, kind: 'support_access' },
        );
        const message = auditTrailMessage({ ...full, filter: { ...noFilter, from: at(0), to: at(9) } });
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

  const buttonsOf = (trail: AuditTrail) => objectsIn(objectsIn(wire(auditTrailMessage(trail).blocks)).at(-1)?.elements);

  test('leads to what is older, to a filter and to a file, and that is read back as it was', () => {
    const wish = { ...anything, tenant: 'acme', kind: 'support_access', person: 'oidc:https://id#ü 1' } as const;
    const shown = {
      ...trailOf(rows, undefined, { ...wish, person: 'oidc:https://id#00u1' }),
      filter: { ...noFilter, from: at(1) },
    };
    const values = buttonsOf(shown).map(({ action_id, value }) => [action_id, placeIn(value)]);
    const place = { ...wish, person: 'oidc:https://id#00u1', since: { at: at(1) } };
    expect(values).toEqual([
      ['audit_older', { wish: place, before: '2' }],
      ['audit_filter', { wish: place, before: null }],
      ['audit_csv', { wish: place, before: null }],
    ]);
    expect(placeIn(placeValue(wish, noFilter, null))).toBeNull();
  });

  test('of everything leads on to everything, and each row says whose it is', () => {
    const everything = trailOf(rows, null);
    expect(buttonsOf(everything).map(({ value }) => value)).toEqual(['before=2', 'all', 'all']);
    expect(placeIn('all')).toEqual({ wish: anything, before: null });
    expect(seen(auditTrailMessage(everything))[0]).toContain('*Audit trail of everything*');
    expect(seen(auditTrailMessage(everything))[1]).toContain(', on acme');
  });

  test('leads to nothing older where nothing is, and says so where it is empty', () => {
    const page = (all: TrailRow[]) => ({ ...trailOf([]), page: { rows: all, older: null, reached: null } });
    expect(buttonsOf(page(rows)).map(({ action_id }) => action_id)).toEqual(['audit_filter', 'audit_csv']);
    expect(seen(auditTrailMessage(page([])))[1]).toBe('Nothing older.');
    const filtered = { ...page([]), wish: { ...anything, action: 'access' } };
    expect(seen(auditTrailMessage(filtered))[1]).toBe('Nothing like that is on record.');
  });

  test('that stopped looking says how far it came', () => {
    const stopped = { ...trailOf([]), page: { rows: [], older: '7', reached: at(5) } };
    expect(seen(auditTrailMessage(stopped))[1]).toBe(
      'Nothing more back to Jan 5, 2026 at 09:05. Press Older to look further.',
    );
    expect(buttonsOf(stopped)[0]).toMatchObject({ action_id: 'audit_older', value: 'tenant=acme&before=7' });
  });

  test('says what of the trail it shows, and when a time was chosen for the reader', () => {
    const wish = { ...anything, person: 'slack:T0HOME:U0OMAR', action: 'approved', kind: 'break_glass' } as const;
    const filter = { ...noFilter, from: at(0), to: at(30) };
    const line = (said: Partial<TrailWish>) =>
      seen(auditTrailMessage({ ...trailOf(rows, undefined, { ...wish, ...said }), filter }))[0]?.split('\n')[1];
    expect(line({ since: { at: at(0) } })).toBe(
      'Only: break-glass, by or about @U0OMAR, action approved, since Jan 5, 2026 at 09:00, until Jan 5, 2026 at 09:30.',
    );
    expect(line({})).toContain('since Jan 5, 2026 at 09:00 (the last 7 days, as nothing else was said)');
  });

  test.each([
    undefined,
    null,
    7,
    {},
    '',
    'acme',
    'acme:7',
    'tenant=',
    'tenant=ACME',
    'tenant=ac me',
    'tenant=acme&before=-1',
    'tenant=acme&before=1e3',
    `tenant=acme&before=${'9'.repeat(19)}`,
    'tenant=acme&before=7%0A',
    'tenant=acme&tenant=globex',
    'tenant=acme&role=auditor',
    'action=nothing',
    'kind=all',
    'person=olivia',
    'from=yesterday',
    'from=2026-01-05',
    'to=2026-02-30T00:00:00.000Z',
    '__proto__=x',
  ])('is nowhere where a button says %j', (value) => expect(placeIn(value)).toBeNull());
});

import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit.ts';
import { reviewQuestions } from '../../src/domain/review-answers.ts';
import type { Selection } from '../../src/evidence/bundle.ts';
import { controlsPage } from '../../src/evidence/controls.ts';
import { derivation } from '../../src/evidence/derive.ts';
import { readEntry } from '../../src/evidence/entry.ts';
import { reportOf, type Told } from '../../src/evidence/report.ts';
import { SHOWN } from '../../src/evidence/sessions.ts';
import { aSigner } from '../support/sealing.ts';
import { ACME, entryText, GRANT } from './bundles.ts';

const signer = aSigner();
const selection: Selection = { kind: 'grant', grant: GRANT, tenant: { id: ACME, key: 'acme' } };

function told(texts: readonly string[], asked: Selection = selection): Told {
  const derived = derivation(asked, () => ({ write: () => {} }));
  texts.forEach((text, leaf) => void derived.add(leaf, text));
  return {
    ...{ format: 'breakglass-evidence/1', log: signer.verifier.name, selection: asked },
    made: { at: '2026-02-01T00:00:00.000Z', by: 'slack:T0HOME:U0ADA' },
    tree: { origin: signer.verifier.name, size: texts.length, root: '' },
    population: derived.population(),
  };
}

function report(texts: readonly string[], about = told(texts)): string {
  const { add, page } = reportOf(signer.verifier);
  for (const text of texts) add(readEntry(text));
  return page(about);
}

/** Elements and attributes of our own; a page of ours has no others, whatever was typed. */
const elements =
  'html head meta title style body main h1 h2 h3 p dl dt dd table caption thead tbody tr th td code br bdi article svg rect line circle text'.split(
    ' ',
  );
const attributes =
  'lang charset http-equiv content name class scope viewBox role aria-label x y x1 y1 x2 y2 cx cy r width height text-anchor'.split(
    ' ',
  );

/** Every tag of a page, read as a browser does: from < up to the > that is in no quotes. */
const tagsIn = (page: string) =>
  [...page.replace(/<style>[^<]*<\/style>/, '').matchAll(/<(\/?)([^\s>]*)((?:"[^"]*"|[^">])*)>/g)].map(
    ([, , name = '', rest = '']) => ({
      name: name.toLowerCase(),
      attributes: [...rest.replace(/\/$/, '').matchAll(/([^\s="]+)(?:="([^"]*)")?/g)].map(
        ([, attribute = '']) => attribute,
      ),
    }),
  );

function runsNothing(page: string): void {
  expect(tagsIn(page).filter(({ name }) => name !== '!doctype' && !elements.includes(name))).toEqual([]);
  const used = tagsIn(page)
    .filter(({ name }) => name !== '!doctype')
    .flatMap((tag) => tag.attributes);
  expect([...new Set(used)].filter((name) => !attributes.includes(name))).toEqual([]);
  expect(page.replace(/<style>[^<]*<\/style>/, '').replace(/<[^>]*>/g, '')).not.toMatch(
    /[<>]|(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u,
  );
}

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg/onload=alert(1)>",
  '</title></style><script>alert(1)</script>',
  '<a href="javascript:alert(1)">x</a>',
  '<meta http-equiv="refresh" content="0;url=//evil">',
  '&lt;script&gt;&#x3c;',
  '<!--',
  ']]>',
  '\u202egpj.exe',
  '\u2066x',
  '\u0000\u0007\u001b[31m',
  'a\u200bb',
  '\ufeff',
  '\u2028',
];

const details = (typed: string) => ({
  ...Object.fromEntries(
    [
      'requester',
      'scope',
      'circumstance',
      'reason',
      'ticket',
      'policy',
      'leg',
      'comment',
      'title',
      'sha256',
      'due_at',
      'expires_at',
    ].map((name) => [name, typed]),
  ),
  minutes: typed,
  links: [typed],
  answers: {
    ...Object.fromEntries(reviewQuestions.map((question) => [question, { answer: typed, note: typed }])),
    [typed]: typed,
  },
});
/** Every action there is, with the same text in every place where one can be. */
const everywhere = (typed: string): string[] => [
  ...auditActions.map((action, n) => entryText(n, action, details(typed))),
  ...auditActions.map((action, n) => entryText(n, action, details(typed), { tenant: null, grant: null })),
  JSON.stringify({
    v: 1,
    id: 1,
    at: typed,
    action: typed,
    actor: typed,
    tenant: typed,
    grant: typed,
    request_id: typed,
    details: details(typed),
  }),
];

describe('nothing in the report runs', () => {
  test.each(attacks)('whatever was typed: %j', (attack) => {
    const texts = everywhere(attack);
    const about = told(texts);
    const hostile = {
      ...about,
      made: { at: attack, by: attack },
      selection: { ...selection, tenant: { id: attack, key: attack } },
      log: attack,
    };
    runsNothing(report(texts, hostile));
    runsNothing(controlsPage(hostile));
  });

  test('whatever it is, by property', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => runsNothing(report(everywhere(typed)))),
      { numRuns: 60 },
    );
  });

  test('and what was typed can still be read', () => {
    const page = report(everywhere('<b>Tom & "Jerry"</b>\u202e'));
    expect(page).toContain('<bdi>&lt;b&gt;Tom &amp; &quot;Jerry&quot;&lt;/b&gt;[U+202E]</bdi>');
  });

  test('its policy lets in its own style sheet by hash, and nothing else', () => {
    for (const page of [report(everywhere('x')), controlsPage(told(everywhere('x')))]) {
      const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
      const [, style = ''] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
      const own = `sha256-${hash('sha256', style, 'base64')}`;
      expect(policy.replaceAll('&#39;', "'")).toBe(
        `default-src 'none'; style-src '${own}'; base-uri 'none'; form-action 'none'`,
      );
      expect(page).not.toMatch(/<script|style=|url\(|@import|https?:/i);
    }
  });
});

describe('the report', () => {
  const session = [
    entryText(0, 'break_glass.requested', {
      requester: 'slack:T0HOME:U0OLIVIA',
      scope: 'content_access',
      reason: 'The import',
      ticket: 'INC-42',
      minutes: 60,
    }),
    entryText(2, 'break_glass.approved', { leg: 'owner' }),
    entryText(3, 'break_glass.activated', { expires_at: '2026-01-01T01:03:00.000000Z' }),
    ...Array.from({ length: 10 }, (_, n) => entryText(5 + n, n % 3 === 0 ? 'access.denied' : 'access.allowed', {})),
    entryText(40, 'break_glass.ended', {}),
    entryText(3_000, 'break_glass.reviewed', {
      answers: { cause_documented: { answer: 'yes', note: 'https://x.example' } },
    }),
  ];

  test('draws each session: waiting, active, each use, each step by its number, and what came later beside it', () => {
    const page = report(session);
    expect(page.match(/<rect class="wait"/g)).toHaveLength(1);
    expect(page.match(/<rect class="live"/g)).toHaveLength(1);
    expect(page.match(/<circle class="mark"/g)).toHaveLength(5);
    expect(page.match(/<line class="later"/g)).toHaveLength(1);
    expect(page).toContain('6 uses allowed, 4 denied.');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('can be read without seeing the picture, and printed', () => {
    const page = report(session);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<title>Evidence of one access to acme</title>');
    expect(page).toMatch(/<svg [^>]*role="img" aria-label="Timeline: 5 numbered steps/);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    for (const [, cell = ''] of page.matchAll(/<th( [^>]*)?>/g)) expect(cell).toMatch(/ scope="(row|col)"/);
    expect(page).toContain('@media print');
    expect(page).toContain('@media (prefers-color-scheme: dark)');
  });

  test('shows so many sessions and says where the others are; it does not grow with them', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        entryText(
          n,
          'break_glass.requested',
          { scope: 'content_access' },
          { grant: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` },
        ),
      );
    const page = report(many(SHOWN.sessions + 50));
    expect(page.match(/<article>/g)).toHaveLength(SHOWN.sessions);
    expect(page).toContain(`requests.csv has all ${SHOWN.sessions + 50} requests.`);
    const uses = Array.from({ length: 50_000 }, (_, n) => entryText(n * 7, 'access.allowed'));
    expect(report(uses).length).toBeLessThan(report(session).length + SHOWN.stretches * 250);
    expect(report(uses)).toContain('50000 allowed, 0 denied');
  });
});

test('the page of controls names each that was asked for, with how many entries there are', () => {
  const page = controlsPage(told(everywhere('x')));
  for (const control of [
    'AC-2(2)',
    'AC-6',
    'AU-3',
    'AU-9(3)',
    'AU-10',
    'CC6',
    'A.8.2',
    'A.8.15',
    '164.312',
    '7.2, 8.2',
    '10.2',
  ]) {
    expect(page).toContain(control);
  }
  const counts = [...page.matchAll(/<td class="number">(\d+)<\/td>/g)].map(([, count]) => Number(count));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(told(everywhere('x')).population.entries);
});

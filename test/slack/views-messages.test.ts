import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asObject, type JsonObject, objectsIn } from '../../sandbox/slack/json.ts';
import { readMrkdwn } from '../../sandbox/slack/mrkdwn.ts';
import type { DigestSummary } from '../../src/domain/digest.ts';
import { kinds } from '../../src/domain/words.ts';
import type { CardSubject, Message } from '../../src/slack/views/card.ts';
import {
  digestMessage,
  type Fact,
  factMessage,
  foldedMessage,
  roleChangedMessage,
  tenantChangedMessage,
  undeliverableMessage,
  unusualUseMessage,
} from '../../src/slack/views/messages.ts';
import { chooseEnd, helpMessage, statusMessage } from '../../src/slack/views/status.ts';
import { at, frozen } from '../domain/builders.ts';
import { filledWith, greedy, harmless, retyped, someUses, subject } from './views-grants.ts';
import { markupIn, objectionsTo, wire } from './views-markup.ts';
import { roleChanged, summary, tenantChanged, told, undeliverable, unusualUse } from './views-notices.ts';

/** A message from what it is about; `letters` is the same had everybody typed letters. */
interface View {
  of: string;
  made: fc.Arbitrary<{ message: () => Message; letters: Message; input: object }>;
}
const view = <T extends object>(
  of: string,
  from: fc.Arbitrary<T>,
  render: (input: T) => Message,
  harmlessly: (input: T) => T,
): View => ({
  of,
  made: from.map((input) => ({ input, message: () => render(frozen(input)), letters: render(harmlessly(input)) })),
});

/** The same fact, had everybody typed letters. */
const calm = ({ notice, subject: about }: Fact): Fact => ({
  notice: { ...notice, reason: notice.reason && 'letters' },
  subject: harmless(about),
});
const several = fc.uniqueArray(subject, { minLength: 2, maxLength: 8, selector: ({ grant }) => grant.id });
const views: View[] = [
  view('a fact', told, ({ notice, subject: about }) => factMessage(notice, about), calm),
  view('several facts at once', fc.array(told, { minLength: 2, maxLength: 5 }), foldedMessage, (all) => all.map(calm)),
  view('the digest', summary, digestMessage, (input) => ({
    ...input,
    tenant: input.tenant && 'letters',
    longest: input.longest && { ...input.longest, tenant: 'letters' },
  })),
  view('an undeliverable notice', undeliverable, undeliverableMessage, (input) => ({ ...input, error: 'letters' })),
  view('a tenant that changed', tenantChanged, tenantChangedMessage, (input) => ({ ...input, tenant: 'letters' })),
  view('a role that changed', roleChanged, roleChangedMessage, (input) => input),
  view(
    'unusual use',
    unusualUse,
    ({ notice, subject: about }) => unusualUseMessage(notice, about),
    (input) => ({ ...input, subject: harmless(input.subject) }),
  ),
  view(
    'what is open',
    several,
    (open) => statusMessage('Open', open, 'Nothing.'),
    (open) => open.map(harmless),
  ),
  view('what could be ended', several, chooseEnd, (open) => open.map(harmless)),
];

describe.each(views)('the message about $of, whatever was typed', ({ made }) => {
  const each = (rule: (view: { message: () => Message; letters: Message; input: object }) => void) =>
    fc.assert(
      fc.property(made, (one) => {
        rule(one);
      }),
      { numRuns: 300 },
    );

  test('is taken by Slack', () => {
    each(({ message }) => expect(objectionsTo(message())).toEqual([]));
  });

  test('is the same every time, and changes nothing', () => {
    each(({ message, input }) => {
      const before = structuredClone(input);
      expect(message()).toEqual(message());
      expect(input).toEqual(before);
    });
  });

  test('has no mark, mention, link or line more than had everybody typed letters', () => {
    each(({ message, letters }) => expect(markupIn(message())).toEqual(markupIn(letters)));
  });
});

describe('many at once', () => {
  const blocksOf = ({ blocks }: Message): JsonObject[] => objectsIn(wire(blocks));
  const ended = (message: Message) => blocksOf(message).flatMap(({ accessory }) => objectsIn([accessory ?? null]));

  test.each([2, 19, 20, 21, 100])(
    '%d open grants full of what takes the most room: as many as fit, the rest counted',
    (many) => {
      fc.assert(
        fc.property(subject, greedy, (one, character) => {
          const open = Array.from({ length: many }, (_, index): CardSubject => {
            const full = filledWith(one, character);
            return { ...full, grant: { ...full.grant, id: `${full.grant.id.slice(0, -3)}${100 + index}` } };
          });
          for (const message of [statusMessage('x'.repeat(300), open, ''), chooseEnd(open)]) {
            expect(objectionsTo(message)).toEqual([]);
            const last = JSON.stringify(blocksOf(message).at(-1));
            const counted = Number(/"And (\d+) more\."/.exec(last)?.[1] ?? 0);
            expect(blocksOf(message).length - 1 - Math.sign(counted) + counted).toBe(many);
          }
          expect(ended(chooseEnd(open)).map(({ value }) => value)).toEqual(
            open.slice(0, ended(chooseEnd(open)).length).map(({ grant }) => grant.id),
          );
        }),
        { numRuns: 60 },
      );
    },
  );

  test('twenty grants with usual words and uses are all shown', () => {
    const uses = someUses(['content.read', 1200, 3], ['content.write', 45, 12]);
    fc.assert(
      fc.property(subject, (one) => {
        const open = Array.from({ length: 20 }, () => ({ ...retyped(one, () => 'Acme Corporation'), uses }));
        expect(blocksOf(statusMessage('Open', open, ''))).toHaveLength(21);
      }),
    );
  });

  test.each([2, 40, 41])('%d facts full of what takes the most room have a line each', (many) => {
    fc.assert(
      fc.property(fc.array(told, { minLength: many, maxLength: many }), greedy, (all, character) => {
        const full = all.map(({ notice, subject: about }) => ({
          notice: { ...notice, reason: notice.reason && character.repeat(1000) },
          subject: filledWith(about, character),
        }));
        const message = foldedMessage(full);
        expect(objectionsTo(message)).toEqual([]);
        const lines = blocksOf(message).flatMap(({ text: said }) => String(asObject(said)?.text).split('\n'));
        expect(lines.filter((line) => line.startsWith('• '))).toHaveLength(many);
        expect(lines).toHaveLength(many + 1);
      }),
      { numRuns: 60 },
    );
  });

  test('a digest counts everything, however many approved', () => {
    fc.assert(
      fc.property(summary, (one) => {
        const approvers = Array.from({ length: 400 }, (_, index) => ({ account: `T0HOME:U0MANY${index}`, legs: 1 }));
        const { text: said } = digestMessage({ ...one, approvers });
        for (const line of [
          '• Requested: ',
          '• Approved by: ',
          '• Denied: ',
          '• Active now: ',
          '• Ended: ',
          '• Longest: ',
        ]) {
          expect(said).toContain(line);
        }
        expect(said).toContain(`• Owner approvals waived: ${one.waivers}\n`);
        expect(said).toContain(`• Over without having been used: ${one.watch?.unused}\n`);
        expect(said.includes('• Audit trail: ')).toBe(one.watch?.seal !== null);
      }),
    );
  });

  test('who lost a role or a tenant is said, however many came at the same time', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `T0HOME:U0NEW${index}`);
    const change = { added: many, removed: ['T0HOME:U0GONE'] };
    const messages = [
      roleChangedMessage({ kind: 'role_changed', role: 'security', ...change }),
      tenantChangedMessage({
        kind: 'tenant_changed',
        tenant: 'Acme',
        changes: [{ what: 'owners', ...change }],
        wasShared: null,
      }),
    ];
    for (const message of messages) {
      expect(objectionsTo(message)).toEqual([]);
      expect(message.text).toContain('and 1980 more');
      expect(message.text).toMatch(/removed <@U0GONE>\.$/);
    }
  });
});

test.each(kinds)('the help of %s is taken by Slack and is the same every time', (kind) => {
  expect(objectionsTo(helpMessage(kind))).toEqual([]);
  expect(helpMessage(kind)).toEqual(helpMessage(kind));
  expect(markupIn(helpMessage(kind)).filter((each) => !/^(mark [*`]|line)$/.test(each))).toEqual([]);
});

test('nothing open is said in words', () => {
  expect(statusMessage('Open', [], 'You have nothing open.')).toMatchObject({ text: 'You have nothing open.' });
  expect(objectionsTo(statusMessage('Open', [], 'You have nothing open.'))).toEqual([]);
});

describe('what a digest watches over', () => {
  const one: DigestSummary = {
    ...{ from: at(0).toISOString(), to: at(60).toISOString(), tenant: null, requested: 1, denied: 0, withdrawn: 0 },
    ...{
      lapsed: 0,
      ended: 0,
      revoked: 0,
      expired: 0,
      waivers: 0,
      activeNow: 0,
      approvers: [],
      longest: null,
      byKind: {},
    },
  };
  const said = (watch: DigestSummary['watch']) =>
    digestMessage(watch ? { ...one, watch } : one)
      .text.split('\n')
      .slice(8)
      .map((line) => readMrkdwn(line, { zone: 'UTC' }));
  const sealed = { entries: 1204, at: at(50).toISOString() };
  const watch = { reviews: { due: 2, overdue: 0 }, unused: 1, refused: 3, seal: { sealed, waitingSince: null } };

  test('is said in a line each', () => {
    expect(said(watch)).toEqual([
      '• Reviews due: 2, none overdue',
      '• Over without having been used: 1',
      '• Refused tries under an access: 3',
      '• Audit trail: sealed up to entry 1204, Jan 5, 2026 at 09:50; nothing waits longer than a minute',
    ]);
  });

  test('stands out where somebody has to act', () => {
    const late = { ...watch, reviews: { due: 0, overdue: 1 }, seal: { sealed, waitingSince: at(52).toISOString() } };
    expect(said(late)[0]).toBe('• Reviews due: 0, overdue: *1*');
    expect(said(late)[3]).toContain('; *what came since Jan 5, 2026 at 09:52 waits*');
    expect(said({ ...watch, seal: { sealed: null, waitingSince: null } })[3]).toBe('• Audit trail: not sealed');
  });

  test('is left out for a tenant where it is not theirs, and in summaries from before there was such', () => {
    expect(said({ ...watch, seal: null })).toHaveLength(3);
    expect(said(undefined)).toEqual([]);
  });
});

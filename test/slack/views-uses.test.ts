import { describe, expect, test } from 'vitest';
import { asObject, asString, objectsIn } from '../../sandbox/slack/json.ts';
import { readMrkdwn } from '../../sandbox/slack/mrkdwn.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { ToldFact } from '../../src/domain/notices.ts';
import type { Uses } from '../../src/domain/uses.ts';
import { type CardSubject, card, type Message } from '../../src/slack/views/card.ts';
import { type Fact, factMessage, foldedMessage, unusualUseMessage } from '../../src/slack/views/messages.ts';
import { chooseEnd, statusMessage } from '../../src/slack/views/status.ts';
import { active, aGrant, anActiveGrant, at } from '../domain/builders.ts';
import { someUses } from './views-grants.ts';
import { markupIn, objectionsTo, wire } from './views-markup.ts';

/** The moment of `at(20)` and `at(30)`, for a reader in UTC. */
const from = 'Jan 5, 2026 at 09:20';
const to = 'Jan 5, 2026 at 09:30';
const twelve = someUses(['content.read', 10, 0], ['content.write', 2, 1]);

const closed = (state: 'ended' | 'revoked' | 'expired'): Grant => {
  const { activatedAt, expiresAt } = { activatedAt: at(10), expiresAt: at(70) };
  return anActiveGrant({ status: { state, activatedAt, expiresAt, closed: { at: at(40), by: null, reason: null } } });
};
const over = (state: 'denied' | 'withdrawn' | 'lapsed'): Grant =>
  aGrant({ status: { state, closed: { at: at(40), by: null, reason: null } } });

const subjectOf = (grant: Grant, uses: Uses | null, now = at(50)): CardSubject => ({
  grant,
  uses,
  now,
  tenant: { key: 'acme', name: 'Acme Corp' },
  accounts: new Map([['operator', 'T0HOME:U0OLIVIA']]),
  ticketLink: null,
});

const informed = { audience: 'informed', legs: [] } as const;
const seen = ({ blocks }: Message): string =>
  objectsIn(wire(blocks))
    .map(({ text }) => readMrkdwn(asString(asObject(text)?.text) ?? '', { zone: 'UTC' }))
    .join('\n');
const onCard = (subject: CardSubject) => seen(card(subject, informed));
const inStatus = (subject: CardSubject) => seen(statusMessage('Open', [subject], 'Nothing.'));

const factOf = (fact: ToldFact, subject: CardSubject, reason: string | null = null): Fact => ({
  notice: { kind: 'fact', grant: 'grant', fact, at: at(40).toISOString(), dueAt: null, by: null, reason },
  subject,
});
const alone = ({ notice, subject }: Fact) => seen(factMessage(notice, subject));
const folded = (fact: Fact) => seen(foldedMessage([fact, fact]));

describe('what was done under a grant is said', () => {
  const wordings: [string, Uses, string][] = [
    [
      'with each action, what was refused, and when it began and ended',
      twelve,
      `Used 12 times: content.read 10, content.write 2; 1 try refused: content.write 1. First ${from}, last ${to}.`,
    ],
    [
      'without a word of refusals where there is none',
      someUses(['content.read', 3, 0]),
      `Used 3 times: content.read 3. First ${from}, last ${to}.`,
    ],
    ['once with one moment', someUses(['content.read', 1, 0]), `Used once: content.read 1. That was ${to}.`],
    [
      'as never, where every try was refused',
      someUses(['content.read', 0, 2], ['content.write', 0, 3]),
      `Never used; 5 tries refused: content.write 3, content.read 2. First ${from}, last ${to}.`,
    ],
    [
      'with five actions, those used most, and the number of the others',
      someUses(['a', 1, 0], ['b', 2, 0], ['c', 3, 0], ['d', 4, 0], ['e', 5, 0], ['f', 6, 1], ['g', 7, 0]),
      `Used 28 times: g 7, f 6, e 5, d 4, c 3 and 2 more; 1 try refused: f 1. First ${from}, last ${to}.`,
    ],
  ];
  test.each(wordings)('%s', (_, uses, sentence) => {
    const subject = subjectOf(closed('ended'), uses);
    expect(onCard(subject)).toContain(sentence);
    expect(alone(factOf('ended', subject))).toContain(sentence);
    expect(inStatus(subjectOf(anActiveGrant(), uses))).toContain(sentence);
    expect(seen(chooseEnd([subjectOf(anActiveGrant(), uses)]))).toContain(sentence);
  });

  test('in few words where many facts are told at once', () => {
    const fact = (uses: Uses | null) => folded(factOf('ended', subjectOf(closed('ended'), uses)));
    expect(fact(twelve)).toMatch(/ended Jan 5, 2026 at 09:40, used 12 times, 1 try refused$/m);
    expect(fact(someUses(['content.read', 1, 0]))).toMatch(/, used once$/m);
    expect(fact(someUses(['content.read', 0, 2]))).toMatch(/, never used, 2 tries refused$/m);
    expect(fact(null)).toMatch(/, never used$/m);
  });

  test('before a reason, which could otherwise pretend to be it', () => {
    const told = alone(factOf('revoked', subjectOf(closed('revoked'), twelve), 'Never used.'));
    expect(told.indexOf('Used 12 times')).toBeGreaterThan(0);
    expect(told.indexOf('Used 12 times')).toBeLessThan(told.indexOf('Reason: Never used.'));
  });
});

describe('a session that was active and that nobody used', () => {
  test.each(['ended', 'revoked', 'expired'] as const)('is said to be never used when it is %s', (state) => {
    const subject = subjectOf(closed(state), null);
    expect(onCard(subject)).toContain('Never used.');
    expect(alone(factOf(state, subject))).toContain('Never used.');
  });

  test('is over from the moment it is due, whether or not the clock has swept', () => {
    expect(onCard(subjectOf(anActiveGrant(), null, at(70)))).toContain('Never used.');
    expect(onCard(subjectOf(anActiveGrant(), null, at(69)))).not.toMatch(/used/i);
  });

  test('is not said to be never used while it may still be', () => {
    const subject = subjectOf(anActiveGrant(), null);
    expect(onCard(subject)).not.toContain('used');
    expect(inStatus(subject)).toContain('Not used yet.');
  });
});

describe('of uses nothing is said', () => {
  test.each([
    ['a request that waits', aGrant()] as const,
    ...(['denied', 'withdrawn', 'lapsed'] as const).map((state) => [state, over(state)] as const),
  ])('for what was never active: %s', (_, grant) => {
    for (const uses of [null, twelve]) {
      for (const text of [onCard(subjectOf(grant, uses)), inStatus(subjectOf(grant, uses))]) {
        expect(text).not.toMatch(/used/i);
      }
    }
  });

  test.each(['denied', 'withdrawn', 'lapsed'] as const)('in the news that a request was %s', (state) => {
    const fact = factOf(state, subjectOf(over(state), null));
    expect(alone(fact)).not.toMatch(/used/i);
    expect(folded(fact)).not.toMatch(/used/i);
  });

  test('in the news that access is active', () => {
    const fact = factOf('activated', subjectOf(anActiveGrant(), null));
    expect(alone(fact)).not.toMatch(/used/i);
    expect(folded(fact)).not.toMatch(/used/i);
  });
});

describe('unusual use', () => {
  const notice = { kind: 'unusual_use', grant: 'grant', uses: 1001, usual: 1000 } as const;
  const many = someUses(['content.read', 1200, 4]);

  test('is told with who, what, where, how often by now, what is usual, until when, and a way to stop it', () => {
    const message = unusualUseMessage(notice, subjectOf(anActiveGrant(), many));
    expect(seen(message)).toContain('Break-glass access of @U0OLIVIA: Content access on Acme Corp.');
    expect(seen(message)).toContain('It ends Jan 5, 2026 at 10:10.');
    expect(seen(message)).toContain('Uses so far, refused tries included: 1204. Usual: 1000 at most.');
    expect(seen(message)).toContain('Used 1200 times: content.read 1200; 4 tries refused');
    expect(markupIn(message)).toContain('mention @U0OLIVIA');
    const onTheCard = card(subjectOf(anActiveGrant(), many), informed).blocks.at(-1);
    expect(message.blocks.at(-1)).toEqual(onTheCard);
    expect(objectionsTo(message)).toEqual([]);
  });

  test.each([
    ['ended', closed('ended'), at(50)],
    ['expired, not swept yet', anActiveGrant({ status: active(10, 60) }), at(70)],
  ] as const)('has nothing to stop any more where access is %s by then', (_, grant, now) => {
    const message = unusualUseMessage(notice, subjectOf(grant, many, now));
    expect(seen(message)).toMatch(/By now it is over: (ended|expired)\./);
    expect(message.blocks.map(({ type }) => type)).toEqual(['section']);
  });
});

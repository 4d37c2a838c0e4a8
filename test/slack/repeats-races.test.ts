import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { renderView, type SubmitOutcome } from '../../sandbox/slack/index.ts';
import { approve, as, ask, auditOf, cardIn, press, quiet, read, stateOf, tidy, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const owners = channels.acme.id;
const security = channels.security.id;
const mine = cast.olivia.id;

/** Looks until so many sessions wait for a lock; each look is a round trip to the server. */
async function untilWaiting(sessions: number): Promise<void> {
  for (let look = 0; look < 20_000; look += 1) {
    const [found] = await stack.db.query<{ n: number }>(
      'superuser',
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (found?.n === sessions) return;
  }
  throw new Error(`There never were ${sessions} waiting for a grant.`);
}

/** Somebody with their finger on the button. Resolves with what a form was answered. */
type Act = () => Promise<SubmitOutcome | undefined>;
interface Actor {
  who: Player;
  does: string;
  ready: (grant: string) => Promise<Act>;
}

const presses = (who: Player, place: string, button: 'approve' | 'withdraw' | 'end'): Actor => ({
  who,
  does: `${who} presses ${button}`,
  ready: async (grant) => {
    const card = await cardIn(stack, place, grant, button === 'end' ? 'Active until' : 'Waiting for approval');
    return async () => void (await as(stack, who).clickStale(card, button));
  },
});
const forms = { deny: 'deny_reason', revoke: 'revoke_reason', approve_shorter: 'approve_shorter' } as const;
const sends = (who: Player, place: string, button: keyof typeof forms): Actor => ({
  who,
  does: `${who} sends the form of ${button}`,
  ready: async (grant) => {
    await press(stack, who, place, grant, button);
    await as(stack, who).modal(forms[button]);
    const entries = button === 'approve_shorter' ? { duration: '5' } : { comment: 'not like this' };
    return () => as(stack, who).submit(entries);
  },
});

/** A request that waits; one that security has approved; one that is active. */
const stages = {
  waits: async () => ask(stack),
  'waits for the owner only': async () => {
    const grant = await ask(stack);
    await approve(stack, 'sofia', security, grant);
    await cardIn(stack, owners, grant, 'approved by @Sofia');
    return grant;
  },
  'is active': async () => {
    const grant = await ask(stack);
    await approve(stack, 'ben', owners, grant);
    await approve(stack, 'sofia', security, grant);
    await untilState(stack, grant, 'active');
    return grant;
  },
} as const;

/** The facts since, without their kind, and what the second is told: nothing where both had their way. */
interface Came {
  state: string;
  facts: string[];
  told?: RegExp;
}
interface Race {
  what: keyof typeof stages;
  one: Actor;
  other: Actor;
  oneFirst: Came;
  otherFirst: Came;
}

const when = String.raw`, \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$`;
const approved = (by: string) => new RegExp(`^The tenant owner part was already approved by @${by}${when}`, 'm');
const denied = (by: string) => new RegExp(`^The tenant owner part was already denied by @${by}${when}`, 'm');
const over = (how: string) => new RegExp(`^This can't be decided any more: ${how}${when}`, 'm');
const notActive = (how: string) => new RegExp(`^This access is not active: ${how}${when}`, 'm');
const open = (told: RegExp): Came => ({ state: 'requested', facts: ['approved'], told });
const active = (told?: RegExp): Came => ({
  state: 'active',
  facts: ['approved', 'activated'],
  ...(told ? { told } : {}),
});
const bothApproved: Came = { state: 'active', facts: ['approved', 'approved', 'activated'] };
const closed = (state: string, told: RegExp): Came => ({
  state,
  facts: state === 'ended' || state === 'revoked' ? [state, 'review_opened'] : [state],
  told,
});

const anna = presses('anna', owners, 'approve');
const races: Race[] = [
  {
    what: 'waits',
    one: anna,
    other: presses('ben', owners, 'approve'),
    oneFirst: open(approved('Anna')),
    otherFirst: open(approved('Ben')),
  },
  {
    what: 'waits',
    one: anna,
    other: sends('ben', owners, 'approve_shorter'),
    oneFirst: open(approved('Anna')),
    otherFirst: open(approved('Ben')),
  },
  { what: 'waits', one: anna, other: anna, oneFirst: open(approved('Anna')), otherFirst: open(approved('Anna')) },
  {
    what: 'waits',
    one: anna,
    other: presses('sam', security, 'approve'),
    oneFirst: bothApproved,
    otherFirst: bothApproved,
  },
  {
    what: 'waits',
    one: anna,
    other: sends('ben', owners, 'deny'),
    oneFirst: open(approved('Anna')),
    otherFirst: closed('denied', denied('Ben')),
  },
  {
    what: 'waits for the owner only',
    one: anna,
    other: sends('ben', owners, 'deny'),
    oneFirst: active(approved('Anna')),
    otherFirst: closed('denied', denied('Ben')),
  },
  {
    what: 'waits',
    one: anna,
    other: sends('sam', security, 'deny'),
    oneFirst: { state: 'denied', facts: ['approved', 'denied'] },
    otherFirst: closed('denied', over('denied by @Sam')),
  },
  {
    what: 'waits for the owner only',
    one: anna,
    other: presses('olivia', mine, 'withdraw'),
    oneFirst: active(over('active by @Anna')),
    otherFirst: closed('withdrawn', over('withdrawn by @Olivia')),
  },
  {
    what: 'is active',
    one: presses('olivia', mine, 'end'),
    other: sends('sam', security, 'revoke'),
    oneFirst: closed('ended', notActive('ended by @Olivia')),
    otherFirst: closed('revoked', notActive('revoked by @Sam')),
  },
  {
    what: 'is active',
    one: sends('anna', owners, 'revoke'),
    other: sends('sam', security, 'revoke'),
    oneFirst: closed('revoked', notActive('revoked by @Anna')),
    otherFirst: closed('revoked', notActive('revoked by @Sam')),
  },
];

/** Both arrive while the grant is held, in this order, and both go on at once. */
async function atOnce(grant: string, acts: readonly Act[]): Promise<(SubmitOutcome | undefined)[]> {
  await quiet(stack);
  const holder = await stack.db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [grant]);
  const outcomes: Promise<SubmitOutcome | undefined>[] = [];
  for (const act of acts) {
    outcomes.push(act());
    await untilWaiting(outcomes.length);
  }
  await holder.query('commit');
  const answers = await Promise.all(outcomes);
  await stack.restart();
  await quiet(stack);
  return answers;
}

/** Nobody is told the same fact twice in one place. */
const toldTwice = (grant: string) =>
  stack.db.query(
    'superuser',
    `select destination, payload->>'fact' as fact from outbox where grant_id = $1 and kind = 'fact'
      group by 1, 2 having count(*) > 1`,
    [grant],
  );

/** What somebody was told since, on the form they sent or beside the button they pressed. */
const toldSince = (who: Player, before: number, answer: SubmitOutcome | undefined): string =>
  answer?.kind === 'updated'
    ? renderView(answer.view, stack.slack.reader())
    : as(stack, who)
        .ephemerals.slice(before)
        .map((message) => read(stack, message))
        .join('\n');

const inBothOrders = races.flatMap(({ what, one, other, oneFirst, otherFirst }) => [
  { what, first: one, second: other, came: oneFirst },
  ...(one === other ? [] : [{ what, first: other, second: one, came: otherFirst }]),
]);

test.each(inBothOrders)(
  'on what $what, at once: $first.does and $second.does; what comes of it is on record once ($came.facts)',
  async ({ what, first, second, came }) => {
    const grant = await stages[what]();
    const acts = [await first.ready(grant), await second.ready(grant)];
    const before = await auditOf(stack, grant);
    const said = [first, second].map(({ who }) => as(stack, who).ephemerals.length);
    const [one, other] = await atOnce(grant, acts);
    expect(await stateOf(stack, grant)).toBe(came.state);
    expect(await auditOf(stack, grant)).toEqual([...before, ...came.facts.map((fact) => `break_glass.${fact}`)]);
    expect(await toldTwice(grant)).toEqual([]);
    expect(toldSince(second.who, said[1] ?? 0, other)).toMatch(came.told ?? /^$/);
    if (first.who !== second.who) expect(toldSince(first.who, said[0] ?? 0, one)).toBe('');
  },
);

test.each([
  { what: 'waits', act: anna, fact: 'approved' },
  { what: 'waits', act: sends('anna', owners, 'approve_shorter'), fact: 'approved' },
  { what: 'waits', act: sends('anna', owners, 'deny'), fact: 'denied' },
  { what: 'waits', act: presses('olivia', mine, 'withdraw'), fact: 'withdrawn' },
  { what: 'is active', act: presses('olivia', mine, 'end'), fact: 'ended' },
  { what: 'is active', act: sends('anna', owners, 'revoke'), fact: 'revoked' },
] as const)('when $act.does and Slack delivers that twice at once, it counts once in silence', async (row) => {
  const grant = await stages[row.what]();
  const before = as(stack, row.act.who).ephemerals.length;
  const again = async () =>
    void expect((await stack.slack.redeliver()).ack).toEqual({ kind: 'acked', response: undefined });
  const [answer] = await atOnce(grant, [await row.act.ready(grant), again]);
  expect(toldSince(row.act.who, before, answer)).toBe('');
  expect((await auditOf(stack, grant)).filter((each) => each === `break_glass.${row.fact}`)).toHaveLength(1);
  expect(await toldTwice(grant)).toEqual([]);
});

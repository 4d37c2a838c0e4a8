import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { channels, type Player } from '../../sandbox/cast.ts';
import { pressable, renderView } from '../../sandbox/slack/index.ts';
import { configured } from '../journeys/configurations.ts';
import {
  type Asking,
  answerTo,
  as,
  ask,
  auditOf,
  cardIn,
  quiet,
  read,
  stateOf,
  tidy,
  untilState,
} from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Ops, security and Acme's owners read one channel, and Sam is all three. */
const room = channels.security.id;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: configured({
      'ops: C0OPS': `ops: ${room}`,
      'ops: { people: [U0PETRA]': 'ops: { people: [U0PETRA, U0SAM]',
      'channel: C0ACME, owners: [U0ANNA': `channel: ${room}, owners: [U0ANNA, U0SAM`,
    }),
  });
  stack.slack.updateChannel(room, { members: [...channels.security.members, 'U0PETRA', 'U0PAUL', 'U0ANNA'] });
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

type Leg = 'owner' | 'ops' | 'security';
const words: Record<Leg, string> = { owner: 'tenant owner', ops: 'ops', security: 'security' };
const alone: Record<Leg, Player> = { owner: 'anna', ops: 'petra', security: 'sofia' };
const served: { asked: Asking; legs: [Leg, Leg]; waived: string[] }[] = [
  { asked: { tenant: 'globex', scope: 'create_platform_owner' }, legs: ['ops', 'security'], waived: [] },
  { asked: { tenant: 'acme', scope: 'content_access' }, legs: ['owner', 'security'], waived: [] },
  { asked: { tenant: 'initech', scope: 'content_access' }, legs: ['ops', 'security'], waived: ['ownerless_waived'] },
];

const pressLeg = async (who: Player, grant: string, leg: Leg, button = 'approve') =>
  as(stack, who).clickStale(await cardIn(stack, room, grant), button, { value: `${grant}:${leg}` });
const decisions = (grant: string) =>
  stack.db.query<{ role: Leg; user: string }>(
    'superuser',
    `select l.role::text, i.external_id as user from legs l join identities i using (person_id)
      where l.grant_id = $1 and l.verdict is not null order by l.decided_at`,
    [grant],
  );
const facts = (names: string[]) => names.map((name) => `break_glass.${name}`);
const refusedAs = (first: Leg) =>
  `You already approved this as ${words[first]}. A different person has to approve this part.`;
const refusals = (grant: string) =>
  stack.db.query<{ verb: string; refusal: string; actor: string }>(
    'superuser',
    `select actor, details->>'verb' as verb, details->>'refusal' as refusal from audit_events
      where action = 'access.refused' and details->>'about' = $1 order by id`,
    [grant],
  );
const onRecord = (verb: string) => ({ actor: 'slack:T0HOME:U0SAM', verb, refusal: 'decided_another_leg' });

/** Both presses wait for the same grant, in this order, and go on together. */
async function atOnce(grant: string, presses: readonly (() => Promise<unknown>)[]): Promise<void> {
  await quiet(stack);
  const holder = await stack.db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [grant]);
  for (const [i, press] of presses.entries()) {
    await press();
    for (let waiting = 0, look = 0; waiting <= i; look += 1) {
      if (look > 20_000) throw new Error('A press never came to the grant.');
      const [found] = await stack.db.query<{ n: number }>(
        'superuser',
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      waiting = found?.n ?? 0;
    }
  }
  await holder.query('commit');
  await stack.restart();
}

describe.each(served)('in one channel for $legs on $asked.tenant', ({ asked, legs, waived }) => {
  const begun = facts(['requested', ...waived]);

  test('stands one card, and each leg has buttons of its own that say which', async () => {
    const grant = await ask(stack, asked);
    const card = await cardIn(stack, room, grant);
    await quiet(stack);
    expect(stack.slack.messages(room).filter(({ blocks }) => JSON.stringify(blocks).includes(grant))).toHaveLength(1);
    expect(pressable(card.blocks)).toEqual(Array(2).fill(['approve', 'approve_shorter', 'deny']).flat());
    for (const leg of legs) expect(read(stack, card)).toContain(`Approve as ${words[leg]}`);
  });

  const orders: [Leg, Leg][] = [legs, [legs[1], legs[0]]];
  test.each(orders)(
    'who approved as %s can’t approve, shorten or deny as %s; somebody else can',
    async (first, second) => {
      const grant = await ask(stack, asked);
      await pressLeg('sam', grant, first);
      await cardIn(stack, room, grant, 'approved by @Sam');
      expect(await answerTo(stack, 'sam', () => pressLeg('sam', grant, second))).toBe(refusedAs(first));
      for (const [button, form, entries] of [
        ['approve_shorter', 'approve_shorter', { duration: '5' }],
        ['deny', 'deny_reason', { comment: 'on second thoughts' }],
      ] as const) {
        await pressLeg('sam', grant, second, button);
        await as(stack, 'sam').modal(form);
        const sent = await as(stack, 'sam').submit(entries);
        if (sent.kind !== 'updated') throw new Error(`${button} was answered with ${JSON.stringify(sent)}`);
        expect(renderView(sent.view, stack.slack.reader())).toContain(refusedAs(first));
      }
      expect(await auditOf(stack, grant)).toEqual([...begun, ...facts(['approved'])]);
      expect(await decisions(grant)).toEqual([{ role: first, user: 'U0SAM' }]);
      expect(await refusals(grant)).toEqual([onRecord('approve'), onRecord('deny')]);

      await pressLeg(alone[second], grant, second);
      await untilState(stack, grant, 'active');
      expect((await decisions(grant)).map(({ role }) => role)).toEqual([first, second]);
      expect(await auditOf(stack, grant)).toEqual([...begun, ...facts(['approved', 'approved', 'activated'])]);
    },
  );

  test.each(orders)('who presses %s and %s at once fills the first and no other', async (first, second) => {
    const grant = await ask(stack, asked);
    const before = as(stack, 'sam').ephemerals.length;
    const card = await cardIn(stack, room, grant);
    const press = (leg: Leg) => () => as(stack, 'sam').clickStale(card, 'approve', { value: `${grant}:${leg}` });
    await atOnce(grant, [press(first), press(second)]);
    expect(await stateOf(stack, grant)).toBe('requested');
    expect(await decisions(grant)).toEqual([{ role: first, user: 'U0SAM' }]);
    expect(await auditOf(stack, grant)).toEqual([...begun, ...facts(['approved'])]);
    const told = as(stack, 'sam').ephemerals.slice(before);
    expect(told.map((message) => read(stack, message))).toEqual([refusedAs(first)]);
    expect(await refusals(grant)).toEqual([onRecord('approve')]);
  });

  test('who presses both ten times over fills one, and nothing breaks', async () => {
    const grant = await ask(stack, asked);
    const card = await cardIn(stack, room, grant);
    const before = stack.log.length;
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        as(stack, 'sam').clickStale(card, 'approve', { value: `${grant}:${legs[i % 2]}` }),
      ),
    );
    await stack.restart();
    expect(await stateOf(stack, grant)).toBe('requested');
    expect(await decisions(grant)).toHaveLength(1);
    expect(await auditOf(stack, grant)).toEqual([...begun, ...facts(['approved'])]);
    // Who waits too long for a connection is told to try again (P2028): that is a busy machine, and nothing broken.
    const failed = stack.log.slice(before).filter(({ level }) => Number(level) >= 50);
    expect(failed.filter((line) => !JSON.stringify(line).includes('P2028'))).toEqual([]);
  });
});

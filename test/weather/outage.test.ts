import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { aChannel, names, note, notesIn, send, toldIn, tried, untilTold, withoutDigests } from '../jobs/mailroom.ts';
import { approve, ask, cardIn, dmOf, quiet, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const { acme, security } = channels;
const MINUTE = 60_000;
let stack: TestStack;
beforeEach(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(() => stack.stop());

/** Seconds of a moment, as Slack's dates have them. */
const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

async function active(): Promise<{ grant: string; expiresAt: Date }> {
  const grant = await ask(stack, { duration: '60' });
  await approve(stack, 'anna', acme.id, grant);
  await approve(stack, 'sam', security.id, grant);
  await untilState(stack, grant, 'active');
  const [row] = await stack.db.query<{ at: Date }>('superuser', 'select expires_at as at from grants where id = $1', [
    grant,
  ]);
  return { grant, expiresAt: row?.at ?? new Date(0) };
}

describe.each([
  { long: 'ten minutes', minutes: 10 },
  { long: 'a day', minutes: 24 * 60 },
])('while Slack is gone for $long', ({ minutes }) => {
  test('access ends on time; afterwards everybody is told once, in order, and when it was due', async () => {
    const { grant, expiresAt } = await active();
    await stack.db.clock.advance(2 * MINUTE);
    const waiting = await ask(stack, { tenant: 'globex', scope: 'reset_admin_password' });
    await quiet(stack);
    await stack.db.clock.advance(54 * MINUTE);
    await quiet(stack);
    stack.slack.down();
    await stack.db.clock.advance(7 * MINUTE);
    await untilState(stack, grant, 'expired');
    await untilState(stack, waiting, 'lapsed');
    await untilTold(
      stack,
      acme.id,
      (all) => all.at(-1)?.kind === 'fact' && all.some(({ state }) => state === 'waiting'),
    );
    await stack.db.clock.advance((minutes - 7) * MINUTE);
    stack.slack.up();
    await quiet(stack);

    const due = `<!date^${seconds(expiresAt)}^`;
    for (const place of [acme.id, security.id, dmOf(stack, 'olivia')]) {
      const facts = stack.slack.messages(place).filter(({ text }) => text.startsWith('Access is over'));
      expect(facts.length).toBe(1);
      expect(JSON.stringify(facts[0]?.blocks)).toContain(due);
    }
    await cardIn(stack, acme.id, grant, 'Expired');
    await cardIn(stack, security.id, waiting, 'Lapsed');
    expect(await stack.db.query('superuser', `select id::int, kind from outbox where state <> 'delivered'`)).toEqual(
      [],
    );
    const told = (await toldIn(stack, cast.olivia.id)).map(({ payload }) => payload.fact).filter(Boolean);
    expect(told).toEqual(['activated', 'expired', 'lapsed']);
  });
});

test('while Slack takes nothing from us at all, each channel asks again when it was told to; then all arrives in order', async () => {
  const places = Array.from({ length: 6 }, () => aChannel(stack));
  const limit = stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 30 });
  await send(stack, ...places.flatMap((place) => names(3).map((name) => note(place, name))));
  for (const place of places) await untilTold(stack, place, tried);
  expect(limit.hits).toBe(places.length);
  await stack.db.clock.advance(31_000);
  for (const place of places) await untilTold(stack, place, ([head]) => head?.attempts === 2);
  expect(limit.hits).toBe(2 * places.length);
  limit.remove();
  await quiet(stack);
  for (const place of places) expect(notesIn(stack, place)).toEqual(['n1', 'n2', 'n3']);
});

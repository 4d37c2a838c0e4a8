import { afterAll, beforeAll, expect, test } from 'vitest';
import { cast, channels, configuration } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const TENANTS = 24;
const keys = Array.from({ length: TENANTS }, (_, i) => `tenant-${i}`);
// No digest: whether the clock passes its hour on the way would depend on when this runs.
const yaml = configuration.replace(
  /^schedules:.*$/m,
  `${keys.map((key) => `  - { key: ${key}, name: ${key}, channel: C0GLOBEX, owners: [U0GINA] }`).join('\n')}\nschedules: { digest: null }`,
);

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml, slack: { pacing: false, waitMs: 60_000 } });
});
afterAll(() => stack.stop());

test('many accesses that end at once in one channel are told in few messages, in order, none missing', async () => {
  const { slack, db } = stack;
  const olivia = slack.as(cast.olivia.id);
  for (const key of keys) {
    await olivia.command('/support-access');
    await olivia.modal('support_access_request');
    const fields = {
      tenant: key,
      scope: 'audit_view',
      reason: 'Who changed the billing settings',
      ticket: 'SUP-1',
      duration: '60',
    };
    await olivia.submit(fields);
    // A card a second is what the channel takes: time moves on, nobody waits.
    await db.clock.advance(1_100);
  }
  const { id } = channels.globex;
  const cards = slack.until(() => slack.messages(id).length === TENANTS, 'a card for each');
  for (let i = 0; i < TENANTS && slack.messages(id).length < TENANTS; i += 1) await db.clock.advance(1_100);
  await cards;
  await db.clock.advance(61 * 60_000);
  const said = () =>
    slack
      .messages(id)
      .slice(TENANTS)
      .map(({ blocks }) => JSON.stringify(blocks));
  await slack.until(
    () => keys.every((key) => said().some((text) => text.includes(`on ${key}:`) || text.includes(`on ${key}.`))),
    'every end to be told',
  );
  expect(said().length).toBeLessThan(TENANTS / 3);
  await stack.restart(); // a stop waits for what is being settled
  const facts = await db.query<{ state: string; n: number }>(
    'superuser',
    "select state::text, count(*)::int as n from outbox where kind = 'fact' and destination = 'C0GLOBEX' group by 1",
  );
  expect(facts).toEqual([{ state: 'delivered', n: TENANTS }]);
}, 180_000);

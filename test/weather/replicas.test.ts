import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBalancer } from '../../sandbox/balancer.ts';
import { channels, workspace } from '../../sandbox/cast.ts';
import { approve, ask, eventually, quiet, untilState } from '../journeys/verbs.ts';
import { addressesOf, startTestStack, type TestStack } from '../support/stack.ts';

const HOUR = 60 * 60_000;
const doors = [
  { door: 'HTTP behind a round-robin', environment: {} },
  { door: 'Socket Mode', environment: { SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: workspace.appToken } },
];

describe.each(doors)('three replicas, $door', ({ environment }) => {
  let stack: TestStack;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    stack = await startTestStack({ environment });
    closers.push(() => stack.stop());
    await stack.anotherBot();
    await stack.anotherBot();
    if (stack.bot.slackPort === null) {
      expect(stack.slack.sockets.count).toBe(3);
      return;
    }
    const balancer = await startBalancer();
    closers.push(() => balancer.stop());
    balancer.use(stack.bots.map(addressesOf));
    stack.slack.pointAt(balancer.url);
  });
  afterAll(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const rows = <R extends { [column: string]: unknown }>(text: string) => stack.db.query<R>('superuser', text);
  const count = async (action: string): Promise<number> =>
    (await rows(`select from audit_events where action like '${action}'`)).length;

  test('do everything once: requests, approvals, ends by the clock, the digest, and each notice', async () => {
    const grants: string[] = [];
    for (const by of ['olivia', 'omar'] as const) {
      for (const [tenant, owner, channel] of [
        ['acme', 'anna', channels.acme.id],
        ['globex', 'gina', channels.globex.id],
      ] as const) {
        const emergency = await ask(stack, { by, tenant, duration: '60' });
        await approve(stack, owner, channel, emergency);
        await approve(stack, 'sam', channels.security.id, emergency);
        await untilState(stack, emergency, 'active');
        grants.push(emergency, await ask(stack, { by, tenant, scope: 'audit_view', duration: '240' }));
      }
    }
    await quiet(stack);
    const digests = await count('digest.sent');
    const eight = new Date((await stack.db.clock.now()).getTime() + 24 * HOUR);
    eight.setUTCHours(8, 0, 1, 0);
    await stack.db.clock.advanceTo(eight);
    await eventually(stack, async () => (await count('%.expired')) === grants.length, 'every grant to end');
    await eventually(stack, async () => (await count('digest.sent')) > digests, 'the digest');
    await quiet(stack);

    const facts = ['requested', 'activated', 'expired'].map(
      (name) => `'break_glass.${name}', 'support_access.${name}'`,
    );
    expect(
      await rows(
        `select action, count(*)::int as times from audit_events where action in (${facts}) group by action order by 1`,
      ),
    ).toEqual(
      ['break_glass', 'support_access'].flatMap((kind) =>
        ['activated', 'expired', 'requested'].map((name) => ({ action: `${kind}.${name}`, times: grants.length / 2 })),
      ),
    );
    expect(await count('digest.sent')).toBe(digests + 1);
    const untold = await rows(
      `select id::int, kind, state, attempts from outbox where state <> 'delivered' or attempts > 1`,
    );
    expect(untold).toEqual([]);
    const posted = stack.slack.calls('chat.postMessage').map(({ args }) => JSON.stringify(args.metadata));
    expect(posted.length).toBeGreaterThan(grants.length * 3);
    expect(new Set(posted).size).toBe(posted.length);
  });
});

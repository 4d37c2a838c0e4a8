import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** Ten thousand by `FUZZ_PAYLOADS=10000`; a few hundred in every run. */
const PAYLOADS = Number(process.env.FUZZ_PAYLOADS ?? 400);
const AT_ONCE = 40;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const hostile = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', '__proto__', 'approve', 'C0ACME'),
);
const idLike = fc.oneof(
  hostile,
  fc.constantFrom(
    'approve',
    'deny',
    'revoke',
    'end',
    'withdraw',
    'tenant',
    'break_glass_request',
    'deny_reason',
    '/breakglass',
    '/support-access',
  ),
);

/** Payloads of the right shape with something else in every place, and of no shape at all. */
const payload = fc.oneof(
  fc.record(
    {
      type: fc.constant('block_actions'),
      user: fc.oneof(hostile, fc.record({ id: hostile })),
      actions: fc.oneof(
        hostile,
        fc.array(fc.record({ action_id: idLike, value: hostile, type: fc.constantFrom('button', 'static_select') }), {
          maxLength: 3,
        }),
      ),
      trigger_id: hostile,
      response_url: hostile,
      team: hostile,
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      type: fc.constant('view_submission'),
      user: fc.oneof(hostile, fc.record({ id: hostile, team_id: hostile })),
      view: fc.oneof(
        hostile,
        fc.record({
          id: hostile,
          callback_id: idLike,
          private_metadata: hostile,
          state: fc.oneof(hostile, fc.record({ values: fc.dictionary(idLike.map(String), hostile) })),
        }),
      ),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: fc.constant('block_suggestion'), action_id: idLike, block_id: hostile, value: hostile, user: hostile },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { command: idLike, text: hostile, user_id: hostile, trigger_id: hostile, response_url: hostile },
    { requiredKeys: ['command'] },
  ),
  fc.record({ type: idLike, event: hostile }),
  fc.dictionary(fc.string(), hostile),
);

const post = (body: object, asForm: boolean) =>
  asForm
    ? stack.slack.post(new URLSearchParams({ payload: JSON.stringify(body) }).toString(), {
        contentType: 'application/x-www-form-urlencoded',
      })
    : stack.slack.post(body as JsonObject);

test('whatever is posted with a good signature is answered, does nothing, and leaves the bot alive', async () => {
  const { slack, db } = stack;
  const before = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(payload, fc.boolean()), { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (batch) => {
        const posted = await Promise.all(batch.map(([body, asForm]) => post(body, asForm)));
        // Taken and dropped, or refused for its shape: never a server error.
        for (const { status } of posted) expect([200, 400, 401, 404]).toContain(status);
      },
    ),
    { numRuns: Math.ceil(PAYLOADS / AT_ONCE), endOnFailure: true },
  );
  expect(await db.query('superuser', 'select 1 from grants')).toEqual([]);
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
  expect(grown).toBeLessThan(400);
  const olivia = slack.as(cast.olivia.id);
  await olivia.command('/support-access');
  await olivia.modal('support_access_request');
  await olivia.submit({
    tenant: 'globex',
    scope: 'audit_view',
    reason: 'Still alive after all of that',
    ticket: 'SUP-1',
    duration: '60',
  });
  await slack.until(() => slack.messages(channels.globex.id)[0], 'the bot to work as before');
}, 600_000);

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { JsonObject } from '../../sandbox/slack/index.ts';
import { submissionBody } from '../../sandbox/slack/payloads.ts';
import {
  approve,
  as,
  ask,
  auditOf,
  commandFor,
  decideByForm,
  entriesFor,
  openForm,
  quiet,
  submitRequest,
  tidy,
  untilState,
} from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const count = async (what: string, values: unknown[] = []) =>
  (await stack.db.query<{ n: number }>('superuser', `select count(*)::int as n from ${what}`, values))[0]?.n;
const grants = () =>
  stack.db.query<{ id: string }>('superuser', "select id from grants where state in ('requested', 'active')");

/** What a refused repeat must leave alone: all but the record that it was refused. */
const kept = () =>
  stack.db.query(
    'superuser',
    `select (select jsonb_agg(to_jsonb(g) order by g.id) from grants g) as grants,
            (select jsonb_agg(to_jsonb(l) order by l.grant_id, l.role) from legs l) as legs,
            (select jsonb_agg(to_jsonb(h) order by h.key) from handled_requests h) as handled,
            (select count(*)::int from outbox) as notices,
            (select count(*)::int from audit_events where action <> 'access.refused') as facts`,
  );

/** How often it is on record that a used form came again as another one. What is still counted is written at a stop. */
async function refusedRepeats(user: string): Promise<number> {
  const [row] = await stack.db.query<{ times: number | null }>(
    'superuser',
    `select sum((details->>'times')::int)::int as times from audit_events
      where action = 'access.refused' and details->>'refusal' = 'repeated_with_another_body' and actor = $1`,
    [`slack:T0HOME:${user}`],
  );
  return row?.times ?? 0;
}

/** Olivia's form as it is sent with these entries; always the same form, until it is closed. */
function formWith(entries: Record<string, string>): JsonObject {
  const olivia = as(stack, 'olivia');
  olivia.fill(entries);
  if (!olivia.view) throw new Error('Olivia has no form open.');
  return submissionBody(stack.slack.world, olivia.user, olivia.view);
}
const answerOf = async (body: JsonObject) => (await stack.slack.post(body)).body;

const mistaken = expect.stringContaining('{"response_action":"errors","errors":{"reason":"Write between');
const taken = expect.stringMatching(/^$/);
/** Of one form sent twice at the same moment, the second may meet the grant before it meets its own repeat. */
const openAlready = expect.stringContaining('You already ');
const used = expect.stringContaining('This form was already used for something else. Open it again.');

describe.each(['content_access', 'audit_view'])('a form (%s) that is sent, corrected and sent again', (scope) => {
  let wrong: JsonObject;
  let right: JsonObject;
  const sent = (which: string) => answerOf(which === 'right' ? right : wrong);
  beforeEach(async () => {
    // Sent past her client, so that it never closes the form: the next one must not be taken for this one.
    stack.slack.world.modals.clear(as(stack, 'olivia').id);
    await openForm(stack, 'olivia', scope);
    wrong = formWith(entriesFor({ scope, reason: 'too short' }));
    right = formWith(entriesFor({ scope }));
  });

  /** One grant, each of its facts and cards once, one use of the form. */
  async function madeOnce(): Promise<void> {
    const [grant, ...others] = await grants();
    expect(others).toEqual([]);
    const facts = await auditOf(stack, grant?.id ?? '');
    const kind = commandFor(scope) === '/breakglass' ? 'break_glass' : 'support_access';
    expect(facts).toEqual(scope === 'audit_view' ? [`${kind}.requested`, `${kind}.activated`] : [`${kind}.requested`]);
    expect(await count('handled_requests where key = $1', [(right.view as JsonObject).id])).toBe(1);
    const cards = await stack.db.query<{ n: number }>(
      'superuser',
      "select count(*)::int as n from outbox where kind = 'card' and grant_id = $1 group by destination",
      [grant?.id],
    );
    expect(cards.map(({ n }) => n)).toEqual([1, 1, 1]);
  }

  test.each([
    { order: ['wrong', 'right'] },
    { order: ['wrong', 'wrong', 'right', 'right'] },
    { order: ['wrong', 'right', 'wrong', 'right'] },
    { order: ['right', 'wrong', 'right'] },
  ])('makes one grant when it comes as $order', async ({ order }) => {
    for (const [i, which] of order.entries()) {
      const after = order.indexOf('right') < i;
      expect(await sent(which)).toEqual(which === 'right' ? '' : after ? used : mistaken);
    }
    await madeOnce();
  });

  test('makes one grant when all of that comes at once', async () => {
    const order = ['wrong', 'right', 'right', 'wrong', 'right', 'wrong'];
    const answers = await Promise.all(order.map(sent));
    for (const [i, answer] of answers.entries()) {
      const expected = order[i] === 'right' ? [taken, openAlready] : [used, mistaken];
      expect(expected.filter((said) => said.asymmetricMatch(answer))).toHaveLength(1);
    }
    expect(answers).toContain('');
    await madeOnce();
  });
});

interface Reuse {
  form: 'request' | 'approve_shorter' | 'deny' | 'revoke';
  what: string;
  from: string;
  to: string;
}

describe('a form that was used', () => {
  const reuses: Reuse[] = [
    { form: 'request', what: 'tenant', from: '"acme"', to: '"globex"' },
    { form: 'request', what: 'scope', from: '"content_access"', to: '"reset_admin_password"' },
    { form: 'request', what: 'circumstance', from: '"critical_incident"', to: '"no_owner_can_sign_in"' },
    { form: 'request', what: 'reason', from: 'corrupting', to: 'deleting' },
    { form: 'request', what: 'ticket', from: '"INC-42"', to: '"INC-43"' },
    { form: 'request', what: 'duration', from: '"30"', to: '"60"' },
    { form: 'approve_shorter', what: 'duration', from: '"10"', to: '"5"' },
    { form: 'approve_shorter', what: 'comment', from: 'only this much', to: 'as much as you like' },
    { form: 'approve_shorter', what: 'leg', from: ':owner"', to: ':security"' },
    { form: 'approve_shorter', what: 'grant', from: 'GRANT', to: 'OTHER' },
    { form: 'deny', what: 'reason', from: 'only this much', to: 'as much as you like' },
    { form: 'deny', what: 'grant', from: 'GRANT', to: 'OTHER' },
    { form: 'revoke', what: 'reason', from: 'only this much', to: 'as much as you like' },
    { form: 'revoke', what: 'grant', from: 'GRANT', to: 'OTHER' },
  ];

  /** Anna, who may do all of it, uses the form for `grant`. */
  const uses: Record<Reuse['form'], (grant: string) => Promise<unknown>> = {
    request: () => submitRequest(stack, { by: 'omar' }),
    approve_shorter: (grant) => decide(grant, 'approve_shorter', { duration: '10' }),
    deny: (grant) => decide(grant, 'deny'),
    revoke: async (grant) => {
      await approve(stack, 'anna', channels.acme.id, grant);
      await approve(stack, 'sam', channels.security.id, grant);
      await untilState(stack, grant, 'active');
      return decide(grant, 'revoke');
    },
  };
  const decide = (grant: string, button: 'approve_shorter' | 'deny' | 'revoke', entries = {}) =>
    decideByForm(stack, 'anna', channels.acme.id, grant, button, { comment: 'only this much', ...entries });

  test.each(reuses)(
    'for $form is not taken with another $what: refused, on record, and nothing done',
    async (reuse) => {
      const { form, from, to } = reuse;
      const grant = await ask(stack);
      const other = await ask(stack, { scope: 'reset_admin_password' });
      expect(await uses[form](grant)).toEqual({ kind: 'closed' });
      const { body } = stack.slack.lastDelivery;
      await quiet(stack);
      const before = await kept();
      const { id } = form === 'request' ? cast.omar : cast.anna;
      const recorded = await refusedRepeats(id);
      const names = (text: string) => text.replace('GRANT', grant).replace('OTHER', other);
      const changed = JSON.stringify(body).replaceAll(names(from), names(to));
      expect(changed).not.toBe(JSON.stringify(body));
      expect(await answerOf(JSON.parse(changed) as JsonObject)).toEqual(used);
      expect(await kept()).toEqual(before);
      await stack.restart();
      expect(await refusedRepeats(id)).toBe(recorded + 1);
    },
  );
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { slowSentence, troubleSentence } from '../../src/slack/views/refusals.ts';
import { as, entriesFor, openForm } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  // The answer comes after 2.5 s and the work takes longer: which of them came first is told apart without Slack's limit.
  stack = await startTestStack({ slack: { ackTimeoutMs: 10_000 } });
});
afterAll(() => stack.stop());

/** From now on a request takes longer than Slack waits for the answer to a form; and then goes well, or does not. */
async function slowly(outcome: 'goes well' | 'fails'): Promise<void> {
  const end = outcome === 'fails' ? `raise exception 'out of order'` : 'return new';
  await stack.db.query(
    'superuser',
    `create or replace function test_slow() returns trigger language plpgsql as
       $$ begin perform pg_sleep(3); ${end}; end $$`,
  );
  await stack.db.query(
    'superuser',
    'create or replace trigger test_slow before insert on grants for each row execute function test_slow()',
  );
}

const shows = (words: string) =>
  stack.slack.until(() => JSON.stringify(as(stack, 'olivia').view?.definition ?? '').includes(words), `"${words}"`);

test.each([
  { outcome: 'goes well', told: 'It went through.', grants: 1 },
  { outcome: 'fails', told: troubleSentence, grants: 0 },
] as const)(
  'work that takes longer than Slack waits and $outcome is answered in time, and told in the form when it is done',
  async ({ outcome, told, grants }) => {
    await slowly(outcome);
    const tenant = outcome === 'fails' ? 'acme' : 'globex';
    const person = await openForm(stack, 'olivia');
    const answered = await person.submit(entriesFor({ tenant }), { force: true });
    expect(answered).toMatchObject({ kind: 'updated' });
    expect(JSON.stringify(answered)).toContain(slowSentence);
    await shows(told);
    const rows = await stack.db.query(
      'superuser',
      'select 1 from grants g join tenants t on t.id = tenant_id where key = $1',
      [tenant],
    );
    expect(rows.length).toBe(grants);
    await person.close();
  },
);

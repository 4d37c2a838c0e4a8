import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask, openForm, quiet } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  approveInVain,
  askInVain,
  carryOn,
  expectClearLines,
  logged,
  readiness,
  records,
  terminate,
  troubles,
} from './postgres-trouble.ts';

let stack: TestStack;
let grant: string;
let from = 0;
beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(async () => {
  grant = await ask(stack);
  await quiet(stack);
  from = stack.log.length;
});
afterAll(() => stack.stop());

const name = async () =>
  (await stack.db.query<{ name: string }>('owner', 'select current_database() as name'))[0]?.name;

/** Rings every job of the clock so often, and lets it finish. */
async function ringOften(times: number): Promise<void> {
  const { due, outbox, digests, leavers } = stack.bot.clock;
  for (let i = 0; i < times; i += 1) {
    for (const each of [due, outbox, digests, leavers]) each.ring();
    await readiness(stack);
  }
}

test.each([
  [
    'takes no writes any more',
    'set default_transaction_read_only = on',
    'reset default_transaction_read_only',
    '25006',
  ],
  ['takes no connections any more', 'connection limit 0', 'connection limit -1', 'too many connections'],
])(
  'a database that %s: not ready, one sentence, few lines; and all is well as soon as it does',
  async (_, begins, ends, code) => {
    const { db } = stack;
    const before = await records(db);
    await db.query('owner', `alter database ${await name()} ${begins}`);
    await terminate(db);
    expect((await readiness(stack)).status).toBe(503);
    await approveInVain(stack, 'anna', 'C0ACME', grant);
    await askInVain(stack);
    await ringOften(20);
    expect(await records(db)).toEqual(before);
    const said = troubles(stack, from);
    expect(JSON.stringify(said)).toContain(code);
    // One for each of two people, one for each of four jobs, one for the bells; each job may fail in more than one way.
    expect(said.length).toBeLessThan(10);
    expectClearLines(said);

    await db.query('owner', `alter database ${await name()} ${ends}`);
    await terminate(db);
    await expect.poll(async () => (await readiness(stack)).status).toBe(200);
    await carryOn(stack, grant);
  },
);

test('news of a tenant that could not be read when it came is read as soon as it can be', async () => {
  const { db } = stack;
  await db.query('owner', 'revoke select on tenants from breakglass_across');
  await db.query('superuser', "update tenants set name = 'Acme Limited' where key = 'acme'");
  await logged(stack, 'reading the tenants for the forms failed; it is tried again', from);
  await db.query('owner', 'grant select on tenants to breakglass_across');
  await logged(stack, 'reading the tenants for the forms works again', from);
  const olivia = await openForm(stack, 'olivia');
  expect(JSON.stringify(olivia.view?.definition)).toContain('Acme Limited');
  await olivia.close({ all: true });
});

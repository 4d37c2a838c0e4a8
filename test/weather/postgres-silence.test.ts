import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { listen } from '../../src/store/listen.ts';
import { SilentDatabase } from '../../src/store/socket.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { logged, timed } from './postgres-trouble.ts';
import { type Wire, wire } from './postgres-wire.ts';

let stack: TestStack;
let between: Wire;
beforeAll(async () => {
  between = await wire();
  stack = await startTestStack({ databaseUrl: (direct) => between.through(direct) });
});
afterAll(async () => {
  between.cut();
  await stack.stop();
  await between.stop();
});

test('a database that falls silent in the middle of a transaction is given up, and nothing of that stays; so is the line to the bells', async () => {
  const { db } = stack;
  const from = stack.log.length;
  const quiet = vi.fn();
  const ignore = () => {};
  const bells = {
    breakglass_outbox: ignore,
    breakglass_clock: ignore,
    breakglass_tenants: ignore,
    breakglass_policy: ignore,
    breakglass_reload: ignore,
    breakglass_channels: ignore,
    breakglass_schedules: ignore,
  };
  const sound = listen(db.url('app'), bells, quiet);
  const direct = openDatabase({ url: between.through(db.url('app')), connections: 1 });
  const before = await db.query('superuser', 'select count(*)::int from policies');
  const { error, ms } = await timed(() =>
    direct.acrossTenants('a test', async (tx) => {
      await tx.policy.create({ data: { hash: 'silence', text: '' } });
      between.swallow();
      await tx.$queryRaw`select 1`;
    }),
  );
  expect(error).toBeInstanceOf(SilentDatabase);
  expect(ms).toBeLessThan(8_000);
  between.mend();
  // The one connection there is goes to somebody else by now, and carries nothing of what was.
  await direct.acrossTenants('a test', async (tx) => {
    expect(await tx.policy.count({ where: { hash: 'silence' } })).toBe(0);
  });
  expect(await db.query('superuser', 'select count(*)::int from policies')).toEqual(before);
  await direct.close();
  await logged(stack, 'listening to the database was interrupted', from);
  await logged(stack, 'listening to the database again', from);
  // A line that is merely quiet for as long is left alone.
  expect(quiet).not.toHaveBeenCalled();
  await sound.close();
});

import { expect, test } from 'vitest';
import { doWhatIsTimed } from '../../src/jobs/timed.ts';
import { createSchedule } from '../../src/usecases/administer-schedules.ts';
import type { Context } from '../../src/usecases/context.ts';
import { done, root, toldOf } from '../usecases/admin.ts';
import { type Office, office, work } from '../usecases/office.ts';

const daily = { cron: '0 9 * * *', timezone: 'UTC' };
const log = { info: () => {} };
const look = (context: Context) => doWhatIsTimed(context, daily, log, work().requestId);

/** The file's digest and one of the API's, both due. */
async function bothDue(): Promise<Office> {
  const at = await office();
  const schedule = { name: 'weekly', job: 'digest', ...daily, channel: 'C0WATCH' } as const;
  done(await createSchedule(at.context, { by: root, schedule }, work()));
  await look(at.context);
  const next = await at.db.clock.now();
  next.setUTCDate(next.getUTCDate() + 1);
  next.setUTCHours(9, 1, 0, 0);
  await at.db.clock.advanceTo(next);
  return at;
}

test.each([
  ['the file’s digest', 'C0SECURITY', ['C0WATCH']],
  ['a schedule', 'C0WATCH', ['C0SECURITY', 'C0ACME', 'C0GLOBEX']],
])('where %s fails, the other is sent at its time, and the failure is told', async (_, broken, others) => {
  const at = await bothDue();
  await at.db.query(
    'owner',
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before insert on outbox for each row when (new.destination = '${broken}') execute function no_more()`,
  );
  await expect(look(at.context)).rejects.toThrow();
  expect(await toldOf(at, 'digest')).toEqual(others);
});

test('digests have the time that thousands of tenants take', async () => {
  const { context } = await bothDue();
  const limits = new Map<string, number | undefined>();
  const acrossTenants: Context['db']['acrossTenants'] = (reason, piece, limit) => {
    limits.set(reason, limit);
    return context.db.acrossTenants(reason, piece, limit);
  };
  await look({ ...context, db: { ...context.db, acrossTenants } });
  expect([limits.get('send the digests'), limits.get('do what a schedule says')]).toEqual([60_000, 60_000]);
});

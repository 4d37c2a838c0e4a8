import { expect, test } from 'vitest';
import { closeDue } from '../../src/usecases/close-due.ts';
import { request } from '../../src/usecases/request.ts';
import { auditView, grantOf, type Office, office, work } from './office.ts';

const BATCH = 2;

/** Six requests that will lapse: three batches, in the order in which they fall due. */
async function threeBatches(at: Office): Promise<string[]> {
  const made: string[] = [];
  for (const player of ['olivia', 'omar'] as const) {
    const actor = await at.actor(player);
    for (const tenant of ['acme', 'globex', 'initech']) {
      made.push(grantOf(await request(at.context, auditView(actor, tenant), work())));
    }
  }
  return made;
}

const stillOpen = async ({ db }: Office) =>
  (await db.query<{ id: string }>('superuser', 'select id from grants where closed_at is null')).map(({ id }) => id);

test.each([
  { locked: 1, how: 'one row of the first batch' },
  { locked: BATCH, how: 'the whole first batch' },
])(
  'somebody who never lets go of $how keeps nothing else open, and the error says how many are left',
  async ({ locked }) => {
    const at = await office();
    const grants = await threeBatches(at);
    const stuck = grants.slice(0, locked);
    await at.db.clock.advance(61 * 60_000);
    const holder = await at.db.session('superuser');
    await holder.query('begin');
    await holder.query('select from grants where id = any ($1) for update', [stuck]);
    await expect(closeDue(at.context, 'sweep', BATCH)).rejects.toThrow(
      `${locked} of ${grants.length} due grants could not be closed`,
    );
    expect((await stillOpen(at)).sort()).toEqual([...stuck].sort());
    await holder.query('rollback');
    expect(await closeDue(at.context, 'again', BATCH)).toBe(locked);
    expect(await stillOpen(at)).toEqual([]);
  },
);

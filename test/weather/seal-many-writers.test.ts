import { setTimeout as pass } from 'node:timers/promises';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openHead } from '../../src/evidence/checkpoint.ts';
import { openDatabase } from '../../src/store/database.ts';
import { aSealing, aSigner, keptInMemory, leavesOf, rootOf, seal } from '../support/sealing.ts';
import { office } from '../usecases/office.ts';

const WRITERS = 16;
const TRANSACTIONS = 12;

test('rows that 16 writers commit out of order are sealed exactly once each, while sealers are killed and started', async () => {
  const at = await office();
  const signer = aSigner();
  const trusted = [signer.verifier];
  const admin = await at.db.session('superuser');
  let [writing, killed] = [true, 0];

  /** Rows get their numbers now and are there some time later, in another order; now and then never. */
  const writer = async (client: pg.Client, name: number): Promise<void> => {
    for (let n = 0; n < TRANSACTIONS; n += 1) {
      await client.query('begin');
      for (let row = 0; row < 3; row += 1) {
        await client.query(
          `insert into audit_events (action, actor, request_id, details) values ('access.refused', $1, 'w', $2)`,
          [`writer ${name}`, { n, row }],
        );
      }
      await client.query('select pg_sleep(random() * 0.04)');
      await client.query(n % 5 === 4 ? 'rollback' : 'commit');
    }
  };
  /** A process that seals until it is told to stop; its connections may be cut at any moment. */
  const sealer = async (): Promise<void> => {
    const db = openDatabase({ url: at.db.url('app'), connections: 2 });
    const sealing = aSealing(db, { signer, trusted, kept: keptInMemory() });
    while (writing) {
      const sealed = await seal(sealing).catch(() => null);
      expect(sealed?.kind).not.toBe('refused');
    }
    await db.close();
  };
  const killer = async (): Promise<void> => {
    while (writing) {
      await pass(15);
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where application_name = 'breakglass' and datname = current_database() and query like '%audit_leaves%'`,
      );
      killed += rowCount ?? 0;
    }
  };
  onTestFinished(() => {
    writing = false;
  });
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => at.db.session('superuser')));
  const background = Promise.all([sealer(), sealer(), killer()]);
  await Promise.all(clients.map(writer));
  writing = false;
  await background;

  const kept = keptInMemory();
  await seal(aSealing(at.context.db, { signer, trusted, kept }));
  await seal(aSealing(at.context.db, { signer, trusted, kept }));
  const leaves = await leavesOf(at.db);
  const [rows] = await at.db.query<{ ids: string[] }>(
    'superuser',
    'select array_agg(id::text order by id) as ids from audit_events',
  );
  expect(leaves.map(({ id }) => id).sort((a, b) => Number(a) - Number(b))).toEqual(rows?.ids);
  expect(leaves.map(({ leaf }) => leaf)).toEqual(leaves.map((_, i) => i));
  expect(killed).toBeGreaterThan(0);
  expect(leaves.length).toBeGreaterThan(WRITERS * 9 * 3);
  expect(openHead(String(kept.note()), trusted)?.root).toEqual(rootOf(leaves.map(({ entry }) => entry)));
});

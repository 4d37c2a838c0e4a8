import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openHead } from '../../src/evidence/checkpoint.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openReading } from '../../src/store/reading.ts';
import { end } from '../../src/usecases/end.ts';
import type { Sealing } from '../../src/usecases/seal.ts';
import { verifyHistory } from '../../src/usecases/verify-history.ts';
import { type Carry, pgDumpFits, rowByRow, withPgDump } from '../support/backup.ts';
import { aSealing, keptInMemory, seal } from '../support/sealing.ts';
import { active, grantOf, type Office, office, work } from './office.ts';

/** Access was given, and what was done is sealed, up to the head that the bot keeps. */
async function sealedOffice(): Promise<{ at: Office; sealing: Sealing; grant: string }> {
  const at = await office();
  const sealing = aSealing(at.context.db);
  const grant = await active(at);
  await seal(sealing);
  await seal(sealing);
  return { at, sealing, grant };
}

async function findings(url: string, { trusted }: Sealing, held: string | null = null): Promise<string[]> {
  const reading = await openReading(url);
  const heads = [held].flatMap((note) => (note === null ? [] : (openHead(note, trusted) ?? [])));
  const progress = { total: () => {}, done: () => {} };
  return (await verifyHistory(reading, { verifiers: trusted, held: heads, progress }).finally(reading.close)).findings;
}

/** The sealer of a bot on another database, with the head that it keeps beside itself. */
function sealingOn(url: string, sealing: Sealing, kept = sealing.kept): Sealing {
  const db = openDatabase({ url, connections: 2 });
  onTestFinished(() => db.close());
  return { ...sealing, db, kept };
}

const ways: [string, Carry][] = [
  ['row by row', rowByRow],
  ...((await pgDumpFits()) ? [['by pg_dump and pg_restore', withPgDump] satisfies [string, Carry]] : []),
];

describe.each(ways)('a backup, taken as the role for it and restored %s,', (_way, carry) => {
  test('verifies, and is sealed on from where it ended', async () => {
    const { at, sealing, grant } = await sealedOffice();
    const { url } = await carry(at.db);
    const restored = url('breakglass_app');
    expect(await findings(restored, sealing, sealing.kept.note())).toEqual([]);
    const on = sealingOn(restored, sealing);
    grantOf(await end({ ...at.context, db: on.db }, { actor: await at.actor('olivia'), grant }, work()));
    expect(await seal(on)).toMatchObject({ kind: 'sealed', rows: 2 });
    await seal(on);
    expect(await findings(restored, sealing)).toEqual([]);
  });

  test('holds what every table held', async () => {
    const { at } = await sealedOffice();
    const { url } = await carry(at.db);
    const tables = await at.db.query<{ name: string }>(
      'superuser',
      `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    const digests = tables.map(
      ({ name }) => `select '${name}' as name, count(*)::int as rows, md5(string_agg(t::text, ' ' order by t::text))
        from public.${name} t`,
    );
    const statement = `${digests.join(' union all ')} order by 1`;
    const there = await superuserOn(url, at, statement);
    expect(there).toEqual(await at.db.query('superuser', statement));
  });

  test('is not sealed on by a bot that has seen more: its head, and a checkpoint from later, say that it is older', async () => {
    const { at, sealing, grant } = await sealedOffice();
    const { url } = await carry(at.db);
    const restored = url('breakglass_app');
    grantOf(await end(at.context, { actor: await at.actor('olivia'), grant }, work()));
    await seal(sealing);
    const later = sealing.kept.note();
    expect(await findings(restored, sealing)).toEqual([]);
    expect(await findings(restored, sealing, later)).toEqual([
      'the whole history has 9 entries, and a checkpoint that was held has 11: the end was cut off, or this is an older copy',
    ]);
    expect(await seal(sealingOn(restored, sealing))).toEqual({ kind: 'refused', trouble: 'shorter' });
    const anew = sealingOn(restored, sealing, keptInMemory());
    grantOf(await end({ ...at.context, db: anew.db }, { actor: await at.actor('olivia'), grant }, work()));
    expect(await seal(anew)).toMatchObject({ kind: 'sealed', rows: 2 });
    expect(await findings(restored, sealing)).toEqual([]);
    expect(await findings(restored, sealing, later)).toEqual([
      expect.stringMatching(
        /^the whole history is not what it was: at 11 entries it differs from the checkpoint that was held/,
      ),
    ]);
  });
});

test('access that was taken back after the backup is there again until its time is over', async () => {
  const { at, grant } = await sealedOffice();
  const { url } = await rowByRow(at.db);
  grantOf(await end(at.context, { actor: await at.actor('olivia'), grant }, work()));
  const [restored] = await superuserOn(url, at, `select state from grants where id = '${grant}'`);
  expect(restored).toEqual({ state: 'active' });
});

/** Rows of one statement on another database of the same server. */
async function superuserOn(url: (role: string) => string, { db }: Office, statement: string) {
  const client = new pg.Client({ connectionString: url(new URL(db.url('superuser')).username) });
  await client.connect();
  return (await client.query(statement).finally(() => client.end())).rows;
}

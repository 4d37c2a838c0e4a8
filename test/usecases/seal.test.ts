import { describe, expect, test } from 'vitest';
import { headIn, openHead } from '../../src/evidence/checkpoint.ts';
import { SEAL_BATCH } from '../../src/store/seal.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { aSealing, aSigner, keptInMemory, LOG, leavesOf, rootOf, seal, writeRows } from '../support/sealing.ts';
import { active, command, grantOf, type Office, office, requested, work } from './office.ts';

const HOUR_MS = 60 * 60_000;

interface Checkpoint {
  tenant: string | null;
  size: number;
  root: Buffer;
  note: string;
  posted: boolean;
}

const checkpointsOf = ({ db }: Office, tenant: string | null = null) =>
  db.query<Checkpoint & Record<string, unknown>>(
    'superuser',
    `select tenant_id as tenant, size::int, root, note, posted from checkpoints
      where tenant_id is not distinct from $1::uuid order by id`,
    [tenant],
  );

const tenantCalled = async ({ db }: Office, key: string): Promise<string> => {
  const [row] = await db.query<{ id: string }>('superuser', 'select id from tenants where key = $1', [key]);
  return String(row?.id);
};

const noticesOf = ({ db }: Office, kind: string) =>
  db.query<{ destination: string; payload: { tenant: string | null; size: number; note: string; trouble?: string } }>(
    'superuser',
    'select destination, payload from outbox where kind = $1 order by id',
    [kind],
  );

describe('what is sealed', () => {
  test('is every row, in one tree whose head is signed', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await active(at);
    const sealed = await seal(sealing);
    const leaves = await leavesOf(at.db);
    const [{ rows } = { rows: 0 }] = await at.db.query<{ rows: number }>(
      'superuser',
      'select count(*)::int as rows from audit_events',
    );
    // The key that sealed for the first time is on record too, and is sealed with what comes next.
    expect(sealed).toEqual({ kind: 'sealed', rows: rows - 1, size: rows - 1 });
    expect(leaves.map(({ leaf }) => leaf)).toEqual(leaves.map((_, i) => i));
    const [checkpoint] = await checkpointsOf(at);
    const head = openHead(checkpoint?.note ?? '', sealing.trusted);
    expect(head).toMatchObject({ origin: LOG, size: leaves.length, root: rootOf(leaves.map(({ entry }) => entry)) });
    expect(sealing.kept.note()).toBe(checkpoint?.note);
  });

  test('goes on where it was left, and nothing new makes no new head', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await seal(sealing);
    const before = await checkpointsOf(at);
    expect(await seal(sealing)).toMatchObject({ kind: 'sealed', rows: 0 });
    expect(await checkpointsOf(at)).toEqual(before);
    await requested(at);
    await seal(sealing);
    const leaves = await leavesOf(at.db);
    expect((await checkpointsOf(at)).at(-1)?.root).toEqual(rootOf(leaves.map(({ entry }) => entry)));
  });

  test('has a tree for each tenant too, counted without a gap', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await requested(at);
    await seal(sealing);
    grantOf(await request(at.context, command(await at.actor('omar'), { tenantKey: 'globex' }), work()));
    grantOf(await request(at.context, command(await at.actor('omar')), work()));
    await seal(sealing);
    for (const key of ['acme', 'globex']) {
      const tenant = await tenantCalled(at, key);
      const own = (await leavesOf(at.db)).filter((leaf) => leaf.tenant === tenant);
      expect(own.map(({ tenantLeaf }) => tenantLeaf)).toEqual(own.map((_, i) => i));
      const newest = (await checkpointsOf(at, tenant)).at(-1);
      expect(openHead(newest?.note ?? '', sealing.trusted)).toMatchObject({
        origin: `${LOG}/tenant/${tenant}`,
        size: own.length,
        root: rootOf(own.map(({ entry }) => entry)),
      });
    }
  });

  test('goes through a large backlog in several steps', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await writeRows(at.db, 2 * SEAL_BATCH + 500);
    const sealed = await seal(sealing);
    const leaves = await leavesOf(at.db);
    expect(sealed).toMatchObject({ kind: 'sealed', size: leaves.length });
    expect(leaves.length).toBeGreaterThan(2 * SEAL_BATCH + 500);
    const heads = await checkpointsOf(at);
    expect(heads.map(({ size }) => size)).toEqual([SEAL_BATCH, 2 * SEAL_BATCH, leaves.length]);
    expect(heads.at(-1)?.root).toEqual(rootOf(leaves.map(({ entry }) => entry)));
  });

  test('is what is visible: a row that commits late comes later, under its own number, and is not skipped', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await seal(sealing);
    const late = await at.db.session('superuser');
    const insert = `insert into audit_events (action, actor, request_id, details) values ('access.refused', 'late', 'r', '{}') returning id::text`;
    await late.query('begin');
    const { rows: first } = await late.query<{ id: string }>(insert);
    const [second] = await at.db.query<{ id: string }>('superuser', insert);
    await seal(sealing);
    await writeRows(at.db, 3);
    await seal(sealing);
    expect((await leavesOf(at.db)).map(({ id }) => id)).not.toContain(first[0]?.id);
    await late.query('commit');
    await seal(sealing);
    const ids = (await leavesOf(at.db)).map(({ id }) => id);
    expect(ids.at(-1)).toBe(first[0]?.id);
    expect(ids.indexOf(String(second?.id))).toBeLessThan(ids.length - 1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is sealed by one process at a time: another one that comes meanwhile goes away at once', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    const other = await at.db.session('superuser');
    const lock = '7305712941';
    await other.query('select pg_advisory_lock($1)', [lock]);
    await writeRows(at.db, 1);
    expect(await seal(sealing)).toEqual({ kind: 'elsewhere' });
    await other.query('select pg_advisory_unlock($1)', [lock]);
    expect(await seal(sealing)).toMatchObject({ kind: 'sealed', rows: 2 });
  });

  test('is sealed although a first try was cut off in the middle of it', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await seal(sealing);
    await writeRows(at.db, 5);
    const waits = await at.db.session('superuser');
    await waits.query('begin; lock table checkpoints in share row exclusive mode');
    const sealed = seal(sealing);
    await untilWaitedFor(at.db, waits);
    await at.db.query(
      'superuser',
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into checkpoints%'`,
    );
    await waits.query('rollback');
    expect(await sealed).toMatchObject({ kind: 'sealed', rows: 5 });
  });

  test('is also what came from a server whose transactions had higher numbers', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await at.db.query(
      'superuser',
      `alter table checkpoints disable trigger user; update checkpoints set horizon = 1e12; alter table checkpoints enable trigger user`,
    );
    await writeRows(at.db, 3);
    expect(await seal(sealing)).toMatchObject({ rows: 4 });
  });

  test('is also what was written on another server while nobody sealed, and what came there is looked at once only', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await seal(sealing);
    await writeRows(at.db, 3);
    // As after a dump was restored: the rows keep their numbers of a server that was further, the horizon is of there too.
    await at.db.query(
      'superuser',
      `alter table checkpoints disable trigger user; alter table audit_events disable trigger user;
       update checkpoints set server = 'another', horizon = 10 where tenant_id is null;
       update audit_events set tx = 1e12 where id in (select event_id from audit_leaves);
       update audit_events set tx = 5 where id not in (select event_id from audit_leaves);
       alter table checkpoints enable trigger user; alter table audit_events enable trigger user`,
    );
    expect(await seal(sealing)).toMatchObject({ kind: 'sealed', rows: 3 });
    const [newest] = (
      await at.db.query<{ server: string; recent: number }>(
        'superuser',
        `select server, (select count(*)::int from audit_events where tx >= c.horizon and tx < pg_snapshot_xmax(pg_current_snapshot())::text::bigint) as recent
           from checkpoints c where tenant_id is null order by id desc limit 1`,
      )
    ).slice(0, 1);
    expect(newest?.server).not.toBe('another');
    expect(newest?.recent).toBe(0);
  });
});

describe('a head that is sent to people', () => {
  test('goes to security with the first seal, and each tenant`s own to its owners', async () => {
    const at = await office();
    await seal(aSealing(at.context.db));
    const sent = await noticesOf(at, 'checkpoint');
    expect(Object.fromEntries(sent.map(({ destination, payload }) => [destination, payload.tenant]))).toEqual({
      C0SECURITY: null,
      C0ACME: 'Acme Corp',
      C0GLOBEX: 'Globex',
    });
    for (const { payload } of sent) expect(headIn(payload.note)?.size).toBe(payload.size);
  });

  test('is sent again when a break-glass session closed, to security and to the owners of that tenant', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    const grant = await active(at);
    await seal(sealing);
    expect(await noticesOf(at, 'checkpoint')).toHaveLength(3);
    grantOf(await end(at.context, { actor: await at.actor('olivia'), grant }, work()));
    await seal(sealing);
    const sent = (await noticesOf(at, 'checkpoint')).slice(3);
    expect(sent.map(({ destination }) => destination)).toEqual(['C0SECURITY', 'C0ACME']);
    const [whole] = (await checkpointsOf(at)).slice(-1);
    expect(sent[0]?.payload).toMatchObject({ size: whole?.size, note: whole?.note });
  });

  test('is sent once a day, all that people have not got by then', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    await requested(at);
    await seal(sealing);
    await at.db.clock.advance(23 * HOUR_MS);
    await writeRows(at.db, 1);
    await seal(sealing);
    expect(await noticesOf(at, 'checkpoint')).toHaveLength(3);
    await at.db.clock.advance(2 * HOUR_MS);
    await writeRows(at.db, 1);
    await seal(sealing);
    const sent = (await noticesOf(at, 'checkpoint')).slice(3);
    expect(sent.map(({ destination }) => destination)).toEqual(['C0SECURITY', 'C0ACME']);
    const acme = await checkpointsOf(at, await tenantCalled(at, 'acme'));
    expect(acme.filter(({ posted }) => posted).map(({ size }) => size)).toContain(sent[1]?.payload.size);
  });
});

describe('a key', () => {
  test('that signs for the first time is on record, and its public half is kept', async () => {
    const at = await office();
    const first = aSigner();
    await seal(aSealing(at.context.db, { signer: first }));
    const [row] = await at.db.query<{ key: string }>(
      'superuser',
      `select details ->> 'key' as key from audit_events where action = 'seal.key_added'`,
    );
    expect(row?.key).toBe(first.verifier.text);
  });

  test('that replaces another goes on with its history, where it is told to trust it', async () => {
    const at = await office();
    const [first, second] = [aSigner(), aSigner()];
    const kept = keptInMemory();
    await seal(aSealing(at.context.db, { signer: first, kept }));
    await requested(at);
    expect(await seal(aSealing(at.context.db, { signer: second }))).toEqual({
      kind: 'refused',
      trouble: 'unknown_key',
    });
    const trusted = [second.verifier, first.verifier];
    expect(await seal(aSealing(at.context.db, { signer: second, trusted, kept }))).toMatchObject({ kind: 'sealed' });
    const keys = await at.db.query<{ verifier_key: string }>('superuser', 'select * from seal_keys order by since');
    expect(keys.map(({ verifier_key }) => verifier_key)).toEqual([first.verifier.text, second.verifier.text]);
  });
});

describe('nothing is signed', () => {
  const unguarded = (at: Office, table: string, statement: string) =>
    at.db.query(
      'superuser',
      `alter table ${table} disable trigger user; ${statement}; alter table ${table} enable trigger user`,
    );

  /** Acme was asked for and sealed; then somebody changed something. */
  async function sealedOffice() {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await requested(at);
    await seal(sealing);
    await seal(sealing);
    return { at, sealing };
  }

  test('where the database ends before what was kept outside it', async () => {
    const { at, sealing } = await sealedOffice();
    await unguarded(
      at,
      'checkpoints',
      'delete from checkpoints where tenant_id is null and size = (select max(size) from checkpoints where tenant_id is null)',
    );
    const before = await checkpointsOf(at);
    await writeRows(at.db, 1);
    expect(await seal(sealing)).toEqual({ kind: 'refused', trouble: 'shorter' });
    expect(await checkpointsOf(at)).toEqual(before);
  });

  test('where the database has nothing and a head was kept', async () => {
    const { sealing } = await sealedOffice();
    const other = await office();
    expect(await seal({ ...sealing, db: other.context.db })).toEqual({ kind: 'refused', trouble: 'shorter' });
    expect(await leavesOf(other.db)).toEqual([]);
  });

  test('where the database was sealed on by itself from an older copy, with the same key', async () => {
    const { at, sealing } = await sealedOffice();
    const fork = await office();
    const again = { ...sealing, db: fork.context.db, kept: keptInMemory() };
    await writeRows(fork.db, 50);
    await seal(again);
    expect(await seal({ ...again, kept: sealing.kept })).toEqual({ kind: 'refused', trouble: 'forked' });
    expect(at).toBeDefined();
  });

  test.each([
    ['the root', `update checkpoints set root = sha256('x')`, 'broken'],
    ['the size', 'update checkpoints set size = size + 1000 where tenant_id is null', 'broken'],
    ['what to go on from', `update checkpoints set frontier = sha256('x') || substr(frontier, 33)`, 'broken'],
    ['the note', `update checkpoints set note = replace(note, E'\\n\\n', E'\\nx\\n\\n')`, 'unknown_key'],
    ["a tenant's root", `update checkpoints set root = sha256('x') where tenant_id is not null`, 'broken'],
  ])('where somebody changed %s of a stored head', async (_, change, trouble) => {
    const { at, sealing } = await sealedOffice();
    await unguarded(at, 'checkpoints', change);
    const leaves = await leavesOf(at.db);
    grantOf(await request(at.context, command(await at.actor('omar')), work()));
    expect(await seal(sealing)).toEqual({ kind: 'refused', trouble });
    expect(await leavesOf(at.db)).toEqual(leaves);
  });

  test('where a leaf was changed and the tree sealed on by another process that did not notice', async () => {
    const { at, sealing } = await sealedOffice();
    const kept = sealing.kept.note();
    await unguarded(at, 'audit_leaves', `update audit_leaves set hash = sha256('x') where leaf = 2`);
    await writeRows(at.db, 3);
    const elsewhere = { ...sealing, kept: keptInMemory() };
    await seal(elsewhere);
    expect(await seal({ ...sealing, kept: keptInMemory(kept) })).toEqual({ kind: 'refused', trouble: 'forked' });
  });

  test('for a log of another name', async () => {
    const { at, sealing } = await sealedOffice();
    const signer = aSigner('staging.example.com');
    const trusted = [signer.verifier, ...sealing.trusted];
    expect(await seal(aSealing(at.context.db, { signer, trusted }))).toEqual({ kind: 'refused', trouble: 'other_log' });
  });

  test('where what was kept outside can not be read', async () => {
    const { sealing } = await sealedOffice();
    for (const note of ['', 'nonsense', String(sealing.kept.note()).replace('breakglass', 'breakgloss')]) {
      expect(await seal({ ...sealing, kept: keptInMemory(note) })).toEqual({
        kind: 'refused',
        trouble: 'kept_unreadable',
      });
    }
  });
});

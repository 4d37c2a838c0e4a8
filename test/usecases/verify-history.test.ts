import { describe, expect, onTestFinished, test } from 'vitest';
import { headIn, openHead } from '../../src/evidence/checkpoint.ts';
import { leafHash } from '../../src/evidence/merkle.ts';
import { openReading } from '../../src/store/reading.ts';
import { createKey, endKey } from '../../src/usecases/api-keys.ts';
import { approve } from '../../src/usecases/approve.ts';
import { deny } from '../../src/usecases/deny.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import type { Sealing } from '../../src/usecases/seal.ts';
import { verifyHistory } from '../../src/usecases/verify-history.ts';
import { withdraw } from '../../src/usecases/withdraw.ts';
import { aSealing, aSigner, keptInMemory, seal, writeRows } from '../support/sealing.ts';
import { active, auditView, command, grantOf, type Office, office, work } from './office.ts';

async function verify(at: Office, { trusted }: Pick<Sealing, 'trusted'>, held: readonly string[] = []) {
  const reading = await openReading(at.db.url('app'));
  onTestFinished(() => reading.close().catch(() => {}));
  const heads = held.map((note) => openHead(note, trusted) ?? headIn('') ?? fail());
  const seen: number[] = [];
  const progress = {
    total: (entries: number) => void seen.push(entries),
    done: (entries: number) => void seen.push(entries),
  };
  const verified = await verifyHistory(reading, { verifiers: trusted, held: heads, progress }).finally(reading.close);
  return { ...verified, seen };
}
const fail = (): never => {
  throw new Error('This is no head that these keys signed.');
};

const wish = { name: 'documents', tenants: ['acme'], subjects: null, actions: ['content.read'], defaultTenant: null };

/** A day at the office: accesses of every fate, a key made and one ended, owners that changed; all of it sealed. */
async function aDay(): Promise<{ at: Office; sealing: Sealing; grant: string }> {
  const at = await office();
  const sealing = aSealing(at.context.db);
  await seal(sealing);
  const over = await active(at);
  grantOf(await end(at.context, { actor: await at.actor('olivia'), grant: over }, work()));
  await seal(sealing);
  const olivia = await at.actor('olivia');
  grantOf(await request(at.context, auditView(olivia), work()));
  const denied = grantOf(await request(at.context, command(await at.actor('omar')), work()));
  const no = {
    actor: await at.actor('anna'),
    grant: denied,
    leg: 'owner' as const,
    reason: 'Nobody told us of an incident',
  };
  grantOf(await deny(at.context, no, work()));
  const back = grantOf(await request(at.context, command(await at.actor('omar'), { tenantKey: 'globex' }), work()));
  grantOf(await withdraw(at.context, { actor: await at.actor('omar'), grant: back }, work()));
  const shorter = grantOf(await request(at.context, command(await at.actor('omar')), work()));
  const rest = { grant: shorter, comment: 'Half of it will do' };
  grantOf(await approve(at.context, { actor: await at.actor('anna'), leg: 'owner', minutes: 30, ...rest }, work()));
  await createKey(at.context.db, { ...wish, role: 'service', days: 9, perSecond: 5 }, 'system:command-line', 'keys');
  await createKey(
    at.context.db,
    { ...wish, name: 'gone', role: 'service', days: 9, perSecond: 5 },
    'system:command-line',
    'keys',
  );
  await endKey(at.context.db, 'gone', 'system:command-line', 'keys');
  await seal(sealing);
  await seal(sealing);
  return { at, sealing, grant: over };
}

const asSuperuser = (at: Office, table: string, statement: string) =>
  at.db.query(
    'superuser',
    `alter table ${table} disable trigger user; ${statement}; alter table ${table} enable trigger user`,
  );

/** The text that a superuser would put into a row, with columns to match. */
const lie = `update audit_events set details = details || '{"reason": "It was agreed on the phone"}',
  entry = audit_entry(id, at, action, actor, tenant_id, grant_id, request_id, details || '{"reason": "It was agreed on the phone"}')`;
const someLeaf = `(select event_id from audit_leaves where leaf = 9)`;

describe('an untouched database', () => {
  test('verifies: entries, heads, and tables against what the entries add up to', async () => {
    const { at, sealing } = await aDay();
    const verified = await verify(at, sealing, [String(sealing.kept.note())]);
    expect(verified.findings).toEqual([]);
    expect(verified).toMatchObject({ waiting: 0, grants: 5 });
    expect(verified.checkpoints).toBeGreaterThan(5);
    expect(verified.seen[0]).toBe(verified.entries);
    expect(verified.seen.at(-1)).toBe(verified.entries);
  });

  test('verifies with rows that wait for their seal, as long as they are young', async () => {
    const { at, sealing } = await aDay();
    await writeRows(at.db, 3);
    expect(await verify(at, sealing)).toMatchObject({ waiting: 3, findings: [] });
    await at.db.clock.advance(61_000);
    const { findings } = await verify(at, sealing);
    expect(findings).toHaveLength(3);
    expect(findings[0]).toContain('is not sealed although it is older than a minute');
  });
});

describe('a superuser who', () => {
  test('edits a row is found, and the row is named', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, 'audit_events', `${lie} where id = ${someLeaf}`);
    const { findings } = await verify(at, sealing);
    expect(findings[0]).toMatch(/^entry 9 \(row \d+\) was changed/);
  });

  test('edits a row and its hash is found by the next checkpoint, and the stretch is named', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, 'audit_events', `${lie} where id = ${someLeaf}`);
    await asSuperuser(
      at,
      'audit_leaves',
      `update audit_leaves set hash = (select sha256('\\x00'::bytea || convert_to(entry, 'UTF8')) from audit_events where id = event_id) where leaf = 9`,
    );
    const { findings } = await verify(at, sealing);
    expect(findings[0]).toContain('Among entries');
    expect(findings[0]).toContain('changed, removed, inserted or reordered');
  });

  test('edits only what is searched by is found', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(
      at,
      'audit_events',
      `update audit_events set actor = 'slack:T0HOME:U0NOBODY' where id = ${someLeaf}`,
    );
    expect((await verify(at, sealing)).findings).toEqual([
      expect.stringMatching(/^entry 9 \(row \d+\): its text is as sealed, but the columns/),
    ]);
  });

  test('removes a row is found', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, 'audit_events', `delete from audit_events where id = ${someLeaf}`);
    expect((await verify(at, sealing)).findings[0]).toMatch(/^entry 9 \(row \d+\) was removed/);
  });

  test('removes a row and its leaf, and closes the gap, is found', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, 'audit_events', `delete from audit_events where id = ${someLeaf}`);
    await asSuperuser(at, 'audit_leaves', 'delete from audit_leaves where leaf = 9');
    expect((await verify(at, sealing)).findings[0]).toContain('entry 9 is missing from the sealed history');
    await asSuperuser(at, 'audit_leaves', 'update audit_leaves set leaf = leaf - 1 where leaf > 9');
    const { findings } = await verify(at, sealing);
    expect(findings.some((finding) => finding.includes('the checkpoint of'))).toBe(true);
  });

  test('swaps two rows is found', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(
      at,
      'audit_leaves',
      `with pair as (select a.event_id as a, b.event_id as b from audit_leaves a, audit_leaves b where a.leaf = 9 and b.leaf = 10)
       update audit_leaves set event_id = -event_id where leaf in (9, 10)`,
    );
    await asSuperuser(
      at,
      'audit_leaves',
      `update audit_leaves l set event_id = -(select event_id from audit_leaves o where o.leaf = 19 - l.leaf) where leaf in (9, 10)`,
    );
    expect((await verify(at, sealing)).findings[0]).toMatch(/^entry 9 \(row \d+\) was changed/);
  });

  test('inserts a row behind the back of the sealer is found', async () => {
    const { at, sealing } = await aDay();
    await at.db.query(
      'superuser',
      `insert into audit_events (action, actor, request_id, details, tx) values ('access.refused', 'slack:T0HOME:U0X', 'r', '{}', 0)`,
    );
    await seal(sealing);
    await at.db.clock.advance(61_000);
    expect((await verify(at, sealing)).findings[0]).toContain('is not sealed although');
  });

  test('inserts a row of tomorrow, so that it is never old, is found', async () => {
    const { at, sealing } = await aDay();
    const day = 24 * 60 * 60_000;
    await at.db.clock.advance(day);
    await at.db.query(
      'superuser',
      `insert into audit_events (action, actor, request_id, details, tx) values ('access.refused', 'x', 'r', '{}', 0)`,
    );
    await at.db.clock.advance(-day);
    expect((await verify(at, sealing)).findings[0]).toContain('is of a time that has not come yet');
  });

  test('inserts an active grant is found, however perfect the log', async () => {
    const { at, sealing, grant } = await aDay();
    const tables = ['grants', 'legs'];
    for (const table of tables) await at.db.query('superuser', `alter table ${table} disable trigger user`);
    await at.db.query(
      'superuser',
      `insert into grants select (jsonb_populate_record(g, jsonb_build_object('id', '00000000-0000-4000-8000-000000000001',
         'state', 'active', 'closed_at', null, 'closed_by', null, 'close_reason', null))).* from grants g where id = '${grant}'`,
    );
    await seal(sealing);
    const { findings } = await verify(at, sealing);
    expect(findings).toEqual([
      'grant 00000000-0000-4000-8000-000000000001 is active in the table, and no entry says that anybody asked for it',
    ]);
  });

  test.each([
    [
      'grants',
      `update grants set expires_at = expires_at + interval '1 day', minutes_granted = minutes_granted + 1440, minutes_asked = minutes_asked + 1440 where state = 'active'`,
      'minutesAsked',
    ],
    ['grants', `update grants set reason = 'Something quite different from that' where state = 'ended'`, 'reason'],
    [
      'legs',
      `update legs set person_id = (select person_id from legs where role = 'security' and person_id is not null limit 1) where role = 'owner' and verdict = 'denied'`,
      'legs',
    ],
    ['reviews', `update reviews set due_at = due_at + interval '1 year'`, 'dueAt'],
    [
      'owners',
      `insert into owners (tenant_id, person_id) select t.id, i.person_id from tenants t, identities i where t.key = 'acme' and i.external_id = 'U0OLIVIA'`,
      'the owners of tenant',
    ],
    [
      'owners',
      `delete from owners where tenant_id = (select id from tenants where key = 'globex')`,
      'the owners of tenant',
    ],
    ['identities', `update identities set external_id = 'U0EVIL' where external_id = 'U0GINA'`, 'the owners of tenant'],
    ['api_keys', `update api_keys set tenants = null where name = 'documents'`, 'the API key documents'],
    ['api_keys', `update api_keys set revoked_at = null, revoked_by = null where name = 'gone'`, 'the API key gone'],
    ['api_keys', `update api_keys set secret_hash = sha256('mine') where name = 'documents'`, 'the API key documents'],
    [
      'api_keys',
      `insert into api_keys (name, role, secret_hash, per_second, created_by, expires_at) values ('evil', 'service', sha256('x'), 1, 'me', breakglass_now() + interval '1 day')`,
      'the API key evil is in the table, and no entry says so',
    ],
  ])('changes %s beside the log is found: %s', async (table, statement, named) => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, table, statement);
    const { findings } = await verify(at, sealing);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.join('\n')).toContain(named);
  });

  test('rebuilds everything and signs with another key is found by the key that was pinned', async () => {
    const { at, sealing } = await aDay();
    await asSuperuser(at, 'audit_events', `${lie} where id = ${someLeaf}`);
    for (const table of ['audit_leaves', 'audit_nodes', 'checkpoints'])
      await asSuperuser(at, table, `delete from ${table}`);
    const forger = aSigner();
    await seal(aSealing(at.context.db, { signer: forger }));
    expect((await verify(at, { trusted: [forger.verifier] })).findings).toEqual([]);
    expect((await verify(at, sealing)).findings[0]).toContain('is not signed by a key that is trusted here');
  });

  test('rebuilds everything, with the very key, is found by a checkpoint that somebody held on to', async () => {
    const { at, sealing } = await aDay();
    const held = String(sealing.kept.note());
    await asSuperuser(at, 'audit_events', `${lie} where id = ${someLeaf}`);
    for (const table of ['audit_leaves', 'audit_nodes', 'checkpoints'])
      await asSuperuser(at, table, `delete from ${table}`);
    await seal({ ...sealing, kept: keptInMemory() });
    expect((await verify(at, sealing)).findings).toEqual([]);
    expect((await verify(at, sealing, [held])).findings[0]).toContain('differs from the checkpoint that was held');
  });

  test('cuts off the end before the last posted checkpoint is found by that checkpoint', async () => {
    const { at, sealing } = await aDay();
    const held = String(sealing.kept.note());
    const first = 'select min(size) from checkpoints where tenant_id is null';
    await asSuperuser(
      at,
      'audit_events',
      `delete from audit_events where id in (select event_id from audit_leaves where leaf >= (${first}))`,
    );
    await asSuperuser(at, 'audit_leaves', `delete from audit_leaves where leaf >= (${first})`);
    await asSuperuser(at, 'checkpoints', `delete from checkpoints where id > (select min(id) + 2 from checkpoints)`);
    const { findings } = await verify(at, sealing, [held]);
    expect(findings.some((finding) => finding.includes('the end was cut off, or this is an older copy'))).toBe(true);
  });

  test("changes a tenant's count, a stored hash or a head is found", async () => {
    const { at, sealing } = await aDay();
    const changes: [string, string, string][] = [
      [
        'audit_leaves',
        'update audit_leaves set tenant_leaf = tenant_leaf + 100 where tenant_leaf = 2',
        'is counted as number 102',
      ],
      [
        'checkpoints',
        `update checkpoints set size = size + 1 where tenant_id is null and posted`,
        'says something else than its signed text',
      ],
    ];
    for (const [table, statement, named] of changes) {
      const fresh = await aDay();
      await asSuperuser(fresh.at, table, statement);
      expect((await verify(fresh.at, fresh.sealing)).findings.join('\n'), statement).toContain(named);
    }
    await writeRows(at.db, 600);
    await seal(sealing);
    await asSuperuser(at, 'audit_nodes', `update audit_nodes set hash = sha256('x') where level = 8 and index = 1`);
    expect((await verify(at, sealing)).findings).toEqual([
      'the whole history: the stored hash of entries 256 to 511 is not that of these entries',
    ]);
  });
});

test('what is sealed is what the row says, to the byte', async () => {
  const { at } = await aDay();
  const rows = await at.db.query<{ entry: string; hash: Buffer }>(
    'superuser',
    'select entry, hash from audit_leaves join audit_events on id = event_id',
  );
  for (const { entry, hash } of rows) expect(leafHash(entry)).toEqual(hash);
});

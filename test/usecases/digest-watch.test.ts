import { expect, test } from 'vitest';
import type { DigestWatch } from '../../src/domain/digest.ts';
import { watchOver } from '../../src/store/digest-watch.ts';
import { readClock } from '../../src/store/policies.ts';
import { tenantIdOf } from '../../src/store/tenants.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { aSealing, seal } from '../support/sealing.ts';
import { countUses } from '../support/uses.ts';
import { active, auditView, command, grantOf, type Office, office, work } from './office.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** What a digest of the last day watches over; of a tenant, or of everything. */
const watched = ({ context }: Office, tenantKey: string | null = null): Promise<DigestWatch> =>
  context.db.acrossTenants('a test', async (tx) => {
    const { now } = await readClock(tx);
    const tenant = tenantKey === null ? null : await tenantIdOf(tx, tenantKey);
    return watchOver(tx, new Date(now.getTime() - DAY_MS), now, tenant);
  });
const finished = async (at: Office, grant: string, player: 'olivia' | 'omar' = 'olivia') =>
  grantOf(await end(at.context, { actor: await at.actor(player), grant }, work()));

test('reviews are due for three days, and overdue after', async () => {
  const at = await office();
  expect((await watched(at)).reviews).toEqual({ due: 0, overdue: 0 });
  await finished(at, await active(at));
  expect((await watched(at)).reviews).toEqual({ due: 1, overdue: 0 });
  await at.db.clock.advance(3 * DAY_MS + MINUTE_MS);
  expect((await watched(at)).reviews).toEqual({ due: 0, overdue: 1 });
  await at.db.query(
    'superuser',
    `update reviews set excused_at = breakglass_now(), excuse_reason = 'The reviewer fell ill',
       excused_by = (select person_id from identities where external_id = 'U0SAM')`,
  );
  expect((await watched(at)).reviews).toEqual({ due: 0, overdue: 0 });
});

test('accesses that are over without one allowed use are counted in the time they ended in', async () => {
  const at = await office();
  const unused = await active(at);
  await finished(at, unused);
  const used = grantOf(await request(at.context, auditView(await at.actor('omar'), 'globex'), work()));
  await countUses(at.db, used, ['audit.view', 2, 0]);
  await finished(at, used, 'omar');
  grantOf(await request(at.context, auditView(await at.actor('olivia'), 'globex'), work())); // still active
  grantOf(await request(at.context, command(await at.actor('omar')), work())); // never active
  expect((await watched(at)).unused).toBe(1);
  await countUses(at.db, unused, ['content.read', 0, 3]);
  expect((await watched(at)).unused).toBe(1);
  await at.db.clock.advance(2 * DAY_MS);
  expect((await watched(at)).unused).toBe(0);
});

test('refused tries are counted under accesses that were there in that time', async () => {
  const at = await office();
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 5, 3], ['content.write', 0, 1]);
  const open = grantOf(await request(at.context, auditView(await at.actor('omar'), 'globex'), work()));
  await countUses(at.db, open, ['audit.view', 0, 2]);
  expect((await watched(at)).refused).toBe(6);
  await finished(at, grant);
  expect((await watched(at)).refused).toBe(6);
  await at.db.clock.advance(2 * DAY_MS);
  expect((await watched(at)).refused).toBe(0);
});

test('a tenant is told of its own and of nothing else, and nothing of the seal', async () => {
  const at = await office();
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 0, 3]);
  await finished(at, grant);
  expect(await watched(at, 'acme')).toEqual({ reviews: { due: 1, overdue: 0 }, unused: 1, refused: 3, seal: null });
  expect(await watched(at, 'globex')).toEqual({ reviews: { due: 0, overdue: 0 }, unused: 0, refused: 0, seal: null });
});

test('the seal says up to which entry, when, and since when an entry waits for longer than a minute', async () => {
  const at = await office();
  expect((await watched(at)).seal).toEqual({ sealed: null, waitingSince: null });
  await active(at);
  const sealing = aSealing(at.context.db);
  for (const _ of ['all', 'the record of its first key']) await seal(sealing);
  const [count] = await at.db.query<{ n: number }>('superuser', 'select count(*)::int as n from audit_leaves');
  const sealed = (await watched(at)).seal;
  expect(sealed).toEqual({ sealed: { entries: count?.n, at: expect.any(String) }, waitingSince: null });
  await at.db.clock.advance(30 * MINUTE_MS);
  expect((await watched(at)).seal).toEqual(sealed);
  await at.db.query(
    'superuser',
    `insert into audit_events (action, actor, request_id, details) values ('digest.sent', 'system:clock', 'late', '{}')`,
  );
  expect((await watched(at)).seal).toEqual(sealed);
  await at.db.clock.advance(2 * MINUTE_MS);
  const waiting = await watched(at);
  expect(waiting.seal?.waitingSince).toEqual(expect.any(String));
  await seal(sealing);
  expect((await watched(at)).seal?.waitingSince).toBeNull();
});

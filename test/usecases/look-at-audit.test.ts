import { describe, expect, test } from 'vitest';
import type { Actor } from '../../src/domain/people.ts';
import { anything, filterOf } from '../../src/domain/trail.ts';
import { lookThrough } from '../../src/store/audit-trail.ts';
import { tenantIdOf } from '../../src/store/tenants.ts';
import { searchFor } from '../../src/usecases/audit-looks.ts';
import type { Seen } from '../../src/usecases/look-at-audit.ts';
import { type Bureau, bureau, fillUpTo, granted, onRecord, seen, trailOf } from './trail.ts';

/** Every page of a trail, from the newest on. */
async function pages(at: Bureau, actor: Actor, tenantKey: string): Promise<Seen[]> {
  const all = [await seen(at.look(actor, tenantKey))];
  for (let older = all[0]?.page.older; older; older = all.at(-1)?.page.older)
    all.push(await seen(at.look(actor, tenantKey, older)));
  return all;
}

const idsOf = (looks: readonly Seen[]) => looks.flatMap(({ page }) => page.rows.map(({ id }) => id));

describe('an operator with audit view of a tenant', () => {
  test('sees its rows, newest first, until the grant ends', async () => {
    const at = await bureau();
    const grant = await granted(at);
    const { tenant, page, until } = await seen(at.look(await at.actor('olivia'), 'acme'));
    expect(tenant).toMatchObject({ key: 'acme', name: 'Acme Corp' });
    expect(page.rows.map(({ id }) => id)).toEqual(await trailOf(at, 'acme'));
    expect(page.rows.at(-1)).toMatchObject({ action: 'tenant.created', actor: 'system:configuration' });
    expect(page.rows.at(-2)).toMatchObject({ action: 'support_access.requested', details: { ticket: 'INC-42' } });
    const [row] = await at.db.query<{ expires_at: Date }>('superuser', 'select expires_at from grants where id = $1', [
      grant,
    ]);
    expect(until).toEqual(row?.expires_at);
  });

  test('leaves each look on record as a use of the grant, a further page too, and finds it in the trail', async () => {
    const at = await bureau();
    const grant = await granted(at);
    const olivia = await at.actor('olivia');
    await fillUpTo(at, 'acme', 30);
    const first = await seen(at.look(olivia, 'acme'));
    await seen(at.look(olivia, 'acme', first.page.older));
    const looks = await onRecord(at, 'access.allowed', 'access.denied');
    const look = { action: 'access.allowed', actor: 'slack:T0HOME:U0OLIVIA', tenant: 'acme', grant };
    const details = { subject: 'slack:T0HOME:U0OLIVIA', action: 'audit.view', reason: 'granted' };
    expect(looks).toMatchObject([
      { ...look, details: { ...details, resource: { type: 'audit_trail', id: 'newest' } } },
      { ...look, details: { ...details, resource: { type: 'audit_trail', id: `before ${first.page.older}` } } },
    ]);
    const { page } = await seen(at.look(olivia, 'acme'));
    expect(page.rows.slice(0, 3).map(({ action }) => action)).toEqual(Array(3).fill('access.allowed'));
    const counted = await at.db.query(
      'superuser',
      'select action, allowed, uses::int from use_counts where grant_id = $1',
      [grant],
    );
    expect(counted).toEqual([{ action: 'audit.view', allowed: true, uses: 3 }]);
  });

  test('reads every row once, page by page, although each look adds one', async () => {
    const at = await bureau();
    await granted(at);
    await fillUpTo(at, 'acme', 34);
    const all = await pages(at, await at.actor('olivia'), 'acme');
    const looks = all.length - 1; // what the later looks added is newer than the first page
    expect(all.map(({ page }) => page.rows.length)).toEqual([10, 10, 10, 5]);
    expect(idsOf(all)).toEqual((await trailOf(at, 'acme')).slice(looks));
  });

  test.each([
    { rows: 9, pages: [10], why: 'and the look is the tenth' },
    { rows: 10, pages: [10, 1], why: 'and the look is the eleventh' },
    { rows: 19, pages: [10, 10], why: 'and nothing is older than the last' },
  ])('has pages of ten: $rows rows, $why', async ({ rows, pages: lengths }) => {
    const at = await bureau();
    await granted(at);
    await fillUpTo(at, 'acme', rows);
    const all = await pages(at, await at.actor('olivia'), 'acme');
    expect(all.map(({ page }) => page.rows.length)).toEqual(lengths);
  });

  test('sees and counts nothing of another tenant, whose rows lie between, and whatever row they start from', async () => {
    const at = await bureau();
    await granted(at);
    for (let round = 1; round <= 4; round += 1) {
      await fillUpTo(at, 'acme', 3 + round);
      await fillUpTo(at, 'globex', 20 * round);
    }
    const olivia = await at.actor('olivia');
    const own = new Set(await trailOf(at, 'acme'));
    const { page } = await seen(at.look(olivia, 'acme'));
    expect(page.older).toBeNull();
    expect(page.rows.slice(1).filter(({ id }) => !own.has(id))).toEqual([]);
    const [foreign] = await trailOf(at, 'globex');
    const from = await seen(at.look(olivia, 'acme', foreign ?? null));
    expect(from.page.rows.filter(({ id }) => !own.has(id))).toEqual([]);
    expect(from.page.rows.length).toBeGreaterThan(0);
    expect(JSON.stringify([page, from])).not.toMatch(/globex/i);
  });
});

test('a page is of one tenant even where the rows of all are in sight', async () => {
  const at = await bureau();
  await fillUpTo(at, 'acme', 3);
  await fillUpTo(at, 'globex', 3);
  for (const key of ['acme', 'globex', 'initech']) {
    const { rows } = await at.context.db.acrossTenants('a test', async (tx) => {
      const sight = [(await tenantIdOf(tx, key)) ?? ''];
      const { sought, stretch } = await searchFor(tx, filterOf(anything, new Date()));
      return lookThrough(tx, stretch, { sight, sought, order: 'newest first', most: 10, looks: 100 });
    });
    expect(rows.map(({ id }) => id)).toEqual(await trailOf(at, key));
  }
});

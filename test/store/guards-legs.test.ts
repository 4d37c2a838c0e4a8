import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activate, aWorld, inScope, insertGrant } from '../support/builders.ts';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const worldOf = async () => aWorld(await db.session('app'));

/** Break-glass with fewer than two legs, however that is said. */
const tooFew: { legs: string; required: readonly string[] | null; insert: readonly string[]; refusal: RegExp }[] = [
  { legs: 'one leg', required: ['security'], insert: ['security'], refusal: /break_glass_keeps_two_legs/ },
  { legs: 'no leg', required: [], insert: [], refusal: /break_glass_keeps_two_legs|only_audit_view_has_no_legs/ },
  { legs: 'null for its legs', required: null, insert: [], refusal: /required_legs/ },
  {
    legs: 'one leg twice among its legs',
    required: ['owner', 'owner'],
    insert: ['owner'],
    refusal: /exactly the legs/,
  },
];

for (const role of ['app', 'owner'] satisfies Role[]) {
  describe(`as ${role}, by raw SQL`, () => {
    let session: pg.Client;
    beforeAll(async () => {
      session = await db.session(role);
    });

    for (const { legs, required, insert, refusal } of tooFew) {
      test(`break-glass does not get by with ${legs}`, async () => {
        const world = await worldOf();
        const attempt = inScope(session, world.acme, async () => {
          const grant = await insertGrant(session, world, { required_legs: required }, insert);
          if (insert.length === 0) await activate(session, grant);
        });
        await expect(attempt).rejects.toThrow(refusal);
      });
    }

    test('a support scope other than audit_view does not get by without legs', async () => {
      const world = await worldOf();
      const recovery = { kind: 'support_access', scope: 'workspace_recovery', circumstance: null };
      const attempt = (waived: boolean) =>
        inScope(session, world.acme, () => insertGrant(session, world, { ...recovery, waived, required_legs: [] }));
      await expect(attempt(false)).rejects.toThrow(/only_audit_view_has_no_legs|recovery_keeps_its_owner/);
      await expect(attempt(true)).rejects.toThrow(/only_audit_view_has_no_legs/);
    });

    test('looking at the audit trail needs no approval', async () => {
      const world = await worldOf();
      const look = { kind: 'support_access', scope: 'audit_view', circumstance: null, required_legs: [] };
      const grant = await inScope(session, world.acme, async () => {
        const asked = await insertGrant(session, world, look);
        await activate(session, asked);
        return asked;
      });
      const [row] = await db.query('superuser', 'select state::text from grants where id = $1', [grant]);
      expect(row).toEqual({ state: 'active' });
    });
  });
}

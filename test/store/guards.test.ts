import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activate,
  activeGrant,
  approveLeg,
  aWorld,
  clockOf,
  enter,
  inScope,
  insertGrant,
  insertLeg,
  minutesAfter,
  requestedGrant,
  type World,
} from '../support/builders.ts';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** What somebody does with raw SQL in one transaction within the tenant's scope; it must be refused by commit. */
interface Attempt {
  rule: string;
  attempt: (session: pg.Client, world: World, grant: string) => Promise<unknown>;
  refusal: RegExp;
}

/** Each begins with a committed request that nobody decided. */
const attempts: Attempt[] = [
  {
    rule: 'a grant without an approval is not activated',
    attempt: (session, _, grant) => activate(session, grant),
    refusal: /only when every leg is approved/,
  },
  {
    rule: 'a grant with a leg open is not activated',
    attempt: async (session, { owner }, grant) => {
      await approveLeg(session, grant, 'owner', owner);
      await activate(session, grant);
    },
    refusal: /only when every leg is approved/,
  },
  {
    rule: 'a grant with a leg denied is not activated',
    attempt: async (session, { owner, security }, grant) => {
      await approveLeg(session, grant, 'owner', owner);
      await session.query(
        `update legs set verdict = 'denied', person_id = $2, decided_at = breakglass_now()
          where grant_id = $1 and role = 'security'`,
        [grant, security],
      );
      await activate(session, grant);
    },
    refusal: /only when every leg is approved/,
  },
  {
    rule: 'the requester approves no leg',
    attempt: (session, { operator }, grant) => approveLeg(session, grant, 'security', operator),
    refusal: /nobody decides their own request/,
  },
  {
    rule: 'one person does not approve two legs',
    attempt: async (session, { owner }, grant) => {
      await approveLeg(session, grant, 'owner', owner);
      await approveLeg(session, grant, 'security', owner);
    },
    refusal: /one_approval_a_person/,
  },
  {
    rule: 'no leg is added after the request',
    attempt: (session, { acme }, grant) => insertLeg(session, grant, acme, 'ops'),
    refusal: /exactly the legs/,
  },
  {
    rule: 'there is no second open grant for a tenant, operator and scope',
    attempt: (session, world) => insertGrant(session, world),
    refusal: /one_open_grant/,
  },
  {
    rule: 'access does not begin in the future',
    attempt: async (session, world, grant) => {
      await approveBoth(session, world, grant);
      await activate(session, grant, minutesAfter(await clockOf(session), 5));
    },
    refusal: /nothing happens in the future/,
  },
  {
    rule: 'access does not last longer than granted',
    attempt: async (session, world, grant) => {
      await approveBoth(session, world, grant);
      await session.query(
        `update grants set state = 'active', activated_at = $2::timestamptz, expires_at = $2::timestamptz + interval '61 minutes',
                version = 2 where id = $1`,
        [grant, await clockOf(session)],
      );
    },
    refusal: /lasts_as_long_as_granted/,
  },
  {
    rule: 'a grant is not inserted as active',
    attempt: async (session, world) => {
      const now = await clockOf(session);
      const active = { state: 'active', activated_at: now, expires_at: minutesAfter(now, 60) };
      await insertGrant(session, world, { scope: 'create_platform_owner', ...active });
    },
    refusal: /a grant begins as a request/,
  },
  {
    rule: 'a request is not made for the future',
    attempt: async (session, world) => {
      const later = minutesAfter(await clockOf(session), 5);
      const asked = { requested_at: later, lapses_at: minutesAfter(later, 60) };
      await insertGrant(session, world, { scope: 'create_platform_owner', ...asked });
    },
    refusal: /nothing happens in the future/,
  },
  {
    rule: 'a grant is not inserted without the legs it says it needs',
    attempt: (session, world) => {
      const needs = ['ops', 'security'];
      return insertGrant(session, world, { scope: 'create_platform_owner', required_legs: needs }, ['ops']);
    },
    refusal: /exactly the legs/,
  },
  {
    rule: 'rows hidden before the commit, by another scope, are missing rows',
    attempt: async (session, { globex, owner }, grant) => {
      await approveLeg(session, grant, 'owner', owner);
      await activate(session, grant);
      await enter(session, globex);
    },
    refusal: /out of sight/,
  },
  {
    rule: 'rows hidden before the commit, by no scope, are missing rows',
    attempt: async (session, { owner }, grant) => {
      await approveLeg(session, grant, 'owner', owner);
      await enter(session, '');
    },
    refusal: /out of sight/,
  },
];

for (const role of ['app', 'owner'] satisfies Role[]) {
  describe(`as ${role}, by raw SQL`, () => {
    let session: pg.Client;
    beforeAll(async () => {
      session = await db.session(role);
    });

    for (const { rule, attempt, refusal } of attempts) {
      test(rule, async () => {
        const world = await worldOf();
        const grant = await requestedGrant(session, world);
        await expect(inScope(session, world.acme, () => attempt(session, world, grant))).rejects.toThrow(refusal);
        expect(await stateOf(grant)).toEqual({ state: 'requested', decided: 0, legs: 2 });
      });
    }

    test('a request that lapsed is not activated, whatever moment the activation claims', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const inTime = minutesAfter(await clockOf(session), 1);
      await db.clock.advance(61 * 60_000);
      for (const from of [undefined, inTime]) {
        const attempt = inScope(session, world.acme, async () => {
          await approveBoth(session, world, grant);
          await activate(session, grant, from);
        });
        await expect(attempt).rejects.toThrow(/activated_before_it_lapsed|lapsed is not activated/);
      }
      expect(await stateOf(grant)).toEqual({ state: 'requested', decided: 0, legs: 2 });
    });

    test('tables of the same names that only this session sees deceive no guard', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const attempt = inScope(session, world.acme, async () => {
        await session.query('create temporary table legs on commit drop as select * from public.legs');
        await session.query('create temporary table grants on commit drop as select * from public.grants');
        await session.query("update pg_temp.legs set verdict = 'approved', person_id = gen_random_uuid()");
        await session.query(
          `update public.grants set state = 'active', activated_at = $2::timestamptz,
                  expires_at = $2::timestamptz + interval '60 minutes', version = 2 where id = $1`,
          [grant, await clockOf(session)],
        );
      });
      await expect(attempt).rejects.toThrow(/only when every leg is approved/);
      expect(await stateOf(grant)).toEqual({ state: 'requested', decided: 0, legs: 2 });
    });

    test('two people who agree, neither the requester, make a grant active', async () => {
      const world = await worldOf();
      const grant = await activeGrant(session, world);
      expect(await stateOf(grant)).toEqual({ state: 'active', decided: 2, legs: 2 });
    });
  });
}

const worldOf = async () => aWorld(await db.session('app'));

async function approveBoth(session: pg.Client, { owner, security }: World, grant: string): Promise<void> {
  await approveLeg(session, grant, 'owner', owner);
  await approveLeg(session, grant, 'security', security);
}

async function stateOf(grant: string) {
  const [row] = await db.query(
    'superuser',
    `select state::text, (select count(verdict)::int from legs where grant_id = g.id) as decided,
            (select count(*)::int from legs where grant_id = g.id) as legs from grants g where id = $1`,
    [grant],
  );
  return row;
}

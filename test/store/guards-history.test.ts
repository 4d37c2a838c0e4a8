import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  activeGrant,
  aPolicy,
  approveLeg,
  aWorld,
  close,
  inScope,
  requestedGrant,
  type World,
} from '../support/builders.ts';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** Columns of a grant that move with its life; every other column is what was asked for. */
const moving = [
  ...['state', 'minutes_granted', 'lapses_at', 'activated_at', 'expires_at'],
  ...['closed_at', 'closed_by', 'close_reason', 'closed_outside', 'version'],
];

/** Another value for each column of what was asked. A new column without one fails below. */
const another: Record<string, string> = {
  id: 'gen_random_uuid()',
  tenant_id: 'gen_random_uuid()',
  kind: "'support_access'",
  scope: "'create_platform_owner'",
  circumstance: "'no_owner_can_sign_in'",
  requester_id: 'gen_random_uuid()',
  reason: "'Something else altogether'",
  ticket: "'INC-43'",
  minutes_asked: '240',
  required_legs: "'{ops,security}'",
  waived: 'true',
  group_members: `'{"ops":["slack:T0HOME:U0LATE"]}'`,
  policy_hash: "'another'",
  outside: 'true',
  provider_operator: 'true',
  requested_at: "requested_at - interval '1 day'",
};

const lengthened: { what: string; set: string; refusal: RegExp }[] = [
  { what: 'more minutes', set: 'minutes_granted = 61', refusal: /never lengthened|never_lengthened|keeps its end/ },
  { what: 'a later end', set: "expires_at = expires_at + interval '1 minute'", refusal: /keeps its end/ },
  {
    what: 'a later beginning',
    set: `activated_at = activated_at + interval '1 microsecond', expires_at = expires_at + interval '1 microsecond'`,
    refusal: /keeps its end/,
  },
  { what: 'a later lapse', set: "lapses_at = lapses_at + interval '1 minute'", refusal: /never lengthened/ },
  { what: 'a second life as a request', set: "state = 'requested'", refusal: /does not go from/ },
];

for (const role of ['app', 'owner'] satisfies Role[]) {
  describe(`as ${role}, by raw SQL`, () => {
    let session: pg.Client;
    beforeAll(async () => {
      session = await db.session(role);
    });

    const change = (world: World, grant: string, set: string) =>
      inScope(session, world.acme, () =>
        session.query(`update grants set version = version + 1, ${set} where id = $1`, [grant]),
      );

    test('what was asked for never changes', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const columns = await db.query<{ name: string }>(
        'superuser',
        `select attname as name from pg_attribute where attrelid = 'grants'::regclass and attnum > 0 and not attisdropped`,
      );
      const asked = columns.map(({ name }) => name).filter((name) => !moving.includes(name));
      expect(asked.length).toBeGreaterThan(10);
      for (const name of asked) {
        const attempt = change(world, grant, `${name} = ${another[name]}`);
        await expect(attempt, name).rejects.toThrow(
          role === 'app' ? /permission denied/ : /what was asked for never changes/,
        );
      }
    });

    for (const { what, set, refusal } of lengthened) {
      test(`an active grant does not get ${what}`, async () => {
        const world = await worldOf();
        const grant = await activeGrant(session, world);
        await expect(change(world, grant, set)).rejects.toThrow(refusal);
      });
    }

    test('a request is shortened and never lengthened again', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      await change(world, grant, 'minutes_granted = 30');
      await expect(change(world, grant, 'minutes_granted = 31')).rejects.toThrow(/never lengthened/);
    });

    test('a change without a newer version is refused, so that no update is lost', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const silent = inScope(session, world.acme, () =>
        session.query('update grants set minutes_granted = 30 where id = $1', [grant]),
      );
      await expect(silent).rejects.toThrow(/newer version/);
    });

    test.each(['denied', 'withdrawn', 'lapsed', 'ended', 'revoked', 'expired'])(
      'a grant that is %s stays as it is',
      async (state) => {
        const world = await worldOf();
        const fromActive = ['ended', 'revoked', 'expired'].includes(state);
        const grant = await (fromActive ? activeGrant : requestedGrant)(session, world);
        if (state === 'lapsed' || state === 'expired') await db.clock.advance(61 * 60_000);
        await inScope(session, world.acme, () => close(session, grant, state));
        for (const next of ['requested', 'active', 'ended', 'revoked', 'withdrawn', state]) {
          await expect(change(world, grant, `state = '${next}'`), next).rejects.toThrow(/does not go from/);
        }
        await expect(change(world, grant, "close_reason = 'rewritten'")).rejects.toThrow(/does not go from/);
      },
    );

    test('nothing lapses or expires before its time', async () => {
      const world = await worldOf();
      const asked = await requestedGrant(session, world, { scope: 'create_platform_owner' });
      const lapse = inScope(session, world.acme, () => close(session, asked, 'lapsed'));
      await expect(lapse).rejects.toThrow(/never_lapsed_early/);
      const active = await activeGrant(session, world);
      const expire = inScope(session, world.acme, () => close(session, active, 'expired'));
      await expect(expire).rejects.toThrow(/never_expired_early/);
    });

    test('nothing is closed in the future', async () => {
      const world = await worldOf();
      const grant = await activeGrant(session, world);
      const later = "state = 'ended', closed_at = breakglass_now() + interval '1 minute'";
      await expect(change(world, grant, later)).rejects.toThrow(/nothing happens in the future/);
    });

    test('a decision is not taken back, replaced or moved', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      await inScope(session, world.acme, () => approveLeg(session, grant, 'owner', world.owner));
      for (const set of [
        'verdict = null, person_id = null, decided_at = null',
        `person_id = '${world.security}'`,
        "verdict = 'denied'",
        "comment = 'rewritten'",
      ]) {
        const attempt = inScope(session, world.acme, () =>
          session.query(`update legs set ${set} where grant_id = $1 and role = 'owner'`, [grant]),
        );
        await expect(attempt, set).rejects.toThrow(/already decided/);
      }
    });

    test('a leg stays with its grant and its role', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const attempt = inScope(session, world.acme, () =>
        session.query(`update legs set role = 'ops' where grant_id = $1 and role = 'owner'`, [grant]),
      );
      await expect(attempt).rejects.toThrow(role === 'app' ? /permission denied/ : /a leg stays with its grant/);
    });

    test('nobody decides a request that is over', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      await inScope(session, world.acme, () => close(session, grant, 'withdrawn'));
      const attempt = inScope(session, world.acme, () => approveLeg(session, grant, 'owner', world.owner));
      await expect(attempt).rejects.toThrow(/a grant that is withdrawn takes no decision/);
    });

    test('nobody decides in the future', async () => {
      const world = await worldOf();
      const grant = await requestedGrant(session, world);
      const attempt = inScope(session, world.acme, () =>
        session.query(
          `update legs set verdict = 'approved', person_id = $2, decided_at = breakglass_now() + interval '1 minute'
            where grant_id = $1 and role = 'owner'`,
          [grant, world.owner],
        ),
      );
      await expect(attempt).rejects.toThrow(/nothing happens in the future/);
    });

    test('no leg, grant, review, tenant or policy is ever removed', async () => {
      const world = await worldOf();
      const grant = await activeGrant(session, world);
      await inScope(session, world.acme, () =>
        session.query(
          `insert into reviews (grant_id, tenant_id, operator_id, due_at) values ($1, $2, $3, breakglass_now())`,
          [grant, world.acme, world.operator],
        ),
      );
      const policy = await aPolicy(await db.session('app'));
      await db.query('superuser', 'insert into policy_epochs (hash) values ($1)', [world.policy]);
      const rows: [string, string][] = [
        ...['legs', 'grants', 'reviews'].map((table): [string, string] => [
          table,
          `${table}.tenant_id = '${world.acme}'`,
        ]),
        ['tenants', `id = '${world.globex}'`],
        ['policies', `hash = '${policy}'`],
        ['policy_epochs', `hash = '${world.policy}'`],
      ];
      const refusal = role === 'app' ? /permission denied/ : /never removed/;
      for (const [table, which] of rows) {
        const scope = table === 'tenants' ? world.globex : world.acme;
        const remove = inScope(session, scope, () => session.query(`delete from ${table} where ${which}`));
        await expect(remove, table).rejects.toThrow(refusal);
        const truncate = inScope(session, scope, () => session.query(`truncate ${table} cascade`));
        await expect(truncate, table).rejects.toThrow(refusal);
      }
    });
  });
}

test('the application switches no guard off', async () => {
  const session = await db.session('app');
  for (const statement of [
    'alter table grants disable trigger all',
    'drop trigger two_persons on grants',
    'set session_replication_role = replica',
    'alter table legs disable row level security',
    'create or replace function guard_leg() returns trigger language plpgsql as $$ begin return new; end $$',
    'create function public.mine() returns int language sql as $$ select 1 $$',
    "create or replace function breakglass_now() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$",
  ]) {
    await expect(session.query(statement), statement).rejects.toThrow(/must be owner|permission denied/);
  }
});

const worldOf = async () => aWorld(await db.session('app'));

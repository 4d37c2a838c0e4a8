import { expect, test } from 'vitest';
import { approve } from '../../src/usecases/approve.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { revoke } from '../../src/usecases/revoke.ts';
import { active, command, factsOf, grantOf, type Office, office, requested, stateOf, work } from './office.ts';

/** Every row of every table that a change could have touched. */
async function everything({ db }: Office) {
  const tables = [
    'grants',
    'legs',
    'reviews',
    'audit_events',
    'outbox',
    'lanes',
    'handled_requests',
    'posted_messages',
  ];
  const rows: Record<string, unknown[]> = {};
  for (const table of tables) {
    rows[table] = (await db.query('superuser', `select t::text as row from ${table} t order by 1`)).map(
      ({ row }) => row,
    );
  }
  return rows;
}

/** From now on the database refuses new rows of a table; the result lets it accept them again. */
async function refuseInto({ db }: Office, table: string): Promise<() => Promise<unknown>> {
  await db.query(
    'owner',
    `create or replace function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`,
  );
  await db.query('owner', `create trigger no_more before insert on ${table} for each row execute function no_more()`);
  return () => db.query('owner', `drop trigger no_more on ${table}`);
}

const approval = { minutes: null, comment: null };

const changes: { verb: string; arrange: (at: Office) => Promise<(key: string) => Promise<unknown>> }[] = [
  {
    verb: 'request',
    arrange: async (at) => {
      const olivia = await at.actor('olivia');
      return (key) => request(at.context, command(olivia), work(key));
    },
  },
  {
    verb: 'last approval',
    arrange: async (at) => {
      const grant = await requested(at);
      const [anna, sam] = [await at.actor('anna'), await at.actor('sam')];
      grantOf(await approve(at.context, { actor: anna, grant, leg: 'owner', ...approval }, work()));
      return (key) => approve(at.context, { actor: sam, grant, leg: 'security', ...approval }, work(key));
    },
  },
  {
    verb: 'revocation',
    arrange: async (at) => {
      const grant = await active(at);
      const sam = await at.actor('sam');
      return (key) => revoke(at.context, { actor: sam, grant, reason: 'Not needed any more' }, work(key));
    },
  },
  {
    verb: 'expiry',
    arrange: async (at) => {
      await active(at);
      await at.db.clock.advance(61 * 60_000);
      return (key) => closeDue(at.context, key);
    },
  },
];

for (const table of ['outbox', 'audit_events']) {
  for (const { verb, arrange } of changes) {
    test(`${verb}: nothing of it stays when ${table} takes no rows, and it goes through when it does again`, async () => {
      const at = await office();
      const change = await arrange(at);
      const before = await everything(at);
      const accept = await refuseInto(at, table);
      await expect(change('key-1')).rejects.toThrow(/disk full|could not be closed/);
      expect(await everything(at)).toEqual(before);
      await accept();
      await change('key-1');
      expect(await everything(at)).not.toEqual(before);
    });
  }
}

test('state, audit rows and notices of a change are of one transaction', async () => {
  const at = await office();
  const grant = await active(at);
  const rows = await at.db.query<{ what: string; xmin: string }>(
    'superuser',
    `select 'grant' as what, xmin::text from grants where id = $1
     union all select 'leg', xmin::text from legs where grant_id = $1 and role = 'security'
     union all select 'audit', xmin::text from audit_events where grant_id = $1
        and (action = 'break_glass.activated' or details->>'leg' = 'security')
     union all select 'notice', xmin::text from outbox where grant_id = $1 and payload->>'fact' = 'activated'`,
    [grant],
  );
  expect(rows.map(({ what }) => what).sort()).toEqual(['audit', 'audit', 'grant', 'leg', 'notice']);
  expect(new Set(rows.map(({ xmin }) => xmin)).size).toBe(1);
});

test('an expired grant that the clock has not swept never blocks a new request, and is closed with it', async () => {
  const at = await office();
  const old = await active(at);
  await at.db.clock.advance(61 * 60_000);
  expect(await stateOf(at, old)).toBe('active');
  const fresh = await requested(at);
  expect(await stateOf(at, old)).toBe('expired');
  expect(await factsOf(at, old)).toMatchObject({ 'break_glass.expired': 1, 'break_glass.review_opened': 1 });
  const transactions = await at.db.query<{ xmin: string }>(
    'superuser',
    `select distinct xmin::text from grants
     union select xmin::text from audit_events where grant_id = $1 and action = 'break_glass.expired'
     union select xmin::text from outbox where grant_id = $1 and payload->>'fact' = 'expired'
     union select xmin::text from reviews`,
    [old],
  );
  expect(transactions).toHaveLength(1);
  const told = await at.db.query<{ destination: string }>(
    'superuser',
    `select destination from outbox where grant_id = $1 and payload->>'fact' = 'expired' order by 1`,
    [old],
  );
  expect(told.map(({ destination }) => destination)).toEqual(['C0ACME', 'C0SECURITY', 'U0OLIVIA']);
  expect(await stateOf(at, fresh)).toBe('requested');
});

test('a lapsed request that the clock has not swept never blocks a new one, and is closed with it', async () => {
  const at = await office();
  const old = await requested(at);
  await at.db.clock.advance(61 * 60_000);
  await requested(at);
  expect(await stateOf(at, old)).toBe('lapsed');
  expect(await factsOf(at, old)).toEqual({ 'break_glass.requested': 1, 'break_glass.lapsed': 1 });
});

test.each(['end', 'revoke'])('%s on a grant that ran out is refused, and closes it as expired', async (verb) => {
  const at = await office();
  const grant = await active(at);
  await at.db.clock.advance(61 * 60_000);
  const [olivia, sam] = [await at.actor('olivia'), await at.actor('sam')];
  const outcome =
    verb === 'end'
      ? await end(at.context, { actor: olivia, grant }, work())
      : await revoke(at.context, { actor: sam, grant, reason: 'Too late' }, work());
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'not_active', state: 'expired' } });
  expect(await stateOf(at, grant)).toBe('expired');
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.expired': 1 });
});

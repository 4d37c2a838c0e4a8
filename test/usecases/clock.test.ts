import { expect, test } from 'vitest';
import type { Player } from '../../sandbox/cast.ts';
import { breakGlassScopes } from '../../src/domain/words.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import { type AskOperator, dropLeavers } from '../../src/usecases/drop-leavers.ts';
import { request } from '../../src/usecases/request.ts';
import {
  active,
  auditView,
  command,
  factsOf,
  grantOf,
  type Office,
  office,
  requested,
  stateOf,
  work,
} from './office.ts';

const statesOf = async ({ db }: Office) =>
  (await db.query<{ state: string }>('superuser', 'select distinct state::text from grants order by 1')).map(
    ({ state }) => state,
  );

/** Two operators, three tenants: requests that will lapse and access that will expire. */
async function muchOpen(at: Office): Promise<string[]> {
  const made: string[] = [];
  for (const player of ['olivia', 'omar'] satisfies Player[]) {
    const actor = await at.actor(player);
    const { asked } = command(actor);
    for (const tenantKey of ['acme', 'globex', 'initech']) {
      made.push(grantOf(await request(at.context, auditView(actor, tenantKey), work())));
      for (const scope of breakGlassScopes) {
        made.push(
          grantOf(await request(at.context, command(actor, { tenantKey, asked: { ...asked, scope } }), work())),
        );
      }
    }
  }
  return made;
}

test('what is due is closed once, however many processes look', async () => {
  const at = await office();
  const grants = await muchOpen(at);
  await at.db.clock.advance(61 * 60_000);
  const processes = [at.context, at.anotherProcess(), at.anotherProcess()];
  const closed = await Promise.all(processes.map((context, i) => closeDue(context, `sweep-${i}`)));
  expect(closed.reduce((sum, n) => sum + n)).toBe(grants.length);
  const facts = await at.db.query<{ times: number; grants: number }>(
    'superuser',
    `select count(*)::int as times, count(distinct grant_id)::int as grants from audit_events
      where action like '%.expired' or action like '%.lapsed'`,
  );
  expect(facts).toEqual([{ times: grants.length, grants: grants.length }]);
  expect(await statesOf(at)).toEqual(['expired', 'lapsed']);
  expect(await closeDue(at.context, 'again')).toBe(0);
});

test('nothing is closed before it is due', async () => {
  const at = await office();
  await muchOpen(at);
  await at.db.clock.advance(59 * 60_000);
  expect(await closeDue(at.context, 'early')).toBe(0);
  expect(await statesOf(at)).toEqual(['active', 'requested']);
});

test('a grant that another process is closing at this moment is closed by one of the two', async () => {
  const at = await office();
  const grant = await active(at);
  await at.db.clock.advance(61 * 60_000);
  const [swept] = await Promise.all([
    closeDue(at.context, 'sweep'),
    request(at.anotherProcess(), command(await at.actor('olivia')), work()),
  ]);
  expect(swept).toBeLessThanOrEqual(1);
  expect(await stateOf(at, grant)).toBe('expired');
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.expired': 1, 'break_glass.review_opened': 1 });
});

test('one grant that can not be closed keeps no other one open', async () => {
  const at = await office();
  const grants = await muchOpen(at);
  await at.db.query(
    'owner',
    `create function stuck() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$;
     create trigger stuck before update on grants for each row when (old.id = '${grants[0]}') execute function stuck()`,
  );
  await at.db.clock.advance(61 * 60_000);
  await expect(closeDue(at.context, 'sweep')).rejects.toThrow();
  const open = await at.db.query<{ id: string }>('superuser', 'select id from grants where closed_at is null');
  expect(open.map(({ id }) => id)).toEqual([grants[0]]);
});

const answers =
  (no: string, rest: 'yes' | 'unknown'): AskOperator =>
  async (account) =>
    account === no ? 'no' : rest;

test('who is no operator any more loses what is active and what waits; others keep theirs', async () => {
  const at = await office();
  const session = await active(at);
  const olivia = await at.actor('olivia');
  const { asked } = command(olivia);
  const waits = grantOf(
    await request(at.context, command(olivia, { tenantKey: 'globex', asked: { ...asked, minutes: 30 } }), work()),
  );
  const others = grantOf(await request(at.context, command(await at.actor('omar')), work()));
  expect(await dropLeavers(at.context, answers('T0HOME:U0OLIVIA', 'yes'), 'leavers')).toBe(2);
  expect(await stateOf(at, session)).toBe('revoked');
  expect(await stateOf(at, waits)).toBe('withdrawn');
  expect(await stateOf(at, others)).toBe('requested');
  const rows = await at.db.query(
    'superuser',
    `select action, actor from audit_events where request_id = 'leavers' and action <> 'break_glass.review_opened' order by 1`,
  );
  expect(rows).toEqual([
    { action: 'break_glass.revoked', actor: 'system:leavers' },
    { action: 'break_glass.withdrawn', actor: 'system:leavers' },
  ]);
  const told = await at.db.query<{ destination: string }>(
    'superuser',
    `select distinct destination from outbox where grant_id = $1 and payload->>'fact' = 'revoked' order by 1`,
    [session],
  );
  expect(told.map(({ destination }) => destination)).toEqual(['C0ACME', 'C0SECURITY', 'U0OLIVIA']);
  expect(await dropLeavers(at.context, answers('T0HOME:U0OLIVIA', 'yes'), 'again')).toBe(0);
});

test('where nobody can say who is an operator, everybody keeps what they have', async () => {
  const at = await office();
  const session = await active(at);
  expect(await dropLeavers(at.context, answers('nobody', 'unknown'), 'leavers')).toBe(0);
  expect(await stateOf(at, session)).toBe('active');
  expect(await factsOf(at, session)).not.toHaveProperty('break_glass.revoked');
});

test('an operator by a group of the identity provider keeps what Slack knows nothing of, until the person is gone', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const known = await requested(at, { tenantKey: 'globex' });
  const byProvider = { ...olivia, roles: { operator: 'provider' }, outside: true } as const;
  const theirs = grantOf(await request(at.context, command(byProvider), work()));
  expect(await dropLeavers(at.context, answers('T0HOME:U0OLIVIA', 'yes'), 'leavers')).toBe(1);
  expect([await stateOf(at, known), await stateOf(at, theirs)]).toEqual(['withdrawn', 'requested']);
  expect(await dropLeavers(at.context, async () => 'gone', 'leavers')).toBe(1);
  expect(await stateOf(at, theirs)).toBe('withdrawn');
});

test('of a leaver, what ran out before anybody looked is expired by the clock, not revoked', async () => {
  const at = await office();
  const session = await active(at);
  const waits = await requested(at, { tenantKey: 'globex' });
  await at.db.clock.advance(61 * 60_000);
  expect(await dropLeavers(at.context, answers('T0HOME:U0OLIVIA', 'yes'), 'leavers')).toBe(0);
  expect(await closeDue(at.context, 'sweep')).toBe(2);
  expect([await stateOf(at, session), await stateOf(at, waits)]).toEqual(['expired', 'lapsed']);
});

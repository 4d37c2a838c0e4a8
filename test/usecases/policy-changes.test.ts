import { expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { approve } from '../../src/usecases/approve.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import type { Context } from '../../src/usecases/context.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { withdraw } from '../../src/usecases/withdraw.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { active, command, factsOf, type Office, office, requested, stateOf, work } from './office.ts';

const withScope = (rules: string) => `${configuration}scopes: { content_access: { ${rules} } }\n`;

const approveAs = async (
  at: Office,
  context: Context,
  grant: string,
  player: 'anna' | 'sam',
  leg: 'owner' | 'security',
) => approve(context, { actor: await at.actor(player), grant, leg, minutes: null, comment: null }, work());

test('a process on an older policy decides nothing until it has the new one', async () => {
  const at = await office();
  const old = at.context;
  const [waits, olivia] = [await requested(at), await at.actor('olivia')];
  const next = await at.adopt(withScope('lapse_minutes: 50'));
  const outdated = { kind: 'refused', refusal: { kind: 'policy_outdated' } };
  expect(await approveAs(at, old, waits, 'anna', 'owner')).toMatchObject(outdated);
  expect(await withdraw(old, { actor: olivia, grant: waits }, work())).toMatchObject(outdated);
  expect(await request(old, command(olivia, { tenantKey: 'globex' }), work())).toMatchObject(outdated);
  expect(await factsOf(at, waits)).toEqual({ 'break_glass.requested': 1 });
  expect(await approveAs(at, next, waits, 'anna', 'owner')).toMatchObject({ kind: 'done' });
});

test('a policy adopted while a click waits for the row counts for that click', async () => {
  const at = await office();
  const [old, grant] = [at.context, await requested(at)];
  const holder = await at.db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [grant]);
  const click = approveAs(at, old, grant, 'anna', 'owner');
  await untilWaitedFor(at.db, holder);
  await at.adopt(withScope('lapse_minutes: 50'));
  await holder.query('commit');
  expect(await click).toMatchObject({ kind: 'refused', refusal: { kind: 'policy_outdated' } });
});

test('a policy that comes back is a new one: who decided by it before waits for it too', async () => {
  const at = await office();
  const [old, grant] = [at.context, await requested(at)];
  await at.adopt(withScope('lapse_minutes: 50'));
  await at.adopt(configuration);
  expect(await approveAs(at, old, grant, 'anna', 'owner')).toMatchObject({ refusal: { kind: 'policy_outdated' } });
});

test('a request has the shorter of two times to be decided', async () => {
  const at = await office();
  const grant = await requested(at);
  const next = await at.adopt(withScope('lapse_minutes: 10'));
  await at.db.clock.advance(11 * 60_000);
  expect(await approveAs(at, next, grant, 'anna', 'owner')).toMatchObject({
    kind: 'refused',
    refusal: { kind: 'not_requested', state: 'lapsed' },
  });
  expect(await stateOf(at, grant)).toBe('lapsed');
});

test('a request that was made with less time does not get more', async () => {
  const at = await office(withScope('lapse_minutes: 10'));
  const grant = await requested(at);
  const next = await at.adopt(configuration);
  await at.db.clock.advance(11 * 60_000);
  expect(await approveAs(at, next, grant, 'anna', 'owner')).toMatchObject({ refusal: { state: 'lapsed' } });
});

test('access lasts no longer than the policy allows when it begins', async () => {
  const at = await office();
  const grant = await requested(at);
  const next = await at.adopt(withScope('minutes: { default: 5, max: 15 }'));
  await approveAs(at, next, grant, 'anna', 'owner');
  expect(await approveAs(at, next, grant, 'sam', 'security')).toMatchObject({
    kind: 'done',
    at: { grant: { minutesAsked: 60, minutesGranted: 15, status: { state: 'active' } } },
  });
  await at.db.clock.advance(15 * 60_000);
  expect(await closeDue(next, 'sweep')).toBe(1);
});

test('access that runs keeps the end it began with', async () => {
  const at = await office();
  const grant = await active(at);
  const next = await at.adopt(withScope('minutes: { default: 5, max: 15 }'));
  await at.db.clock.advance(30 * 60_000);
  expect(await closeDue(next, 'sweep')).toBe(0);
  expect(await end(next, { actor: await at.actor('olivia'), grant }, work())).toMatchObject({ kind: 'done' });
});

test('a request that lacks a leg which is needed by now is not approved any more', async () => {
  const at = await office();
  const grant = await requested(at);
  const next = await at.adopt(withScope('legs: [owner, ops, security]'));
  expect(await approveAs(at, next, grant, 'anna', 'owner')).toMatchObject({ refusal: { kind: 'policy_stricter' } });
  expect(await stateOf(at, grant)).toBe('requested');
});

test('a request with a waiver is not approved any more once the tenant has an owner', async () => {
  const at = await office();
  const grant = await requested(at, { tenantKey: 'initech' });
  const next = await at.adopt(
    configuration.replace('name: Initech }', 'name: Initech, channel: C0INI, owners: [U0OTIS] }'),
  );
  expect(await approveAs(at, next, grant, 'sam', 'security')).toMatchObject({ refusal: { kind: 'policy_stricter' } });
});

test('who owns the tenant is who owns it now', async () => {
  const at = await office();
  const grant = await requested(at);
  const next = await at.adopt(configuration.replace("owners: [U0ANNA, 'T0ACME:U0BEN']", "owners: ['T0ACME:U0BEN']"));
  expect(await approveAs(at, next, grant, 'anna', 'owner')).toMatchObject({ refusal: { kind: 'not_the_role' } });
});

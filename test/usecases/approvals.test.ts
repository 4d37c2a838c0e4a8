import { expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import type { LegRole } from '../../src/domain/words.ts';
import { approve } from '../../src/usecases/approve.ts';
import type { Outcome } from '../../src/usecases/context.ts';
import { deny } from '../../src/usecases/deny.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { active, factsOf, grantOf, office, requested, stateOf, work } from './office.ts';

const approval = { minutes: null, comment: null };
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${100 + i}`);

test('of fifty simultaneous approvals two activate the grant, once, and the others are told who did', async () => {
  const owners = numbered('U0OWN', 25);
  const security = numbered('U0SEC', 25);
  const at = await office(
    configuration
      .replace("owners: [U0ANNA, 'T0ACME:U0BEN']", `owners: [${owners}]`)
      .replace('security: { people: [U0SAM, U0SOFIA] }', `security: { people: [${security}] }`),
    15,
  );
  const grant = await requested(at);
  const processes = [at.context, at.anotherProcess()];
  const people = await Promise.all([
    ...owners.map(async (user) => ({ leg: 'owner' as LegRole, actor: await at.somebody(`T0HOME:${user}`) })),
    ...security.map(async (user) => ({
      leg: 'security' as LegRole,
      actor: await at.somebody(`T0HOME:${user}`, { security: 'named' }),
    })),
  ]);
  const outcomes = await Promise.all(
    people.map(({ leg, actor }, i) =>
      approve(processes[i % 2] ?? at.context, { actor, grant, leg, ...approval }, work()).then((outcome) => ({
        leg,
        actor,
        outcome,
      })),
    ),
  );
  const done = outcomes.filter(({ outcome }) => outcome.kind === 'done');
  expect(done.map(({ leg }) => leg).sort()).toEqual(['owner', 'security']);
  for (const { leg, outcome } of outcomes.filter((each) => !done.includes(each))) {
    const faster = done.find((each) => each.leg === leg);
    expect(outcome).toMatchObject({
      kind: 'refused',
      refusal: { kind: 'leg_decided', leg, decision: { verdict: 'approved', by: faster?.actor.person } },
    });
    expect(nameIn(outcome, faster?.actor.person)).toBe(faster?.actor.name.replace('slack:', ''));
  }
  expect(await stateOf(at, grant)).toBe('active');
  expect(await factsOf(at, grant)).toEqual({
    'break_glass.requested': 1,
    'break_glass.approved': 2,
    'break_glass.activated': 1,
  });
});

const nameIn = (outcome: Outcome, person = '') =>
  outcome.kind === 'refused' ? outcome.accounts.get(person) : undefined;

test('of an approval and a denial of one leg at once, one counts', async () => {
  const at = await office();
  const grant = await requested(at);
  const [anna, ben] = [await at.actor('anna'), await at.actor('ben')];
  const outcomes = await Promise.all([
    approve(at.context, { actor: anna, grant, leg: 'owner', ...approval }, work()),
    deny(at.anotherProcess(), { actor: ben, grant, leg: 'owner', reason: 'Not this week' }, work()),
  ]);
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  const denied = outcomes[1]?.kind === 'done';
  expect(await stateOf(at, grant)).toBe(denied ? 'denied' : 'requested');
  expect(await factsOf(at, grant)).toEqual({
    'break_glass.requested': 1,
    [denied ? 'break_glass.denied' : 'break_glass.approved']: 1,
  });
});

test('of the last approval and a denial of that leg at once, the grant is active or denied, never both', async () => {
  const at = await office();
  const grant = await requested(at);
  const [sam, sofia] = [await at.actor('sam'), await at.actor('sofia')];
  grantOf(await approve(at.context, { actor: await at.actor('anna'), grant, leg: 'owner', ...approval }, work()));
  const outcomes = await Promise.all([
    deny(at.context, { actor: sofia, grant, leg: 'security', reason: 'Not this week' }, work()),
    approve(at.anotherProcess(), { actor: sam, grant, leg: 'security', ...approval }, work()),
  ]);
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  const won = outcomes[0]?.kind === 'done' ? 'denied' : 'activated';
  const facts = await factsOf(at, grant);
  expect(facts[`break_glass.${won}`]).toBe(1);
  expect(facts[won === 'denied' ? 'break_glass.activated' : 'break_glass.denied']).toBeUndefined();
});

test('one person who clicks on both legs at once fills one', async () => {
  const at = await office(configuration.replace('people: [U0SAM, U0SOFIA]', 'people: [U0SAM, U0SOFIA, U0ANNA]'));
  const grant = await requested(at);
  const anna = await at.somebody('T0HOME:U0ANNA', { security: 'named' });
  const outcomes = await Promise.all([
    approve(at.context, { actor: anna, grant, leg: 'owner', ...approval }, work()),
    approve(at.anotherProcess(), { actor: anna, grant, leg: 'security', ...approval }, work()),
  ]);
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  expect(outcomes.find(({ kind }) => kind === 'refused')).toMatchObject({ refusal: { kind: 'decided_another_leg' } });
  expect(await stateOf(at, grant)).toBe('requested');
});

test('an approval that waited for the row until the request lapsed is refused, and the request lapses with it', async () => {
  const at = await office();
  const grant = await requested(at);
  const sam = await at.actor('sam');
  const holder = await at.db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [grant]);
  const late = approve(at.context, { actor: sam, grant, leg: 'security', ...approval }, work());
  await untilWaitedFor(at.db, holder);
  await at.db.clock.advance(61 * 60_000);
  await holder.query('commit');
  expect(await late).toMatchObject({ kind: 'refused', refusal: { kind: 'not_requested', state: 'lapsed' } });
  expect(await stateOf(at, grant)).toBe('lapsed');
  expect(await factsOf(at, grant)).toEqual({ 'break_glass.requested': 1, 'break_glass.lapsed': 1 });
});

test('a grant is active from the moment of the last approval, for as long as the shortest agreed', async () => {
  const at = await office();
  const grant = await requested(at);
  const anna = await at.actor('anna');
  grantOf(await approve(at.context, { actor: anna, grant, leg: 'owner', minutes: 15, comment: null }, work()));
  await at.db.clock.advance(20 * 60_000);
  const before = await at.db.clock.now();
  grantOf(await approve(at.context, { actor: await at.actor('sam'), grant, leg: 'security', ...approval }, work()));
  const [row] = await at.db.query<{ activated_at: Date; minutes: number }>(
    'superuser',
    `select activated_at, extract(epoch from expires_at - activated_at)::int / 60 as minutes from grants where id = $1`,
    [grant],
  );
  expect(row?.minutes).toBe(15);
  expect(row?.activated_at.getTime()).toBeGreaterThanOrEqual(before.getTime());
});

test('a decision on a grant that is active already is told who approved last', async () => {
  const at = await office();
  const grant = await active(at);
  const sofia = await at.actor('sofia');
  const outcome = await deny(at.context, { actor: sofia, grant, leg: 'security', reason: 'Too late' }, work());
  const sam = await at.actor('sam');
  expect(outcome).toMatchObject({ refusal: { kind: 'leg_decided', decision: { by: sam.person } } });
});

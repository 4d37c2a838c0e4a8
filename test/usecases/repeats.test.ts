import { expect, test } from 'vitest';
import { approve } from '../../src/usecases/approve.ts';
import { request } from '../../src/usecases/request.ts';
import { auditView, command, factsOf, grantOf, office, requested, stateOf, work } from './office.ts';

const countOf = async ({ db }: Awaited<ReturnType<typeof office>>, table: string) =>
  (await db.query<{ n: number }>('superuser', `select count(*)::int as n from ${table}`))[0]?.n;

test('a request delivered again has no second effect and says what came of the first', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const first = await request(at.context, command(olivia), work('view-1'));
  const notices = await countOf(at, 'outbox');
  const again = await request(at.anotherProcess(), command(olivia), work('view-1'));
  expect(again).toEqual({ kind: 'repeated', grant: grantOf(first) });
  expect(await countOf(at, 'grants')).toBe(1);
  expect(await countOf(at, 'outbox')).toBe(notices);
  expect(await factsOf(at, grantOf(first))).toEqual({ 'break_glass.requested': 1 });
});

test.each([
  { what: 'waits', ask: command },
  { what: 'is active at once', ask: auditView },
])('one request delivered twice at the same moment has one effect (it $what)', async ({ ask }) => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const outcomes = await Promise.all(
    [at.context, at.anotherProcess()].map((context) => request(context, ask(olivia), work('view-1'))),
  );
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'repeated']);
  expect(new Set(outcomes.map(grantOf)).size).toBe(1);
  expect(await countOf(at, 'grants')).toBe(1);
});

test('a request delivered again long after its grant is over is still a repeat', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const first = await request(at.context, command(olivia), work('view-1'));
  await at.db.clock.advance(2 * 60 * 60_000);
  const again = await request(at.context, command(olivia), work('view-1'));
  expect(again).toEqual({ kind: 'repeated', grant: grantOf(first) });
  expect(await countOf(at, 'grants')).toBe(1);
});

test('the same delivery key with another body is refused', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  await request(at.context, command(olivia), work('view-1'));
  const { asked } = command(olivia);
  for (const other of [
    command(olivia, { asked: { ...asked, minutes: 61 } }),
    command(olivia, { asked: { ...asked, scope: 'reset_admin_password' } }),
    command(olivia, { tenantKey: 'globex' }),
  ]) {
    const outcome = await request(at.context, other, work('view-1'));
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'repeated_with_another_body' } });
  }
  expect(await countOf(at, 'grants')).toBe(1);
});

test("somebody else's delivery key is one's own", async () => {
  const at = await office();
  const outcomes = [
    await request(at.context, command(await at.actor('olivia')), work('view-1')),
    await request(at.context, command(await at.actor('omar')), work('view-1')),
  ];
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done']);
});

test('a form that is corrected after a mistake goes through, once', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const { asked } = command(olivia);
  const mistaken = command(olivia, { asked: { ...asked, reason: 'too short' } });
  const refused = await request(at.context, mistaken, work('view-1'));
  expect(refused).toMatchObject({ kind: 'refused', refusal: { kind: 'reason_length' } });
  const corrected = await request(at.context, command(olivia), work('view-1'));
  expect(corrected.kind).toBe('done');
  const again = await request(at.context, command(olivia), work('view-1'));
  expect(again).toEqual({ kind: 'repeated', grant: grantOf(corrected) });
  expect(await countOf(at, 'grants')).toBe(1);
});

test('of two requests for the same at once, one is made and the other is told so', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const outcomes = await Promise.all(
    [at.context, at.anotherProcess()].map((context, i) => request(context, command(olivia), work(`view-${i}`))),
  );
  expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  expect(outcomes.find(({ kind }) => kind === 'refused')).toMatchObject({
    refusal: { kind: 'already_open', state: 'requested' },
  });
  expect(await countOf(at, 'grants')).toBe(1);
});

test.each(['one after the other', 'at the same moment'])(
  'an approval delivered twice counts once (%s)',
  async (when) => {
    const at = await office();
    const grant = await requested(at);
    const anna = await at.actor('anna');
    const click = (context = at.context) =>
      approve(context, { actor: anna, grant, leg: 'owner', minutes: null, comment: null }, work('trigger-1'));
    const outcomes =
      when === 'at the same moment'
        ? await Promise.all([click(), click(at.anotherProcess())])
        : [await click(), await click(at.anotherProcess())];
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['done', 'repeated']);
    expect(await factsOf(at, grant)).toEqual({ 'break_glass.requested': 1, 'break_glass.approved': 1 });
  },
);

test('an approval with the key of another approval is refused', async () => {
  const at = await office();
  const grant = await requested(at);
  const sam = await at.actor('sam');
  const click = (minutes: number | null) =>
    approve(at.context, { actor: sam, grant, leg: 'security', minutes, comment: null }, work('trigger-1'));
  expect((await click(30)).kind).toBe('done');
  expect(await click(null)).toMatchObject({ kind: 'refused', refusal: { kind: 'repeated_with_another_body' } });
  expect(await stateOf(at, grant)).toBe('requested');
});

test('a refused click does not use up its key', async () => {
  const at = await office();
  const grant = await requested(at);
  const sam = await at.actor('sam');
  const click = (leg: 'ops' | 'security') =>
    approve(at.context, { actor: sam, grant, leg, minutes: null, comment: null }, work('trigger-1'));
  expect((await click('ops')).kind).toBe('refused');
  expect((await click('security')).kind).toBe('done');
});

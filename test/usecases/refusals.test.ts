import { expect, test } from 'vitest';
import { approve } from '../../src/usecases/approve.ts';
import { request } from '../../src/usecases/request.ts';
import { tenantStatus } from '../../src/usecases/status.ts';
import { command, factsOf, type Office, office, requested, work } from './office.ts';

const onRecord = ({ db }: Office) =>
  db.query<{ actor: string; refusal: string; about: string | null; times: number }>(
    'superuser',
    `select actor, details->>'refusal' as refusal, details->>'about' as about, (details->>'times')::int as times
       from audit_events where action = 'access.refused' order by id`,
  );

const approval = { minutes: null, comment: null };

test('a refused try is on record although the change it asked for leaves nothing', async () => {
  const at = await office();
  const grant = await requested(at);
  const otis = await at.actor('otis');
  const outcome = await approve(at.context, { actor: otis, grant, leg: 'security', ...approval }, work());
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'not_the_role', leg: 'security' } });
  expect(await onRecord(at)).toEqual([
    { actor: 'slack:T0HOME:U0OTIS', refusal: 'not_the_role', about: grant, times: 1 },
  ]);
  expect(await factsOf(at, grant)).toEqual({ 'break_glass.requested': 1 });
});

test('tries that nobody was meant to make are on record, whatever they were about', async () => {
  const at = await office();
  const grant = await requested(at);
  const [olivia, otis, sam] = [await at.actor('olivia'), await at.actor('otis'), await at.actor('sam')];
  const unknown = '00000000-0000-0000-0000-00000000dead';
  await approve(at.context, { actor: olivia, grant, leg: 'owner', ...approval }, work());
  await approve(at.context, { actor: sam, grant, leg: 'ops', ...approval }, work());
  await approve(at.context, { actor: sam, grant: unknown, leg: 'security', ...approval }, work());
  await request(at.context, command(otis), work());
  await request(at.context, command(olivia, { tenantKey: 'hooli' }), work());
  await tenantStatus(at.context, otis, 'acme', 'work-status');
  expect((await onRecord(at)).map(({ refusal, about }) => [refusal, about])).toEqual([
    ['own_request', grant],
    ['not_the_role', grant],
    ['unknown_grant', unknown],
    ['not_an_operator', 'acme'],
    ['unknown_tenant', 'hooli'],
    ['unknown_tenant', 'acme'],
  ]);
});

test('a mistake in a form and a click that came late are nobody’s concern', async () => {
  const at = await office();
  const grant = await requested(at);
  const [olivia, sam, sofia] = [await at.actor('olivia'), await at.actor('sam'), await at.actor('sofia')];
  await approve(at.context, { actor: sam, grant, leg: 'security', ...approval }, work());
  await approve(at.context, { actor: sofia, grant, leg: 'security', ...approval }, work());
  const { asked } = command(olivia);
  await request(at.context, command(olivia, { asked: { ...asked, ticket: 'no ticket' } }), work());
  expect(await onRecord(at)).toEqual([]);
});

test('a flood of the same try is two rows: the first, and how many more', async () => {
  const at = await office();
  const [otis, gwen] = [await at.actor('otis'), await at.actor('gwen')];
  const grant = await requested(at);
  const flood = Array.from({ length: 40 }, () =>
    approve(at.context, { actor: otis, grant, leg: 'security', ...approval }, work()),
  );
  await Promise.all(flood);
  await approve(at.context, { actor: gwen, grant, leg: 'security', ...approval }, work());
  expect((await onRecord(at)).map(({ times }) => times)).toEqual([1, 1]);
  await at.context.refusals.flush();
  expect(await onRecord(at)).toEqual([
    { actor: 'slack:T0HOME:U0OTIS', refusal: 'not_the_role', about: grant, times: 1 },
    { actor: 'slack:T0HOME:U0GWEN', refusal: 'not_the_role', about: grant, times: 1 },
    { actor: 'slack:T0HOME:U0OTIS', refusal: 'not_the_role', about: grant, times: 39 },
  ]);
  expect(at.errors).toEqual([]);
});

test('a refusal that can not be recorded is still a refusal, and the failure is heard', async () => {
  const at = await office();
  const otis = await at.actor('otis');
  await at.db.query(
    'owner',
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before insert on audit_events for each row execute function no_more()`,
  );
  const outcome = await request(at.context, command(otis), work());
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { kind: 'not_an_operator' } });
  expect(at.errors).toHaveLength(1);
});

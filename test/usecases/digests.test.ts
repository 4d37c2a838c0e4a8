import { expect, test } from 'vitest';
import { lastMatch } from '../../src/jobs/schedule.ts';
import { approve } from '../../src/usecases/approve.ts';
import { deny } from '../../src/usecases/deny.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { sendDigestsIfDue } from '../../src/usecases/send-digests.ts';
import { active, auditView, command, grantOf, type Office, office, requested, work } from './office.ts';

const everyMorning = lastMatch({ cron: '0 8 * * *', timezone: 'UTC' });
const DAY_MS = 24 * 60 * 60_000;

/** Puts the clock at a minute past the next eight o'clock that is not just now. */
async function nextMorning({ db }: Office): Promise<void> {
  const now = await db.clock.now();
  const morning = new Date(now);
  morning.setUTCHours(8, 1, 0, 0);
  if (morning.getTime() - now.getTime() < 10 * 60_000) morning.setUTCDate(morning.getUTCDate() + 1);
  await db.clock.advanceTo(morning);
}

const digests = ({ db }: Office) =>
  db.query<{ destination: string; summary: Record<string, unknown> }>(
    'superuser',
    `select destination, payload->'summary' as summary from outbox where kind = 'digest' order by id`,
  );

const send = ({ context }: Office, process = context) => sendDigestsIfDue(process, everyMorning, work().requestId);

test('a digest counts each tenant for its owners, and everything for security', async () => {
  const at = await office();
  await send(at); // the schedule begins
  await nextMorning(at);
  await send(at);
  const [olivia, omar, sam] = [await at.actor('olivia'), await at.actor('omar'), await at.actor('sam')];
  const ended = await active(at);
  await at.db.clock.advance(20 * 60_000);
  grantOf(await end(at.context, { actor: olivia, grant: ended }, work()));
  const denied = await requested(at, { tenantKey: 'globex' });
  grantOf(await deny(at.context, { actor: sam, grant: denied, leg: 'security', reason: 'Not this week' }, work()));
  grantOf(await request(at.context, command(omar, { tenantKey: 'initech' }), work()));
  await at.db.clock.advance(DAY_MS - 60 * 60_000);
  grantOf(await request(at.context, auditView(omar, 'globex'), work()));
  await nextMorning(at);
  expect(await send(at)).toBe(true);
  const sent = (await digests(at)).slice(-3);
  const nothing = { requested: 0, denied: 0, withdrawn: 0, lapsed: 0, ended: 0, revoked: 0, expired: 0, waivers: 0 };
  const approvers = [
    { account: 'T0HOME:U0ANNA', legs: 1 },
    { account: 'T0HOME:U0SAM', legs: 1 },
  ];
  expect(sent).toMatchObject([
    {
      destination: 'C0SECURITY',
      summary: {
        ...nothing,
        ...{ tenant: null, requested: 4, denied: 1, ended: 1, waivers: 1, activeNow: 1, approvers },
        byKind: { break_glass: 3, support_access: 1 },
        longest: { tenant: 'Acme Corp', scope: 'content_access', minutes: expect.closeTo(20, -1) },
      },
    },
    {
      destination: 'C0ACME',
      summary: {
        ...{ ...nothing, tenant: 'Acme Corp', requested: 1, ended: 1, activeNow: 0, approvers },
        byKind: { break_glass: 1 },
      },
    },
    {
      destination: 'C0GLOBEX',
      summary: {
        ...{ ...nothing, tenant: 'Globex', requested: 2, denied: 1, activeNow: 1, approvers: [], longest: null },
        byKind: { break_glass: 1, support_access: 1 },
      },
    },
  ]);
});

test('a digest is sent once, however many processes ask', async () => {
  const at = await office();
  await send(at);
  await nextMorning(at);
  const processes = [at.context, at.anotherProcess(), at.anotherProcess()];
  const sent = await Promise.all(processes.map((context) => send(at, context)));
  expect(sent.filter(Boolean)).toHaveLength(1);
  expect((await digests(at)).map(({ destination }) => destination)).toEqual(['C0SECURITY', 'C0ACME', 'C0GLOBEX']);
  expect(await send(at)).toBe(false);
});

test('no digest is sent before it is due', async () => {
  const at = await office();
  expect(await send(at)).toBe(false);
  await nextMorning(at);
  expect(await send(at)).toBe(true);
  await at.db.clock.advance(DAY_MS - 5 * 60_000);
  expect(await send(at)).toBe(false);
  await at.db.clock.advance(5 * 60_000);
  expect(await send(at)).toBe(true);
});

test('after a standstill of days there is one digest, of all that time', async () => {
  const at = await office();
  await send(at);
  await nextMorning(at);
  await send(at);
  const [last] = await digests(at);
  await requested(at);
  await at.db.clock.advance(3 * DAY_MS);
  expect(await send(at)).toBe(true);
  expect(await send(at)).toBe(false);
  const [first, ...rest] = (await digests(at)).slice(3);
  expect(rest).toHaveLength(2);
  expect(first?.summary).toMatchObject({ from: last?.summary.to, requested: 1 });
  const days = (Date.parse(String(first?.summary.to)) - Date.parse(String(first?.summary.from))) / DAY_MS;
  expect(days).toBe(3);
});

test('digests join without a gap or an overlap', async () => {
  const at = await office();
  await send(at);
  for (let day = 0; day < 3; day += 1) {
    await nextMorning(at);
    await requested(at, { tenantKey: ['acme', 'globex', 'initech'][day] ?? 'acme' });
    await nextMorning(at);
    await send(at);
  }
  await nextMorning(at);
  await send(at);
  const all = (await digests(at)).filter(({ destination }) => destination === 'C0SECURITY');
  const counted = all.map(({ summary }) => Number(summary.requested));
  expect(counted.reduce((sum, n) => sum + n)).toBe(3);
  all.slice(1).forEach(({ summary }, i) => {
    expect(summary.from).toBe(all[i]?.summary.to);
  });
});

test('a digest that can not be written is still due', async () => {
  const at = await office();
  await send(at);
  await nextMorning(at);
  await at.db.query(
    'owner',
    `create function no_more() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_more before insert on outbox for each row when (new.destination = 'C0GLOBEX') execute function no_more()`,
  );
  await expect(send(at)).rejects.toThrow(/disk full/);
  expect(await digests(at)).toEqual([]);
  await at.db.query('owner', 'drop trigger no_more on outbox');
  expect(await send(at)).toBe(true);
});

test('approvals of every leg are counted for the person who gave them', async () => {
  const at = await office();
  await send(at);
  const [anna, sam] = [await at.actor('anna'), await at.actor('sam')];
  await nextMorning(at);
  await send(at);
  for (const actor of [await at.actor('olivia'), await at.actor('omar')]) {
    const grant = grantOf(await request(at.context, command(actor), work()));
    const rest = { grant, minutes: null, comment: null };
    grantOf(await approve(at.context, { actor: anna, leg: 'owner', ...rest }, work()));
    if (actor.name.endsWith('OMAR'))
      grantOf(await approve(at.context, { actor: sam, leg: 'security', ...rest }, work()));
  }
  await nextMorning(at);
  await send(at);
  const latest = (await digests(at)).at(-3);
  expect(latest?.summary.approvers).toEqual([
    { account: 'T0HOME:U0ANNA', legs: 2 },
    { account: 'T0HOME:U0SAM', legs: 1 },
  ]);
});

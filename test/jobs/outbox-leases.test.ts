import { describe, expect, test } from 'vitest';
import type { Tried } from '../../src/jobs/turn.ts';
import type { Tx } from '../../src/store/database.ts';
import { claimLane, headOf, LEASE_SECONDS, type Lease, postpone, releaseLane } from '../../src/store/deliveries.ts';
import { type Office, office, requested } from '../usecases/office.ts';
import { delivering } from './drains.ts';
import { type Gate, gate } from './gate.ts';
import { note, recordedDead, send, toldIn } from './mailroom.ts';

const LEASE_MS = LEASE_SECONDS * 1_000;
const across = <T>({ context }: Office, work: (tx: Tx) => Promise<T>): Promise<T> =>
  context.db.acrossTenants('a test', work);

async function aLease(at: Office): Promise<Lease> {
  const lease = await across(at, claimLane);
  if (lease === null) throw new Error('No lane was free.');
  return lease;
}

const laneOf = async ({ db }: Office, destination: string) => {
  const [lane] = await db.query<{ leased: boolean; rests: boolean }>(
    'superuser',
    `select coalesce(leased_until > breakglass_now(), false) as leased, next_at > breakglass_now() as rests
       from lanes where destination = $1`,
    [destination],
  );
  return lane;
};

test('a lane is in the hands of one at a time, for as long as the lease lasts', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'));
  const lease = await aLease(at);
  expect(lease.destination).toBe('C0LANE');
  expect(await across(at, claimLane)).toBeNull();
  await at.db.clock.advance(LEASE_MS - 5_000);
  expect(await across(at, claimLane)).toBeNull();
  await at.db.clock.advance(5_000);
  expect(await aLease(at)).toMatchObject({ destination: 'C0LANE', token: lease.token + 1n });
});

test('who lost a lane to another gives nothing back: neither the lane nor its rest', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'));
  const first = await aLease(at);
  await at.db.clock.advance(LEASE_MS);
  const second = await aLease(at);
  expect(await across(at, (tx) => releaseLane(tx, first, 60_000))).toBe(false);
  expect(await laneOf(at, 'C0LANE')).toEqual({ leased: true, rests: false });
  expect(await across(at, (tx) => releaseLane(tx, second, 60_000))).toBe(true);
  expect(await laneOf(at, 'C0LANE')).toEqual({ leased: false, rests: true });
});

test('a lease that ran out and that nobody else took is still good', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'));
  const lease = await aLease(at);
  await at.db.clock.advance(LEASE_MS);
  expect(await across(at, (tx) => releaseLane(tx, lease, 0))).toBe(true);
});

test('a lane that rests is not taken before its time', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'));
  const lease = await aLease(at);
  await across(at, (tx) => releaseLane(tx, lease, 30_000));
  await at.db.clock.advance(25_000);
  expect(await across(at, claimLane)).toBeNull();
  await at.db.clock.advance(5_000);
  expect((await aLease(at)).destination).toBe('C0LANE');
});

test('a notice that was postponed is not tried before its time, nor is any behind it', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'), note('C0LANE', 'n2'));
  const lease = await aLease(at);
  await across(at, async (tx) => {
    const head = await headOf(tx, lease);
    await postpone(tx, head?.id ?? 0n, 'http_500', 30_000);
    await releaseLane(tx, lease, 0);
  });
  await at.db.clock.advance(25_000);
  expect(await across(at, claimLane)).toBeNull();
  await at.db.clock.advance(5_000);
  const head = await across(at, async (tx) => headOf(tx, await aLease(at)));
  expect(head).toMatchObject({ notice: { tenant: 'n1' }, attempts: 1, lastError: 'http_500' });
});

test('two who look at once take two lanes, and the second does not wait for the first', async () => {
  const at = await office();
  await send(at, note('C0ONE', 'n1'), note('C0TWO', 'n1'));
  const [taken, mayCommit] = [gate<string | undefined>(), gate()];
  const first = across(at, async (tx) => {
    taken.open((await claimLane(tx))?.destination);
    await mayCommit.passed;
  });
  const destinations = [await taken.passed, (await aLease(at)).destination, (await across(at, claimLane))?.destination];
  mayCommit.open();
  await first;
  expect(destinations.slice(0, 2).sort()).toEqual(['C0ONE', 'C0TWO']);
  expect(destinations[2]).toBeUndefined();
});

test('the notice whose turn it is, is the oldest that waits', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'), note('C0OTHER', 'n2'), note('C0LANE', 'n3'));
  const head = await across(at, (tx) => headOf(tx, { destination: 'C0LANE', token: 1n }));
  expect(head).toMatchObject({ notice: { tenant: 'n1' }, attempts: 0, late: false });
});

const posted = (ts: string, versionShown = 1, versionFound: number | null = null): Tried => ({
  ...{ kind: 'delivered', ts, channel: 'C0SECURITY', posted: true },
  card: { channel: 'C0SECURITY', ts, versionShown, versionFound },
});
const nothingToSay: Tried = { kind: 'delivered', ts: null, channel: null, posted: false, card: null };

describe.each<{ came: string; late: Tried; drawnAgain: boolean }>([
  { came: 'its card, posted', late: posted('1.0'), drawnAgain: true },
  { came: 'its card, edited', late: { ...posted('2.0', 1, 1), posted: false } as Tried, drawnAgain: true },
  { came: 'no answer', late: { kind: 'postponed', error: 'http_500', retryAfterMs: null }, drawnAgain: true },
  { came: 'a rate limit', late: { kind: 'postponed', error: 'rate_limited', retryAfterMs: 9_000 }, drawnAgain: false },
  { came: 'a refusal', late: { kind: 'refused', error: 'is_archived' }, drawnAgain: false },
  { came: 'the finding that nothing was to be said', late: nothingToSay, drawnAgain: false },
])('of a delivery that outlived its lease there came $came', ({ late, drawnAgain }) => {
  test(`it settles nothing; the card is ${drawnAgain ? '' : 'not '}drawn once more`, async () => {
    const at = await office();
    const grant = await requested(at);
    const held: Gate<Tried> = gate();
    const answers = [held.passed]; // the first try in that channel; whoever tries next, posts
    const deliver = async (destination: string) =>
      destination === 'C0SECURITY' ? (answers.shift() ?? posted('2.0')) : nothingToSay;
    const slow = delivering(at, deliver);
    await slow.work(async () => (await laneOf(at, 'C0SECURITY'))?.leased, 'the lane to be taken');
    await at.db.clock.advance(LEASE_MS);
    const next = delivering(at, deliver);
    await next.work(async () => (await toldIn(at, 'C0SECURITY'))[0]?.state === 'delivered', 'the card to be delivered');
    await next.stop();
    const settled = await toldIn(at, 'C0SECURITY');
    expect(settled).toMatchObject([{ kind: 'card', attempts: 1, error: null }]);

    const stopped = slow.stop();
    held.open(late);
    await stopped;
    const [first, ...more] = await toldIn(at, 'C0SECURITY');
    expect(first).toEqual({ ...settled[0], again: expect.any(Number) });
    expect(await recordedDead(at, 'C0SECURITY')).toEqual([]);
    expect(more).toMatchObject(drawnAgain ? [{ kind: 'card', state: 'waiting', grant, payload: first?.payload }] : []);
    const [shown] = await at.db.query<{ ts: string; version: number }>(
      'superuser',
      `select ts, version_shown as version from posted_messages where destination = 'C0SECURITY'`,
    );
    expect(shown?.ts).toBe('2.0');
    if (drawnAgain) expect(shown?.version).toBeLessThan(1);
    else expect(shown?.version).toBe(1);
  });
});

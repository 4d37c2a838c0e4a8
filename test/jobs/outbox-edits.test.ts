import { expect, test } from 'vitest';
import { aCrowd, addOpenGrants } from '../../bench/history.ts';
import type { OutboxDeps, Tried } from '../../src/jobs/turn.ts';
import type { Tx } from '../../src/store/database.ts';
import { claimLane, headOf, releaseLane, settleDelivered, untilNextDelivery } from '../../src/store/deliveries.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import { type Office, office } from '../usecases/office.ts';
import { delivering } from './drains.ts';
import { gate } from './gate.ts';

const LANE = 'C0ACME';
const MINUTE_MS = 60_000;

/**
 * So many accesses whose cards stand in one channel have run out: each leaves an edit and a fact, in this order. What
 * their reviews leave elsewhere has its own test.
 */
async function overAtOnce(at: Office, count: number): Promise<void> {
  const admin = await at.db.session('superuser');
  const operators = Array.from({ length: count }, (_, i) => `U0OPERATOR${i}`);
  const crowd = await aCrowd(admin, operators, ['U0ANNA', 'U0SAM']);
  const places = [{ destination: LANE, audience: 'approvers' as const, channel: LANE, ts: '1.000001' }];
  const tenant = crowd.tenants[0]?.id ?? '';
  const until = (i: number) => new Date(Date.now() - MINUTE_MS + i);
  const grants = crowd.operators.map((operator, i) => ({ tenant, operator, until: until(i), places }));
  await addOpenGrants(
    admin,
    crowd,
    grants.map((grant) => ({ ...grant, state: 'active' as const })),
  );
  expect(await closeDue(at.context, 'sweep')).toBe(count);
  await at.db.query(
    'superuser',
    "update outbox set state = 'delivered', settled_at = breakglass_now() where kind = 'review_card'",
  );
}

const edited: Tried = { kind: 'delivered', ts: '1.000001', channel: LANE, posted: false, card: null };
const posted: Tried = { kind: 'delivered', ts: '2.000001', channel: LANE, posted: true, card: null };

/** Delivers everything. @returns what was done, in order: an edit, or how many facts one message told */
async function delivered(at: Office, facts: (tries: number) => Tried = () => posted): Promise<string[]> {
  const done: string[] = [];
  let tries = 0;
  const deliver: OutboxDeps['deliver'] = async ({ notice }, _, folded) => {
    done.push(notice.kind === 'card' ? 'edit' : `facts: ${folded.length + 1}`);
    if (notice.kind === 'card') return edited;
    tries += 1;
    return facts(tries);
  };
  const { work } = delivering(at, async () => posted, { deliver });
  const waiting = () => at.db.query('superuser', "select 1 from outbox where state = 'waiting'");
  await work(async () => (await waiting()).length === 0, 'everything to be told');
  return done;
}

test('edits of cards do not hold up many messages behind them: they are made while the channel rests', async () => {
  const at = await office();
  await overAtOnce(at, 5);
  expect(await delivered(at)).toEqual(['facts: 5', 'edit', 'edit', 'edit', 'edit', 'edit']);
});

test('where there are few, each card is edited before the message about it, and the channel rests between messages only', async () => {
  const at = await office();
  await overAtOnce(at, 2);
  expect(await delivered(at)).toEqual(['edit', 'facts: 1', 'edit', 'facts: 1']);
});

test('messages that could not be told go together when their time comes, and every edit is made once', async () => {
  const at = await office();
  await overAtOnce(at, 5);
  const afterAWhile = (tries: number): Tried =>
    tries === 1 ? { kind: 'postponed', error: 'http_500', retryAfterMs: null } : posted;
  const done = await delivered(at, afterAWhile);
  expect(done.filter((each) => each !== 'edit')).toEqual(['facts: 5', 'facts: 5']);
  expect(done).toHaveLength(7);
});

test('while a channel rests, a card that stands there may be edited, and nothing be said', async () => {
  const at = await office();
  await overAtOnce(at, 1);
  const across = <T>(work: (tx: Tx) => Promise<T>) => at.context.db.acrossTenants('a test', work);
  const first = await across(claimLane);
  if (!first) throw new Error('Nothing waits.');
  await across((tx) => releaseLane(tx, first, MINUTE_MS));
  const resting = await across(claimLane);
  expect(resting).toMatchObject({ destination: LANE, rested: false });
  const head = await across((tx) => headOf(tx, first, false));
  expect(head?.notice.kind).toBe('card');
  await across((tx) => settleDelivered(tx, [head?.id ?? 0n], null));
  expect(await across((tx) => headOf(tx, first, false))).toBeNull();
  await across((tx) => releaseLane(tx, resting ?? first, 0));
  expect(await across(claimLane)).toBeNull();
  expect(await across(untilNextDelivery)).toBeGreaterThan(MINUTE_MS / 2);
});

test('whoever delivers is woken by a notice that waits, also once more, and not by one that was settled', async () => {
  const at = await office();
  const session = await at.db.session('superuser');
  const bells: string[] = [];
  session.on('notification', ({ channel }) => bells.push(channel));
  await session.query('listen breakglass_outbox; listen said');
  // What is committed in one session is heard in its order: this says how far we have listened.
  const heardAfter = async (work: string): Promise<string[]> => {
    await at.db.query('superuser', work);
    const said = new Promise<void>((resolve) => {
      session.on('notification', ({ channel }) => channel === 'said' && resolve());
    });
    await at.db.query('superuser', 'notify said');
    await said;
    return bells.splice(0).filter((bell) => bell !== 'said');
  };
  const rung = ['breakglass_outbox'];
  const write = "insert into outbox (destination, kind, payload, request_id) values ('C0ACME', 'digest', '{}', 'test')";
  expect(await heardAfter(write)).toEqual(rung);
  const settle = "update outbox set state = 'dead', settled_at = breakglass_now(), last_error = 'no'";
  expect(await heardAfter(settle)).toEqual([]);
  expect(await heardAfter("update outbox set state = 'waiting', settled_at = null")).toEqual(rung);
});

test('a stop waits for the edit that is on its way, not for those behind it', async () => {
  const at = await office();
  await overAtOnce(at, 5);
  const [begun, answered] = [gate(), gate()];
  let edits = 0;
  const deliver: OutboxDeps['deliver'] = async ({ notice }) => {
    if (notice.kind !== 'card') return posted;
    edits += 1;
    begun.open();
    await answered.passed;
    return edited;
  };
  const { ring, stop } = delivering(at, async () => posted, { deliver });
  ring();
  await begun.passed;
  const stopped = stop();
  answered.open();
  await stopped;
  expect(edits).toBe(1);
  expect(await at.db.query('superuser', 'select 1 from lanes where leased_until is not null')).toEqual([]);
});

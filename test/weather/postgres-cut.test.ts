import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEASE_SECONDS } from '../../src/store/deliveries.ts';
import { gate } from '../jobs/gate.ts';
import { note, send } from '../jobs/mailroom.ts';
import { approve, as, ask, auditOf, cardIn, quiet } from '../journeys/verbs.ts';
import { watch } from '../journeys/watch.ts';
import { untilWaitedFor } from '../store/locks.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import {
  approveInVain,
  askInVain,
  carryOn,
  expectClearLines,
  logged,
  readiness,
  records,
  terminate,
  troubles,
} from './postgres-trouble.ts';
import { type Wire, wire } from './postgres-wire.ts';

let stack: TestStack;
let between: Wire;
/** What happens to the connections when the bot comes to a named step next. */
let weather: { at: string; happens: () => void } | undefined;
const at = (point: string, happens: () => void): void => {
  weather = { at: point, happens };
};
beforeAll(async () => {
  between = await wire();
  stack = await startTestStack({
    databaseUrl: (direct) => between.through(direct),
    reach: (point) => {
      if (point !== weather?.at) return;
      const { happens } = weather;
      weather = undefined;
      happens();
    },
  });
});
afterAll(async () => {
  await stack.stop();
  await between.stop();
});

const approval = 'find the tenant of a grant';

test('every session is ended while nobody does anything: the next person notices nothing, and the bells are back', async () => {
  const { db, log } = stack;
  const grant = await ask(stack);
  await quiet(stack);
  const from = log.length;
  expect(await terminate(db)).toBeGreaterThan(1);
  expect(await readiness(stack)).toMatchObject({ status: 200 });
  await carryOn(stack, grant);
  await logged(stack, 'listening to the database again', from);
  const said = troubles(stack, from).map(({ msg }) => msg);
  expect(said).toContain('listening to the database was interrupted');
  expect(new Set(said).size).toBe(said.length);
  expectClearLines(troubles(stack, from));
});

test('a session is ended in the middle of a decision: it is decided, once, on another one', async () => {
  const { db } = stack;
  const grant = await ask(stack);
  await quiet(stack);
  const from = stack.log.length;
  const session = await db.session('superuser');
  await session.query('begin');
  await session.query('select from grants where id = $1 for update', [grant]);
  await approve(stack, 'anna', 'C0ACME', grant);
  await untilWaitedFor(db, session);
  await db.query(
    'superuser',
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await untilWaitedFor(db, session);
  await session.query('rollback');
  await stack.bot.idle(10_000);
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested', 'break_glass.approved']);
  expect(troubles(stack, from).filter(({ level }) => level >= 50)).toEqual([]);
  await carryOn(stack, grant);
});

test('all connections are cut as a commit is sent: the person is told, nothing stays, and the next try goes through', async () => {
  const grant = await ask(stack);
  await quiet(stack);
  const before = await records(stack.db);
  at(`${approval}: before commit`, between.cut);
  await approveInVain(stack, 'anna', 'C0ACME', grant);
  expect(await records(stack.db)).toEqual(before);
  await carryOn(stack, grant);
});

describe('the answer to a commit is lost: nobody knows, so nobody tries again', () => {
  /** Lets a commit reach the server and its answer not come back; cut once the server is done. */
  const loseAnswerAt = (point: string) => {
    at(`${point}: before commit`, between.swallowAnswers);
  };
  const cutAfter = async (done: () => Promise<unknown>, what: string) => {
    await (await watch(stack.db)).until(done, what);
    between.cut();
    between.mend();
    // A lane that was taken without anybody learning of it comes back when its lease is over.
    await stack.db.clock.advance(LEASE_SECONDS * 1_000);
  };

  test('of a request: the person is told to look, and there is one grant, one fact, one notice each', async () => {
    const { db } = stack;
    await quiet(stack);
    const grants = async () => (await records(db)).grants?.length;
    const before = (await grants()) ?? 0;
    loseAnswerAt("find a tenant by key, and the requester's overdue reviews");
    await Promise.all([askInVain(stack), cutAfter(async () => (await grants()) === before + 1, 'the grant')]);
    await stack.bot.idle(10_000);
    expect(await grants()).toBe(before + 1);
    const [grant] = await db.query<{ id: string }>('superuser', "select id from grants where state = 'requested'");
    expect(grant).toBeDefined();
    if (grant) await carryOn(stack, grant.id);
  });

  test('of an approval: the person is told to look, and the card shows it', async () => {
    const grant = await ask(stack);
    await quiet(stack);
    loseAnswerAt(approval);
    const approved = async () => (await auditOf(stack, grant)).length === 2;
    await Promise.all([approveInVain(stack, 'anna', 'C0ACME', grant), cutAfter(approved, 'the approval')]);
    await cardIn(stack, 'C0SECURITY', grant, 'approved by @Anna');
    await carryOn(stack, grant);
  });
});

test('the database is gone while Slack is being told: what Slack has is not said again, and nothing waits for a lease', async () => {
  const { slack } = stack;
  await quiet(stack);
  const places = ['C0ACME', 'C0SECURITY', as(stack, 'olivia').dm()];
  const posts = () => places.map((place) => slack.messages(place).length);
  const before = posts();
  const gone = gate();
  const goes = () => {
    between.refuse(true);
    between.cut();
    gone.open();
  };
  // With the last of the three: until then somebody may be taking a lane, which is theirs for as long as a lease lasts.
  at('card: after Slack', () => at('card: after Slack', () => at('card: after Slack', goes)));
  const grant = await ask(stack);
  await gone.passed;
  const opened = between.opened;
  await expect.poll(() => between.opened, { timeout: 15_000 }).toBeGreaterThan(opened + 5); // tried, and tried again
  between.refuse(false);
  await quiet(stack);
  await stack.db.clock.advance(2 * LEASE_SECONDS * 1_000);
  await quiet(stack);
  expect(posts()).toEqual(before.map((count) => count + 1));
  await carryOn(stack, grant);
});

test('the answer to a burial is lost: the notice is on record as dead once, and announced once', async () => {
  const { db, slack } = stack;
  await quiet(stack);
  const from = stack.log.length;
  slack.fault('chat.postMessage', { kind: 'platform_error', error: 'is_archived' }, { channel: 'C0OPS', times: 1 });
  const rows = async (sql: string) => (await db.query('superuser', sql)).length;
  at('settle a notice: before commit', between.swallowAnswers);
  await send(stack, note('C0OPS', 'n1'));
  const dead = "select from outbox where destination = 'C0OPS' and state = 'dead'";
  await (await watch(db)).until(async () => (await rows(dead)) === 1, 'the notice to be dead');
  between.cut();
  between.mend();
  await logged(stack, 'notice not delivered', from);
  expect(await rows("select from audit_events where action = 'notice.dead'")).toBe(1);
  expect(await rows("select from outbox where kind = 'undeliverable'")).toBe(1);
});

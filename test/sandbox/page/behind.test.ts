import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cast, nameOfPlace } from '../../../sandbox/cast.ts';
import { type BehindTheScenes, openBehind } from '../../../sandbox/page/server/behind.ts';
import type { RequestBehind } from '../../../sandbox/page/wire.ts';
import { startService } from '../../../sandbox/service.ts';
import { approve, as, ask, cardIn, eventually, press } from '../../journeys/verbs.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';
import { addressesOf, startTestStack, type TestStack } from '../../support/stack.ts';

const unheard = (): void => {};

describe('behind the scenes', () => {
  let stack: TestStack;
  let behind: BehindTheScenes;
  beforeEach(async () => {
    stack = await startTestStack();
    behind = await openBehind(stack.db.url('superuser'), unheard);
  });
  afterEach(async () => {
    await behind.close();
    await stack.stop();
  });

  const followed = async (grant: string | null = null): Promise<RequestBehind> => {
    const { followed: found } = await behind.look(grant);
    if (found === null) throw new Error('There is no request.');
    return found;
  };
  /** Resolves once every notice of a request is delivered. */
  const settled = (grant: string) =>
    eventually(
      stack,
      async () => (await followed(grant)).notices.every(({ state }) => state === 'sent'),
      'every notice to be sent',
    );
  const activeContentAccess = async (): Promise<string> => {
    const grant = await ask(stack);
    await approve(stack, 'anna', 'C0ACME', grant);
    await approve(stack, 'sam', 'C0SECURITY', grant);
    await cardIn(stack, 'C0ACME', grant, 'Active until');
    return grant;
  };

  test('there is nothing before anybody asked', async () => {
    expect(await behind.look(null)).toEqual({ requests: [], followed: null });
    expect(await behind.look('b7c6a5d4-0000-4000-8000-000000000000')).toEqual({ requests: [], followed: null });
    expect(await behind.firstSteps()).toEqual({ asked: false, approved: false, over: false });
    expect(await behind.reviewDue()).toBeUndefined();
  });

  test('a request is told as the database has it, in every field', async () => {
    const grant = await ask(stack);
    await approve(stack, 'anna', 'C0ACME', grant);
    await cardIn(stack, 'C0ACME', grant, 'approved by');
    await settled(grant);
    const [row] = await stack.db.query('superuser', 'select * from grants');
    const legs = await stack.db.query('superuser', 'select role, decided_at from legs order by role');
    const audit = await stack.db.query(
      'superuser',
      'select * from audit_events where grant_id is not null order by id',
    );
    const notices = await stack.db.query('superuser', 'select * from outbox order by id');
    const found = await followed();
    expect(found).toEqual({
      ...{ grant, tenant: 'acme', scope: 'content_access', ticket: 'INC-42', requester: 'Olivia', state: 'requested' },
      ...{ reason: 'The import is corrupting documents', minutes: 30 },
      ...{ requestedAt: row?.requested_at.toISOString(), lapsesAt: row?.lapses_at.toISOString() },
      ...{ activatedAt: null, expiresAt: null, closedAt: null },
      legs: [
        { role: 'owner', verdict: 'approved', by: 'Anna', at: legs[0]?.decided_at.toISOString() },
        { role: 'security', verdict: null, by: null, at: null },
      ],
      audit: audit.map(({ id, at, action, request_id: requestId, details }, index) => ({
        ...{ id, at: at.toISOString(), action, actor: ['Olivia', 'Anna'][index], requestId, details },
      })),
      notices: notices.map((each) => ({
        ...{ id: each.id, kind: each.kind, to: nameOfPlace(each.destination), state: 'sent', attempts: each.attempts },
        ...{ createdAt: each.created_at.toISOString(), settledAt: each.settled_at.toISOString() },
        ...{ error: null, requestId: each.request_id },
      })),
    });
    expect(found.audit.map(({ action }) => action)).toEqual(['break_glass.requested', 'break_glass.approved']);
    expect(new Set(found.notices.map(({ to }) => to))).toEqual(new Set(['#acme-owners', '#access-security', 'Olivia']));
    expect(new Set(found.notices.map(({ requestId }) => requestId)).size).toBe(2);
  });

  test('the newest is followed unless another one is named; what is none leads to the newest', async () => {
    const first = await ask(stack);
    const second = await ask(stack, { by: 'omar', tenant: 'globex', ticket: 'INC-43' });
    expect((await behind.look(null)).requests.map(({ grant }) => grant)).toEqual([second, first]);
    expect((await followed(null)).grant).toBe(second);
    expect(await followed(first)).toMatchObject({ grant: first, requester: 'Olivia' });
    expect((await followed("' or true --")).grant).toBe(second);
    expect((await followed(second)).audit.map(({ actor }) => actor)).toEqual(['Omar']);
  });

  test('a request that is past its time reads as lapsed, and access as expired, before anybody closed them', async () => {
    const over = await activeContentAccess();
    const waiting = await ask(stack, { by: 'omar', tenant: 'globex' });
    await stack.bot.stop();
    expect([(await followed(over)).state, (await followed(waiting)).state]).toEqual(['active', 'requested']);
    expect((await behind.firstSteps()).over).toBe(false);
    await stack.db.clock.advance(61 * 60_000);
    const { requests } = await behind.look(null);
    expect(requests.map(({ state }) => state)).toEqual(['lapsed', 'expired']);
    expect(await followed(over)).toMatchObject({ state: 'expired', closedAt: null });
    expect(await stack.db.query('superuser', 'select state from grants order by requested_at')).toEqual([
      { state: 'active' },
      { state: 'requested' },
    ]);
    expect((await behind.firstSteps()).over).toBe(true);
  });

  test('what a service asked is there beside what people did, with its name', async () => {
    const grant = await activeContentAccess();
    const service = await startService(stack.db.url('app'), [addressesOf(stack.bot).apiUrl]);
    expect(await service.ask({ who: 'olivia', action: 'content.read', tenant: 'acme' })).toMatchObject({
      decision: true,
    });
    expect((await followed(grant)).audit.at(-1)).toMatchObject({
      ...{ action: 'access.allowed', actor: 'key service' },
      details: expect.objectContaining({ action: 'content.read' }),
    });
  });

  test('the three first steps are ticked as they happen, and not before', async () => {
    await ask(stack, { scope: 'audit_view', by: 'omar', tenant: 'globex' });
    expect(await behind.firstSteps()).toEqual({ asked: true, approved: false, over: false });
    const grant = await activeContentAccess();
    expect(await behind.firstSteps()).toEqual({ asked: true, approved: true, over: false });
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await cardIn(stack, 'C0ACME', grant, 'Ended by');
    expect(await behind.firstSteps()).toEqual({ asked: true, approved: true, over: true });
    expect((await followed(grant)).closedAt).not.toBeNull();
  });

  test('a request that was withdrawn is not one that was approved, nor one that is over', async () => {
    const grant = await ask(stack);
    await press(stack, 'olivia', cast.olivia.id, grant, 'withdraw');
    await cardIn(stack, 'C0ACME', grant, 'Withdrawn');
    expect(await behind.firstSteps()).toEqual({ asked: true, approved: false, over: false });
  });

  test('the next review is due when the database says, and none once its time has passed', async () => {
    const grant = await activeContentAccess();
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await cardIn(stack, 'C0ACME', grant, 'Ended by');
    const [review] = await stack.db.query<{ due_at: Date }>('superuser', 'select due_at from reviews');
    expect(await behind.reviewDue()).toEqual(review?.due_at);
    await stack.db.clock.advanceTo(new Date(Number(review?.due_at) + 1_000));
    expect(await behind.reviewDue()).toBeUndefined();
  });

  test('a notice that waits, is dead or was dropped says so, with its last error and whoever it is for', async () => {
    const grant = await ask(stack);
    await settled(grant);
    await stack.bot.stop();
    const change = (id: string | undefined, what: string) =>
      stack.db.query('superuser', `update outbox set ${what} where id = $1`, [id]);
    const [one, two, three] = (await followed(grant)).notices.map(({ id }) => id);
    await change(one, "state = 'waiting', settled_at = null, attempts = 3, last_error = 'ratelimited'");
    await change(two, "state = 'dead', last_error = 'channel_not_found'");
    await change(three, "state = 'dead', last_error = 'is_archived'");
    await change(three, "dropped_at = breakglass_now(), dropped_by = 'key:ops', drop_reason = 'Gone for good'");
    expect((await followed(grant)).notices).toMatchObject([
      { state: 'waiting', attempts: 3, error: 'ratelimited', settledAt: null },
      { state: 'dead', error: 'channel_not_found' },
      { state: 'dropped', error: 'is_archived' },
    ]);
  });

  test('somebody who does not play here is named as the audit names them', async () => {
    stack.slack.addUser({ id: 'U0STRANGE', name: 'strange' });
    await ask(stack);
    await stack.db.query('superuser', "update identities set external_id = 'U0STRANGE' where external_id = $1", [
      as(stack, 'olivia').id,
    ]);
    expect((await followed()).requester).toBe('slack:T0HOME:U0STRANGE');
  });
});

describe('news of what is behind', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.drop());

  const record = (action: string) =>
    db.query(
      'superuser',
      "insert into audit_events (action, actor, request_id, details) values ($1, 'system:tests', 'r1', '{}')",
      [action],
    );

  test('comes with what changed and with the clock, and not with a statement that changed nothing', async () => {
    const onChange = vi.fn();
    const behind = await openBehind(db.url('superuser'), onChange);
    for (const table of ['outbox', 'grants', 'legs', 'reviews'])
      await db.query('superuser', `update ${table} set tenant_id = tenant_id where false`);
    await db.query('superuser', "update outbox set state = 'waiting', attempts = 1 where false");
    await record('first.happened');
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), 20_000);
    expect(onChange).toHaveBeenCalledTimes(1);
    await db.clock.advance(1_000);
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 20_000);
    await behind.close();
  });

  test('does not come any more once it was closed', async () => {
    const [closed, open] = [vi.fn(), vi.fn()];
    const first = await openBehind(db.url('superuser'), closed);
    const second = await openBehind(db.url('superuser'), open);
    await first.close();
    await record('second.happened');
    await vi.waitFor(() => expect(open).toHaveBeenCalled(), 20_000);
    expect(closed).not.toHaveBeenCalled();
    await second.close();
  });

  test('a database that goes away fails the looks, and nothing beside', async () => {
    const gone = await testDatabase();
    const behind = await openBehind(gone.url('superuser'), unheard);
    await behind.look(null);
    await gone.drop();
    await expect(behind.look(null)).rejects.toThrow();
    await expect(behind.firstSteps()).rejects.toThrow();
    await behind.close();
  });
});

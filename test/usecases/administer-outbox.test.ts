import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { headOf } from '../../src/store/deliveries.ts';
import type { Administrator } from '../../src/usecases/administer.ts';
import {
  dropNotice,
  listNotices,
  requeueNotice,
  requeueNotices,
  retimeNotice,
} from '../../src/usecases/administer-outbox.ts';
import { boundTo, done, refusalOf, root, rowsBy, tenantId } from './admin.ts';
import { type Office, office, requested, work } from './office.ts';

interface Written {
  kind?: string;
  destination?: string;
  tenant?: string | null;
  payload?: object;
  state?: 'waiting' | 'dead' | 'delivered';
}

/** A notice as the bot left it. */
async function notice({ db }: Office, written: Written = {}): Promise<string> {
  const { kind = 'fact', destination = 'U0OLIVIA', tenant = null, payload = {}, state = 'dead' } = written;
  const [row] = await db.query<{ id: string }>(
    'superuser',
    `insert into outbox (destination, kind, tenant_id, payload, request_id, state, settled_at, last_error)
     values ($1, $2, $3, $4, 'test', $5::text::notice_state, case when $5::text <> 'waiting' then breakglass_now() end, 'channel_not_found') returning id::text`,
    [destination, kind, tenant, JSON.stringify({ kind, ...payload }), state],
  );
  return row?.id ?? '';
}
const stateOf = async ({ db }: Office, id: string) =>
  (
    await db.query(
      'superuser',
      'select state::text, dropped_by as by, drop_reason as reason, held_until as held from outbox where id = $1',
      [id],
    )
  )[0];
const reason = 'The person left the company';
const drop = ({ context }: Office, id: string, why = reason, by = root) =>
  dropNotice(context, { by, id, reason: why }, work());
const requeue = ({ context }: Office, id: string, by: Administrator = root) =>
  requeueNotice(context, { by, id }, work());
const retime = ({ context }: Office, id: string, at: Date | string, by = root) =>
  retimeNotice(context, { by, id, at: typeof at === 'string' ? at : at.toISOString() }, work());
const listed = async ({ context }: Office, state: 'dead' | 'waiting', by = root) =>
  done(await listNotices(context, { by, state, after: null, limit: 50 }, work())).notices;

test('a dead notice is sent again, dropped or retimed, each with one row that says what was and what is', async () => {
  const at = await office();
  const [again, dropped] = [await notice(at), await notice(at)];
  done(await requeue(at, again));
  done(await drop(at, dropped));
  const later = new Date((await at.db.clock.now()).getTime() + 60 * 60_000);
  done(await retime(at, again, later));
  expect(await rowsBy(at, root.name)).toMatchObject([
    { action: 'notice.requeued', details: { notice: again, before: 'dead', after: 'waiting' } },
    { action: 'notice.dropped', details: { notice: dropped, before: 'dead', after: 'dropped', reason } },
    { action: 'notice.retimed', details: { notice: again, after: later.toISOString() } },
  ]);
  expect(await stateOf(at, dropped)).toMatchObject({ state: 'dead', by: root.name, reason });
  expect((await listed(at, 'dead')).map(({ id }) => id)).toEqual([]);
  expect(await listed(at, 'waiting')).toMatchObject([{ id: again, notBefore: later.toISOString() }]);
});

test('two who send the same notice again at once send it once, with one row', async () => {
  const at = await office();
  const id = await notice(at);
  const both = await Promise.all([requeue(at, id), requeueNotice(at.anotherProcess(), { by: root, id }, work())]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  expect((await rowsBy(at, root.name)).map(({ action }) => action).sort()).toEqual([
    ...['access.refused', 'notice.requeued'],
  ]);
});

/** Each kind where it usually goes, and whether anybody may do without it. */
const kinds: readonly [string, Written, boolean][] = [
  ['the requester’s own card', { kind: 'card', payload: { audience: 'requester' } }, true],
  ['a fact for the requester', { kind: 'fact' }, true],
  ['a digest for somebody else', { kind: 'digest', destination: 'C0WATCH' }, true],
  ['a card for approvers', { kind: 'card', destination: 'C0OPS', payload: { audience: 'approvers' } }, false],
  ['a fact in a channel', { kind: 'fact', destination: 'C0OPS' }, false],
  ['the digest of security', { kind: 'digest', destination: 'C0SECURITY' }, false],
  ['a digest where owners read', { kind: 'digest', destination: 'C0ACME' }, false],
  ['a digest of a tenant', { kind: 'digest', destination: 'C0WATCH', tenant: 'acme' }, false],
  ...[
    ...['checkpoint', 'seal_alarm', 'unusual_use', 'review_card', 'review_overdue', 'reviews_open'],
    ...['tenant_changed', 'role_changed', 'undeliverable', 'something_new'],
  ].map((kind): [string, Written, boolean] => [kind, { kind }, false]),
];

describe('what may be dropped is a closed list', () => {
  test.each(kinds)('%s', async (_, { tenant, ...written }, may) => {
    const at = await office();
    const id = await notice(at, { ...written, tenant: tenant ? await tenantId(at, tenant) : null });
    expect((await listed(at, 'dead')).map(({ droppable }) => droppable)).toEqual([may]);
    const outcome = await drop(at, id);
    if (may) done(outcome);
    else expect(refusalOf(outcome)).toEqual({ kind: 'not_to_be_silenced' });
    expect(await stateOf(at, id)).toMatchObject({ by: may ? root.name : null });
  });

  test.each(kinds.filter(([, { destination }, may]) => !may && destination !== 'C0SECURITY'))(
    'and the database holds to it, whoever asks: %s',
    async (_, { tenant, ...written }) => {
      const at = await office();
      const id = await notice(at, { ...written, tenant: tenant ? await tenantId(at, tenant) : null });
      const past = `update outbox set dropped_at = breakglass_now(), dropped_by = 'me', drop_reason = 'so' where id = ${id}`;
      await expect(at.db.query('superuser', past)).rejects.toThrow('not to be silenced');
    },
  );

  test('a card that a newer one has replaced may go', async () => {
    const at = await office();
    const [grant] = await at.db.query<{ id: string }>('superuser', 'select gen_random_uuid() as id');
    const tenant = await tenantId(at, 'acme');
    const card: Written = { kind: 'card', destination: 'C0OPS', tenant, payload: { audience: 'approvers' } };
    const [old, newer] = [await notice(at, card), await notice(at, { ...card, state: 'delivered' })];
    expect(refusalOf(await drop(at, old))).toEqual({ kind: 'not_to_be_silenced' });
    await at.db.query('superuser', 'update outbox set grant_id = $1 where id in ($2, $3)', [grant?.id, old, newer]);
    done(await drop(at, old));
  });
});

test('a dropped notice is never sent again, dropped again or brought back', async () => {
  const at = await office();
  const id = await notice(at);
  done(await drop(at, id));
  expect(done(await requeueNotices(at.context, { by: root }, work())).ids).toEqual([]);
  for (const outcome of [await requeue(at, id), await drop(at, id), await retime(at, id, new Date(0))]) {
    expect(refusalOf(outcome)).toEqual({ kind: 'notice_dropped' });
  }
  const back = `update outbox set dropped_at = null, dropped_by = null, drop_reason = null where id = ${id}`;
  await expect(at.db.query('superuser', back)).rejects.toThrow('a dropped notice stays dropped');
  const again = `update outbox set state = 'waiting', settled_at = null where id = ${id}`;
  await expect(at.db.query('superuser', again)).rejects.toThrow('only a dead notice is dropped');
});

describe('retiming', () => {
  test('lets what is behind it go first, and it goes when its time has come', async () => {
    const at = await office();
    const store = openDatabase({ url: at.db.url('app'), connections: 1 });
    const first = await notice(at, { destination: 'C0SECURITY', kind: 'checkpoint', state: 'waiting' });
    const second = await notice(at, { destination: 'C0SECURITY', kind: 'role_changed', state: 'waiting' });
    const head = async () => {
      const found = await store.acrossTenants('a test', (tx) => headOf(tx, { destination: 'C0SECURITY', token: 0n }));
      return String(found?.id);
    };
    expect(await head()).toBe(first);
    done(await retime(at, first, new Date((await at.db.clock.now()).getTime() + 10 * 60_000)));
    expect(await head()).toBe(second);
    await at.db.clock.advance(11 * 60_000);
    expect(await head()).toBe(first);
    done(await retime(at, first, new Date((await at.db.clock.now()).getTime() + 60_000)));
    done(await retime(at, first, new Date(0)));
    expect(await head()).toBe(first);
    await store.close();
  });

  test('silences nobody: no notice waits for longer than it may before it is given up, however often it is asked', async () => {
    const at = await office();
    const id = await notice(at, { state: 'waiting' });
    const start = (await at.db.clock.now()).getTime();
    const hours = (n: number) => new Date(start + n * 60 * 60_000);
    done(await retime(at, id, hours(71)));
    await at.db.clock.advance(70 * 60 * 60_000);
    expect(refusalOf(await retime(at, id, hours(73)))).toMatchObject({ kind: 'time_out_of_bounds' });
    expect(await stateOf(at, id)).toMatchObject({ held: hours(71) });
    await expect(
      at.db.query('superuser', `update outbox set held_until = created_at + interval '8 days' where id = ${id}`),
    ).rejects.toThrow('held_for_a_week_at_most');
  });

  const minute = (written: Date, n: number) => new Date(written.getTime() + n * 60_000);
  const writtenAt = async ({ db }: Office, id: string) => {
    const [row] = await db.query<{ at: Date }>('superuser', 'select created_at as at from outbox where id = $1', [id]);
    return row?.at ?? new Date(0);
  };

  test.each(kinds.filter(([, , may]) => !may))(
    'whoever has to be told is told within a quarter of an hour, however often it is asked: %s',
    async (_, { tenant, ...written }) => {
      const at = await office();
      const tenantOf = tenant ? await tenantId(at, tenant) : null;
      const id = await notice(at, { ...written, tenant: tenantOf, state: 'waiting' });
      const start = await writtenAt(at, id);
      const latest = minute(start, 15);
      expect(refusalOf(await retime(at, id, minute(start, 16)))).toEqual({ kind: 'time_out_of_bounds', latest });
      done(await retime(at, id, latest));
      await at.db.clock.advance(14 * 60_000);
      expect(refusalOf(await retime(at, id, minute(start, 16)))).toEqual({ kind: 'time_out_of_bounds', latest });
      done(await retime(at, id, start));
    },
  );

  test.each(kinds.filter(([, { destination }, may]) => !may && destination !== 'C0SECURITY'))(
    'and the database holds to that, whoever asks: %s',
    async (_, { tenant, ...written }) => {
      const at = await office();
      const tenantOf = tenant ? await tenantId(at, tenant) : null;
      const id = await notice(at, { ...written, tenant: tenantOf, state: 'waiting' });
      const hold = `update outbox set held_until = created_at + interval '16 minutes' where id = ${id}`;
      await expect(at.db.query('superuser', hold)).rejects.toThrow('not to be silenced');
    },
  );

  test('a card that asks for an answer goes before the request lapses', async () => {
    const at = await office();
    await requested(at);
    const [found] = await at.db.query<{ id: string }>(
      'superuser',
      `select id::text from outbox where kind = 'card' and payload ->> 'audience' = 'approvers' order by id limit 1`,
    );
    const card = found?.id ?? '';
    const soon = minute(await writtenAt(at, card), 5);
    await at.db.query(
      'superuser',
      `alter table grants disable trigger user; update grants set lapses_at = '${soon.toISOString()}';
       alter table grants enable trigger user`,
    );
    expect(refusalOf(await retime(at, card, minute(soon, 1)))).toEqual({ kind: 'time_out_of_bounds', latest: soon });
    done(await retime(at, card, soon));
  });
});

test.each<[string, (at: Office) => Promise<Parameters<typeof refusalOf>[0]>, string]>([
  ['sends again what waits', async (at) => requeue(at, await notice(at, { state: 'waiting' })), 'not_dead'],
  ['sends again what arrived', async (at) => requeue(at, await notice(at, { state: 'delivered' })), 'not_dead'],
  ['drops what waits', async (at) => drop(at, await notice(at, { state: 'waiting' })), 'not_dead'],
  ['drops without a reason', async (at) => drop(at, await notice(at), ' '), 'reason_length'],
  ['retimes what is dead', async (at) => retime(at, await notice(at), new Date(0)), 'not_waiting'],
  ['writes no time', async (at) => retime(at, await notice(at, { state: 'waiting' }), 'soon'), 'field_wrong'],
  ['names none', (at) => requeue(at, '999999'), 'unknown_notice'],
  ['names no number', (at) => drop(at, '1 or 1=1'), 'unknown_notice'],
])('whoever %s is refused, and that is on record once', async (_, attempt, kind) => {
  const at = await office();
  expect(refusalOf(await attempt(at))).toMatchObject({ kind });
  expect(await rowsBy(at, root.name)).toMatchObject([{ action: 'access.refused', details: { refusal: kind } }]);
});

test('whoever is bound to tenants sees and changes notices of these alone', async () => {
  const at = await office();
  const by = await boundTo(at, 'acme');
  const [own, other, everybodys] = [
    await notice(at, { tenant: await tenantId(at, 'acme') }),
    await notice(at, { tenant: await tenantId(at, 'globex') }),
    await notice(at),
  ];
  expect(await listed(at, 'dead', by)).toMatchObject([{ id: own, tenant: 'acme' }]);
  for (const id of [other, everybodys]) {
    for (const outcome of [await requeue(at, id, by), await drop(at, id, reason, by)]) {
      expect(refusalOf(outcome)).toEqual({ kind: 'unknown_notice' });
    }
  }
  expect(done(await requeueNotices(at.context, { by }, work())).ids).toEqual([own]);
  const page = { by: root, state: 'dead' as const, limit: 1 };
  const first = done(await listNotices(at.context, { ...page, after: null }, work()));
  const second = done(await listNotices(at.context, { ...page, after: first.next }, work()));
  expect([...first.notices, ...second.notices].map(({ id }) => id)).toEqual([other, everybodys]);
  expect(second.next).toBeNull();
});

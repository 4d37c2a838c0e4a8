import { expect, test } from 'vitest';
import type { Tried } from '../../src/jobs/turn.ts';
import { office } from '../usecases/office.ts';
import { delivering } from './drains.ts';
import { note, recordedDead, send, toldIn, tried } from './mailroom.ts';

const done: Tried = { kind: 'delivered', ts: '1.0', channel: 'C0LANE', posted: true, card: null };

test('a notice at which the delivery itself breaks is tried again, and in the end out of the way like any other', async () => {
  const at = await office();
  await send(at, note('C0LANE', 'n1'), note('C0LANE', 'n2'));
  const [first] = await toldIn(at, 'C0LANE');
  const drain = delivering(at, async (_, notice) => {
    if (notice === first?.id) throw new TypeError('a row that this version can not read');
    return done;
  });
  await drain.work(async () => tried(await toldIn(at, 'C0LANE')), 'the first try');
  const [postponed, behind] = await toldIn(at, 'C0LANE');
  expect(postponed).toMatchObject({ state: 'waiting', error: 'TypeError' });
  expect(behind).toMatchObject({ state: 'waiting', attempts: 0 });

  await at.db.clock.advance(61 * 60_000);
  await drain.work(async () => (await toldIn(at, 'C0LANE'))[1]?.state === 'delivered', 'the notice behind it');
  const error = 'not delivered in 60 minutes, last: TypeError';
  expect(await toldIn(at, 'C0LANE')).toMatchObject([{ state: 'dead', error }, { attempts: 1 }]);
  expect(await recordedDead(at, 'C0LANE')).toMatchObject([{ details: { notice: first?.id, error } }]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';
import { type CheckProcess, startCheckProcess } from '../support/check-process.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let api: TestApi;
let processes: CheckProcess[];
let keys: { sound: string; expired: string };
beforeAll(async () => {
  api = await startTestApi();
  processes = await Promise.all(
    [0, HOUR_MS, -HOUR_MS].map((skew) => startCheckProcess(api.db.url('app'), api.inForce.epoch, skew)),
  );
  keys = { expired: await api.key(), sound: await api.key({ days: 2 }) };
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.stop()));
  await api.stop();
});

/** What each process says, but for the name of the evaluation. */
const said = (key: string) =>
  Promise.all(
    processes.map(async ({ url }) => {
      const { evaluation, context, ...heard } = await ask(url, key, aboutDocument(OLIVIA, api.world.acmeKey));
      return { ...heard, ...context, evaluation_id: evaluation === null };
    }),
  );

test('a process whose clock is an hour fast or slow says what all others say: when access is there, when it is over, and of keys', async () => {
  await activeGrant(api.session, api.world);
  const [sound, ...wrong] = await said(keys.sound);
  expect(sound).toMatchObject({ decision: true, reason: 'granted' });
  expect(wrong).toEqual([sound, sound]);

  await api.db.clock.advance(61 * MINUTE_MS);
  const over = await said(keys.sound);
  expect(over[0]).toMatchObject({ decision: false, reason: 'expired' });
  expect(over).toEqual([over[0], over[0], over[0]]);

  await api.db.clock.advance(24 * HOUR_MS - 61 * MINUTE_MS - 30 * MINUTE_MS);
  expect(await said(keys.expired)).toMatchObject([{ decision: false }, { decision: false }, { decision: false }]);
  await api.db.clock.advance(60 * MINUTE_MS);
  expect(await said(keys.expired)).toMatchObject([{ status: 401 }, { status: 401 }, { status: 401 }]);
});

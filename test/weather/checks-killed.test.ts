import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';
import { type CheckProcess, startCheckProcess } from '../support/check-process.ts';
import { missingOf, ordeal } from '../support/ordeal.ts';
import { type PrivateServer, privateServer } from './postgres-server.ts';

const BETWEEN = 150;
let server: PrivateServer;
let api: TestApi;
let bot: CheckProcess;
let key: string;
beforeAll(async () => {
  // Whoever does not say that an answer waits for the disk loses those of the last seconds here.
  server = await privateServer({ durable: true, settings: { synchronous_commit: 'off', wal_writer_delay: '10s' } });
  await server.query('superuser', 'alter role breakglass_app set synchronous_commit = off');
  api = await startTestApi({ db: server });
  key = await api.key();
  await activeGrant(api.session, api.world);
  await server.query('superuser', 'checkpoint'); // what was prepared is not what may get lost
  bot = await startBot();
});
afterAll(async () => {
  await bot.stop();
  await api.stop();
});

const startBot = () => startCheckProcess(server.url('app'), api.inForce.epoch);

async function killBot(): Promise<void> {
  await bot.kill();
  bot = await startBot();
}

test('whatever is killed under load, bot or database: each `true` that anybody heard is on record afterwards', async () => {
  const crashes = [killBot, killBot, () => server.crash('SIGQUIT'), () => server.crash('SIGKILL')];
  const { allowed, lost } = await ordeal({
    ...{ api: () => bot.url, key, crashes, atOnce: 16, between: BETWEEN },
    questions: [aboutDocument(OLIVIA, api.world.acmeKey)],
  });
  expect(new Set(allowed).size).toBeGreaterThanOrEqual((crashes.length + 1) * BETWEEN);
  expect(await server.query('superuser', missingOf, [allowed])).toEqual([]);
  // Otherwise nothing was under way when it happened.
  expect(lost).toBeGreaterThan(0);
});

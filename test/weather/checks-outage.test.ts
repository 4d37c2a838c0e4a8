import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask, type Heard } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';
import { type PrivateServer, privateServer } from './postgres-server.ts';
import { type Wire, wire } from './postgres-wire.ts';

const noAnswer = { status: 503, decision: null, retryAfter: '1' };

let api: TestApi;
let key: string;
const askOnce = () => ask(api.url, key, aboutDocument(OLIVIA, api.world.acmeKey));
/** So much at once that statements, and not only look-ups of the key, are under way. @returns each answer once */
async function askOften(): Promise<Pick<Heard, 'status' | 'decision' | 'retryAfter'>[]> {
  const heard = await Promise.all(Array.from({ length: 20 }, askOnce));
  const words = heard.map(({ status, decision, retryAfter }) => JSON.stringify({ status, decision, retryAfter }));
  return [...new Set(words)].map((each) => JSON.parse(each));
}
const carriesOn = () => expect.poll(async () => (await askOnce()).decision, { timeout: 15_000 }).toBe(true);

describe('between the bot and its database', () => {
  let between: Wire;
  beforeAll(async () => {
    between = await wire();
    api = await startTestApi({ databaseUrl: (direct) => between.through(direct) });
    key = await api.key();
    await activeGrant(api.session, api.world);
  });
  afterEach(async () => {
    between.refuse(false);
    between.mend();
    await carriesOn();
  });
  afterAll(async () => {
    between.cut();
    await api.stop();
    await between.stop();
  });

  test.each([
    ['swallows everything', () => between.swallow()],
    ['swallows what the database says', () => between.swallowAnswers()],
  ])('a network that %s leaves nobody waiting: while it does, the answer is that there is none', async (_, begin) => {
    await carriesOn();
    begin();
    expect(await askOften()).toEqual([noAnswer]);
    // Also those whose connection would have to be opened first.
    expect(await askOnce()).toMatchObject(noAnswer);
  });

  test('a network that refuses connections: no answer, at once', async () => {
    between.refuse(true);
    between.cut();
    expect(await askOften()).toEqual([noAnswer]);
  });

  test('a network that cuts connections under a statement: no answer to that one', async () => {
    const holder = await api.db.session('superuser');
    await holder.query('begin; lock table use_counts in access exclusive mode');
    const under = askOften();
    await expect
      .poll(() =>
        api.db.query('superuser', "select from pg_locks where relation = 'use_counts'::regclass and not granted"),
      )
      .not.toEqual([]);
    between.cut();
    const heard = await under;
    await holder.query('rollback');
    expect(heard).toEqual([noAnswer]);
  });
});

describe('a database that is somebody else for a while', () => {
  let server: PrivateServer;
  beforeAll(async () => {
    server = await privateServer();
    api = await startTestApi({ db: server });
    key = await api.key();
    await activeGrant(api.session, api.world);
  });
  afterAll(() => api.stop());

  test('is stopped, then a standby, then promoted: no answer until it is a primary again', async () => {
    await carriesOn();
    await server.stop();
    expect(await askOften()).toEqual([noAnswer]);
    const promote = await server.startAsStandby();
    expect(await askOften()).toEqual([noAnswer]);
    await promote();
    await carriesOn();
  });
});

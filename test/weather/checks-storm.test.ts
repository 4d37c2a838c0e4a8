import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import type { Context } from '../../src/usecases/context.ts';
import { refusalLog } from '../../src/usecases/refusal-log.ts';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { activeGrant, aPerson } from '../support/builders.ts';
import { type CheckProcess, startCheckProcess } from '../support/check-process.ts';
import { allowedAfterTheEnd, byHand, type Ending, endings, type Held, revokeKey } from '../support/endings.ts';
import { storm } from '../support/storm.ts';

const GRANTS = 4;
const QUESTIONS = 500;
const AT_ONCE = 12;
const APART_MINUTES = 10;

let api: TestApi;
let other: CheckProcess;
let database: Database;
let context: Context;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  other = await startCheckProcess(api.db.url('app'), api.inForce.epoch);
  database = openDatabase({ url: api.db.url('app') });
  const refusals = refusalLog(database, () => {});
  context = { db: database, inForce: () => api.inForce, refusals };
  key = await api.key();
});
afterAll(async () => {
  await other.stop();
  await database.close();
  await api.stop();
});

/** In turn by two processes. */
const apiFor = (question: number): string => (question % 2 === 0 ? api.url : other.url);

let people = 0;
/** Access of so many new people, the ends of which are as far apart as the clock is moved each time. */
async function heldBy(count: number): Promise<Held[]> {
  const held: Held[] = [];
  for (let i = 1; i <= count; i += 1) {
    people += 1;
    const user = `U0STORM${people}`;
    const person = await aPerson(api.session, user);
    const minutes = i * APART_MINUTES;
    const times = { minutes_asked: minutes, minutes_granted: minutes };
    const grant = await activeGrant(api.session, { ...api.world, operator: person }, times);
    held.push({
      grant,
      person,
      subject: `slack:T0HOME:${user}`,
      tenant: { id: api.world.acme, key: api.world.acmeKey },
    });
  }
  return held;
}

async function weather(end: Ending) {
  return storm<Held>({
    about: await heldBy(GRANTS),
    questions: QUESTIONS,
    atOnce: AT_ONCE,
    end,
    ask: async ({ subject, tenant }, question) => {
      const { decision } = await ask(apiFor(question), key, aboutDocument(subject, tenant.key));
      if (decision === null) return 'no answer';
      return decision ? 'yes' : 'no';
    },
  });
}

const ways = (): Record<string, Ending> => ({
  ...endings({ context, security: api.world.security, clock: api.db.clock, apartMs: APART_MINUTES * 60_000 }),
  'is closed by whoever locks its row': byHand(api.session),
});

describe.each([
  'is revoked',
  'is given back',
  'runs out, and nobody sweeps',
  'runs out, and is swept',
  'is closed by whoever locks its row',
])('access that %s in a storm of questions', (way) => {
  test('is allowed to nobody who asked after the end was acknowledged, and no answer on record is later than the end', async () => {
    const end = ways()[way];
    if (!end) throw new Error(`Nothing ends like this: ${way}`);
    const { before, after } = await weather(end);
    expect(after.yes).toBe(0);
    expect(await api.db.query('superuser', allowedAfterTheEnd)).toEqual([]);
    // Otherwise nothing was seen.
    expect(before.yes).toBeGreaterThan(0);
    expect(after.no).toBeGreaterThan(0);
  });
});

test('a key that is revoked in a storm of questions opens nothing to a request sent after that was acknowledged', async () => {
  await activeGrant(api.session, api.world);
  const names = Array.from({ length: GRANTS }, (_, i) => `storm-${i}`);
  const keys = new Map<string, string>();
  for (const name of names) keys.set(name, await api.key({ name }));
  const { before, after } = await storm<string>({
    about: names,
    questions: QUESTIONS,
    atOnce: AT_ONCE,
    end: (name) => revokeKey(context, name),
    ask: async (name, question) => {
      const { status } = await ask(apiFor(question), keys.get(name) ?? '', aboutDocument(OLIVIA, api.world.acmeKey));
      // Many wrong tries from one place: some are not even looked at.
      if (status === 401 || status === 429) return 'no';
      return status === 200 ? 'yes' : 'no answer';
    },
  });
  expect(after.yes).toBe(0);
  expect(before.yes).toBeGreaterThan(0);
  expect(after.no).toBeGreaterThan(0);
});

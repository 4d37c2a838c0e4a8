import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { cast, channels, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { eventually } from '../journeys/verbs.ts';
import { type BotProcesses, botProcesses } from '../support/bot-processes.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const HOUR = 60 * 60_000;
const { acme, security } = channels;
let db: TestDatabase;
let slack: LocalSlack;
let bots: BotProcesses;
beforeEach(async () => {
  db = await testDatabase();
  slack = await startLocalSlack({ ...workspace, pacing: false, waitMs: 20_000 });
  populate(slack);
  bots = await botProcesses(slack, db);
});
afterEach(async () => {
  await bots.stop();
  await slack.stop();
  await db.drop();
});

async function startWrong(skewMs: number): Promise<BotProcess> {
  const entry = ['--import', './test/support/skewed-clock.ts', 'src/main.ts'];
  const bot = await bots.start(entry, { SKEW_MS: String(skewMs) });
  slack.pointAt(bot.slackUrl);
  return bot;
}

async function ask(): Promise<void> {
  const olivia = slack.as(cast.olivia.id);
  await olivia.command('/breakglass');
  await olivia.modal('break_glass_request');
  const why = { circumstance: 'critical_incident', reason: 'The import is corrupting documents', ticket: 'INC-42' };
  const sent = await olivia.submit({ tenant: 'acme', scope: 'content_access', duration: '60', ...why });
  expect(sent).toMatchObject({ kind: 'closed' });
}

async function approve(channel: string, person: string): Promise<void> {
  const card = await slack.until(() => slack.messages(channel)[0], 'the card');
  await slack.as(person).click(card, 'approve');
}

interface Row {
  [column: string]: unknown;
  state: string;
  minutes: number | null;
  age: number;
}
const theGrant = async (): Promise<Row | undefined> => {
  const [row] = await db.query<Row>(
    'superuser',
    `select state, extract(epoch from expires_at - activated_at)::int / 60 as minutes,
            abs(extract(epoch from breakglass_now() - requested_at))::int as age from grants`,
  );
  return row;
};
const untilIs = (state: string) => eventually({ db }, async () => (await theGrant())?.state === state, state);

describe.each([
  { clock: 'an hour fast', skew: HOUR },
  { clock: 'an hour slow', skew: -HOUR },
])('a bot whose machine’s clock is $clock', ({ skew }) => {
  test('hears Slack, grants for as long as was asked, and ends it on time: only its log is wrong', async () => {
    const bot = await startWrong(skew);
    const ready = JSON.parse(bot.lines.at(-1) ?? '{}');
    expect(Math.abs(Date.parse(ready.time) - Date.now() - skew)).toBeLessThan(HOUR / 2);
    expect(bot.lines.join('\n')).toContain('the clock of this machine is not that of the database');

    await ask();
    await approve(acme.id, cast.anna.id);
    await approve(security.id, cast.sam.id);
    await untilIs('active');
    expect(await theGrant()).toMatchObject({ minutes: 60 });
    expect((await theGrant())?.age).toBeLessThan(60);
    await db.clock.advance(58 * 60_000);
    const olivia = slack.as(cast.olivia.id);
    await olivia.command('/breakglass', 'status');
    await slack.until(() => JSON.stringify(olivia.ephemerals.at(-1) ?? '').includes('Acme'), 'it to be active still');
    expect((await theGrant())?.state).toBe('active');
    await db.clock.advance(3 * 60_000);
    await untilIs('expired');
  });
});

test('a bot whose machine’s clock is slow refuses what is late all the same: approvals, and old signatures', async () => {
  await startWrong(-HOUR);
  await ask();
  await slack.until(() => slack.messages(security.id)[0], 'the card');
  const old = await slack.post({ command: '/breakglass', text: 'status' }, { timestampSkewSeconds: -3_600 });
  expect(old.status).toBe(401);
  await db.clock.advance(61 * 60_000);
  await untilIs('lapsed');
  await approve(acme.id, cast.anna.id).catch(() => {});
  expect((await theGrant())?.state).toBe('lapsed');
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { cast, channels, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { type BotProcesses, botProcesses } from '../support/bot-processes.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

// Each named step between a click and the last delivered notice, with what the person was doing.
const points = [
  "find a tenant by key, and the requester's overdue reviews: before commit",
  "find a tenant by key, and the requester's overdue reviews: after commit",
  'find the tenant of a grant: before commit',
  'find the tenant of a grant: after commit',
  'card: before Slack',
  'card: after Slack',
  'settle a notice: before commit',
  'settle a notice: after commit',
  'close what is due: before commit',
  'close what is due: after commit',
  'fact: after Slack',
];

let db: TestDatabase;
let slack: LocalSlack;
let bots: BotProcesses;
let bot: BotProcess | undefined;
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

async function start(killAt?: string): Promise<void> {
  bot = await bots.start(['test/support/killable-bot.ts', ...(killAt ? [killAt] : [])]);
  slack.pointAt(bot.slackUrl);
}

/** Does something; if the bot died over it, starts a sound one, after the dead one's lease, and does it once more. */
async function survive(what: () => Promise<unknown>, settled: () => unknown): Promise<void> {
  const died = bot?.gone.then(() => 'died' as const);
  await what().catch(() => {});
  const first = await Promise.race([
    died,
    slack.until(settled, 'the first try to settle').then(() => 'settled' as const),
  ]);
  if (first === 'settled') return;
  await start();
  await db.clock.advance(61_000);
  await what().catch(() => {});
  await slack.until(settled, 'the second try to settle');
}

const texts = (channel: string) => slack.messages(channel).map(({ text }) => text);
const cardShows = (channel: string, state: string) => texts(channel).some((text) => text.includes(`(${state})`));

async function ask(): Promise<void> {
  const olivia = slack.as(cast.olivia.id);
  if (!olivia.view) {
    await olivia.command('/breakglass');
    await olivia.modal('break_glass_request');
  }
  await olivia.submit({
    tenant: 'acme',
    scope: 'content_access',
    circumstance: 'critical_incident',
    reason: 'The import is corrupting documents',
    ticket: 'INC-42',
    duration: '60',
  });
}

const approve = (channel: string, person: string) => async () => {
  const card = slack.messages(channel)[0];
  if (card) await slack.as(person).click(card, 'approve');
};

async function playTheWholeRequest(): Promise<void> {
  const { acme, security } = channels;
  await survive(
    ask,
    () => cardShows(acme.id, 'waiting for approval') && cardShows(security.id, 'waiting for approval'),
  );
  await survive(approve(acme.id, cast.anna.id), () =>
    JSON.stringify(slack.messages(security.id)).includes(`approved by <@${cast.anna.id}>`),
  );
  await survive(
    approve(security.id, cast.sam.id),
    () => cardShows(acme.id, 'active') && cardShows(security.id, 'active'),
  );
  await survive(
    () => db.clock.advance(62 * 60_000),
    () =>
      [acme.id, security.id].every(
        (id) => cardShows(id, 'expired') && texts(id).some((text) => text.includes('Access is over')),
      ),
  );
}

describe.each(points)('killed at "%s"', (point) => {
  test('the request goes on after a restart: one grant, one audit row a fact, every notice, cards as they should be', async () => {
    await start(point);
    await playTheWholeRequest();

    const grants = await db.query('superuser', 'select state from grants');
    expect(grants).toEqual([{ state: 'expired' }]);
    const facts = await db.query<{ action: string; n: number }>(
      'superuser',
      "select action, count(*)::int as n from audit_events where action like 'break_glass.%' group by 1 order by 1",
    );
    expect(facts).toEqual(
      [
        ['activated', 1],
        ['approved', 2],
        ['expired', 1],
        ['requested', 1],
        ['review_opened', 1],
      ].map(([name, n]) => ({
        action: `break_glass.${name}`,
        n,
      })),
    );
    const dead = await db.query('superuser', "select kind, last_error from outbox where state = 'dead'");
    expect(dead).toEqual([]);
  });
});

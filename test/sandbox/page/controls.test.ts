import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, type Player } from '../../../sandbox/cast.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import type { Act } from '../../../sandbox/page/wire.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { TestWindow } from './windows.ts';

let stack: Stack;
let page: PageServer;
let olivia: TestWindow;
beforeAll(async () => {
  stack = await startStack({ replicas: 2 });
  page = await startPage(stack, { port: 0 });
  olivia = await TestWindow.open(page.url, 'olivia');
});
afterAll(async () => {
  await page.stop();
  await stack.stop();
});
/** However a test ended, the next one finds everything in order. */
afterEach(async () => {
  await olivia.act({ kind: 'weather', weather: 'fine' });
  for (const [index, bot] of stack.bots.entries()) {
    if (!bot.running) await olivia.act({ kind: 'bot', bot: index, to: 'start' });
  }
  if ((await olivia.act({ kind: 'time_to', moment: 'expiry' })).kind === 'done') await ends();
});

const done = { kind: 'done' };
const refused = (why: string) => ({ kind: 'refused', why });
const MINUTE_MS = 60_000;
const machine = () => olivia.shows.machine;
const directOf = (player: Player) => stack.slack.as(cast[player].id).dm();

/** Access that nobody has to agree to, active at once. */
async function asksFor(minutes: string): Promise<void> {
  const channel = directOf('olivia');
  await olivia.act({ kind: 'command', channel, command: '/support-access', text: '' });
  const view = await olivia.until(
    () => olivia.shows.views.find(({ definition }) => definition.submit !== undefined)?.id,
    'the form',
  );
  const entries = {
    tenant: 'globex',
    scope: 'audit_view',
    reason: 'Who changed the billing address?',
    ticket: 'PAGE-1',
  };
  expect(await olivia.act({ kind: 'submit', view, entries: { ...entries, duration: minutes } })).toEqual(done);
  await olivia.until(() => olivia.shows.behind.followed?.state === 'active', 'the access');
}
const ends = () => olivia.until(() => olivia.shows.behind.followed?.state === 'expired', 'its end');

describe('the clock', () => {
  test('goes on by minutes, for every window, and what is said carries its time', async () => {
    const other = await TestWindow.open(page.url, 'sam');
    const before = machine();
    expect(await olivia.act({ kind: 'time', minutes: 5 })).toEqual(done);
    expect(machine().aheadMs).toBe(before.aheadMs + 5 * MINUTE_MS);
    await other.until(() => other.shows.machine.aheadMs === machine().aheadMs, 'the other window to know');
    expect(Math.abs(Date.parse(machine().now) - (await stack.clock.now()).getTime())).toBeLessThan(MINUTE_MS);
    await olivia.act({ kind: 'say', channel: 'C0GENERAL', text: 'later' });
    const said = olivia.messages('C0GENERAL').at(-1);
    expect(Math.abs(Date.parse(said?.at ?? '') - Date.parse(machine().now))).toBeLessThan(MINUTE_MS);
    await other.close();
  });

  test('moved from many windows at once forgets none of it', async () => {
    const before = machine().aheadMs;
    const moves = Array.from({ length: 12 }, () => olivia.act({ kind: 'time', minutes: 1 }));
    expect(new Set((await Promise.all(moves)).map(({ kind }) => kind))).toEqual(new Set(['done']));
    expect(machine().aheadMs).toBe(before + 12 * MINUTE_MS);
    expect(Math.abs((await stack.clock.now()).getTime() - Date.now() - machine().aheadMs)).toBeLessThan(MINUTE_MS);
  });

  test('goes no further than dates can be shown', async () => {
    const before = machine().aheadMs;
    await expect(stack.clock.advance(100_000 * 24 * 60 * MINUTE_MS)).rejects.toThrow('no further than fifty years');
    expect((await stack.clock.now()).getTime()).toBeLessThan(Date.now() + before + MINUTE_MS);
    expect(stack.clock.aheadMs).toBe(before);
  });

  test.each<[string, Act]>([
    ['Nothing is active.', { kind: 'time_to', moment: 'expiry' }],
    ['No request is waiting.', { kind: 'time_to', moment: 'lapse' }],
    ['No review is due.', { kind: 'time_to', moment: 'review' }],
  ])('stays where it is: %s', async (why, act) => {
    const before = machine().aheadMs;
    expect(await olivia.act(act)).toEqual(refused(why));
    expect(machine().aheadMs).toBe(before);
  });

  test('goes to the next eight in the morning', async () => {
    expect(await olivia.act({ kind: 'time_to', moment: 'digest' })).toEqual(done);
    expect(machine().now).toMatch(/T08:00:/);
  });

  test('goes to the end of what is active, which then ends; there is no such moment any more', async () => {
    await asksFor('60');
    const end = Date.parse(olivia.shows.behind.followed?.expiresAt ?? '');
    expect(await olivia.act({ kind: 'time_to', moment: 'expiry' })).toEqual(done);
    expect(Date.parse(machine().now)).toBeGreaterThanOrEqual(end);
    expect(Date.parse(machine().now)).toBeLessThan(end + MINUTE_MS);
    expect(await olivia.act({ kind: 'time_to', moment: 'expiry' })).toEqual(refused('Nothing is active.'));
    await ends();
  });
});

describe('Slack', () => {
  test('that is down lets nothing through, of people or of the bot; up again, all of it comes', async () => {
    await asksFor('60');
    expect(await olivia.act({ kind: 'weather', weather: 'down' })).toEqual(done);
    expect(machine().weather).toBe('down');
    const acts: Act[] = [
      { kind: 'say', channel: 'C0GENERAL', text: 'hello?' },
      { kind: 'command', channel: 'C0GENERAL', command: '/breakglass', text: '' },
      { kind: 'press', channel: 'C0GENERAL', ts: '1', block: 'b', action: 'end' },
    ];
    for (const act of acts) expect(await olivia.act(act)).toEqual(refused('Slack is down. Nothing gets through.'));
    const direct = olivia.messages(directOf('olivia')).length;
    await olivia.act({ kind: 'time_to', moment: 'expiry' });
    await ends();
    await olivia.until(
      () => olivia.shows.behind.followed?.notices.some(({ state }) => state === 'waiting'),
      'a notice that waits',
    );
    expect(olivia.messages(directOf('olivia'))).toHaveLength(direct);
    expect(await olivia.act({ kind: 'weather', weather: 'fine' })).toEqual(done);
    await olivia.act({ kind: 'time', minutes: 10 }); // the bot waits before it tries again
    await olivia.until(
      () => olivia.shows.behind.followed?.notices.every(({ state }) => state === 'sent'),
      'every notice to be sent',
    );
  });

  test('that is down still lets a form be closed', async () => {
    await olivia.act({ kind: 'command', channel: directOf('olivia'), command: '/support-access', text: '' });
    const view = await olivia.until(() => olivia.shows.views.at(-1)?.id, 'the form');
    await olivia.act({ kind: 'weather', weather: 'down' });
    const sent = await olivia.act({ kind: 'submit', view, entries: {} });
    expect(sent).toEqual(refused('Slack is down. Nothing gets through.'));
    expect(await olivia.act({ kind: 'close', view })).toEqual(done);
    expect(olivia.shows.views).toEqual([]);
  });

  test('that is slow answers 429 with a pause of seconds, and every notice arrives later', async () => {
    expect(await olivia.act({ kind: 'weather', weather: 'slow' })).toEqual(done);
    expect(machine().weather).toBe('slow');
    await asksFor('60');
    const refusals = () => stack.slack.calls('chat.postMessage').filter(({ answer }) => answer?.status === 429);
    await stack.slack.until(() => refusals().length > 0, 'a refusal', { timeoutMs: 20_000 });
    expect(Number(refusals().at(-1)?.answer?.headers?.['retry-after'])).toBeLessThanOrEqual(5);
    expect(await olivia.act({ kind: 'weather', weather: 'fine' })).toEqual(done);
    await olivia.until(
      () => olivia.shows.behind.followed?.notices.every(({ state }) => state === 'sent'),
      'every notice to be sent',
    );
  });
});

describe('a bot', () => {
  test('that is killed is gone at once; the other goes on', async () => {
    expect(await olivia.act({ kind: 'bot', bot: 0, to: 'kill' })).toEqual(done);
    expect(machine().bots).toEqual([
      { running: false, busy: false },
      { running: true, busy: false },
    ]);
    expect(await olivia.act({ kind: 'bot', bot: 0, to: 'kill' })).toEqual(refused('The bot is not running.'));
    expect(await olivia.act({ kind: 'bot', bot: 1, to: 'start' })).toEqual(refused('The bot is running.'));
    expect(await olivia.act({ kind: 'bot', bot: 2, to: 'kill' })).toEqual(refused('There is no such bot.'));
    const question = { who: 'olivia', action: 'content.read', tenant: 'acme' } as const;
    for (const _ of stack.bots) expect((await stack.service.ask(question)).decision).toBe(false);
  });

  test('that was killed is told of by Slack, starts at the same address, and catches up', async () => {
    await asksFor('30');
    for (const bot of [0, 1]) await olivia.act({ kind: 'bot', bot, to: 'kill' });
    const direct = directOf('olivia');
    await olivia.act({ kind: 'command', channel: direct, command: '/breakglass', text: 'help' });
    const notice = { kind: 'notice', text: '/breakglass failed with the error "dispatch_failed"' };
    expect(olivia.news).toContainEqual(notice);
    await expect(stack.service.ask({ who: 'olivia', action: 'content.read', tenant: 'acme' })).rejects.toThrow(
      'No bot is there to answer.',
    );
    await olivia.act({ kind: 'time_to', moment: 'expiry' });
    const addresses = stack.bots.map(({ slackUrl, apiUrl }) => [slackUrl, apiUrl]);
    const starting = olivia.act({ kind: 'bot', bot: 0, to: 'start' });
    await olivia.until(() => machine().bots[0]?.busy, 'the start');
    for (const to of ['kill', 'start'] as const) {
      expect(await olivia.act({ kind: 'bot', bot: 0, to })).toEqual(refused('The bot is still starting.'));
    }
    expect(await starting).toEqual(done);
    expect(machine().bots[0]).toEqual({ running: true, busy: false });
    expect(stack.bots.map(({ slackUrl, apiUrl }) => [slackUrl, apiUrl])).toEqual(addresses);
    expect((await fetch(`${stack.bots[0]?.apiUrl}/readyz`)).status).toBe(200);
    await olivia.until(
      () =>
        olivia.shows.behind.followed?.audit.some(({ action }) => action === 'support_access.expired') &&
        olivia.shows.behind.followed.notices.every(({ state }) => state === 'sent'),
      'what was missed',
    );
  });

  test('that dies by itself shows as not running', async () => {
    await stack.bots[1]?.stop();
    await olivia.until(() => machine().bots[1]?.running === false, 'its end');
    expect(await olivia.act({ kind: 'bot', bot: 1, to: 'start' })).toEqual(done);
    await olivia.until(() => machine().bots[1]?.running, 'its return');
  });
});

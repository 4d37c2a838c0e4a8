import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, type Player } from '../../../sandbox/cast.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import type { Act, Entries, ShownMessage } from '../../../sandbox/page/wire.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { TestWindow } from './windows.ts';

let stack: Stack;
let page: PageServer;
const windows: TestWindow[] = [];
beforeAll(async () => {
  stack = await startStack({ tenants: 98 }); // one more than a menu holds
  page = await startPage(stack, { port: 0 });
});
afterAll(async () => {
  await page.stop();
  await stack.stop();
});
afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
});

async function windowOf(player: Player): Promise<TestWindow> {
  const window = await TestWindow.open(page.url, player);
  windows.push(window);
  return window;
}

const done = { kind: 'done' };
const refused = (why: string) => ({ kind: 'refused', why });
const dmOf = (player: Player) => stack.slack.as(cast[player].id).dm();
/** What people said there; the bot has its own to say. */
const aboutGlobex = (window: TestWindow) =>
  window
    .messages('C0GLOBEX')
    .filter(({ user }) => user === 'U0GUS')
    .map(({ text }) => text);
const everything = (window: TestWindow) => JSON.stringify(window.news);

let tickets = 0;
const filled = (more: Entries = {}): Entries => ({
  tenant: 'acme',
  circumstance: 'critical_incident',
  scope: 'content_access',
  reason: 'The export fails for everybody there.',
  ticket: `PAGE-${++tickets}`,
  duration: '30',
  ...more,
});

/** Opens the form, looks for the tenant in it, and gives its id. */
async function form(window: TestWindow, player: Player): Promise<string> {
  const channel = dmOf(player);
  expect(await window.act({ kind: 'command', channel, command: '/breakglass', text: '' })).toEqual(done);
  const view = await window.until(
    () => window.shows.views.find(({ definition }) => definition.submit !== undefined),
    'the form',
  );
  const found = await window.act({ kind: 'options', view: view.id, block: 'tenant', query: 'acme' });
  expect(found).toMatchObject({ kind: 'options', options: [{ value: 'acme' }] });
  return view.id;
}

/** A request by Omar at his window, and its card where the owners are. */
async function asked(omar: TestWindow, seenBy: TestWindow): Promise<ShownMessage> {
  const view = await form(omar, 'omar');
  const entries = filled();
  expect(await omar.act({ kind: 'submit', view, entries })).toEqual(done);
  const isIt = (message: ShownMessage) => JSON.stringify(message.blocks).includes(String(entries.ticket));
  return seenBy.until(() => seenBy.messages('C0ACME').find(isIt), 'the card');
}

describe('a window shows', () => {
  test.each<[Player, string[]]>([
    ['olivia', ['general']],
    ['sam', ['general', 'access-security']],
    ['gwen', ['general', 'access-ops', 'acme-owners']],
    ['stan', ['general', 'acme-owners']],
    ['gina', ['general', 'globex-owners', 'customer-owners']],
    ['gus', ['general', 'globex-owners']],
  ])('%s the channels they are in, and their messages with the app', async (player, channels) => {
    const { shows } = await windowOf(player);
    const direct = shows.channels.filter(({ isDirect }) => isDirect);
    expect(shows.channels.filter(({ isDirect }) => !isDirect).map(({ name }) => name)).toEqual(channels);
    expect(direct).toMatchObject([{ id: dmOf(player), name: 'Breakglass' }]);
    expect(shows.you).toMatchObject({ player, id: cast[player].id, is: cast[player].is });
  });

  test('the cast without the bot, the commands of the manifest, and how the machine stands', async () => {
    const { shows } = await windowOf('olivia');
    expect(shows.cast.map(({ player }) => player)).toEqual(Object.keys(cast));
    expect(shows.commands.map(({ command }) => command)).toEqual(['/breakglass', '/support-access']);
    expect(shows.names).toMatchObject({ U0SAM: 'Sam', U0BREAKGLASS: 'Breakglass', C0GENERAL: 'general', S0OPS: 'ops' });
    expect(shows.machine).toMatchObject({ aheadMs: 0, weather: 'fine', bots: [{ running: true, busy: false }] });
  });

  test('nothing of a channel the person is not in, neither at first nor later', async () => {
    stack.slack.as('U0GUS').say('C0GLOBEX', 'for Globex alone, before');
    const [anna, stan, gina] = await Promise.all([windowOf('anna'), windowOf('stan'), windowOf('gina')]);
    const secret = stack.slack.as('U0GUS').say('C0GLOBEX', 'for Globex alone, after');
    await gina.until(() => gina.messages('C0GLOBEX').find(({ ts }) => ts === secret.ts), 'the message');
    stack.slack.world.messages.edit(secret, { text: 'for Globex alone, edited' }, 'U0GUS', true);
    stack.slack.world.messages.remove(secret);
    stack.slack.as('U0GUS').say('C0GENERAL', 'for all');
    for (const other of [anna, stan, gina]) {
      await other.until(() => other.messages('C0GENERAL').find(({ text }) => text === 'for all'), 'the other message');
    }
    for (const other of [anna, stan]) expect(everything(other)).not.toMatch(/Globex alone|globex-owners|C0GLOBEX/);
    const told = gina.news.flatMap((news) =>
      news.kind === 'message' && news.message.ts === secret.ts ? news.what : [],
    );
    expect(told).toEqual(['posted', 'edited', 'deleted']);
    expect(aboutGlobex(gina)).toEqual(['for Globex alone, before']);
  });

  test('to whoever comes next at the same machine, nothing of the one before', async () => {
    const gina = await windowOf('gina');
    expect(everything(gina)).toContain('for Globex alone, before');
    await gina.close();
    windows.pop();
    expect(everything(await windowOf('anna'))).not.toContain('Globex alone');
  });

  test('a channel from the moment somebody is let in, and no longer than they are', async () => {
    const otis = await windowOf('otis');
    const members = ['U0GINA', 'U0GUS'];
    stack.slack.updateChannel('C0GLOBEX', { members: [...members, 'U0OTIS'] });
    await otis.until(() => otis.shows.channels.some(({ id }) => id === 'C0GLOBEX'), 'the channel');
    expect(aboutGlobex(otis)).toEqual(['for Globex alone, before']);
    stack.slack.updateChannel('C0GLOBEX', { members });
    await otis.until(() => !otis.shows.channels.some(({ id }) => id === 'C0GLOBEX'), 'the channel to go');
    expect(otis.messages('C0GLOBEX')).toEqual([]);
  });

  test('what only one person is told to that person alone', async () => {
    const [olivia, sam] = await Promise.all([windowOf('olivia'), windowOf('sam')]);
    await olivia.act({ kind: 'command', channel: 'C0GENERAL', command: '/breakglass', text: 'help' });
    const help = await olivia.until(() => olivia.messages('C0GENERAL').find(({ onlyYou }) => onlyYou), 'the help');
    expect(help.user).toBe('U0BREAKGLASS');
    stack.slack.as('U0SAM').say('C0GENERAL', 'afterwards');
    await sam.until(() => sam.messages('C0GENERAL').find(({ text }) => text === 'afterwards'), 'what came after');
    expect(everything(sam)).not.toContain(help.ts);
  });

  test('what people type as text, whatever it looks like', async () => {
    const olivia = await windowOf('olivia');
    const text = '<script>&lt;b&gt; <!channel> *bold*';
    expect(await olivia.act({ kind: 'say', channel: 'C0GENERAL', text })).toEqual(done);
    const last = olivia.messages('C0GENERAL').at(-1)?.text;
    expect(last).toBe('&lt;script&gt;&amp;lt;b&amp;gt; &lt;!channel&gt; *bold*');
  });
});

describe('unread', () => {
  test('is what others said since somebody looked, and two windows of theirs agree', async () => {
    const [one, two, sam] = await Promise.all([windowOf('petra'), windowOf('petra'), windowOf('sam')]);
    const count = (window: TestWindow) => window.channel('C0GENERAL').unread;
    await one.act({ kind: 'read', channel: 'C0GENERAL' });
    await two.until(() => count(two) === 0, 'the other window to know');
    await sam.act({ kind: 'say', channel: 'C0GENERAL', text: 'one' });
    await sam.act({ kind: 'say', channel: 'C0GENERAL', text: 'two' });
    await one.act({ kind: 'say', channel: 'C0GENERAL', text: 'my own' });
    for (const window of [one, two]) await window.until(() => count(window) === 2, 'two unread');
    const petra = sam.shows.cast.find(({ player }) => player === 'petra');
    expect(petra?.unread).toBe(one.shows.channels.reduce((sum, { unread }) => sum + unread, 0));
    expect(one.shows.you.unread).toBeGreaterThanOrEqual(0);
    await two.act({ kind: 'read', channel: 'C0GENERAL' });
    await one.until(() => count(one) === 0, 'none unread');
    const [last] = stack.slack.messages('C0GENERAL').slice(-2);
    if (last) stack.slack.world.messages.edit(last, { text: 'changed' }, 'U0SAM', true);
    await one.until(() => one.messages('C0GENERAL').some(({ edited }) => edited), 'the edit');
    await sam.act({ kind: 'read', channel: 'C0GENERAL' });
    expect([count(one), (await windowOf('petra')).channel('C0GENERAL').unread]).toEqual([0, 0]);
  });

  test('is not told of a channel somebody is not in', async () => {
    const anna = await windowOf('anna');
    const outcome = await anna.act({ kind: 'read', channel: 'C0GLOBEX' });
    expect(outcome).toEqual(refused('You are not in that channel.'));
  });
});

describe('somebody acts', () => {
  const notThere = refused('You are not in that channel.');
  const windowGone = refused('That window is no longer open.');

  test.each<[string, Act, unknown]>([
    ['says something elsewhere', { kind: 'say', channel: 'C0GLOBEX', text: 'hi' }, notThere],
    ['says something in another direct message', { kind: 'say', channel: 'D0SAM', text: 'hi' }, notThere],
    ['says something nowhere', { kind: 'say', channel: 'C0NOWHERE', text: 'hi' }, notThere],
    ['types a command elsewhere', { kind: 'command', channel: 'C0OPS', command: '/breakglass', text: '' }, notThere],
    [
      'types a command that is none',
      { kind: 'command', channel: 'C0GENERAL', command: '/foo', text: '' },
      refused('/foo is not a valid command'),
    ],
    [
      'writes to the app',
      { kind: 'say', channel: 'D0OLIVIA', text: 'hi' },
      refused('Sending messages to this app has been turned off.'),
    ],
    ['presses elsewhere', { kind: 'press', channel: 'C0GLOBEX', ts: '1', block: 'b', action: 'approve' }, notThere],
    [
      'presses on nothing',
      { kind: 'press', channel: 'C0GENERAL', ts: '1', block: 'b', action: 'approve' },
      refused('That message is no longer there.'),
    ],
    ['presses in no window', { kind: 'press_in_view', view: 'V0', block: 'b', action: 'approve' }, windowGone],
    ['fills no window', { kind: 'fill', view: 'V0', entries: {} }, windowGone],
    ['chooses in no window', { kind: 'choose', view: 'V0', block: 'tenant', entry: 'acme' }, windowGone],
    ['searches in no window', { kind: 'options', view: 'V0', block: 'tenant', query: 'a' }, windowGone],
    ['sends no window', { kind: 'submit', view: 'V0', entries: {} }, windowGone],
    ['closes no window', { kind: 'close', view: 'V0' }, windowGone],
  ])('and %s: refused in a sentence, and the bot hears nothing', async (_, act, outcome) => {
    const olivia = await windowOf('olivia');
    const before = stack.slack.deliveries.length;
    expect(await olivia.act(act)).toEqual(outcome);
    expect(stack.slack.deliveries).toHaveLength(before);
  });

  test('in a form, which shows what is wrong at the field, and closes when all is well', async () => {
    const [olivia, anna] = await Promise.all([windowOf('olivia'), windowOf('anna')]);
    const view = await form(olivia, 'olivia');
    const empty = await olivia.act({ kind: 'submit', view, entries: {} });
    expect(empty).toMatchObject({ kind: 'errors', errors: { reason: 'This field is required.' } });
    const wrong = await olivia.act({ kind: 'submit', view, entries: filled({ ticket: 'no ticket' }) });
    expect(wrong).toMatchObject({ kind: 'errors', errors: { ticket: expect.any(String) } });
    const many = await olivia.act({ kind: 'options', view, block: 'tenant', query: 'customer' });
    expect(many).toMatchObject({ kind: 'options', options: { length: 98 } });
    const field = refused('That field is no longer there.');
    expect(await olivia.act({ kind: 'options', view, block: 'reason', query: 'a' })).toEqual(field);
    expect(await olivia.act({ kind: 'submit', view, entries: { nothing: 'x' } })).toEqual(field);
    const unknown = await olivia.act({ kind: 'choose', view, block: 'tenant', entry: 'nobody' });
    expect(unknown).toEqual({ kind: 'errors', errors: { tenant: 'that option is not offered' } });
    const before = olivia.news.length;
    expect(await olivia.act({ kind: 'fill', view, entries: { reason: 'What was typed so far' } })).toEqual(done);
    const reason = () => olivia.shows.views.at(-1)?.state.reason?.reason?.value;
    await olivia.until(() => reason() === 'What was typed so far', 'what was typed');
    const told = olivia.news.slice(before).map(({ kind }) => kind);
    expect(told.filter((kind) => kind === 'views' || kind === 'outcome')).toEqual(['views', 'outcome']);
    const ticket = filled().ticket ?? null;
    expect(await olivia.act({ kind: 'submit', view, entries: filled({ ticket }) })).toEqual(done);
    expect(olivia.shows.views).toEqual([]);
    const sees = (message: ShownMessage) => JSON.stringify(message.blocks).includes(String(ticket));
    const card = await anna.until(() => anna.messages('C0ACME').find(sees), 'the card');
    expect(card.grant).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(card.at)).toBeCloseTo(Date.now(), -5);
  });

  test('in a window that only its own person can touch', async () => {
    const [olivia, omar] = await Promise.all([windowOf('olivia'), windowOf('omar')]);
    const view = await form(olivia, 'olivia');
    expect(omar.shows.views).toEqual([]);
    const own = await form(omar, 'omar');
    expect(await omar.act({ kind: 'fill', view, entries: filled({ tenant: null }) })).toEqual(windowGone);
    expect(await omar.act({ kind: 'submit', view, entries: filled() })).toEqual(windowGone);
    expect(await omar.act({ kind: 'close', view })).toEqual(windowGone);
    expect(await omar.act({ kind: 'close', view: own })).toEqual(done);
    const again = await windowOf('olivia');
    expect(again.shows.views.map(({ id }) => id)).toEqual([view]);
    expect(await again.act({ kind: 'close', view })).toEqual(done);
    await olivia.until(() => olivia.shows.views.length === 0, 'the window to close everywhere');
  });

  test('as who they are: the approval is theirs, and a button that is gone is gone', async () => {
    const [omar, anna] = await Promise.all([windowOf('omar'), windowOf('anna')]);
    const card = await asked(omar, anna);
    const block = String(card.blocks.find(({ type }) => type === 'actions')?.block_id);
    const press = { kind: 'press', channel: card.channel, ts: card.ts, block, action: 'approve' } as const;
    expect(await omar.act(press)).toEqual(notThere);
    expect(await anna.act({ ...press, action: 'nothing' })).toEqual(refused('That button is no longer there.'));
    expect(await anna.act(press)).toEqual(done);
    const now = () => anna.messages('C0ACME').find(({ ts }) => ts === card.ts);
    const after = await anna.until(() => {
      const message = now();
      return message && !JSON.stringify(message.blocks).includes('"approve"') ? message : null;
    }, 'the card without its button');
    expect(after.grant).toBe(card.grant);
    expect(await anna.act(press)).toEqual(refused('That button is no longer there.'));
    const by = () => anna.shows.behind.followed?.legs.find(({ role }) => role === 'owner')?.by;
    await anna.act({ kind: 'follow', grant: card.grant });
    expect(await anna.until(by, 'the approval')).toBe('Anna');
    const deliveries = stack.slack.deliveries.filter(({ body }) => body.type === 'block_actions');
    expect(deliveries.map(({ body }) => body.user)).toMatchObject([{ id: 'U0ANNA' }]);
  });

  test('and gets a file that nobody else gets', async () => {
    const ada = await windowOf('ada');
    const direct = dmOf('ada');
    await ada.act({ kind: 'command', channel: direct, command: '/breakglass', text: 'audit acme' });
    const trail = await ada.until(() => ada.messages(direct).find(({ onlyYou }) => onlyYou), 'the trail');
    const block = String(trail.blocks.find((each) => JSON.stringify(each).includes('"audit_csv"'))?.block_id);
    await ada.act({ kind: 'press', channel: direct, ts: trail.ts, block, action: 'audit_csv' });
    const [file] = await ada.until(() => ada.messages(direct).find(({ files }) => files.length > 0)?.files, 'the file');
    const address = (as: string) => `${page.url}/files/${file?.id}?as=${as}`;
    const response = await fetch(address('ada'));
    expect(response.headers.get('content-disposition')).toContain(`attachment; filename*=UTF-8''`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([bytes.length, bytes.includes('break_glass.requested')]).toEqual([file?.size, true]);
    for (const other of ['sam', 'olivia', 'gwen', 'nobody', '']) expect((await fetch(address(other))).status).toBe(404);
    expect((await fetch(`${page.url}/files/F0NOTHING?as=ada`)).status).toBe(404);
  });
});

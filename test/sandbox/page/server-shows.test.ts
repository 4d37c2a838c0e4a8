import { describe, expect, test } from 'vitest';
import { cast, type Player } from '../../../sandbox/cast.ts';
import { done, onPage, refused } from './on-page.ts';
import type { TestWindow } from './windows.ts';

const { there, windowOf, closed, dmOf } = onPage({ tenants: 1 }); // its channel is Gina's too

/** What people said there; the bot has its own to say. */
const aboutGlobex = (window: TestWindow) =>
  window
    .messages('C0GLOBEX')
    .filter(({ user }) => user === 'U0GUS')
    .map(({ text }) => text);
const everything = (window: TestWindow) => JSON.stringify(window.news);

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
    there().slack.as('U0GUS').say('C0GLOBEX', 'for Globex alone, before');
    const [anna, stan, gina] = await Promise.all([windowOf('anna'), windowOf('stan'), windowOf('gina')]);
    const secret = there().slack.as('U0GUS').say('C0GLOBEX', 'for Globex alone, after');
    await gina.until(() => gina.messages('C0GLOBEX').find(({ ts }) => ts === secret.ts), 'the message');
    there().slack.world.messages.edit(secret, { text: 'for Globex alone, edited' }, 'U0GUS', true);
    there().slack.world.messages.remove(secret);
    there().slack.as('U0GUS').say('C0GENERAL', 'for all');
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
    await closed(gina);
    expect(everything(await windowOf('anna'))).not.toContain('Globex alone');
  });

  test('a channel from the moment somebody is let in, and no longer than they are', async () => {
    const otis = await windowOf('otis');
    const members = ['U0GINA', 'U0GUS'];
    there().slack.updateChannel('C0GLOBEX', { members: [...members, 'U0OTIS'] });
    await otis.until(() => otis.shows.channels.some(({ id }) => id === 'C0GLOBEX'), 'the channel');
    expect(aboutGlobex(otis)).toEqual(['for Globex alone, before']);
    there().slack.updateChannel('C0GLOBEX', { members });
    await otis.until(() => !otis.shows.channels.some(({ id }) => id === 'C0GLOBEX'), 'the channel to go');
    expect(otis.messages('C0GLOBEX')).toEqual([]);
  });

  test('what only one person is told to that person alone', async () => {
    const [olivia, sam] = await Promise.all([windowOf('olivia'), windowOf('sam')]);
    await olivia.act({ kind: 'command', channel: 'C0GENERAL', command: '/breakglass', text: 'help' });
    const help = await olivia.until(() => olivia.messages('C0GENERAL').find(({ onlyYou }) => onlyYou), 'the help');
    expect(help.user).toBe('U0BREAKGLASS');
    there().slack.as('U0SAM').say('C0GENERAL', 'afterwards');
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
    const [last] = there().slack.messages('C0GENERAL').slice(-2);
    if (last) there().slack.world.messages.edit(last, { text: 'changed' }, 'U0SAM', true);
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

import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Played } from '../../../sandbox/page/server/board.ts';
import { type PageServer, startPage } from '../../../sandbox/page/server/page.ts';
import { nothingBehind, playedWithoutBot } from './played.ts';
import { doorOf, TestWindow } from './windows.ts';

let played: Played;
let page: PageServer;
beforeAll(async () => {
  played = await playedWithoutBot();
  page = await startPage(played, { port: 0, openScenes: nothingBehind });
});
afterAll(async () => {
  await page.stop();
  await played.slack.stop();
});

const port = () => new URL(page.url).port;
/** `PORT` stands for the page's own. */
const filled = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port())]));

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = request(`${page.url}${path}`, { method, headers: filled(headers), agent: false });
  sent.end();
  const [answer] = await once(sent, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

describe('whoever asks for the page', () => {
  test.each([
    ['by its address', 200, '/', {}],
    ['by the name of this machine', 200, '/', { host: 'localhost:PORT' }],
    ['from the page itself', 200, '/page.js', { origin: 'http://127.0.0.1:PORT', 'sec-fetch-site': 'same-origin' }],
    ['by typing the address', 200, '/', { 'sec-fetch-site': 'none' }],
    ['by a link elsewhere', 200, '/?as=olivia', navigation],
    ['by a name that was made to lead here', 421, '/', { host: 'evil.example:PORT' }],
    ['by the right name and another port', 421, '/', { host: '127.0.0.1:1' }],
    ['without a port', 421, '/', { host: '127.0.0.1' }],
    ['by a longer name', 421, '/', { host: 'localhost:PORT.evil.example' }],
    ['from a page elsewhere', 403, '/', { origin: 'http://evil.example' }],
    ['from a page on another port', 403, '/', { origin: 'http://127.0.0.1:1' }],
    ['from a page under its other name', 403, '/', { origin: 'http://localhost:PORT' }],
    ['from a page without an origin', 403, '/', { origin: 'null' }],
    ['for its program from elsewhere', 403, '/page.js', { 'sec-fetch-site': 'cross-site' }],
    ['for its program from another port', 403, '/page.js', { 'sec-fetch-site': 'same-site' }],
    ['for a frame elsewhere', 403, '/page.css', navigation],
  ])('%s is answered %i', async (_, status, path, headers) => {
    expect((await ask(path, headers)).status).toBe(status);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('can not %s anything', async (method) => {
    const { status, headers } = await ask('/', {}, method);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test.each(['/nothing', '/live', '/files/F1', '/files/F1?as=nobody', '/page.js/', '//', '/../main.ts', '/%'])(
    'finds nothing at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test('gets an answer without a body to HEAD', async () => {
    expect(await ask('/', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test.each(['/', '/page.js', '/nothing'])('is told with %s that nothing comes from elsewhere', async (path) => {
    const { headers } = await ask(path);
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'none'", "base-uri 'none'"],
        ...["frame-ancestors 'none'", "require-trusted-types-for 'script'"],
        `connect-src 'self' ws://127.0.0.1:${port()}`,
      ]),
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  test('gets a page without a script or a style of its own in the markup', async () => {
    const { body } = await ask('/');
    expect(body).toContain('<div id="page">');
    expect(body).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*src=)/);
  });
});

describe('a line to the page', () => {
  const knock = async (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(`${doorOf(page.url)}${path}`, { headers: filled(headers) });
    socket.on('error', () => {});
    const status = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, answer]) => Number(answer.statusCode)),
    ]);
    socket.terminate();
    return status;
  };

  test.each([
    ['from the page', 101, '/live', { origin: 'http://127.0.0.1:PORT' }],
    ['from the page by its other name', 101, '/live', { host: 'localhost:PORT', origin: 'http://localhost:PORT' }],
    ['from nowhere', 403, '/live', {}],
    ['from a page elsewhere', 403, '/live', { origin: 'http://evil.example' }],
    ['from a page on another port', 403, '/live', { origin: 'http://127.0.0.1:1' }],
    ['from a page under its other name', 403, '/live', { origin: 'http://localhost:PORT' }],
    ['by a name made to lead here', 421, '/live', { host: 'evil.example:PORT', origin: 'http://evil.example:PORT' }],
    ['to somewhere else', 404, '/other', { origin: 'http://127.0.0.1:PORT' }],
  ])('%s is answered %i', async (_, status, path, headers) => {
    expect(await knock(path, headers)).toBe(status);
  });

  const closedWith = async (said: string | Buffer | null, as = 'olivia') => {
    const socket = new WebSocket(`${doorOf(page.url)}/live?as=${as}`, { origin: page.url });
    const gone = once(socket, 'close');
    await once(socket, 'open');
    if (said !== null) socket.send(said);
    const [code] = await gone;
    return code;
  };

  test.each(['nobody', 'constructor', '__proto__', 'U0OLIVIA', 'breakglass', ''])(
    'is closed for %j, who is nobody',
    async (as) => {
      expect(await closedWith(null, as)).toBe(1008);
    },
  );

  test.each(['no JSON', '[]', 'null', '{}', '{"id":"1","act":{"kind":"read","channel":"C0GENERAL"}}'])(
    'is closed at %s, which nobody could be answered',
    async (said) => {
      expect(await closedWith(said)).toBe(1008);
    },
  );

  test('is closed at a message that is too long', async () => {
    expect(await closedWith(`{"id":1,"act":"${'x'.repeat(256 * 1024)}"}`)).toBe(1009);
  });

  test.each([
    {},
    { act: { kind: 'nothing' } },
    { act: { kind: 'say', channel: 'C0GENERAL' } },
    { act: { kind: 'time', minutes: -5 } },
    { act: { kind: 'time', minutes: 1e9 } },
    { act: { kind: 'bot', bot: 0, to: 'rm -rf' } },
    { act: { kind: 'say', channel: 'C0GENERAL', text: 'x'.repeat(10_001) } },
  ])('refuses %j and stays open', async (request) => {
    const window = await TestWindow.open(page.url, 'olivia');
    const outcome = await window.send({ id: 0, ...request });
    expect(outcome).toEqual({ kind: 'refused', why: 'A window can do nothing like that.' });
    expect(await window.act({ kind: 'read', channel: 'C0GENERAL' })).toEqual({ kind: 'done' });
    await window.close();
  });
});

describe('a start', () => {
  test('on a port that is taken says so, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const taken = typeof address === 'object' && address ? address.port : 0;
    const opened: string[] = [];
    const openScenes: typeof nothingBehind = (url, onChange) => {
      opened.push(url);
      return nothingBehind(url, onChange);
    };
    const started = startPage(played, { port: taken, openScenes });
    await expect(started).rejects.toThrow(`Port ${taken} is taken by another program.`);
    expect(opened).toEqual([]);
    other.close();
  });

  test('with a program that can not be built says why', async () => {
    const entry = new URL('no-such-program.tsx', import.meta.url);
    const started = startPage(played, { port: 0, entry, openScenes: nothingBehind });
    await expect(started).rejects.toThrow(/^The page could not be built\. .*no-such-program/s);
  });
});

describe('the local Slack', () => {
  const call = async (headers: Record<string, string>, path = '/api/auth.test') => {
    const at = new URL(path, played.slack.apiUrl);
    const sent = request(at, {
      method: 'POST',
      agent: false,
      headers: { authorization: 'Bearer xoxb-sandbox', ...headers },
    });
    sent.end();
    const [answer] = await once(sent, 'response');
    await text(answer);
    return answer.statusCode;
  };

  test('answers the bot, and no page of a browser', async () => {
    expect(await call({})).toBe(200);
    expect(await call({ origin: page.url })).toBe(403);
    expect(await call({ origin: 'null' })).toBe(403);
    expect(await call({ host: 'evil.example' })).toBe(403);
    // What a browser sends along with a picture that a page shows, or a request whose answer it may not read.
    for (const site of ['cross-site', 'same-site', 'same-origin', 'none']) {
      expect(await call({ 'sec-fetch-site': site })).toBe(403);
    }
    expect(await call({ host: `localhost:${new URL(played.slack.apiUrl).port}` })).toBe(200);
    expect(await call({}, '/')).toBe(404);
  });

  test('gives no page a line', async () => {
    const url = played.slack.sockets.connectUrl();
    const socket = new WebSocket(url, { origin: page.url });
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('socket hang up');
    const ours = new WebSocket(url);
    await once(ours, 'open');
    ours.terminate();
  });

  test.each(['//', '/?', '*', '/link/?ticket=%'])('survives whoever asks for a line at %s', async (path) => {
    const { port, host } = new URL(played.slack.apiUrl);
    const headers = { host, connection: 'Upgrade', upgrade: 'websocket' };
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false });
    sent.end();
    const [error] = await once(sent, 'error');
    expect(String(error)).toContain('socket hang up');
    expect(await call({})).toBe(200);
  });
});

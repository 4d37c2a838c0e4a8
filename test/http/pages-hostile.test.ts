import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { networkOf } from '../../src/http/network.ts';
import { limitByNetwork } from '../../src/http/pages/limit.ts';
import { whoIs } from '../../src/http/pages/provider.ts';
import { linkAddress, type SigningStack, signIn, startSigningStack } from '../journeys/sign-ins.ts';
import { newBrowser } from '../support/browser.ts';

let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack();
});
afterAll(() => stack.stop());
afterEach(() => stack.provider.setDown(false));

const page = (path: string) => `${stack.url}/sign-in/${path}`;
const secret = () => randomBytes(32).toString('base64url');
const discoveries = () => stack.provider.asked('/.well-known/openid-configuration');
const withCookie = () => {
  const browser = newBrowser();
  browser.cookies.set('breakglass-sign-in', secret());
  return browser;
};

describe('the provider is asked', () => {
  test('nothing for somebody who has no link of ours', async () => {
    const [before, used] = [discoveries(), await linkAddress(stack, 'olivia')];
    await linkAddress(stack, 'olivia');
    stack.provider.setDown(true);
    for (const path of [secret(), 'nothing', `callback?state=${secret()}`, 'callback?state=x&code=y'])
      expect((await withCookie().open(page(path))).status, path).toBe(404);
    expect((await withCookie().open(used)).status).toBe(404);
    expect(discoveries()).toBe(before);
  });

  test('nothing for a link that another browser opened, or that is over', async () => {
    const address = await linkAddress(stack, 'olivia');
    const browser = newBrowser();
    stack.provider.signIn({ sub: 'sub-1' });
    const back = await browser.until(address, page('callback'));
    await stack.restart();
    stack.provider.setDown(true);
    for (const each of [newBrowser(), withCookie()]) expect((await each.open(address)).status).toBe(404);
    stack.provider.setDown(false);
    expect((await browser.open(back)).status).toBe(200);
    stack.provider.setDown(true);
    for (const each of [browser, newBrowser(), withCookie()]) expect((await each.open(address)).status).toBe(404);
  });

  test('once what it is, for all who are sent there meanwhile; again where it did not say', async () => {
    const addresses: string[] = [];
    for (const who of ['olivia', 'omar', 'sam', 'anna'] as const) addresses.push(await linkAddress(stack, who));
    await stack.restart();
    const before = discoveries();
    stack.provider.setDown(true);
    expect((await newBrowser().open(addresses[0] ?? '')).status).toBe(503);
    stack.provider.setDown(false);
    const led = addresses.map((address) => newBrowser().until(address, stack.provider.issuer));
    expect(await Promise.all(led)).toHaveLength(4);
    expect(discoveries()).toBe(before + 2);
  });
});

describe('what nobody sends by accident', () => {
  const long = 'a'.repeat(100_000);
  test.each([
    ['NUL', '%00'],
    ['NUL in between', 'a%00b'],
    ['half a surrogate pair', '%ED%A0%80'],
    ['a whole one', '%F0%9F%92%A9'],
    ['no encoding at all', '%'],
    ['a quote', "'--"],
    ['another parameter', 'x&state=y'],
    ['nothing', ''],
    ['43 characters of something else', '%2F'.repeat(43)],
    ['100 kB', long],
  ])('as a state or a code is a dead end: %s', async (_what, value) => {
    for (const path of [`callback?state=${value}`, `callback?code=c&state=${value}`, value, `ask/${value}`]) {
      const { status } = await withCookie().open(page(path));
      expect([400, 404, 414, 431], `${status} ${path.slice(0, 40)}`).toContain(status);
    }
  });

  test('as a list, or in a form, is a dead end too', async () => {
    for (const query of ['state[]=a', 'state[a]=b', `state=${secret()}&state=${secret()}`])
      expect((await withCookie().open(page(`callback?${query}`))).status, query).toBe(404);
    const { browser, page: asked } = await signIn(stack, await linkAddress(stack, 'olivia'), { sub: 'sub-1' });
    const { action } = asked.form();
    for (const token of ['\0', '\ud800', '💩', 'a'.repeat(4_000)])
      expect((await browser.send(action, { token })).status).toBe(404);
    expect((await browser.send(action, { token: long })).status).toBe(413);
    expect((await browser.submit(asked)).text).toContain('Now answer in Slack');
  });
});

describe('who the provider says that somebody is', () => {
  test.each([
    { what: 'a space in the name', as: { sub: 'sub 1' } },
    { what: 'a letter beyond ASCII', as: { sub: 'ren\u00e9' } },
    { what: 'a name that is too long', as: { sub: 's'.repeat(256) } },
  ])('is not taken with $what, and that is said', async ({ as }) => {
    const { page: shown } = await signIn(stack, await linkAddress(stack, 'olivia'), as);
    expect([shown.status, shown.text.includes('could not be used')]).toEqual([502, true]);
    expect(await stack.db.query('superuser', 'select 1 from sign_ins where signed_in_at is not null')).toEqual([]);
  });

  test('is called what can be kept, in the order in which people know it', () => {
    const claims = { ...{ iss: 'i', sub: 's', aud: 'a' }, ...{ iat: 0, exp: 1 } };
    const called = (more: object) => whoIs({ ...claims, ...more }).shownAs;
    expect(called({ preferred_username: 'sub\0', email: '\ud800', name: 'Some Body' })).toBe('Some Body');
    expect(called({ preferred_username: '', email: 7, name: 'n'.repeat(300) })).toBe('n'.repeat(200));
    expect(called({})).toBeNull();
    expect(whoIs({ ...claims, acr: 'gold\0' }).acr).toBeNull();
  });

  beforeAll(() => stack.db.query('superuser', 'delete from sign_ins'));
});

describe('one network', () => {
  const limited = async (most: number) => {
    const server = Fastify({ trustProxy: true });
    limitByNetwork(server, (reply) => reply.code(429).send('too many'), most);
    server.get('/', async () => 'here');
    const ask = async (url: string, from: string) =>
      server.inject({ url, headers: { 'x-forwarded-for': from } }).then(({ statusCode, headers }) => {
        return { status: statusCode, later: headers['retry-after'] };
      });
    const times = async (count: number, url: string, from: string) => {
      for (let i = 1; i < count; i += 1) await ask(url, from);
      return ask(url, from);
    };
    return times;
  };

  test('is told to wait after too much, and another one is not', async () => {
    const ask = await limited(30);
    expect(await ask(30, '/', '192.0.2.1')).toEqual({ status: 200 });
    expect(await ask(1, '/', '192.0.2.1')).toEqual({ status: 429, later: expect.stringMatching(/^(60|[1-5]?\d)$/) });
    expect((await ask(1, '/', '192.0.2.2')).status).toBe(200);
  });

  test('has ten tries of what leads nowhere for a hundred others', async () => {
    const ask = await limited(30);
    expect((await ask(3, '/nowhere', '2001:db8::1')).status).toBe(404);
    expect((await ask(1, '/', '2001:db8::ffff')).status).toBe(429);
    expect((await ask(1, '/', '2001:db8:0:1::1')).status).toBe(200);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0db8:0:0:1:2:3:4', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));

  test('that knocks at the pages for nothing is shown one that says to wait, and uses nothing up', async () => {
    const address = await linkAddress(stack, 'olivia');
    const knocks = Array.from({ length: 70 }, () => fetch(page(secret())).then(({ status }) => status));
    expect(new Set(await Promise.all(knocks))).toEqual(new Set([404]).add(429));
    const told = await newBrowser().open(address);
    expect([told.status, told.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
    expect(told.text).toContain('Try again in a minute, with the same link');
    await stack.restart();
    expect((await signIn(stack, address, { sub: 'sub-1' })).page.status).toBe(200);
  });
});
